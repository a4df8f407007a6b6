"""Names and addresses out of the headers of mail, however broken."""

import base64
import binascii
import quopri
import re
from collections.abc import Iterator, Sequence
from email.utils import getaddresses
from functools import lru_cache
from typing import NamedTuple

from connectors.files.found import clean

LONGEST_HEADER = 64 * 1024
LONGEST_ADDRESS = 254
LONGEST_KNOWN = 512
MOST_COMMENTS = 50
ENCODED_WORD = re.compile(r"=\?([\w.:-]{1,40})(?:\*[\w-]*)?\?([bBqQ])\?([^?]*)\?=")
BETWEEN_WORDS = re.compile(r"(\?=)\s+(=\?)")
_ADDRESS = r"[^\s<>\"',;:()\[\]\\@]{1,64}@[^\s<>\"',;:()\[\]\\@]{1,255}"
ADDRESS = re.compile(_ADDRESS)
PLAIN = re.compile(
    rf"(?:(\"[^\"\\]*\"[ \t]*|[^<>\"@,;:\\()]*)<({_ADDRESS})>|({_ADDRESS}))[ \t]*(?:,|$)[ \t]*"
)
"""One of a list as most programs write them; what is not so is left to a slower reader."""


class Mailbox(NamedTuple):
    """Somebody in a header; the address in lower case, the name as it is read."""

    name: str
    address: str


def mailboxes(header: str) -> Sequence[Mailbox]:
    """Give those whom a header names that have an address, in order."""
    if len(header) <= LONGEST_KNOWN:
        return _known(header)
    return tuple(_mailboxes(header[:LONGEST_HEADER]))


@lru_cache(maxsize=4096)
def _known(header: str) -> Sequence[Mailbox]:
    """Remember short headers: the same people write to each other."""
    return tuple(_mailboxes(header))


def _mailboxes(header: str) -> Iterator[Mailbox]:
    for name, address in _pairs(header):
        spelt = ADDRESS.search(address)
        if spelt is None or len(spelt[0]) > LONGEST_ADDRESS:
            continue
        yield Mailbox(name_of(name), clean(spelt[0].lower(), LONGEST_ADDRESS))


def _pairs(header: str) -> Sequence[tuple[str, str]]:
    """Take a header apart into names and addresses."""
    header, at = header.strip(), 0
    found: list[tuple[str, str]] = []
    while plain := PLAIN.match(header, at):
        found.append((plain[1] or "", plain[2] or plain[3]))
        at = plain.end()
    if at >= len(header):
        return found
    if header.count("(") <= MOST_COMMENTS:  # the standard library nests as deep as they do
        found = [(name, address) for name, address in getaddresses([header]) if "@" in address]
    return found or [("", address) for address in ADDRESS.findall(header)]


def name_of(text: str) -> str:
    """Give a name as people say it; nothing for an address put there instead."""
    called = clean(decoded(text)).strip("'\" ")
    return "" if "@" in called else _in_order(called)


def decoded(text: str) -> str:
    """Read encoded words (RFC 2047); what cannot be read is left out."""
    return ENCODED_WORD.sub(_word, BETWEEN_WORDS.sub(r"\1\2", text))


def unraw(value: bytes) -> str:
    """Read a header that ought to be ASCII, and often is UTF-8 or Latin-1."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("cp1252", "replace")


def _word(match: re.Match[str]) -> str:
    charset, encoding, text = match.groups()
    raw = text.encode("ascii", "ignore")
    if encoding in "bB":
        try:
            raw = base64.b64decode(raw + b"=" * (-len(raw) % 4))
        except binascii.Error:
            return ""
    else:
        raw = quopri.decodestring(raw, header=True)
    try:
        return raw.decode(charset, "replace")
    except (LookupError, UnicodeError, ValueError):
        return unraw(raw)


def _in_order(name: str) -> str:
    """Turn ``Crow, Clara`` round."""
    last, comma, first = name.partition(", ")
    return f"{first} {last}" if comma and first and "," not in first else name
