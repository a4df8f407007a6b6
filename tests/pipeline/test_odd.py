"""Odd input: each kind has a rule (docs/model.md), and is counted in the run's report."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.pipeline.score import score
from app.store import tables, touched
from connectors import Activity, Channel, ExternalId, Participant, Role
from tests.conftest import Run
from tests.fakes import NOW, FakeConnector, colleague, contact, email

PLAIN = email(1, "Ada", "Bo", days_ago=2)
ODD = email(2, "Ada", "Bo", days_ago=3)


def counts(run: Run, *odd: Activity) -> dict[str, int]:
    people = [colleague("Ada"), contact("Bo")]
    reports = {r.stage: r.counts for r in run(FakeConnector([*people, PLAIN, *odd]))}
    return reports["resolve"] | reports["score"] | {"twice": reports["pull"].get("twice", 0)}


def tie(database: Engine) -> tables.Tie:
    with Session(database) as session:
        return session.exec(select(tables.Tie)).one()


HERSELF = (Participant(Role.FROM, ExternalId("Ada")), Participant(Role.TO, ExternalId("Ada")))


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        (replace(ODD, at=datetime(9999, 12, 31, 23, 59, tzinfo=UTC)), "in the future"),
        (replace(ODD, at=datetime(1, 1, 1, tzinfo=UTC)), "before 1970"),
        (replace(ODD, channel=Channel.MEETING, duration_s=-60.0), "impossible length"),
        (replace(ODD, recipients=5000), "in a crowd"),
        (replace(ODD, participants=HERSELF), "with oneself"),
        (PLAIN, "twice"),
    ],
)
def test_what_is_odd_is_counted_and_stops_nothing(run: Run, odd: Activity, told: str):
    found = counts(run, odd)
    kinds = {"in the future", "before 1970", "impossible length", "in a crowd", "with oneself"}
    assert {name: found[name] for name in kinds | {"twice"} if found.get(name)} == {told: 1}
    assert found["ties"] == 1


def test_a_plan_counts_once_it_has_happened_and_the_year_9999_never(run: Run, database: Engine):
    never = replace(ODD, at=datetime(9999, 12, 31, tzinfo=UTC))
    counts(run, never, replace(PLAIN, id=ExternalId("plan"), at=NOW + timedelta(hours=2)))
    assert tie(database).active_days == 1
    score(database, at=NOW + timedelta(days=1))
    assert tie(database).active_days == 2


def test_a_record_that_comes_twice_counts_once(run: Run, database: Engine):
    counts(run, PLAIN)
    assert tie(database).a_to_b + tie(database).b_to_a == 1


def test_a_mail_to_thousands_is_awareness_and_no_tie(run: Run, database: Engine):
    people = [colleague("Ada"), *(contact(f"C{n}") for n in range(60))]
    crowd = replace(email(1, "Ada", *(f"C{n}" for n in range(60))), recipients=5000)
    run(FakeConnector([*people, crowd]))
    with Session(database) as session:
        found = session.exec(select(tables.Tie)).all()
    assert {(one.band, one.points) for one in found} == {("none", 0)}


def test_an_unknown_channel_counts_as_other_and_is_told(run: Run, database: Engine):
    counts(run)
    with Session(database) as session, session.begin():
        session.exec(select(tables.Interaction)).one().channel = "pigeon"
        touched.note_everything(session)
    assert score(database, at=NOW)["unknown channel"] == 1
    assert tie(database).points > 0
