"""What is known of one record that is written to, and how it is revised with whether it is due."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from app.store import tables

Values = dict[str, Any]
"""Custom fields by `Field.name`: numbers and texts, dates as ISO text, None for empty."""

Key = tuple[str, str]
"""A record that is written to: kind and external id."""

PAGE = 2_000


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one record; see `tables.Owed`.

    Attributes:
        next_try_at: When it is tried again, after a refusal.
        undo_id: The run that takes something back here and has not got there yet.
    """

    wanted: Values = field(default_factory=dict)
    acknowledged: Values = field(default_factory=dict)
    theirs: Values = field(default_factory=dict)
    sent: Values = field(default_factory=dict)
    undone: Values = field(default_factory=dict)
    next_try_at: datetime | None = None
    undo_id: int | None = None

    def wanting(self, values: Values) -> "Known":
        """The same record, if it should hold something else.

        Where that changed, fields that are left to people are asked for again, and what was taken
        back and would not come again is forgotten.
        """
        return Known(
            wanted=values,
            acknowledged=self.acknowledged,
            theirs={k: v for k, v in self.theirs.items() if _is_same(k, values, self.wanted)},
            sent=self.sent,
            undone={k: v for k, v in self.undone.items() if values.get(k) == v[1]},
            undo_id=self.undo_id,
        )

    @property
    def differences(self) -> Values:
        """What must be written."""
        return {
            name: value
            for name, value in self.wanted.items()
            if value != self.acknowledged.get(name) and name not in self.theirs
        }


def known_of(row: Any) -> Known:  # noqa: ANN401 - of the table, or of these columns of it
    """What a row knows."""
    return Known(
        wanted=dict(row.wanted),
        acknowledged=dict(row.acknowledged),
        theirs=dict(row.theirs),
        sent=dict(row.sent),
        undone=dict(row.undone),
        next_try_at=row.next_try_at,
        undo_id=row.undo_id,
    )


def rows_of(
    session: Session, connection_id: int, target: str, external_ids: Sequence[str]
) -> Sequence[tables.Owed]:
    """These records."""
    owed = tables.Owed
    query = select(owed).where(
        owed.connection_id == connection_id,
        owed.target == target,
        col(owed.external_id).in_(external_ids),
    )
    return session.exec(query.execution_options(populate_existing=True)).all()


def pages(
    session: Session, connection_id: int, target: str, *, only_due: bool = False
) -> Iterator[Sequence[tables.Owed]]:
    """All records of a kind, page by page."""
    owed, after = tables.Owed, ""
    while True:
        query = (
            select(owed)
            .where(
                owed.connection_id == connection_id,
                owed.target == target,
                owed.external_id > after,
                *([col(owed.is_due)] if only_due else []),
            )
            .order_by(owed.external_id)
            .limit(PAGE)
        )
        page = session.exec(query.execution_options(populate_existing=True)).all()
        if not page:
            return
        after = page[-1].external_id
        yield page
        session.expire_all()


def revise(
    session: Session, rows: Sequence[tables.Owed], change: Callable[[tables.Owed], None]
) -> None:
    """Change what is known of records, and with it whether they are due."""
    for row in rows:
        change(row)
        row.is_due = bool(known_of(row).differences)
        session.add(row)
    session.flush()


def _is_same(name: str, values: Values, before: Values) -> bool:
    return name in values and values[name] == before.get(name)
