"""A folder of files, and what a connector reads from it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from connectors import START, Activity, Bookmark, Page, Person, Record, Stream, files
from connectors.files.credentials import Credentials

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def mail(number: int = 1, **headers: str) -> bytes:
    """A message of an mbox file; a header given as empty is left out."""
    told = {
        "From": "Ada Lund <ada@near.example>",
        "To": '"Holm, Bo" <Bo@Far.example>',
        "Date": "Mon, 02 Mar 2026 10:30:00 +0100",
        "Message-ID": f"<{number}@near.example>",
        "Subject": "Top secret",
    }
    told |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{name}: {value}" for name, value in told.items() if value]
    return "\n".join(["From - Mon Mar  2 10:30:00 2026", *lines, "", "Body.", "", ""]).encode()


@dataclass
class Read:
    """What was read in one pull."""

    records: list[Record] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    bookmarks: dict[Stream, Bookmark] = field(default_factory=dict)

    @property
    def activities(self) -> list[Activity]:
        return [one for one in self.records if isinstance(one, Activity)]

    @property
    def people(self) -> dict[str, Person]:
        return {one.name: one for one in self.records if isinstance(one, Person)}

    @property
    def malformed(self) -> dict[str, str]:
        return {m.id or "": m.reason for page in self.pages for m in page.malformed}

    @property
    def gaps(self) -> set[str]:
        """What is told as missing at the end of the pull."""
        return {gap.what for page in self.pages if page.is_last for gap in page.gaps}


@dataclass
class Folder:
    """A folder and its connector."""

    path: Path
    own: str = "near.example"
    now: datetime = NOW
    calls: int = 0

    def put(self, name: str, content: bytes | str) -> Path:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    @contextmanager
    def connector(self) -> Iterator[files._Files]:
        given = Credentials(folder=str(self.path), own=self.own)
        connector = files._Files(given, lambda: None, lambda: self.now)
        yield connector
        self.calls = connector.calls
        connector.close()

    def read(
        self,
        bookmarks: Mapping[Stream, Bookmark] | None = None,
        streams: Sequence[Stream] = files.STREAMS,
    ) -> Read:
        """Read to the end."""
        found = Read()
        pending = dict(bookmarks or dict.fromkeys(streams, START))
        with self.connector() as connector:
            for _ in range(200):
                pages = connector.read(pending)
                found.pages += pages
                found.records += [record for page in pages for record in page.records]
                found.bookmarks |= {page.stream: page.bookmark for page in pages}
                pending = {page.stream: page.bookmark for page in pages if not page.is_last}
                if not pending:
                    return found
        raise AssertionError("Reading does not come to an end.")
