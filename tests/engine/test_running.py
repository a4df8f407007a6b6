"""Scores that are kept running are those of a full recomputation, whatever happened in between."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import fields
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine import (
    DEFAULT,
    DEFAULT_CURVE,
    Running,
    Scores,
    Threaded,
    depth,
    points_ago,
    reply_hours,
    score,
    trend,
)
from app.engine.cells import Cells, gather
from app.engine.held import EVERY_DAY, Days
from app.engine.interactions import left_out
from app.engine.running import Rescored
from tests.engine.histories import DAY, NOBODY, NOW, Event, columns, events, exchange

AS_OF_S = (NOW // DAY + 1) * DAY

History = Mapping[int, Event]
"""Events by their ids; those whose id leaves the same rest by 4 are of one thread."""

histories = st.dictionaries(st.integers(0, 25), events(people=7), max_size=26)
EXAMPLES = int(os.environ.get("TIELINE_STEPS", "20"))
TOLERANCE = {"rtol": 1e-9, "atol": 1e-12, "equal_nan": True}


def pair(event: Event) -> tuple[int, int]:
    return min(event.source, event.target), max(event.source, event.target)


def day(event: Event) -> tuple[int, int, int]:
    return *pair(event), event.at_s // DAY


def whole(event: Event) -> tuple[int, int, int]:
    return *pair(event), EVERY_DAY


def threaded(history: History) -> Threaded:
    rows = [(i % 4, e.source, e.target, e.at_s) for i, e in history.items() if e.is_directed]
    return Threaded(*np.array(rows, dtype=np.int64).reshape(-1, 4).T)


def cells_of(history: History) -> Cells:
    kept, _ = left_out(columns(list(history.values())), as_of_s=AS_OF_S)
    return gather(kept, cut_s=0)


def begun(history: History) -> Running:
    return Running(cells_of(history), threaded(history), as_of_s=AS_OF_S)


def change(running: Running, before: History, after: History) -> Rescored:
    """Tell of the days on which events are others now, and of no more than these days'."""
    changed = {i for i in before.keys() | after.keys() if before.get(i) != after.get(i)}
    days = {day(h[i]) for h in (before, after) for i in changed if i in h}
    return tell(running, sorted(days), after)


def tell(running: Running, days: Sequence[tuple[int, int, int]], history: History) -> Rescored:
    """Tell what happened on some days of some pairs."""
    pairs = {one[:2] for one in days}
    known = {i: event for i, event in history.items() if {day(event), whole(event)} & set(days)}
    mail = threaded({i: event for i, event in history.items() if pair(event) in pairs})
    return running.change(Days.of(days), cells_of(known), mail)


def assert_same(running: Running, history: History) -> None:
    met = columns(list(history.values()))
    full = score(met, as_of_s=AS_OF_S, colleagues=NOBODY)
    assert running.scores.ties.a.tolist() == full.ties.a.tolist()
    assert running.scores.ties.b.tolist() == full.ties.b.tolist()
    for value, expected in ((running.scores, full), (running.scores.ties, full.ties)):
        for name in (one.name for one in fields(value)):
            column = getattr(expected, name)
            if isinstance(column, np.ndarray):
                np.testing.assert_allclose(getattr(value, name), column, err_msg=name, **TOLERANCE)
    np.testing.assert_allclose(running.trend, trend(met, full), **TOLERANCE)
    np.testing.assert_allclose(running.depth, depth(met, full), **TOLERANCE)
    hours = reply_hours(threaded(history), full.ties)
    np.testing.assert_allclose(running.reply_hours, hours, **TOLERANCE)
    assert shown(running.scores) == shown(full)
    for name in ("strength", "alive", "risk", "shown"):
        assert getattr(running.scores, name).tobytes() == getattr(full, name).tobytes(), name


def shown(scores: Scores) -> list[tuple[int, int, int]]:
    """What people see: points, band and status."""
    points = np.round(scores.shown).astype(int).tolist()
    return list(zip(points, scores.band.tolist(), scores.status.tolist(), strict=True))


@settings(max_examples=EXAMPLES)
@given(st.lists(histories, min_size=2, max_size=4))
def test_whatever_changed_in_any_order_the_scores_are_those_of_everything(
    stages: Sequence[History],
):
    running = begun(stages[0])
    for before, after in pairwise(stages):
        change(running, before, after)
        assert_same(running, after)


@settings(max_examples=EXAMPLES)
@given(histories, st.integers(0, 25), events(people=7))
def test_one_contact_more_gives_the_scores_of_everything(history: History, one: int, event: Event):
    after = {**history, one: event}
    running = begun(history)
    change(running, history, after)
    assert_same(running, after)


@settings(max_examples=EXAMPLES)
@given(histories)
def test_all_that_goes_leaves_nothing(history: History):
    running = begun(history)
    gone = change(running, history, {}).gone
    met = score(columns(list(history.values())), as_of_s=AS_OF_S, colleagues=NOBODY)
    assert len(running.scores) == 0
    assert [one.tolist() for one in gone] == [met.ties.a.tolist(), met.ties.b.tolist()]


def company() -> History:
    """Ten people in a ring, in touch with both neighbours."""
    ring = [e for n in range(10) for e in exchange(n, (n + 1) % 10, (n + 2, n + 100, n + 400))]
    return dict(enumerate(ring))


def test_a_contact_touches_only_ties_of_its_two_people():
    running = begun(company())
    done = change(running, company(), {**company(), 99: Event(3, 4, 0.5)})
    ties = running.scores.ties
    pairs = list(zip(ties.a[done.rows].tolist(), ties.b[done.rows].tolist(), strict=True))
    assert done.looked_at == 3
    assert (3, 4) in pairs
    assert all({3, 4} & set(ends) for ends in pairs)


@pytest.mark.parametrize("contacts", [10, 100, 10_000])
def test_what_a_contact_changes_does_not_depend_on_what_there_was(contacts: int):
    past = {1000 + n: Event(3, 4, 1 + 900 * n / contacts) for n in range(contacts)}
    before = {**company(), **past}
    done = change(begun(before), before, {**before, 99: Event(3, 4, 0.5)})
    assert (len(done.cells.less), len(done.cells.more), done.looked_at) == (0, 1, 3)


def test_the_same_again_changes_nothing():
    running = begun(company())
    before = running.scores
    done = tell(running, sorted({day(event) for event in company().values()}), company())
    assert (len(done.rows), done.looked_at) == (0, len(before))


def test_a_late_contact_changes_the_points_of_earlier():
    late = {**company(), 99: Event(3, 9, 200)}
    running = begun(company())
    change(running, company(), late)
    met = columns(list(late.values()))
    then = points_ago(met, score(met, as_of_s=AS_OF_S, colleagues=NOBODY), days=180)
    assert (running.before[2] == then).all()
    assert (then != 0).sum() > 0


def test_a_new_day_needs_no_more_than_what_is_held():
    after = {**company(), 99: Event(3, 9, 200)}
    running = begun(company())
    change(running, company(), after)
    running.move_to(AS_OF_S + DAY, weights=DEFAULT, curve=DEFAULT_CURVE)
    full = score(columns(list(after.values())), as_of_s=AS_OF_S + DAY, colleagues=NOBODY)
    assert running.scores.strength.tobytes() == full.strength.tobytes()
