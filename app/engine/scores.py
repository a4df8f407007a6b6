"""Scores: every tie at one moment, with all that is said about it; read by row or by person."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.engine import strength as tell
from app.engine.alive import DEFAULT_CURVE, Curve
from app.engine.cells import FROM_A, FROM_B, NOT_KNOWN
from app.engine.compressed import ByPerson
from app.engine.interactions import Interactions
from app.engine.overlap import Edges, overlap
from app.engine.strength import BANDS, STATUSES, Indexes
from app.engine.ties import TWO_WAY, UNKNOWN, Ties, fold
from app.engine.weights import DAY_S, DEFAULT, Flags, Floats, Ints, Weights


@dataclass(frozen=True, slots=True)
class Tie:
    """One tie as one of its two people sees it; `person` looks at `other`.

    Attributes:
        strength: Not below 0.
        strength_then: The same as it stood at the last contact.
        points: Strength as shown, 0 to 100.
        alive: Chance of two-way contact in the next 90 days, 0 to 1.
        sent: Contacts from person to other; `received` the other way, `unsaid` without direction.
        calls: Answered calls, but for those of a crowd; `meetings` likewise.
        first_s: First contact, seconds since 1970 (UTC), as is `last_s`.
        rhythm_days: Geometric mean of the gaps between active days, None with one active day.
        is_two_way: None where the records do not say.
    """

    row: int
    person: int
    other: int
    strength: float
    strength_then: float
    points: float
    points_then: float
    importance: float
    risk: float
    alive: float
    band: str
    status: str
    confidence: float
    sent: int
    received: int
    unsaid: int
    calls: int
    meetings: int
    active_days: int
    first_s: int
    last_s: int
    silence_days: float
    rhythm_days: float | None
    is_two_way: bool | None
    is_dormant_strong: bool

    @property
    def contacts(self) -> int:
        """All contacts, whichever way they went."""
        return self.sent + self.received + self.unsaid


@dataclass(frozen=True, eq=False)
class Scores:
    """All ties at one moment; every array has one number per tie, in the order of `ties`.

    Attributes:
        ties: What the scores follow from.
        colleagues: Person numbers of our own people, sorted, without repetition.
        overlap: Neighbourhood overlap, 0 to 1.
        strength: Not below 0.
        strength_then: The same on the day of the last contact.
        importance: Share of both people's attention, 0 to 1.
        risk: Any number; the higher, the more likely the tie lapses.
        alive: Chance of two-way contact in the next 90 days, 0 to 1.
        shown: Strength in points, 0 to 100.
        shown_then: `strength_then` in points.
        band: Index into `BANDS`.
        status: Index into `STATUSES`.
        is_dormant_strong: Strong when last in touch, silent for one to three years.
        confidence: 0 to 1.
        cuts: Where weak, moderate and strong begin, in points.
    """

    ties: Ties
    colleagues: Ints
    overlap: Floats
    strength: Floats
    strength_then: Floats
    importance: Floats
    risk: Floats
    alive: Floats
    shown: Floats
    shown_then: Floats
    band: Indexes
    status: Indexes
    is_dormant_strong: Flags
    confidence: Floats
    cuts: tell.Cuts

    def __len__(self) -> int:
        return len(self.ties)

    @property
    def as_of_s(self) -> int:
        """The moment of scoring, seconds since 1970 (UTC)."""
        return self.ties.as_of_s

    @cached_property
    def people(self) -> Ints:
        """Everyone who has a tie, sorted, (n_people,)."""
        return np.unique(np.concatenate([self.ties.a, self.ties.b]))

    @cached_property
    def _by_person(self) -> tuple[Ints, ByPerson]:
        """The rows of each person's ties, one person after the other, and which are whose."""
        ends = np.searchsorted(self.people, np.concatenate([self.ties.a, self.ties.b]))
        order = np.argsort(ends, kind="stable")
        rows = np.tile(np.arange(len(self)), 2)[order]
        starts = np.searchsorted(ends[order], np.arange(len(self.people) + 1))
        return rows, ByPerson(self.people, starts)

    def rows_of(self, person: int) -> Ints:
        """The rows of a person's ties, most points first; empty for a stranger."""
        rows, whose = self._by_person
        own = rows[whose.of(person)]
        return own[np.lexsort((own, -self.strength[own], -self.shown[own]))]

    def between(self, person: int, other: int) -> Tie | None:
        """The tie of two people as the first sees it; None if they never met."""
        row = self.ties.find(person, other)
        return None if row is None else self.seen_by(person, row)

    def seen_by(self, person: int, row: int) -> Tie:
        """Give one row as plain values, from the side of one of its two people."""
        ties = self.ties
        is_a = int(ties.a[row]) == person
        gap, two_way = float(ties.gap_days[row]), int(ties.two_way[row])
        return Tie(
            row=row,
            person=person,
            other=int(ties.b[row] if is_a else ties.a[row]),
            strength=float(self.strength[row]),
            strength_then=float(self.strength_then[row]),
            points=float(self.shown[row]),
            points_then=float(self.shown_then[row]),
            importance=float(self.importance[row]),
            risk=float(self.risk[row]),
            alive=float(self.alive[row]),
            band=BANDS[self.band[row]],
            status=STATUSES[self.status[row]],
            confidence=float(self.confidence[row]),
            sent=int(ties.contacts[FROM_A if is_a else FROM_B, row]),
            received=int(ties.contacts[FROM_B if is_a else FROM_A, row]),
            unsaid=int(ties.contacts[NOT_KNOWN, row]),
            calls=int(ties.calls[row]),
            meetings=int(ties.meetings[row]),
            active_days=int(ties.active_days[row]),
            first_s=int(ties.first_s[row]),
            last_s=int(ties.last_s[row]),
            silence_days=float((ties.as_of_s - ties.last_s[row]) / DAY_S),
            rhythm_days=None if np.isnan(gap) else gap,
            is_two_way=None if two_way == UNKNOWN else two_way == TWO_WAY,
            is_dormant_strong=bool(self.is_dormant_strong[row]),
        )

    @cached_property
    def outward_rows(self) -> Ints:
        """The rows of ties between a colleague and somebody who is none, in order of the rows."""
        return np.flatnonzero(self.is_colleague(self.ties.a) != self.is_colleague(self.ties.b))

    def is_colleague(self, people: Ints) -> Flags:
        """Which of these people are our own, (n,)."""
        return np.isin(people, self.colleagues)

    def outward(self) -> Iterator[tuple[int, int, Tie]]:
        """Each (colleague, contact, tie as the colleague sees it), in order of the rows."""
        is_a = self.is_colleague(self.ties.a)
        for row in self.outward_rows.tolist():
            colleague = int(self.ties.a[row] if is_a[row] else self.ties.b[row])
            tie = self.seen_by(colleague, row)
            yield colleague, tie.other, tie

    @cached_property
    def best(self) -> dict[int, int]:
        """The row of each contact's strongest tie with a colleague; if equal, the lower row.

        Who only wrote or spoke to a crowd that a contact was part of does not know the contact.
        """
        rows = self.outward_rows[self.ties.is_personal[self.outward_rows]]
        is_a = self.is_colleague(self.ties.a[rows])
        contact = np.where(is_a, self.ties.b[rows], self.ties.a[rows])
        order = np.lexsort((rows, -self.strength[rows], -self.shown[rows], contact))
        found, first = np.unique(contact[order], return_index=True)
        return dict(zip(found.tolist(), rows[order][first].tolist(), strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class Around:
    """What all ties make together, so that some of them can be scored without the others.

    Attributes:
        edges: Who is acquainted with whom.
        attention: Everybody, sorted, and the attention of all ties of each, (n_people,).
    """

    edges: Edges
    attention: tuple[Ints, Floats]


def score(
    interactions: Interactions,
    *,
    as_of_s: int,
    colleagues: Ints,
    weights: Weights = DEFAULT,
    curve: Curve = DEFAULT_CURVE,
) -> Scores:
    """Score every tie at one moment.

    Args:
        interactions: In any order; those after `as_of_s` are ignored.
        as_of_s: Seconds since 1970 (UTC).
        colleagues: Person numbers of our own people, in any order.
        weights: The constants of the model.
        curve: From strength to the chance that a tie is alive.
    """
    ties = fold(interactions, as_of_s=as_of_s, weights=weights)
    return assess(ties, colleagues=colleagues, weights=weights, curve=curve)


def assess(
    ties: Ties,
    *,
    colleagues: Ints,
    weights: Weights = DEFAULT,
    curve: Curve = DEFAULT_CURVE,
    around: Around | None = None,
) -> Scores:
    """Say of ties that are folded already all there is to say.

    Args:
        ties: All ties, or some.
        colleagues: Person numbers of our own people, in any order.
        weights: The constants of the model.
        curve: From strength to the chance that a tie is alive.
        around: What all ties make together, where only some are given.
    """
    shared = overlap(ties, weights=weights, edges=around.edges if around else None)
    now = tell.strength(ties, shared, weights)
    then = tell.strength_then(ties, shared, weights)
    points, points_then = (tell.shown(one, ties.two_way, weights) for one in (now, then))
    return Scores(
        ties=ties,
        colleagues=np.unique(np.asarray(colleagues, dtype=np.int64)),
        overlap=shared,
        strength=now,
        strength_then=then,
        importance=tell.importance(ties, around.attention if around else None),
        risk=tell.risk(ties, now, weights),
        alive=curve.chance(ties, now),
        shown=points,
        shown_then=points_then,
        band=tell.band(points, weights.cuts),
        status=tell.status(ties),
        is_dormant_strong=tell.is_dormant_strong(ties, points_then, weights.cuts),
        confidence=tell.confidence(ties.active_days),
        cuts=weights.cuts,
    )
