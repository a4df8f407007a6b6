"""Keeping a scoring: only what differs from the snapshot in force is written.

What did not change keeps its row, and a card the number of the snapshot that changed it last. So a
run that finds nothing new writes nothing, and whoever acts on cards looks at the changed ones.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, bindparam, delete, select, tuple_
from sqlmodel import Session, SQLModel

from app.store import tables
from app.store.database import insert, slices, upsert
from app.store.scores import IN_FORCE

Row = Mapping[str, Any]
Key = tuple[Any, ...]
Change = tuple[Row | None, Row | None]
"""A row as it was and as it is; None where there is none."""

DIGITS = 32
"""Hexadecimal digits of a digest."""

_UNTOLD = ("changed_seq",)
"""Columns that say when, and not what."""


@dataclass(frozen=True, slots=True)
class Scored:
    """The rows of a scoring: of those ties and people that were looked at, and all the rest.

    Attributes:
        pairs: The ties that were looked at, (a, b), those that are gone too; None for all.
        people: Whose cards were looked at; None for everybody.
        ties: Their rows as they are now.
        cards: Their cards as they are now.
        advice: Every recommendation.
        coverage: All there is.
    """

    pairs: Collection[tuple[int, int]] | None
    people: Collection[int] | None
    ties: Sequence[Row]
    cards: Sequence[Row]
    advice: Sequence[Row]
    coverage: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Written:
    """What was new, different or gone.

    Attributes:
        ties: How many of them were.
        cards: The same.
        is_new: Whether anything at all was.
        is_comparable: The last scoring was by the same model and weights.
        ties_changed: Them, as they were and as they are; and so on.
    """

    ties: int
    cards: int
    is_new: bool
    is_comparable: bool = field(default=False, compare=False)
    ties_changed: Sequence[Change] = field(default=(), compare=False)
    cards_changed: Sequence[Change] = field(default=(), compare=False)
    advice_changed: Sequence[Change] = field(default=(), compare=False)


def keep(session: Session, snapshot: tables.Snapshot, found: Scored) -> Written:
    """Make a scoring the snapshot in force; one that says the same stays, with its number.

    Args:
        session: Nothing is committed.
        snapshot: Its number and digest are given here.
        found: What differs of it is written.
    """
    last = session.get(tables.Snapshot, IN_FORCE)
    seq = (last.seq if last else 0) + 1
    ties = _difference(session, tables.Tie, found.ties, _of_pairs(found.pairs))
    cards = _difference(session, tables.ScoreCard, found.cards, _of_people(found.people))
    others = [
        _difference(session, tables.Recommendation, found.advice, [None]),
        _difference(session, tables.Coverage, found.coverage, [None]),
    ]
    change = _head(snapshot) - (_head(last) if last else 0)
    change += sum(one.digest for one in (ties, cards, *others))
    digest = ((int(last.digest, 16) if last else 0) + change) % 16**DIGITS
    is_new = last is None or change != 0
    is_comparable = last is not None and _way(last) == _way(snapshot)
    changed = [one.both() for one in (ties, cards, others[0])]
    if is_new:
        cards.told(seq)
        for one in (ties, cards, *others):
            one.write(session)
        snapshot.id, snapshot.seq, snapshot.digest = IN_FORCE, seq, f"{digest:0{DIGITS}x}"
        session.merge(snapshot)
        session.flush()
    return Written(len(ties), len(cards), is_new, is_comparable, *changed)


@dataclass(slots=True)
class _Difference:
    """What is to be done to one table, and what it does to the digest."""

    table: type[SQLModel]
    new: list[dict[str, Any]]
    changed: list[dict[str, Any]]
    gone: list[Key]
    old: dict[Key, tuple[Any, ...]]
    digest: int

    def __len__(self) -> int:
        return len(self.new) + len(self.changed) + len(self.gone)

    def both(self) -> list[Change]:
        """Every change; a row without what only says when."""
        columns = _columns(self.table)
        names = [column.name for column in columns.columns if column.name not in _UNTOLD]
        key = [column.name for column in columns.primary_key]
        old = {k: dict(zip(names, row, strict=True)) for k, row in self.old.items()}
        changed = [(old[tuple(row[name] for name in key)], row) for row in self.changed]
        return [
            *((None, row) for row in self.new),
            *changed,
            *((old[one], None) for one in self.gone),
        ]

    def told(self, seq: int) -> None:
        """Say of each card which snapshot changed it; of whoever lost theirs, none is left."""
        for row in (*self.new, *self.changed):
            row["changed_seq"] = seq
        self.changed += [
            {"person_id": key[0], "body": None, "changed_seq": seq} for key in self.gone
        ]
        self.gone = []

    def write(self, session: Session) -> None:
        """Write it."""
        insert(session, self.table, self.new)
        columns = _columns(self.table)
        key = [column.name for column in columns.primary_key]
        compared = [c.name for c in columns.columns if c.name not in key]
        upsert(session, self.table, self.changed, compared=compared)
        if self.gone:
            is_one = and_(*(columns.c[name] == bindparam(f"old_{name}") for name in key))
            rows = [{f"old_{n}": v for n, v in zip(key, k, strict=True)} for k in self.gone]
            session.connection().execute(delete(columns).where(is_one), rows)


def _difference(
    session: Session,
    table: type[SQLModel],
    rows: Sequence[Row],
    scopes: Sequence[ColumnElement[bool] | None],
) -> _Difference:
    columns = _columns(table)
    names = [column.name for column in columns.columns if column.name not in _UNTOLD]
    key = [column.name for column in columns.primary_key]
    places = [names.index(name) for name in key]
    there = {tuple(row[p] for p in places): row for row in _there(session, columns, names, scopes)}
    found = _Difference(table, [], [], [], {}, 0)
    for row in rows:
        values = tuple(row[name] for name in names)
        old = there.pop(tuple(row[name] for name in key), None)
        if old != values:
            (found.new if old is None else found.changed).append(dict(row))
            if old is not None:
                found.old[tuple(row[name] for name in key)] = old
            found.digest += _hash(table, values) - (_hash(table, old) if old else 0)
    gone = {k: old for k, old in there.items() if not _is_empty(table, old)}
    found.gone = list(gone)
    found.old |= gone
    found.digest -= sum(_hash(table, old) for old in gone.values())
    return found


def _there(
    session: Session,
    columns: Table,
    names: Sequence[str],
    scopes: Sequence[ColumnElement[bool] | None],
) -> Iterator[tuple[Any, ...]]:
    for scope in scopes:
        query = select(*(columns.c[name] for name in names))
        if scope is not None:
            query = query.where(scope)
        yield from map(tuple, session.connection().execute(query))


def _of_pairs(pairs: Collection[tuple[int, int]] | None) -> Sequence[ColumnElement[bool] | None]:
    if pairs is None:
        return [None]
    tie = _columns(tables.Tie)
    return [tuple_(tie.c.a, tie.c.b).in_(few) for few in slices(sorted(pairs))]


def _of_people(people: Collection[int] | None) -> Sequence[ColumnElement[bool] | None]:
    if people is None:
        return [None]
    card = _columns(tables.ScoreCard)
    return [card.c.person_id.in_(few) for few in slices(sorted(people))]


def _columns(table: type[SQLModel]) -> Table:
    return SQLModel.metadata.tables[str(table.__tablename__)]


def _is_empty(table: type[SQLModel], row: tuple[Any, ...]) -> bool:
    """Whether it is the card of somebody who had none left already."""
    return table is tables.ScoreCard and None in row


def _hash(table: type[SQLModel], row: tuple[Any, ...]) -> int:
    return 0 if _is_empty(table, row) else _number([table.__tablename__, *row])


def _way(snapshot: tables.Snapshot) -> tuple[str, int]:
    """By what it was scored."""
    return snapshot.model, snapshot.weights


def _head(snapshot: tables.Snapshot) -> int:
    return _number([snapshot.as_of, snapshot.model, snapshot.weights, snapshot.alive])


def _number(row: Sequence[Any]) -> int:
    # The keys are sorted, because PostgreSQL keeps them in an order of its own.
    text = json.dumps(row, sort_keys=True, default=str)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=DIGITS // 2).digest())
