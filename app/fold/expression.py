"""The fold as expressions: from a table of interactions to one row per pair and one per person.

They are built once and run wherever Ibis does. Databases differ at the edges of arithmetic, so
nothing here goes there: no integer is divided by another (some round towards zero, some down), no
exponent is below `LEAST_EXPONENT` (PostgreSQL refuses a result too small to be told from 0), no
number is left to be taken for a decimal, and ln(1 + v) is taken so that a small v is not lost.

Contacts are added up twice, by pair and by day: so a day's row is a few numbers wide, and rows of
days are what is sorted and moved.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import ibis
import ibis.expr.types as ir

from app.engine.active_days import PACE_DAYS, WEEK_DAYS
from app.engine.cells import NOT_KNOWN, WAYS
from app.engine.interactions import MAX_RECIPIENTS
from app.engine.ties import ATTENTION_DAYS, YEAR_DAYS
from app.engine.weights import CALL, CHANNELS, DAY_S, MEETING, OTHER, Weights

LEAST_EXPONENT: Final = -600.0
"""exp of it is 1e-261: nothing beside what any tie adds up to, and still a number."""

LONGEST_S: Final = 1e300
"""A duration above it is not a number of seconds, nor is what databases sort above all numbers."""

BEFORE: Final = -(2**62)
"""Stands for a moment that has not been; the least integer cannot be written down in SQL."""

DIRECTIONS: Final = range(len(WAYS))

Keep = Callable[[ir.Table], ir.Table]


@dataclass(frozen=True, slots=True)
class Folded:
    """What a fold comes to, not computed yet.

    Attributes:
        pairs: A row for each pair that met.
        people: A row for each person in a pair: `person` and `pace`.
        ignored: One row: how many interactions were left out, by `Ignored`.
    """

    pairs: ir.Table
    people: ir.Table
    ignored: ir.Table


def folded(
    met: ir.Table, *, as_of_s: int, weights: Weights, keep: Keep = lambda table: table
) -> Folded:
    """Add up a table of interactions as `app.engine.fold` does.

    Args:
        met: The columns of `app.engine.Interactions`; people by anything that has an order.
        as_of_s: The moment to measure ages from, seconds since 1970 (UTC).
        weights: The constants of the model.
        keep: Stores the rows of days, which are asked for twice, where that pays.
    """
    kept = _weighed(_clean(met, as_of_s), weights)
    days = keep(_days(kept))
    pairs = _contacts(kept, as_of_s).join(_sums(days, as_of_s, weights), ["a", "b"])
    with_oneself = met.source == met.target
    ignored = met.aggregate(
        with_oneself=met.count(where=with_oneself),
        in_the_future=met.count(where=~with_oneself & (met.at_s > as_of_s)),
    )
    return Folded(pairs, _people(days, as_of_s), ignored)


def number(value: float) -> ir.Value:
    """A literal that no engine takes for a decimal: as text, it is the same number everywhere."""
    return ibis.literal(repr(float(value))).cast("float64")


def _clean(met: ir.Table, as_of_s: int) -> ir.Table:
    """Leave out what is no contact, and mend what can be mended, as `interactions.clean`."""
    is_talk = met.channel.isin([CALL, MEETING])
    is_first = met.source < met.target
    way = ibis.ifelse(is_first, 0, 1)
    known = met.channel.between(0, len(CHANNELS) - 1)
    length_s = met.duration_s.cast("float64")
    has_length = (length_s > number(0)) & (length_s < number(LONGEST_S))
    recipients = ibis.greatest(ibis.least(met.recipients, MAX_RECIPIENTS), 1).cast("float64")
    return met.filter(met.source != met.target, met.at_s <= as_of_s).select(
        a=ibis.ifelse(is_first, met.source, met.target),
        b=ibis.ifelse(is_first, met.target, met.source),
        way=ibis.ifelse(met.is_directed & (met.channel != MEETING), way, NOT_KNOWN),
        at_s=met.at_s,
        day=_day(met.at_s),
        channel=ibis.ifelse(known, met.channel, OTHER),
        is_talk=is_talk,
        group=recipients + ibis.ifelse(is_talk, number(1), number(0)),
        minutes=ibis.ifelse(has_length, length_s, number(0)) / number(60),
    )


def _weighed(met: ir.Table, weights: Weights) -> ir.Table:
    """Weigh each contact, as `interactions.volumes` and `is_small`."""
    is_call = met.channel == CALL
    minutes = ibis.greatest(ibis.least(met.minutes, number(weights.longest_min)), number(1))
    unknown = ibis.ifelse(
        is_call, number(weights.unknown_call_min), number(weights.unknown_meeting_min)
    )
    length = ibis.ifelse(met.minutes > number(0), minutes, unknown)
    message = ibis.ifelse(met.way == NOT_KNOWN, number(weights.undirected_message), number(1))
    cap = ibis.ifelse(met.is_talk, number(weights.talk_cap), number(weights.mail_cap))
    is_small = met.group <= cap
    left = cap / met.group
    thinned = ibis.ifelse(
        met.is_talk, left ** number(weights.talk_thinning), left ** number(weights.mail_thinning)
    )
    amount = _of_channel(met.channel, weights) * ibis.ifelse(met.is_talk, length, message)
    return met.select(
        *("a", "b", "way", "at_s", "day", "channel", "is_talk"),
        volume=amount / met.group.sqrt() * ibis.ifelse(is_small, number(1), thinned),
        is_small=is_small,
        is_spoken=is_small & ((met.channel == MEETING) | (is_call & (met.minutes > number(0)))),
    )


def _of_channel(channel: ir.Value, weights: Weights) -> ir.Value:
    *few, last = (number(each) for each in weights.channels)
    return ibis.cases(*((channel == index, each) for index, each in enumerate(few)), else_=last)


def _contacts(met: ir.Table, as_of_s: int) -> ir.Table:
    """A row for each pair, with what does not go by days."""
    this_year = met.is_small & (met.at_s > as_of_s - YEAR_DAYS * DAY_S)
    columns = {
        "first_s": met.at_s.min(),
        "small_volume": met.volume.sum(where=met.is_small).fill_null(number(0)),
        "calls": _many(met, met.is_spoken & (met.channel == CALL)),
        "meetings": _many(met, met.is_spoken & (met.channel == MEETING)),
        "year_talks": _many(met, this_year & met.is_talk),
    }
    for way in DIRECTIONS:
        is_theirs = met.way == way
        columns |= {
            f"contacts_{way}": _many(met, is_theirs),
            f"last_{way}": met.at_s.max(where=is_theirs).fill_null(BEFORE),
            f"small_{way}": _many(met, is_theirs & met.is_small),
            f"year_{way}": _many(met, is_theirs & this_year & ~met.is_talk),
        }
    return met.group_by("a", "b").aggregate(**columns)


def _many(rows: ir.Table, where: ir.Value | None = None) -> ir.Value:
    """Count rows in half the room that an engine would take: there are many pairs."""
    return rows.count(where=where).cast("int32")


def _days(met: ir.Table) -> ir.Table:
    """A row for each day on which a pair was in touch: its day cells, side by side."""
    volumes = {f"volume_{way}": met.volume.sum(where=met.way == way) for way in DIRECTIONS}
    return met.group_by("a", "b", "day").aggregate(**volumes)


def _sums(days: ir.Table, as_of_s: int, weights: Weights) -> ir.Table:
    """A row for each pair, with what its days add up to."""
    days = _aged(days, as_of_s, weights)
    logs = [days[f"log_{way}"] for way in DIRECTIONS]
    attention = sum(logs[1:], logs[0]) / (number(1) + days.age / number(ATTENTION_DAYS))
    columns = {
        "active_days": _many(days),
        "weeks": (days.covered * days.worth).sum(),
        "weeks_then": (days.covered * days.worth_then).sum(),
        "log_gaps": days.gap.ln().sum().fill_null(number(0)),
        "frequency": _halved(days.age, PACE_DAYS).sum(),
        "attention": attention.sum(),
    }
    for way, log in enumerate(logs):
        columns |= {
            f"sum_{way}": (log * days.left).sum(),
            f"sum_then_{way}": (log * days.left_then).sum(),
        }
    return days.group_by("a", "b").aggregate(**columns)


def _aged(days: ir.Table, as_of_s: int, weights: Weights) -> ir.Table:
    """What is left of each day now, and what was on the last one; how long until the next."""
    of_pair = ibis.window(group_by=["a", "b"], order_by="day")
    whole = ibis.window(group_by=["a", "b"], order_by="day", preceding=None, following=None)
    aged = days.select(
        *("a", "b", "day"),
        **{f"log_{way}": _log1p(days[f"volume_{way}"]) for way in DIRECTIONS},
        age=_age_days(days.day, as_of_s),
        gap=(days.day.lead().over(of_pair) - days.day).cast("float64"),
        until_last=(days.day.max().over(whole) - days.day).cast("float64"),
    )
    recent, week = number(weights.recent_days), number(WEEK_DAYS)
    full, older = number(1), number(weights.older_week)
    today = number(as_of_s // DAY_S)
    return aged.mutate(
        left=_decay(aged.age, weights),
        left_then=_decay(aged.until_last, weights),
        covered=ibis.least(aged.gap.fill_null(week), week) / week,
        worth=ibis.ifelse(today - aged.day < recent, full, older),
        worth_then=ibis.ifelse(aged.until_last < recent, full, older),
    )


def _people(days: ir.Table, as_of_s: int) -> ir.Table:
    """A row for each person: on how many days they were in touch with anybody, decayed."""
    ends = ibis.union(
        days.select(person=days.a, day=days.day),
        days.select(person=days.b, day=days.day),
        distinct=True,
    )
    left = _halved(_age_days(ends.day, as_of_s), PACE_DAYS) * number(1 - 2 ** (-1 / PACE_DAYS))
    return ends.group_by("person").aggregate(pace=ibis.least(left.sum(), number(1)))


def _day(at_s: ir.Value) -> ir.Value:
    return (at_s.cast("float64") / number(DAY_S)).floor().cast("int64")


def _age_days(day: ir.Value, as_of_s: int) -> ir.Value:
    return (number(as_of_s) - day.cast("float64") * number(DAY_S)) / number(DAY_S)


def _decay(age_days: ir.Value, weights: Weights) -> ir.Value:
    first, *others = (_halved(age_days, half) * number(weight) for half, weight in weights.kernel)
    return sum(others, first)


def _halved(age_days: ir.Value, half_life_days: float) -> ir.Value:
    exponent = age_days * number(-math.log(2) / half_life_days)
    return ibis.greatest(exponent, number(LEAST_EXPONENT)).exp()


def _log1p(volume: ir.Value) -> ir.Value:
    """ln(1 + v) by Kahan's correction: what 1 + v rounds away of v is put back; 0 for none."""
    more = volume + number(1)
    rest = more - number(1)
    is_lost = (rest == number(0)).fill_null(ibis.literal(value=True))
    none = volume.fill_null(number(0))
    return ibis.ifelse(is_lost, none, more.ln() * volume / ibis.ifelse(is_lost, none, rest))
