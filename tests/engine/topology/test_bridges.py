"""Which ties are called bridges, in two offices where everybody knows everybody."""

from itertools import combinations, product

import numpy as np
import pytest

from app.engine import score
from app.engine.topology.bridges import Bridge, bridges
from app.engine.topology.positions import positions
from tests.engine.histories import NOW, columns, exchange

NORTH, SOUTH = (1, 10, 11, 12, 13, 14), (2, 20, 21, 22, 23, 24)
"""The first of each is our colleague."""


def found(*between: tuple[int, int]) -> list[Bridge]:
    often, seldom = range(1, 60, 5), (10, 40, 90)
    inside = [*combinations(NORTH, 2), *combinations(SOUTH, 2)]
    history = [event for pair in inside for event in exchange(*pair, often)]
    history += [event for pair in between for event in exchange(*pair, seldom)]
    own = np.array([1, 2], dtype=np.int64)
    return bridges(positions(score(columns(history), as_of_s=NOW, colleagues=own)))


def told(listed: list[Bridge]) -> list[tuple[int, int, int | None, int]]:
    return [(one.a, one.b, one.span, one.cut_off) for one in listed]


@pytest.mark.parametrize("pair", [(1, 2), (1, 20), (10, 20)])
def test_the_only_tie_between_two_offices_is_a_bridge(pair: tuple[int, int]):
    assert told(found(pair)) == [(*pair, None, 6)]


def test_two_that_lead_past_each_other_are_local_bridges():
    assert told(found((1, 2), (10, 20))) == [(1, 2, 3, 0), (10, 20, 3, 0)]


def crm(*between: tuple[int, int]) -> list[Bridge]:
    """Records of colleagues and contacts alone: of those who know each other only two show."""
    served = [*product((1, 3), range(10, 18)), *product((2, 4), range(20, 28))]
    close = [*product((1, 3), (10, 11)), (10, 11)]
    history = [event for pair in served for event in exchange(*pair, (10, 40, 90))]
    history += [event for pair in close for event in exchange(*pair, range(1, 60, 5))]
    history += [event for pair in between for event in exchange(*pair, (20, 60, 99))]
    own = np.array([1, 2, 3, 4], dtype=np.int64)
    return bridges(positions(score(columns(history), as_of_s=NOW, colleagues=own)))


def test_where_hardly_any_acquaintance_shows_a_ring_of_four_is_no_bridge():
    assert told(crm((1, 20))) == [(1, 20, None, 10)]
    assert crm((1, 20), (2, 12)) == []


def test_two_who_have_an_acquaintance_in_common_are_no_bridge():
    assert found((1, 2), (1, 20)) == []
