"""World files: what to fill a sandbox CRM with, one record a line, for any CRM.

A file is JSON lines in UTF-8, gzipped or not; empty lines and lines that begin with ``#`` are
skipped. Each line is one object with its ``kind`` first, then the attributes of the record that
`_records` describes, those left out having their defaults::

    {"kind": "account", "id": "acme", "name": "Acme", "domain": "acme.example"}
    {"kind": "colleague", "id": "anne", "name": "Anne Abel", "addresses": ["anne@ours.example"]}
    {"kind": "contact", "id": "clara", "name": "Clara Crow", "account_id": "acme"}
    {"kind": "email", "id": "m1", "at": "2026-03-02T09:30:00Z", "recipients": 1, "participants":
     [{"role": "from", "person_id": "anne"}, {"role": "to", "address": "clara@acme.example"}]}

(the last on one line). Kinds are account, colleague, contact, lead, deal, email, meeting, call,
sms, chat and linkedin. Times have a zone. Ids are any texts; a record stands behind those that it
names: accounts, then people, then deals and activities. Files are read and written as streams: of
what has passed only the ids of accounts and people are kept.
"""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

from connectors._records import Account, Activity, Deal, ExternalId, Person, Record
from connectors._world_lines import BadLine, from_line
from connectors._world_texts import to_text

MOST_PROBLEMS = 20
"""So many malformed lines are told; who has more has another file."""

_GZIP = b"\x1f\x8b"
_FASTEST = 1


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that is no record, and why; counted from 1."""

    line: int
    reason: str

    def __str__(self) -> str:
        """Tell it as a compiler would."""
        return f"line {self.line}: {self.reason}"


class BadWorld(ValueError):
    """A world file cannot be used; `problems` are its first malformed lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)))


def write(records: Iterable[Record], file: Path) -> int:
    """Write records to a world file, gzipped if its name ends in ``.gz``.

    Returns:
        How many records there were.
    """
    count = 0
    with file.open("wb") as raw, _packed(raw, file) as out:
        for line in lines(records):
            out.write(line)
            count += 1
    return count


def lines(records: Iterable[Record]) -> Iterator[bytes]:
    """Give each record's line, with its end."""
    for record in records:
        yield to_text(record).encode() + b"\n"


def read(file: Path) -> Iterator[Record]:
    """Read a world file record by record.

    Raises:
        BadWorld: At the first malformed line, with those that follow.
        OSError: If the file cannot be read.
    """
    with file.open("rb") as raw:
        yield from parse(raw)


def parse(raw: BinaryIO, known: Iterable[ExternalId] | None = ()) -> Iterator[Record]:
    """Read the lines of an open world file.

    Args:
        raw: Gzipped or not; must be able to go back to its beginning.
        known: Ids that records may name although they are not in the file; None for any.

    Raises:
        BadWorld: As `read`.
    """
    is_packed = raw.read(2) == _GZIP
    raw.seek(0)
    numbered = _lines(gzip.GzipFile(fileobj=raw) if is_packed else raw)
    reader = _Reader(None if known is None else set(known))
    for number, line in numbered:
        found = reader.read(number, line)
        if isinstance(found, Problem):
            others = (reader.read(n, rest) for n, rest in numbered)
            more = islice((o for o in others if isinstance(o, Problem)), MOST_PROBLEMS - 1)
            raise BadWorld([found, *more])
        yield found


def _packed(raw: BinaryIO, file: Path) -> BinaryIO:
    """Pack without a name and time, so that the same records give the same bytes."""
    if file.suffix != ".gz":
        return raw
    return cast("BinaryIO", gzip.GzipFile("", "wb", _FASTEST, raw, mtime=0))


def _lines(raw: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    number = 0
    try:
        for number, line in enumerate(raw, 1):
            if line.strip() and not line.startswith(b"#"):
                yield number, line
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BadWorld([Problem(number + 1, "the gzipped file is cut short or damaged")]) from error


class _Reader:
    """Lines to records; remembers whom they may name."""

    def __init__(self, known: set[ExternalId] | None) -> None:
        self._known = known

    def read(self, number: int, line: bytes) -> Record | Problem:
        try:
            record = from_line(json.loads(line))
            self._check(record)
        except ValueError as error:
            return Problem(number, _sentence(error))
        return record

    def _check(self, record: Record) -> None:
        if self._known is None:
            return
        unknown = next((one for one in _named(record) if one not in self._known), None)
        if unknown is not None:
            raise BadLine(f"{unknown!r} is named before it is defined")
        if isinstance(record, Account | Person):
            if record.id in self._known:
                raise BadLine(f"there is a record {record.id!r} already")
            self._known.add(record.id)


def _named(record: Record) -> Iterator[ExternalId]:
    """The ids that a record names; a deal merged into another goes by the name of that."""
    match record:
        case Activity():
            named = [party.person_id for party in record.participants]
        case Deal():
            named = [record.account_id, record.owner_id, *(c.person_id for c in record.contacts)]
        case Person():
            named = [record.account_id, record.merged_into]
        case Account():
            named = [record.merged_into]
    yield from (one for one in named if one is not None)


def _sentence(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"this is no JSON: {error.msg} at column {error.colno}"
    if isinstance(error, UnicodeDecodeError):
        return "this is not UTF-8"
    return str(error)
