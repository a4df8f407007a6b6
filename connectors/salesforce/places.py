"""How far a stream has been read: what a bookmark says when it is opened.

A pull reads its rows in the order (SystemModstamp, Id). When it takes longer than `FRESH_EVERY`, a
look at what has changed since it began comes in between, so that fresh changes wait for no old
ones. A pull that is done leaves a bookmark that begins at its last such look, less `OVERLAP`: a row
that becomes visible late, under an older stamp, is read by the next pull.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connectors._records import START, Bookmark

OVERLAP = timedelta(minutes=10)
FRESH_EVERY = timedelta(minutes=5)
LOOK_EVERY = timedelta(days=1)
"""How often it is looked up whether an org has a feature by now."""

_VERSION = 2


@dataclass(frozen=True, slots=True)
class Cursor:
    """Behind which row to read on; without an id all rows of that stamp are still to be read."""

    at: datetime | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A bulk query that reads the rest of a first reading.

    Attributes:
        id: "" for one that is to be made.
        locator: The part of its result to read next; "" for the first.
        is_done: Its result is there.
    """

    id: str = ""
    locator: str = ""
    is_done: bool = False
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A bookmark, opened.

    Attributes:
        cursor: Where the pull is.
        known: Until when an earlier pull has read; None in a first reading.
        started: When the last look at what is new began; None before a pull's first page.
        fresh: Where the look at what is new is, while there is one.
        looking: When that look began; None before its first page.
        touched: Since when relations that changed alone are to be looked for, and behind which row.
        left: How many rows a first reading has still to read, where that is known.
        lacking: What was not asked for, because we are not shown it.
        looked: When it was last looked up what the org has.
        job: Reads what is left instead of pages.
        is_again: Everything is read once more, because more of it is shown by now: what was read
            before, and should not have been, is to be taken back.
    """

    cursor: Cursor = Cursor()
    known: datetime | None = None
    started: datetime | None = None
    fresh: Cursor | None = None
    looking: datetime | None = None
    touched: Cursor | None = None
    left: int | None = None
    lacking: frozenset[str] = frozenset()
    looked: datetime | None = None
    job: Job | None = None
    is_again: bool = False

    @classmethod
    def of(cls, bookmark: Bookmark) -> "Place":
        """Open a bookmark; one of an older version of Tieline is none, and reads all once more."""
        parts = {} if bookmark == START else json.loads(bookmark)
        if parts.get("v") != _VERSION:
            return cls()
        return cls(
            cursor=_cursor(parts, "at", "id") or Cursor(),
            known=_time(parts.get("known")),
            started=_time(parts.get("started")),
            fresh=_cursor(parts, "fresh_at", "fresh_id"),
            looking=_time(parts.get("looking")),
            touched=_cursor(parts, "touched_at", "touched_id"),
            left=parts.get("left"),
            lacking=frozenset(parts.get("lacking", ())),
            looked=_time(parts.get("looked")),
            job=_job(parts),
            is_again=bool(parts.get("again")),
        )

    def bookmark(self) -> Bookmark:
        """Close it again."""
        job = self.job
        parts: dict[str, object] = {
            **_parts(self.cursor, "at", "id"),
            "known": _text(self.known),
            "started": _text(self.started),
            **_parts(self.fresh, "fresh_at", "fresh_id"),
            "looking": _text(self.looking),
            **_parts(self.touched, "touched_at", "touched_id"),
            "left": self.left,
            "lacking": sorted(self.lacking) or None,
            "looked": _text(self.looked),
            "again": self.is_again or None,
        }
        if job is not None:
            parts |= {"job": job.id, "locator": job.locator or None, "done": job.is_done or None}
            parts |= {"since": _text(job.since)}
        kept = {name: part for name, part in parts.items() if part is not None}
        return Bookmark(json.dumps({"v": _VERSION, **kept}, separators=(",", ":")))

    @property
    def is_first(self) -> bool:
        """Whether no pull has come to its end yet."""
        return self.known is None

    @property
    def reads_old(self) -> bool:
        """Whether the next page is one of a first reading's old rows."""
        return self.is_first and self.fresh is None

    @property
    def next(self) -> Cursor:
        """Where the next page begins."""
        return self.fresh or self.cursor

    @property
    def is_touched_due(self) -> bool:
        """Whether relations that changed alone are to be looked for: once a pull."""
        if self.is_first or self.touched is None:
            return False
        return self.touched.id is not None or self.started is None

    @property
    def is_look_due(self) -> bool:
        """Whether it is to be looked up again what the org has."""
        seen = self.started or self.known
        return self.looked is None or (seen is not None and seen - self.looked >= LOOK_EVERY)

    def begun(self, at: datetime) -> "Place":
        """Note when this pull began, with its first page."""
        if self.started is not None:
            return self
        touched = self.touched or Cursor(at - OVERLAP)
        return replace(self, started=at, touched=touched)

    @property
    def by_job(self) -> Job | None:
        """The job that the next page is read by, if it is."""
        return self.job if self.fresh is None else None

    def kept(self, at: datetime) -> "Place":
        """Give this place, or the look at what is fresh that is due there."""
        began = self.started or at
        if at - began < FRESH_EVERY:
            return self
        return replace(self, fresh=Cursor(began - OVERLAP))

    def behind(self, last: Cursor | None, at: datetime) -> "Place":
        """Give the place behind a page; the pull is done if `started` is None there.

        Args:
            last: The page's last row; None if there is nothing behind it.
            at: When it was answered.
        """
        here = self.begun(at)
        began = here.started or at
        if here.fresh is not None:
            looking = here.looking or at
            if last is not None:
                return replace(here, fresh=last, looking=looking)
            return replace(here, fresh=None, looking=None, started=looking)
        if last is None:
            done = replace(here, cursor=Cursor(began - OVERLAP), known=began, started=None)
            return replace(done, left=None, job=None, is_again=False)
        is_old = last.at is not None and last.at < began - OVERLAP
        is_due = is_old and at - began >= FRESH_EVERY
        return replace(here, cursor=last, fresh=Cursor(began - OVERLAP) if is_due else None)


def _cursor(parts: dict[str, str], at: str, row_id: str) -> Cursor | None:
    return Cursor(_time(parts[at]), parts.get(row_id)) if at in parts else None


def _parts(cursor: Cursor | None, at: str, row_id: str) -> dict[str, object]:
    return {} if cursor is None else {at: _text(cursor.at), row_id: cursor.id}


def _job(parts: dict[str, str]) -> Job | None:
    if "job" not in parts:
        return None
    since = _time(parts.get("since"))
    return Job(parts["job"], parts.get("locator", ""), bool(parts.get("done")), since)


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
