"""Properties and their groups."""

import json
from collections.abc import Mapping
from typing import Any

from connectors.hubspot.sandbox import facts, state
from connectors.hubspot.sandbox.answers import Refused, bad_request, conflict
from connectors.hubspot.sandbox.objects import batch_answer
from connectors.hubspot.sandbox.request import Asked, inputs, named_type, need

REQUIRED = ("name", "label", "type", "fieldType", "groupName")


def list_properties(asked: Asked) -> tuple[int, Mapping[str, Any]]:
    """Answer ``GET /crm/properties/{type}``, all of them at once."""
    type_id = named_type(asked.path["type"])
    need(asked, *facts.READ_SCOPES[type_id])
    rows = asked.db.execute(
        "SELECT definition FROM properties WHERE type = ? AND archived = ? ORDER BY name",
        (type_id, int(asked.is_archived)),
    )
    return 200, {"results": [json.loads(row[0]) for row in rows]}


def create_group(asked: Asked) -> tuple[int, Mapping[str, Any]]:
    """Answer ``POST /crm/properties/{type}/groups``."""
    type_id, name = _writable(asked), asked.body.get("name")
    if not isinstance(name, str) or not asked.body.get("label"):
        raise bad_request("A group needs a name and a label.")
    if _has_group(asked, type_id, name):
        message = f"A property group named '{name}' already exists."
        raise conflict(message, "PropertyGroups.GROUP_WITH_NAME_EXISTS")
    asked.db.execute(
        "INSERT INTO property_groups VALUES (?, ?, ?)", (type_id, name, json.dumps(asked.body))
    )
    return 201, asked.body


def create_property(asked: Asked) -> tuple[int, Mapping[str, Any]]:
    """Answer ``POST /crm/properties/{type}``."""
    return 201, _create(asked, _writable(asked), asked.body)


def create_properties(asked: Asked) -> tuple[int, Mapping[str, Any]]:
    """Answer ``POST /crm/properties/{type}/batch/create``."""
    type_id = _writable(asked)
    results, errors = [], []
    for wanted in inputs(asked, facts.BATCH_LIMIT):
        try:
            results.append(_create(asked, type_id, wanted))
        except Refused as refused:
            errors.append(dict(refused.body) | {"context": {"name": [str(wanted.get("name"))]}})
    return batch_answer(asked, results, errors, created=201)


def archive_property(asked: Asked) -> tuple[int, Mapping[str, Any]]:
    """Answer ``DELETE /crm/properties/{type}/{name}``; the values stay with the records."""
    type_id = _writable(asked)
    asked.db.execute(
        "UPDATE properties SET archived = 1 WHERE type = ? AND name = ?",
        (type_id, asked.path["name"]),
    )
    return 204, {}


def _writable(asked: Asked) -> str:
    type_id = named_type(asked.path["type"])
    need(asked, facts.SCHEMA_SCOPES.get(type_id, facts.SCHEMA_SCOPES[facts.CONTACT]))
    return type_id


def _has_group(asked: Asked, type_id: str, name: str) -> bool:
    query = "SELECT 1 FROM property_groups WHERE type = ? AND name = ?"
    return asked.db.execute(query, (type_id, name)).fetchone() is not None


def _create(asked: Asked, type_id: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Create a property, or bring back an archived one of its name with this definition."""
    missing = [name for name in REQUIRED if not wanted.get(name)]
    if missing:
        raise bad_request(f"Some required fields were not set: {missing}")
    name, kind = str(wanted["name"]), wanted["type"]
    if name in state.definitions(asked.db, type_id):
        message = f"A property named '{name}' already exists."
        raise conflict(message, "Properties.PROPERTY_WITH_NAME_EXISTS")
    if wanted["fieldType"] not in facts.ALLOWED_FIELD_TYPES.get(kind, ()):
        raise bad_request(f"A property of type {kind} cannot be shown as {wanted['fieldType']}.")
    if not _has_group(asked, type_id, wanted["groupName"]):
        raise bad_request(f"Property group {wanted['groupName']} does not exist.")
    definition = dict(wanted) | {
        "hubspotDefined": False,
        "modificationMetadata": {"readOnlyValue": False},
    }
    asked.db.execute(
        "INSERT OR REPLACE INTO properties VALUES (?, ?, ?, 0)",
        (type_id, name, json.dumps(definition)),
    )
    return definition
