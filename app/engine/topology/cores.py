"""How deep somebody is in the thick of the network: k-cores."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import csr_array

from app.engine.topology.graph import Graph
from app.engine.weights import Ints

MANY: Final = 500
"""Where more than one in so many leaves, looking at everybody is quicker than at each tie lost."""

GONE: Final = 2**30
"""More ties than anybody has: whoever left does not leave again."""


def core_numbers(graph: Graph) -> Ints:
    """The largest k so that a node is among people who have k ties with each other each, (n,).

    Source:
        Seidman (1983), Network structure and minimum degree, 10.1016/0378-8733(83)90028-X.
    """
    peel = _Peel.of(graph)
    core = np.zeros(len(graph), dtype=np.int64)
    remaining, k = len(graph), 0
    while remaining:
        k = max(k, int(peel.left.min()))
        gone = np.flatnonzero(peel.left <= k)
        while len(gone):
            core[gone] = k
            remaining -= len(gone)
            gone = peel.following(gone, k)
    return core


@dataclass(frozen=True, slots=True, eq=False)
class _Peel:
    """How many ties everybody has to those who have not left; `left` changes.

    Attributes:
        graph: The ties.
        ones: One for each slot, in the rows of the nodes.
        left: How many there are, (n,); about `GONE` for those who left.
        place: Room for a number for each node.
    """

    graph: Graph
    ones: csr_array
    left: "np.ndarray[tuple[int], np.dtype[np.int32]]"
    place: Ints

    @classmethod
    def of(cls, graph: Graph) -> "_Peel":
        """Nobody has left."""
        ones = np.ones(len(graph.neighbours), dtype=np.int32)
        size = (len(graph), len(graph))
        return cls(
            graph=graph,
            ones=csr_array((ones, graph.neighbours, graph.starts), shape=size),
            left=graph.degree.astype(np.int32),
            place=np.empty(len(graph), dtype=np.int64),
        )

    def following(self, gone: Ints, k: int) -> Ints:
        """Let some leave, and tell who has k ties or fewer without them, each once."""
        self.left[gone] = GONE
        if MANY * len(gone) > len(self.left):
            self.left[:] -= self.ones[gone].T @ np.ones(len(gone), dtype=np.int32)
            return np.flatnonzero(self.left <= k)
        lost = self.graph.neighbours[self.graph.slots(gone)]
        np.subtract.at(self.left, lost, np.int32(1))
        low = lost[self.left[lost] <= k]
        self.place[low] = np.arange(len(low))
        following: Ints = low[self.place[low] == np.arange(len(low))]
        return following
