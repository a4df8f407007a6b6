"""Influencers, the portfolio, and what a segment thinks most people think."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.topology.influencers import (
    AWARENESS,
    CONVERSION,
    Influencer,
    awareness,
    conversion,
    focus_share,
    influencers,
    majority,
    portfolio,
)
from app.engine.topology.positions import Positions, Surroundings, positions
from tests.engine.histories import NOW, Event, columns
from tests.engine.planted import Planted, planted_company
from tests.engine.topology.graphs import of_networkx

TOP = 25


@pytest.fixture(scope="module", params=[(400, 1), (1500, 2)], ids=str)
def company(request: pytest.FixtureRequest) -> Planted:
    return planted_company(*request.param)


@pytest.fixture(scope="module")
def found(company: Planted) -> Positions:
    return positions(company.scores, Surroundings(accounts=company.accounts))


@pytest.fixture(scope="module")
def listed(found: Positions) -> list[Influencer]:
    return influencers(found)


def first(found: Positions, values: np.ndarray, people: int = TOP) -> set[int]:
    """The people outside who have most of something."""
    outside = np.where(found.is_colleague, 0.0, values)
    return set(found.graph.people[np.argsort(-outside, kind="stable")[:people]].tolist())


def test_the_two_kinds_are_different_people(found: Positions):
    assert len(first(found, awareness(found)) & first(found, conversion(found))) <= 3


def test_the_planted_awareness_influencers_come_first(company: Planted, found: Positions):
    planted = company.of("awareness")
    assert len(first(found, awareness(found), len(planted)) & planted) >= len(planted) - 1


def test_the_planted_conversion_influencers_come_first(company: Planted, found: Positions):
    planted = company.of("conversion")
    assert len(first(found, conversion(found), len(planted)) & planted) >= 0.95 * len(planted)


def test_everybody_is_on_one_list_and_ranks_follow_values(listed: list[Influencer]):
    people = [one.person for one in listed]
    assert len(people) == len(set(people))
    for kind in (AWARENESS, CONVERSION):
        values = [one.value for one in listed if one.kind == kind]
        assert values == sorted(values, reverse=True)
        assert [one.rank for one in listed if one.kind == kind] == list(range(1, len(values) + 1))


def test_no_colleague_is_an_influencer(company: Planted, listed: list[Influencer]):
    assert not {one.person for one in listed} & set(company.colleagues.tolist())


def test_a_portfolio_is_split_evenly_and_no_larger_than_asked(
    found: Positions, listed: list[Influencer]
):
    chosen = portfolio(found, listed, size=14)
    kinds = [one.kind for one in chosen.members]
    assert len(kinds) == 14
    assert kinds.count(AWARENESS) == 7


def test_too_few_of_a_kind_are_made_up_for_by_three_at_most(
    found: Positions, listed: list[Influencer]
):
    few = [one for one in listed if one.kind == CONVERSION or one.rank <= 2]
    chosen = portfolio(found, few, size=20)
    kinds = [one.kind for one in chosen.members]
    assert (kinds.count(AWARENESS), kinds.count(CONVERSION)) == (2, 13)


def test_a_portfolio_reaches_more_communities_than_the_first_of_each_list(
    found: Positions, listed: list[Influencer]
):
    chosen = portfolio(found, listed, size=6)
    top = [one for one in listed if one.rank <= 3]
    plain = portfolio(found, top, size=6)
    assert chosen.communities >= plain.communities
    assert chosen.of_communities == len(found.communities)


def test_focus_is_the_share_of_our_contacts_that_go_to_the_portfolio():
    ours = np.array([1, 2])
    history = [Event(1, 8), Event(8, 1), Event(2, 9), Event(1, 2), Event(1, 9, 100), Event(8, 9)]
    shared = focus_share(columns(history), [8], colleagues=ours, as_of_s=NOW)
    assert shared == pytest.approx(2 / 3)
    assert focus_share(columns([]), [8], colleagues=ours, as_of_s=NOW) is None


def test_a_few_whom_all_know_make_a_majority_for_everybody():
    hub = of_networkx(nx.complete_bipartite_graph(2, 9))
    before = majority(hub, range(2, 11), [0])
    after = majority(hub, range(2, 11), [0, 1])
    assert (before.members, before.convinced, before.see) == (9, 0.0, 0.0)
    assert (after.convinced, after.see) == (0.0, 1.0)


def test_half_of_those_one_knows_is_no_majority():
    line = of_networkx(nx.path_graph(3))
    assert majority(line, [1], [0]).see == 0.0
    assert majority(line, [1], [0, 2]).see == 1.0


def test_who_knows_nobody_sees_nothing():
    assert majority(of_networkx(nx.path_graph(3)), [77], [0]).members == 0


@given(st.sets(st.integers(0, 33)), st.integers(0, 33))
def test_another_advocate_never_makes_a_view_seem_rarer(advocates: set[int], added: int):
    club = of_networkx(nx.karate_club_graph())
    before = majority(club, range(34), advocates)
    after = majority(club, range(34), advocates | {added})
    assert after.see >= before.see
