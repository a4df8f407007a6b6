"""Words by which people were named who are erased: they go out of fields, and of what was said."""

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from sqlmodel import Session, select

from app.store import tables
from app.store.owed import Values, pages, revise

ERASED: Final = ""
"""What stands for a value that named somebody who was erased; no CRM's empty field is kept so."""


def erase(session: Session, words: Collection[str]) -> None:
    """Leave an empty text where a value is one of these words, on whichever record it stands.

    It is written again when the record is to hold something else, nothing included.
    """

    def blank(row: tables.Owed) -> None:
        for values in ("wanted", "acknowledged", "theirs", "sent", "undone"):
            setattr(row, values, erased(getattr(row, values), words))

    kinds = select(tables.Owed.connection_id, tables.Owed.target).distinct()
    for connection_id, target in session.exec(kinds).all():
        for rows in pages(session, connection_id, target):
            revise(session, [row for row in rows if _has_word(row, words)], blank)


def erased(values: Mapping[str, Any], words: Collection[str]) -> Values:
    """The same values, or pairs of values, with an empty text in the place of those with a word.

    A text of several words, as a reason, has one of them if it stands there as it is.
    """

    def without(value: Any) -> Any:  # noqa: ANN401 - a value of any kind, or a pair of them
        if isinstance(value, list):
            return [without(one) for one in value]
        return ERASED if isinstance(value, str) and names(value, words) else value

    return {name: without(value) for name, value in values.items()}


def names(text: str, words: Collection[str]) -> bool:
    """Whether one of these words, a person's name mostly, stands in a text, not within another."""
    return text in words or any(
        word in text and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) for word in words
    )


def _has_word(row: tables.Owed, words: Collection[str]) -> bool:
    every = (row.wanted, row.acknowledged, row.theirs, row.sent, row.undone)
    return any(erased(values, words) != values for values in every)
