"""Active days: those on which a pair was in touch, whatever passed; and what follows from them."""

from dataclasses import dataclass

import numpy as np

from app.engine.cells import WAYS, Cells
from app.engine.compressed import changes
from app.engine.weights import DAY_S, Flags, Floats, Ints, Weights

PACE_DAYS = 30.0
WEEK_DAYS = 7


@dataclass(frozen=True, slots=True, eq=False)
class ActiveDays:
    """The active days of all ties, sorted by (tie, day).

    Attributes:
        starts: The first cell of each tie, (n_ties,).
        of_cell: The active day of each cell, (n_cells,), as a row of those that follow.
        tie: The tie of each active day, (n_days,).
        day: Since 1970 (UTC), (n_days,).
        gap: Days until the next one, 0 for the last, (n_days,); `is_last` says which that are.
    """

    starts: Ints
    of_cell: Ints
    tie: Ints
    day: Ints
    gap: Ints
    is_last: Flags

    @classmethod
    def of(cls, cells: Cells) -> "ActiveDays":
        """Those of some day cells."""
        is_tie, is_new = changes(cells.a, cells.b), changes(cells.a, cells.b, cells.day)
        tie, day = (np.cumsum(is_tie) - 1)[is_new], cells.day[is_new]
        is_last = np.ones(len(tie), dtype=np.bool_)
        is_last[:-1] = tie[1:] != tie[:-1]
        gap = np.zeros(len(tie), dtype=np.int64)
        gap[:-1] = day[1:] - day[:-1]
        gap[is_last] = 0
        return cls(np.flatnonzero(is_tie), np.cumsum(is_new) - 1, tie, day, gap, is_last)

    def __len__(self) -> int:
        return len(self.day)

    def logs(self, cells: Cells, weight: Floats) -> Floats:
        """ln(1 + volume) of each way and active day, (3, n_days); `weight` is of each cell."""
        slot = self.of_cell * len(WAYS) + cells.way
        volume = sum_by(slot, cells.volume * weight, len(self) * len(WAYS))
        return np.log1p(volume.reshape(len(self), len(WAYS)).T)

    def summed(self, logs: Floats, left: Floats) -> Floats:
        """What is left of each way and active day, summed up for each tie, (3, n_ties)."""
        return np.stack([sum_by(self.tie, one * left, len(self.starts)) for one in logs])

    def weeks(self, age_days: Ints, weights: Weights) -> Floats:
        """Weeks in touch as `Ties.weeks` has them, where active days are so old, (n_ties,)."""
        covered = np.where(self.is_last, WEEK_DAYS, np.minimum(self.gap, WEEK_DAYS)) / WEEK_DAYS
        worth = np.where(age_days < weights.recent_days, 1.0, weights.older_week)
        return sum_by(self.tie, covered * worth, len(self.starts))

    def log_gaps(self) -> Floats:
        """The logarithms of the gaps, summed up, (n_ties,)."""
        inner = ~self.is_last
        return sum_by(self.tie[inner], np.log(self.gap[inner]), len(self.starts))


def sum_by(row: Ints, amount: Floats, rows: int) -> Floats:
    """Sum up amounts by the row they belong to, (rows,)."""
    return np.asarray(np.bincount(row, weights=amount, minlength=rows), dtype=np.float64)


def paces(person: Ints, day: Ints, people: int, as_of_s: int) -> Floats:
    """The pace of people numbered from 0, (people,).

    Args:
        person: Who was in touch with anybody, (n,), in any order.
        day: On which day, (n,); the same one may come several times.
        people: How many there are.
        as_of_s: The moment to measure ages from.
    """
    order = np.lexsort((day, person))
    person, day = person[order], day[order]
    is_new = changes(person, day)
    left = np.exp2((as_of_s - day[is_new] * DAY_S) / (-DAY_S * PACE_DAYS))
    share = left * (1 - np.exp2(-1 / PACE_DAYS))
    return np.minimum(sum_by(person[is_new], share, people), 1.0)
