"""What it costs to score what changed, beside scoring everything; on a generated company.

``python -m tests.benchmarks.incremental`` prints milliseconds per batch and per event, for the
engine alone and for the whole score stage with its store (SQLite in a temporary folder); then what
one contact more costs two people who had more and more of them in three years. A company of 10,000
people and a million interactions needs about 4 GB and some minutes; ``--interactions`` makes it
smaller.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import Engine
from sqlmodel import Session, func, select

from app.engine import CHANNELS, DEFAULT, DEFAULT_CURVE, Interactions, Running, Threaded
from app.engine.cells import Cells, gather
from app.engine.compressed import find
from app.engine.held import Days
from app.engine.weights import Ints
from app.pipeline.memory import Memory
from app.pipeline.score import end_of_day, score
from app.store import tables, touched
from app.store.database import insert, migrate, open_database

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
AT_S, AS_OF_S = int(AT.timestamp()), int(end_of_day(AT).timestamp())
DAY_S = 86_400
BATCHES = (1, 100, 5_000)
HISTORIES = (10, 100, 1_000, 10_000)
TIMES = 20
NO_MESSAGES = Threaded(*np.zeros((4, 0), dtype=np.int64))
CONNECTION, COLLEAGUES_IN = 1, 10


def company(people: int, interactions: int, *, seed: int) -> Interactions:
    """Mail and meetings of three years; one in ten is a colleague, and some are far busier."""
    chance = np.random.default_rng(seed)
    colleagues = people // COLLEAGUES_IN
    ours = 1 + (colleagues * chance.random(interactions) ** 2).astype(np.int64)
    near = chance.geometric(0.02, interactions) * 37 + ours * 101
    theirs = 1 + colleagues + near % (people - colleagues)
    is_ours = chance.random(interactions) < 0.5
    age_s = (3 * 365 * DAY_S * chance.random(interactions) ** 1.5).astype(np.int64)
    is_meeting = chance.random(interactions) < 0.1
    return Interactions(
        source=np.where(is_ours, ours, theirs),
        target=np.where(is_ours, theirs, ours),
        at_s=AT_S - 1 - age_s,
        channel=np.where(is_meeting, CHANNELS.index("meeting"), 0).astype(np.int8),
        recipients=chance.geometric(0.5, interactions).astype(np.int32),
        duration_s=np.where(is_meeting, 1800.0, 0.0),
        is_directed=~is_meeting,
    )


def contacts(people: int, interactions: int) -> Interactions:
    """A company, and beside it pairs of people more with long histories."""
    met = company(people, interactions, seed=1)
    return joined(met, histories(met, people, seed=2))


def timed(work: Callable[[], object]) -> float:
    """Seconds of the processor that something takes: others may be using it too."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def batch(met: Interactions, size: int, *, seed: int) -> Interactions:
    """So many new contacts of today, spread as old ones are."""
    chosen = np.random.default_rng(seed).choice(len(met), size, replace=False)
    return replace(met.where(chosen), at_s=np.full(size, AT_S - 1))


def ends(met: Interactions) -> tuple[Ints, Ints]:
    """The lower and the higher person number of each."""
    return np.minimum(met.source, met.target), np.maximum(met.source, met.target)


def histories(met: Interactions, people: int, *, seed: int) -> Interactions:
    """Mail of pairs of people more, each with as many as one of `HISTORIES`, at any hour."""
    chance = np.random.default_rng(seed)
    person = np.repeat(people + 1 + 2 * np.arange(len(HISTORIES)), HISTORIES)
    there = chance.random(len(person)) < 0.5
    rows = met.where(np.resize(np.flatnonzero(met.is_directed), len(person)))
    return replace(
        rows,
        source=np.where(there, person, person + 1),
        target=np.where(there, person + 1, person),
        at_s=AT_S - DAY_S - (3 * 365 * DAY_S * chance.random(len(person))).astype(np.int64),
    )


def joined(one: Interactions, other: Interactions) -> Interactions:
    """One after the other."""
    names = Interactions.__dataclass_fields__
    return Interactions(*(np.concatenate([getattr(one, n), getattr(other, n)]) for n in names))


def of_today(met: Interactions, fresh: Interactions) -> tuple[Days, Cells]:
    """The day of the pairs of new contacts, and all that passed between them on it."""
    a, b = np.unique(np.stack(ends(fresh)), axis=1)
    low, high = ends(met)
    there = (met.at_s >= AT_S // DAY_S * DAY_S) & (find(a, b, low, high) >= 0)
    days = Days(a, b, np.full(len(a), AT_S // DAY_S))
    return days, gather(joined(met.where(there), fresh), cut_s=0)


def of_engine(met: Interactions, people: int) -> list[tuple[str, int, float]]:
    """What the engine takes for everything, and for batches."""
    running: list[Running] = []

    def begin() -> None:
        running.append(Running(gather(met, cut_s=0), NO_MESSAGES, as_of_s=AS_OF_S))

    whole = timed(begin)
    rows = [("engine, everything", len(met), whole)]
    kept = running[0]
    rows.append(
        (
            "engine, a new day",
            len(met),
            timed(lambda: kept.move_to(AS_OF_S, weights=DEFAULT, curve=DEFAULT_CURVE)),
        )
    )
    for seed, size in enumerate((1, *BATCHES)):  # the first warms up
        days, cells = of_today(met, batch(met, size, seed=seed))
        rows.append(("engine", size, timed(lambda: kept.change(days, cells, NO_MESSAGES))))  # noqa: B023 - called at once
    return [rows[0], rows[1], *rows[3:], *of_histories(kept, met, people)]


def of_pair(met: Interactions, people: int, place: int) -> Interactions:
    """The mail of one of the pairs of `histories`."""
    one = people + 1 + 2 * place
    return met.where((met.source == one) | (met.target == one))


def of_histories(running: Running, met: Interactions, people: int) -> list[tuple[str, int, float]]:
    """What the engine takes for one contact more of two people, however many they had."""
    rows = []
    for place, many in enumerate(HISTORIES):
        mail = of_pair(met, people, place)
        fresh = replace(mail.where(np.arange(1)), at_s=np.full(1, AT_S - 1))
        days, cells = of_today(mail, fresh)
        none = cells.where(slice(0))
        running.change(days, cells, NO_MESSAGES)  # the first warms up
        seconds = 0.0
        for _ in range(TIMES):
            running.change(days, none, NO_MESSAGES)
            seconds += timed(lambda: running.change(days, cells, NO_MESSAGES))  # noqa: B023 - called at once
        rows.append((f"engine, of two with {many:,} before", 1, seconds / TIMES))
    return rows


def fill(database: Engine, met: Interactions, people: int) -> None:
    """Put a company into an empty store, resolved already."""
    with Session(database) as session, session.begin():
        session.add(
            tables.Connection(
                id=CONNECTION,
                crm="none",
                title="None",
                tenant="none",
                token=b"none",
                credentials=b"",
                created_at=AT,
            )
        )
        session.flush()
        colleagues = people // COLLEAGUES_IN
        names = [
            {"id": i, "name": f"Person {i}", "is_colleague": i <= colleagues}
            for i in range(1, people + 1 + 2 * len(HISTORIES))
        ]
        insert(session, tables.Person, names)
        add(session, met, 0)


def add(session: Session, met: Interactions, first: int) -> None:
    """Keep contacts, each as an activity of its own, and note whose they are."""
    ids = [f"{first + n:08}" for n in range(len(met))]
    insert(
        session,
        tables.Activity,
        [
            {
                "connection_id": CONNECTION,
                "external_id": one,
                "stream": "emails",
                "channel": "email",
                "at": AT,
                "recipients": 1,
                "duration_s": 0.0,
                "happened": True,
                "is_deleted": False,
                "modified_at": AT,
                "participants": [],
                "is_resolved": True,
            }
            for one in ids
        ],
    )
    columns = (
        met.source,
        met.target,
        met.at_s,
        met.channel,
        met.recipients,
        met.duration_s,
        met.is_directed,
    )
    rows = zip(ids, *(column.tolist() for column in columns), strict=True)
    insert(
        session,
        tables.Interaction,
        [
            {
                "connection_id": CONNECTION,
                "activity_id": one,
                "source": source,
                "target": target,
                "at_s": at_s,
                "channel": CHANNELS[channel],
                "recipients": recipients,
                "duration_s": duration_s,
                "is_directed": is_directed,
            }
            for one, source, target, at_s, channel, recipients, duration_s, is_directed in rows
        ],
    )
    days = (met.at_s // DAY_S).tolist()
    touched.note(session, zip(*(end.tolist() for end in ends(met)), days, strict=True))


def of_stage(met: Interactions, people: int) -> list[tuple[str, int, float]]:
    """What the score stage takes for everything, and for batches."""
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{Path(folder)}/tieline.db")
        migrate(database)
        fill(database, met, people)
        memory = Memory()
        rows = [
            (
                "score stage, everything",
                len(met),
                timed(lambda: score(database, at=AT, memory=memory)),
            )
        ]
        for seed, size in enumerate((1, *BATCHES)):
            fresh = batch(met, size, seed=seed)
            with Session(database) as session, session.begin():
                add(session, fresh, len(met) + 10_000 * (seed + 1))
            rows.append(("score stage", size, timed(lambda: score(database, at=AT, memory=memory))))
        for place, many in enumerate(HISTORIES):
            fresh = batch(of_pair(met, people, place), 1, seed=place)
            with Session(database) as session, session.begin():
                add(session, fresh, 2 * len(met) + place)
            seconds = timed(lambda: score(database, at=AT, memory=memory))
            rows.append((f"score stage, of two with {many:,} before", 1, seconds))
        rows += of_a_start(database)
        database.dispose()
    return [rows[0], *rows[2:]]


def of_a_start(database: Engine) -> list[tuple[str, int, float]]:
    """What it takes a process that starts to score another day."""
    tomorrow, memory = AT + timedelta(days=1), Memory()
    with Session(database) as session:
        there = session.exec(select(func.count()).select_from(tables.Interaction)).one()
    seconds = timed(lambda: score(database, at=tomorrow, memory=memory))
    return [("score stage, a process that starts, a new day", there, seconds)]


def table(rows: Sequence[tuple[str, int, float]]) -> str:
    """The rows as Markdown."""
    lines = ["| | events | ms | us per event |", "|---|---|---|---|"]
    lines += [
        f"| {what} | {events:,} | {1e3 * seconds:,.0f} | {1e6 * seconds / events:,.1f} |"
        for what, events, seconds in rows
    ]
    return "\n".join(lines)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--interactions", type=int, default=1_000_000)
    parser.add_argument("--no-store", action="store_true", help="Only the engine.")
    asked = parser.parse_args()
    met = contacts(asked.people, asked.interactions)
    rows = of_engine(met, asked.people)
    if not asked.no_store:
        rows += of_stage(met, asked.people)
    print(table(rows))


if __name__ == "__main__":
    main()
