"""When an event that repeats took place: its rule, expanded up to now."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

from dateutil.rrule import rrulestr

from connectors.files.found import Unreadable

MOST_TIMES = 2000
MOST_BEFORE = 25_000
MOST_INTERVAL = 1000

NUMBERS = r"[+-]?\d{1,3}(,[+-]?\d{1,3}){0,99}"
PARTS = {
    "FREQ": re.compile("DAILY|WEEKLY|MONTHLY|YEARLY"),
    "INTERVAL": re.compile(r"\d{1,4}"),
    "BYDAY": re.compile(r"([+-]?\d{0,2}(MO|TU|WE|TH|FR|SA|SU),?){1,99}"),
    "BYMONTH": re.compile(NUMBERS),
    "BYMONTHDAY": re.compile(NUMBERS),
    "BYSETPOS": re.compile(NUMBERS),
    "WKST": re.compile("MO|TU|WE|TH|FR|SA|SU"),
}
SHORT_MONTHS = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
LIMITS = ("COUNT", "UNTIL")


def times(rule: str, start: datetime, *, until: datetime) -> Iterator[datetime]:
    """Give the beginnings of an event that repeats, by the clocks of its own time zone.

    Of those up to now, at most the last `MOST_TIMES`.

    Args:
        rule: The value of its RRULE.
        start: Its first beginning, in its own zone.
        until: The last moment of interest (aware).

    Raises:
        Unreadable: If it repeats in a way that is not read.
    """
    parts = _parts(rule)
    zone = start.tzinfo or UTC
    last = min(until, _until(parts.pop("UNTIL", ""), until)).astimezone(zone).replace(tzinfo=None)
    count = _count(parts.pop("COUNT", ""))
    first = start.replace(tzinfo=None)
    if last < first:
        return
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    try:
        found = rrulestr(f"{text};UNTIL={last:%Y%m%dT%H%M%S}", dtstart=first)
        begun = list(islice(found, min(count, MOST_BEFORE)))
    except (ValueError, TypeError, IndexError, OverflowError) as error:
        raise Unreadable("The event repeats by a rule that makes no sense.") from error
    for each in begun[-MOST_TIMES:]:
        yield each.replace(tzinfo=zone)


def _parts(rule: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for pair in rule.upper().replace(" ", "").strip(";").split(";"):
        name, _, value = pair.partition("=")
        pattern = PARTS.get(name)
        if name in LIMITS or (pattern is not None and pattern.fullmatch(value)):
            parts[name] = value.rstrip(",")
        else:
            raise Unreadable("The event repeats in a way that is not read.")
    if "FREQ" not in parts or not 1 <= int(parts.get("INTERVAL", "1")) <= MOST_INTERVAL:
        raise Unreadable("The event repeats in a way that is not read.")
    if not _is_possible(parts):
        raise Unreadable("The event repeats on days that there are not.")
    return parts


def _is_possible(parts: dict[str, str]) -> bool:
    """Whether there are such days: else they would be looked for to the end of all calendars."""
    days = [abs(int(day)) for day in parts.get("BYMONTHDAY", "1").split(",")]
    months = [int(month) for month in parts.get("BYMONTH", "1").split(",")]
    return any(1 <= day <= SHORT_MONTHS.get(month, 31) for day in days for month in months)


def _until(value: str, otherwise: datetime) -> datetime:
    """Read the last moment; a day lasts to its end, wherever it is."""
    found = re.fullmatch(r"(\d{4})(\d\d)(\d\d)(T(\d\d)(\d\d)(\d\d)Z?)?", value)
    if found is None:
        return otherwise
    try:
        day = datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=UTC)
        if found[4] is None:
            return day + timedelta(days=1)
        return day.replace(hour=int(found[5]), minute=int(found[6]), second=min(int(found[7]), 59))
    except (ValueError, OverflowError) as error:
        raise Unreadable("The event repeats by a rule that makes no sense.") from error


def _count(value: str) -> int:
    return int(value) if re.fullmatch(r"\d{1,6}", value) else MOST_BEFORE
