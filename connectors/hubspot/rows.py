"""Values out of HubSpot's rows, in which every value is a string, or ought to be."""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from connectors._records import ExternalId, Malformed, Record

Raw = Mapping[str, Any]

ADDRESS = re.compile(r"[^\s<>\"',;]+@[^\s<>\"',;]+")
SURROGATES = re.compile("[\ud800-\udfff\x00]")

FIRST_YEAR, LAST_YEAR = 1970, 2200


class Unreadable(ValueError):
    """A row that is no record; the message names the property, never its value."""


LONGEST_ID = 19
"""Digits of the greatest number that HubSpot can count to."""


def id_of(raw: object) -> str:
    """Give a row's own id, digits as HubSpot writes them.

    Raises:
        Unreadable: If it has none.
    """
    value = raw.get("id") if isinstance(raw, Mapping) else None
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.isascii() or not value.isdigit():
        raise Unreadable("The row has no id.")
    if len(value) > LONGEST_ID:
        raise Unreadable("The row's id is no number that HubSpot gives.")
    return value


def text(raw: Raw, name: str) -> str | None:
    """Give a property as text without white space around it; None if it is unset or empty."""
    properties = raw.get("properties")
    if not isinstance(properties, Mapping):
        raise Unreadable("The row has no properties.")
    return clean(properties.get(name), name)


def clean(value: object, name: str) -> str | None:
    """Give a value as text that every database takes; None if it is unset or empty."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise Unreadable(f"{name} is no text.")
    return SURROGATES.sub("", value).strip() or None


def moment(raw: Raw, name: str) -> datetime | None:
    """Give a property as a time (aware, UTC), from ISO 8601 or milliseconds since 1970."""
    return to_moment(text(raw, name), name)


def to_moment(value: str | None, name: str) -> datetime | None:
    """Read a time (aware, UTC), from ISO 8601 or milliseconds since 1970."""
    if value is None:
        return None
    try:
        if value.isdigit():
            at = datetime.fromtimestamp(int(value) / 1000, UTC)
        else:
            at = datetime.fromisoformat(value)
            at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Unreadable(f"{name} is no time.") from error
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise Unreadable(f"{name} lies outside {FIRST_YEAR} to {LAST_YEAR}.")
    return at


def number(raw: Raw, name: str) -> float | None:
    """Give a property as a finite number."""
    value = text(raw, name)
    if value is None:
        return None
    try:
        parsed = float(value)
    except ValueError as error:
        raise Unreadable(f"{name} is no number.") from error
    if not math.isfinite(parsed):
        raise Unreadable(f"{name} is no number.")
    return parsed


def is_true(raw: Raw, name: str) -> bool:
    """Whether a yes-or-no property says yes."""
    return (text(raw, name) or "").lower() == "true"


def parts(raw: Raw, name: str) -> tuple[str, ...]:
    """Give the members of a property that HubSpot separates by semicolons, each once."""
    members = (part.strip() for part in (text(raw, name) or "").split(";"))
    return tuple(dict.fromkeys(part for part in members if part))


def addresses(raw: Raw, name: str) -> tuple[str, ...]:
    """Give the email addresses in a property, in lower case, each once; names are dropped."""
    found = ADDRESS.findall(text(raw, name) or "")
    return tuple(dict.fromkeys(address.lower() for address in found))


def ids(rows: Iterable[object]) -> Iterator[str]:
    """Give the ids of the rows that have one."""
    for row in rows:
        try:
            yield id_of(row)
        except Unreadable:
            continue


def collected(
    rows: Iterable[Any], prefix: str, to_records: Callable[[Raw], Iterable[Record]]
) -> tuple[tuple[Record, ...], tuple[Malformed, ...]]:
    """Read each row; what cannot be read is set aside with its reason.

    Args:
        rows: Whatever HubSpot gave.
        prefix: What stands before a row's id in ours: the object type.
        to_records: Reads a row.
    """
    records: list[Record] = []
    malformed: list[Malformed] = []
    for row in rows:
        try:
            id_of(row)
            records.extend(tuple(to_records(row)))
        except Unreadable as error:
            own = next(ids([row]), None)
            malformed.append(Malformed(ExternalId(f"{prefix}:{own}") if own else None, str(error)))
    return tuple(records), tuple(malformed)
