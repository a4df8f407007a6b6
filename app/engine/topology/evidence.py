"""How every edge of the network is known, and how far to trust it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from app.engine.scores import Scores
from app.engine.weights import Flags, Floats, Ints

EVIDENCE: Final = (
    "colleague and contact",
    "two contacts",
    "two colleagues",
    "same employer",
    "link in the CRM",
    "connected on LinkedIn",
)
"""What an edge may be known by: the first three are measured, in mails, calls and meetings."""

MEASURED: Final = 3
SAME_EMPLOYER, CRM_LINK, LINKEDIN = range(MEASURED, len(EVIDENCE))

ASSUMED: Final = {SAME_EMPLOYER: 0.5, CRM_LINK: 0.4, LINKEDIN: 0.5}
"""The chance that two people know each other of whom only this is known: assumed."""

CIRCLE: Final = 15
"""At an employer of more people than this nobody knows all: the chance falls with their number."""

MOST_AT_EMPLOYER: Final = 30
"""At an employer of more people than this, having it in common says nothing."""


def _none() -> Ints:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """Who is linked beside having met: pairs of person numbers, in either order."""

    a: Ints = field(default_factory=_none)
    b: Ints = field(default_factory=_none)
    kind: Ints = field(default_factory=_none)  # an index into EVIDENCE


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """All edges of a network, one row for each pair, sorted by (a, b); n pairs.

    Attributes:
        a: The lower person number, (n,).
        b: The higher person number, (n,).
        known_by: Of each of `EVIDENCE` whether the edge is known by it, (len(EVIDENCE), n).
        confidence: The chance that the two know each other, 0 to 1, (n,): of a measured tie its
            own confidence; independent kinds of evidence add up.
        is_firm: Whether questions of topology may count on it, (n,): measured and regular.
    """

    a: Ints
    b: Ints
    known_by: Flags
    confidence: Floats
    is_firm: Flags

    def __len__(self) -> int:
        return len(self.a)


def edges(scores: Scores, known: Sequence[Links]) -> Edges:
    """Gather everything that says that two people know each other.

    An edge that is not there is not known; that is not the same as none.
    """
    links = _all(known)
    met = np.flatnonzero(scores.ties.is_personal)
    is_a, is_b = (scores.is_colleague(end[met]) for end in (scores.ties.a, scores.ties.b))
    kind = np.select([is_a & is_b, is_a | is_b], [2, 0], 1)
    given = links.a != links.b
    low = np.concatenate([scores.ties.a[met], np.minimum(links.a, links.b)[given]])
    high = np.concatenate([scores.ties.b[met], np.maximum(links.a, links.b)[given]])
    people, ends = np.unique(np.concatenate([low, high]), return_inverse=True)
    size = max(len(people), 1)
    pairs, row = np.unique(ends[: len(low)] * size + ends[len(low) :], return_inverse=True)
    known_by = np.zeros((len(EVIDENCE), len(pairs)), dtype=np.bool_)
    known_by[np.concatenate([kind, links.kind[given]]), row] = True
    trust = np.concatenate([scores.confidence[met], _assumed(links)[given]])
    is_firm = np.zeros(len(pairs), dtype=np.bool_)
    is_firm[row[: len(met)]] = scores.ties.is_regular[met]
    return Edges(
        a=people[pairs // size],
        b=people[pairs % size],
        known_by=known_by,
        confidence=_together(row, trust, len(pairs)),
        is_firm=is_firm,
    )


def _all(known: Sequence[Links]) -> Links:
    every = (Links(), *known)
    a, b, kind = (
        np.concatenate([getattr(links, name) for links in every]) for name in ("a", "b", "kind")
    )
    return Links(a, b, kind)


def same_employer(people: Ints, places: Ints) -> Links:
    """Link everybody at one place with each other, unless there are too many.

    Args:
        people: Person numbers, (n,).
        places: Where each one works, as a number, (n,); below 0 where it is not known.
    """
    order = np.lexsort((people, places))
    people, places = people[order][places[order] >= 0], places[order][places[order] >= 0]
    groups = np.split(people, np.flatnonzero(np.diff(places)) + 1)
    pairs = [
        np.stack([group[side] for side in np.triu_indices(len(group), 1)])
        for group in groups
        if 1 < len(group) <= MOST_AT_EMPLOYER
    ]
    a, b = np.concatenate(pairs, axis=1) if pairs else (_none(), _none())
    return Links(a, b, np.full(len(a), SAME_EMPLOYER, dtype=np.int64))


def _assumed(links: Links) -> Floats:
    """The chance of each link; of an employer, by how many links its people have there."""
    chance = np.array([ASSUMED.get(kind, 0.0) for kind in range(len(EVIDENCE))])[links.kind]
    at_work = links.kind == SAME_EMPLOYER
    ends, inverse = np.unique(np.concatenate([links.a, links.b]), return_inverse=True)
    there = np.bincount(inverse, weights=np.tile(at_work, 2), minlength=len(ends))
    others = there[inverse[: len(links.a)]]
    return np.where(at_work, chance * np.minimum(1, CIRCLE / np.maximum(others, 1)), chance)


def _together(row: Ints, trust: Floats, rows: int) -> Floats:
    """1 - the chance that all evidence misleads."""
    doubt = np.log1p(-np.minimum(trust, 1 - 1e-12))
    order = np.lexsort((doubt, row))
    return -np.expm1(np.bincount(row[order], weights=doubt[order], minlength=rows))
