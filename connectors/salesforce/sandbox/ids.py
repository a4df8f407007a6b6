"""Record ids: 15 characters that tell case apart, and 3 more that make up for it."""

import functools
import string

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_CHECKSUM = string.ascii_uppercase + "012345"
_SHORT, _LONG = 15, 18
_INSTANCE = "5e0"


@functools.lru_cache(maxsize=4096)
def _checksum(chunk: str) -> str:
    return _CHECKSUM[sum(1 << at for at, char in enumerate(chunk) if "A" <= char <= "Z")]


@functools.lru_cache(maxsize=4096)
def _digits(number: int, width: int) -> str:
    text = ""
    for _ in range(width):
        number, digit = divmod(number, 62)
        text = ALPHABET[digit] + text
    return text


def long_id(short: str) -> str:
    """Give the 18 characters of an id of 15.

    Source:
        ``001M000000qfPyS`` is ``001M000000qfPySIAU``.
    """
    return short + _checksum(short[:5]) + _checksum(short[5:10]) + _checksum(short[10:])


def numbered_id(prefix: str, number: int) -> str:
    """Give the id of the nth record of an object, in 18 characters; ids sort as their numbers."""
    high, low = divmod(number, 62**2)
    return long_id(f"{prefix}{_INSTANCE}{_digits(high, 7)}{_digits(low, 2)}")


def is_id(text: str) -> bool:
    """Tell whether a text can be an id, of either length."""
    if len(text) not in {_SHORT, _LONG} or not (text.isascii() and text.isalnum()):
        return False
    return len(text) == _SHORT or long_id(text[:_SHORT]) == text


def normal_id(text: str) -> str:
    """Give an id, of either length, in 18 characters."""
    return long_id(text) if len(text) == _SHORT else text
