"""The whole run: what one stage leaves undone, the next ones respect, and the reports say."""

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from app import connections, pipeline
from app.engine.recommendations import _candidates
from app.pipeline import Link
from app.pipeline.write_back import write_back
from app.store import tables
from connectors import (
    Account,
    AuthenticationFailed,
    ExternalId,
    Gap,
    Malformed,
    RateLimited,
    Stream,
)
from tests.conftest import Run
from tests.fakes import NOW, STREAMS, FakeConnector, colleague, contact, email


def crm(emails: int = 3) -> FakeConnector:
    people = [colleague("Ada"), contact("Bo")]
    return FakeConnector([*people, *(email(n, "Ada", "Bo") for n in range(emails))])


def quiet() -> FakeConnector:
    """A strong tie that has gone silent."""
    there = [email(2 * n, "Ada", "Bo", days_ago=70 + 7 * n) for n in range(12)]
    back = [email(2 * n + 1, "Bo", "Ada", days_ago=70 + 7 * n) for n in range(12)]
    return FakeConnector([colleague("Ada"), contact("Bo"), *there, *back])


def test_half_a_history_is_neither_scored_nor_written(run: Run):
    half = crm(emails=250)
    half.answers_left = 1
    reports = {report.stage: report for report in run(half, crm())}
    assert reports["score"].status == "paused"
    assert "not read to its end" in reports["score"].reason
    assert "write back" not in reports


def test_a_history_read_once_to_its_end_is_scored_though_the_crm_is_away(run: Run):
    away, here = crm(), crm()
    run(away, here)
    away.answers_left = 0
    stages = [(report.stage, report.status) for report in run(away, here)]
    assert stages[-2:] == [("score", "ok"), ("write back", "ok")]


def test_a_refused_token_pauses_its_connection_and_changes_nothing(run: Run, database: Engine):
    fake = crm()
    fake.failures = [AuthenticationFailed("Refused: reconnect it.")]
    (report,) = run(fake)
    assert (report.status, report.reason) == ("failed", "Refused: reconnect it.")
    with Session(database) as session:
        assert session.exec(select(tables.Connection.paused)).one() == "Refused: reconnect it."
        assert session.exec(select(tables.Profile)).all() == []


def test_advice_that_is_given_no_more_is_gone_with_the_next_run(
    run: Run, database: Engine, monkeypatch: pytest.MonkeyPatch
):
    fake = quiet()
    run(fake)
    with Session(database) as session:
        assert len(session.exec(select(tables.Recommendation)).all()) == 1
    monkeypatch.setattr(_candidates, "MOST_PER_COLLEAGUE", 0)
    run(fake)
    with Session(database) as session:
        assert session.exec(select(tables.Recommendation)).all() == []


def test_a_row_that_cannot_be_read_makes_every_run_partial_until_it_can(run: Run):
    fake = crm()
    fake.malformed = [Malformed(ExternalId("Cy"), "Name is no text.")]
    assert run(fake)[0].reason == "1 malformed."
    fake.malformed = []
    assert run(fake)[0].status == "partial"
    fake.records.append(contact("Cy"))
    assert run(fake)[0].status == "ok"


def test_a_person_can_let_go_of_rows_that_cannot_be_read(
    run: Run, database: Engine, connection_id: int
):
    fake = crm()
    fake.malformed = [Malformed(None, "The row has no id.")]
    run(fake)
    fake.malformed = []
    connections.resume(database, connection_id)
    assert run(fake)[0].status == "ok"


def test_a_crm_that_asks_to_wait_is_left_alone_until_then(run: Run, database: Engine):
    fake = crm()
    run(fake)
    fake.failures = [RateLimited("Used up for today.", retry_after_s=3600.0)]
    assert run(fake)[0].reason == "Used up for today."
    calls = fake.calls
    (report, *_) = run(fake)
    assert (report.status, fake.calls) == ("paused", calls)
    assert "goes on by itself at 13:00 UTC" in report.reason
    with Session(database) as session, session.begin():
        session.exec(select(tables.Connection)).one().resumes_at = NOW
    assert run(fake)[0].status == "ok"


def test_a_run_that_is_not_shown_something_is_partial_and_names_it(run: Run):
    fake = crm()
    fake.gaps = {Stream.CONTACTS: (Gap("Contact.Title", "Grant it."),)}
    (report, *_) = run(fake)
    assert (report.status, report.reason) == ("partial", "not shown to us: Contact.Title.")


def test_what_nothing_can_be_written_to_is_scored_and_left_alone(
    database: Engine, connection_id: int
):
    fake = crm()
    fake.records.append(Account(ExternalId("acme"), "Acme"))
    link = Link(connection_id, "Fake", fake, STREAMS, targets=())
    reports = pipeline.run(database, [link], now=lambda: NOW)
    assert [report.stage for report in reports] == ["pull", "resolve", "score"]
    assert write_back(database, link, run_id=0, now=lambda: NOW)["written"] == 0
    assert (fake.fields, fake.writes) == ({}, [])
