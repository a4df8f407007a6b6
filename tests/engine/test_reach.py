"""Many askers and targets at once: the same as one after the other."""

import numpy as np
import pytest

from app.engine import Network, find_routes
from app.engine.reach import Reach, reach
from tests.engine.histories import Event, exchange
from tests.engine.test_routes import MONTHLY, WEEKLY, built, random_network

ASKERS = (1, 2, 3, 4, 5, 9, 777)


def one_by_one(net: Network, found: Reach) -> list[tuple[float, int]]:
    pairs = [(a, t) for a in found.askers.tolist() for t in found.targets.tolist()]
    best = [find_routes(net, asker=a, targets=[t], k=1) for a, t in pairs]
    return [(routes[0].probability, routes[0].introducer) if routes else (0, -1) for routes in best]


@pytest.mark.parametrize("seed", range(8))
def test_all_pairs_at_once_give_what_each_gives_alone(seed: int):
    net = random_network(seed)
    found = reach(net, askers=ASKERS, targets=net.people.tolist())
    alone = one_by_one(net, found)
    assert found.chance.ravel() == pytest.approx([chance for chance, _ in alone], abs=1e-6)
    assert found.introducer.ravel().tolist() == [introducer for _, introducer in alone]


def test_whom_one_knows_already_does_not_introduce_themself():
    net = built([*exchange(1, 9, WEEKLY), *exchange(9, 8, WEEKLY), *exchange(2, 9, MONTHLY)])
    found = reach(net, askers=[1], targets=[9])
    assert found.introducer.tolist() == [[2]]


def test_nobody_is_introduced_to_themself():
    net = built([*exchange(1, 2, WEEKLY), *exchange(2, 9, WEEKLY)])
    assert reach(net, askers=[9], targets=[9, 1]).introducer.tolist() == [[2, -1]]


def test_who_has_no_tie_is_left_out_of_the_targets():
    net = built([*exchange(2, 9, WEEKLY), Event(5, 6, 1)])
    assert reach(net, askers=[1], targets=[9, 777, 6]).targets.tolist() == [6, 9]
    assert reach(net, askers=[1], targets=[6]).chance.tolist() == [[0.0]]


@pytest.mark.parametrize(("askers", "targets"), [([], [9]), ([1], []), ([], [])])
def test_nothing_asked_is_nothing_found(askers: list[int], targets: list[int]):
    net = built(exchange(2, 9, WEEKLY))
    assert reach(net, askers=askers, targets=targets).chance.shape == (len(askers), len(targets))


def test_the_same_network_gives_the_same_bytes():
    one, other = (reach(random_network(7), askers=ASKERS, targets=range(15)) for _ in range(2))
    assert one.chance.tobytes() == other.chance.tobytes()
    assert np.array_equal(one.introducer, other.introducer)
