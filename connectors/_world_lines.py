"""The lines of world files read: JSON objects to records. `_worlds` tells the format."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import UTC, date, datetime
from math import isfinite
from typing import Any

from connectors._records import (
    Account,
    Activity,
    Channel,
    Deal,
    DealContact,
    ExternalId,
    Participant,
    Person,
    PersonKind,
    Record,
    Role,
    StageChange,
)

Shape = tuple[type[Record], dict[str, Any]]


class BadLine(ValueError):
    """A line is no record; the message is a clause that says why."""


SHAPES: Mapping[str, Shape] = {
    "account": (Account, {}),
    **{kind.value: (Person, {"kind": kind}) for kind in PersonKind},
    "deal": (Deal, {}),
    **{channel.value: (Activity, {"channel": channel}) for channel in Channel},
}
"""What a line of a kind becomes, and which attributes the kind itself tells."""


def from_line(line: object) -> Record:
    """Make a record of a JSON object.

    Raises:
        BadLine: If it is none.
    """
    if not isinstance(line, dict):
        raise BadLine("a record is a JSON object")
    record, told = SHAPES.get(str(line.get("kind")), (None, {}))
    if record is None:
        raise BadLine(f"kind must be one of {', '.join(SHAPES)}")
    needed, allowed = _READ[record]
    for name in line:
        if name not in allowed:
            raise BadLine(f"{line['kind']} has no {name}")
    for name in needed:
        if name not in line:
            raise BadLine(f"{name} is missing")
    values = {name: _READERS[name](name, line[name]) for name in line if name != "kind"}
    return record(**values, **told)


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise BadLine(f"{name} must be a text")
    return value


def _optional(name: str, value: object) -> str | None:
    return None if value is None else _text(name, value)


def _texts(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise BadLine(f"{name} must be a list of texts")
    return tuple(_text(name, member) for member in value)


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise BadLine(f"{name} must be true or false")
    return value


def _count(name: str, value: object) -> int:
    if type(value) is not int or value < 1:
        raise BadLine(f"{name} must be a whole number, at least 1")
    return value


def _seconds(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _A_YEAR_S:
        raise BadLine(f"{name} must be a number of seconds")
    return float(value)


def _amount(name: str, value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise BadLine(f"{name} must be a number")
    return float(value)


def _day(name: str, value: object) -> date | None:
    try:
        return None if value is None else date.fromisoformat(str(value))
    except ValueError:
        raise BadLine(f"{name} must be a date, as 2026-03-02") from None


def _moment(name: str, value: object) -> datetime:
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        at = datetime.min  # noqa: DTZ901 refused below, for it has no zone
    if at.tzinfo is None:
        raise BadLine(f"{name} must be a time with a zone, as 2026-03-02T09:30:00Z")
    return at.astimezone(UTC)


def _objects(name: str, value: object) -> list[dict[str, object]]:
    if not isinstance(value, list) or not all(isinstance(member, dict) for member in value):
        raise BadLine(f"{name} must be a list of objects")
    return value


def _participants(name: str, value: object) -> tuple[Participant, ...]:
    return tuple(map(_participant, _objects(name, value)))


def _deal_contacts(name: str, value: object) -> tuple[DealContact, ...]:
    return tuple(map(_deal_contact, _objects(name, value)))


def _deal_contact(value: dict[str, object]) -> DealContact:
    if value.keys() - {"person_id", "role", "is_primary"}:
        raise BadLine("a contact of a deal has a person_id, a role and is_primary, nothing else")
    person = ExternalId(_text("person_id", value.get("person_id")))
    is_primary = _flag("is_primary", value.get("is_primary", False))
    return DealContact(person, _optional("role", value.get("role")), is_primary)


def _stages(name: str, value: object) -> tuple[StageChange, ...]:
    return tuple(map(_stage, _objects(name, value)))


def _stage(value: dict[str, object]) -> StageChange:
    if value.keys() != {"stage", "at"}:
        raise BadLine("a change of stage has a stage and an at, and nothing else")
    return StageChange(_text("stage", value["stage"]), _moment("at", value["at"]))


def _participant(value: dict[str, object]) -> Participant:
    if value.keys() - {"role", "person_id", "address"}:
        raise BadLine("a participant has a role, a person_id and an address, and nothing else")
    person, address = value.get("person_id"), value.get("address")
    if person is None and address is None:
        raise BadLine("a participant needs a person_id or an address")
    role = _ROLES.get(str(value.get("role")))
    if role is None:
        raise BadLine(f"role must be one of {', '.join(_ROLES)}")
    known = None if person is None else ExternalId(_text("person_id", person))
    return Participant(role, known, _optional("address", address))


_A_YEAR_S = 366 * 86_400
_ROLES = {role.value: role for role in Role}

_READERS: Mapping[str, Callable[[str, object], Any]] = {
    "id": _text,
    "name": _text,
    "domain": _optional,
    "industry": _optional,
    "addresses": _texts,
    "title": _optional,
    "department": _optional,
    "account_id": _optional,
    "owner_id": _optional,
    "stage": _text,
    "stages": _stages,
    "contacts": _deal_contacts,
    "amount": _amount,
    "currency": _optional,
    "created_at": _moment,
    "closes_on": _day,
    "is_closed": _flag,
    "is_won": _flag,
    "is_active": _flag,
    "at": _moment,
    "participants": _participants,
    "recipients": _count,
    "duration_s": _seconds,
    "happened": _flag,
    "thread": _optional,
    "is_bulk": _flag,
    "supersedes": _optional,
    "modified_at": _moment,
    "is_deleted": _flag,
    "merged_into": _optional,
}
_BY_KIND = ("kind", "channel")
_RECORDS = (Account, Person, Activity, Deal)
_READ: Mapping[type[Record], tuple[list[str], set[str]]] = {
    record: (
        [f.name for f in fields(record) if f.default is MISSING and f.name not in _BY_KIND],
        {"kind", *(f.name for f in fields(record) if f.name not in _BY_KIND)},
    )
    for record in _RECORDS
}
