"""After a change the chart is what a new one would be, and no more is read than has changed."""

import os
from dataclasses import fields, replace
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from app.atlas import Atlas, Chart
from app.refolding import Refolding
from app.store import scores, touched
from tests.company import DAY, Company, happening
from tests.fakes import NOW, contact, email

STEPS = int(os.environ.get("TIELINE_STEPS", "3"))
TOLERANCE = {"rtol": 1e-9, "atol": 1e-12, "equal_nan": True}


def assert_alike(one: object, other: object) -> None:
    for name in (field.name for field in fields(one)):  # type: ignore[arg-type]  # any dataclass
        value, expected = getattr(one, name), getattr(other, name)
        if isinstance(expected, np.ndarray):
            np.testing.assert_allclose(value, expected, err_msg=name, **TOLERANCE)


def assert_is_made_anew(found: Chart, database: Engine) -> None:
    anew = Atlas(database).refresh()
    assert_alike(found.scores, anew.scores)
    assert_alike(found.scores.ties, anew.scores.ties)
    assert_alike(found.network, anew.network)
    assert_alike(found.firm, anew.firm)
    assert (found.digest, found.nobody) == (anew.digest, anew.nobody)
    assert found.until_s == anew.until_s


@pytest.mark.parametrize("seed", range(2))
def test_whatever_happens_a_chart_is_what_a_new_one_would_be(there: Company, seed: int):
    atlas, chance = Atlas(there.database), np.random.default_rng(seed)
    atlas.refresh()
    for step in range(STEPS):
        there.read(*happening(chance, 1000 * (step + 1)))
        there.score()
        assert_is_made_anew(atlas.refresh(), there.database)


def test_who_is_deleted_is_on_no_chart(there: Company):
    atlas = Atlas(there.database)
    atlas.refresh()
    there.read(replace(contact("C3"), is_deleted=True))
    there.score()
    assert_is_made_anew(atlas.refresh(), there.database)


def test_a_chart_of_the_next_day_is_made_from_memory(there: Company):
    atlas = Atlas(there.database)
    atlas.refresh()
    there.read(email(900, "C3", "Ada", days_ago=0.1))
    there.score(at=NOW + DAY)
    assert_is_made_anew(atlas.refresh(), there.database)


def test_an_older_chart_stays_as_it_was(there: Company):
    atlas = Atlas(there.database)
    first = atlas.refresh()
    strength, met = first.scores.strength.copy(), int(first.scores.ties.contacts.sum())
    there.read(email(900, "C3", "Ada", days_ago=0.1))
    there.score()
    assert int(atlas.refresh().scores.ties.contacts.sum()) == met + 1
    assert (first.scores.strength == strength).all()
    assert int(first.scores.ties.contacts.sum()) == met


def test_everything_is_read_once_and_then_what_changed(there: Company):
    refolding = Refolding()
    for number in range(3):
        there.read(email(900 + number, "C3", "Ada", days_ago=0.1))
        there.score(at=NOW + timedelta(minutes=number))
        with Session(there.database) as session:
            refolding.to(session, scores.snapshot(session))
    assert refolding.anew == 1


def test_whoever_cannot_tell_what_changed_reads_everything(there: Company):
    refolding = Refolding()
    for _ in range(2):
        with Session(there.database) as session, session.begin():
            refolding.to(session, scores.snapshot(session))
            touched.note_everything(session)
    assert refolding.anew == 2
