"""What it costs to score what changed, beside scoring everything; on a generated company.

``python -m tests.benchmarks.incremental`` prints milliseconds per batch and per event, for the
engine alone and for the whole score stage with its store (SQLite in a temporary folder). A company
of 10,000 people and a million interactions needs about 4 GB and some minutes; ``--interactions``
makes it smaller.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from sqlalchemy import Engine
from sqlmodel import Session

from app.engine import CHANNELS, DEFAULT, DEFAULT_CURVE, Interactions, Running, Threaded
from app.engine.held import ends, joined
from app.engine.weights import Ints
from app.pipeline.memory import Memory
from app.pipeline.score import end_of_day, score
from app.store import tables, touched
from app.store.database import insert, migrate, open_database

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
AT_S, AS_OF_S = int(AT.timestamp()), int(end_of_day(AT).timestamp())
DAY_S = 86_400
BATCHES = (1, 100, 5_000)
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


def timed(work: Callable[[], object]) -> float:
    """Seconds of the processor that something takes: others may be using it too."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def batch(met: Interactions, size: int, *, seed: int) -> tuple[Ints, Ints, Interactions]:
    """The pairs of so many new contacts, as old ones are spread, and the contacts, of today."""
    chosen = np.random.default_rng(seed).choice(len(met), size, replace=False)
    fresh = replace(met.where(chosen), at_s=np.full(size, AT_S - 1))
    a, b = np.unique(np.stack(ends(fresh)), axis=1)
    return a, b, fresh


def of_engine(met: Interactions) -> list[tuple[str, int, float]]:
    """What the engine takes for everything, and for batches."""
    running: list[Running] = []
    whole = timed(lambda: running.append(Running(met, NO_MESSAGES, as_of_s=AS_OF_S)))
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
        a, b, fresh = batch(met, size, seed=seed)
        now = joined([kept.held.of_pairs(a, b), fresh])
        rows.append(("engine", size, timed(lambda: kept.change(a, b, now, NO_MESSAGES))))  # noqa: B023 - called at once
    return [rows[0], rows[1], *rows[3:]]


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
            for i in range(1, people + 1)
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
    touched.note(session, zip(*(end.tolist() for end in ends(met)), strict=True))


def of_stage(met: Interactions, people: int) -> list[tuple[str, int, float]]:
    """What the score stage takes for everything, and for batches."""
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{Path(folder)}/tieline.db")
        migrate(database)
        fill(database, met, people)
        memory = Memory()
        rows = [
            ("stage, everything", len(met), timed(lambda: score(database, at=AT, memory=memory)))
        ]
        for seed, size in enumerate((1, *BATCHES)):
            _, _, fresh = batch(met, size, seed=seed)
            with Session(database) as session, session.begin():
                add(session, fresh, len(met) + 10_000 * (seed + 1))
            rows.append(("stage", size, timed(lambda: score(database, at=AT, memory=memory))))
        database.dispose()
    return [rows[0], *rows[2:]]


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
    met = company(asked.people, asked.interactions, seed=1)
    rows = of_engine(met)
    if not asked.no_store:
        rows += of_stage(met, asked.people)
    print(table(rows))


if __name__ == "__main__":
    main()
