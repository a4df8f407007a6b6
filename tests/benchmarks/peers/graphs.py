"""The graph libraries of others, asked for one measure at a time; only their environment runs it.

    python -P graphs.py FILE

FILE is an ``.npz`` of the graph, which every library holds before it is asked. A line on standard
input names a library and a measure; the answer is a line of JSON: the seconds it took, and a number
to check it by, of communities their modularity. The first line tells what can be asked for, and of
which version.
"""

import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from importlib.metadata import version
from typing import Any

import igraph
import networkit
import networkx as nx
import numpy as np
import rustnx
import rustworkx

Given = Mapping[str, "np.ndarray[Any, Any]"]
Answers = dict[str, Callable[[], float | Callable[[], float]]]
"""What can be asked for; a check that takes time itself comes as a function, which is not timed."""


def total(values: Iterable[float]) -> float:
    """The sum of what is defined."""
    return float(np.nansum(np.asarray(list(values), dtype=np.float64)))


def pairs(given: Given, kept: "np.ndarray[Any, Any]") -> list[tuple[int, int]]:
    """Some of the edges."""
    return list(zip(given["a"][kept].tolist(), given["b"][kept].tolist(), strict=True))


def modularity(given: Given, label: Iterable[int]) -> float:
    """How well people are parted, at the resolution that was asked for."""
    places = np.asarray(list(label))
    one, other = places[given["a"]], places[given["b"]]
    pull = np.bincount(np.concatenate([one, other])) / (2 * len(one))
    return float(np.mean(one == other) - given["resolution"] * (pull @ pull))


def by_igraph(given: Given) -> Answers:
    """Measures by igraph, in one thread."""
    edges = pairs(given, np.arange(len(given["a"])))
    graph = igraph.Graph(int(given["people"]), edges)
    inside = igraph.Graph(int(given["people"]), pairs(given, given["inside"]))
    strength, length = given["strength"].tolist(), given["length"].tolist()
    sources, resolution = given["sources"].tolist(), float(given["resolution"])
    louvain = partial(graph.community_multilevel, resolution=resolution)
    leiden = partial(graph.community_leiden, "modularity", resolution=resolution, n_iterations=2)
    return {
        "overlap": lambda: total(graph.similarity_jaccard(pairs=edges, loops=False)),
        "effective size, density": lambda: total(graph.transitivity_local_undirected()),
        "constraint": lambda: total(graph.constraint(weights=strength)),
        "bridges": lambda: float(len(graph.bridges())),
        "articulation points": lambda: float(len(graph.articulation_points())),
        "k-core": lambda: total(graph.coreness()),
        "betweenness": lambda: total(graph.betweenness(weights=length, sources=sources)),
        "closeness": lambda: total(inside.closeness()),
        "Louvain": lambda: partial(modularity, given, louvain().membership),
        "Leiden": lambda: partial(modularity, given, leiden().membership),
    }


def by_networkit(given: Given) -> Answers:
    """Measures by networkit, in as many threads as there are cores."""
    count, ends = int(given["people"]), (given["a"], given["b"])
    graph = networkit.GraphFromCoo(ends, n=count)
    graph.indexEdges()
    long = networkit.GraphFromCoo((given["length"], ends), n=count, weighted=True)
    inside = networkit.GraphFromCoo(tuple(end[given["inside"]] for end in ends), n=count)
    centrality, resolution = networkit.centrality, float(given["resolution"])
    every = centrality.ClosenessVariant.GENERALIZED
    sample = len(given["sources"])

    def parted(way: networkit.community.CommunityDetector) -> Callable[[], float]:
        way.run()
        return partial(modularity, given, way.getPartition().getVector())

    return {
        "overlap": lambda: total(networkit.sparsification.TriangleEdgeScore(graph).run().scores()),
        "effective size, density": lambda: total(
            centrality.LocalClusteringCoefficient(graph, turbo=True).run().scores()
        ),
        "articulation points": lambda: float(
            networkit.components.BiconnectedComponents(graph).run().numberOfComponents()
        ),
        "k-core": lambda: total(centrality.CoreDecomposition(graph).run().scores()),
        "betweenness": lambda: total(
            centrality.EstimateBetweenness(long, sample, parallel=True).run().scores()
        ),
        "closeness": lambda: total(
            centrality.Closeness(inside, normalized=False, third=every).run().scores()
        ),
        "Louvain": lambda: parted(networkit.community.PLM(graph, gamma=resolution)),
        "Leiden": lambda: parted(networkit.community.ParallelLeiden(graph, gamma=resolution)),
    }


def by_rustworkx(given: Given) -> Answers:
    """Measures by rustworkx, in threads where it has them."""
    graph, inside = (rustworkx.PyGraph(multigraph=False) for _ in range(2))
    for made, kept in ((graph, np.arange(len(given["a"]))), (inside, given["inside"])):
        made.add_nodes_from(range(int(given["people"])))
        made.add_edges_from_no_data(pairs(given, kept))
    return {
        "bridges": lambda: float(len(rustworkx.bridges(graph))),
        "articulation points": lambda: float(len(rustworkx.articulation_points(graph))),
        "k-core": lambda: total(rustworkx.core_number(graph).values()),
        "closeness": lambda: total(rustworkx.closeness_centrality(inside).values()),
    }


def by_rustnx(given: Given) -> Answers:
    """Measures by rustnx, which networkx may hand its own calls to, in threads."""
    count, kept = int(given["people"]), given["inside"]
    ends = given["a"], given["b"], given["length"]
    graph = rustnx.Graph.from_arrays(*ends, num_nodes=count, weight="length")
    inside = rustnx.Graph.from_arrays(ends[0][kept], ends[1][kept], num_nodes=count)
    lies = partial(nx.betweenness_centrality, k=len(given["sources"]), weight="length", seed=1)
    return {
        "effective size, density": lambda: total(nx.clustering(graph).values()),  # type: ignore[union-attr]  # of all nodes it is a mapping,
        "k-core": lambda: total(nx.core_number(graph).values()),
        "betweenness": lambda: total(lies(graph).values()),
        "closeness": lambda: total(nx.closeness_centrality(inside).values()),
    }


LIBRARIES: dict[str, Callable[[Given], Answers]] = {
    "igraph": by_igraph,
    "networkit": by_networkit,
    "rustworkx": by_rustworkx,
    "rustnx": by_rustnx,
}


def main(path: str) -> None:
    """Answer until the input ends."""
    with np.load(path) as file:
        given = dict(file)
    answers = {name: make(given) for name, make in LIBRARIES.items()}
    print(json.dumps({name: [version(name), list(of)] for name, of in answers.items()}), flush=True)
    for line in sys.stdin:
        library, measure = json.loads(line)
        begun = time.perf_counter()
        check = answers[library][measure]()
        took = time.perf_counter() - begun
        print(json.dumps([took, check() if callable(check) else check]), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
