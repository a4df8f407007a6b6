"""One column of a row, read strictly: each function raises `Unreadable`, naming the column."""

from datetime import UTC, date, datetime, timedelta
from math import isfinite
from typing import Any

from connectors._records import ExternalId

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
"""What lies outside is no time at which people met, but a default or a slip."""

_ID_LENGTH = 18
_NOON = timedelta(hours=12)
_CLEAN = str.maketrans("", "", "\0")


class Unreadable(ValueError):
    """A row that is not what Salesforce promises."""


def reference(raw: dict[str, Any], name: str) -> ExternalId | None:
    """Give the id of a record, or None."""
    value = raw.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) != _ID_LENGTH or not value.isalnum():
        raise Unreadable(f"{name} is no id.")
    return ExternalId(value)


def text(raw: dict[str, Any], name: str) -> str | None:
    """Give a text without what no database keeps: NUL and halves of surrogate pairs."""
    value = raw.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise Unreadable(f"{name} is no text.")
    if not value.isascii() or "\0" in value:
        value = value.translate(_CLEAN).encode("utf-8", "replace").decode()
    return value or None


def flag(raw: dict[str, Any], name: str) -> bool:
    """Give a checkbox; one that was not asked for is not ticked."""
    value = raw.get(name, False)
    if not isinstance(value, bool):
        raise Unreadable(f"{name} is neither true nor false.")
    return value


def number(raw: dict[str, Any], name: str) -> float:
    """Give a number, at least 0; 0 where there is none."""
    value = raw.get(name)
    if value is None:
        return 0.0
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unreadable(f"{name} is no number.")
    return max(0.0, float(value))


def amount(raw: dict[str, Any], name: str) -> float | None:
    """Give a sum of money, which may be below 0, or None."""
    value = raw.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise Unreadable(f"{name} is no number.")
    return float(value)


def date_of(raw: dict[str, Any], name: str) -> date | None:
    """Give a date, or None."""
    found = day(raw, name)
    return found.date() if found else None


def instant(raw: dict[str, Any], name: str) -> datetime | None:
    """Give a time (aware, UTC), or None."""
    return _timed(raw, name, timedelta())


def day(raw: dict[str, Any], name: str) -> datetime | None:
    """Give a date as its noon, UTC: the same day nearly everywhere on earth."""
    return _timed(raw, name, _NOON)


def _timed(raw: dict[str, Any], name: str, plus: timedelta) -> datetime | None:
    value = raw.get(name)
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise Unreadable(f"{name} is no time.") from error
    if not EARLIEST.year <= at.year < LATEST.year:
        raise Unreadable(f"{name} lies outside {EARLIEST.year} to {LATEST.year}.")
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC) + plus
