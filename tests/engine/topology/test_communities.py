"""Communities: known ones, their names, and numbers that stay from run to run."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.topology.communities import Homes, communities, keep_numbers, named
from app.engine.topology.louvain import louvain, modularity
from tests.engine.topology.graphs import of_networkx


def test_the_karate_club_breaks_where_it_broke():
    club = nx.karate_club_graph()
    found = communities(of_networkx(club))
    sides = [{club.nodes[n]["club"] for n in np.flatnonzero(found == c)} for c in range(4)]
    mixed = [c for c, side in enumerate(sides) if len(side) > 1]
    assert found.max() == 3
    assert len(mixed) <= 1
    parts = [set(np.flatnonzero(found == c).tolist()) for c in range(4)]
    assert nx.community.modularity(club, parts, weight=None) == pytest.approx(0.4156, abs=0.01)


def test_the_largest_is_number_nothing_and_the_same_graph_gives_the_same():
    graph = of_networkx(nx.disjoint_union(nx.complete_graph(4), nx.complete_graph(6)))
    assert communities(graph).tolist() == [1] * 4 + [0] * 6
    assert communities(graph).tobytes() == communities(graph).tobytes()


def test_groups_joined_by_one_tie_stay_apart_however_many_there_are():
    ring = nx.ring_of_cliques(60, 8)
    found = communities(of_networkx(ring))
    assert found.max() + 1 == 60
    assert set(np.bincount(found).tolist()) == {8}


@pytest.mark.parametrize("people", [150, 1_500, 4_500])
def test_communities_are_as_modular_as_those_of_networkx(people: int):
    drawn = nx.planted_partition_graph(people // 15, 15, 0.5, 2 / people, seed=3)
    graph = of_networkx(drawn)
    ours = modularity(graph, louvain(graph, resolution=1.0, seed=1))
    parts = nx.community.louvain_communities(drawn, seed=1)
    assert ours >= nx.community.modularity(drawn, parts) - 0.002


def test_nobody_gains_by_going_to_another_community_alone():
    graph = of_networkx(nx.planted_partition_graph(10, 15, 0.3, 0.02, seed=3))
    found = louvain(graph, resolution=1.0, seed=1)
    best = modularity(graph, found)
    for node in range(len(graph)):
        for other in set(found[graph.of(node)].tolist()):
            moved = np.where(np.arange(len(graph)) == node, other, found)
            assert modularity(graph, moved) <= best + 1e-9


def test_modularity_is_that_of_networkx():
    club = nx.karate_club_graph()
    label = np.arange(len(club)) % 3
    parts = [set(np.flatnonzero(label == number).tolist()) for number in range(3)]
    expected = nx.community.modularity(club, parts, weight=None, resolution=1.5)
    assert modularity(of_networkx(club), label, resolution=1.5) == pytest.approx(expected)


def test_who_knows_as_many_here_as_there_is_at_home_with_their_account():
    two = nx.disjoint_union(nx.complete_graph(4), nx.complete_graph(4))
    two.add_edges_from([(0, 8), (8, 4)])
    for home, away in ((0, 1), (1, 0)):
        homes = Homes(np.array([0, 0, 0, 0, 1, 1, 1, 1, home]), np.array([0, 1]), np.array([1, 5]))
        found = communities(of_networkx(two), homes=homes)
        assert found[8] == found[4 * home]
        assert found[8] != found[4 * away]


def test_a_community_keeps_its_number_while_most_of_its_people_stay():
    before = {1: 5, 2: 5, 3: 5, 4: 8, 5: 8}
    now = {1: 1, 2: 1, 3: 0, 4: 0, 5: 0, 6: 2}
    assert keep_numbers(now, before) == {0: 8, 1: 5, 2: 9}


@given(st.dictionaries(st.integers(0, 30), st.integers(0, 5)))
def test_what_has_not_changed_keeps_all_its_numbers(label: dict[int, int]):
    assert keep_numbers(label, label) == {one: one for one in label.values()}


@given(*[st.dictionaries(st.integers(0, 30), st.integers(0, 5))] * 2)
def test_no_two_communities_get_one_number(now: dict[int, int], before: dict[int, int]):
    given = keep_numbers(now, before)
    assert given.keys() == set(now.values())
    assert len(set(given.values())) == len(given)


def test_a_community_of_many_accounts_is_called_after_their_industries():
    places = [f"Company {number}" for number in range(6)]
    trades = ["Banking"] * 4 + ["Insurance"] * 2
    assert named(places, "Ada", industries=trades) == "Banking and Insurance"
    assert named(["Acme"] * 6, "Ada", industries=trades) == "Acme"


@pytest.mark.parametrize(
    ("places", "name"),
    [
        (["Acme"] * 3 + ["Bolt"], "Acme and Bolt"),
        (["Acme"] * 9 + ["Bolt"], "Acme"),
        ([None, None], "around Ada"),
        (["Bolt", "Acme"], "Acme and Bolt"),
        (["x" * 200], f"{'x' * 119}…"),
    ],
)
def test_a_community_is_called_after_the_accounts_of_its_people(places: list[str], name: str):
    assert named(places, "Ada") == name
