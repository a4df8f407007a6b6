"""From the rows that an engine returns to ties: people numbered, rows in order, both ways round.

What is left to say of a tie follows from few numbers, and is said by the engine's own functions.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from app.engine import Ignored, Ties
from app.engine.cells import FROM_A, FROM_B, NOT_KNOWN
from app.engine.ties import NEVER, is_regular, two_way, usual_gaps
from app.engine.weights import Flags, Floats, Ints
from app.fold.expression import BEFORE, DIRECTIONS

TURNED = [FROM_B, FROM_A, NOT_KNOWN]
"""Directions as the other of the two sees them."""


@dataclass(frozen=True, slots=True, eq=False)
class Tied:
    """The ties of a fold, and who their people are.

    Attributes:
        names: The people in order, as text; a person's number is their place. None if they were
            known by numbers, which are theirs.
        ties: One row per pair.
    """

    names: list[str] | None
    ties: Ties


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Rows of pairs in the order of ties.

    Attributes:
        table: As they came.
        order: Which one comes when, (n,).
        is_turned: Whether the engine names the higher person first, (n,), in order.
    """

    table: pa.Table
    order: Ints
    is_turned: Flags

    def column(self, name: str) -> npt.NDArray[Any]:
        """One number per pair, (n,)."""
        found: npt.NDArray[Any] = self.table[name].to_numpy()[self.order]
        return found

    def both(self, low: Ints, high: Ints) -> Ints:
        """What belongs to the two people, theirs to the lower and to the higher, (2, n)."""
        low, high = low[self.order], high[self.order]
        ends = np.where(self.is_turned, high, low), np.where(self.is_turned, low, high)
        return np.stack(ends)

    def floats(self, name: str) -> Floats:
        """One number per pair and way, (3, n)."""
        each = np.stack([self.column(f"{name}_{way}") for way in DIRECTIONS])
        return np.where(self.is_turned, each[TURNED], each)

    def ints(self, name: str) -> Ints:
        """The same, of whole numbers."""
        return self.floats(name).astype(np.int64)


def to_ties(pairs: pa.Table, people: pa.Table, ignored: Ignored, *, as_of_s: int) -> Tied:
    """Put an engine's rows in the form of `app.engine.fold`.

    People known by text are put in the order of its code points; how an engine compares texts does
    not matter, only that it always does it in one way.

    Args:
        pairs: The rows of `Folded.pairs`, in any order.
        people: Those of `Folded.people`.
        ignored: What was left out.
        as_of_s: The moment of the fold.
    """
    number, names = _numbers(people["person"])
    one, other = (_places(pairs[end], people["person"]) for end in ("a", "b"))
    low, high = np.minimum(number[one], number[other]), np.maximum(number[one], number[other])
    order = np.lexsort((high, low))
    rows = _Rows(pairs, order, (number[one] > number[other])[order])
    last = rows.ints("last")
    last_s = last.max(axis=0, initial=BEFORE)
    ends = rows.both(one, other)
    active_days = rows.column("active_days").astype(np.int64)
    calls, meetings = (rows.column(name).astype(np.int64) for name in ("calls", "meetings"))
    ties = Ties(
        as_of_s=as_of_s,
        a=low[order],
        b=high[order],
        sums=rows.floats("sum"),
        sums_then=rows.floats("sum_then"),
        contacts=rows.ints("contacts"),
        last_each_s=np.where(last == BEFORE, NEVER, last),
        first_s=rows.column("first_s").astype(np.int64),
        last_s=last_s,
        seen_s=_seen(ends, last_s, len(number)),
        pace=people["pace"].to_numpy()[ends],
        active_days=active_days,
        weeks=rows.column("weeks"),
        weeks_then=rows.column("weeks_then"),
        gap_days=usual_gaps(rows.column("log_gaps"), active_days),
        frequency=rows.column("frequency"),
        attention=rows.column("attention"),
        small_volume=rows.column("small_volume"),
        two_way=two_way(rows.ints("small"), calls + meetings),
        calls=calls,
        meetings=meetings,
        is_regular=is_regular(rows.ints("year"), rows.column("year_talks")),
        ignored=ignored,
    )
    return Tied(names, ties)


def _numbers(person: pa.ChunkedArray) -> tuple[Ints, list[str] | None]:
    if pa.types.is_integer(person.type):
        return person.to_numpy().astype(np.int64), None
    order = pc.sort_indices(person).to_numpy()
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(len(order))
    return number, person.take(order).to_pylist()


def _places(ends: pa.ChunkedArray, people: pa.ChunkedArray) -> Ints:
    """Where in `people` each of some people is."""
    found: Ints = pc.index_in(ends, value_set=people.combine_chunks()).to_numpy().astype(np.int64)
    return found


def _seen(ends: Ints, last_s: Ints, people: int) -> Ints:
    """When the two people of each tie last had contact with anyone, (2, n)."""
    latest = np.full(people, NEVER, dtype=np.int64)
    for end in ends:
        np.maximum.at(latest, end, last_s)
    return latest[ends]
