"""What the measures of the network cost, beside networkx alone and the fastest other library.

    python -m tests.benchmarks.network [people] [ties drawn for each] [sources] [rounds]

The graph is of communities of fifty whose people know each other, nine ties of ten inside; nobody
stands beside their own people in it. Ours and the others, which a process of their own asks
(`peers/graphs.py`), take turns; told are medians. What takes networkx too long is asked of a part
and reckoned up, and marked so. Ways between are followed from a few sources; a whole betweenness
takes 1,024 of them, or all. The others have their graph already, as we have ours.
"""

import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import networkx as nx
import numpy as np

from app.engine.topology.betweenness import betweenness
from app.engine.topology.breaks import breaks, spans
from app.engine.topology.closeness import closeness
from app.engine.topology.communities import TIES_IN_SIGHT, communities, participation
from app.engine.topology.cores import core_numbers
from app.engine.topology.graph import Graph, link, to_networkx
from app.engine.topology.holes import holes
from app.engine.topology.louvain import modularity
from tests.benchmarks.peers.tool import Package

PEOPLE, TIES, SOURCES, ROUNDS, COMMUNITY, INSIDE = 100_000, 12, 32, 3, 50, 0.9
PART, FEW = 200, 4
"""Of so many communities, or ties, networkx is asked where it would take too long for all."""

PEERS = Package(
    "networkit", "11.2.2", beside=("igraph==1.0.0", "rustworkx==0.18.1", "rustnx==0.1.0a3")
)
ASK = Path(__file__).with_name("peers") / "graphs.py"


def drawn(people: int, ties: int) -> Graph:
    """A random network of communities."""
    rng = np.random.default_rng(1)
    one = np.repeat(np.arange(people), ties)
    near = one // COMMUNITY * COMMUNITY + rng.integers(0, COMMUNITY, len(one))
    other = np.where(rng.random(len(one)) < INSIDE, near, rng.integers(0, people, len(one)))
    low, high = np.minimum(one, other), np.maximum(one, other)
    pairs = np.unique(np.stack([low, high])[:, low != high], axis=1)
    mixed = rng.permutation(people)
    a, b = mixed[pairs]
    return link(a, b, rng.lognormal(0, 1, len(a)))


@dataclass(frozen=True, slots=True)
class Measure:
    """What is measured.

    Attributes:
        name: As printed.
        ours: How we find it.
        theirs: What the others are asked for instead; all of it counts.
        alone: How networkx finds it, or a part of it.
        part: How much of all that is.
    """

    name: str
    ours: Callable[[], object]
    theirs: Sequence[str] = ()
    alone: Callable[[], object] | None = None
    part: float = 1.0


@dataclass(frozen=True, slots=True)
class Peers:
    """The libraries of others, in a process of their own."""

    process: subprocess.Popen[str]
    known: Mapping[str, tuple[str, Sequence[str]]] = field(default_factory=dict)

    def ask(self, library: str, measure: str) -> tuple[float, float]:
        """How many seconds it took, and a number to check it by."""
        if self.process.stdin is None or self.process.stdout is None:
            raise ValueError("The process was not started with pipes.")
        self.process.stdin.write(json.dumps([library, measure]) + "\n")
        self.process.stdin.flush()
        took, check = json.loads(self.process.stdout.readline())
        return float(took), float(check)


@contextlib.contextmanager
def asked(graph: Graph, label: np.ndarray, sources: int) -> Iterator[Peers]:
    """Give the graph to the others."""
    PEERS.install()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.npz"
        np.savez(
            path,
            people=len(graph),
            a=graph.a,
            b=graph.b,
            strength=graph.strength,
            length=graph.lengths,
            inside=label[graph.a] == label[graph.b],
            sources=np.arange(sources),
            resolution=max(1.0, len(graph.a) / TIES_IN_SIGHT),
        )
        command = [PEERS.program("python"), "-P", str(ASK), str(path)]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, text=True, stdin=pipe, stdout=pipe) as process:
            known = json.loads(process.stdout.readline()) if process.stdout else {}
            yield Peers(process, known)
            process.terminate()


def measures(graph: Graph, label: np.ndarray, sources: int) -> Iterator[Measure]:
    """All measures of the network."""
    face = to_networkx(graph)
    among = [
        nodes.tolist()
        for nodes in np.split(np.argsort(label, kind="stable"), np.cumsum(np.bincount(label))[:-1])
    ]
    apart = np.flatnonzero(holes(graph).shared == 0)
    several = [face.subgraph(nodes) for nodes in among[:PART]]
    length = graph.lengths
    yield Measure(
        "overlap, effective size, density, constraint",
        lambda: holes(graph),
        ("overlap", "effective size, density", "constraint"),
        lambda: nx.constraint(face, weight="strength"),
    )
    yield Measure(
        "bridges, articulation points",
        lambda: breaks(graph),
        ("bridges", "articulation points"),
        lambda: (list(nx.bridges(face)), list(nx.articulation_points(face))),
    )
    yield Measure(
        f"spans of {PART} local bridges",
        lambda: spans(graph, apart[:PART]),
        (),
        lambda: list(islice(nx.local_bridges(face, with_span=True), FEW)),
        FEW / PART,
    )
    yield Measure("k-core", lambda: core_numbers(graph), ("k-core",), lambda: nx.core_number(face))
    yield Measure(
        f"betweenness from {sources} sources",
        lambda: betweenness(graph, length, exact=0, sources=sources),
        ("betweenness",),
        lambda: nx.betweenness_centrality(face, k=2, weight="distance", seed=1),
        2 / sources,
    )
    yield Measure(
        "closeness inside the community",
        lambda: closeness(graph, label),
        ("closeness",),
        lambda: [nx.closeness_centrality(one) for one in several],
        PART / len(among),
    )
    yield Measure("participation", lambda: participation(graph, label), (), None)
    yield Measure(
        "communities",
        lambda: communities(graph),
        ("Louvain",),
        lambda: nx.community.louvain_communities(
            face, weight=None, resolution=max(1.0, len(graph.a) / TIES_IN_SIGHT), seed=1
        ),
    )


def compared(graph: Graph, peers: Peers) -> Iterator[str]:
    """How modular the communities of each are, all at one resolution: quick is not yet good."""
    resolution = max(1.0, len(graph.a) / TIES_IN_SIGHT)
    yield f"ours {modularity(graph, communities(graph), resolution=resolution):.4f}"
    for library, (_, can) in peers.known.items():
        for way in ("Louvain", "Leiden"):
            if way in can:
                took, found = peers.ask(library, way)
                yield f"{way} of {library} {found:.4f} in {took:.2f} s"


def seconds(work: Callable[[], object]) -> float:
    """How long something takes, once."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def fastest(peers: Peers, measure: Measure, rounds: int) -> tuple[float, float, str]:
    """Ours and the others' best in the median, in turns, and who that was."""
    own: list[float] = []
    theirs: dict[str, dict[str, list[float]]] = {part: {} for part in measure.theirs}
    for _ in range(rounds):
        own.append(seconds(measure.ours))
        for part, took in theirs.items():
            for library, (_, can) in peers.known.items():
                if part in can:
                    took.setdefault(library, []).append(peers.ask(library, part)[0])
    best = [
        min((statistics.median(all_), name) for name, all_ in took.items())
        for took in theirs.values()
    ]
    return statistics.median(own), sum(one for one, _ in best), ", ".join(name for _, name in best)


def main(
    people: int = PEOPLE, ties: int = TIES, sources: int = SOURCES, rounds: int = ROUNDS
) -> None:
    """Print a line for each measure."""
    graph = drawn(people, ties)
    label = communities(graph)
    print(f"{len(graph):,} people, {len(graph.a):,} ties, medians of {rounds} rounds")
    print(
        f"{'measure':<46}{'ours, s':>9}{'networkx, s':>13}{'others, s':>11}{'ours / it':>11}  which"
    )
    with asked(graph, label, sources) as peers:
        for measure in measures(graph, label, sources):
            own, best, who = fastest(peers, measure, rounds)
            alone = seconds(measure.alone) / measure.part if measure.alone else None
            mark = "~" if measure.part < 1 else ""
            beside = f"{mark}{alone:.2f}" if alone else "-"
            ratio = f"{best:>11.3f}{own / best:>11.2f}  {who}" if who else ""
            print(f"{measure.name:<46}{own:>9.3f}{beside:>13}{ratio}", flush=True)
        print(f"modularity: {', '.join(compared(graph, peers))}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
