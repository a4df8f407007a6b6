"""How good a ranking of pairs was, once it is known what became of them, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.engine.weights import Flags, Floats, Ints

FEWEST: Final = 5
"""With fewer pairs of either kind an area says nothing."""

NORMAL_95: Final = 1.959964
TOP: Final = 0.1


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measured number and the interval that holds the true one in 95 of 100 histories."""

    value: float
    low: float
    high: float

    @property
    def half(self) -> float:
        """How far the ends of the interval are from the number."""
        return (self.high - self.low) / 2

    @property
    def is_above_0(self) -> bool:
        """Whether the whole interval is above 0."""
        return self.low > 0

    @property
    def is_below_0(self) -> bool:
        """Whether the whole interval is below 0."""
        return self.high < 0


@dataclass(frozen=True, slots=True, eq=False)
class Area:
    """An area under the ROC curve, or a difference of two, at one cut-off.

    Attributes:
        value: Chance that of two pairs, one that came alive and one that did not, the first has the
            higher score; equal scores count half.
        a: One person of each pair, (n,).
        b: The other, (n,).
        parts: How much each pair moved it, (n,); they sum to 0.
    """

    value: float
    a: Ints
    b: Ints
    parts: Floats


@dataclass(frozen=True, slots=True)
class Lift:
    """What became of the tenth of the pairs that was ranked first.

    Attributes:
        pairs: How many a tenth is.
        came: The share of them that came alive.
        times: The same over the share of all pairs that did; nan if none did.
    """

    pairs: int
    came: float
    times: float


def auc(truth: Flags, score: Floats) -> float:
    """Chance that a tie of the one kind scores above one of the other; nan with too few of one."""
    nobody = np.zeros(len(truth), dtype=np.int64)
    found = area(nobody, nobody, truth, score)
    return found.value if found else float("nan")


def area(a: Ints, b: Ints, truth: Flags, score: Floats, *, fewest: int = FEWEST) -> Area | None:
    """Measure a ranking at one cut-off; None with fewer pairs of either kind than `fewest`.

    Args:
        a: One person of each pair, (n,).
        b: The other, (n,).
        truth: Which came alive, (n,).
        score: The higher, the sooner expected to, (n,).
        fewest: At least 1.

    Source:
        the parts: DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44, 837-845.
    """
    came = int(truth.sum())
    rest = len(truth) - came
    if min(came, rest) < fewest:
        return None
    among_all = _ranks(score)
    beats = np.empty(len(truth))
    beats[truth] = (among_all[truth] - _ranks(score[truth])) / rest
    beats[~truth] = 1 - (among_all[~truth] - _ranks(score[~truth])) / came
    value = float(beats[truth].sum() / came)
    return Area(value, a, b, (beats - value) / np.where(truth, came, rest))


def less(one: Area, other: Area) -> Area:
    """How much better one ranking of the same pairs was than another."""
    return Area(one.value - other.value, one.a, one.b, one.parts - other.parts)


def mean(areas: Sequence[Area]) -> Estimate | None:
    """The mean over cut-offs, with an interval; None if there is none.

    The interval allows for the same pair being asked about at several cut-offs, and for the pairs
    of one person faring alike.

    Source:
        Aronow, Samii & Assenova (2015), arXiv:1312.3398: pairs that share a person, repeatedly.
    """
    if not areas:
        return None
    value = float(np.mean([one.value for one in areas]))
    half = NORMAL_95 * float(np.sqrt(_variance(areas)))
    return Estimate(value, value - half, value + half)


def lift(truth: Flags, score: Floats) -> Lift:
    """Tell what became of the first tenth; of equal scores at its end each counts in part."""
    count = max(1, round(len(truth) * TOP))
    edge = np.sort(score)[-count]
    above, at_edge = score > edge, score == edge
    hits = float(truth[above].sum() + truth[at_edge].mean() * (count - above.sum()))
    base = float(truth.mean())
    return Lift(count, hits / count, hits / count / base if base else float("nan"))


def _ranks(score: Floats) -> Floats:
    """Rank from 1 up; equal scores share their mean rank."""
    _, place, count = np.unique(score, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(count) - (count - 1) / 2)[place], dtype=np.float64)


def _variance(areas: Sequence[Area]) -> float:
    """Sum the products of the parts of all pairs that share a person, or are the same."""
    ends = np.stack([np.concatenate([getattr(one, end) for one in areas]) for end in "ab"])
    parts = np.concatenate([one.parts for one in areas]) / len(areas)
    people, numbered = np.unique(ends, return_inverse=True)
    a, b = numbered.reshape(ends.shape)
    pairs, row = np.unique(a * len(people) + b, return_inverse=True)
    of_pair = np.bincount(row, weights=parts)
    person = np.concatenate([pairs // len(people), pairs % len(people)])
    of_person = np.bincount(person, weights=np.tile(of_pair, 2))
    alone = float((of_pair**2).sum())
    return max(float((of_person**2).sum()) - alone, alone)
