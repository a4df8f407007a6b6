"""Numbers and times as people say them."""

from datetime import datetime, timedelta

NONE = "\N{EN DASH}"
"""What stands where there is no number."""

_STEPS = (
    (timedelta(minutes=1), timedelta(seconds=1), "second"),
    (timedelta(hours=1), timedelta(minutes=1), "minute"),
    (timedelta(days=1), timedelta(hours=1), "hour"),
    (timedelta(days=60), timedelta(days=1), "day"),
    (timedelta(days=730), timedelta(days=30), "month"),
)
_YEAR = timedelta(days=365)


def many(count: int, one: str, more: str = "") -> str:
    """A number and its noun: 1 tie, 2 ties, 1,200 ties."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def ago(at: datetime, now: datetime) -> str:
    """How long ago something was, or how soon it is: 3 minutes ago, in 2 hours."""
    passed = abs(now - at)
    if passed < timedelta(seconds=5):
        return "just now"
    told = lasting(passed)
    return f"in {told}" if at > now else f"{told} ago"


def lasting(time: timedelta) -> str:
    """How long something takes: 3 minutes, 2 hours."""
    return next(
        (many(time // step, name) for below, step, name in _STEPS if time < below),
        many(time // _YEAR, "year"),
    )


def number(value: float | None, digits: int = 0) -> str:
    """A number with thousands set apart; a dash for none."""
    return NONE if value is None else f"{value:,.{digits}f}"


def percent(value: float | None, digits: int = 0) -> str:
    """A share of 1 in per cent; a dash for none."""
    return NONE if value is None else f"{value * 100:.{digits}f} %"


def share(part: float, whole: float) -> float:
    """A part of a whole, 0 to 1; of nothing it is nothing."""
    return min(max(part / whole, 0.0), 1.0) if whole else 0.0
