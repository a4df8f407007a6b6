"""Held day cells: all of a company's, of which those of some pairs and days can be replaced."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from app.engine.cells import Cells, joined
from app.engine.compressed import changes, find, spans
from app.engine.weights import Flags, Ints

MANY = 5_000
"""Replaced pairs after which everything is put in order again."""

EVERY_DAY = int(np.iinfo(np.int64).min)
"""Stands for all days of a pair."""

Pair = tuple[int, int]


class Days(NamedTuple):
    """Some days of some pairs, each once: a < b, and the day since 1970 (UTC) or `EVERY_DAY`."""

    a: Ints
    b: Ints
    day: Ints

    @classmethod
    def of(cls, days: Sequence[tuple[int, int, int]]) -> "Days":
        """From rows."""
        return cls(*np.array(days, dtype=np.int64).reshape(-1, 3).T)

    def pairs(self) -> tuple[Ints, Ints]:
        """The pairs, sorted, each once."""
        order = np.lexsort((self.b, self.a))
        a, b = self.a[order], self.b[order]
        is_new = changes(a, b)
        return a[is_new], b[is_new]


class Replaced(NamedTuple):
    """What became of the cells of some days of some pairs.

    Attributes:
        less: Those that went.
        more: Those that came.
        whole: All that these pairs have now.
    """

    less: Cells
    more: Cells
    whole: Cells


class Held:
    """Day cells by pair; replacing a day of a pair costs as much as the pair has days.

    Args:
        cells: All there are.
    """

    def __init__(self, cells: Cells) -> None:
        self._put(cells)

    def every(self) -> Cells:
        """All of them."""
        if self._later:
            rows = np.flatnonzero(self._is_valid)
            self._put(joined([self._cells.where(rows), *self._later.values()]))
        return self._cells

    def of_pairs(self, a: Ints, b: Ints) -> Cells:
        """Those of these pairs, which are sorted."""
        pairs = list(zip(a.tolist(), b.tolist(), strict=True))
        later = [self._later[pair] for pair in pairs if pair in self._later]
        is_here = np.array([pair not in self._later for pair in pairs], dtype=np.bool_)
        kept = self._cells.where(self._rows(a[is_here], b[is_here]))
        return joined([kept, *later]) if later else kept

    def replace(self, days: Days, cells: Cells) -> Replaced:
        """Put other cells in the place of those of some days."""
        a, b = days.pairs()
        before = self.of_pairs(a, b)
        goes = _are_of(before, days, (a, b))
        after = joined([before.where(~goes), cells])
        self._is_valid[self._rows(a, b)] = False
        # A pair that lost its last day is held as one of no days.
        pairs, nothing = zip(a.tolist(), b.tolist(), strict=True), after.where(slice(0))
        self._later.update(dict.fromkeys(pairs, nothing))
        self._later.update(_by_pair(after))
        if len(self._later) > MANY:
            self.every()
        return Replaced(before.where(goes), cells, after)

    def _put(self, cells: Cells) -> None:
        starts = cells.pair_starts
        self._cells, self._a, self._b = cells, cells.a[starts], cells.b[starts]
        self._starts = np.append(starts, len(cells))
        self._is_valid = np.ones(len(cells), dtype=np.bool_)
        self._later: dict[Pair, Cells] = {}

    def _rows(self, a: Ints, b: Ints) -> Ints:
        place = find(self._a, self._b, a, b)
        place = place[place >= 0]
        return spans(self._starts[place], self._starts[place + 1])


def _are_of(cells: Cells, days: Days, pairs: tuple[Ints, Ints]) -> Flags:
    """Which cells are of these days."""
    pair, those = find(*pairs, cells.a, cells.b), find(*pairs, days.a, days.b)
    is_whole = np.zeros(len(pairs[0]), dtype=np.bool_)
    is_whole[those[days.day == EVERY_DAY]] = True
    one = those[days.day != EVERY_DAY], days.day[days.day != EVERY_DAY]
    order = np.lexsort(one[::-1])
    place = find(one[0][order], one[1][order], pair, cells.day)
    return is_whole[pair] | (place >= 0)


def _by_pair(cells: Cells) -> Iterator[tuple[Pair, Cells]]:
    starts = np.append(cells.pair_starts, len(cells)).tolist()
    for start, end in pairwise(starts):
        pair = int(cells.a[start]), int(cells.b[start])
        yield pair, cells.where(slice(start, end))
