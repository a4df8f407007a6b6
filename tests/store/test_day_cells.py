"""The day cells that are stored are those of all interactions, and who starts reads them alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session, delete

from app.engine.cells import COLUMNS, Cells
from app.pipeline.memory import Memory
from app.pipeline.score import score
from app.refolding import Refolding
from app.store import day_cells, scores, tables, touched
from tests.company import DAY, Company, happening, meeting
from tests.fakes import NOW, contact, email

LATER = NOW + DAY


@contextmanager
def asked(database: Engine) -> Iterator[list[str]]:
    """What a database is asked for meanwhile."""
    statements: list[str] = []

    def listen(*told: object) -> None:
        statements.append(str(told[2]))

    event.listen(database, "before_cursor_execute", listen)
    yield statements
    event.remove(database, "before_cursor_execute", listen)


def stored(database: Engine) -> Cells:
    with Session(database) as session:
        state = session.get_one(tables.Gathered, 1)
        found = day_cells.known(session, until_s=state.until_s)
    assert found.is_stored
    return found.cells


def gathered(database: Engine) -> Cells:
    """What gathering all interactions gives."""
    with Session(database) as session:
        until_s = session.get_one(tables.Gathered, 1).until_s
        session.exec(delete(tables.Gathered))
        found = day_cells.known(session, until_s=until_s)
    assert not found.is_stored
    return found.cells


def assert_whole(database: Engine) -> None:
    one, other = stored(database), gathered(database)
    for name in COLUMNS:
        assert getattr(one, name).tolist() == getattr(other, name).tolist(), name


@pytest.mark.parametrize("seed", range(2))
def test_whatever_happens_what_is_stored_is_what_gathering_everything_gives(
    there: Company, seed: int
):
    chance = np.random.default_rng(seed)
    for step in range(3):
        there.read(*happening(chance, 1000 * (step + 1)))
        there.score(at=NOW + timedelta(hours=step))
        assert_whole(there.database)


def test_what_came_after_the_last_scoring_is_put_to_what_is_stored(there: Company):
    there.read(email(900, "C3", "Ada", days_ago=0.1), email(901, "C5", "Ada", days_ago=40))
    assert_whole(there.database)


def test_what_was_to_come_is_stored_once_it_has_come(there: Company):
    there.read(meeting(901, "Ada", "C3", days_ago=-0.1))
    there.score()
    before = len(stored(there.database))
    there.score(at=NOW + timedelta(hours=3))
    assert len(stored(there.database)) == before + 1
    assert_whole(there.database)


def test_who_was_deleted_and_comes_back_has_all_their_days(there: Company):
    before = there.snapshot().ties
    there.read(replace(contact("C3"), is_deleted=True))
    there.score()
    there.read(contact("C3"))
    there.score()
    assert there.snapshot().ties == before
    assert_whole(there.database)


def test_a_process_that_starts_scores_another_day_without_looking_at_interactions(there: Company):
    with asked(there.database) as statements:
        done = score(there.database, at=LATER, memory=Memory())
    assert done["rescored"] == there.snapshot().ties
    assert any("FROM day_cell" in one for one in statements)
    assert not any("interaction.duration_s" in one for one in statements)


def test_a_chart_is_made_from_day_cells(there: Company):
    refolding = Refolding()
    with Session(there.database) as session:
        refolding.to(session, scores.snapshot(session))
    assert (refolding.anew, refolding.gathered) == (1, 0)


def test_when_nobody_can_tell_what_changed_everything_is_gathered_anew(there: Company):
    with Session(there.database) as session, session.begin():
        touched.note_everything(session)
        assert not day_cells.known(session, until_s=int(NOW.timestamp())).is_stored
    there.score()
    assert_whole(there.database)


@pytest.mark.parametrize("contacts", [10, 100, 1_000])
def test_one_contact_more_is_a_matter_of_one_day_however_long_the_history(
    database: Engine, connection_id: int, contacts: int
):
    there = Company(database, connection_id)
    there.read(*(email(10_000 + n, "C3", "Ada", days_ago=2 + n / 2) for n in range(contacts)))
    there.score()
    with Session(database) as session:
        seen = touched.last(session)
    there.read(email(900, "C3", "Ada", days_ago=0.1))
    with Session(database) as session:
        days = touched.since(session, seen).days
        assert days is not None
        met = day_cells.of_days(session, days, until_s=int(NOW.timestamp()))
    assert (len(days), int(met.contacts.sum())) == (1, 1)
