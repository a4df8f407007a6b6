"""Held interactions: all of a company's, of which those of some pairs can be replaced at once."""

from collections.abc import Iterator

import numpy as np

from app.engine.interactions import Interactions
from app.engine.weights import Ints

MANY = 5_000
"""Replaced pairs after which everything is put in order again."""

Pair = tuple[int, int]


class Held:
    """Interactions by pair; replacing those of a pair costs as much as there are of it.

    Args:
        interactions: All there are, in any order.
    """

    def __init__(self, interactions: Interactions) -> None:
        self._sort(interactions)

    def __len__(self) -> int:
        return int(self._is_valid.sum()) + sum(len(one) for one in self._later.values())

    def every(self) -> Interactions:
        """All of them."""
        if not self._later and self._is_valid.all():
            return self._sorted
        return joined([self._sorted.where(self._is_valid), *self._later.values()])

    def of_people(self, people: Ints) -> Interactions:
        """Those of these people (sorted) with anybody."""
        met = self._sorted
        theirs = np.isin(met.source, people) | np.isin(met.target, people)
        known = set(people.tolist())
        later = [one for (a, b), one in self._later.items() if a in known or b in known]
        return joined([met.where(self._is_valid & theirs), *later])

    def of_pairs(self, a: Ints, b: Ints) -> Interactions:
        """Those of these pairs, each with the lower number first."""
        rows = [np.arange(*self._rows(*pair)) for pair in zip(a.tolist(), b.tolist(), strict=True)]
        places = np.concatenate([np.zeros(0, dtype=np.int64), *rows])
        sought = set(zip(a.tolist(), b.tolist(), strict=True))
        later = [one for pair, one in self._later.items() if pair in sought]
        return joined([self._sorted.where(places[self._is_valid[places]]), *later])

    def replace(self, a: Ints, b: Ints, interactions: Interactions) -> None:
        """Put other interactions in the place of all of these pairs, who are theirs."""
        for pair in zip(a.tolist(), b.tolist(), strict=True):
            first, end = self._rows(*pair)
            self._is_valid[first:end] = False
            self._later.pop(pair, None)
        self._later.update(_by_pair(interactions))
        if len(self._later) > MANY:
            self._sort(self.every())

    def _sort(self, interactions: Interactions) -> None:
        low, high = ends(interactions)
        order = np.lexsort((high, low))
        self._sorted = interactions.where(order)
        self._low, self._high = low[order], high[order]
        self._is_valid = np.ones(len(order), dtype=np.bool_)
        self._later: dict[Pair, Interactions] = {}

    def _rows(self, a: int, b: int) -> tuple[int, int]:
        first, end = (int(np.searchsorted(self._low, a, side=s)) for s in ("left", "right"))
        part = self._high[first:end]
        return (
            first + int(np.searchsorted(part, b)),
            first + int(np.searchsorted(part, b, side="right")),
        )


def ends(interactions: Interactions) -> tuple[Ints, Ints]:
    """The lower and the higher person number of each, (n,) and (n,)."""
    return (
        np.minimum(interactions.source, interactions.target),
        np.maximum(interactions.source, interactions.target),
    )


def joined(parts: list[Interactions]) -> Interactions:
    """One after the other."""
    return Interactions(
        np.concatenate([part.source for part in parts]),
        np.concatenate([part.target for part in parts]),
        np.concatenate([part.at_s for part in parts]),
        np.concatenate([part.channel for part in parts]),
        np.concatenate([part.recipients for part in parts]),
        np.concatenate([part.duration_s for part in parts]),
        np.concatenate([part.is_directed for part in parts]),
    )


def _by_pair(interactions: Interactions) -> Iterator[tuple[Pair, Interactions]]:
    low, high = ends(interactions)
    order = np.lexsort((high, low))
    low, high = low[order], high[order]
    is_new = np.ones(len(order), dtype=np.bool_)
    is_new[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    starts = np.flatnonzero(is_new)
    for rows in np.split(order, starts[1:]) if len(starts) else ():
        one, other = int(interactions.source[rows[0]]), int(interactions.target[rows[0]])
        yield (min(one, other), max(one, other)), interactions.where(rows)
