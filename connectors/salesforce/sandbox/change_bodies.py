"""What a change event tells of a record: the fields that changed, or all that are filled."""

import difflib
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from connectors.salesforce.sandbox.change_log import Change
from connectors.salesforce.sandbox.change_schemas import Schema, Slot
from connectors.salesforce.sandbox.objects import NUMERIC, FieldFact

LARGE = 1000
"""Characters beyond which a text counts as large: then a change of it is told as a difference."""

LARGEST_BYTES = 1_000_000
"""What an event can hold; a larger change is told as a gap."""

_STAMP = "LastModifiedDate"


@dataclass(frozen=True, slots=True)
class Told:
    """What happened to records of an object, before it has its place in the stream.

    Attributes:
        kind: One of `change_schemas.CHANGE_TYPES`.
        body: Values by field, compounds as objects; nothing but what is told.
        fields: Names by the header's ``changedFields``, ``nulledFields`` and ``diffFields``.
    """

    entity: str
    kind: str
    ids: tuple[str, ...]
    body: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, list[str]] = field(default_factory=dict)


def tell(change: Change, schema: Schema, row: Mapping[str, Any]) -> Told | None:
    """Tell what became of a row; None if nothing that an event shows.

    Args:
        change: What was noted.
        schema: Of the object.
        row: What the row holds now.
    """
    if change.kind == "DELETE":
        return Told(change.object, change.kind, (change.row,))
    if change.kind != "UPDATE":
        filled = [slot for slot in schema.slots.values() if row[slot.column.name] is not None]
        body = _body((slot, _value(slot.column, row[slot.column.name])) for slot in filled)
        return Told(change.object, change.kind, (change.row,), body)
    slots = _changed(change, schema, row)
    return _update(change, slots, row) if slots else None


def together(told: Iterable[Told]) -> list[Told]:
    """Tell the same change of several records once; what was made is told one by one."""
    found: dict[str, Told] = {}
    for one in told:
        own = one.ids[0] if one.kind in {"CREATE", "UNDELETE"} else ""
        key = json.dumps([one.entity, one.kind, own, one.body, one.fields], sort_keys=True)
        known = found.get(key)
        found[key] = replace(known, ids=known.ids + one.ids) if known else one
    return list(found.values())


def small(told: Told) -> Told:
    """Give a change as a gap if it is too large for an event."""
    if len(json.dumps(told.body)) <= LARGEST_BYTES:
        return told
    return Told(told.entity, f"GAP_{told.kind}", told.ids)


def _changed(change: Change, schema: Schema, row: Mapping[str, Any]) -> list[Slot]:
    """Give what differs from before, with the time of the change but for a converted lead's."""
    names = {name for name, was in change.was.items() if row.get(name) != was}
    told = names & schema.slots.keys()
    if told and _STAMP in schema.slots:
        told.add(_STAMP)
    if "IsConverted" in told:
        told.discard(_STAMP)
    return [slot for name, slot in schema.slots.items() if name in told]


def _update(change: Change, slots: list[Slot], row: Mapping[str, Any]) -> Told:
    values: list[tuple[Slot, Any]] = []
    differences: list[str] = []
    for slot in slots:
        now = row[slot.column.name]
        text = _difference(slot.column, change.was.get(slot.column.name), now)
        if text is not None:
            differences.append(slot.name)
        values.append((slot, _value(slot.column, now) if text is None else text))
    fields = {
        "changedFields": [slot.name for slot in slots],
        "nulledFields": [slot.name for slot, value in values if value is None],
        "diffFields": differences,
    }
    return Told(change.object, change.kind, (change.row,), _body(values), fields)


def _body(values: Iterable[tuple[Slot, Any]]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for slot, value in values:
        if not slot.part:
            body[slot.field] = value
        else:
            body.setdefault(slot.field, {})[slot.part] = value
    return body


def _value(column: FieldFact, value: Any) -> Any:  # noqa: ANN401 a column holds any JSON
    """Give a column's value as an event has it: times in milliseconds."""
    if value is None:
        return None
    if column.type in {"date", "datetime"}:
        return _milliseconds(str(value))
    if column.type == "boolean":
        return bool(value)
    if column.type == "multipicklist":
        return str(value).split(";")
    if column.type in NUMERIC:
        return int(value) if column.type == "int" else float(value)
    return str(value)


def _milliseconds(text: str) -> int:
    at = datetime.fromisoformat(text)
    return round(at.replace(tzinfo=at.tzinfo or UTC).timestamp() * 1000)


def _difference(column: FieldFact, before: Any, after: Any) -> str | None:  # noqa: ANN401 as above
    """Give the unified difference of two large texts; None where the new one is told itself."""
    if column.type != "textarea" or not before or not after:
        return None
    if min(len(before), len(after)) <= LARGE:
        return None
    old, new = (f"sha256:{hashlib.sha256(text.encode()).hexdigest()}" for text in (before, after))
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), old, new, lineterm="")
    text = "\n".join(lines)
    return text if len(text) < len(after) else None
