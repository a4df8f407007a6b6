"""The scores of the snapshot in force, with their sums, of which only what changed is folded again.

The first time everything is read and folded. After that, and as long as the day and the model are
the same, what `store.touched` notes is read and folded, and the rows of these pairs and their
people are replaced (`engine.Running`); at another day everything is folded from what is held in
memory. Who has fallen behind the notes begins anew.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from sqlmodel import Session

from app.engine import Curve, Interactions, Running, Scores, Threaded, Weights
from app.store import interactions, people, scores, tables, touched, weights
from app.store.touched import Pair

MOST = 20_000
"""Pairs up to which it pays to look at them one by one."""

NONE = Threaded(*np.zeros((4, 0), dtype=np.int64))
"""Nobody asks here how soon people answer."""

Model = tuple[int, Weights, Curve]
"""The moment to score at, seconds since 1970, and the model."""


@dataclass(frozen=True, slots=True, eq=False)
class Refolded:
    """The contacts that a snapshot follows from, its scores with their sums, and its weights."""

    met: Interactions
    scores: Scores
    weights: Weights


@dataclass
class Refolding:
    """What a process holds of the last snapshot that it was asked for; for one thread at a time.

    Attributes:
        running: The scores; None before the first, and after a failure.
        note: The last note of `store.touched` that is accounted for.
        until_s: The moment up to which interactions are.
        departed: People who were no more.
        anew: How often everything was read.
    """

    running: Running | None = None
    note: int = 0
    until_s: int = 0
    departed: set[int] = field(default_factory=set)
    anew: int = 0

    def to(self, session: Session, snapshot: tables.Snapshot) -> Refolded:
        """Come to a snapshot from the last one."""
        until_s = int(snapshot.scored_at.timestamp())
        known = weights.of_version(session, snapshot.weights)
        model = (int(snapshot.as_of.timestamp()), known, scores.read_fit(snapshot).curve)
        running, self.running = self.running, None
        pairs = self._changed(session, until_s, is_begun=running is not None)
        if running is None or pairs is None:
            running = self._begun(session, model)
        else:
            self._go_on(session, running, pairs, model)
        self.running = running
        ours = np.array(people.ours(session), dtype=np.int64)
        found = replace(running.scores, colleagues=ours)
        return Refolded(running.held.every(), found, known)

    def _changed(self, session: Session, until_s: int, *, is_begun: bool) -> list[Pair] | None:
        """Whose interactions are others than they were; None if it cannot be told, or of many."""
        found = touched.since(session, self.note)
        departed, since_s = people.departed(session), self.until_s
        parted = departed ^ self.departed
        self.note, self.departed, self.until_s = found.last, departed, until_s
        if not is_begun or found.pairs is None or until_s < since_s:
            return None
        pairs = {*found.pairs, *interactions.pairs_within(session, since_s, until_s)}
        pairs |= interactions.pairs_of(session, parted)
        return sorted(pairs) if len(pairs) <= MOST else None

    def _begun(self, session: Session, model: Model) -> Running:
        as_of_s, known, curve = model
        met = interactions.every(session, until_s=self.until_s)
        self.anew += 1
        return Running(met, NONE, as_of_s=as_of_s, weights=known, curve=curve, before_days=())

    def _go_on(self, session: Session, running: Running, pairs: list[Pair], model: Model) -> None:
        as_of_s, known, curve = model
        if pairs:
            a, b = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
            met = interactions.of_pairs(session, pairs, until_s=self.until_s)
            running.change(a, b, interactions.without(met, self.departed), NONE)
        if model != (running.as_of_s, running.weights, running.curve):
            running.move_to(as_of_s, weights=known, curve=curve)
