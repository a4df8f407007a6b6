"""What a process remembers of its last scoring, so that the next one looks at what changed only.

Nothing here is needed: who remembers nothing reads all interactions once, and finds the same.
"""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlmodel import Session

from app import engine
from app.engine import Curve, Fold, Interactions, Running, Weights
from app.engine.rows import Move
from app.engine.weights import Ints
from app.pipeline.coverage import Covered, Reach, reach
from app.pipeline.looking import Look
from app.pipeline.visible import Visible
from app.store import interactions, people, touched
from app.store.touched import Pair

MOST = 20_000
"""Pairs up to which it pays to look at them one by one."""

NONE: Ints = np.zeros(0, dtype=np.int64)


@dataclass
class Memory:
    """The last scoring of one process, on one database.

    Attributes:
        lock: Held while scoring: threads may share a memory.
        running: The scores, and what they follow from; None before the first scoring.
        seq: The snapshot that the store had then.
        note: The last note of `store.touched` that is accounted for.
        until_s: The moment up to which interactions are.
        departed: People who were no more.
        odd: How many interactions are odd, by what is.
        reached: How much everybody was in touch.
        covered: What followed from it.
        named: Everybody's name, and whether they are a colleague.
        said: What people said ties are worth.
        about: What was advised about each person.
        visible: What cards showed of all ties.
        looks: How each connection's records stood when they were last written back.
        fold: Who groups interactions by pair when everything is scored.
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    running: Running | None = None
    seq: int = 0
    note: int = 0
    until_s: int = 0
    departed: set[int] = field(default_factory=set)
    odd: Counter[str] = field(default_factory=Counter)
    reached: Reach = field(default_factory=dict)
    covered: list[Covered] = field(default_factory=list)
    named: dict[int, tuple[str, bool]] = field(default_factory=dict)
    said: dict[Pair, dict[str, Any]] = field(default_factory=dict)
    about: dict[int, list[Any]] = field(default_factory=dict)
    visible: Visible | None = None
    looks: dict[int, Look] = field(default_factory=dict)
    fold: Fold = engine.fold

    def forget(self) -> None:
        """Begin anew: what was found last may not have been kept."""
        self.running = None


@dataclass(frozen=True, slots=True)
class Step:
    """How far a scoring went.

    Attributes:
        is_whole: Every tie was scored, and may be another than it was.
        looked_at: How many ties were scored.
        rows: Those that say something else now, sorted.
        gone: Pairs without a tie now.
        move: Which row is which of before; None after scoring everything.
    """

    is_whole: bool
    looked_at: int
    rows: Ints = field(default_factory=lambda: NONE)
    gone: Sequence[Pair] = ()
    move: Move | None = None


def read(session: Session, memory: Memory, *, until_s: int) -> list[Pair] | None:
    """What has changed since the last scoring: some pairs, or None for anything."""
    found = touched.since(session, memory.note)
    memory.note = found.last
    departed, memory.departed = memory.departed, people.departed(session)
    since_s, memory.until_s = memory.until_s, until_s
    if memory.running is None or found.pairs is None or until_s < since_s:
        return None
    pairs = {*found.pairs, *interactions.pairs_within(session, since_s, until_s)}
    pairs |= interactions.pairs_of(session, departed ^ memory.departed)
    return sorted(pairs) if len(pairs) <= MOST else None


def begin(
    session: Session, memory: Memory, met: Interactions, by: tuple[int, Weights, Curve]
) -> Step:
    """Score everything."""
    as_of_s, weights, curve = by
    messages = interactions.threaded(session, until_s=memory.until_s)
    memory.running = Running(
        met, messages, as_of_s=as_of_s, weights=weights, curve=curve, fold=memory.fold
    )
    memory.odd = odd(met, weights)
    memory.reached = reach(met, as_of_s=as_of_s)
    return Step(is_whole=True, looked_at=len(memory.running.scores))


def go_on(
    session: Session,
    memory: Memory,
    running: Running,
    pairs: list[Pair],
    by: tuple[int, Weights, Curve],
) -> Step:
    """Score what changed; everything if time or the model has moved, without reading it again."""
    as_of_s, weights, curve = by
    a, b = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    met = interactions.of_pairs(session, pairs, until_s=memory.until_s)
    met = interactions.without(met, memory.departed)
    messages = interactions.threaded(session, until_s=memory.until_s, pairs=pairs)
    memory.odd = memory.odd - odd(running.held.of_pairs(a, b), running.weights)
    done = running.change(a, b, met, messages)
    memory.odd += odd(met, running.weights)
    if (as_of_s, weights, curve) != (running.as_of_s, running.weights, running.curve):
        running.move_to(as_of_s, weights=weights, curve=curve)
        every = running.held.every()
        memory.odd, memory.reached = odd(every, weights), reach(every, as_of_s=as_of_s)
        return Step(is_whole=True, looked_at=len(running.scores))
    ends = np.unique(np.concatenate([a, b]))
    known = set(ends.tolist())
    now = reach(running.held.of_people(ends), as_of_s=as_of_s)
    kept = {key: told for key, told in memory.reached.items() if key[0] not in known}
    memory.reached = kept | {key: told for key, told in now.items() if key[0] in known}
    gone = list(zip(*(one.tolist() for one in done.gone), strict=True))
    return Step(is_whole=False, looked_at=done.looked_at, rows=done.rows, gone=gone, move=done.move)


def odd(met: Interactions, weights: Weights) -> Counter[str]:
    """Count what is left out, or mended: `docs/model.md` states the rules."""
    with_oneself = int((met.source == met.target).sum())
    return Counter({"with oneself": with_oneself, **engine.irregular(met, weights)})
