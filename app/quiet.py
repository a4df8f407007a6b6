"""Quiet hours: when no run begins by the clock, as an admin's own clock on the wall shows it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from app.errors import Unreadable

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
"""As `date.weekday` counts them."""

_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Quiet:
    """A window of some days of the week, in a time zone.

    Attributes:
        days: On which it begins, 0 for Monday; in order, and each once.
        begins: By the clock of the zone.
        ends: The same; not later than `begins` means on the day after.
        zone: As IANA calls it.
    """

    days: tuple[int, ...]
    begins: time
    ends: time
    zone: str

    def holds(self, at: datetime) -> bool:
        """Whether a moment (aware) is in it; the end is not."""
        return self._end(at) is not None

    def over(self, at: datetime) -> datetime:
        """The first moment from this one on that is not in it (UTC)."""
        moment = at.astimezone(UTC)
        while (end := self._end(moment)) is not None:
            moment = end
        return moment

    def puts_off(self, at: datetime) -> bool:
        """Whether a moment is one until which something has waited."""
        return self.holds(at - _INSTANT) and not self.holds(at)

    def told(self) -> str:
        """It, as people say it."""
        if self.days == tuple(range(7)):
            days = "every day"
        elif self.days == tuple(range(5)):
            days = "Monday to Friday"
        else:
            days = ", ".join(DAYS[day] for day in self.days)
        hours = f"{self.begins:%H:%M} to {self.ends:%H:%M}"
        if self.begins >= self.ends:
            hours += " of the day after"
        return f"{days}, {hours} ({self.zone})"

    def kept(self) -> dict[str, Any]:
        """It, as the store keeps it."""
        begins, ends = f"{self.begins:%H:%M}", f"{self.ends:%H:%M}"
        return {"days": list(self.days), "begins": begins, "ends": ends, "zone": self.zone}

    def _end(self, at: datetime) -> datetime | None:
        """The end of the latest window that a moment is in; None if it is in none."""
        today = at.astimezone(ZoneInfo(self.zone)).date()
        near = (today - _DAY, today, today + _DAY)
        windows = [self._window(day) for day in near if day.weekday() in self.days]
        return max((end for start, end in windows if start <= at < end), default=None)

    def _window(self, day: date) -> tuple[datetime, datetime]:
        """The window that begins on a day, in UTC.

        Where the clock is changed, a time may come twice, or not at all: the window is then the
        longer of the two that it can be.
        """
        last = day if self.begins < self.ends else day + _DAY
        return min(self._moments(day, self.begins)), max(self._moments(last, self.ends))

    def _moments(self, day: date, shown: time) -> tuple[datetime, datetime]:
        local = datetime.combine(day, shown, ZoneInfo(self.zone))
        return local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)


def quiet_hours(days: Collection[int], begins: str, ends: str, zone: str) -> Quiet:
    """Read quiet hours as they are typed or kept.

    Args:
        days: 0 for Monday.
        begins: As 08:00.
        ends: The same; not later than `begins` means on the day after.
        zone: As Europe/Berlin.

    Raises:
        Unreadable: If they are none, or no run could ever begin.
    """
    if not days or not {*days} <= {*range(7)}:
        raise Unreadable("Choose the days on which the quiet hours begin.")
    if zone not in zones():
        raise Unreadable(f"There is no time zone {zone[:60]!r}: write it as Europe/Berlin.")
    found = Quiet(tuple(sorted({*days})), _time(begins), _time(ends), zone)
    if len(found.days) == len(DAYS) and found.begins == found.ends:
        raise Unreadable("These are all hours of the week: no run would ever begin.")
    return found


def kept_hours(kept: Mapping[str, Any]) -> Quiet | None:
    """Quiet hours as the store keeps them; None if there are none.

    Raises:
        Unreadable: If this machine does not know their time zone.
    """
    return quiet_hours(**kept) if kept else None


@cache
def zones() -> Collection[str]:
    """The time zones that this machine knows."""
    return frozenset(available_timezones())


def _time(text: str) -> time:
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 a time of the day only
    except ValueError:
        raise Unreadable(f"{text[:20]!r} is no time: write it as 08:00.") from None
