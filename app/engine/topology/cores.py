"""How deep somebody is in the thick of the network: k-cores."""

from typing import Final

import numpy as np

from app.engine.topology.graph import Graph
from app.engine.weights import Ints

MANY: Final = 4
"""When one node in so many loses a tie, looking at all of them is quicker than at each loss."""

GONE: Final = 2**62
"""As many ties as nobody has: whoever left is never found again."""


def core_numbers(graph: Graph) -> Ints:
    """The largest k so that a node is among people who have k ties with each other each, (n,).

    Source:
        Seidman (1983), Network structure and minimum degree, 10.1016/0378-8733(83)90028-X.
    """
    left = graph.degree.astype(np.int64)
    core = np.zeros(len(graph), dtype=np.int64)
    place = np.empty(len(graph), dtype=np.int64)
    remaining, k = len(graph), 0
    while remaining:
        k = max(k, int(left.min()))
        gone = np.flatnonzero(left <= k)
        while len(gone):
            core[gone] = k
            left[gone] = GONE
            remaining -= len(gone)
            gone = _following(graph, gone, left, place, k)
    return core


def _following(graph: Graph, gone: Ints, left: Ints, place: Ints, k: int) -> Ints:
    """Take the ties of those who left from the others, and give who leaves next, each once."""
    lost = graph.neighbours[graph.slots(gone)]
    if MANY * len(lost) > len(graph):
        left -= np.bincount(lost, minlength=len(graph))
        return np.flatnonzero(left <= k)
    np.subtract.at(left, lost, 1)
    low: Ints = lost[left[lost] <= k]
    place[low] = np.arange(len(low))
    following: Ints = low[place[low] == np.arange(len(low))]
    return following
