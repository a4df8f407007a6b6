"""Scoring what changed leaves what scoring everything would, on both databases."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from app import pipeline
from app.pipeline import Link
from app.pipeline.memory import Memory
from app.pipeline.score import score
from app.store import connections, tables, touched
from connectors import Activity, Channel, Record
from tests.conftest import STREAMS
from tests.fakes import NOW, FakeConnector, colleague, contact, email

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


@pytest.fixture
def there(database: Engine, connection_id: int) -> Company:
    there = Company(database, connection_id)
    there.read()
    there.score()
    return there


def test_a_new_contact_is_scored_without_the_others(there: Company):
    there.read(email(900, "C3", "Ada", days_ago=0.1))
    done, ties = there.score(), there.snapshot().ties
    assert 0 < done["rescored"] < ties
    assert 0 < done["written"] <= done["rescored"]
    there.assert_whole()


def test_only_ties_of_the_two_people_are_scored(there: Company):
    there.read(email(900, "C3", "Ada", days_ago=0.1))
    done = there.score()
    with Session(there.database) as session:
        ids = dict(session.exec(select(tables.Person.name, tables.Person.id)).all())
        ends = {ids["Ada"], ids["C3"]}
        ties = session.exec(select(tables.Tie.a, tables.Tie.b)).all()
    assert done["rescored"] == sum(bool(ends & {a, b}) for a, b in ties)


def test_what_did_not_change_costs_nothing(there: Company):
    before = there.snapshot()
    done = there.score(at=NOW + timedelta(minutes=5))
    assert (done["rescored"], done["written"]) == (0, 0)
    assert there.snapshot() == before


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_the_store_holds_what_scoring_everything_gives(there: Company, seed: int):
    chance = np.random.default_rng(seed)
    for step in range(3):
        there.read(*happening(chance, 1000 * (step + 1)))
        there.score()
        there.assert_whole()


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


def test_a_new_day_is_scored_from_memory(there: Company):
    there.read(email(900, "C3", "Ada", days_ago=0.1))
    done = there.score(at=NOW + DAY)
    assert done["rescored"] == there.snapshot().ties
    there.assert_whole(at=NOW + DAY)


def test_what_was_to_come_counts_when_it_has_come(there: Company):
    there.read(meeting(901, "Ada", "C3", days_ago=-0.1))
    assert there.score()["written"] == 0
    later = NOW + timedelta(hours=3)
    assert there.score(at=later)["written"] > 0
    there.assert_whole(at=later)


def test_who_is_deleted_takes_their_ties_along(there: Company):
    before = there.snapshot().ties
    there.read(replace(contact("C3"), is_deleted=True))
    there.score()
    assert there.snapshot().ties < before
    there.assert_whole()


def test_a_new_name_is_on_every_card_it_was_on(there: Company):
    there.read(replace(contact("C3"), name="Carla"))
    there.score()
    there.assert_whole()
    with Session(there.database) as session:
        assert not [c for c in session.exec(select(tables.ScoreCard)) if '"C3"' in (c.body or "")]


def test_another_process_may_have_scored_meanwhile(there: Company):
    other = Memory()
    score(there.database, at=NOW, memory=other)
    there.read(email(900, "C3", "Ada", days_ago=0.1))
    score(there.database, at=NOW, memory=other)
    there.read(replace(email(900, "C3", "Ada", days_ago=0.1), is_deleted=True))
    there.score()
    there.assert_whole()
    there.read(email(902, "C5", "Ada", days_ago=0.1))
    score(there.database, at=NOW, memory=other)
    there.assert_whole()


def test_who_has_fallen_behind_the_notes_begins_anew(
    there: Company, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(touched, "KEPT", 1)
    for n in range(4):
        there.read(email(900 + n, f"C{n}", "Ada", days_ago=0.1))
    with Session(there.database) as session, session.begin():
        touched.trim(session)
    done = there.score()
    assert done["rescored"] == there.snapshot().ties
    there.assert_whole()


def test_a_connection_that_is_removed_takes_its_ties_along(there: Company, connection_id: int):
    with Session(there.database) as session, session.begin():
        connections.remove(session, connection_id)
    there.score()
    assert there.snapshot().ties == 0
    there.assert_whole()


def test_what_a_scoring_that_failed_found_is_forgotten(there: Company):
    there.read(email(900, "C3", "Ada", days_ago=0.1))

    def stop(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score(there.database, at=NOW, memory=there.memory, watch=stop)
    assert there.score()["written"] > 0
    there.assert_whole()
