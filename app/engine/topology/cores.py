"""How deep somebody is in the thick of the network: k-cores."""

import numpy as np

from app.engine.topology.graph import Graph
from app.engine.weights import Ints


def core_numbers(graph: Graph) -> Ints:
    """The largest k so that a node is among people who have k ties with each other each, (n,).

    Source:
        Seidman (1983), Network structure and minimum degree, 10.1016/0378-8733(83)90028-X.
    """
    left = graph.degree.astype(np.int64)
    core = np.zeros(len(graph), dtype=np.int64)
    is_left = np.ones(len(graph), dtype=np.bool_)
    place, k = np.empty(len(graph), dtype=np.int64), 0
    while is_left.any():
        k = max(k, int(left[is_left].min()))
        gone = np.flatnonzero(is_left & (left <= k))
        while len(gone):
            core[gone] = k
            is_left[gone] = False
            lost = graph.neighbours[graph.slots(gone)]
            np.subtract.at(left, lost, 1)
            gone = lost[is_left[lost] & (left[lost] <= k)]
            place[gone] = np.arange(len(gone))
            gone = gone[place[gone] == np.arange(len(gone))]  # each once
    return core
