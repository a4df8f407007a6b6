"""Sorted rows: where each group begins, the rows of one, and pairs in the rows of both ends."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from app.engine.weights import Flags, Ints

ROOMY = 8
"""Numbers up to so many times as many as there are pairs are looked up in a table."""


def changes(*columns: npt.NDArray[Any]) -> Flags:
    """Which rows differ from the one before in any column, (n,); the first does."""
    found = np.ones(len(columns[0]), dtype=np.bool_)
    if len(found):
        found[1:] = columns[0][1:] != columns[0][:-1]
    for column in columns[1:]:
        found[1:] |= column[1:] != column[:-1]
    return found


def spans(starts: Ints, ends: Ints) -> Ints:
    """The numbers from each start to before its end, one after the other."""
    lengths = ends - starts
    begin = np.repeat(starts - (np.cumsum(lengths) - lengths), lengths)
    return begin + np.arange(len(begin))


@dataclass(frozen=True, slots=True, eq=False)
class ByPerson:
    """Which rows are whose, where they stand one person after the other.

    Attributes:
        people: Everybody who has any, sorted, (n,).
        starts: Where those of each begin, and the end, (n + 1,).
    """

    people: Ints
    starts: Ints

    def of(self, person: int) -> slice:
        """The rows of a person; none of a stranger."""
        place = int(np.searchsorted(self.people, person))
        if place == len(self.people) or self.people[place] != person:
            return slice(0)
        return slice(int(self.starts[place]), int(self.starts[place + 1]))


def numbered(a: Ints, b: Ints) -> tuple[Ints, Ints, Ints]:
    """Give everybody once, sorted, and whose place in that each a and b is."""
    highest = int(max(a.max(), b.max())) if len(a) else 0
    lowest = int(min(a.min(), b.min())) if len(a) else 0
    if lowest < 0 or highest > ROOMY * len(a) + 1_000_000:
        people, ends = np.unique(np.concatenate([a, b]), return_inverse=True)
        return people, ends[: len(a)], ends[len(a) :]
    is_there = np.zeros(highest + 1, dtype=np.bool_)
    is_there[a] = is_there[b] = True
    place = np.cumsum(is_there) - 1
    return np.flatnonzero(is_there), place[a], place[b]


def is_sorted(a: Ints, b: Ints) -> bool:
    """Whether pairs stand in the order of (a, b), each once, with a < b."""
    rises = (a[1:] > a[:-1]) | ((a[1:] == a[:-1]) & (b[1:] > b[:-1]))
    return bool((a < b).all() and rises.all())


def both_ways(a: Ints, b: Ints, size: int) -> tuple[Ints, Ints, Ints]:
    """Put every pair into the rows of both its ends.

    Args:
        a: The lower node of each pair, (m,).
        b: The higher one; pairs are sorted by (a, b), each once.
        size: How many nodes there are.

    Returns:
        Where each node's slots begin, and the end, (size + 1,); the node at the other end of each,
        sorted within a row, (2m,); and which pair it is, (2m,).
    """
    upper = np.concatenate([[0], np.cumsum(np.bincount(a, minlength=size))])
    # By columns, as scipy counts them out, in the order of the rows.
    turned = csr_array((np.arange(len(a)), b, upper), shape=(size, size)).tocsc()
    lower = turned.indptr.astype(np.int64)
    # A row holds first the lower neighbours, then the higher ones.
    at_lower = np.arange(len(a)) + upper[np.repeat(np.arange(size), np.diff(lower))]
    at_upper = np.arange(len(a)) + lower[a + 1]
    neighbours, pairs = np.empty((2, 2 * len(a)), dtype=np.int64)
    neighbours[at_lower], neighbours[at_upper] = turned.indices, b
    pairs[at_lower], pairs[at_upper] = turned.data, np.arange(len(a))
    return lower + upper, neighbours, pairs


def find(of_a: Ints, of_b: Ints, a: Ints, b: Ints) -> Ints:
    """Where some pairs stand among others that are sorted by (a, b), -1 where they do not, (n,)."""
    if not len(of_a):
        return np.full(len(a), -1)
    low, end = np.searchsorted(of_a, a), np.searchsorted(of_a, a, side="right")
    high = end.copy()
    while (is_open := low < high).any():
        middle = (low + high) // 2
        is_below = of_b[np.minimum(middle, len(of_b) - 1)] < b
        low = np.where(is_open & is_below, middle + 1, low)
        high = np.where(is_open & ~is_below, middle, high)
    is_there = (low < end) & (of_b[np.minimum(low, len(of_b) - 1)] == b)
    return np.where(is_there, low, -1)
