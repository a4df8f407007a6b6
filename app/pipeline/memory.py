"""What a process remembers of its last scoring, so that the next one looks at what changed only.

Nothing here is needed: who remembers nothing reads all day cells once, and finds the same.
"""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlmodel import Session

from app import engine
from app.engine import Curve, Fold, Running, Ties, Weights
from app.engine.cells import Cells
from app.engine.held import Days, Replaced
from app.engine.rows import Move
from app.engine.running import FoldCells
from app.engine.ties import fold_cells
from app.engine.weights import Ints
from app.pipeline.coverage import Covered, Reach, reach
from app.pipeline.looking import Look
from app.pipeline.visible import Visible
from app.store import day_cells, interactions
from app.store.day_cells import Mark, Seen
from app.store.touched import Pair, PairDay

NONE: Ints = np.zeros(0, dtype=np.int64)


@dataclass
class Memory:
    """The last scoring of one process, on one database.

    Attributes:
        lock: Held while scoring: threads may share a memory.
        running: The scores, and what they follow from; None before the first scoring.
        seq: The snapshot that the store had then.
        mark: How far that is.
        contacts: How many interactions there are.
        odd: How many of them are odd, by what is.
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
    mark: Mark = field(default_factory=Mark)
    contacts: int = 0
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


By = tuple[int, Weights, Curve]
"""The moment to score at, seconds since 1970, and the model."""


@dataclass(frozen=True, slots=True, eq=False)
class Contacts:
    """All contact there is, and who adds it up.

    Attributes:
        whole: All that is to be stored of it, where nothing was.
    """

    cells: Cells
    fold: FoldCells
    whole: Cells | None


@dataclass(frozen=True, slots=True)
class Step:
    """How far a scoring went.

    Attributes:
        is_whole: Every tie was scored, and may be another than it was.
        looked_at: How many ties were scored.
        rows: Those that say something else now, sorted.
        gone: Pairs without a tie now.
        move: Which row is which of before; None after scoring everything.
        anew: All day cells, where none were stored.
        seen: The days that were looked at, and what happened on them.
    """

    is_whole: bool
    looked_at: int
    rows: Ints = field(default_factory=lambda: NONE)
    gone: Sequence[Pair] = ()
    move: Move | None = None
    anew: Cells | None = None
    seen: Seen | None = None


def everything(session: Session, memory: Memory) -> Contacts:
    """Read all contact, by the day; one by one if somebody else adds it up."""
    found = day_cells.known(session, until_s=memory.mark.until_s)
    cells = found.cells.without(memory.mark.departed)
    whole = None if found.is_stored else found.cells
    if memory.fold is engine.fold:
        return Contacts(cells, fold_cells, whole)
    met = interactions.every(session, until_s=memory.mark.until_s)

    def elsewhere(cells: Cells, *, as_of_s: int, weights: Weights) -> Ties:  # noqa: ARG001 - it takes the contacts themselves
        return memory.fold(met, as_of_s=as_of_s, weights=weights)

    return Contacts(cells, elsewhere, whole)


def begin(session: Session, memory: Memory, met: Contacts, by: By) -> Step:
    """Score everything."""
    as_of_s, weights, curve = by
    memory.running = Running(
        met.cells,
        interactions.threaded(session, until_s=memory.mark.until_s),
        as_of_s=as_of_s,
        weights=weights,
        curve=curve,
        fold=met.fold,
    )
    memory.odd, memory.contacts = odd(met.cells), int(met.cells.contacts.sum())
    memory.reached = reach(met.cells, as_of_s=as_of_s)
    return Step(is_whole=True, looked_at=len(memory.running), anew=met.whole)


def take_in(session: Session, memory: Memory, running: Running, days: list[PairDay]) -> Step:
    """Score what changed, at the moment and by the model of before."""
    which = Days.of(days)
    seen = Seen(days, day_cells.of_days(session, days, until_s=memory.mark.until_s))
    cells = seen.cells.without(memory.mark.departed)
    pairs = list(zip(*(end.tolist() for end in which.pairs()), strict=True))
    messages = interactions.threaded(session, until_s=memory.mark.until_s, pairs=pairs)
    done = running.change(which, cells, messages)
    less, more, _ = done.cells
    memory.odd = memory.odd - odd(less) + odd(more)
    memory.contacts += int(more.contacts.sum() - less.contacts.sum())
    _reach_anew(memory.reached, running, done.cells)
    gone = list(zip(*(one.tolist() for one in done.gone), strict=True))
    return Step(
        is_whole=False,
        looked_at=done.looked_at,
        rows=done.rows,
        gone=gone,
        move=done.move,
        seen=seen,
    )


def go_on(memory: Memory, running: Running, step: Step, by: By) -> Step:
    """Score everything if time or the model has moved, without reading it again."""
    as_of_s, weights, curve = by
    if by == (running.as_of_s, running.weights, running.curve):
        return step
    running.move_to(as_of_s, weights=weights, curve=curve)
    memory.reached = reach(running.cells, as_of_s=as_of_s)
    return Step(is_whole=True, looked_at=len(running), seen=step.seen)


def _reach_anew(reached: Reach, running: Running, cells: Replaced) -> None:
    """Count what some pairs have more or less; who lost the last contact is looked at whole."""
    was, now = (reach(one, as_of_s=running.as_of_s) for one in (cells.less, cells.more))
    lost: set[int] = set()
    for key in was.keys() | now.keys():
        (less, old_s), (more, new_s) = was.get(key, (0, None)), now.get(key, (0, None))
        count, last_s = reached.get(key, (0, None))
        reached[key] = count + more - less, max(last_s or new_s or 0, new_s or last_s or 0)
        if old_s is not None and old_s == last_s and (new_s is None or new_s < old_s):
            lost.add(key[0])
    if lost:
        theirs = reach(running.of_people(np.array(sorted(lost))), as_of_s=running.as_of_s)
        for key in [one for one in reached if one[0] in lost]:
            del reached[key]
        reached.update({key: told for key, told in theirs.items() if key[0] in lost})


def odd(cells: Cells) -> Counter[str]:
    """Count what is left out, or mended: `docs/model.md` states the rules."""
    found = {
        "before 1970": cells.contacts[cells.half < 0],
        "impossible length": cells.lengthless,
        "unknown channel": cells.nameless,
        "in a crowd": cells.contacts - cells.small,
    }
    return Counter({name: int(counts.sum()) for name, counts in found.items()})
