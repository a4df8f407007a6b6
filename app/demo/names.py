"""Pseudonyms: one name per number, no two people alike, the same on every machine."""

from pathlib import Path

_RECORD = Path(__file__).parent / "record"
_FIRST = (_RECORD / "first_names.txt").read_text(encoding="utf-8").split()
_LAST = (_RECORD / "last_names.txt").read_text(encoding="utf-8").split()
NAMES = len(_FIRST) * len(_LAST)
"""So many pseudonyms there are."""

_SPREAD = 7919  # a prime that divides neither count: neighbours in number are not so in name


def pseudonym(number: int) -> str:
    """Give a number's first and last name; no two numbers below 40,572 have the same."""
    first, last = divmod(number * _SPREAD % NAMES, len(_LAST))
    return f"{_FIRST[first]} {_LAST[last]}"


def address(name: str, domain: str) -> str:
    """Give the email address of a pseudonym at a domain."""
    return f"{name.lower().replace(' ', '.')}@{domain}"
