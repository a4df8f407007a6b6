"""What a colleague's own network is good for."""

import numpy as np
import pytest

from app.engine import Scores, score
from app.engine.topology.brokerage import Quarter, effort, kind, quarters
from tests.engine.histories import NOW, Event, columns, exchange


def scores(history: list[Event]) -> Scores:
    return score(columns(history), as_of_s=NOW, colleagues=np.array([1]))


@pytest.mark.parametrize(
    ("size", "density", "worlds", "found"),
    [
        (9.0, 0.1, 3, "finder"),
        (9.0, 0.1, 2, "between"),
        (5.0, 0.1, 9, "between"),
        (2.0, 0.8, 1, "closer"),
        (1.0, None, 1, "between"),
    ],
)
def test_sparse_and_wide_finds_and_dense_closes(
    size: float, density: float | None, worlds: int, found: str
):
    assert kind(degree=10, effective_size=size, density=density, worlds=worlds) == found


def test_new_ties_are_counted_in_the_quarter_of_their_first_contact():
    history = [*exchange(1, 5, [10]), *exchange(1, 6, [20, 100]), *exchange(1, 7, [400])]
    found = quarters(scores(history), 1, {1: 0, 5: 0, 6: 1})
    assert found == (Quarter(1, 0), Quarter(1, 1), Quarter(0, 0), Quarter(0, 0))


def test_who_was_only_written_to_is_no_new_tie():
    assert quarters(scores([Event(1, 5, 3)]), 1, {1: 0})[0] == Quarter(0, 0)


def test_effort_is_counted_by_the_band_of_the_tie_and_beside_what_ties_need():
    often = list(range(1, 80, 2))
    history = [*exchange(1, 5, often), Event(1, 6, 30), Event(1, 6, 200), *exchange(2, 5, often)]
    found = effort(scores(history), columns(history), 1)
    assert found.contacts == 2 * len(often) + 1
    assert found.by_band["strong"] == 2 * len(often)
    assert found.needed == pytest.approx(45)


def test_who_met_nobody_makes_no_effort():
    history = exchange(2, 5, [3])
    assert effort(scores(history), columns(history), 1).contacts == 0
