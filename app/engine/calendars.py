"""Calendars: on which days people were in touch with anybody, which their pace follows from."""

import numpy as np

from app.engine.active_days import paces
from app.engine.cells import Cells
from app.engine.compressed import ByPerson, changes, numbered
from app.engine.weights import Floats, Ints

NONE: Ints = np.zeros(0, dtype=np.int64)

Calendar = tuple[Ints, Ints]
"""Days, sorted, and with how many people on each."""


class Calendars:
    """Everybody's days; a change costs as much as the two people have days.

    Args:
        cells: All there are.
    """

    def __init__(self, cells: Cells) -> None:
        a, b, day = _touches(cells)
        people, one, other = numbered(a, b)
        person, day = np.concatenate([one, other]), np.concatenate([day, day])
        order = np.lexsort((day, person))
        person, day = person[order], day[order]
        starts = np.flatnonzero(changes(person, day))
        self._day, self._times = day[starts], np.diff(np.append(starts, len(order)))
        begins = np.searchsorted(person[starts], np.arange(len(people) + 1))
        self._rows = ByPerson(people, begins)
        self._anew: dict[int, Calendar] = {}

    def of(self, person: int) -> Calendar:
        """The days of a person."""
        if person in self._anew:
            return self._anew[person]
        theirs = self._rows.of(person)
        return self._day[theirs], self._times[theirs]

    def paces(self, people: Ints, as_of_s: int) -> Floats:
        """The pace of some people, (n,)."""
        days = [self.of(person)[0] for person in people.tolist()]
        person = np.repeat(np.arange(len(people)), [len(one) for one in days])
        return paces(person, np.concatenate([NONE, *days]), len(people), as_of_s)

    def change(self, before: Cells, after: Cells) -> None:
        """Remember what some pairs' days are now, and no more what they were."""
        were, are = _pairs_and_days(before), _pairs_and_days(after)
        for touches, step in ((were - are, -1), (are - were, 1)):
            for a, b, day in touches:
                for person in (a, b):
                    self._anew[person] = _counted(self.of(person), day, step)


def _counted(calendar: Calendar, day: int, step: int) -> Calendar:
    days, times = calendar
    place = int(np.searchsorted(days, day))
    if place == len(days) or days[place] != day:
        return np.insert(days, place, day), np.insert(times, place, step)
    if times[place] + step == 0:
        return np.delete(days, place), np.delete(times, place)
    times = times.copy()
    times[place] += step
    return days, times


def _pairs_and_days(cells: Cells) -> set[tuple[int, int, int]]:
    a, b, day = _touches(cells)
    return set(zip(a.tolist(), b.tolist(), day.tolist(), strict=True))


def _touches(cells: Cells) -> tuple[Ints, Ints, Ints]:
    """The days of each pair, each once, (a, b, day)."""
    is_new = changes(cells.a, cells.b, cells.day)
    return cells.a[is_new], cells.b[is_new], cells.day[is_new]
