"""How far a stream has been read, and what is to be read next: what a bookmark holds.

A pull reads the rows changed since `since` in the order of their ids. Rows that change meanwhile
are looked for between two of its pages, every `FRESH_EVERY` of HubSpot's time, so that a first
reading of days does not keep today's changes waiting: one page of them, one of the old rows, and so
on. Where a look began is where the next one, or the next pull, goes on.

The search shows changes late: mostly by seconds, sometimes by much more. So each pull begins
`SHORT_OVERLAP` before the last one did; and at least once an hour, or each time if pulls are rare,
it begins `OVERLAP` before the last one that was there late enough to see all that was shown late.
What is shown up to an hour late is thus read within an hour and a poll. That costs nothing when
nothing changes, and reads a busy hour twice, not thirteen times.
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

from connectors._records import Bookmark

OVERLAP = timedelta(hours=1)
SHORT_OVERLAP = timedelta(minutes=2)
FRESH_EVERY = timedelta(minutes=5)
RARE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Rows changed since `since` (ms since 1970; None for all) whose id is beyond `last_id`."""

    since: int | None = None
    last_id: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """How far a stream is read; times are HubSpot's, in ms since 1970.

    Attributes:
        since: Rows changed before this are known; None in the first pull.
        last_id: The greatest id read in this pull.
        known: When the last pull began to look for changes; None before the second pull.
        unsure: The first moment of which a change may have been shown later than we looked.
        started: When this pull began; None before its first call.
        looked: When the last look at fresh changes began that came to its end.
        look_since: From when on the look in progress wants changes; None for no look.
        look_id: The greatest id that it has read.
        look_began: When it began; None before its first call.
        is_looking: The next page is the look's.
        left: About how many of the old rows are left.
    """

    since: int | None = None
    last_id: int = 0
    known: int | None = None
    unsure: int | None = None
    started: int | None = None
    looked: int | None = None
    look_since: int | None = None
    look_id: int = 0
    look_began: int | None = None
    is_looking: bool = False
    left: int | None = None

    def cursor(self) -> Cursor:
        """Tell what the next page is to hold."""
        if self.is_looking:
            return Cursor(self.look_since, self.look_id)
        return Cursor(self.since, self.last_id)

    def known_until(self) -> datetime | None:
        """Tell up to when an earlier pull had read."""
        return None if self.known is None else datetime.fromtimestamp(self.known / 1000, UTC)


@dataclass(frozen=True, slots=True)
class Read:
    """What a page came to.

    Attributes:
        last_id: The greatest id in it.
        began: HubSpot's time of its first answer.
        ended: And of its last.
        is_end: Nothing is left beyond it of what it asked for.
        left: About how many rows are.
    """

    last_id: int
    began: datetime
    ended: datetime
    is_end: bool
    left: int | None


def behind(place: Place, read: Read) -> tuple[Place, bool]:
    """Give the place behind a page, and whether the pull has come to its end with it."""
    if place.is_looking:
        return _behind_look(place, read), False
    began = _ms(read.began)
    started = place.started or began
    place = replace(place, started=started, looked=place.looked or started, left=read.left)
    if read.is_end:
        return _next_pull(place, _ms(read.ended)), True
    return _turned(replace(place, last_id=read.last_id), _ms(read.ended)), False


def place_of(bookmark: Bookmark) -> Place:
    """Read a bookmark."""
    return Place(**json.loads(bookmark)) if bookmark else Place()


def bookmark_of(place: Place) -> Bookmark:
    """Write a bookmark; what is not so is left out."""
    return compact({name: value for name, value in asdict(place).items() if value})


def compact(value: object) -> Bookmark:
    """Write a bookmark in few characters."""
    return Bookmark(json.dumps(value, separators=(",", ":")))


def _behind_look(place: Place, read: Read) -> Place:
    began = place.look_began or _ms(read.began)
    if not read.is_end:
        return replace(place, look_id=read.last_id, look_began=began, is_looking=False)
    return replace(
        place, looked=began, look_since=None, look_id=0, look_began=None, is_looking=False
    )


def _turned(place: Place, now: int) -> Place:
    """After a page of old rows, look at fresh ones if it is time, or go on with the last look."""
    if place.look_since is not None:
        return replace(place, is_looking=True)
    looked = place.looked or now
    if now - looked < _span(FRESH_EVERY):
        return place
    return replace(place, look_since=looked - _span(OVERLAP), is_looking=True)


def _next_pull(place: Place, now: int) -> Place:
    """Give where the next pull begins: what a look has left unread lies behind that."""
    looked = place.looked or now
    unsure = looked - _span(OVERLAP)
    if place.since is not None and place.unsure is not None and place.unsure < place.since:
        unsure = place.unsure
    is_rare = place.known is not None and looked - place.known >= _span(RARE)
    is_due = now - unsure >= 2 * _span(OVERLAP)
    since = unsure if is_rare or is_due else looked - _span(SHORT_OVERLAP)
    return Place(since=since, known=looked, unsure=unsure)


def _span(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
