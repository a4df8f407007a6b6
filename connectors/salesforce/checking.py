"""How custom fields stand in an org, and which fields of the customer's own could be written.

A field that we are not permitted to see is in no describe, as if it were not there.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from connectors._records import Field, FieldCheck, FieldState, FieldType, Target
from connectors.salesforce.client import Client
from connectors.salesforce.mapping import PREFIX, SOBJECTS, own_name

TYPES = {
    FieldType.NUMBER: frozenset({"double", "int", "percent"}),
    FieldType.TEXT: frozenset({"string", "textarea"}),
    FieldType.PICKLIST: frozenset({"picklist"}),
    FieldType.DATE: frozenset({"date"}),
}

Shown = Mapping[tuple[Target, str], Mapping[str, Any]]
"""Fields as describe shows them, by kind of record and name in lower case."""


def called(field: Field) -> str:
    """Give a field's API name."""
    return field.called or own_name(field.name)


def full_name(field: Field) -> str:
    """Give ``Contact.Tieline_Strength__c``."""
    return f"{SOBJECTS[field.target]}.{called(field)}"


def key(field: Field) -> tuple[Target, str]:
    """Give what a field is found by."""
    return field.target, called(field).lower()


def describe(client: Client, targets: Iterable[Target]) -> Shown:
    """Describe the fields of some kinds of record, each with one call."""
    return {
        (target, str(shown["name"]).lower()): shown
        for target in dict.fromkeys(targets)
        for shown in client.describe(SOBJECTS[target])["fields"]
    }


def check_fields(client: Client, fields: Sequence[Field]) -> Sequence[FieldCheck]:
    """See how fields stand; see `Connector.check_fields`."""
    shown = describe(client, (field.target for field in fields))
    return [check(field, shown.get(key(field))) for field in fields]


def check(field: Field, shown: Mapping[str, Any] | None) -> FieldCheck:
    """Hold a field to what describe shows of it."""
    name = full_name(field)
    if shown is None:
        return FieldCheck(field, FieldState.MISSING, _missing(field))
    if shown["type"] not in TYPES[field.type]:
        told = (
            f"{name} is a {shown['type']} in Salesforce and not a {field.type}: rename or delete "
            "it, then let Tieline create it."
        )
        return FieldCheck(field, FieldState.RETYPED, told)
    if not shown["updateable"]:
        told = (
            f"Salesforce does not let us write {name}: give the integration user edit access to it "
            "through the permission set Tieline."
        )
        return FieldCheck(field, FieldState.READ_ONLY, told)
    if told := _too_small(field, shown):
        return FieldCheck(field, FieldState.RETYPED, told)
    return FieldCheck(field, FieldState.READY)


def choices(client: Client, target: Target) -> Sequence[Field]:
    """Give the custom fields that are not ours; see `Connector.choices`."""
    shown = describe(client, [target]).values()
    return sorted(_choices(target, shown), key=lambda field: field.label.lower())


def field_type(shown: Mapping[str, Any]) -> FieldType | None:
    """Tell which of our types a field has, if one of them."""
    return next((kind for kind, names in TYPES.items() if shown["type"] in names), None)


def _missing(field: Field) -> str:
    name = full_name(field)
    if field.called:
        return (
            f"{name} is not there, or hidden from us: map another field, or give the integration "
            "user access to it."
        )
    return (
        f"{name} is not there, or hidden from us: let Tieline create its fields, which creates it "
        "or makes it visible."
    )


def _too_small(field: Field, shown: Mapping[str, Any]) -> str:
    """Say what a field has no room for, or nothing."""
    name = full_name(field)
    if field.type is FieldType.TEXT and 0 < shown["length"] < field.length:
        return (
            f"{name} has room for {shown['length']} characters and not for {field.length}: make "
            "it longer in Salesforce's Object Manager."
        )
    if lacking := missing_options(field, shown):
        return (
            f"The picklist {name} lacks {', '.join(lacking)}: let Tieline create its fields, which "
            "adds them, or add them in Salesforce's Object Manager."
        )
    return ""


def missing_options(field: Field, shown: Mapping[str, Any]) -> list[str]:
    """Give the values that a restricted picklist would refuse."""
    if field.type is not FieldType.PICKLIST or not shown["restrictedPicklist"]:
        return []
    there = set(_options(shown))
    return [option for option in field.options if option not in there]


def _options(shown: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(one["value"]) for one in shown["picklistValues"] if one["active"])


def _choices(target: Target, shown: Iterable[Mapping[str, Any]]) -> Iterator[Field]:
    for one in shown:
        kind, name = field_type(one), str(one["name"])
        if kind is None or not (one["custom"] and one["updateable"]) or name.startswith(PREFIX):
            continue
        digits = one["precision"] - one["scale"] or one.get("digits", 0)
        yield Field(
            target=target,
            name=name,
            label=str(one["label"]),
            type=kind,
            description=str(one.get("inlineHelpText") or ""),
            length=digits if kind is FieldType.NUMBER else one["length"],
            options=_options(one) if kind is FieldType.PICKLIST else (),
            called=name,
        )
