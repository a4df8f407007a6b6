"""Reading and writing, each paused alone."""

from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from app import connections, writing
from app.pipeline import Report
from app.store import tables
from app.store.asked import ASKED
from connectors import FieldUpdate, WriteResult
from tests.conftest import Run
from tests.fakes import contact
from tests.pipeline.crms import crm
from tests.pipeline.test_undo import last_run


def stages(reports: list[Report]) -> dict[str, str]:
    return {report.stage: report.status for report in reports}


def test_a_connection_that_is_not_read_is_scored_and_written(
    run: Run, database: Engine, connection_id: int
):
    fake = crm()
    run(fake, only=("pull", "resolve"))
    connections.pause_part(database, connection_id, reading="Paused by Ada.")
    calls = fake.calls
    assert stages(run(fake)) == {"resolve": "ok", "score": "ok", "write back": "ok"}
    assert fake.writes
    assert fake.calls > calls


def test_a_connection_that_is_not_written_is_read_and_scored(
    run: Run, database: Engine, connection_id: int
):
    fake = crm()
    connections.pause_part(database, connection_id, writing="Paused by Ada.")
    reports = run(fake)
    assert stages(reports) == {
        "pull": "ok",
        "resolve": "ok",
        "score": "ok",
        "write back": "paused",
    }
    assert reports[-1].reason == "Paused by Ada."
    assert fake.writes == []


def test_what_was_written_when_writing_was_paused_is_on_record(
    run: Run, database: Engine, connection_id: int, monkeypatch: pytest.MonkeyPatch
):
    fake = crm()
    write = fake.write

    def paused_meanwhile(updates: Sequence[FieldUpdate]) -> Iterator[Sequence[WriteResult]]:
        for results in write(updates):
            connections.pause_part(database, connection_id, writing="Paused by Ada.")
            yield results

    monkeypatch.setattr(fake, "write", paused_meanwhile)
    assert run(fake)[-1].status == "paused"
    with Session(database) as session:
        noted = {(row.target, row.external_id) for row in session.exec(select(tables.Written))}
    assert noted == {(update.target.value, update.id) for update in fake.writes}


def test_a_run_can_be_taken_back_while_nothing_is_written(
    run: Run, database: Engine, connection_id: int
):
    fake = crm()
    run(fake)
    connections.pause_part(database, connection_id, writing="Paused by Ada.")
    writing.ask_undo(database, last_run(database))
    (report,) = run(fake, only=(ASKED,))
    assert report.status == "ok"
    assert {value for record in fake.values.values() for value in record.values()} == {None}


def test_resuming_goes_on_with_both(run: Run, database: Engine, connection_id: int):
    fake = crm()
    connections.pause_part(database, connection_id, reading="Paused.", writing="Paused.")
    assert "pull" not in stages(run(fake))
    connections.resume(database, connection_id)
    fake.records.append(contact("Gus"))
    assert stages(run(fake))["write back"] == "ok"
