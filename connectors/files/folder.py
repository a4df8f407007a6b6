"""The files of a folder: which there are, and what each of them is. Nothing is ever written."""

import contextlib
import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, NamedTuple

from connectors._errors import Misconfigured
from connectors.files import linkedin, sheets
from connectors.files.tables import Table, table_of

MOST_FILES = 1000
DEEPEST = 6


class Kind(StrEnum):
    """What a file is, in words for an admin."""

    MAIL = "Mail (mbox)"
    CALENDAR = "Calendar (iCalendar)"
    ACTIVITIES = "List of activities"
    CONTACTS = "List of contacts"
    CONNECTIONS = "LinkedIn connections"
    MESSAGES = "LinkedIn messages"
    STRANGE_TABLE = "CSV file of unknown columns"
    UNKNOWN = "File of an unknown kind"


TABLES = (
    (Kind.MESSAGES, linkedin.MESSAGES),
    (Kind.CONNECTIONS, linkedin.CONNECTIONS),
    (Kind.ACTIVITIES, sheets.ACTIVITIES),
    (Kind.CONTACTS, sheets.CONTACTS),
)
KNOWN_COLUMNS = tuple(columns for _, sets in TABLES for columns in sets)


class Source(NamedTuple):
    """A file; `name` is its path below the folder, the same on every machine."""

    name: str
    path: Path
    size: int
    mtime_ns: int


class Folder:
    """A folder of files.

    Args:
        path: Where it is.
        permit: Called before a file is opened.

    Attributes:
        calls: How many files were opened.
    """

    def __init__(self, path: Path, permit: Callable[[], None]) -> None:
        self.path = path
        self.calls = 0
        self._permit = permit

    def check(self) -> None:
        """See that the folder is there.

        Raises:
            Misconfigured: If it is not, or may not be read.
        """
        if not self.path.is_dir():
            raise Misconfigured(
                "The folder is not there: check its path on the machine that Tieline runs on."
            )
        if not os.access(self.path, os.R_OK | os.X_OK):
            raise Misconfigured("The folder may not be read: allow Tieline's user to.")

    def sources(self) -> Sequence[Source]:
        """List the files, by name; hidden ones and links to elsewhere are left out."""
        self.check()
        found: list[Source] = []
        for at, folders, names in os.walk(self.path):
            here = Path(at)
            depth = len(here.relative_to(self.path).parts)
            folders[:] = sorted(n for n in folders if n[0] != "." and depth < DEEPEST)
            for name in sorted(names):
                if name[0] == "." or len(found) > MOST_FILES:
                    continue
                with contextlib.suppress(OSError):
                    told = (here / name).lstat()
                    if stat.S_ISREG(told.st_mode):
                        shown = (here / name).relative_to(self.path).as_posix()
                        safe = shown.encode("utf-8", "replace").decode()
                        found.append(Source(safe, here / name, told.st_size, told.st_mtime_ns))
        return sorted(found)

    @contextlib.contextmanager
    def opened(self, source: Source) -> Iterator[BinaryIO]:
        """Open a file to be read."""
        self._permit()
        self.calls += 1
        with source.path.open("rb") as file:
            yield file


def kind_of(source: Source, file: BinaryIO) -> tuple[Kind, Table | None]:
    """Tell what a file is by its name's end, its beginning and its columns."""
    suffix = source.path.suffix.lower()
    file.seek(0)
    head = file.read(512).lstrip(b"\xef\xbb\xbf\r\n\t ")
    if head.startswith(b"From ") and suffix not in {".csv", ".ics"}:
        return Kind.MAIL, None
    if suffix in {".ics", ".ical"} or head[:15].upper() == b"BEGIN:VCALENDAR":
        return Kind.CALENDAR, None
    if suffix == ".mbox":
        return Kind.MAIL, None
    if suffix != ".csv":
        return Kind.UNKNOWN, None
    table = table_of(file, KNOWN_COLUMNS)
    if table is None:
        return Kind.STRANGE_TABLE, None
    there = set(table.columns)
    kind = next(kind for kind, sets in TABLES if any(needed <= there for needed in sets))
    return kind, table


def digest_of(sources: Sequence[Source]) -> str:
    """Give what changes when any file does."""
    told = repr([(one.name, one.size, one.mtime_ns) for one in sources])
    return hashlib.sha256(told.encode()).hexdigest()[:16]
