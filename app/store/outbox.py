"""What we owe the CRMs: the custom fields a record should hold, and what it is known to hold."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, or_, update
from sqlalchemy import select as select_columns
from sqlmodel import Session, SQLModel, col, select

from app.store import tables
from app.store.database import slices, upsert
from connectors import WriteResult

FIRST_RETRY = timedelta(minutes=5)
LONGEST_RETRY = timedelta(days=7)

Values = dict[str, Any]
"""Custom fields by `Field.name`: numbers and texts, dates as ISO text, None for empty."""

Key = tuple[str, str]
"""A record that is written to: kind and external id."""


PAGE = 2_000

_COLUMNS = (
    tables.Owed.target,
    tables.Owed.external_id,
    tables.Owed.wanted,
    tables.Owed.acknowledged,
    tables.Owed.theirs,
    tables.Owed.sent,
    tables.Owed.undone,
    tables.Owed.undo_id,
    tables.Owed.next_try_at,
)
_KNOWN = select_columns(*map(col, _COLUMNS))


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


@dataclass(frozen=True, slots=True)
class Due:
    """A record whose fields must be written: only those that differ.

    Attributes:
        acknowledged: What all of its fields are known to hold.
        sent: What was being written when we last said so.
    """

    target: str
    external_id: str
    values: Mapping[str, Any]
    acknowledged: Mapping[str, Any]
    sent: Mapping[str, Any]

    @property
    def key(self) -> Key:
        """Which record it is."""
        return self.target, self.external_id


def known(
    session: Session, connection_id: int, target: str, external_ids: Sequence[str]
) -> dict[str, Known]:
    """What is known of these records, by external id; nothing of those we never wrote to."""
    owed = tables.Owed
    found: dict[str, Known] = {}
    for few in slices(external_ids):
        rows = session.connection().execute(
            _KNOWN.where(
                col(owed.connection_id) == connection_id,
                col(owed.target) == target,
                col(owed.external_id).in_(few),
            )
        )
        found.update((row.external_id, _known(row)) for row in rows)
    return found


def want(session: Session, connection_id: int, target: str, wanted: Mapping[str, Known]) -> None:
    """Say what records should hold, by external id, beside what is known of them."""
    rows = [
        {
            "connection_id": connection_id,
            "target": target,
            "external_id": external_id,
            "wanted": one.wanted,
            "acknowledged": one.acknowledged,
            "theirs": one.theirs,
            "sent": one.sent,
            "undone": one.undone,
            "undo_id": one.undo_id,
            "is_due": bool(one.differences),
            "attempts": 0,
            "next_try_at": None,
            "code": "",
            "reason": "",
        }
        for external_id, one in wanted.items()
    ]
    upsert(session, tables.Owed, rows, compared=("wanted", "undone"))


def forget(
    session: Session, connection_id: int, target: str, external_ids: Collection[str]
) -> None:
    """Owe nothing to records that are gone."""
    owed = tables.Owed
    for few in slices(sorted(external_ids)):
        session.connection().execute(
            delete(owed).where(
                col(owed.connection_id) == connection_id,
                col(owed.target) == target,
                col(owed.external_id).in_(few),
            )
        )


def erase(session: Session, words: Collection[str]) -> None:
    """Leave an empty text where a value is one of these words, on whichever record it stands.

    It is written again when the record is to hold something else, nothing included.
    """

    def blank(row: tables.Owed) -> None:
        for values in ("wanted", "acknowledged", "theirs", "sent", "undone"):
            setattr(row, values, erased(getattr(row, values), words))

    kinds = select(tables.Owed.connection_id, tables.Owed.target).distinct()
    for connection_id, target in session.exec(kinds).all():
        for rows in _pages(session, connection_id, target):
            _revise(session, [row for row in rows if _has_word(row, words)], blank)


ERASED = ""
"""What stands for a value that named somebody who was erased; no CRM's empty field is kept so."""


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


@dataclass(frozen=True, slots=True)
class Asked:
    """Which of the due records are asked for.

    Attributes:
        undo_id: Only those that this run takes something back from.
        without: Kinds of records that are left out.
    """

    undo_id: int | None = None
    without: frozenset[str] = frozenset()


EVERYTHING = Asked()


def due(
    session: Session, connection_id: int, *, at: datetime, limit: int, asked: Asked = EVERYTHING
) -> list[Due]:
    """What must be written now, by target and id; what was refused, when its time has come."""
    owed = tables.Owed
    rows = session.connection().execute(
        _KNOWN.where(*_is_due(connection_id, at, asked))
        .order_by(col(owed.target), col(owed.external_id))
        .limit(limit)
    )
    return [
        Due(
            target=row.target,
            external_id=row.external_id,
            values=_known(row).differences,
            acknowledged=row.acknowledged,
            sent=row.sent,
        )
        for row in rows
    ]


def count_due(
    session: Session, connection_id: int, *, at: datetime, asked: Asked = EVERYTHING
) -> int:
    """How many records must be written now."""
    query = select(func.count()).select_from(tables.Owed)
    return session.exec(query.where(*_is_due(connection_id, at, asked))).one()


def count_undoing(session: Session, connection_id: int, undo_id: int) -> int:
    """How many records a run has still to take something back from."""
    owed = tables.Owed
    query = select(func.count()).select_from(owed)
    return session.exec(
        query.where(owed.connection_id == connection_id, owed.undo_id == undo_id)
    ).one()


def _is_due(connection_id: int, at: datetime, asked: Asked) -> tuple[ColumnElement[bool], ...]:
    owed = tables.Owed
    conditions = (
        col(owed.connection_id) == connection_id,
        col(owed.is_due).is_(True),
        or_(col(owed.next_try_at).is_(None), col(owed.next_try_at) <= at),
        col(owed.target).not_in(sorted(asked.without)),
    )
    if asked.undo_id is None:
        return conditions
    return *conditions, col(owed.undo_id) == asked.undo_id


def doubt(session: Session, connection_id: int, fields: Mapping[str, Collection[str]]) -> None:
    """Know nothing any more of what these fields hold, by target: they were lost in the CRM."""
    for target, names in fields.items():

        def lost(row: tables.Owed, names: Collection[str] = names) -> None:
            row.acknowledged = _without(row.acknowledged, names)
            row.theirs = _without(row.theirs, names)

        for rows in _pages(session, connection_id, target):
            _revise(session, rows, lost)


def stop(session: Session, connection_id: int, fields: Mapping[str, Collection[str]]) -> None:
    """Want nothing any more of these fields, by target; a record that they held up goes on."""
    for target, names in fields.items():

        def left(row: tables.Owed, names: Collection[str] = names) -> None:
            if not row.wanted.keys().isdisjoint(names):
                row.wanted = _without(row.wanted, names)
                row.next_try_at, row.code, row.reason = None, "", ""

        for rows in _pages(session, connection_id, target, only_due=True):
            _revise(session, rows, left)


def sending(session: Session, connection_id: int, dues: Sequence[Due]) -> None:
    """Note what is about to be written, so that after a crash it is not taken for a person's."""
    _set(
        session,
        [
            {"b_c": connection_id, "b_t": due.target, "b_e": due.external_id, "b_sent": due.values}
            for due in dues
        ],
        sent=bindparam("b_sent"),
    )


def learn(
    session: Session,
    connection_id: int,
    holds: Mapping[Key, Values],
    theirs: Mapping[Key, Values],
) -> None:
    """Note what records were found to hold: what we want already, and what people put there."""
    keys = sorted({*holds, *theirs})

    def found(row: tables.Owed) -> None:
        key = (row.target, row.external_id)
        row.acknowledged = {**row.acknowledged, **holds.get(key, {})}
        row.theirs = {**row.theirs, **theirs.get(key, {})}

    for target in sorted({target for target, _ in keys}):
        for few in slices([external_id for t, external_id in keys if t == target]):
            _revise(session, _rows(session, connection_id, target, few), found)


def take_back(
    session: Session,
    connection_id: int,
    undo_id: int,
    undone: Mapping[Key, Mapping[str, tuple[Any, Any]]],
) -> None:
    """Want former values again: of each field what was written, and what it is to hold instead.

    As long as the scores say what was written, it stays taken back.
    """

    def back(row: tables.Owed) -> None:
        fields = undone[row.target, row.external_id]
        row.wanted = {**row.wanted, **{name: before for name, (_, before) in fields.items()}}
        row.undone = {**row.undone, **{name: list(both) for name, both in fields.items()}}
        row.undo_id, row.next_try_at = undo_id, None

    for target in sorted({target for target, _ in undone}):
        for few in slices(sorted(external_id for t, external_id in undone if t == target)):
            _revise(session, _rows(session, connection_id, target, few), back)


def yielded(
    session: Session, connection_id: int, *, limit: int
) -> list[tuple[str, str, Values, Values]]:
    """Records with fields that are left to people: target, id, what is theirs, what we want."""
    owed = tables.Owed
    query = (
        select(owed.target, owed.external_id, owed.theirs, owed.wanted)
        .where(owed.connection_id == connection_id, col(owed.theirs) != {})
        .order_by(owed.target, owed.external_id)
        .limit(limit)
    )
    return [(target, one, dict(theirs), dict(w)) for target, one, theirs, w in session.exec(query)]


def reclaim(session: Session, connection_id: int, target: str, name: str) -> None:
    """Leave a field to people no more: its policy has changed."""

    def back(row: tables.Owed) -> None:
        row.theirs = _without(row.theirs, [name])

    for rows in _pages(session, connection_id, target):
        _revise(session, [row for row in rows if name in row.theirs], back)


def acknowledge(
    session: Session,
    connection_id: int,
    results: Sequence[WriteResult],
    *,
    dues: Mapping[Key, Due],
    at: datetime,
) -> None:
    """Keep what the CRM said: confirmed values are known to be there, refused ones wait longer."""
    confirmed: dict[str, list[str]] = {}
    for result in results:
        if result.ok:
            confirmed.setdefault(result.target.value, []).append(result.id)
        else:
            _postpone(session, connection_id, result, at=at)
    for target, external_ids in confirmed.items():
        for few in slices(external_ids):
            rows = session.connection().execute(
                _KNOWN.where(
                    col(tables.Owed.connection_id) == connection_id,
                    col(tables.Owed.target) == target,
                    col(tables.Owed.external_id).in_(few),
                )
            )
            _confirm(
                session, connection_id, [(_known(r), dues[target, r.external_id]) for r in rows]
            )


def _confirm(session: Session, connection_id: int, found: Sequence[tuple[Known, Due]]) -> None:
    rows = []
    for before, due in found:
        held = {**before.acknowledged, **due.values}
        now = Known(wanted=before.wanted, acknowledged=held, theirs=before.theirs)
        rows.append(
            {
                "b_c": connection_id,
                "b_t": due.target,
                "b_e": due.external_id,
                "b_ack": held,
                "b_due": bool(now.differences),
            }
        )
    _set(
        session,
        rows,
        acknowledged=bindparam("b_ack"),
        is_due=bindparam("b_due"),
        sent={},
        undo_id=None,
        attempts=0,
        next_try_at=None,
        code="",
        reason="",
    )


def _postpone(session: Session, connection_id: int, result: WriteResult, *, at: datetime) -> None:
    """Try a refused record again later; much later if its refusal is final."""
    owed = session.get_one(
        tables.Owed, (connection_id, result.target.value, result.id), populate_existing=True
    )
    wait = LONGEST_RETRY if result.is_final else FIRST_RETRY * 2 ** min(owed.attempts, 12)
    owed.attempts += 1
    owed.next_try_at = at + min(wait, LONGEST_RETRY)
    owed.code, owed.reason = result.code, result.reason
    session.flush()


def _is_same(name: str, values: Values, before: Values) -> bool:
    return name in values and values[name] == before.get(name)


def _without(values: Mapping[str, Any], names: Collection[str]) -> Values:
    return {name: value for name, value in values.items() if name not in names}


def _rows(
    session: Session, connection_id: int, target: str, external_ids: Sequence[str]
) -> Sequence[tables.Owed]:
    owed = tables.Owed
    query = select(owed).where(
        owed.connection_id == connection_id,
        owed.target == target,
        col(owed.external_id).in_(external_ids),
    )
    return session.exec(query.execution_options(populate_existing=True)).all()


def _pages(
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


def _revise(
    session: Session, rows: Sequence[tables.Owed], change: Callable[[tables.Owed], None]
) -> None:
    """Change what is known of records, and with it whether they are due."""
    for row in rows:
        change(row)
        row.is_due = bool(_known(row).differences)
        session.add(row)
    session.flush()


def _set(session: Session, rows: Sequence[Mapping[str, Any]], **values: Any) -> None:  # noqa: ANN401 - columns of any kind
    """Set columns of records, which are told by ``b_c``, ``b_t`` and ``b_e``."""
    owed = SQLModel.metadata.tables[str(tables.Owed.__tablename__)]
    statement = (
        update(owed)
        .where(
            owed.c.connection_id == bindparam("b_c"),
            owed.c.target == bindparam("b_t"),
            owed.c.external_id == bindparam("b_e"),
        )
        .values(**values)
    )
    if rows:
        session.connection().execute(statement, list(rows))


def _known(row: Any) -> Known:  # noqa: ANN401 - a row of `_KNOWN`, or of the table
    return Known(
        wanted=dict(row.wanted),
        acknowledged=dict(row.acknowledged),
        theirs=dict(row.theirs),
        sent=dict(row.sent),
        undone=dict(row.undone),
        next_try_at=row.next_try_at,
        undo_id=row.undo_id,
    )
