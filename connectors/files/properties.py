"""Lines of iCalendar files (RFC 5545): unfolded, and taken apart into names, parameters, values."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import BinaryIO, NamedTuple

from connectors.files.found import Place, Unreadable
from connectors.files.lines import Encoding, lines
from connectors.files.zones import zone

LONGEST = 64 * 1024
PARAMETER = re.compile(r';([A-Za-z0-9-]+)=("[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*')
NAME = re.compile(r"[A-Za-z0-9-]+")
MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?")
DURATION = re.compile(
    r"\+?P(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,8})S)?)?"
)


class Property(NamedTuple):
    """One property of a calendar; names are upper case."""

    name: str
    parameters: Mapping[str, str]
    value: str


class Unfolded(NamedTuple):
    """A logical line, and the places before and behind it."""

    begin: Place
    end: Place
    text: str


def unfolded(file: BinaryIO, place: Place, encoding: Encoding) -> Iterator[Unfolded]:
    """Give the logical lines from a place on; of a line too long to be any, the beginning."""
    begin, end, length = place, place, 0
    parts: list[str] = []
    for line in lines(file, place, encoding):
        text = (line.text or "").rstrip("\r\n")
        if text[:1] in {" ", "\t"} and parts:
            if length < LONGEST:
                parts.append(text[1:])
                length += len(text)
        else:
            if parts:
                yield Unfolded(begin, end, "".join(parts))
            begin, parts, length = end, [text], len(text)
        end = line.end
    if parts:
        yield Unfolded(begin, end, "".join(parts))


def to_property(text: str) -> Property | None:
    """Take a line apart; None if it is none."""
    name = NAME.match(text)
    if name is None:
        return None
    at = name.end()
    parameters: dict[str, str] = {}
    while found := PARAMETER.match(text, at):
        parameters.setdefault(found[1].upper(), found[2].strip('"'))
        at = found.end()
    if text[at : at + 1] != ":":
        return None
    return Property(name[0].upper(), parameters, text[at + 1 :].strip())


def moment(one: Property, floating: tzinfo) -> datetime:
    """Read a time with its zone, or a day as its midnight in UTC.

    Args:
        one: The property.
        floating: The zone of a time that names none.

    Raises:
        Unreadable: If it is no time.
    """
    found = MOMENT.fullmatch(one.value)
    if found is None:
        raise Unreadable(f"{one.name} is no time.")
    try:
        if found[4] is None:
            day = date(int(found[1]), int(found[2]), int(found[3]))
            return datetime(day.year, day.month, day.day, tzinfo=UTC)
        second = min(int(found[6]), 59)
        year, month, day_, hour, minute = (int(found[n]) for n in range(1, 6))
        named = zone(one.parameters["TZID"]) if "TZID" in one.parameters else floating
        return datetime(year, month, day_, hour, minute, second, tzinfo=UTC if found[7] else named)
    except ValueError as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(f"{one.name} is no time.") from error


def is_day(one: Property) -> bool:
    """Whether a property tells a day and no time."""
    return "T" not in one.value


def duration(value: str) -> timedelta:
    """Read how long something takes; nothing if it does not say."""
    found = DURATION.fullmatch(value.strip().upper())
    if found is None:
        return timedelta()
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
