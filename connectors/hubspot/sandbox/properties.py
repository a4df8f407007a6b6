"""Properties: what objects may hold, defined one by one or in batches."""

import json
import re
from collections.abc import Mapping
from typing import Any

from connectors.hubspot.sandbox import events, facts, state
from connectors.hubspot.sandbox.answers import Refused, bad_request, conflict, error, not_found
from connectors.hubspot.sandbox.batches import batch_answer
from connectors.hubspot.sandbox.groups import has_group, readable, writable
from connectors.hubspot.sandbox.request import Asked, Reply, inputs, missing

REQUIRED = ("name", "label", "type", "fieldType", "groupName")
MUTABLE = frozenset(
    {
        "calculationFormula",
        "description",
        "displayOrder",
        "fieldType",
        "formField",
        "groupName",
        "hidden",
        "label",
        "numberDisplayHint",
        "options",
        "showCurrencySymbol",
        "textDisplayHint",
        "type",
    }
)


def list_properties(asked: Asked) -> Reply:
    """Answer ``GET /crm/properties/{type}``, all of them at once."""
    return 200, {"results": _listed(asked)}


def list_old_properties(asked: Asked) -> Reply:
    """Answer ``GET /properties/v2/{type}/properties``: the same, as a list alone."""
    return 200, _listed(asked)


def get_property(asked: Asked) -> Reply:
    """Answer ``GET /crm/properties/{type}/{name}``."""
    return 200, _definition(asked, readable(asked), asked.path["name"])


def read_properties(asked: Asked) -> Reply:
    """Answer ``POST /crm/properties/{type}/batch/read``."""
    type_id, results, errors = readable(asked), [], []
    for wanted in inputs(asked, facts.BATCH_LIMIT):
        try:
            results.append(_definition(asked, type_id, str(wanted.get("name"))))
        except Refused as refused:
            errors.append(_about(refused, wanted))
    return batch_answer(asked, results, errors)


def create_property(asked: Asked) -> Reply:
    """Answer ``POST /crm/properties/{type}``."""
    return 201, _create(asked, writable(asked), asked.body)


def create_properties(asked: Asked) -> Reply:
    """Answer ``POST /crm/properties/{type}/batch/create``."""
    type_id = writable(asked)
    results, errors = [], []
    for wanted in inputs(asked, facts.BATCH_LIMIT):
        try:
            results.append(_create(asked, type_id, wanted))
        except Refused as refused:
            errors.append(_about(refused, wanted))
    return batch_answer(asked, results, errors, created=201)


def update_property(asked: Asked) -> Reply:
    """Answer ``PATCH /crm/properties/{type}/{name}``; options, if given, replace the old ones."""
    type_id, name = writable(asked), asked.path["name"]
    definition = _definition(asked, type_id, name)
    if definition["modificationMetadata"].get("readOnlyDefinition"):
        message = f"Property {name} is defined by HubSpot and cannot be changed."
        raise bad_request(message, subCategory="PropertyValidationError.READ_ONLY_DEFINITION")
    changed = {key: value for key, value in asked.body.items() if key in MUTABLE}
    definition |= changed | {"updatedAt": state.iso(asked.now_ms)}
    _check(asked, type_id, definition)
    _keep(asked, type_id, definition)
    return 200, definition


def archive_property(asked: Asked) -> Reply:
    """Answer ``DELETE /crm/properties/{type}/{name}``; the values stay with the records."""
    _archive(asked, writable(asked), asked.path["name"])
    return 204, {}


def archive_properties(asked: Asked) -> Reply:
    """Answer ``POST /crm/properties/{type}/batch/archive``."""
    type_id = writable(asked)
    for wanted in inputs(asked, facts.BATCH_LIMIT):
        _archive(asked, type_id, str(wanted.get("name")))
    return 204, {}


def _definition(asked: Asked, type_id: str, name: str) -> dict[str, Any]:
    row = asked.db.execute(
        "SELECT definition FROM properties WHERE type = ? AND name = ? AND archived = ?",
        (type_id, name.lower(), int(asked.is_archived)),
    ).fetchone()
    if row is None:
        raise not_found(f"A property named '{name}' does not exist.")
    found: dict[str, Any] = json.loads(row[0])
    return found


def _create(asked: Asked, type_id: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Create a property, or bring back an archived one of its name with this definition."""
    lacking = [name for name in REQUIRED if not wanted.get(name)]
    if lacking:
        raise missing(*lacking)
    name, known = str(wanted["name"]), state.definitions(asked.db, type_id)
    if name in known:
        message = f"A property named '{name}' already exists."
        raise conflict(message, "Properties.PROPERTY_WITH_NAME_EXISTS")
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,99}", name) or name.startswith("hs_"):
        message = f"'{name}' is no valid name of a property."
        raise bad_request(message, subCategory="PropertyValidationError.INVALID_NAME")
    _check(asked, type_id, wanted)
    _check_room(wanted, known)
    now = state.iso(asked.now_ms)
    usual: dict[str, Any] = {
        "description": "",
        "options": [],
        "displayOrder": -1,
        "hidden": False,
        "formField": False,
        "hasUniqueValue": False,
        "externalOptions": False,
    }
    definition = usual | dict(wanted)
    definition |= {
        "options": _options(definition["options"]),
        "calculated": wanted["fieldType"] == "calculation_equation",
        "hubspotDefined": False,
        "archived": False,
        "createdAt": now,
        "updatedAt": now,
        "modificationMetadata": {
            "archivable": True,
            "readOnlyDefinition": False,
            "readOnlyOptions": False,
            "readOnlyValue": wanted["fieldType"] == "calculation_equation",
        },
    }
    _keep(asked, type_id, definition)
    return definition


def _options(listed: object) -> list[dict[str, Any]]:
    usual = {"hidden": False, "displayOrder": -1, "description": ""}
    return [usual | dict(one) for one in listed] if isinstance(listed, list) else []


def _check(asked: Asked, type_id: str, wanted: Mapping[str, Any]) -> None:
    """Refuse a definition whose parts do not fit each other."""
    kind, shown = wanted["type"], wanted["fieldType"]
    if shown not in facts.ALLOWED_FIELD_TYPES.get(kind, ()):
        message = f"A property of type {kind} cannot be shown as {shown}."
        raise bad_request(message, subCategory="PropertyValidationError.INVALID_FIELD_TYPE")
    if not has_group(asked.db, type_id, str(wanted["groupName"])):
        message = f"Property group {wanted['groupName']} does not exist."
        raise bad_request(message, subCategory="PropertyValidationError.GROUP_DOES_NOT_EXIST")
    options = [str(one.get("value")) for one in wanted.get("options") or ()]
    if kind == "bool" and sorted(options) != ["false", "true"]:
        message = "A boolean property needs the options true and false."
        raise bad_request(message, subCategory="PropertyValidationError.INVALID_BOOLEAN_OPTION")
    if kind == "enumeration" and not options and not wanted.get("externalOptions"):
        message = "A property of type enumeration needs options."
        raise bad_request(message, subCategory="PropertyValidationError.INVALID_OPTION")
    if len(set(options)) < len(options):
        message = "Two options have the same value."
        raise bad_request(message, subCategory="PropertyValidationError.DUPLICATE_OPTION")


def _check_room(wanted: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> None:
    own = [definition for definition in known.values() if not definition["hubspotDefined"]]
    is_full = len(own) >= facts.CUSTOM_PROPERTIES
    if wanted.get("hasUniqueValue"):
        unique = [definition for definition in own if definition.get("hasUniqueValue")]
        is_full |= len(unique) >= facts.UNIQUE_PROPERTIES
    if is_full:
        message = "The portal has as many properties of this kind as it may."
        raise bad_request(message, subCategory="PropertyValidationError.PROPERTY_LIMIT_EXCEEDED")


def _keep(asked: Asked, type_id: str, definition: Mapping[str, Any]) -> None:
    asked.db.execute(
        "INSERT OR REPLACE INTO properties VALUES (?, ?, ?, 0)",
        (type_id, definition["name"], json.dumps(definition)),
    )


def _archive(asked: Asked, type_id: str, name: str) -> None:
    """Archive a property; one of HubSpot's own, or in use by a rule, cannot be."""
    definition = _definition(asked, type_id, name)
    rule = "SELECT 1 FROM rules WHERE type = ? AND ? IN (name, when_name)"
    watched = "SELECT 1 FROM subscriptions WHERE property = ? AND type LIKE ?"
    watching = f"{events.LEGACY.get(type_id)}.%"
    if (
        definition["hubspotDefined"]
        or asked.db.execute(rule, (type_id, name)).fetchone()
        or asked.db.execute(watched, (name, watching)).fetchone()
    ):
        message = f"The property '{name}' is in use and cannot be deleted."
        sub = "PropertyValidationError.CANNOT_DELETE_PROPERTY_IN_USE"
        raise Refused(400, error(message, "VALIDATION_ERROR", subCategory=sub))
    definition |= {"archived": True, "archivedAt": state.iso(asked.now_ms)}
    asked.db.execute(
        "UPDATE properties SET archived = 1, definition = ? WHERE type = ? AND name = ?",
        (json.dumps(definition), type_id, name),
    )


def _about(refused: Refused, wanted: Mapping[str, Any]) -> dict[str, Any]:
    body = dict(refused.body) if isinstance(refused.body, Mapping) else {}
    return body | {"context": {"name": [str(wanted.get("name"))]}}


def _listed(asked: Asked) -> list[dict[str, Any]]:
    rows = asked.db.execute(
        "SELECT definition FROM properties WHERE type = ? AND archived = ? ORDER BY name",
        (readable(asked), int(asked.is_archived)),
    )
    return [json.loads(row[0]) for row in rows]
