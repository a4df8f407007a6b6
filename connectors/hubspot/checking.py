"""How our properties stand in a portal, and which of the customer's own could be written."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors._records import Field, FieldCheck, FieldState, FieldType, Target
from connectors.hubspot.client import Client
from connectors.hubspot.mapping import PREFIX, TARGETS, TYPES, called

NO_TARGET = "Tieline writes to contacts, companies and deals in HubSpot only."

_WIDGETS = {"number", "text", "textarea", "select", "radio", "date"}
_LONGEST_TEXT, _MOST_DIGITS = 65_536, 18

Shown = Mapping[str, Mapping[str, Any]]
"""Definitions of properties by name."""


def properties(client: Client, type_id: str, *, archived: bool = False) -> Shown:
    """Give the properties of an object type, in one call."""
    rows = client.ask(client.properties.core_api.get_all, type_id, archived=archived).rows()
    return {str(row["name"]): row for row in rows if isinstance(row, dict) and row.get("name")}


def check_fields(client: Client, fields: Sequence[Field]) -> Sequence[FieldCheck]:
    """See how fields stand; see `Connector.check_fields`.

    A property that is not there may have been archived: one more call tells, for its object type.
    """
    found: dict[Field, FieldCheck] = {}
    for target in dict.fromkeys(field.target for field in fields):
        wanted = [field for field in fields if field.target is target]
        found |= {check.field: check for check in _checked(client, target, wanted)}
    return [found[field] for field in fields]


def choices(client: Client, target: Target) -> Sequence[Field]:
    """Give the portal's own properties that we may write; see `Connector.choices`."""
    if target not in TARGETS:
        return []
    shown = properties(client, TARGETS[target])
    return sorted(_choices(target, shown), key=lambda field: field.label.lower())


def missing_options(field: Field, shown: Mapping[str, Any]) -> list[str]:
    """Give the values that a property has no option for."""
    there = set(_options(shown))
    return [option for option in field.options if option not in there]


def is_read_only(shown: Mapping[str, Any]) -> bool:
    """Whether no value may be written to a property."""
    metadata = shown.get("modificationMetadata")
    return isinstance(metadata, dict) and metadata.get("readOnlyValue") is True


def _checked(client: Client, target: Target, fields: Sequence[Field]) -> Iterator[FieldCheck]:
    if target not in TARGETS:
        yield from (FieldCheck(field, FieldState.MISSING, NO_TARGET) for field in fields)
        return
    shown = properties(client, TARGETS[target])
    is_lacking = any(called(field) not in shown for field in fields)
    archived = properties(client, TARGETS[target], archived=True) if is_lacking else {}
    for field in fields:
        name = called(field)
        if name in shown:
            yield _check(field, shown[name])
        else:
            yield _gone(field, is_archived=name in archived)


def _gone(field: Field, *, is_archived: bool) -> FieldCheck:
    state = FieldState.ARCHIVED if is_archived else FieldState.MISSING
    what = "was archived" if is_archived else "is not there"
    remedy = "let Tieline create its fields, which "
    remedy += "brings it back with what it held" if is_archived else "creates it"
    if field.called:
        remedy = "restore it in HubSpot's settings" if is_archived else "map another property"
    return FieldCheck(field, state, f"The property {called(field)} {what}: {remedy}.")


def _check(field: Field, shown: Mapping[str, Any]) -> FieldCheck:
    name, kind = called(field), TYPES[field.type][0]
    if shown.get("type") != kind:
        told = (
            f"HubSpot has a property {name} of type {shown.get('type')}, not {kind}: "
            "delete or rename it in HubSpot's settings."
        )
        return FieldCheck(field, FieldState.RETYPED, told)
    if is_read_only(shown):
        told = (
            f"The API may not write {name}: allow changes to the property to the service key or "
            "app in HubSpot's settings."
        )
        return FieldCheck(field, FieldState.READ_ONLY, told)
    if lacking := missing_options(field, shown):
        told = (
            f"The property {name} lacks the options {', '.join(lacking)}: let Tieline create its "
            "fields, which adds them, or add them in HubSpot's settings."
        )
        return FieldCheck(field, FieldState.RETYPED, told)
    return FieldCheck(field, FieldState.READY)


def _choices(target: Target, shown: Shown) -> Iterator[Field]:
    kinds = {kind: ours for ours, (kind, _) in TYPES.items()}
    for name, one in shown.items():
        kind = kinds.get(str(one.get("type")))
        is_fixed = one.get("hubspotDefined") or one.get("calculated") or is_read_only(one)
        is_odd = one.get("fieldType") not in _WIDGETS or one.get("externalOptions")
        if kind is None or is_fixed or is_odd or name.startswith(f"{PREFIX}_"):
            continue
        yield Field(
            target=target,
            name=name,
            label=str(one.get("label") or name),
            type=kind,
            description=str(one.get("description") or ""),
            length=_MOST_DIGITS if kind is FieldType.NUMBER else _LONGEST_TEXT,
            options=_options(one) if kind is FieldType.PICKLIST else (),
            called=name,
        )


def _options(shown: Mapping[str, Any]) -> tuple[str, ...]:
    listed = shown.get("options")
    rows = listed if isinstance(listed, list) else []
    return tuple(str(one.get("value")) for one in rows if isinstance(one, dict))
