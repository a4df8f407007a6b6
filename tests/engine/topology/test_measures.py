"""The measures of the network: published numbers, and a second library on random graphs."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.topology.betweenness import NODES_AT_ONCE, TIES_AT_ONCE, betweenness
from app.engine.topology.breaks import breaks, spans
from app.engine.topology.closeness import closeness, inward
from app.engine.topology.communities import participation, worlds
from app.engine.topology.cores import core_numbers
from app.engine.topology.graph import Graph, keep, link, mutual, to_networkx
from app.engine.topology.holes import holes
from tests.engine.topology.graphs import borgatti, drawn, of_networkx

KITE_BETWEENNESS = [0.023, 0.023, 0.0, 0.102, 0.0, 0.231, 0.231, 0.389, 0.222, 0.0]
KITE_CLOSENESS = [0.529, 0.529, 0.500, 0.600, 0.500, 0.643, 0.643, 0.600, 0.429, 0.310]
"""Krackhardt (1990), Assessing the political landscape, 10.2307/2393394."""

seeds = st.integers(0, 10_000)


def equally_long(graph: Graph) -> np.ndarray:
    return np.ones(len(graph.a))


def in_order(values: dict[int, float]) -> list[float]:
    return [values[node] for node in sorted(values)]


def test_constraint_and_effective_size_are_those_that_borgatti_published():
    found = holes(borgatti())
    assert found.constraint[[6, 0, 2]] == pytest.approx([0.400, 0.595, 1.0], abs=5e-4)
    assert found.effective_size[[6, 0, 2]] == pytest.approx([4.67, 2.5, 1.0], abs=5e-3)


def test_constraint_takes_strength():
    found = holes(borgatti(is_weighted=True))
    assert found.constraint[[6, 0, 2]] == pytest.approx([0.299, 0.795, 1.0], abs=5e-4)


def test_the_kite_has_the_centralities_that_krackhardt_published():
    kite = of_networkx(nx.krackhardt_kite_graph())
    assert betweenness(kite, equally_long(kite)).share == pytest.approx(KITE_BETWEENNESS, abs=6e-4)
    together = np.zeros(len(kite), dtype=np.int64)
    found = closeness(kite, together)
    assert found == pytest.approx(KITE_CLOSENESS, abs=6e-4)


def test_in_freemans_star_the_middle_lies_between_all_and_nobody_else_does():
    star = of_networkx(nx.star_graph(5))
    assert betweenness(star, equally_long(star)).share.tolist() == [1.0, 0, 0, 0, 0, 0]


def test_the_karate_club_has_the_centralities_that_are_known_of_it():
    club = of_networkx(nx.Graph(nx.karate_club_graph().edges))
    share = betweenness(club, equally_long(club)).share
    assert share[[0, 33, 32]] == pytest.approx([0.4376, 0.3041, 0.1452], abs=5e-5)
    cores = core_numbers(club)
    assert (cores.max(), (cores == 4).sum()) == (4, 10)
    assert np.flatnonzero(breaks(club).is_articulation).tolist() == [0]


@given(seeds)
def test_holes_are_those_of_networkx(seed: int):
    graph = drawn(seed)
    found = holes(of_networkx(graph))
    assert found.constraint == pytest.approx(in_order(nx.constraint(graph, weight="strength")))
    sizes = nx.effective_size(graph, nodes=list(graph))
    assert found.effective_size == pytest.approx(in_order(sizes))
    several = [node for node in sorted(graph) if graph.degree(node) > 1]
    clustering = nx.clustering(graph)
    assert found.density[several] == pytest.approx([clustering[node] for node in several])


@given(seeds)
def test_betweenness_is_that_of_networkx(seed: int):
    graph = drawn(seed)
    own = of_networkx(graph)
    expected = nx.betweenness_centrality(graph, weight="length")
    assert betweenness(own, own.lengths).share == pytest.approx(in_order(expected))


def test_betweenness_is_that_of_networkx_where_the_ways_are_followed_in_parts():
    graph = drawn(1, people=NODES_AT_ONCE // 300)
    own = of_networkx(graph)
    assert len(own) ** 2 > NODES_AT_ONCE
    assert len(own) * len(own.a) > TIES_AT_ONCE
    expected = nx.betweenness_centrality(graph, weight="length")
    assert betweenness(own, own.lengths).share == pytest.approx(in_order(expected))


@given(seeds)
def test_bridges_and_articulation_points_are_those_of_networkx(seed: int):
    graph = drawn(seed)
    own = of_networkx(graph)
    found = breaks(own)
    edges = np.flatnonzero(found.is_bridge)
    pairs = set(zip(own.a[edges].tolist(), own.b[edges].tolist(), strict=True))
    assert pairs == {tuple(sorted(edge)) for edge in nx.bridges(graph)}
    points = np.flatnonzero(found.is_articulation).tolist()
    assert points == sorted(nx.articulation_points(graph))


@given(seeds)
def test_a_bridge_cuts_off_the_smaller_side(seed: int):
    graph = drawn(seed)
    own = of_networkx(graph)
    cut_off = breaks(own).cut_off
    for edge in np.flatnonzero(cut_off).tolist():
        a, b = int(own.a[edge]), int(own.b[edge])
        without = nx.restricted_view(graph, [], [(a, b)])
        sides = [len(nx.node_connected_component(without, end)) for end in (a, b)]
        assert cut_off[edge] == min(sides)


@given(seeds)
def test_local_bridges_and_their_spans_are_those_of_networkx(seed: int):
    graph = drawn(seed)
    own = of_networkx(graph)
    found = spans(own, np.arange(len(own.a)))
    ends = zip(own.a.tolist(), own.b.tolist(), strict=True)
    ours = {pair: span for pair, span in zip(ends, found.tolist(), strict=True) if span > 2}
    theirs = {(min(a, b), max(a, b)): s for a, b, s in nx.local_bridges(graph, with_span=True)}
    assert ours == theirs


@given(seeds)
def test_cores_are_those_of_networkx(seed: int):
    graph = drawn(seed)
    assert core_numbers(of_networkx(graph)).tolist() == in_order(nx.core_number(graph))


@given(seeds)
def test_closeness_is_that_of_networkx_in_each_community_alone(seed: int):
    graph = drawn(seed)
    own = of_networkx(graph)
    label = np.arange(len(own)) % 3
    found = closeness(own, label)
    for number in range(3):
        nodes = np.flatnonzero(label == number).tolist()
        expected = nx.closeness_centrality(graph.subgraph(nodes))
        assert found[nodes] == pytest.approx([expected[node] for node in nodes])


def test_closeness_is_the_same_in_a_community_of_hundreds():
    graph = nx.gnp_random_graph(150, 0.03, seed=4)
    graph.remove_nodes_from(list(nx.isolates(graph)))
    own = of_networkx(graph)
    found = closeness(own, np.zeros(len(own), dtype=np.int64))
    assert found == pytest.approx(in_order(nx.closeness_centrality(graph)))


@given(seeds)
def test_acquaintances_in_common_are_counted_for_strangers_too(seed: int):
    graph = drawn(seed)
    own = of_networkx(graph)
    a, b = np.triu_indices(len(own), 1)
    expected = [len(set(graph[u]) & set(graph[v])) for u, v in zip(a, b, strict=True)]
    assert mutual(own, a, b).tolist() == expected


def test_betweenness_of_many_is_sampled_and_says_how_far_it_may_be_off():
    club = of_networkx(nx.connected_caveman_graph(20, 6))
    exact = betweenness(club, equally_long(club))
    sampled = betweenness(club, equally_long(club), exact=10, sources=60)
    assert (exact.sources, exact.error, sampled.sources) == (120, 0.0, 60)
    assert 0 < np.abs(sampled.share - exact.share).max() <= sampled.error


def test_participation_is_nothing_in_one_world_and_large_in_many():
    star = of_networkx(nx.star_graph(4))
    assert participation(star, np.zeros(5, dtype=np.int64))[0] == 0
    assert participation(star, np.arange(5))[0] == pytest.approx(1 - 4 * 0.25**2)
    assert worlds(star, np.arange(5)).tolist() == [5, 2, 2, 2, 2]


def test_the_inward_share_is_of_strength():
    graph = of_networkx(nx.path_graph(3))
    pulled = link(graph.a, graph.b, np.array([3.0, 1.0]))
    assert inward(pulled, np.array([0, 0, 1])).tolist() == [1.0, 0.75, 0.0]


def test_without_an_edge_it_is_the_graph_without_that_edge():
    club = of_networkx(nx.karate_club_graph())
    without = keep(club, np.arange(len(club.a)) != 7)
    pairs = set(to_networkx(club).edges) - set(to_networkx(without).edges)
    assert pairs == {(int(club.a[7]), int(club.b[7]))}
    assert without.of(int(club.a[7])).tolist() == sorted(to_networkx(without)[int(club.a[7])])


def test_who_knows_nobody_is_in_no_core():
    path = of_networkx(nx.path_graph(6))
    assert core_numbers(keep(path, np.arange(5) == 2)).tolist() == [0, 0, 1, 1, 0, 0]


def test_where_one_of_many_leaves_the_others_keep_their_core():
    ring_with_a_tail = of_networkx(nx.tadpole_graph(1_200, 3))
    assert np.bincount(core_numbers(ring_with_a_tail)).tolist() == [0, 3, 1_200]


def test_nobody_has_no_measures():
    nobody = link(*np.zeros((2, 0), dtype=np.int64), np.zeros(0))
    assert len(holes(nobody).constraint) == 0
    assert len(betweenness(nobody, nobody.lengths).share) == 0
    assert len(core_numbers(nobody)) == 0
    assert len(breaks(nobody).cut_off) == 0
