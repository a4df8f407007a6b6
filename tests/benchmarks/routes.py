"""What routes cost in a large network, and how much memory it takes to hold it.

    python -m tests.benchmarks.routes [people] [ties] [queries]

The network is of accounts of fifty whose people know each other, eight ties of ten inside, and of
colleagues with a thousand ties each. Every column that scores have is there. The floor of a query
is one Dijkstra by scipy, rooted at the target and limited by the least chance of a route, in which
nobody is told apart and no route is made; the floor of the pass is the same from all askers. It has
no limit of three legs. What is read from the store, and what it answers, is not counted.
"""

import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import fields, replace
from functools import partial

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from app.engine import Running, Threaded
from app.engine.cells import gather
from app.engine.held import EVERY_DAY, Days
from app.engine.interactions import Ignored, Interactions
from app.engine.network import Network, build
from app.engine.paths import FARTHEST
from app.engine.reach import reach
from app.engine.routes import find_routes
from app.engine.scores import Scores
from app.engine.strength import BAND_CUTS
from app.engine.ties import Ties
from app.engine.topology.graph import firm
from app.engine.weights import Ints

PEOPLE, TIES, QUERIES = 1_000_000, 10_000_000, 200
ACCOUNT, INSIDE, OF_A_COLLEAGUE = 50, 0.8, 1_000
ASKERS, CONTACTS, CONTACT_TIES = 200, 50_000, 163_000
AS_OF_S = 1_780_000_000
CHANGES = 5
NO_MESSAGES = Threaded(*np.zeros((4, 0), dtype=np.int64))
WAYS = {"sums": 3, "sums_then": 3, "contacts": 3, "last_each_s": 3, "seen_s": 2, "pace": 2}
NARROW = {"two_way": np.int8, "band": np.int8, "status": np.int8}
FLAGS = ("is_regular", "is_dormant_strong")


def drawn(people: int, ties: int, colleagues: int) -> tuple[Ints, Ints]:
    """About so many pairs; the lowest numbers are colleagues, who know a tenth of all by two."""
    rng = np.random.default_rng(1)
    owned = min(colleagues * OF_A_COLLEAGUE, ties * 2 // 3)
    ours = rng.integers(0, colleagues, owned)
    theirs = rng.integers(colleagues, people, owned)
    one = rng.integers(colleagues, people, ties - owned)
    near = np.minimum(one // ACCOUNT * ACCOUNT + rng.integers(0, ACCOUNT, len(one)), people - 1)
    other = np.where(rng.random(len(one)) < INSIDE, near, rng.integers(0, people, len(one)))
    a, b = np.concatenate([ours, one]), np.concatenate([theirs, other])
    keys = np.unique(np.minimum(a, b) * people + np.maximum(a, b))
    low, high = keys // people, keys % people
    return low[low != high], high[low != high]


def scored(a: Ints, b: Ints, colleagues: int) -> Scores:
    """Scores of these pairs; chances as they are among people, everything else is some number."""
    rng, size = np.random.default_rng(2), len(a)
    known: dict[str, object] = {"as_of_s": AS_OF_S, "a": a, "b": b, "ignored": Ignored(0, 0)}
    ties = {one.name: known.get(one.name, _column(one.name, size)) for one in fields(Ties)}
    rest = {
        one.name: _column(one.name, size)
        for one in fields(Scores)
        if one.name not in ("ties", "colleagues", "alive", "cuts")
    }
    alive = np.clip(rng.beta(0.7, 0.9, size), 1e-3, 0.99)
    given = {"ties": Ties(**ties), "alive": alive, "cuts": BAND_CUTS}  # type: ignore[arg-type]  # by name
    return Scores(colleagues=np.arange(colleagues), **given, **rest)  # type: ignore[arg-type]


def _column(name: str, size: int) -> np.ndarray:
    shape = (WAYS[name], size) if name in WAYS else (size,)
    return np.ones(shape, dtype=np.bool_ if name in FLAGS else NARROW.get(name, np.int64))


def seconds(work: Callable[[], object]) -> float:
    """How long something takes, once."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def peak_gb() -> float:
    """The most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def matrix(network: Network) -> csr_array:
    """The network for scipy."""
    size = len(network.people)
    return csr_array((network.costs, network.neighbours, network.starts), shape=(size, size))


def queries(network: Network, colleagues: int, many: int) -> None:
    """Print what one query takes, ours and the floor in turns."""
    rng, ways = np.random.default_rng(3), matrix(network)
    askers = rng.integers(0, colleagues, many)
    targets = network.people[rng.integers(colleagues, len(network.people), many)]
    ours, floor, found = [], [], 0
    for place, (asker, target) in enumerate(zip(askers.tolist(), targets.tolist(), strict=True)):
        begun = time.perf_counter()
        found += bool(find_routes(network, asker=asker, targets=[target]))
        ours.append(time.perf_counter() - begun)
        if place < many // 10:
            node = network.node(target)
            floor.append(seconds(partial(dijkstra, ways, indices=[node], limit=FARTHEST)))
    late = sorted(ours)[int(0.95 * len(ours))]
    print(
        f"a query: median {statistics.median(ours) * 1e3:.1f} ms, 95 % {late * 1e3:.1f} ms, "
        f"{found} of {many} with a route; one Dijkstra by scipy "
        f"{statistics.median(floor) * 1e3:.0f} ms"
    )


def one_pass() -> None:
    """Print what the best routes of all askers to all contacts take."""
    people = ASKERS + CONTACTS
    network = build(scored(*drawn(people, CONTACT_TIES, ASKERS), ASKERS))
    askers, contacts = list(range(ASKERS)), network.people[network.people >= ASKERS].tolist()
    ours = seconds(lambda: reach(network, askers=askers, targets=contacts))
    ways = matrix(network)
    floor = seconds(
        lambda: [
            dijkstra(ways, indices=[one], limit=FARTHEST, return_predecessors=True)
            for one in askers
        ]
    )
    print(
        f"{ASKERS} askers to {len(contacts):,} contacts ({len(network.costs) // 2:,} ties): "
        f"{ours:.2f} s; by scipy {floor:.2f} s; ratio {ours / floor:.2f}"
    )


def one_change(people: int, ties: int, colleagues: int) -> None:
    """Print what making a chart takes, and making it again after one tie has changed."""
    a, b = drawn(people, ties, colleagues)
    met = written(np.tile(a, 2), np.tile(b, 2))
    kept: list[Running] = []

    def begin() -> None:
        kept[:] = [Running(gather(met, cut_s=0), NO_MESSAGES, as_of_s=AS_OF_S, before_days=())]
        charted(kept[0], colleagues)

    whole = seconds(begin)
    rng, took, folded = np.random.default_rng(4), [], []
    for row in rng.integers(0, len(a), CHANGES):
        one, other = a[[row]], b[[row]]
        fresh = written(np.repeat(one, 3), np.repeat(other, 3))
        days = Days(one, other, np.array([EVERY_DAY]))
        cells = gather(fresh, cut_s=0)
        first = seconds(partial(kept[0].change, days, cells, NO_MESSAGES))
        folded.append(first)
        took.append(first + seconds(lambda: charted(kept[0], colleagues)))
    print(
        f"a chart of {people:,} people, {len(a):,} ties, {len(met):,} mails in memory:"
        f" {whole:.1f} s; after one changed tie {statistics.median(took):.2f} s, of which scores"
        f" {statistics.median(folded):.2f} s; ratio {whole / statistics.median(took):.0f}"
    )


def written(source: Ints, target: Ints) -> Interactions:
    """Mails, a day apart for each pair's."""
    size = len(source)
    return Interactions(
        source=source,
        target=target,
        at_s=AS_OF_S - 86_400 * (1 + np.arange(size) * 3 // size),
        channel=np.zeros(size, dtype=np.int8),
        recipients=np.ones(size, dtype=np.int32),
        duration_s=np.zeros(size),
        is_directed=np.ones(size, dtype=np.bool_),
    )


def charted(running: Running, colleagues: int) -> None:
    """Make what a chart holds of scores."""
    scores = replace(running.scores, colleagues=np.arange(colleagues))
    build(scores)
    firm(scores)


def main(people: int = PEOPLE, ties: int = TIES, many: int = QUERIES) -> None:
    """Print what it takes to hold a network and to ask it."""
    one_pass()
    colleagues = max(ASKERS, people // 200)
    scores = scored(*drawn(people, ties, colleagues), colleagues)
    held = peak_gb()
    begun = time.perf_counter()
    network = build(scores)
    took = time.perf_counter() - begun
    print(
        f"{len(network.people):,} people, {len(scores):,} ties, {len(network.costs) // 2:,} edges: "
        f"built in {took:.1f} s; at most {held:.1f} GB for the scores, {peak_gb():.1f} GB in all"
    )
    queries(network, colleagues, many)
    del network, scores
    one_change(people, ties, colleagues)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
