"""The lines of world files written: records to JSON. `_worlds` tells the format.

Written out by hand: a world of a million people has some twenty million lines, and `json.dumps`
of an object made for each took three times as long.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any

from connectors._records import (
    Account,
    Activity,
    Deal,
    DealContact,
    Participant,
    Person,
    Record,
    StageChange,
)

_quoted = json.encoder.encode_basestring
"""A text as JSON, other letters than ASCII's as they are."""


def to_text(record: Record) -> str:
    """Give a record as a JSON object on one line, its kind first, without what has its default."""
    parts = [f'{{"kind":"{_kind(record)}"']
    for name, default, text in _WRITTEN[type(record)]:
        value = getattr(record, name)
        if value is not default and value != default:
            parts.append(f'"{name}":{text(value)}')
    return ",".join(parts) + "}"


def _kind(record: Record) -> str:
    match record:
        case Activity():
            return record.channel
        case Person():
            return record.kind
        case Account():
            return "account"
        case Deal():
            return "deal"


def _list(texts: Iterable[str]) -> str:
    return f"[{','.join(texts)}]"


def _texts(value: tuple[str, ...]) -> str:
    return _list(map(_quoted, value))


def _participants(value: tuple[Participant, ...]) -> str:
    return _list(map(_participant, value))


def _participant(one: Participant) -> str:
    text = f'{{"role":"{one.role}"'
    if one.person_id is not None:
        text += f',"person_id":{_quoted(one.person_id)}'
    if one.address is not None:
        text += f',"address":{_quoted(one.address)}'
    return text + "}"


def _deal_contacts(value: tuple[DealContact, ...]) -> str:
    return _list(map(_deal_contact, value))


def _deal_contact(one: DealContact) -> str:
    role = "" if one.role is None else f',"role":{_quoted(one.role)}'
    primary = ',"is_primary":true' if one.is_primary else ""
    return f'{{"person_id":{_quoted(one.person_id)}{role}{primary}}}'


def _stages(value: tuple[StageChange, ...]) -> str:
    return _list(f'{{"stage":{_quoted(one.stage)},"at":{_moment(one.at)}}}' for one in value)


def _moment(value: datetime) -> str:
    text = value.astimezone(UTC).isoformat()
    return f'"{text.removesuffix("+00:00")}Z"'


def _day(value: date) -> str:
    return f'"{value.isoformat()}"'


def _plain(value: str | bool | float) -> str:
    return _quoted(value) if isinstance(value, str) else json.dumps(value)


_BY_KIND = ("kind", "channel")
_WRITERS: Mapping[str, Callable[[Any], str]] = {
    "addresses": _texts,
    "participants": _participants,
    "contacts": _deal_contacts,
    "stages": _stages,
    "at": _moment,
    "modified_at": _moment,
    "created_at": _moment,
    "closes_on": _day,
}
_WRITTEN: Mapping[type[Record], list[tuple[str, object, Callable[[Any], str]]]] = {
    record: [
        (f.name, f.default, _WRITERS.get(f.name, _plain))
        for f in fields(record)
        if f.name not in _BY_KIND
    ]
    for record in (Account, Person, Activity, Deal)
}
"""Of each kind of record: what it has, each with its default and how it is written."""
