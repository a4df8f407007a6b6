"""Pages of people: whom all files together name.

What people are called most is known only when all headers have been seen. So they are looked
through first, in steps that give empty pages, and again when a file has changed.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import BinaryIO

from connectors._records import Bookmark, Malformed, Page, PersonKind, Record, Stream
from connectors.files.folder import MOST_FILES, Folder, Kind, Source, digest_of
from connectors.files.found import Named, Ours, Place
from connectors.files.gaps import Standing
from connectors.files.kinds import About, Files, malformed
from connectors.files.people import Tally
from connectors.files.places import parsed, written

OF_PEOPLE = (Stream.COLLEAGUES, Stream.ACCOUNTS, Stream.CONTACTS)

MOST_RECORDS = 1000
MOST_BYTES = 64 << 20
MOST_NAMED = 50_000

LISTS = frozenset((Kind.CONTACTS, Kind.CONNECTIONS))


@dataclass(slots=True)
class Listing:
    """How far a stream of people is given.

    Attributes:
        of: What the files were that it is of.
        after: The last id given.
        is_last: All were given.
    """

    of: str = ""
    after: str = ""
    is_last: bool = True
    standing: Standing = field(default_factory=Standing)

    @classmethod
    def of_bookmark(cls, bookmark: Bookmark) -> "Listing":
        """Read a bookmark; one that cannot be read is the beginning."""
        told = parsed(bookmark)
        try:
            return cls(**{**told, "standing": Standing(**told.get("standing", {}))})
        except TypeError:
            return cls()


class People:
    """Gives the people of a folder; what it keeps between two pages only saves time."""

    def __init__(self, folder: Folder, files: Files, ours: Ours) -> None:
        self._folder = folder
        self._files = files
        self._ours = ours
        self._look: Look | None = None

    def close(self) -> None:
        """Forget them."""
        if self._look is not None:
            self._look.tally.close()

    def pages(self, bookmarks: dict[Stream, Bookmark], sources: Sequence[Source]) -> Sequence[Page]:
        """Give a page of each of these streams, after at most one step of looking."""
        asked = {stream: Listing.of_bookmark(bookmarks[stream]) for stream in bookmarks}
        of, has_stepped, pages = digest_of(sources), False, []
        for stream, listing in asked.items():
            if listing.is_last and listing.of == of:
                pages.append(_page(stream, (), listing))
                continue
            look = self._looking(listing, of, sources)
            if not (has_stepped or look.is_complete):
                look.step()
                has_stepped = True
            pages.append(_next(stream, listing, look))
        return pages

    def _looking(self, listing: Listing, of: str, sources: Sequence[Source]) -> "Look":
        """Give the look that this listing is of, or begin one at the files as they are now."""
        if self._look is None or (listing.is_last and self._look.of != of):
            self.close()
            self._look = Look(self._folder, self._files, sources, Tally(self._ours))
        return self._look


class Look:
    """A look through all files for whom they name, in steps.

    Attributes:
        of: What the files are.
        malformed: Rows of contacts that could not be read, in the steps since they were told.
    """

    def __init__(
        self, folder: Folder, files: Files, sources: Sequence[Source], tally: Tally
    ) -> None:
        self.of = digest_of(sources)
        self.tally = tally
        self.strange: list[str] = []
        self.unread: list[str] = []
        self.malformed: list[Malformed] = []
        self.is_too_many = len(sources) > MOST_FILES
        self._folder = folder
        self._files = files
        self._left = list(reversed(sources[:MOST_FILES]))
        self._place = Place()
        self._room = 0

    @property
    def is_complete(self) -> bool:
        """Whether all files have been looked through."""
        return not self._left

    def standing(self) -> Standing:
        """Tell which files were passed over."""
        return Standing(tuple(self.strange), tuple(self.unread), self.is_too_many)

    def step(self) -> None:
        """Look at some more."""
        self._room = MOST_BYTES
        while self._left and self._room > 0:
            source = self._left[-1]
            try:
                with self._folder.opened(source) as file:
                    is_done = self._some(self._files.about(source, file), source, file)
            except OSError:
                self.unread.append(source.name)
                is_done = True
            if is_done:
                self._left.pop()
                self._place = Place()

    def _some(self, about: About, source: Source, file: BinaryIO) -> bool:
        """Look at some of one file; tells whether that was all."""
        if about.kind is Kind.STRANGE_TABLE:
            self.strange.append(source.name)
        begin = self._place.offset
        people: list[Named] = []
        for found in self._files.read(about, file, self._place):
            people += found.people
            if found.reason and about.kind in LISTS:
                self.malformed.append(malformed(source, found))
            self._place = found.end
            if self._place.offset - begin >= self._room or len(people) >= MOST_NAMED:
                self.tally.add(people)
                self._room = 0
                return False
        self.tally.add(people)
        self._room -= source.size - begin
        return True


def _next(stream: Stream, listing: Listing, look: Look) -> Page:
    """Give the next people, or none as long as not all files have been looked through."""
    unreadable: tuple[Malformed, ...] = ()
    if stream is Stream.CONTACTS:
        unreadable, look.malformed = tuple(look.malformed), []
    after = "" if listing.is_last else listing.after
    records = _listed(look.tally, stream, after) if look.is_complete else ()
    place = Listing(
        look.of,
        records[-1].id if records else after,
        look.is_complete and len(records) < MOST_RECORDS,
        look.standing(),
    )
    return _page(stream, records, place, unreadable)


def _page(
    stream: Stream, records: Sequence[Record], place: Listing, told: tuple[Malformed, ...] = ()
) -> Page:
    """Make a page; what is passed over is told once, with the contacts."""
    return Page(
        stream,
        tuple(records),
        written(asdict(place)),
        is_last=place.is_last,
        malformed=told,
        gaps=tuple(place.standing.gaps()) if stream is Stream.CONTACTS else (),
    )


def _listed(tally: Tally, stream: Stream, after: str) -> Sequence[Record]:
    if stream is Stream.ACCOUNTS:
        return tally.accounts(after, MOST_RECORDS)
    kind = PersonKind.COLLEAGUE if stream is Stream.COLLEAGUES else PersonKind.CONTACT
    return tally.people(kind, after, MOST_RECORDS)
