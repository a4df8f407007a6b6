"""Tables of events in the form of score-events, wherever they lie, as interactions.

The columns are src, dst, timestamp, channel and n_recipients, and if wanted duration; others are
ignored. People may be numbers or text, a moment a number of seconds or a timestamp.
"""

import ibis
import ibis.expr.types as ir

from app.engine import CHANNELS
from app.errors import Unreadable
from app.fold.expression import number
from app.score_events import ALSO_CALLED, NEEDED, UNDIRECTED

UNKNOWN_CHANNEL = -1


def interactions(events: ir.Table, where: str) -> ir.Table:
    """Give the columns of `app.engine.Interactions`.

    Args:
        events: A table in the form of score-events.
        where: What to call it.

    Raises:
        Unreadable: If a column is missing, or is none of what it could be.
    """
    missing = [name for name in NEEDED if name not in events.columns]
    if missing:
        raise Unreadable(f"{where}: the column {missing[0]} is missing.")
    return events.select(
        source=_person(events, "src", where),
        target=_person(events, "dst", where),
        at_s=_moment(events.timestamp, where),
        channel=_channel(events.channel),
        recipients=_whole(events.n_recipients, 1),
        duration_s=_duration(events),
        is_directed=events.channel.fill_null("").notin(sorted(UNDIRECTED)),
    )


def nameless(events: ir.Table) -> ir.Value:
    """How many events do not say who or whom."""
    is_nobody = [
        events[end].isnull() | (events[end].cast("string") == "") for end in ("src", "dst")
    ]
    return events.count(where=is_nobody[0] | is_nobody[1])


def _person(events: ir.Table, end: str, where: str) -> ir.Value:
    kind = events[end].type()
    if kind.is_integer():
        return events[end].cast("int64")
    if kind.is_string():
        return events[end]
    raise Unreadable(f"{where}: {end} must be a whole number or text, not {kind}.")


def _moment(at: ir.Value, where: str) -> ir.Value:
    kind = at.type()
    if kind.is_timestamp():
        return at.epoch_seconds().cast("int64")
    if kind.is_floating():
        return at.floor().cast("int64")
    if kind.is_integer():
        return at.cast("int64")
    raise Unreadable(f"{where}: timestamp must be a number of seconds or a moment, not {kind}.")


def _channel(name: ir.Value) -> ir.Value:
    index = {each: place for place, each in enumerate(CHANNELS)}
    index |= {each: index[same] for each, same in ALSO_CALLED.items()}
    known = ((name == each, place) for each, place in index.items())
    return ibis.cases(*known, else_=UNKNOWN_CHANNEL)


def _whole(number: ir.Value, unknown: int) -> ir.Value:
    return number.fill_null(unknown).cast("int64")


def _duration(events: ir.Table) -> ir.Value:
    if "duration" not in events.columns:
        return number(0)
    return events.duration.cast("float64").fill_null(number(0))
