"""Lines of text files in any of the encodings that programs write, with their places in bytes."""

import codecs
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from connectors.files.found import Place

LONGEST_LINE = 256 * 1024
SNIFFED = 64 * 1024


class Encoding(NamedTuple):
    """How a file is written; `mark` bytes at its beginning say so and are no text."""

    name: str
    mark: int = 0

    @property
    def width(self) -> int:
        """Bytes of a line's end."""
        return 2 if self.name.startswith("utf-16") else 1


MARKS = {
    codecs.BOM_UTF8: Encoding("utf-8", 3),
    codecs.BOM_UTF16_LE: Encoding("utf-16-le", 2),
    codecs.BOM_UTF16_BE: Encoding("utf-16-be", 2),
}


class Line(NamedTuple):
    """A line with its end, and the place behind it; `text` is None for one too long to be any."""

    end: Place
    text: str | None


def encoding_of(head: bytes) -> Encoding:
    """Tell how a file is written by how it begins."""
    for mark, encoding in MARKS.items():
        if head.startswith(mark):
            return encoding
    for first, name in enumerate(("utf-16-be", "utf-16-le")):
        if len(head) > 1 and not head[first:64:2].strip(b"\0"):
            return Encoding(name)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head[:SNIFFED])
    except UnicodeDecodeError:
        return Encoding("cp1252")
    return Encoding("utf-8")


def lines(file: BinaryIO, place: Place, encoding: Encoding) -> Iterator[Line]:
    """Give the lines from a place on; NULs are left out."""
    offset, row = max(place.offset, encoding.mark), place.row
    file.seek(offset)
    while raw := _line(file, encoding):
        is_whole = len(raw) < LONGEST_LINE
        offset += len(raw)
        while len(raw) >= LONGEST_LINE and not _is_end(raw, encoding):
            raw = _line(file, encoding)
            offset += len(raw)
        row += 1
        text = raw.decode(encoding.name, "replace").replace("\0", "") if is_whole else None
        yield Line(Place(offset, row), text)


def _line(file: BinaryIO, encoding: Encoding) -> bytes:
    """Read to the end of a line, and no further than a line can be long."""
    if encoding.width == 1:
        return file.readline(LONGEST_LINE)
    raw = bytearray(file.readline(LONGEST_LINE))
    while len(raw) < LONGEST_LINE:
        if len(raw) % 2:
            raw += file.read(1)
        if _is_end(raw, encoding):
            break
        more = file.readline(LONGEST_LINE - len(raw))
        if not more:
            break
        raw += more
    return bytes(raw)


def _is_end(raw: bytes | bytearray, encoding: Encoding) -> bool:
    """Whether what was read ends a line; nothing at all ends the file."""
    if encoding.width == 1:
        return not raw or raw.endswith(b"\n")
    return not raw or raw.endswith("\n".encode(encoding.name))
