"""Graphs of which the literature tells the measures, and a way to our own graph."""

import networkx as nx
import numpy as np

from app.engine.topology.graph import Graph, link

BORGATTI = ("AB", "AF", "AG", "AE", "EG", "FG", "BG", "BD", "DG", "GC")
BORGATTI_STRENGTH = (2, 3, 5, 2, 8, 3, 4, 1, 3, 10)
"""The example of Borgatti (1997), and strengths for it as networkx's tests have them."""


def of_networkx(graph: "nx.Graph[int]") -> Graph:
    """The same graph as ours; `strength` of an edge, 1 where it has none."""
    ends = np.array(sorted(tuple(sorted(edge)) for edge in graph.edges), dtype=np.int64)
    a, b = ends.reshape(-1, 2).T
    strength = [graph.edges[u, v].get("strength", 1.0) for u, v in ends.tolist()]
    return link(a, b, np.array(strength, dtype=np.float64))


def borgatti(*, is_weighted: bool = False) -> Graph:
    """The example, its nodes A to G numbered from 0 to 6."""
    graph: nx.Graph[int] = nx.Graph()
    for (a, b), strength in zip(BORGATTI, BORGATTI_STRENGTH, strict=True):
        weight = float(strength) if is_weighted else 1.0
        graph.add_edge(ord(a) - ord("A"), ord(b) - ord("A"), strength=weight)
    return of_networkx(graph)


def drawn(seed: int, people: int = 24) -> "nx.Graph[int]":
    """A random graph without loners; many strengths are equal, so that ways are equally long."""
    rng = np.random.default_rng(seed)
    graph = nx.gnp_random_graph(people, float(rng.uniform(0.06, 0.3)), seed=seed)
    graph.remove_nodes_from(list(nx.isolates(graph)))
    graph = nx.convert_node_labels_to_integers(graph)
    for edge in graph.edges:
        strength = float(rng.choice([0.5, 1.0, 2.0]))
        graph.edges[edge].update(strength=strength, length=1 / strength)
    return graph
