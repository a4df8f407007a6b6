"""Messages in an mbox file, one after the other, in memory that does not grow with the file.

Bodies are passed over: they are searched for the line that begins the next message, and nothing
else. A place is behind the headers of a message, so a message that is still being written when the
file is read is found again where it goes on.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

CHUNK = 1 << 20
LONGEST_HEADERS = 256 * 1024
LONGEST_LINE = 300
MARGIN = LONGEST_HEADERS + 2 * LONGEST_LINE

BEGINNING = b"\nFrom "
BLANK = re.compile(rb"\n\r?\n")
DATED = re.compile(rb"From \S.*\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b.*\d\d:\d\d.*\d{4}")
PLAIN = re.compile(rb"From( .*\d{4}.*|[ -]*)\r?$")
HEADER_LIKE = re.compile(rb"[!-9;-~]+:|>From |\r?\n")


class Message(NamedTuple):
    """The headers of a message.

    Attributes:
        begin: Where its first line begins.
        body: Where its body begins; its own beginning if it does not end before the file does.
        headers: None where they are too long to be any.
    """

    begin: int
    body: int
    headers: bytes | None


def messages(file: BinaryIO, start: int) -> Iterator[Message]:
    """Give the messages that begin at a place or behind it, which is a body's beginning or 0."""
    window = _Window(file, start)
    while (at := window.next_beginning()) is not None:
        line_end = window.buf.find(b"\n", at, at + LONGEST_LINE)
        if line_end < 0 or not _is_beginning(window.buf, at, line_end):
            window.at = at
            continue
        yield window.message(at, line_end)


class _Window:
    """What is in memory of the file.

    Attributes:
        buf: Some bytes of it.
        base: Where in the file they begin.
        at: Where in them the search goes on.
    """

    def __init__(self, file: BinaryIO, start: int) -> None:
        self._file = file
        before = min(start, 4)
        file.seek(start - before)
        self.buf, self.base = (b"", start - before) if start else (b"\n\n", -2)
        self._is_end, self.at = False, 0
        self._more(0)
        self.at = max(0, start - self.base - 1)

    def next_beginning(self) -> int | None:
        """Find what may begin a message; as much of it is in memory as headers can be long."""
        while True:
            found = self.buf.find(BEGINNING, self.at)
            if found >= 0 and (self._is_end or len(self.buf) - found > MARGIN):
                return found + 1
            if self._is_end:
                return None
            self._more(max(0, (found if found >= 0 else len(self.buf) - len(BEGINNING)) - 4))

    def message(self, at: int, line_end: int) -> Message:
        """Give the message that begins there, and go on behind its headers."""
        limit = min(len(self.buf), line_end + LONGEST_HEADERS)
        blank = BLANK.search(self.buf, line_end, limit)
        end = blank.start() + 1 if blank else limit
        following = self._following(line_end + 1, end)
        if following is not None:
            self.at = following - 1
            body = self.base + following
            return Message(self.base + at, body, self.buf[line_end + 1 : following])
        if blank:
            self.at = blank.end() - 1
            return Message(self.base + at, self.base + blank.end(), self.buf[line_end + 1 : end])
        self.at = line_end
        is_cut = self._is_end and limit == len(self.buf)
        if is_cut:
            self.at = limit
        behind = self.base + (at if is_cut else line_end + 1)
        return Message(self.base + at, behind, self.buf[line_end + 1 : end] if is_cut else None)

    def _following(self, begin: int, end: int) -> int | None:
        """Find a message that begins before the headers end: some writers forget blank lines."""
        at = self.buf.find(BEGINNING, begin - 1, end)
        while at >= 0:
            if DATED.match(self.buf, at + 1, min(end, at + LONGEST_LINE)):
                return at + 1
            at = self.buf.find(BEGINNING, at + 1, end)
        return None

    def _more(self, keep_from: int) -> None:
        """Read on, and let go of what is done with."""
        kept = self.buf[keep_from:]
        chunk = self._file.read(CHUNK)
        self._is_end = len(chunk) < CHUNK
        self.buf = kept + chunk
        self.base += keep_from
        self.at = max(0, self.at - keep_from)


def _is_beginning(buf: bytes, at: int, line_end: int) -> bool:
    """Whether a line begins a message, and is not one of a body that happens to look alike."""
    line = buf[at:line_end]
    if not HEADER_LIKE.match(buf, line_end + 1) and line_end + 1 < len(buf):
        return False
    if DATED.match(line):
        return True
    is_after_blank = buf[max(0, at - 3) : at].endswith((b"\n\n", b"\n\r\n"))
    return is_after_blank and PLAIN.match(line) is not None
