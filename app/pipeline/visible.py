"""What of a tie is to be seen on a card: most ties that are scored again look as they did."""

from dataclasses import dataclass

import numpy as np

from app.engine.rows import NEW, Move
from app.engine.weights import Flags, Floats, Ints
from app.pipeline.cards import Findings


@dataclass(frozen=True, slots=True, eq=False)
class Visible:
    """All ties as cards show them.

    Attributes:
        a: Their first people, (n_ties,); `b` the second ones.
        looks: A row for each thing that is shown, as it is shown or finer, (n_things, n_ties).
        points: By which, and then by strength, a card is in order, (n_ties,).
    """

    a: Ints
    b: Ints
    looks: Floats
    points: Floats
    strength: Floats

    @classmethod
    def of(cls, found: Findings) -> "Visible":
        """What is to be seen of findings."""
        scores, ties = found.scores, found.scores.ties
        is_outward = np.zeros(len(ties), dtype=np.bool_)
        is_outward[scores.outward_rows] = True
        whole = (scores.shown, found.computed.shown, found.trend, found.depth)
        looks = [
            *(np.rint(column) for column in whole),
            np.array([round(chance, 2) for chance in scores.alive.tolist()]),
            scores.confidence,
            *found.reply_hours,
            *ties.contacts,
            *(scores.band, scores.status, ties.active_days, ties.first_s, ties.last_s),
            *(ties.gap_days, ties.is_personal, is_outward),
        ]
        shown = np.array(looks, dtype=np.float64).reshape(len(looks), len(ties))
        return cls(ties.a, ties.b, shown, scores.shown, scores.strength)

    def changed(self, now: "Visible", rows: Ints, move: Move) -> set[int]:
        """Whose cards may look other than before, because of some rows that changed.

        Args:
            now: What is to be seen now.
            rows: The rows of now that hold other numbers.
            move: Which row of now is which of before.
        """
        origin = move.was(rows)
        is_known = origin != NEW
        is_other = ~is_known
        is_other[is_known] = _unlike(self.looks[:, origin[is_known]], now.looks[:, rows[is_known]])
        other = rows[is_other]
        people = np.unique(np.concatenate([now.a[rows], now.b[rows]]))
        found = set(now.a[other].tolist()) | set(now.b[other].tolist())
        return found | self._reordered(now, people, move)

    def _reordered(self, now: "Visible", people: Ints, move: Move) -> set[int]:
        """Of these people, whose ties are in another order, those left aside who have new ones."""
        whose = [np.flatnonzero(np.isin(end, people)) for end in (now.a, now.b)]
        rows = np.concatenate(whose)
        person = np.concatenate([now.a[whose[0]], now.b[whose[1]]])
        origin = move.was(rows)
        known = origin != NEW
        rows, person, origin = rows[known], person[known], origin[known]
        order = np.lexsort((rows, -now.strength[rows], -now.points[rows], person))
        was = np.lexsort((origin, -self.strength[origin], -self.points[origin], person))
        return set(person[order][order != was].tolist())


def _unlike(one: Floats, other: Floats) -> Flags:
    found: Flags = ((one != other) & ~(np.isnan(one) & np.isnan(other))).any(axis=0)
    return found
