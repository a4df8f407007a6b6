"""Rows whose text may hold an address, found by the database before anybody looks exactly."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Text, cast, func, or_


class Spelled(NamedTuple):
    """How an address begins and what it ends with, in lower case; "" where that is anything."""

    begin: str
    end: str


ANY = Spelled("", "")


def may_hold(column: Any, spellings: Iterable[Spelled]) -> ColumnElement[bool]:  # noqa: ANN401 - a column of SQLAlchemy's
    """Whether the text of a column may hold one of these; more rows are told so than do."""
    text = func.lower(cast(column, Text))
    shapes = (f"%{_plain(one.begin)}%@%{_plain(one.end)}%" for one in spellings)
    return or_(*(text.like(shape, escape="/") for shape in shapes))


def _plain(part: str) -> str:
    """A part as LIKE finds it; what databases write or lower in more ways than one is anything."""
    if not part.isascii():
        return ""
    return part.replace("/", "//").replace("%", "/%").replace("_", "/_")
