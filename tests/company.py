"""A small company in which things happen, and whose every scoring is held to scoring everything."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import Engine
from sqlmodel import Session

from app import pipeline
from app.pipeline import Link
from app.pipeline.memory import Memory
from app.pipeline.score import score
from app.store import tables
from connectors import Activity, Channel, Record
from tests.fakes import NOW, STREAMS, FakeConnector, colleague, contact, email

DAY = timedelta(days=1)
COLLEAGUES = ("Ada", "Cy", "Di")


def company() -> list[Record]:
    """Two years of threaded mail of three colleagues with twelve contacts."""
    records: list[Record] = [colleague(name) for name in COLLEAGUES]
    records += [contact(f"C{n}") for n in range(12)]
    for n in range(150):
        ends = (COLLEAGUES[n % 3], f"C{n * 7 % 12}")[:: 1 if n % 4 else -1]
        records.append(replace(email(n, *ends, days_ago=4 * n + n % 5), thread=f"T{n % 9}"))
    return records


def meeting(number: int, one: str, other: str, *, days_ago: float) -> Activity:
    mail = email(number, one, other, days_ago=days_ago)
    return replace(mail, channel=Channel.MEETING, duration_s=1800.0)


class Company:
    """A company whose every scoring is compared with scoring everything."""

    def __init__(self, database: Engine, connection_id: int) -> None:
        self.database, self.memory = database, Memory()
        self.fake = FakeConnector(company())
        self._link = Link(connection_id, "Fake", self.fake, STREAMS)

    def read(self, *records: Record, now: datetime = NOW) -> None:
        self.fake.records.extend(records)
        stages = ("pull", "resolve")
        pipeline.run(self.database, [self._link], only=stages, now=lambda: now)

    def score(self, *, at: datetime = NOW) -> dict[str, int]:
        return dict(score(self.database, at=at, memory=self.memory))

    def snapshot(self) -> tables.Snapshot:
        with Session(self.database) as session:
            return session.get_one(tables.Snapshot, 1)

    def assert_whole(self, *, at: datetime = NOW) -> None:
        """Scoring everything anew finds nothing to write."""
        before = self.snapshot()
        assert score(self.database, at=at)["written"] == 0
        assert self.snapshot() == before


def happening(chance: np.random.Generator, number: int) -> Sequence[Record]:
    """Some new contact, late contact, changed contact, and contact that was deleted."""
    ours, theirs = COLLEAGUES[chance.integers(3)], f"C{chance.integers(14)}"
    again, gone = (int(one) for one in chance.integers(150, size=2))
    return [
        contact("C12"),
        contact("C13"),
        email(number, ours, theirs, days_ago=chance.random()),
        meeting(number + 1, ours, theirs, days_ago=float(chance.integers(300))),
        email(again, ours, theirs, days_ago=float(chance.integers(500))),
        replace(email(gone, ours, theirs, days_ago=3), is_deleted=True),
        replace(email(number + 2, theirs, ours, days_ago=0.05), thread="T1"),
    ]
