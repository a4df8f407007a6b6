"""A tie is the history of one pair: `fold` turns interactions into ties, `Ties` holds them.

It does so in two steps: `cells.gather` sums up days, and `sum_up` sums up their days for each pair.
A pair's sums follow from its own cells, in their order, so those of some pairs alone are the same
to the last digit.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from app.engine.active_days import PACE_DAYS, ActiveDays, paces, sum_by
from app.engine.cells import FROM_A, FROM_B, NOT_KNOWN, WAYS, Cells, gather, halves
from app.engine.interactions import Ignored, Interactions, left_out
from app.engine.weights import CALL, DAY_S, DEFAULT, MEETING, Flags, Floats, Ints, Weights

NOTHING = Ignored(0, 0)

NEVER = int(np.iinfo(np.int64).min)
"""A moment that has not been."""

ATTENTION_DAYS = 30.0
YEAR_DAYS = 365
REGULAR_CONTACTS, REGULAR_TALKS = 5, 2

UNKNOWN, ONE_WAY, TWO_WAY = -1, 0, 1


@dataclass(frozen=True, slots=True, eq=False)
class Ties:
    """One row per pair that met, sorted by (a, b); n pairs. Way 0 is a to b, 1 b to a, 2 unknown.

    Attributes:
        as_of_s: The moment ages are measured from, seconds since 1970 (UTC).
        a: The lower person number, (n,).
        b: The higher person number, (n,).
        sums: Decayed day sums per way, (3, n), not below 0.
        sums_then: The same as they stood on the day of the last contact, (3, n).
        contacts: Number of interactions per way, (3, n).
        last_each_s: Last contact per way, (3, n), `NEVER` where there was none.
        first_s: First contact, (n,).
        last_s: Last contact, (n,).
        seen_s: Last contact of a and of b with anyone, (2, n).
        pace: Share of recent days on which a and b were in touch with anyone, (2, n), 0 to 1; a
            day counts half as much after `active_days.PACE_DAYS`.
        active_days: Days with contact, (n,), at least 1.
        weeks: Weeks in touch, (n,): each active day covers the seven days from it on, days covered
            twice count once, those of active days older than `Weights.recent_days` a part.
        weeks_then: The same as they stood on the day of the last contact, (n,).
        gap_days: Geometric mean of the gaps between active days, (n,), nan with one active day.
        frequency: Active days, of which one counts half after `active_days.PACE_DAYS`, (n,).
        attention: Day sums without direction, decaying as 1 / (1 + age / 30 days), (n,).
        small_volume: Undecayed volume of interactions within the caps, (n,).
        two_way: `TWO_WAY`, `ONE_WAY`, or `UNKNOWN` where the records do not say, (n,). A pair that
            met in crowds only (beyond the caps) is one-way.
        calls: Answered calls within the caps, (n,).
        meetings: Meetings within the caps, (n,).
        is_regular: Within a year and the caps either five messages, both ways, or two talks, (n,).
        ignored: What was left out.
    """

    as_of_s: int
    a: Ints
    b: Ints
    sums: Floats
    sums_then: Floats
    contacts: Ints
    last_each_s: Ints
    first_s: Ints
    last_s: Ints
    seen_s: Ints
    pace: Floats
    active_days: Ints
    weeks: Floats
    weeks_then: Floats
    gap_days: Floats
    frequency: Floats
    attention: Floats
    small_volume: Floats
    two_way: npt.NDArray[np.int8]
    calls: Ints
    meetings: Ints
    is_regular: Flags
    ignored: Ignored

    def __len__(self) -> int:
        return len(self.a)

    @property
    def silence_days(self) -> Floats:
        """Days since the last contact, (n,), not below 0."""
        return (self.as_of_s - self.last_s) / DAY_S

    @property
    def unseen_days(self) -> Floats:
        """Days since a and b last had contact with anyone, (2, n), not below 0."""
        return (self.as_of_s - self.seen_s) / DAY_S

    @property
    def is_personal(self) -> Flags:
        """Whether the two were ever in contact within the caps, and not in a crowd only, (n,)."""
        return self.small_volume > 0

    def find(self, a: int, b: int) -> int | None:
        """The row of a pair, in whichever order it is named; None if the two never met."""
        low, high = min(a, b), max(a, b)
        first, end = np.searchsorted(self.a, low), np.searchsorted(self.a, low, side="right")
        row = int(first + np.searchsorted(self.b[first:end], high))
        return row if row < end and self.b[row] == high else None


def fold(interactions: Interactions, *, as_of_s: int, weights: Weights = DEFAULT) -> Ties:
    """Group interactions by pair of people.

    Args:
        interactions: In any order: the same ones give the same bytes. Those of a person with
            themself and those after `as_of_s` are left out and counted.
        as_of_s: The moment to measure ages from, seconds since 1970 (UTC).
        weights: The constants of the model.

    Returns:
        One tie per pair that met at least once by `as_of_s`.

    Source:
        measured, `tests/benchmarks/ablation.py`.
    """
    kept, ignored = left_out(interactions, as_of_s=as_of_s)
    cells = gather(kept, cut_s=as_of_s % DAY_S, weights=weights)
    found = fold_cells(cells, as_of_s=as_of_s, weights=weights)
    return replace(found, ignored=ignored)


def fold_cells(cells: Cells, *, as_of_s: int, weights: Weights = DEFAULT) -> Ties:
    """Group day cells by pair, as `fold` does the interactions that they are of.

    Args:
        cells: All there are; what had not happened by `as_of_s` is left out.
        as_of_s: The moment to measure ages from, at the cut of the cells.
        weights: The constants of the model.
    """
    cells = cells.until(as_of_s)
    ties = sum_up(cells, as_of_s=as_of_s, weights=weights)
    people, ends = np.unique(np.concatenate([ties.a, ties.b]), return_inverse=True)
    ends = ends.reshape(2, len(ties))
    latest = np.full(len(people), NEVER, dtype=np.int64)
    for side in ends:
        np.maximum.at(latest, side, ties.last_s)
    days = ActiveDays.of(cells)
    person, day = ends[:, days.tie].ravel(), np.tile(days.day, 2)
    pace = paces(person, day, len(people), as_of_s)
    return replace(ties, seen_s=latest[ends], pace=pace[ends])


def sum_up(cells: Cells, *, as_of_s: int, weights: Weights = DEFAULT) -> Ties:
    """Sum up the days of pairs; `seen_s` and `pace` of the ties are left empty, for others to say.

    Args:
        cells: All there are of these pairs by `as_of_s`.
        as_of_s: The moment to measure ages from, at the cut of the cells.
        weights: The constants of the model.
    """
    days = ActiveDays.of(cells)
    n, pair = len(days.starts), days.tie[days.of_cell]
    first_s, last_each_s = _ends(cells, pair, n)
    last_s = last_each_s.max(axis=0, initial=NEVER)
    weight = weights.of_channel[cells.channel]
    logs = days.logs(cells, weight)
    age_days = (as_of_s - days.day * DAY_S) / DAY_S
    until_last = last_s[days.tie] // DAY_S - days.day
    active_days = np.bincount(days.tie, minlength=n)
    calls = _count(pair, cells.spoken * (cells.channel == CALL), n)
    meetings = _count(pair, cells.spoken * (cells.channel == MEETING), n)
    return Ties(
        as_of_s=as_of_s,
        a=cells.a[days.starts],
        b=cells.b[days.starts],
        sums=days.summed(logs, weights.decay(age_days)),
        sums_then=days.summed(logs, weights.decay(until_last.astype(np.float64))),
        contacts=_by_way(cells, pair, cells.contacts, n),
        last_each_s=last_each_s,
        first_s=first_s,
        last_s=last_s,
        seen_s=np.full((2, n), NEVER),
        pace=np.zeros((2, n)),
        active_days=active_days,
        weeks=days.weeks(as_of_s // DAY_S - days.day, weights),
        weeks_then=days.weeks(until_last, weights),
        gap_days=usual_gaps(days.log_gaps(), active_days),
        frequency=sum_by(days.tie, np.exp2(age_days / -PACE_DAYS), n),
        attention=sum_by(days.tie, logs.sum(axis=0) / (1 + age_days / ATTENTION_DAYS), n),
        small_volume=sum_by(pair, cells.small_volume * weight, n),
        two_way=two_way(_by_way(cells, pair, cells.small, n), calls + meetings),
        calls=calls,
        meetings=meetings,
        is_regular=_regular(cells, pair, n, as_of_s),
        ignored=NOTHING,
    )


def _ends(cells: Cells, pair: Ints, n: int) -> tuple[Ints, Ints]:
    """The first contact of each pair, (n,), and the last one each way, (3, n)."""
    first_s = np.full(n, np.iinfo(np.int64).max)
    np.minimum.at(first_s, pair, cells.first_s)
    latest = np.full(len(WAYS) * n, NEVER, dtype=np.int64)
    np.maximum.at(latest, _slots(cells, pair, n), cells.last_s)
    return first_s, latest.reshape(len(WAYS), n)


def _regular(cells: Cells, pair: Ints, n: int, as_of_s: int) -> Flags:
    is_talk = (cells.channel == CALL) | (cells.channel == MEETING)
    small = cells.small * (cells.half > halves(as_of_s - YEAR_DAYS * DAY_S))
    return is_regular(_by_way(cells, pair, small * ~is_talk, n), _count(pair, small * is_talk, n))


def _by_way(cells: Cells, pair: Ints, amount: Ints, n: int) -> Ints:
    """Amounts of cells by way and pair, (3, n)."""
    return _count(_slots(cells, pair, n), amount, len(WAYS) * n).reshape(len(WAYS), n)


def _slots(cells: Cells, pair: Ints, n: int) -> Ints:
    """Each cell's place among those of all ways and pairs, (n_cells,)."""
    return cells.way * np.int64(n) + pair


def _count(row: Ints, amount: Ints, rows: int) -> Ints:
    return np.bincount(row, weights=amount, minlength=rows).astype(np.int64)


def usual_gaps(log_gaps: Floats, active_days: Ints) -> Floats:
    """Give the geometric mean: all gaps count, one long holiday hardly, and a sum is enough.

    Args:
        log_gaps: The logarithms of the gaps between active days, summed up, (n,).
        active_days: How many there are, (n,).
    """
    usual = np.exp(log_gaps / np.maximum(active_days - 1, 1))
    return np.where(active_days > 1, usual, np.nan)


def two_way(contacts: Ints, talks: Ints) -> npt.NDArray[np.int8]:
    """Meetings and answered calls are two-way; a mail without direction may be either.

    In a crowd nobody answers anybody: of pairs known from crowds only 1 to 9 per cent were in
    personal contact in the next quarter, however strong they seemed.

    Args:
        contacts: Those within the caps, per way, (3, n).
        talks: Meetings and answered calls within the caps, (n,).
    """
    both = (contacts[FROM_A] > 0) & (contacts[FROM_B] > 0)
    unsaid = contacts[NOT_KNOWN] > 0
    known = np.where(both | (talks > 0), TWO_WAY, np.where(unsaid, UNKNOWN, ONE_WAY))
    return known.astype(np.int8)


def is_regular(messages: Ints, talks: Ints) -> Flags:
    """Whether a tie is firm enough for questions of topology: who bridges, who can introduce.

    Args:
        messages: Those of a year, within the caps, per way, (3, n).
        talks: Calls, answered or not, and meetings, the same, (n,).
    """
    from_a, from_b, unsaid = messages
    both = (from_a + unsaid > 0) & (from_b + unsaid > 0)
    enough = from_a + from_b + unsaid >= REGULAR_CONTACTS
    return np.asarray((both & enough) | (talks >= REGULAR_TALKS), dtype=np.bool_)
