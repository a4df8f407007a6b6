"""Who has a tie with whom, by person: what is looked at when something of a person changes."""

from collections.abc import Iterable

import numpy as np

from app.engine.compressed import ByPerson, both_ways, numbered
from app.engine.weights import Ints

NOBODY: Ints = np.zeros(0, dtype=np.int64)


class Near:
    """Everybody's people; a change costs as much as the two people have.

    Args:
        a: The lower person number of each pair, pairs sorted by (a, b), each once.
        b: The higher one.
    """

    def __init__(self, a: Ints, b: Ints) -> None:
        people, one, other = numbered(a, b)
        starts, neighbours, _ = both_ways(one, other, len(people))
        self._others = people[neighbours]
        self._rows = ByPerson(people, starts)
        self._anew: dict[int, Ints] = {}

    def of(self, person: int) -> Ints:
        """With whom a person has a tie, sorted."""
        if person in self._anew:
            return self._anew[person]
        return self._others[self._rows.of(person)]

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
