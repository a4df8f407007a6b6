"""Groups of properties, as the portal shows them in its forms."""

import json
import sqlite3
from typing import Any

from connectors.hubspot.sandbox import facts
from connectors.hubspot.sandbox.answers import Refused, bad_request, conflict, error, not_found
from connectors.hubspot.sandbox.request import Asked, Reply, named_type, need, need_any

BUILT_IN = "hubspot"

USUAL = {
    facts.CONTACT: {"contactinformation": "Contact information"},
    facts.COMPANY: {"companyinformation": "Company information"},
    facts.DEAL: {"dealinformation": "Deal information"},
}
"""The group that every portal has for an object type, by name and label."""


def list_groups(asked: Asked) -> Reply:
    """Answer ``GET /crm/properties/{type}/groups``."""
    type_id = readable(asked)
    rows = asked.db.execute(
        "SELECT definition FROM property_groups WHERE type = ? ORDER BY name", (type_id,)
    )
    own = (json.loads(row[0]) for row in rows)
    return 200, {"results": [*(_group(name, label) for name, label in _given(type_id)), *own]}


def get_group(asked: Asked) -> Reply:
    """Answer ``GET /crm/properties/{type}/groups/{name}``."""
    type_id, name = readable(asked), asked.path["name"]
    given = dict(_given(type_id))
    return 200, _group(name, given[name]) if name in given else _read(asked, type_id)


def create_group(asked: Asked) -> Reply:
    """Answer ``POST /crm/properties/{type}/groups``."""
    type_id, name = writable(asked), asked.body.get("name")
    if not isinstance(name, str) or not name or not asked.body.get("label"):
        raise bad_request("A group needs a name and a label.")
    if has_group(asked.db, type_id, name):
        message = f"A property group named '{name}' already exists."
        raise conflict(message, "PropertyGroups.GROUP_WITH_NAME_EXISTS")
    group = _group(name, str(asked.body["label"]), asked.body.get("displayOrder", -1))
    asked.db.execute(
        "INSERT INTO property_groups VALUES (?, ?, ?)", (type_id, name, json.dumps(group))
    )
    return 201, group


def update_group(asked: Asked) -> Reply:
    """Answer ``PATCH /crm/properties/{type}/groups/{name}``."""
    type_id = writable(asked)
    group = _read(asked, type_id)
    group |= {name: asked.body[name] for name in ("label", "displayOrder") if name in asked.body}
    asked.db.execute(
        "UPDATE property_groups SET definition = ? WHERE type = ? AND name = ?",
        (json.dumps(group), type_id, group["name"]),
    )
    return 200, group


def archive_group(asked: Asked) -> Reply:
    """Answer ``DELETE /crm/properties/{type}/groups/{name}``; it must be empty."""
    type_id = writable(asked)
    name = _read(asked, type_id)["name"]
    used = asked.db.execute(
        "SELECT 1 FROM properties WHERE type = ? AND archived = 0 "
        "AND json_extract(definition, '$.groupName') = ? LIMIT 1",
        (type_id, name),
    ).fetchone()
    if used:
        message = f"The group '{name}' has properties and cannot be deleted."
        sub = "PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES"
        raise Refused(400, error(message, "VALIDATION_ERROR", subCategory=sub))
    asked.db.execute("DELETE FROM property_groups WHERE type = ? AND name = ?", (type_id, name))
    return 204, {}


def has_group(db: sqlite3.Connection, type_id: str, name: str) -> bool:
    """Tell whether an object type has a group of this name."""
    query = "SELECT 1 FROM property_groups WHERE type = ? AND name = ?"
    is_given = name in dict(_given(type_id))
    return is_given or db.execute(query, (type_id, name)).fetchone() is not None


def _given(type_id: str) -> list[tuple[str, str]]:
    """Give the groups that nobody made, by name and label."""
    return [(BUILT_IN, "HubSpot"), *USUAL.get(type_id, {}).items()]


def readable(asked: Asked) -> str:
    """Give the object type in the path, to read its definitions."""
    type_id = named_type(asked.path["type"])
    write = facts.SCHEMA_SCOPES.get(type_id, facts.SCHEMA_SCOPES[facts.CONTACT])
    read = write.replace(".write", ".read")
    need_any(asked, facts.READ_SCOPES[type_id][0], read, write)
    return type_id


def writable(asked: Asked) -> str:
    """Give the object type in the path, to define something for it."""
    type_id = named_type(asked.path["type"])
    need(asked, facts.SCHEMA_SCOPES.get(type_id, facts.SCHEMA_SCOPES[facts.CONTACT]))
    return type_id


def _read(asked: Asked, type_id: str) -> dict[str, Any]:
    name = asked.path["name"]
    row = asked.db.execute(
        "SELECT definition FROM property_groups WHERE type = ? AND name = ?", (type_id, name)
    ).fetchone()
    if row is None:
        raise not_found(f"A property group named '{name}' does not exist.")
    group: dict[str, Any] = json.loads(row[0])
    return group


def _group(name: str, label: str, place: object = -1) -> dict[str, Any]:
    return {"name": name, "label": label, "displayOrder": place, "archived": False}
