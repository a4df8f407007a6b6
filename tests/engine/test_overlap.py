"""Neighbourhood overlap: by hand, and against networkx."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine import fold
from app.engine import overlap as overlap_module
from app.engine.overlap import overlap
from tests.engine.histories import NOW, Event, columns

pairs = st.tuples(st.integers(0, 11), st.integers(0, 11)).filter(lambda pair: pair[0] != pair[1])


def of(history: list[Event]) -> dict[tuple[int, int], float]:
    ties = fold(columns(history), as_of_s=NOW)
    ends = zip(ties.a.tolist(), ties.b.tolist(), strict=True)
    return dict(zip(ends, overlap(ties).tolist(), strict=True))


@settings(max_examples=80)
@given(st.lists(pairs, max_size=40))
def test_overlap_is_that_of_networkx(edges: list[tuple[int, int]]):
    graph = nx.Graph(edges)
    for (a, b), value in of([Event(a, b) for a, b in edges]).items():
        either = (set(graph[a]) | set(graph[b])) - {a, b}
        shared = len(list(nx.common_neighbors(graph, a, b)))
        assert value == pytest.approx(shared / max(len(either), 1))


def test_friends_of_a_triangle_with_one_outsider_share_half_of_their_neighbours():
    assert of([Event(1, 2), Event(2, 3), Event(1, 3), Event(3, 4)]) == pytest.approx(
        {(1, 2): 1.0, (1, 3): 0.5, (2, 3): 0.5, (3, 4): 0.0}
    )


def test_mass_mail_and_large_meetings_make_nobody_acquainted():
    mass = [Event(1, 3, recipients=9), Event(2, 3, channel="meeting", recipients=12)]
    assert of([Event(1, 2), *mass])[1, 2] == 0


def test_small_mail_and_small_meetings_do():
    small = [Event(1, 3, recipients=8), Event(2, 3, channel="meeting", recipients=11)]
    assert of([Event(1, 2), *small])[1, 2] == 1


def test_a_hub_is_looked_up_in_pieces(monkeypatch: pytest.MonkeyPatch):
    rng = np.random.default_rng(3)
    history = [Event(int(a), int(b)) for a, b in rng.integers(0, 40, (300, 2)) if a != b]
    whole = of(history)
    monkeypatch.setattr(overlap_module, "CHUNK", 7)
    assert of(history) == whole
