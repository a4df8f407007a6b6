"""Scores: reading them by person, by pair, and from the colleagues' side."""

import numpy as np
import pytest

from app.engine import Scores, score
from tests.engine.histories import NOW, Event, columns, exchange

COLLEAGUES = np.array([8, 1, 8], dtype=np.int64)


@pytest.fixture
def scores() -> Scores:
    history = [
        *exchange(1, 5, [1, 8, 15]),
        *exchange(8, 5, [20]),
        *exchange(1, 8, [2]),
        *exchange(5, 6, [3]),
        Event(8, 2, 4),
        Event(8, 2, 5),
        Event(2, 8, 5),
    ]
    return score(columns(history), as_of_s=NOW, colleagues=COLLEAGUES)


def test_outward_ties_join_a_colleague_with_somebody_who_is_none(scores: Scores):
    outward = [(colleague, contact) for colleague, contact, _ in scores.outward()]
    assert outward == [(1, 5), (8, 2), (8, 5)]


def test_a_tie_is_told_from_the_side_of_whom_it_is_asked_for(scores: Scores):
    mine, theirs = scores.between(8, 2), scores.between(2, 8)
    assert mine is not None
    assert theirs is not None
    assert (mine.person, mine.other, mine.sent, mine.received) == (8, 2, 2, 1)
    assert (theirs.person, theirs.other, theirs.sent, theirs.received) == (2, 8, 1, 2)
    assert mine.contacts == theirs.contacts == 3


def test_a_persons_ties_come_strongest_first(scores: Scores):
    rows = scores.rows_of(5)
    assert [scores.seen_by(5, int(row)).other for row in rows] == [1, 6, 8]
    assert (np.diff(scores.strength[rows]) <= 0).all()


def test_a_stranger_has_no_ties(scores: Scores):
    assert [len(scores.rows_of(person)) for person in (0, 7, 99)] == [0, 0, 0]
    assert scores.between(1, 6) is None


def test_the_best_tie_of_a_contact_is_with_the_colleague_who_knows_them_best(scores: Scores):
    best = {contact: scores.seen_by(contact, row).other for contact, row in scores.best.items()}
    assert best == {2: 8, 5: 1}


def test_who_only_writes_to_crowds_is_nobodys_best_colleague():
    newsletter = [Event(8, contact, day, recipients=9) for contact in (5, 6) for day in range(9)]
    known = score(columns([*newsletter, Event(1, 5, 60)]), as_of_s=NOW, colleagues=COLLEAGUES)
    best = {contact: known.seen_by(contact, row).other for contact, row in known.best.items()}
    assert best == {5: 1}


def test_one_contact_has_no_rhythm_and_an_undirected_one_says_nothing_of_direction():
    history = [Event(1, 2, 3, is_directed=False)]
    tie = score(columns(history), as_of_s=NOW, colleagues=COLLEAGUES).between(1, 2)
    assert tie is not None
    assert (tie.rhythm_days, tie.is_two_way, tie.unsaid, tie.silence_days) == (None, None, 1, 3)


def test_nothing_at_all_can_be_scored():
    empty = score(columns([]), as_of_s=NOW, colleagues=COLLEAGUES)
    assert (len(empty), list(empty.outward()), empty.best) == (0, [], {})


def test_a_bulk_sender_stands_behind_everybody_who_is_answered():
    bulk = [Event(8, 5, day / 8) for day in range(800)]
    now = score(columns([*bulk, *exchange(1, 5, [1, 5, 12])]), as_of_s=NOW, colleagues=COLLEAGUES)
    assert now.strength[1] > now.strength[0]
    assert [now.seen_by(5, int(row)).other for row in now.rows_of(5)] == [1, 8]
    assert now.best == {5: 0}
