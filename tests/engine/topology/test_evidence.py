"""How edges are known, and how far each is to be trusted."""

import numpy as np
import pytest

from app.engine import score
from app.engine.topology.evidence import (
    CRM_LINK,
    EVIDENCE,
    MOST_AT_EMPLOYER,
    SAME_EMPLOYER,
    Edges,
    Links,
    edges,
    same_employer,
)
from tests.engine.histories import NOW, Event, columns, exchange

HISTORY = [
    *exchange(1, 2, [3, 9]),
    *exchange(1, 10, range(1, 40, 5)),
    *exchange(10, 11, [4]),
    Event(12, 1, 5, recipients=40),
]


def known(*links: Links) -> Edges:
    own = np.array([1, 2], dtype=np.int64)
    return edges(score(columns(HISTORY), as_of_s=NOW, colleagues=own), links)


def told(found: Edges) -> dict[tuple[int, int], set[str]]:
    pairs = zip(found.a.tolist(), found.b.tolist(), strict=True)
    by = found.known_by.T.tolist()
    return {
        pair: {EVIDENCE[kind] for kind, is_so in enumerate(row) if is_so}
        for pair, row in zip(pairs, by, strict=True)
    }


def of_work(people: int) -> Links:
    return same_employer(np.arange(people), np.zeros(people, dtype=np.int64))


def test_measured_edges_are_told_apart_by_who_the_two_are():
    assert told(known()) == {
        (1, 2): {"two colleagues"},
        (1, 10): {"colleague and contact"},
        (10, 11): {"two contacts"},
    }


def test_one_edge_may_be_known_by_several_kinds_and_is_trusted_more():
    link = Links(np.array([11]), np.array([10]), np.array([CRM_LINK]))
    alone, both = known(), known(link)
    assert told(both)[10, 11] == {"two contacts", "link in the CRM"}
    row = list(told(both)).index((10, 11))
    expected = 1 - (1 - alone.confidence[row]) * (1 - 0.4)
    assert both.confidence[row] == pytest.approx(expected)


def test_an_edge_that_is_only_assumed_is_not_firm():
    found = known(Links(np.array([30]), np.array([31]), np.array([CRM_LINK])))
    firm = {pair for pair, is_firm in zip(told(found), found.is_firm, strict=True) if is_firm}
    assert firm == {(1, 10)}


def test_people_at_one_place_are_linked_and_those_without_a_place_are_not():
    found = same_employer(np.array([5, 6, 7, 8]), np.array([0, -1, 0, -1]))
    assert (found.a.tolist(), found.b.tolist(), found.kind.tolist()) == ([5], [7], [SAME_EMPLOYER])


def test_the_more_people_work_there_the_less_it_says_and_then_nothing():
    few, many = (
        float(
            edges(
                score(columns([]), as_of_s=NOW, colleagues=np.array([1])), [of_work(people)]
            ).confidence[0]
        )
        for people in (5, MOST_AT_EMPLOYER)
    )
    assert (few, many) == (pytest.approx(0.5), pytest.approx(0.5 * 15 / (MOST_AT_EMPLOYER - 1)))
    assert len(of_work(MOST_AT_EMPLOYER + 1).a) == 0


def test_nobody_is_linked_with_themself():
    assert len(known(Links(np.array([3]), np.array([3]), np.array([CRM_LINK])))) == len(known())
