"""What is planted in companies is found among the firm ties, mail to all hands or not.

What was measured stands in `docs/model.md`. Longer with TIELINE_STEPS: a company of as many people.
"""

import math
import os
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

from app.engine import network
from app.engine.strength import BAND_CUTS
from app.engine.topology.bridges import Bridge, bridges, far_sides, strong_ties
from app.engine.topology.health import health
from app.engine.topology.holes import holes
from app.engine.topology.positions import Positions, Surroundings, positions
from tests.engine.planted import Planted, planted_company
from tests.engine.topology.graphs import of_networkx

LONG = os.environ.get("TIELINE_STEPS")
COMPANIES = [(400, 1), (400, 2), *([(int(LONG), 3)] if LONG else [])]


@pytest.fixture(scope="module", params=COMPANIES, ids=str)
def company(request: pytest.FixtureRequest) -> Planted:
    return planted_company(*request.param)


@pytest.fixture(scope="module")
def found(company: Planted) -> Positions:
    return positions(company.scores, Surroundings(accounts=company.accounts))


def pairs(listed: list[Bridge]) -> set[tuple[int, int]]:
    return {(one.a, one.b) for one in listed}


def planted_bridges(company: Planted) -> set[tuple[int, int]]:
    told = [c["bridge"] for c in company.communities if c["bridge"]]
    ends = [sorted(company.numbers[record] for record in pair) for pair in told]
    return {(low, high) for low, high in ends}


def same_pairs(label: np.ndarray) -> float:
    """How many pairs of things have one label."""
    return float(sum(math.comb(int(size), 2) for size in np.unique(label, return_counts=True)[1]))


def adjusted_rand(one: np.ndarray, other: np.ndarray) -> float:
    """Hubert & Arabie (1985), Comparing partitions, 10.1007/BF01908075."""
    both = same_pairs(one * (int(other.max()) + 1) + other)
    first, second, every = same_pairs(one), same_pairs(other), math.comb(len(one), 2)
    chance = first * second / every
    return (both - chance) / ((first + second) / 2 - chance)


def test_the_planted_bridges_are_found_and_nothing_else_is(company: Planted, found: Positions):
    planted, ours = planted_bridges(company), pairs(bridges(found))
    assert len(planted) >= 7
    assert len(planted & ours) >= 0.95 * len(planted)
    assert len(planted & ours) >= 0.95 * len(ours)


def test_the_planted_communities_are_found(company: Planted, found: Positions):
    teams = {
        company.numbers[member]: team["number"]
        for team in reversed(company.communities)
        for member in team["members"]
    }
    nodes = [i for i, person in enumerate(found.graph.people.tolist()) if person in teams]
    team = np.array([teams[int(found.graph.people[i])] for i in nodes])
    assert len(nodes) >= 0.95 * len(found)
    assert adjusted_rand(found.community[nodes], team) >= 0.9


def test_a_bridge_names_the_accounts_on_its_far_side(company: Planted, found: Positions):
    sides, named = far_sides(found, bridges(found)), []
    for team in company.communities[1:]:
        contact, above = team["bridge"][1], (team["number"] - 1) // 2
        named.append(f"account-{above}-" in sides[company.numbers[contact]])
    assert np.mean(named) >= 0.95


def test_whole_teams_hang_on_the_bridges_of_a_company_that_is_a_tree(found: Positions):
    listed = bridges(found)
    assert [one.span for one in listed] == [None] * len(listed)
    assert listed[0].cut_off == max(one.cut_off for one in listed) > 20


def test_a_planted_company_is_healthy(found: Positions):
    assert found.health.is_sound
    assert found.health.correlation is not None
    assert found.health.correlation > 0.2


def test_strong_ties_that_are_bridges_are_told_as_exceptions(found: Positions):
    listed = bridges(found)
    told = strong_ties(found, listed)
    shown = found.scores.shown
    assert set(told.exceptions) == {o.row for o in listed if o.points >= BAND_CUTS[-1]}
    assert shown[list(told.exceptions)].tolist() == sorted(shown[list(told.exceptions)])[::-1]
    assert told.bridges == len(told.exceptions) < told.strong
    least = replace(found.scores, cuts=(0.1, 1.2, 1.3))
    assert strong_ties(replace(found, scores=least), listed).bridges == len(listed)


def test_where_strong_ties_lie_between_groups_no_tie_is_called_a_bridge(found: Positions):
    graph, gaps = found.graph, found.holes
    turned = replace(graph, strength=1 / (0.1 + gaps.overlap))
    sick = health(turned, gaps.overlap, np.zeros(len(graph.a)))
    assert (sick.is_sound, sick.correlation) == (False, pytest.approx(-1))
    assert sick.reason.startswith("No tie is called a bridge: strong ties do not lie inside")
    assert bridges(replace(found, health=sick)) == []


@pytest.mark.parametrize(("ties", "told"), [(29, "29 are known"), (40, "share acquaintances")])
def test_records_that_tell_nothing_of_groups_are_refused(ties: int, told: str):
    star = of_networkx(nx.star_graph(ties))
    found = health(star, np.zeros(ties), np.zeros(ties))
    assert (found.is_sound, found.correlation) == (False, None)
    assert told in found.reason


def test_overlap_does_not_prove_itself_by_the_factor_it_is_in_strength():
    clique = of_networkx(nx.disjoint_union(nx.complete_graph(9), nx.star_graph(20)))
    overlap = holes(clique).overlap
    found = health(replace(clique, strength=1 + overlap), overlap, overlap)
    assert (found.is_sound, found.correlation) == (False, None)


def test_the_same_company_gives_the_same_positions_to_the_byte(company: Planted, found: Positions):
    again = positions(company.scores, Surroundings(accounts=company.accounts))
    for name in ("community", "closeness", "participation", "core"):
        assert getattr(again, name).tobytes() == getattr(found, name).tobytes()
    assert again.betweenness.share.tobytes() == found.betweenness.share.tobytes()
    assert again.communities == found.communities


def test_communities_keep_their_numbers_until_the_next_day(company: Planted, found: Positions):
    people = found.graph.people.tolist()
    before = dict(zip(people, (found.community + 100).tolist(), strict=True))
    later = positions(company.scores, Surroundings(company.accounts, before=before))
    assert later.community.tolist() == (found.community + 100).tolist()


def test_the_network_of_routes_and_the_firm_one_agree_on_contacts(company: Planted):
    scores = company.scores
    outside = ~scores.is_colleague(scores.ties.a) & ~scores.is_colleague(scores.ties.b)
    routes = {row for row in np.unique(network.build(scores).rows).tolist() if outside[row]}
    firm = positions(scores).graph.rows
    assert routes <= set(firm[outside[firm]].tolist())
