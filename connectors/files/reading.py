"""Pages of activities, file by file: a bookmark holds a place in each, so a crash repeats one page.

Mail is added to the end of its files, so reading goes on where it was left; other files are read
again when they have changed, and calendars every day in which something repeats.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import BinaryIO

from connectors._records import Activity, Bookmark, Channel, ExternalId, Malformed, Page, Stream
from connectors.files import gaps
from connectors.files.folder import MOST_FILES, Folder, Kind, Source
from connectors.files.found import Found, Ours
from connectors.files.kinds import About, Files, malformed
from connectors.files.looking import MOST_BYTES, MOST_RECORDS, OF_PEOPLE, People
from connectors.files.places import Mark, Progress

CHANNELS = {
    Stream.EMAILS: {Channel.EMAIL},
    Stream.MEETINGS: {Channel.MEETING},
    Stream.CALLS: {Channel.CALL},
    Stream.MESSAGES: {Channel.SMS, Channel.CHAT, Channel.LINKEDIN},
}
KINDS = {
    Stream.EMAILS: {Kind.MAIL, Kind.ACTIVITIES},
    Stream.MEETINGS: {Kind.CALENDAR, Kind.ACTIVITIES},
    Stream.CALLS: {Kind.ACTIVITIES},
    Stream.MESSAGES: {Kind.MESSAGES, Kind.ACTIVITIES},
}
TOLD_IN = {Kind.ACTIVITIES: Stream.EMAILS}
"""Where rows are told that cannot be read, if more than one stream reads them."""


class Reader:
    """Reads a folder."""

    def __init__(self, folder: Folder, ours: Ours, now: Callable[[], datetime]) -> None:
        self._folder = folder
        self._now = now
        self._files = Files(ours, now)
        self._people = People(folder, self._files, ours)

    def close(self) -> None:
        """Forget whom the files name."""
        self._people.close()

    def read(self, bookmarks: Mapping[Stream, Bookmark]) -> Sequence[Page]:
        """Read a page of each stream; see `Connector.read`."""
        sources = self._folder.sources()
        people = {stream: bookmarks[stream] for stream in OF_PEOPLE if stream in bookmarks}
        pages = list(self._people.pages(people, sources))
        for stream in CHANNELS:
            if stream in bookmarks:
                progress = Progress.of(bookmarks[stream])
                reading = _Reading(self._folder, self._files, stream, progress, self._now())
                pages.append(reading.page(sources))
        return pages


class _Reading:
    """One page of a stream of activities."""

    def __init__(
        self, folder: Folder, files: Files, stream: Stream, progress: Progress, now: datetime
    ) -> None:
        self._folder = folder
        self._files = files
        self._stream = stream
        self._progress = progress
        self._now = now
        self._records: dict[ExternalId, Activity] = {}
        self._malformed: list[Malformed] = []
        self._unread: list[str] = []
        self._room = MOST_BYTES

    def page(self, sources: Sequence[Source]) -> Page:
        """Read until the page is full, or there is nothing more."""
        progress, listed = self._progress, sources[:MOST_FILES]
        progress.forget_all_but(source.name for source in listed)
        progress.is_last = all(self._file(source) for source in listed)
        return Page(
            self._stream,
            tuple(self._records.values()),
            progress.bookmark(),
            is_last=progress.is_last,
            malformed=tuple(self._malformed),
            gaps=(
                *map(gaps.gone, progress.gone),
                *map(gaps.anew, progress.anew),
                *map(gaps.unread, self._unread),
            ),
        )

    @property
    def _is_full(self) -> bool:
        rows = len(self._records) + len(self._malformed)
        return self._room <= 0 or rows >= MOST_RECORDS

    def _file(self, source: Source) -> bool:
        """Read what there is more in a file; tells whether that was all."""
        mark = self._progress.files.get(source.name)
        if mark is not None and mark.is_read(source, self._now):
            return True
        if self._is_full:
            return False
        try:
            with self._folder.opened(source) as file:
                about = self._files.about(source, file)
                mark = self._begun(mark, about, source, file)
                if not mark.is_done:
                    mark = self._some(mark, about, source, file)
        except OSError:
            self._unread.append(source.name)
            return True
        self._progress.files[source.name] = mark
        return mark.is_done

    def _begun(self, mark: Mark | None, about: About, source: Source, file: BinaryIO) -> Mark:
        """Tell from where to read a file: where it was left, unless it is another now."""
        is_ours = about.kind in KINDS[self._stream]
        fresh = Mark(about.kind.name, source.size, source.mtime_ns, is_done=not is_ours)
        if mark is None or not mark.offset or not is_ours:
            return fresh
        if mark.goes_on(source, file):
            return mark.resumed(fresh)
        if source.name in self._progress.anew:
            return Mark(fresh.kind)  # it changes faster than it is read: the next pull tries again
        if about.kind is Kind.MAIL or source.size < mark.offset or not mark.is_done:
            self._progress.anew.append(source.name)
        return fresh

    def _some(self, mark: Mark, about: About, source: Source, file: BinaryIO) -> Mark:
        """Read a file until the page is full, or to its end."""
        until = self._now.isoformat() if about.repeats else ""
        room, place = self._room, mark.place
        for found in self._files.read(about, file, place):
            self._take(found, about, source)
            place = found.end
            self._room = room - (place.offset - mark.offset)
            if self._is_full:
                return mark.behind(place, file, until=until, is_done=False)
        self._room = room - max(0, source.size - mark.offset)
        return mark.behind(place, file, until=until, is_done=True)

    def _take(self, found: Found, about: About, source: Source) -> None:
        for activity in found.activities:
            if activity.channel in CHANNELS[self._stream]:
                self._records[activity.id] = activity
        if found.reason and TOLD_IN.get(about.kind, self._stream) is self._stream:
            self._malformed.append(malformed(source, found))
