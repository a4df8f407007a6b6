"""Who has a tie with whom, by person: what is looked at when something of a person changes."""

from collections.abc import Iterable

import numpy as np

from app.engine.compressed import both_ways, numbered
from app.engine.weights import Ints

NOBODY: Ints = np.zeros(0, dtype=np.int64)


class Near:
    """Everybody's people; a change costs as much as the two people have.

    Args:
        a: The lower person number of each pair, pairs sorted by (a, b), each once.
        b: The higher one.
    """

    def __init__(self, a: Ints, b: Ints) -> None:
        self._people, one, other = numbered(a, b)
        self._starts, neighbours = np.zeros(1, dtype=np.int64), NOBODY
        if len(a):
            self._starts, neighbours, _ = both_ways(one, other, len(self._people))
        self._others = self._people[neighbours]
        self._anew: dict[int, Ints] = {}

    def of(self, person: int) -> Ints:
        """With whom a person has a tie, sorted."""
        if person in self._anew:
            return self._anew[person]
        place = int(np.searchsorted(self._people, person))
        if place == len(self._people) or self._people[place] != person:
            return NOBODY
        return self._others[self._starts[place] : self._starts[place + 1]]

    def pairs(self, people: Ints) -> tuple[Ints, Ints]:
        """All pairs that some people are in, sorted by (a, b), each once."""
        ends = [(person, self.of(person)) for person in people.tolist()]
        person = np.concatenate([NOBODY, *(np.full(len(o), p) for p, o in ends)])
        other = np.concatenate([NOBODY, *(others for _, others in ends)])
        is_once = (person < other) | ~np.isin(other, people)
        a, b = np.minimum(person, other)[is_once], np.maximum(person, other)[is_once]
        order = np.lexsort((b, a))
        return a[order], b[order]

    def change(self, gone: Iterable[tuple[int, int]], come: Iterable[tuple[int, int]]) -> None:
        """Forget pairs that have no tie any more, and remember others."""
        for ends in gone:
            for person, other in (ends, ends[::-1]):
                others = self.of(person)
                self._anew[person] = others[others != other]
        for ends in come:
            for person, other in (ends, ends[::-1]):
                self._anew[person] = np.union1d(self.of(person), [other])
