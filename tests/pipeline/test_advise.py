"""Advice: the most pressing, not too much of it, and not the same again too soon."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.engine import recommendations
from app.pipeline import advise
from app.pipeline.score import score
from app.store import tables
from connectors import Record
from tests.conftest import Run
from tests.fakes import NOW, FakeConnector, colleague, contact, email

MONDAY = datetime(2026, 11, 23, 9, tzinfo=NOW.tzinfo)
DAY = timedelta(days=1)

Told = Callable[[datetime], list[str]]


def silent(number: int, name: str) -> list[Record]:
    """Two years of weekly mail with somebody, which ended ten weeks ago."""
    days = [70 + 7 * week for week in range(20)]
    there = [email(number + d, "Ada", name, days_ago=d) for d in days]
    back = [email(number + 500 + d, name, "Ada", days_ago=d) for d in days]
    return [contact(name), *there, *back]


def crm(contacts: int) -> FakeConnector:
    known = [one for n in range(contacts) for one in silent(1000 * n, f"C{n:02}")]
    here = [email(90_000 + n, "Ada", "Zoe", days_ago=n) for n in range(-70, 30)]
    return FakeConnector([colleague("Ada"), contact("Zoe"), *known, *here])


@pytest.fixture
def told(database: Engine) -> Told:
    """Score at a moment; gives what is recommended then, as "rule contact"."""

    def told(at: datetime) -> list[str]:
        score(database, at=at)
        with Session(database) as session:
            named = {row.id: row.name for row in session.exec(select(tables.Person))}
            rows = session.exec(select(tables.Recommendation)).all()
            return sorted(f"{row.rule} {named[row.contact_id]}" for row in rows)

    return told


def due(database: Engine) -> set[str]:
    with Session(database) as session:
        return {str(row.due_on) for row in session.exec(select(tables.Recommendation))}


def test_nobody_is_given_more_in_a_week_than_can_be_done(run: Run, told: Told):
    run(crm(contacts=14), only=("pull", "resolve"))
    friday = told(NOW)
    assert len(friday) == advise.MOST_PER_WEEK
    assert told(NOW + DAY) == friday
    assert len(told(MONDAY)) == 14


def test_advice_is_due_on_the_same_day_however_often_it_is_shown(
    run: Run, told: Told, database: Engine
):
    run(crm(contacts=1), only=("pull", "resolve"))
    told(NOW)
    first = due(database)
    told(NOW + 3 * DAY)
    assert due(database) == first == {"2026-11-27"}


def test_advice_that_was_taken_ends(run: Run, told: Told):
    fake = crm(contacts=1)
    run(fake, only=("pull", "resolve"))
    assert told(NOW) == ["reconnect C00"]
    fake.records.append(email(99_000, "Ada", "C00", days_ago=-1))
    run(fake, only=("pull", "resolve"))
    assert "reconnect C00" not in told(NOW + 2 * DAY)


def test_the_same_advice_is_not_repeated_before_its_time(run: Run, told: Told):
    run(crm(contacts=1), only=("pull", "resolve"))
    again = recommendations.rule("reconnect").AGAIN_DAYS
    shown = [day for day in range(again + 2) if day % 10 == 0 or day >= again - 1]
    days = [day for day in shown if "reconnect C00" in told(NOW + day * DAY)]
    assert days == [0, 10, again, again + 1]


def test_about_a_contact_there_is_one_piece_of_advice_at_a_time(run: Run, database: Engine):
    run(crm(contacts=3))
    with Session(database) as session:
        about = [row.contact_id for row in session.exec(select(tables.Recommendation))]
    assert len(about) == len(set(about)) > 0


def test_scoring_again_at_the_same_moment_advises_the_same(run: Run, told: Told):
    run(crm(contacts=14), only=("pull", "resolve"))
    assert told(NOW) == told(NOW) == told(NOW + timedelta(minutes=5))
