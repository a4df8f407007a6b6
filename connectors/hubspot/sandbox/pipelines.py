"""Pipelines and their stages: where deals, tickets and leads stand."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from connectors.hubspot.sandbox import facts, stages, state
from connectors.hubspot.sandbox.answers import bad_request, not_found
from connectors.hubspot.sandbox.request import Asked, Reply, missing, named_type, need


def list_pipelines(asked: Asked) -> Reply:
    """Answer ``GET /crm/pipelines/{type}``."""
    type_id = _readable(asked)
    return 200, {"results": sorted(state.pipelines(asked.db, type_id), key=_place)}


def get_pipeline(asked: Asked) -> Reply:
    """Answer ``GET /crm/pipelines/{type}/{id}``."""
    return 200, _pipeline(asked, _readable(asked))


def create_pipeline(asked: Asked) -> Reply:
    """Answer ``POST /crm/pipelines/{type}``."""
    type_id = _writable(asked)
    pipeline = _entry(asked, asked.body)
    pipeline["stages"] = [_stage(asked, type_id, one) for one in asked.body.get("stages") or ()]
    _keep(asked, type_id, pipeline)
    return 201, pipeline


def update_pipeline(asked: Asked) -> Reply:
    """Answer ``PATCH /crm/pipelines/{type}/{id}``, and ``PUT``, which replaces the stages too."""
    type_id = _writable(asked)
    pipeline = _pipeline(asked, type_id)
    pipeline |= _given(asked.body) | {"updatedAt": state.iso(asked.now_ms)}
    if isinstance(asked.body.get("stages"), list):
        pipeline["stages"] = [_stage(asked, type_id, one) for one in asked.body["stages"]]
    _keep(asked, type_id, pipeline)
    return 200, pipeline


def archive_pipeline(asked: Asked) -> Reply:
    """Answer ``DELETE /crm/pipelines/{type}/{id}``; none of its stages may be in use."""
    type_id = _writable(asked)
    pipeline = _pipeline(asked, type_id)
    for stage in pipeline["stages"]:
        _refuse_used(asked, type_id, stage["id"])
    asked.db.execute("DELETE FROM pipelines WHERE type = ? AND id = ?", (type_id, pipeline["id"]))
    return 204, {}


def list_stages(asked: Asked) -> Reply:
    """Answer ``GET /crm/pipelines/{type}/{id}/stages``."""
    return 200, {"results": _pipeline(asked, _readable(asked))["stages"]}


def get_stage(asked: Asked) -> Reply:
    """Answer ``GET /crm/pipelines/{type}/{id}/stages/{stage}``."""
    return 200, _found(asked, _pipeline(asked, _readable(asked)))


def create_stage(asked: Asked) -> Reply:
    """Answer ``POST /crm/pipelines/{type}/{id}/stages``."""
    type_id = _writable(asked)
    pipeline = _pipeline(asked, type_id)
    stage = _stage(asked, type_id, asked.body)
    pipeline["stages"] = sorted([*pipeline["stages"], stage], key=_place)
    _keep(asked, type_id, pipeline)
    return 201, stage


def update_stage(asked: Asked) -> Reply:
    """Answer ``PATCH`` and ``PUT /crm/pipelines/{type}/{id}/stages/{stage}``."""
    type_id = _writable(asked)
    pipeline = _pipeline(asked, type_id)
    stage = _found(asked, pipeline)
    stage["metadata"] |= asked.body.get("metadata") or {}
    stage |= _given(asked.body) | {"updatedAt": state.iso(asked.now_ms)}
    _keep(asked, type_id, pipeline)
    return 200, stage


def archive_stage(asked: Asked) -> Reply:
    """Answer ``DELETE /crm/pipelines/{type}/{id}/stages/{stage}``; nothing may be in it."""
    type_id = _writable(asked)
    pipeline = _pipeline(asked, type_id)
    stage = _found(asked, pipeline)
    _refuse_used(asked, type_id, stage["id"])
    pipeline["stages"].remove(stage)
    _keep(asked, type_id, pipeline)
    return 204, {}


def _readable(asked: Asked) -> str:
    type_id = _staged(asked)
    need(asked, *facts.READ_SCOPES[type_id])
    return type_id


def _writable(asked: Asked) -> str:
    type_id = _staged(asked)
    need(asked, facts.SCHEMA_SCOPES[type_id])
    return type_id


def _staged(asked: Asked) -> str:
    type_id = named_type(asked.path["type"])
    if type_id not in stages.METADATA:
        raise bad_request(f"{facts.PLURAL[type_id]} have no pipelines.")
    return type_id


def _pipeline(asked: Asked, type_id: str) -> dict[str, Any]:
    row = asked.db.execute(
        "SELECT definition FROM pipelines WHERE type = ? AND id = ?", (type_id, asked.path["id"])
    ).fetchone()
    if row is None:
        raise not_found()
    found: dict[str, Any] = json.loads(row[0])
    return found


def _found(asked: Asked, pipeline: Mapping[str, Any]) -> dict[str, Any]:
    for stage in pipeline["stages"]:
        if stage["id"] == asked.path["stage"]:
            found: dict[str, Any] = stage
            return found
    raise not_found()


def _stage(asked: Asked, type_id: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Make a stage; its metadata must say what a stage of this object type needs."""
    metadata = wanted.get("metadata") or {}
    if stages.METADATA[type_id] not in metadata:
        raise missing(f"metadata.{stages.METADATA[type_id]}")
    closed = str(metadata[stages.METADATA[type_id]] in stages.CLOSED).lower()
    shown = {"metadata": {"isClosed": closed} | metadata}
    return _entry(asked, wanted) | shown | {"writePermissions": "CRM_PERMISSIONS_ENFORCEMENT"}


def _entry(asked: Asked, wanted: Mapping[str, Any]) -> dict[str, Any]:
    if not wanted.get("label"):
        raise missing("label")
    now = state.iso(asked.now_ms)
    usual = {
        "id": str(uuid.UUID(state.mint(asked.db)[:32], version=4)),
        "displayOrder": 0,
        "createdAt": now,
        "updatedAt": now,
    }
    return usual | _given(wanted) | {"archived": False}


def _given(wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: wanted[name] for name in ("label", "displayOrder") if wanted.get(name) is not None
    }


def _keep(asked: Asked, type_id: str, pipeline: Mapping[str, Any]) -> None:
    state.put_pipeline(asked.db, type_id, pipeline)


def _place(entry: Mapping[str, Any]) -> int:
    return int(entry["displayOrder"])


def _refuse_used(asked: Asked, type_id: str, stage: str) -> None:
    name = stages.PLACE[type_id]
    used = asked.db.execute(
        "SELECT id FROM objects WHERE type = ? AND archived = 0 "
        "AND json_extract(properties, '$.' || ?) = ?",
        (type_id, name, stage),
    ).fetchall()
    if used:
        ids = [str(row[0]) for row in used[: facts.BATCH_LIMIT]]
        message = f"Stage ID {stage} is being referenced by object IDs: {', '.join(ids)}"
        raise bad_request(message, context={"stageId": [stage], "objectIds": ids})
