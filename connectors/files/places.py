"""Bookmarks: how far each file is read, and how to tell that it still is the file it was."""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, BinaryIO

from connectors._records import Bookmark
from connectors.files.folder import Kind, Source
from connectors.files.found import A_DAY, Place

HEAD = 4096
IN_PLACE = re.compile(rb"(?m)^X-Mozilla-[^\n]*\n")
"""Headers that a mail program changes after the mail was kept, without moving the others."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far one file is read.

    Attributes:
        size: Of the file when reading began, with `mtime_ns`.
        head: What its first bytes were, and `tail` those before the place.
        until: Up to when what repeats was told; empty where nothing does.
        is_done: It was read to its end.
    """

    kind: str
    size: int = 0
    mtime_ns: int = 0
    offset: int = 0
    row: int = 0
    head: str = ""
    tail: str = ""
    until: str = ""
    is_done: bool = True

    @property
    def place(self) -> Place:
        """Where reading goes on."""
        return Place(self.offset, self.row)

    def is_same(self, source: Source) -> bool:
        """Whether the file has not been touched."""
        return (self.size, self.mtime_ns) == (source.size, source.mtime_ns)

    def is_read(self, source: Source, now: datetime) -> bool:
        """Whether there is nothing more to read, not even what time has brought."""
        is_due = bool(self.until) and now - datetime.fromisoformat(self.until) >= A_DAY
        return self.is_done and self.is_same(source) and not is_due

    def goes_on(self, source: Source, file: BinaryIO) -> bool:
        """Whether what is behind the place follows what was read: mail is added at the end."""
        if self.is_done and self.kind != Kind.MAIL.name:
            return False
        head, tail = _prints(file, self.offset)
        return source.size >= self.offset and (head, tail) == (self.head, self.tail)

    def resumed(self, fresh: "Mark") -> "Mark":
        """Give the mark to go on from; of a file read to its end before, as it is now."""
        seen = fresh if self.is_done else self
        return replace(self, size=seen.size, mtime_ns=seen.mtime_ns, is_done=False)

    def behind(self, place: Place, file: BinaryIO, *, until: str, is_done: bool) -> "Mark":
        """Give the mark at a place further on."""
        head, tail = _prints(file, place.offset)
        return replace(
            self,
            offset=place.offset,
            row=place.row,
            head=head,
            tail=tail,
            until=until,
            is_done=is_done,
        )


@dataclass(slots=True)
class Progress:
    """How far a stream of activities is read.

    Attributes:
        gone: Files that were no more in this pull.
        anew: Files that are others than they were.
        is_last: The pull has come to its end.
    """

    files: dict[str, Mark] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    anew: list[str] = field(default_factory=list)
    is_last: bool = True

    @classmethod
    def of(cls, bookmark: Bookmark) -> "Progress":
        """Read a bookmark; one that cannot be read is the beginning."""
        told = parsed(bookmark)
        try:
            files = {name: Mark(**mark) for name, mark in told.pop("files", {}).items()}
            found = cls(files=files, **told)
        except (TypeError, AttributeError):
            return cls()
        if found.is_last:
            found.gone, found.anew = [], []
        return found

    def bookmark(self) -> Bookmark:
        """Write it down."""
        return written(asdict(self))

    def forget_all_but(self, names: Iterable[str]) -> None:
        """Note which files are gone; each is told in one pull."""
        for name in sorted(self.files.keys() - set(names)):
            if self.files.pop(name).offset:
                self.gone.append(name)


def parsed(bookmark: Bookmark) -> dict[str, Any]:
    """Read a bookmark's JSON; nothing at the beginning, and where it is none."""
    try:
        told = json.loads(bookmark or "{}")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def written(told: object) -> Bookmark:
    """Write a bookmark."""
    return Bookmark(json.dumps(told, separators=(",", ":"), sort_keys=True))


def _prints(file: BinaryIO, offset: int) -> tuple[str, str]:
    """Give what tells the beginning of a file, and what is before a place, from those of others."""
    return _print(file, 0, min(HEAD, offset)), _print(file, max(0, offset - HEAD), offset)


def _print(file: BinaryIO, begin: int, end: int) -> str:
    file.seek(begin)
    return hashlib.sha256(IN_PLACE.sub(b"", file.read(end - begin))).hexdigest()[:16]
