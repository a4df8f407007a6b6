"""A run taken back: former values return, and what people changed since stays."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app import connections, writing
from app.errors import Conflict, NotFound, Unreadable
from app.pipeline import Report
from app.store import chosen, tables
from app.store.asked import ASKED
from tests.conftest import Run
from tests.fakes import FakeConnector, colleague
from tests.pipeline.crms import BO, FAR, crm


def rename(fake: FakeConnector, name: str) -> None:
    fake.records.append(replace(colleague("Ada"), name=name))


def last_run(database: Engine, stage: str = "write back") -> int:
    with Session(database) as session:
        query = select(tables.Run.id).where(tables.Run.stage == stage)
        return session.exec(query.order_by(col(tables.Run.id).desc())).first() or 0


def renamed(run: Run) -> FakeConnector:
    """A CRM to which two runs wrote, the second only the new name of a colleague."""
    fake = crm()
    run(fake)
    rename(fake, "Ada Lund")
    run(fake)
    fake.writes.clear()
    return fake


def take_back(run: Run, database: Engine, fake: FakeConnector, stage: str = "write back") -> Report:
    writing.ask_undo(database, last_run(database, stage))
    (report,) = run(fake, only=(ASKED,))
    return report


def test_former_values_return(run: Run, database: Engine):
    fake = renamed(run)
    report = take_back(run, database, fake)
    assert (report.stage, report.status, report.counts["taken back"]) == ("undo", "ok", 3)
    assert fake.values[BO]["best_colleague"] == fake.values[FAR]["best_colleague"] == "Ada"
    assert {update.id: set(update.values) for update in fake.writes} == {
        "Bo": {"best_colleague", "route"},
        "Far": {"best_colleague"},
    }


def test_a_first_run_taken_back_leaves_every_field_empty(run: Run, database: Engine):
    fake = crm()
    run(fake)
    take_back(run, database, fake)
    assert set(fake.values[BO].values()) == {None}


def test_what_is_taken_back_is_not_written_again_by_the_next_runs(run: Run, database: Engine):
    fake = renamed(run)
    take_back(run, database, fake)
    fake.writes.clear()
    for _ in range(2):
        run(fake)
    assert fake.writes == []
    assert fake.values[BO]["best_colleague"] == "Ada"


def test_a_new_value_is_written_over_what_was_taken_back(run: Run, database: Engine):
    fake = renamed(run)
    take_back(run, database, fake)
    rename(fake, "Ada Holm")
    run(fake)
    assert fake.values[BO]["best_colleague"] == "Ada Holm"


def test_what_was_taken_back_once_may_come_again_after_something_else(run: Run, database: Engine):
    fake = renamed(run)
    take_back(run, database, fake)
    for name in ("Ada Holm", "Ada Lund"):
        rename(fake, name)
        run(fake)
    assert fake.values[BO]["best_colleague"] == "Ada Lund"


def test_what_a_person_changed_since_is_left_and_counted(run: Run, database: Engine):
    fake = renamed(run)
    fake.values[BO]["best_colleague"] = "Zoe"
    report = take_back(run, database, fake)
    assert (report.counts["respected"], report.counts["taken back"]) == (1, 2)
    assert fake.values[BO]["best_colleague"] == "Zoe"


def test_what_a_later_run_wrote_is_the_later_runs(run: Run, database: Engine):
    fake = renamed(run)
    second = last_run(database)
    rename(fake, "Ada Holm")
    run(fake)
    writing.ask_undo(database, second)
    (report,) = run(fake, only=(ASKED,))
    assert (report.counts["written since"], report.counts["taken back"]) == (3, 0)
    assert fake.values[BO]["best_colleague"] == "Ada Holm"


def test_what_was_taken_back_can_be_put_again(run: Run, database: Engine):
    fake = renamed(run)
    take_back(run, database, fake)
    take_back(run, database, fake, "undo")
    assert fake.values[BO]["best_colleague"] == "Ada Lund"
    fake.writes.clear()
    run(fake)
    assert fake.writes == []


def test_a_field_that_is_mapped_elsewhere_since_is_left(run: Run, database: Engine):
    fake = renamed(run)
    with Session(database) as session, session.begin():
        at = session.exec(select(tables.Run.started_at).order_by(col(tables.Run.id).desc())).first()
        assert at is not None
        moved = at.replace(year=at.year + 1)
        chosen.keep(session, 1, ("account", "best_colleague"), mapped_at=moved)
    report = take_back(run, database, fake)
    assert report.counts["not written"] == 1
    assert fake.values[FAR]["best_colleague"] == "Ada Lund"


@pytest.mark.parametrize("answers", range(1, 7))
def test_an_undo_that_breaks_off_anywhere_is_finished_by_the_next_run(
    run: Run, database: Engine, answers: int
):
    fake = renamed(run)
    fake.batch_size = 1
    writing.ask_undo(database, last_run(database))
    fake.answers_left = answers
    run(fake, only=(ASKED,))
    fake.answers_left = None
    run(fake)
    assert fake.values[BO]["best_colleague"] == fake.values[FAR]["best_colleague"] == "Ada"
    assert len(fake.writes) == 2


def test_a_run_that_is_asked_for_waits_while_its_connection_is_paused(run: Run, database: Engine):
    fake = renamed(run)
    connections.pause(database, 1, "An admin said so.")
    writing.ask_undo(database, last_run(database))
    assert run(fake, only=(ASKED,)) == []
    connections.resume(database, 1)
    assert run(fake, only=(ASKED,))[0].counts["taken back"] == 3


def test_only_what_wrote_can_be_taken_back_and_only_once(run: Run, database: Engine):
    fake = renamed(run)
    with pytest.raises(NotFound):
        writing.ask_undo(database, 999)
    with pytest.raises(Unreadable):
        writing.ask_undo(database, last_run(database, "pull"))
    take_back(run, database, fake)
    with pytest.raises(Conflict):
        writing.ask_undo(database, last_run(database))


def test_a_run_that_wrote_nothing_cannot_be_taken_back(run: Run, database: Engine):
    fake = crm()
    run(fake)
    run(fake)
    with pytest.raises(Unreadable):
        writing.ask_undo(database, last_run(database))


def test_what_was_taken_back_is_written_again_once_the_scores_had_said_something_else(
    run: Run, database: Engine
):
    fake = renamed(run)
    take_back(run, database, fake)
    for name in ("Ada", "Ada Lund"):
        rename(fake, name)
        run(fake)
    assert fake.values[BO]["best_colleague"] == fake.values[FAR]["best_colleague"] == "Ada Lund"


def test_an_undo_taken_back_does_not_hold_on_to_what_the_undo_wrote(run: Run, database: Engine):
    fake = renamed(run)
    take_back(run, database, fake)
    take_back(run, database, fake, stage="undo")
    assert fake.values[BO]["best_colleague"] == "Ada Lund"
    run(fake)
    rename(fake, "Ada")
    run(fake)
    assert fake.values[BO]["best_colleague"] == fake.values[FAR]["best_colleague"] == "Ada"
