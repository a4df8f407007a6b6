"""The scores of the snapshot in force, with their sums, of which only what changed is summed again.

The first time everything is read and summed up. After that, and as long as the day and the model
are the same, what `store.touched` notes is read, and the rows of these pairs and their people are
replaced (`engine.Running`); at another day everything is summed up from the day cells in memory.
Who has fallen behind the notes begins anew.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from sqlmodel import Session

from app.engine import Curve, Running, Scores, Threaded, Weights
from app.engine.held import Days
from app.store import day_cells, people, scores, tables, weights
from app.store.day_cells import Mark
from app.store.touched import PairDay

NONE = Threaded(*np.zeros((4, 0), dtype=np.int64))
"""Nobody asks here how soon people answer."""

Model = tuple[int, Weights, Curve]
"""The moment to score at, seconds since 1970, and the model."""


@dataclass(frozen=True, slots=True, eq=False)
class Refolded:
    """The scores of a snapshot with their sums, and its weights."""

    scores: Scores
    weights: Weights


@dataclass
class Refolding:
    """What a process holds of the last snapshot that it was asked for; for one thread at a time.

    Attributes:
        running: The scores; None before the first, and after a failure.
        mark: How far that is.
        anew: How often all day cells were read.
        gathered: How often all interactions were.
    """

    running: Running | None = None
    mark: Mark = field(default_factory=Mark)
    anew: int = 0
    gathered: int = 0

    def to(self, session: Session, snapshot: tables.Snapshot) -> Refolded:
        """Come to a snapshot from the last one."""
        until_s = int(snapshot.scored_at.timestamp())
        known = weights.of_version(session, snapshot.weights)
        model = (int(snapshot.as_of.timestamp()), known, scores.read_fit(snapshot).curve)
        running, self.running = self.running, None
        days = self.mark.move(session, until_s)
        if running is None or days is None:
            running = self._begun(session, model)
        else:
            self._go_on(session, running, days, model)
        self.running = running
        ours = np.array(people.ours(session), dtype=np.int64)
        found = replace(running.scores, colleagues=ours)
        return Refolded(found, known)

    def _begun(self, session: Session, model: Model) -> Running:
        as_of_s, known, curve = model
        found = day_cells.known(session, until_s=self.mark.until_s)
        cells, self.mark.until_s = found.cells.without(self.mark.departed), found.until_s
        self.anew += 1
        self.gathered += not found.is_stored
        return Running(cells, NONE, as_of_s=as_of_s, weights=known, curve=curve, before_days=())

    def _go_on(self, session: Session, running: Running, days: list[PairDay], model: Model) -> None:
        as_of_s, known, curve = model
        if days:
            cells = day_cells.of_days(session, days, until_s=self.mark.until_s)
            running.change(Days.of(days), cells.without(self.mark.departed), NONE)
        if model != (running.as_of_s, running.weights, running.curve):
            running.move_to(as_of_s, weights=known, curve=curve)
