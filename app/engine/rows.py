"""Values with one row per pair, sorted by (a, b): finding rows, and putting others in their place.

They are the columns of `Ties` and of `Scores`: arrays whose last axis has one number per pair.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from app.engine.compressed import find
from app.engine.ties import Ties
from app.engine.weights import Flags, Ints

Column = npt.NDArray[Any]

COLUMNS = tuple(
    name for name in Ties.__dataclass_fields__ if name not in ("as_of_s", "a", "b", "ignored")
)
OF_PEOPLE = ("seen_s", "pace")
"""Columns of ties that follow from all contact of the two people, not of the pair alone."""

NEW = -1


@dataclass(frozen=True, slots=True, eq=False)
class Move:
    """Which row of before each row is: `NEW` if none; None where every row is its own."""

    origin: Ints | None

    def was(self, rows: Ints) -> Ints:
        """Which rows of before some rows are."""
        return rows if self.origin is None else self.origin[rows]

    def carry(self, column: Column) -> Column:
        """A column of before in the new order, itself if that is the same; any value is new."""
        if self.origin is None:
            return column
        if not column.shape[-1]:
            return np.zeros((*column.shape[:-1], len(self.origin)), dtype=column.dtype)
        carried: Column = column[..., self.origin]
        return carried


def take(ties: Ties, rows: Ints | Flags | slice) -> Ties:
    """A copy of some of the ties; what is said of their people stays what all ties say."""
    columns = {name: getattr(ties, name)[..., rows].copy() for name in ("a", "b", *COLUMNS)}
    return Ties(as_of_s=ties.as_of_s, ignored=ties.ignored, **columns)


def of_pairs(ties: Ties, a: Ints, b: Ints) -> Ints:
    """The rows of some pairs, which are sorted; those without a tie have none."""
    places = find(ties.a, ties.b, a, b)
    return places[places >= 0]


def swap(ties: Ties, old: Ints, fresh: Ties) -> tuple[Ties, Move, Ints]:
    """Put fresh rows in the place of some rows.

    Args:
        ties: Their columns are written to, where no row goes or comes.
        old: Rows that go, sorted; all that stay are of other pairs than `fresh`.
        fresh: Rows that come.

    Returns:
        The ties, which row is which, and the rows of `fresh`. Columns `OF_PEOPLE` of the fresh rows
        are theirs alone: see to them.
    """
    is_same = np.array_equal(ties.a[old], fresh.a) and np.array_equal(ties.b[old], fresh.b)
    if is_same:
        move, places = Move(None), old
    else:
        stay = np.delete(np.arange(len(ties)), old)
        slots = _slots(ties.a[stay], ties.b[stay], fresh)
        places = slots + np.arange(len(fresh))
        origin = np.insert(stay, slots, NEW)
        were = find(ties.a[old], ties.b[old], fresh.a, fresh.b)
        origin[places] = np.where(were < 0, NEW, np.append(old, NEW)[were])
        move = Move(origin)
    columns: dict[str, Column] = {}
    for name in ("a", "b", *COLUMNS):
        columns[name] = column = move.carry(getattr(ties, name))
        column[..., places] = getattr(fresh, name)
    return Ties(as_of_s=ties.as_of_s, ignored=ties.ignored, **columns), move, places


def _slots(a: Ints, b: Ints, fresh: Ties) -> Ints:
    """Before which row each fresh one comes."""
    first, end = np.searchsorted(a, fresh.a), np.searchsorted(a, fresh.a, side="right")
    steps = zip(first.tolist(), end.tolist(), fresh.b.tolist(), strict=True)
    found = [start + int(np.searchsorted(b[start:stop], one)) for start, stop, one in steps]
    return np.array(found, dtype=np.int64)
