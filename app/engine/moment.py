"""A moment: all ties as of then, of which those of some pairs can be folded anew without the rest.

What a pair's contacts change is the pair's own row, and what is said of its two people: when they
were last seen, their pace, their attention, whom they know. So all ties of these people are looked
at, and no others.
"""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from app.engine import rows as of
from app.engine import strength as tell
from app.engine.interactions import Interactions
from app.engine.overlap import Edges, are_edges, overlap
from app.engine.rows import Move
from app.engine.scores import Around
from app.engine.ties import NEVER, Ties, fold
from app.engine.weights import Floats, Ints, Weights


class Fold(Protocol):
    """Whatever groups interactions by pair as `ties.fold` does, to a relative 1e-9."""

    def __call__(self, interactions: Interactions, *, as_of_s: int, weights: Weights) -> Ties:
        """Give one tie per pair that met by `as_of_s`."""


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """What became of the rows of a moment.

    Attributes:
        move: Which row is which.
        rows: The rows of all ties of the people whose ties changed, sorted.
        fresh: Those of the pairs that changed.
        gone: The pairs that have no tie any more, (a, b).
    """

    move: Move
    rows: Ints
    fresh: Ints
    gone: tuple[Ints, Ints]


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """All ties at one moment.

    Attributes:
        around: What all of them make together; `attention` knows everybody whom `edges` knows.
    """

    ties: Ties
    around: Around

    @classmethod
    def of(
        cls, interactions: Interactions, *, as_of_s: int, weights: Weights, fold: Fold = fold
    ) -> "Moment":
        """Fold all of a company's interactions."""
        ties = fold(interactions, as_of_s=as_of_s, weights=weights)
        return cls(ties, Around(Edges.of(ties, weights), tell.attention(ties)))

    def shown(self, weights: Weights, rows: Ints | None = None) -> Floats:
        """The points of all ties, or of some rows, (n,)."""
        ties = self.ties if rows is None else of.take(self.ties, rows)
        shared = overlap(ties, weights=weights, edges=self.around.edges)
        return tell.shown(tell.strength(ties, shared, weights), ties.two_way)

    def changed(
        self, a: Ints, b: Ints, interactions: Interactions, weights: Weights
    ) -> "tuple[Moment, Change] | None":
        """The moment with other contacts of some pairs; None if they make no difference.

        Args:
            a: The lower person number of each pair.
            b: The higher one.
            interactions: All that is known of these pairs now.
            weights: As before.
        """
        ties = self.ties
        fresh = fold(interactions, as_of_s=ties.as_of_s, weights=weights)
        old = of.of_pairs(ties, a, b)
        before = of.take(ties, old)
        if _are_alike(before, fresh):
            return None
        swapped, move, places = of.swap(ties, old, fresh)
        people = np.unique(np.concatenate([before.a, before.b, fresh.a, fresh.b]))
        touched = of.of_people(swapped, people)
        swapped = _seen_anew(swapped, people, touched)
        around = _around(self.around, before, swapped, (people, touched, places), weights)
        stay = np.isin(of.keys(before.a, before.b, a, b), of.keys(fresh.a, fresh.b, a, b))
        gone = before.a[~stay], before.b[~stay]
        return Moment(swapped, around), Change(move, touched, places, gone)


def _are_alike(one: Ties, other: Ties) -> bool:
    return len(one) == len(other) and all(
        np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True)
        for name in ("a", "b", *of.COLUMNS)
        if name not in of.OF_PEOPLE
    )


def _seen_anew(ties: Ties, people: Ints, touched: Ints) -> Ties:
    """Say when some people were last seen; `touched` are the rows of all their ties."""
    ends, last_s = np.stack([ties.a[touched], ties.b[touched]]), ties.last_s[touched]
    is_theirs = np.isin(ends, people)
    place = np.searchsorted(people, ends)
    latest = np.full(len(people), NEVER, dtype=np.int64)
    seen_s = ties.seen_s.copy()
    for side in (0, 1):
        np.maximum.at(latest, place[side][is_theirs[side]], last_s[is_theirs[side]])
    for side in (0, 1):
        seen_s[side, touched[is_theirs[side]]] = latest[place[side][is_theirs[side]]]
    return replace(ties, seen_s=seen_s)


def _around(
    around: Around, before: Ties, ties: Ties, looked_at: tuple[Ints, Ints, Ints], weights: Weights
) -> Around:
    """What all ties make together, after some changed.

    Args:
        around: As it was.
        before: The rows that went.
        ties: As they are.
        looked_at: The people of the rows that went or came; the rows of their ties; what came.
        weights: The constants of the model.
    """
    people, touched, places = looked_at
    known, summed = around.attention
    if not np.isin(people, known, assume_unique=True).all():
        everybody = np.union1d(known, people)
        wider = np.zeros(len(everybody))
        wider[np.searchsorted(everybody, known)] = summed
        known, summed = everybody, wider
        around = Around(around.edges.among(known), (known, summed))
    summed = summed.copy()
    those, attention = tell.attention(of.take(ties, touched))
    summed[np.searchsorted(known, people)] = 0.0
    is_theirs = np.isin(those, people)
    summed[np.searchsorted(known, those[is_theirs])] = attention[is_theirs]
    return Around(_edges(around.edges, before, of.take(ties, places), weights), (known, summed))


def _edges(edges: Edges, before: Ties, after: Ties, weights: Weights) -> Edges:
    was, is_now = are_edges(before, weights), are_edges(after, weights)
    old = edges.both_ways(before.a[was], before.b[was])
    new = edges.both_ways(after.a[is_now], after.b[is_now])
    less, more = np.setdiff1d(old, new), np.setdiff1d(new, old)
    return edges.changed(less, more) if len(less) or len(more) else edges
