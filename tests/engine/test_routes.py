"""Routes: known answers, a second library, and what is no route."""

import itertools
import math

import networkx as nx
import numpy as np
import pytest

from app.engine import Network, Scores, find_routes, network, score
from app.engine.paths import LEAST_WARM, TEAM_PROBABILITY
from app.engine.routes import Wishes
from tests.engine.histories import NOW, Event, columns, exchange

WEEKLY, MONTHLY = [3, 10, 17, 24, 31, 38], [20, 50, 80]


def built(history: list[Event], colleagues: tuple[int, ...] = (1, 2, 3)) -> Network:
    own = np.array(colleagues, dtype=np.int64)
    return network.build(score(columns(history), as_of_s=NOW, colleagues=own))


def alive(scores: Scores, a: int, b: int) -> float:
    tie = scores.between(a, b)
    assert tie is not None
    return tie.alive


def test_the_colleague_who_knows_the_target_best_is_asked_first():
    net = built([*exchange(2, 9, WEEKLY), *exchange(3, 9, MONTHLY)])
    best, second = find_routes(net, asker=1, targets=[9])
    assert (best.introducer, second.introducer) == (2, 3)
    assert best.probability == pytest.approx(TEAM_PROBABILITY * alive(net.scores, 2, 9))


def test_a_measured_tie_that_is_better_replaces_the_team_leg():
    net = built([*exchange(1, 2, WEEKLY), *exchange(2, 9, WEEKLY)])
    leg, last = find_routes(net, asker=1, targets=[9])[0].legs
    assert (leg.kind, leg.probability) == ("measured", alive(net.scores, 1, 2))
    assert last.last_s == NOW - 3 * 86_400


def test_the_weakest_leg_is_named():
    net = built([*exchange(1, 2, WEEKLY), *exchange(2, 9, MONTHLY)])
    weakest = find_routes(net, asker=1, targets=[9])[0].weakest
    assert (weakest.source, weakest.target) == (2, 9)


def test_the_direct_approach_stands_beside_the_route():
    net = built([*exchange(1, 9, MONTHLY), *exchange(2, 9, WEEKLY)])
    route = find_routes(net, asker=1, targets=[9])[0]
    assert route.direct is not None
    assert route.direct.probability == alive(net.scores, 1, 9)
    assert find_routes(net, asker=3, targets=[9])[0].direct is None


def test_a_contact_may_introduce_another_contact_they_are_regularly_in_touch_with():
    net = built([*exchange(1, 5, WEEKLY), *exchange(5, 9, WEEKLY)])
    legs = find_routes(net, asker=1, targets=[9])[0].legs
    assert [(leg.source, leg.target) for leg in legs] == [(1, 5), (5, 9)]


def test_contacts_of_one_mass_mail_do_not_introduce_each_other():
    mass = [Event(5, 9, d, recipients=30) for d in WEEKLY]
    back = [Event(9, 5, d, recipients=30) for d in WEEKLY]
    assert find_routes(built([*exchange(1, 5, WEEKLY), *mass, *back]), asker=1, targets=[9]) == []


def test_three_legs_are_a_route_and_four_are_none():
    net = built([*exchange(2, 5, WEEKLY), *exchange(5, 6, WEEKLY), *exchange(6, 7, WEEKLY)])
    (route,) = find_routes(net, asker=1, targets=[6])
    assert [leg.target for leg in route.legs] == [2, 5, 6]
    assert find_routes(net, asker=1, targets=[7]) == []


def test_a_route_never_comes_back_to_the_asker():
    net = built([*exchange(1, 9, WEEKLY), *exchange(1, 2, WEEKLY)])
    assert find_routes(net, asker=1, targets=[9]) == []


def test_of_several_targets_the_one_best_reached_is_the_end_of_the_route():
    net = built([*exchange(2, 8, MONTHLY), *exchange(2, 9, WEEKLY)])
    (route,) = find_routes(net, asker=1, targets=[8, 9, 1, 777])
    assert route.target == 9


def test_equal_routes_come_in_the_order_of_their_introducers():
    net = built([*exchange(3, 9, WEEKLY), *exchange(2, 9, WEEKLY)])
    introducers = [route.introducer for route in find_routes(net, asker=1, targets=[9])]
    assert introducers == [2, 3]


def test_nobody_is_on_two_routes():
    net = built([*exchange(2, 5, WEEKLY), *exchange(3, 5, WEEKLY), *exchange(5, 9, WEEKLY)])
    (route,) = find_routes(net, asker=1, targets=[9])
    assert [leg.target for leg in route.legs] == [2, 5, 9]


def test_a_colleague_who_only_knows_the_introducer_makes_no_second_route():
    net = built([*exchange(3, 2, WEEKLY), *exchange(2, 9, WEEKLY)])
    assert [one.introducer for one in find_routes(net, asker=1, targets=[9])] == [2]


def test_a_leg_carries_the_evidence_of_its_tie_both_ways():
    call = Event(2, 9, 5, channel="call", duration_s=600)
    net = built([*exchange(2, 9, MONTHLY), Event(2, 9, 1), call])
    team, last = find_routes(net, asker=1, targets=[9])[0].legs
    assert team.tie is None
    assert last.tie is not None
    assert (last.tie.person, last.tie.sent, last.tie.received, last.tie.calls) == (2, 5, 3, 1)


def test_whoever_was_asked_often_enough_is_not_asked_first():
    net = built([*exchange(2, 9, WEEKLY), *exchange(3, 9, MONTHLY)])
    (route,) = find_routes(net, asker=1, targets=[9], wishes=Wishes(busy=[2, 777]))
    assert route.introducer == 3


def test_an_address_that_is_no_person_is_on_no_route():
    net = built([*exchange(2, 5, WEEKLY), *exchange(5, 9, WEEKLY)])
    assert find_routes(net, asker=1, targets=[9], wishes=Wishes(nobody=[5])) == []


def test_whom_the_asker_knows_best_can_come_first():
    net = built([*exchange(1, 3, WEEKLY), *exchange(3, 9, [70]), *exchange(2, 9, WEEKLY)])
    best, other = find_routes(net, asker=1, targets=[9], wishes=Wishes(order="known"))
    assert (best.introducer, other.introducer) == (3, 2)
    assert best.legs[0].probability > other.legs[0].probability
    assert best.probability < other.probability


def test_who_owes_a_favour_can_come_first():
    net = built([*exchange(2, 9, WEEKLY), *exchange(3, 9, MONTHLY), *exchange(1, 2, WEEKLY)])
    owing = Wishes(order="favour", owed={3: 0.5, 2: -1.0})
    assert [r.introducer for r in find_routes(net, asker=1, targets=[9], wishes=owing)] == [3, 2]
    none_owes = Wishes(order="favour")
    assert find_routes(net, asker=1, targets=[9], wishes=none_owes)[0].introducer == 2


def test_no_more_routes_come_than_asked_for():
    net = built([*exchange(2, 9, WEEKLY), *exchange(3, 9, WEEKLY)])
    assert [len(find_routes(net, asker=1, targets=[9], k=k)) for k in (0, 1, 2)] == [0, 1, 2]


@pytest.mark.parametrize(("asker", "target"), [(1, 777), (777, 9), (5, 1)])
def test_where_nobody_leads_there_is_no_route(asker: int, target: int):
    net = built([*exchange(2, 9, WEEKLY), Event(5, 6, 1)])
    assert find_routes(net, asker=asker, targets=[target]) == []


def test_a_route_less_likely_than_the_least_warm_is_none():
    net = built([Event(2, 9, 60)])
    assert alive(net.scores, 2, 9) * TEAM_PROBABILITY < LEAST_WARM
    assert find_routes(net, asker=1, targets=[9]) == []


def test_a_network_without_ties_has_no_routes():
    assert find_routes(built([]), asker=1, targets=[9]) == []


def random_network(seed: int) -> Network:
    rng = np.random.default_rng(seed)
    history = [
        event
        for a, b in itertools.combinations(range(1, 15), 2)
        if rng.random() < 0.25
        for event in exchange(a, b, rng.uniform(1, 90, int(rng.integers(1, 8))).tolist())
    ]
    return built(history, colleagues=(1, 2, 3, 4))


@pytest.mark.parametrize("seed", range(12))
def test_the_best_route_is_the_best_of_all_simple_paths_of_networkx(seed: int):
    net = random_network(seed)
    graph = network.to_networkx(net)
    team = -math.log(TEAM_PROBABILITY)
    for other in (2, 3, 4):
        cost = min(team, graph.get_edge_data(1, other, {"cost": team})["cost"])
        graph.add_edge(1, other, cost=cost)
    graph.add_node(14)
    graph.remove_edges_from([(1, 14)])
    paths = list(nx.all_simple_paths(graph, 1, 14, cutoff=3))
    best = [math.exp(-nx.path_weight(graph, path, "cost")) for path in paths]
    warm = max((p for p in best if p >= LEAST_WARM), default=None)
    found = [route.probability for route in find_routes(net, asker=1, targets=[14], k=1)]
    assert found == pytest.approx([] if warm is None else [warm])


def test_networkx_sees_each_edge_once_with_its_chance_and_length():
    net = built([*exchange(1, 2, WEEKLY), *exchange(2, 9, WEEKLY), Event(8, 9, 3)])
    graph = network.to_networkx(net)
    assert sorted(graph.edges) == [(1, 2), (2, 9)]
    assert graph.nodes[9]["is_colleague"] is False
    edge = graph.edges[2, 9]
    assert edge["probability"] == pytest.approx(math.exp(-edge["cost"]))
    assert edge["distance"] == pytest.approx(1 / edge["strength"])
