"""A tie is the history of one pair: `fold` turns interactions into ties, `Ties` holds them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.engine.cells import FROM_A, FROM_B, NOT_KNOWN, WAYS, Cells, gather
from app.engine.interactions import Ignored, Interactions, clean, days, is_small, volumes
from app.engine.weights import CALL, DAY_S, DEFAULT, MEETING, Flags, Floats, Ints, Weights

NEVER = int(np.iinfo(np.int64).min)
"""A moment that has not been."""

ATTENTION_DAYS = 30.0
PACE_DAYS = 30.0
WEEK_DAYS, YEAR_DAYS = 7, 365
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
            day counts half as much after `PACE_DAYS`.
        active_days: Days with contact, (n,), at least 1.
        weeks: Weeks in touch, (n,): each active day covers the seven days from it on, days covered
            twice count once, those of active days older than `Weights.recent_days` a part.
        weeks_then: The same as they stood on the day of the last contact, (n,).
        gap_days: Geometric mean of the gaps between active days, (n,), nan with one active day.
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
    kept, ignored = clean(interactions, as_of_s=as_of_s)
    volume, small = volumes(kept, weights), is_small(kept, weights)
    cells = gather(kept, volume)
    pairs, today = len(cells.a), as_of_s // DAY_S
    last_s = _latest(cells.row, kept.at_s, pairs)
    seen_s = _seen(cells, kept)
    last_each_s = _latest(cells.row * len(WAYS) + cells.event_way, kept.at_s, pairs * len(WAYS))
    touch = _days_in_touch(cells)
    active_days = np.bincount(touch.row, minlength=pairs)
    everyone = np.ones(len(kept), dtype=np.bool_)
    calls, meetings = (_talks(kept, cells, small, channel) for channel in (CALL, MEETING))
    return Ties(
        as_of_s=as_of_s,
        a=cells.a,
        b=cells.b,
        sums=_sums(cells, (as_of_s - cells.day * DAY_S) / DAY_S, weights),
        sums_then=_sums(cells, (days(last_s)[cells.tie] - cells.day).astype(np.float64), weights),
        contacts=_count(cells, everyone),
        last_each_s=last_each_s.reshape(pairs, len(WAYS)).T.copy(),
        first_s=-_latest(cells.row, -kept.at_s, pairs),
        last_s=last_s,
        seen_s=seen_s,
        pace=_pace(cells, as_of_s),
        active_days=active_days,
        weeks=_weeks(touch, today - touch.day, pairs, weights),
        weeks_then=_weeks(touch, days(last_s)[touch.row] - touch.day, pairs, weights),
        gap_days=usual_gaps(_log_gaps(touch, pairs), active_days),
        attention=_attention(cells, as_of_s),
        small_volume=_ordered_sum(cells.row[small], volume[small], pairs),
        two_way=two_way(_count(cells, small), calls + meetings),
        calls=calls,
        meetings=meetings,
        is_regular=_is_regular(kept, cells, small & (kept.at_s > as_of_s - YEAR_DAYS * DAY_S)),
        ignored=ignored,
    )


def _sums(cells: Cells, age_days: Floats, weights: Weights) -> Floats:
    """Sum ln(1 + volume), decayed, over the days of each tie and way, (3, n)."""
    left = np.log1p(cells.volume) * weights.decay(age_days)
    slots = len(cells.a) * len(WAYS)
    summed = _sum_by(cells.tie * len(WAYS) + cells.way, left, slots)
    return summed.reshape(len(cells.a), len(WAYS)).T.copy()


def _count(cells: Cells, counts: Flags) -> Ints:
    pairs = len(cells.a)
    slots = cells.row[counts] * len(WAYS) + cells.event_way[counts]
    counted = np.bincount(slots, minlength=pairs * len(WAYS))
    return counted.reshape(pairs, len(WAYS)).T.copy()


def _latest(row: Ints, at_s: Ints, rows: int) -> Ints:
    latest = np.full(rows, NEVER, dtype=np.int64)
    np.maximum.at(latest, row, at_s)
    return latest


def _sum_by(row: Ints, amount: Floats, rows: int) -> Floats:
    return np.asarray(np.bincount(row, weights=amount, minlength=rows), dtype=np.float64)


def _ordered_sum(row: Ints, amount: Floats, rows: int) -> Floats:
    """Sum amounts per row in an order of their own, so that the input's order leaves no trace."""
    order = np.lexsort((amount, row))
    return _sum_by(row[order], amount[order], rows)


def _seen(cells: Cells, kept: Interactions) -> Ints:
    """When the two people of each tie last had contact with anyone, (2, n)."""
    people, index = np.unique(np.concatenate([kept.source, kept.target]), return_inverse=True)
    latest = _latest(index, np.concatenate([kept.at_s, kept.at_s]), len(people))
    ends = np.searchsorted(people, np.stack([cells.a, cells.b]))
    return latest[ends] if len(people) else np.zeros((2, 0), dtype=np.int64)


def _pace(cells: Cells, as_of_s: int) -> Floats:
    people, ends = np.unique(np.concatenate([cells.a, cells.b]), return_inverse=True)
    ends = ends.reshape(2, len(cells.a))
    person, day = ends[:, cells.tie].ravel(), np.tile(cells.day, 2)
    return paces(person, day, len(people), as_of_s)[ends]


def paces(person: Ints, day: Ints, people: int, as_of_s: int) -> Floats:
    """The pace of people numbered from 0, (people,).

    Args:
        person: Who was in touch with anybody, (n,), in any order.
        day: On which day, (n,); the same one may come several times.
        people: How many there are.
        as_of_s: The moment to measure ages from.
    """
    order = np.lexsort((day, person))
    person, day = person[order], day[order]
    is_new = np.ones(len(order), dtype=np.bool_)
    is_new[1:] = (person[1:] != person[:-1]) | (day[1:] != day[:-1])
    left = np.exp2((as_of_s - day[is_new] * DAY_S) / (-DAY_S * PACE_DAYS))
    share = left * (1 - np.exp2(-1 / PACE_DAYS))
    return np.minimum(_sum_by(person[is_new], share, people), 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class _Touch:
    """The active days of all ties, sorted by (row, day), and the days until the next one."""

    row: Ints
    day: Ints
    gap: Ints
    is_last: Flags


def _days_in_touch(cells: Cells) -> _Touch:
    order = np.lexsort((cells.day, cells.tie))
    row, day = cells.tie[order], cells.day[order]
    is_new = np.ones(len(row), dtype=np.bool_)
    is_new[1:] = (row[1:] != row[:-1]) | (day[1:] != day[:-1])
    row, day = row[is_new], day[is_new]
    is_last = np.ones(len(row), dtype=np.bool_)
    is_last[:-1] = row[1:] != row[:-1]
    gap = np.zeros(len(row), dtype=np.int64)
    gap[:-1] = day[1:] - day[:-1]
    return _Touch(row, day, gap, is_last)


def _weeks(touch: _Touch, age_days: Ints, pairs: int, weights: Weights) -> Floats:
    covered = np.where(touch.is_last, WEEK_DAYS, np.minimum(touch.gap, WEEK_DAYS)) / WEEK_DAYS
    worth = np.where(age_days < weights.recent_days, 1.0, weights.older_week)
    return _sum_by(touch.row, covered * worth, pairs)


def _log_gaps(touch: _Touch, pairs: int) -> Floats:
    inner = ~touch.is_last
    return _sum_by(touch.row[inner], np.log(touch.gap[inner]), pairs)


def usual_gaps(log_gaps: Floats, active_days: Ints) -> Floats:
    """Give the geometric mean: all gaps count, one long holiday hardly, and a sum is enough.

    Args:
        log_gaps: The logarithms of the gaps between active days, summed up, (n,).
        active_days: How many there are, (n,).
    """
    usual = np.exp(log_gaps / np.maximum(active_days - 1, 1))
    return np.where(active_days > 1, usual, np.nan)


def _attention(cells: Cells, as_of_s: int) -> Floats:
    age_days = (as_of_s - cells.day * DAY_S) / DAY_S
    left = np.log1p(cells.volume) / (1 + age_days / ATTENTION_DAYS)
    return _sum_by(cells.tie, left, len(cells.a))


def spoken(interactions: Interactions) -> Flags:
    """Which of these (clean) interactions are two-way by themselves, (n,)."""
    is_answered = (interactions.channel == CALL) & (interactions.duration_s > 0)
    return np.asarray((interactions.channel == MEETING) | is_answered, dtype=np.bool_)


def _talks(kept: Interactions, cells: Cells, small: Flags, channel: int) -> Ints:
    counts = spoken(kept) & small & (kept.channel == channel)
    return np.bincount(cells.row[counts], minlength=len(cells.a))


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


def _is_regular(kept: Interactions, cells: Cells, counts: Flags) -> Flags:
    is_talk = (kept.channel == CALL) | (kept.channel == MEETING)
    talks = np.bincount(cells.row[counts & is_talk], minlength=len(cells.a))
    return is_regular(_count(cells, counts & ~is_talk), talks)


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
