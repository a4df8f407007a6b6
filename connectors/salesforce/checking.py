"""How custom fields stand in an org, and which fields of the customer's own could be written.

A field that we are not permitted to see is in no describe, as if it were not there.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from connectors._errors import NeedsAttention
from connectors._records import Field, FieldCheck, FieldState, FieldType, Target
from connectors.salesforce.client import Client
from connectors.salesforce.mapping import PREFIX, SOBJECTS, own_name
from connectors.salesforce.tooling import defined

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
    """See how fields stand; see `Connector.check_fields`.

    A field that no describe shows may only be hidden: one more call tells, for all of them.
    """
    shown = describe(client, (field.target for field in fields))
    lost = [full_name(field) for field in fields if key(field) not in shown]
    hidden = _hidden(client, lost) if lost else frozenset()
    return [
        _check(field, shown[key(field)])
        if key(field) in shown
        else _gone(field, is_hidden=full_name(field) in hidden)
        for field in fields
    ]


def _hidden(client: Client, names: Iterable[str]) -> Collection[str]:
    try:
        return defined(client, names)
    except NeedsAttention:  # we may not look behind the describe
        return frozenset()


def _check(field: Field, shown: Mapping[str, Any]) -> FieldCheck:
    """Hold a field to what describe shows of it."""
    name = full_name(field)
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


def _gone(field: Field, *, is_hidden: bool) -> FieldCheck:
    name = full_name(field)
    if is_hidden:
        told = (
            f"{name} is hidden from us: assign the permission set Tieline, with edit access to it, "
            "to the integration user, or let Tieline create its fields, which does so."
        )
        if field.called:
            told = f"{name} is hidden from us: give the integration user edit access to it."
        return FieldCheck(field, FieldState.HIDDEN, told)
    remedy = "map another field" if field.called else "let Tieline create its fields"
    return FieldCheck(field, FieldState.MISSING, f"{name} is not in Salesforce: {remedy}.")


def is_short(field: Field, shown: Mapping[str, Any]) -> bool:
    """Whether a text may be longer than the field."""
    return field.type is FieldType.TEXT and 0 < shown["length"] < field.length


def _too_small(field: Field, shown: Mapping[str, Any]) -> str:
    """Say what a field has no room for, or nothing."""
    name = full_name(field)
    if is_short(field, shown):
        return (
            f"{name} has room for {shown['length']} characters and not for {field.length}: let "
            "Tieline create its fields, which makes it longer, or map another."
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
