"""Scoring what changed leaves what scoring everything would, on both databases."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from sqlmodel import Session, select

from app.pipeline.memory import Memory
from app.pipeline.score import score
from app.store import connections, tables, touched
from tests.company import DAY, Company, happening, meeting
from tests.fakes import NOW, contact, email


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
