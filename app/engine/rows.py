"""Values with one row per pair, sorted by (a, b): finding rows, and putting others in their place.

They are the columns of `Ties` and of `Scores`: arrays whose last axis has one number per pair.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

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
    """Which row of before each row is: `NEW` if none; `is_same` where every row is its own."""

    origin: Ints
    is_same: bool

    def carry(self, column: Column) -> Column:
        """A column of before in the new order, as a copy; what is new holds any value."""
        if not column.shape[-1]:
            return np.zeros((*column.shape[:-1], len(self.origin)), dtype=column.dtype)
        return column.copy() if self.is_same else column[..., self.origin]


def take(ties: Ties, rows: Ints | Flags) -> Ties:
    """Some of the ties; what is said of their people stays what all ties say."""
    columns = {name: getattr(ties, name)[..., rows] for name in COLUMNS}
    return Ties(
        as_of_s=ties.as_of_s, a=ties.a[rows], b=ties.b[rows], ignored=ties.ignored, **columns
    )


def of_people(ties: Ties, people: Ints) -> Ints:
    """The rows of all ties of some people, sorted."""
    return np.flatnonzero(np.isin(ties.a, people) | np.isin(ties.b, people))


def of_pairs(ties: Ties, a: Ints, b: Ints) -> Ints:
    """The rows of some pairs, sorted; those without a tie have none."""
    near = np.flatnonzero(np.isin(ties.a, a) & np.isin(ties.b, b))
    return near[np.isin(keys(ties.a[near], ties.b[near], a, b), keys(a, b, a, b))]


def keys(a: Ints, b: Ints, of_a: Ints, of_b: Ints) -> Ints:
    """A number for each pair, in the order of (a, b), (n,); all people are in `of_a` and `of_b`."""
    firsts, seconds = np.unique(of_a), np.unique(of_b)
    return np.searchsorted(firsts, a) * len(seconds) + np.searchsorted(seconds, b)


def swap(ties: Ties, old: Ints, fresh: Ties) -> tuple[Ties, Move, Ints]:
    """Put fresh rows in the place of some rows.

    Args:
        ties: They stay as they are.
        old: Rows that go, sorted; all that stay are of other pairs than `fresh`.
        fresh: Rows that come.

    Returns:
        The ties, which row is which, and the rows of `fresh`. Columns `OF_PEOPLE` of the fresh rows
        are theirs alone: see to them.
    """
    is_same = len(old) == len(fresh) and bool(
        (ties.a[old] == fresh.a).all() and (ties.b[old] == fresh.b).all()
    )
    if is_same:
        origin, places = np.arange(len(ties)), old
    else:
        stay = np.delete(np.arange(len(ties)), old)
        slots = _slots(ties.a[stay], ties.b[stay], fresh)
        places = slots + np.arange(len(fresh))
        origin = np.insert(stay, slots, NEW)
        origin[places] = _known(ties, old, fresh)
    move = Move(origin, is_same)
    columns: dict[str, Column] = {}
    for name in ("a", "b", *COLUMNS):
        column = move.carry(getattr(ties, name))
        column[..., places] = getattr(fresh, name)
        columns[name] = column
    changed = Ties(as_of_s=ties.as_of_s, ignored=ties.ignored, **columns)
    return changed, move, places


def _known(ties: Ties, old: Ints, fresh: Ties) -> Ints:
    """Which of the old rows each fresh one is of, `NEW` if none, (n_fresh,)."""
    a, b = ties.a[old], ties.b[old]
    everybody = np.concatenate([a, fresh.a]), np.concatenate([b, fresh.b])
    were, are = keys(a, b, *everybody), keys(fresh.a, fresh.b, *everybody)
    place = np.searchsorted(were, are)
    padded = np.append(were, NEW)
    return np.where(padded[place] == are, np.append(old, NEW)[place], NEW)


def _slots(a: Ints, b: Ints, fresh: Ties) -> Ints:
    """Before which row each fresh one comes."""
    first, end = np.searchsorted(a, fresh.a), np.searchsorted(a, fresh.a, side="right")
    steps = zip(first.tolist(), end.tolist(), fresh.b.tolist(), strict=True)
    found = [start + int(np.searchsorted(b[start:stop], one)) for start, stop, one in steps]
    return np.array(found, dtype=np.int64)
