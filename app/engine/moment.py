"""A moment: all ties as of then, of which those of some pairs can be summed up without the rest.

What a pair's contacts change is the pair's own row, and what is said of its two people: when they
were last seen, their pace, their attention, whom they know. So all ties of these people are looked
at, and no others.
"""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from app.engine import rows as of
from app.engine import strength as tell
from app.engine.cells import Cells
from app.engine.compressed import find
from app.engine.interactions import Interactions
from app.engine.overlap import Edges, are_edges, overlap
from app.engine.rows import Move
from app.engine.scores import Around
from app.engine.ties import NEVER, Ties, sum_up
from app.engine.weights import Floats, Ints, Weights


class Fold(Protocol):
    """Whatever groups interactions by pair as `ties.fold` does, to a relative 1e-9."""

    def __call__(self, interactions: Interactions, *, as_of_s: int, weights: Weights) -> Ties:
        """Give one tie per pair that met by `as_of_s`."""


class Pairs(NamedTuple):
    """Some pairs, sorted, each once."""

    a: Ints
    b: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """What became of the rows of a moment.

    Attributes:
        move: Which row is which.
        rows: The rows of all ties of the people whose ties changed, sorted.
        fresh: Those of the pairs that changed.
        gone: The pairs that have no tie any more.
    """

    move: Move
    rows: Ints
    fresh: Ints
    gone: Pairs


class Moment:
    """All ties at one moment, and what they make together.

    Args:
        ties: They become the moment's own: a change writes to their columns.
        weights: The constants of the model.

    Attributes:
        ties: As of the last change.
        around: Of all of them; `attention` knows everybody whom `edges` knows.
    """

    def __init__(self, ties: Ties, weights: Weights) -> None:
        self._weights, self.ties = weights, ties
        self.around = Around(Edges.of(ties, weights), tell.attention(ties))

    def shown(self, rows: Ints | None = None) -> Floats:
        """The points of all ties, or of some rows, (n,)."""
        ties = self.ties if rows is None else of.take(self.ties, rows)
        shared = overlap(ties, weights=self._weights, edges=self.around.edges)
        return tell.shown(tell.strength(ties, shared, self._weights), ties.two_way, self._weights)

    def change(self, pairs: Pairs, cells: Cells, near: Pairs) -> Change | None:
        """Take in other days of some pairs; gives None if they make no difference.

        Args:
            pairs: Whose days.
            cells: All that there are of these pairs now.
            near: All pairs that their people are in by now.
        """
        ties = self.ties
        until = cells.until(ties.as_of_s)
        fresh = sum_up(until, as_of_s=ties.as_of_s, weights=self._weights)
        old = of.of_pairs(ties, *pairs)
        before = of.take(ties, old)
        if _are_alike(before, fresh):
            return None
        self.ties, move, places = of.swap(ties, old, fresh)
        people = np.unique(np.concatenate([before.a, before.b, fresh.a, fresh.b]))
        touched = of.of_pairs(self.ties, *near)
        _see(self.ties, people, touched)
        self.around = _around(
            self.around, before, self.ties, (people, touched, places), self._weights
        )
        gone = find(fresh.a, fresh.b, before.a, before.b) < 0
        return Change(move, touched, places, Pairs(before.a[gone], before.b[gone]))


def _are_alike(one: Ties, other: Ties) -> bool:
    return len(one) == len(other) and all(
        np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True)
        for name in ("a", "b", *of.COLUMNS)
        if name not in of.OF_PEOPLE
    )


def _see(ties: Ties, people: Ints, touched: Ints) -> None:
    """Write when some people were last seen; `touched` are the rows of all their ties."""
    ends, last_s = np.stack([ties.a[touched], ties.b[touched]]), ties.last_s[touched]
    is_theirs = np.isin(ends, people)
    place = np.searchsorted(people, ends)
    latest = np.full(len(people), NEVER, dtype=np.int64)
    for side in (0, 1):
        np.maximum.at(latest, place[side][is_theirs[side]], last_s[is_theirs[side]])
    for side in (0, 1):
        ties.seen_s[side, touched[is_theirs[side]]] = latest[place[side][is_theirs[side]]]


def _around(
    around: Around, before: Ties, ties: Ties, looked_at: tuple[Ints, Ints, Ints], weights: Weights
) -> Around:
    """What all ties make together, after some changed.

    Args:
        around: As it was; its attention is written to.
        before: The rows that went.
        ties: As they are.
        looked_at: The people of the rows that went or came; the rows of their ties; what came.
        weights: The constants of the model.
    """
    people, touched, places = looked_at
    known, summed = around.attention
    if not _are_among(people, known):
        everybody = np.union1d(known, people)
        wider = np.zeros(len(everybody))
        wider[np.searchsorted(everybody, known)] = summed
        known, summed = everybody, wider
        around = Around(around.edges.among(known), (known, summed))
    those, attention = tell.attention(of.take(ties, touched))
    summed[np.searchsorted(known, people)] = 0.0
    is_theirs = np.isin(those, people)
    summed[np.searchsorted(known, those[is_theirs])] = attention[is_theirs]
    return Around(_edges(around.edges, before, of.take(ties, places), weights), (known, summed))


def _are_among(people: Ints, known: Ints) -> bool:
    place = np.searchsorted(known, people)
    return bool((place < len(known)).all() and (known[place] == people).all())


def _edges(edges: Edges, before: Ties, after: Ties, weights: Weights) -> Edges:
    was, is_now = are_edges(before, weights), are_edges(after, weights)
    old = edges.both_ways(before.a[was], before.b[was])
    new = edges.both_ways(after.a[is_now], after.b[is_now])
    less, more = np.setdiff1d(old, new), np.setdiff1d(new, old)
    return edges.changed(less, more) if len(less) or len(more) else edges
