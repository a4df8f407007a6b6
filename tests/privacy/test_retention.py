"""Old activities are dropped, and what follows from days stays as it was."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.errors import Unreadable
from app.pipeline.score import score
from app.privacy import erasures, retention
from app.store import tables
from app.store.audit import Actor
from connectors import Channel, Record
from tests.conftest import Run
from tests.fakes import NOW, FakeConnector, colleague, contact, email

EVA = Actor("Eva")
DAYS = 90
LOST = {"a_answers_h", "b_answers_h", "first_s", "last_s", "doubts", "trend"}
"""What of a tie follows from more than days; its dates are looked at apart."""


def company() -> list[Record]:
    """A year of mail, several a day now and then, and meetings."""
    records: list[Record] = [colleague("Ada"), colleague("Cy"), *map(contact, ("Bo", "Di", "Ed"))]
    for n in range(200):
        ends = (("Ada", "Cy")[n % 2], ("Bo", "Di", "Ed")[n % 3])[:: 1 if n % 5 else -1]
        records.append(replace(email(n, *ends, days_ago=2 * (n // 2) + 0.1), thread=f"T{n % 9}"))
    for n in range(20):
        met = email(300 + n, "Ada", "Bo", "Di", days_ago=15 * n + 0.2)
        records.append(replace(met, channel=Channel.MEETING, duration_s=1800.0))
    return records


def keep_for(database: Engine, days: int | None) -> None:
    with Session(database) as session, session.begin():
        retention.keep_for(session, days, actor=EVA)


def ties(database: Engine) -> list[dict[str, Any]]:
    with Session(database) as session:
        rows = session.exec(select(tables.Tie).order_by(tables.Tie.a, tables.Tie.b)).all()  # type: ignore[arg-type]
    return [row.model_dump(exclude=LOST) | {"last": row.last_s // 86_400} for row in rows]


def old(database: Engine) -> Sequence[str]:
    until = NOW - timedelta(days=DAYS + 1)
    with Session(database) as session:
        found = session.exec(select(tables.Activity).where(tables.Activity.at < until)).all()
        return [one.external_id for one in found]


def test_what_is_old_is_dropped_and_every_tie_stays_as_it_was(run: Run, database: Engine):
    run(FakeConnector(company()))
    before = ties(database)
    assert old(database)
    keep_for(database, DAYS)
    run(FakeConnector())
    assert old(database) == []
    assert ties(database) == before
    assert score(database, at=NOW)["written"] == 0


def test_what_is_dropped_is_not_read_again(run: Run, database: Engine):
    fake = FakeConnector(company())
    run(fake)
    before = ties(database)
    keep_for(database, DAYS)
    run(fake)
    again = next(r for r in company() if r.id == "email 190")
    fake.records += [again, replace(email(999, "Ada", "Bo", days_ago=200))]
    run(fake)
    assert old(database) == []
    assert ties(database) == before


def test_days_pass_out_one_after_the_other(run: Run, database: Engine):
    run(FakeConnector(company()))
    keep_for(database, 365)
    run(FakeConnector())
    before = ties(database)
    keep_for(database, DAYS)
    run(FakeConnector())
    keep_for(database, 21)
    run(FakeConnector())
    assert ties(database) == before


def test_a_silence_that_began_before_is_measured_from_noon(run: Run, database: Engine):
    mails = [email(n, *("Ada", "Bo")[:: 1 - 2 * (n % 2)], days_ago=110 + 3 * n) for n in range(20)]
    run(FakeConnector([colleague("Ada"), contact("Bo"), *mails]))
    (before,) = ties(database)
    keep_for(database, DAYS)
    run(FakeConnector())
    (after,) = ties(database)
    assert after["points"] == pytest.approx(before["points"], abs=1)
    same = ("active_days", "a_to_b", "b_to_a", "rhythm_days", "status", "last")
    assert [after[name] for name in same] == [before[name] for name in same]


def test_a_first_reading_is_dropped_when_it_is_done(run: Run, database: Engine):
    keep_for(database, DAYS)
    run(FakeConnector(company()))
    assert old(database) == []
    assert len(ties(database)) == 6


def test_what_is_kept_by_the_day_is_erased_too(run: Run, database: Engine):
    run(FakeConnector(company()))
    keep_for(database, 21)
    run(FakeConnector())
    with Session(database) as session, session.begin():
        bo = session.exec(select(tables.Person.id).where(tables.Person.name == "Bo")).one() or 0
        erasures.erase(session, bo, actor=EVA)
    run(FakeConnector())
    with Session(database) as session:
        left = session.exec(select(tables.Past)).all()
    assert left
    assert [one for one in left if bo in (one.source, one.target)] == []
    assert [tie for tie in ties(database) if bo in (tie["a"], tie["b"])] == []


def test_who_turns_out_to_be_somebody_takes_their_past_along(run: Run, database: Engine):
    fake = FakeConnector(company())
    run(fake)
    keep_for(database, 21)
    run(fake)
    before = len(ties(database))
    both = ("di@fake.example", "bo@fake.example")
    fake.records.append(replace(contact("Di"), name="Bo Di", addresses=both))
    run(fake)
    with Session(database) as session:
        whose = set(session.exec(select(tables.Past.target)).all())
        there = set(session.exec(select(tables.Profile.person_id)).all())
    assert whose <= there
    assert len(ties(database)) < before


@pytest.mark.parametrize("days", [0, 30, -1])
def test_only_some_lengths_can_be_chosen(database: Engine, days: int):
    with pytest.raises(Unreadable):
        keep_for(database, days)
