"""Neighbourhood overlap: how many of the people two people know do both know?"""

import numpy as np

from app.engine.ties import Ties
from app.engine.weights import DEFAULT, Floats, Ints, Weights

CHUNK = 1_000_000
"""Neighbours looked up at once; bounds the memory used, whatever the size of a hub."""


def overlap(ties: Ties, *, weights: Weights = DEFAULT) -> Floats:
    """Give the neighbourhood overlap of every tie.

    Neighbours are those with whom a person has enough volume in small mails and meetings
    (`Weights.edge_threshold`, `mail_cap`, `talk_cap`), so that a newsletter makes nobody
    acquainted. The two people themselves count for neither.

    Returns:
        Shared neighbours over all neighbours of either, 0 to 1, (n_ties,); 0 without any.

    Source:
        Onnela et al. (2007), 10.1073/pnas.0610245104.
    """
    people, ends = np.unique(np.concatenate([ties.a, ties.b]), return_inverse=True)
    a, b = ends[: len(ties)], ends[len(ties) :]
    is_edge = ties.small_volume >= weights.edge_threshold
    edges_from = np.concatenate([a[is_edge], b[is_edge]])
    edges_to = np.concatenate([b[is_edge], a[is_edge]])
    order = np.lexsort((edges_to, edges_from))
    edges_from, edges_to = edges_from[order], edges_to[order]
    degree = np.bincount(edges_from, minlength=len(people))
    shared = _shared(a, b, edges_from * len(people) + edges_to, edges_to, degree)
    either = degree[a] + degree[b] - 2 * is_edge - shared
    return shared / np.maximum(either, 1)


def _shared(a: Ints, b: Ints, keys: Ints, edges_to: Ints, degree: Ints) -> Ints:
    """Count common neighbours, walking the shorter of the two lists: a hub costs nothing."""
    shared = np.zeros(len(a), dtype=np.int64)
    if not len(keys):
        return shared
    short = np.where(degree[a] <= degree[b], a, b)
    other = np.where(degree[a] <= degree[b], b, a)
    begin = np.cumsum(degree) - degree
    steps = np.cumsum(degree[short])
    cuts = np.unique(np.searchsorted(steps, np.arange(CHUNK, steps[-1] + CHUNK, CHUNK)))
    for rows in np.split(np.arange(len(a)), cuts):
        lengths = degree[short[rows]]
        within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        neighbour = edges_to[np.repeat(begin[short[rows]], lengths) + within]
        sought = np.repeat(other[rows], lengths) * len(degree) + neighbour
        place = np.minimum(np.searchsorted(keys, sought), len(keys) - 1)
        is_shared = keys[place] == sought
        shared[rows] = np.bincount(
            np.repeat(np.arange(len(rows)), lengths), weights=is_shared, minlength=len(rows)
        ).astype(np.int64)
    return shared
