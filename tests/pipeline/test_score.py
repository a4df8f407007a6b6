"""The score stage: what is kept of a scoring, and how true its chances came."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session, select

from app.engine import ENOUGH, Fit
from app.pipeline.score import score
from app.store import scores, tables
from app.store.cards import Card
from tests.conftest import Run
from tests.fakes import NOW, FakeConnector, colleague, contact, email

DAY = timedelta(days=1)


def company(contacts: int) -> FakeConnector:
    """A third of the contacts write both ways every month, the others stopped some time ago."""
    records = [colleague("Ada")]
    for n in range(contacts):
        who, stopped = f"C{n}", 4 + n % 9 if n % 3 else 0
        records.append(contact(who))
        for month in range(stopped, 14):
            records.append(email(1000 * n + 2 * month, "Ada", who, days_ago=30 * month + 5))
            records.append(email(1000 * n + 2 * month + 1, who, "Ada", days_ago=30 * month + 4))
    return FakeConnector(records)


def kept(database: Engine) -> tuple[tables.Snapshot, Fit]:
    with Session(database) as session:
        found = scores.fit_in_force(session)
    assert found is not None
    return found


def test_without_enough_of_a_past_the_default_curve_is_in_force(run: Run, database: Engine):
    run(company(contacts=4))
    _, fit = kept(database)
    assert (fit.is_own, fit.own) == (False, None)
    assert 0 < fit.came + fit.lapsed < ENOUGH


def test_a_company_with_a_past_is_told_by_its_own_curve_and_how_true_it_came(
    run: Run, database: Engine
):
    run(company(contacts=130))
    _, fit = kept(database)
    assert fit.own is not None
    assert fit.is_own
    assert fit.own.brier <= fit.default.brier
    assert fit.own.brier < fit.own.base_brier
    with Session(database) as session:
        alive = {row.alive for row in session.exec(select(tables.Tie))}
    score(database, at=NOW + timedelta(minutes=5))
    assert kept(database)[1] == fit
    assert len(alive) > 1


def test_the_curve_is_found_once_a_day(run: Run, database: Engine):
    fake = company(contacts=4)
    run(fake)
    first, fit = kept(database)
    fake.records.append(email(99_999, "C0", "Ada", days_ago=100))
    run(fake)
    second, same = kept(database)
    assert (first.digest != second.digest, same) == (True, fit)
    score(database, at=NOW + DAY)
    assert kept(database)[1] != fit


def test_a_snapshot_that_would_be_the_same_stays(run: Run, database: Engine):
    run(company(contacts=4))
    assert score(database, at=NOW)["written"] == 0
    assert score(database, at=NOW + DAY)["written"] > 0


def test_trend_and_depth_are_kept_with_a_tie(run: Run, database: Engine):
    old = [email(n, *("Ada", "Bo")[:: 1 if n % 2 else -1], days_ago=40 + n) for n in range(400)]
    new = [email(500 + n, "Ada", "Cy", days_ago=n) for n in range(9)]
    run(FakeConnector([colleague("Ada"), contact("Bo"), contact("Cy"), *old, *new]))
    with Session(database) as session:
        bo, cy = session.exec(select(tables.Tie).order_by(tables.Tie.first_s))
    assert bo.trend < 0 < cy.trend
    assert bo.depth > bo.points
    assert (cy.depth, cy.trend) == (0, cy.points)


@pytest.mark.parametrize(("mails", "told"), [(1, "contact on 1 day only"), (30, "")])
def test_little_contact_is_told_as_a_doubt(run: Run, database: Engine, mails: int, told: str):
    there = [email(n, "Ada", "Bo", days_ago=n + 1) for n in range(mails)]
    run(FakeConnector([colleague("Ada"), contact("Bo"), *there]))
    with Session(database) as session:
        doubts = session.exec(select(tables.Tie)).one().doubts.splitlines()
    assert doubts == [*([told] if told else []), "nothing in the calendar for half a year"]


def test_how_soon_two_answer_is_told_where_threads_are(run: Run, database: Engine):
    asked = replace(email(1, "Ada", "Bo", days_ago=3), thread="T")
    answer = replace(email(2, "Bo", "Ada", days_ago=2), thread="T")
    elsewhere = replace(email(3, "Ada", "Bo", days_ago=1), thread="U")
    run(FakeConnector([colleague("Ada"), contact("Bo"), asked, answer, elsewhere]))
    with Session(database) as session:
        tie = session.exec(select(tables.Tie)).one()
        ada = session.exec(select(tables.Person.id).where(tables.Person.name == "Ada")).one()
        card = Card.model_validate_json(session.get_one(tables.ScoreCard, ada).body)
    assert {tie.a_answers_h, tie.b_answers_h} == {24.0, None}
    assert card.best is not None
    assert (card.best.answers_in_h, card.best.answered_in_h) == (None, 24.0)
    assert card.best.active_days == 3


def test_others_may_write_until_all_is_found(run: Run, database: Engine):
    run(company(contacts=10), only=("pull", "resolve"))
    said: list[str] = []
    event.listen(database, "before_cursor_execute", lambda *told: said.append(told[2].split()[0]))
    assert score(database, at=NOW)["recommendations"]
    first = next(n for n, word in enumerate(said) if word != "SELECT")
    assert said[first:].count("SELECT") < said[:first].count("SELECT") / 2
