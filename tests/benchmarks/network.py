"""What the measures of the network cost, beside networkx alone.

    python -m tests.benchmarks.network [people] [ties per person] [sources]

The graph is of communities of fifty whose people know each other, nine ties of ten inside. Ways
are followed from a few sources only; a whole betweenness takes 1,024 of them, or all.
"""

import sys
import time
from collections.abc import Callable

import networkx as nx
import numpy as np

from app.engine.topology.betweenness import betweenness
from app.engine.topology.breaks import breaks
from app.engine.topology.communities import communities, participation
from app.engine.topology.cores import core_numbers
from app.engine.topology.graph import Graph, link, to_networkx
from app.engine.topology.holes import holes

PEOPLE, TIES, SOURCES, COMMUNITY, INSIDE = 100_000, 10, 8, 50, 0.9


def drawn(people: int, ties: int) -> Graph:
    """A random network of communities."""
    rng = np.random.default_rng(1)
    one = np.repeat(np.arange(people), ties)
    near = one // COMMUNITY * COMMUNITY + rng.integers(0, COMMUNITY, len(one))
    other = np.where(rng.random(len(one)) < INSIDE, near, rng.integers(0, people, len(one)))
    low, high = np.minimum(one, other), np.maximum(one, other)
    pairs = np.unique(np.stack([low, high])[:, low != high], axis=1)
    return link(*pairs, rng.lognormal(0, 1, pairs.shape[1]))


def seconds(work: Callable[[], object]) -> float:
    """How long something takes, once."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def main(people: int = PEOPLE, ties: int = TIES, sources: int = SOURCES) -> None:
    """Print a line for each measure."""
    graph = drawn(people, ties)
    face = to_networkx(graph)
    label = communities(graph)
    print(f"{len(graph):,} people, {len(graph.a):,} ties")
    print(f"{'measure':<34}{'ours, s':>10}{'networkx, s':>13}{'ratio':>8}")
    measures: tuple[tuple[str, Callable[[], object], Callable[[], object] | None], ...] = (
        (
            "overlap, constraint, size, density",
            lambda: holes(graph),
            lambda: nx.constraint(face, weight="strength"),
        ),
        (
            "bridges, articulation points",
            lambda: breaks(graph),
            lambda: (list(nx.bridges(face)), list(nx.articulation_points(face))),
        ),
        ("cores", lambda: core_numbers(graph), lambda: nx.core_number(face)),
        (
            f"betweenness from {sources} sources",
            lambda: betweenness(graph, graph.lengths, exact=0, sources=sources),
            lambda: nx.betweenness_centrality(face, k=sources, weight="distance", seed=1),
        ),
        ("communities (by networkx)", lambda: communities(graph), None),
        ("participation", lambda: participation(graph, label), None),
    )
    for name, ours, theirs in measures:
        own, other = seconds(ours), seconds(theirs) if theirs else None
        beside = f"{other:>13.2f}{other / own:>8.1f}" if other else ""
        print(f"{name:<34}{own:>10.2f}{beside}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
