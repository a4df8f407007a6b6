"""The lines of world files: a record as a JSON object, and back. `_worlds` tells the format."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import UTC, datetime
from typing import Any

from connectors._records import (
    Account,
    Activity,
    Channel,
    ExternalId,
    Participant,
    Person,
    PersonKind,
    Record,
    Role,
)

Shape = tuple[type[Person] | type[Account] | type[Activity], dict[str, Any]]


class BadLine(ValueError):
    """A line is no record; the message is a clause that says why."""


SHAPES: Mapping[str, Shape] = {
    "account": (Account, {}),
    **{kind.value: (Person, {"kind": kind}) for kind in PersonKind},
    **{channel.value: (Activity, {"channel": channel}) for channel in Channel},
}
"""What a line of a kind becomes, and which attributes the kind itself tells."""


def to_line(record: Record) -> dict[str, Any]:
    """Give a record as a JSON object, its kind first, without what has its default."""
    line: dict[str, Any] = {"kind": _kind(record)}
    for name, default in _WRITTEN[type(record)]:
        value = getattr(record, name)
        if value != default:
            line[name] = _WRITERS[name](value) if name in _WRITERS else value
    return line


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


def _kind(record: Record) -> str:
    if isinstance(record, Account):
        return "account"
    return record.kind.value if isinstance(record, Person) else record.channel.value


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


def _moment(name: str, value: object) -> datetime:
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        at = datetime.min  # noqa: DTZ901 refused below, for it has no zone
    if at.tzinfo is None:
        raise BadLine(f"{name} must be a time with a zone, as 2026-03-02T09:30:00Z")
    return at.astimezone(UTC)


def _participants(name: str, value: object) -> tuple[Participant, ...]:
    if not isinstance(value, list):
        raise BadLine(f"{name} must be a list of objects")
    return tuple(map(_participant, value))


def _participant(value: object) -> Participant:
    if not isinstance(value, dict) or value.keys() - {"role", "person_id", "address"}:
        raise BadLine("a participant has a role, a person_id and an address, and nothing else")
    person, address = value.get("person_id"), value.get("address")
    if person is None and address is None:
        raise BadLine("a participant needs a person_id or an address")
    if value.get("role") not in _ROLES:
        raise BadLine(f"role must be one of {', '.join(_ROLES)}")
    known = None if person is None else ExternalId(_text("person_id", person))
    return Participant(_ROLES[value["role"]], known, _optional("address", address))


def _written_participants(value: tuple[Participant, ...]) -> list[dict[str, str]]:
    return [
        {
            "role": one.role.value,
            **({"person_id": one.person_id} if one.person_id is not None else {}),
            **({"address": one.address} if one.address is not None else {}),
        }
        for one in value
    ]


def _written_moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


_A_YEAR_S = 366 * 86_400
_ROLES = {role.value: role for role in Role}

_READERS: Mapping[str, Callable[[str, object], Any]] = {
    "id": _text,
    "name": _text,
    "domain": _optional,
    "addresses": _texts,
    "title": _optional,
    "department": _optional,
    "account_id": _optional,
    "is_active": _flag,
    "at": _moment,
    "participants": _participants,
    "recipients": _count,
    "duration_s": _seconds,
    "happened": _flag,
    "modified_at": _moment,
    "is_deleted": _flag,
    "merged_into": _optional,
}
_WRITERS: Mapping[str, Callable[[Any], object]] = {
    "at": _written_moment,
    "modified_at": _written_moment,
    "participants": _written_participants,
}
_BY_KIND = ("kind", "channel")
_RECORDS = (Account, Person, Activity)
_WRITTEN = {
    record: [(f.name, f.default) for f in fields(record) if f.name not in _BY_KIND]
    for record in _RECORDS
}
_READ = {
    record: (
        [f.name for f in fields(record) if f.default is MISSING and f.name not in _BY_KIND],
        {"kind", *(f.name for f in fields(record) if f.name not in _BY_KIND)},
    )
    for record in _RECORDS
}
