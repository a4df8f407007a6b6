"""Events of iCalendar files, one after the other, and the meetings that they tell of.

What a file tells about all of its events is found by a first look at the whole of it: the zone of
times that name none, and which times of events that repeat were moved or called off by themselves.
Titles, places and descriptions are not kept; private events are left out.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import BinaryIO, NamedTuple

from connectors._records import Activity, Channel, ExternalId, Participant, Role
from connectors.files.addresses import ADDRESS, name_of
from connectors.files.found import Found, Named, Place, Unreadable, opaque, sensible
from connectors.files.lines import SNIFFED, encoding_of
from connectors.files.properties import Property, duration, is_day, moment, to_property, unfolded
from connectors.files.repeating import times
from connectors.files.zones import zone

ONCE = frozenset(
    (
        "CLASS",
        "DTEND",
        "DTSTART",
        "DURATION",
        "ORGANIZER",
        "RECURRENCE-ID",
        "RRULE",
        "STATUS",
        "UID",
    )
)
OFTEN = frozenset(("ATTENDEE", "EXDATE"))
MOST_OFTEN = 2000
MOST_MOVED = 500_000
LONGEST_MEETING = timedelta(days=1)
NOT_PEOPLE = frozenset(("ROOM", "RESOURCE"))
ABSENT = frozenset(("DECLINED", "DELEGATED"))
PRIVATE = frozenset(("PRIVATE", "CONFIDENTIAL"))
ENDLESS = "The event does not end before the next begins."


class Event(NamedTuple):
    """One event's properties; `end` is behind it."""

    row: int
    end: Place
    once: Mapping[str, Property]
    often: Mapping[str, Sequence[Property]]
    is_whole: bool = True


@dataclass(frozen=True)
class Outline:
    """What a whole file tells about each of its events.

    Attributes:
        floating: The zone of times that name none.
        is_cancelling: The file calls its events off.
        moved: Ids of single times of events that repeat, told by events of their own.
        repeats: Some of it takes place again and again, so that time alone brings more.
    """

    floating: tzinfo = UTC
    is_cancelling: bool = False
    moved: frozenset[ExternalId] = field(default_factory=frozenset)
    repeats: bool = False


def outline(file: BinaryIO) -> Outline:
    """Look through a whole file."""
    file.seek(0)
    encoding, told = encoding_of(file.read(SNIFFED)), {}
    for line in unfolded(file, Place(), encoding):
        one = to_property(line.text)
        if one and (one.name, one.value.upper()) == ("BEGIN", "VEVENT"):
            break
        if one and one.name in {"X-WR-TIMEZONE", "METHOD"}:
            told[one.name] = one.value
    floating: tzinfo = UTC
    with contextlib.suppress(Unreadable):
        floating = zone(told.get("X-WR-TIMEZONE", "UTC"))
    moved: set[ExternalId] = set()
    repeats = False
    for event in events(file, Place()):
        repeats |= "RRULE" in event.once
        if "RECURRENCE-ID" in event.once and len(moved) < MOST_MOVED:
            with contextlib.suppress(Unreadable):
                moved.add(_own_id(event, floating))
    return Outline(floating, told.get("METHOD", "").upper() == "CANCEL", frozenset(moved), repeats)


def events(file: BinaryIO, place: Place) -> Iterator[Event]:
    """Give the events from a place on."""
    file.seek(0)
    encoding = encoding_of(file.read(SNIFFED))
    open_: _Open | None = None
    for line in unfolded(file, place, encoding):
        one = to_property(line.text)
        if one is None:
            continue
        kind = (one.name, one.value.upper())
        if kind == ("BEGIN", "VEVENT"):
            if open_:
                yield open_.event(line.begin, is_whole=False)
            open_ = _Open(line.begin.row + 1)
        elif open_ and kind == ("END", "VEVENT"):
            yield open_.event(line.end, is_whole=True)
            open_ = None
        elif open_:
            open_.add(one)
        place = line.end
    if open_:
        yield open_.event(place, is_whole=False)


@dataclass
class _Open:
    """An event whose end has not been read."""

    row: int
    once: dict[str, Property] = field(default_factory=dict)
    often: dict[str, list[Property]] = field(default_factory=dict)
    depth: int = 0

    def add(self, one: Property) -> None:
        """Keep a property, if it is the event's own, and one that matters."""
        if one.name in {"BEGIN", "END"}:
            self.depth = max(0, self.depth + (1 if one.name == "BEGIN" else -1))
        elif self.depth == 0 and one.name in ONCE:
            self.once.setdefault(one.name, one)
        elif self.depth == 0 and one.name in OFTEN:
            listed = self.often.setdefault(one.name, [])
            if len(listed) < MOST_OFTEN:
                listed.append(one)

    def event(self, end: Place, *, is_whole: bool) -> Event:
        return Event(self.row, end, self.once, self.often, is_whole)


def read(file: BinaryIO, place: Place, told: Outline, now: datetime) -> Iterator[Found]:
    """Read the events from a place on; what repeats, up to now."""
    for event in events(file, place):
        try:
            meetings, people = to_meetings(event, told, now)
        except Unreadable as error:
            yield Found(event.end, reason=str(error), where=f"line {event.row}")
        else:
            yield Found(event.end, meetings, people)


def to_meetings(
    event: Event, told: Outline, now: datetime
) -> tuple[tuple[Activity, ...], tuple[Named, ...]]:
    """Read an event: the meetings, and whom they name; none if it is private, or one's own.

    Raises:
        Unreadable: If it cannot be told when it takes place.
    """
    if not event.is_whole:
        raise Unreadable(ENDLESS)
    start = _start(event, told.floating)
    if _value(event, "CLASS") in PRIVATE:
        return (), ()
    named, absent = _people(event)
    if len(named) + len(absent) < 2:  # noqa: PLR2004 one's own plans
        return (), ()
    happened = len(named) > 1 and not told.is_cancelling and _value(event, "STATUS") != "CANCELLED"
    meetings = tuple(
        Activity(
            id=own_id,
            channel=Channel.MEETING,
            at=at,
            participants=tuple(Participant(Role.PARTY, address=one.key) for one in named or absent),
            recipients=max(1, len(named) - 1),
            duration_s=_duration(event, start, told.floating).total_seconds(),
            happened=happened,
            modified_at=at,
        )
        for own_id, at in _times(event, start, told, now)
    )
    return meetings, tuple(named) if happened and meetings else ()


def _times(
    event: Event, start: datetime, told: Outline, now: datetime
) -> Iterator[tuple[ExternalId, datetime]]:
    """Give the id and beginning of each time that it takes place."""
    rule = event.once.get("RRULE")
    if rule is None or "RECURRENCE-ID" in event.once:
        yield _own_id(event, told.floating), sensible(start)
        return
    left_out = set(_left_out(event, told.floating))
    for each in times(rule.value, start, until=now):
        at = sensible(each)
        one_id = _id_at(event, at)
        if at not in left_out and at.date() not in left_out and one_id not in told.moved:
            yield one_id, at


def _left_out(event: Event, floating: tzinfo) -> Iterator[object]:
    for listed in event.often.get("EXDATE", ()):
        for value in listed.value.split(","):
            one = listed._replace(value=value.strip())
            at = sensible(moment(one, floating))
            yield at.date() if is_day(one) else at


def _own_id(event: Event, floating: tzinfo) -> ExternalId:
    """Give the id of an event, or of the one time of an event that repeats which it is about."""
    one = event.once.get("RECURRENCE-ID")
    if one is None:
        return opaque("meeting", _uid(event))
    return _id_at(event, sensible(moment(one, floating)))


def _id_at(event: Event, at: datetime) -> ExternalId:
    return opaque("meeting", _uid(event), at.isoformat())


def _uid(event: Event) -> str:
    """Give what calendars know an event by, in every calendar it is in."""
    named = sorted(one.value.lower() for one in event.often.get("ATTENDEE", ()))
    return (
        event.once["UID"].value if "UID" in event.once else "\0".join([_raw_start(event), *named])
    )


def _raw_start(event: Event) -> str:
    return event.once["DTSTART"].value if "DTSTART" in event.once else ""


def _start(event: Event, floating: tzinfo) -> datetime:
    one = event.once.get("DTSTART")
    if one is None:
        raise Unreadable("The event does not say when it begins.")
    start = moment(one, floating)
    sensible(start)
    return start


def _duration(event: Event, start: datetime, floating: tzinfo) -> timedelta:
    """Tell how long it takes; nothing for whole days, of which nobody sits in a meeting."""
    if is_day(event.once["DTSTART"]):
        return timedelta()
    if "DTEND" in event.once:
        took = sensible(moment(event.once["DTEND"], floating)) - sensible(start)
    else:
        took = duration(_value(event, "DURATION"))
    return took if timedelta() <= took <= LONGEST_MEETING else timedelta()


def _people(event: Event) -> tuple[list[Named], list[Named]]:
    """Give those who are in it, who called it first, and those who said that they are not."""
    there: dict[str, Named] = {}
    absent: dict[str, Named] = {}
    organizer = [event.once["ORGANIZER"]] if "ORGANIZER" in event.once else []
    for one in (*organizer, *event.often.get("ATTENDEE", ())):
        address = _address(one)
        if not address or one.parameters.get("CUTYPE", "").upper() in NOT_PEOPLE:
            continue
        named = Named(address, name_of(one.parameters.get("CN", "")), (address,))
        if one.parameters.get("PARTSTAT", "").upper() in ABSENT:
            there.pop(address, None)
            absent[address] = named
        elif address not in absent and not (address in there and not named.name):
            there[address] = named
    return list(there.values()), list(absent.values())


def _address(one: Property) -> str:
    for value in (one.parameters.get("EMAIL", ""), one.value):
        found = ADDRESS.fullmatch(value.strip().lower().removeprefix("mailto:"))
        if found:
            return found[0]
    return ""


def _value(event: Event, name: str) -> str:
    return event.once[name].value.upper() if name in event.once else ""
