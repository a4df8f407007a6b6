"""Pseudonyms: one name per number, no two people alike, the same on every machine.

And what becomes of names and addresses in a CRM that people type into.
"""

from pathlib import Path

_RECORD = Path(__file__).parent / "record"
_FIRST = (_RECORD / "first_names.txt").read_text(encoding="utf-8").split()
_LAST = (_RECORD / "last_names.txt").read_text(encoding="utf-8").split()
NAMES = len(_FIRST) * len(_LAST)
"""So many pseudonyms there are."""

_SPREAD = 7919  # a prime that divides neither count: neighbours in number are not so in name
_TREES = (
    "Alder",
    "Birch",
    "Cedar",
    "Elm",
    "Fir",
    "Hazel",
    "Larch",
    "Maple",
    "Oak",
    "Pine",
    "Rowan",
)
_TRADES = ("Foods", "Freight", "Glass", "Labs", "Mutual", "Paper", "Power", "Textiles", "Tools")
FREEMAIL = ("gmail.com", "outlook.com", "yahoo.com", "gmx.net", "icloud.com")
SPELLINGS = 5
"""So many ways there are to spell a name otherwise."""


def pseudonym(number: int) -> str:
    """Give a number's first and last name; no two numbers below 40,572 have the same."""
    first, last = divmod(number * _SPREAD % NAMES, len(_LAST))
    return f"{_FIRST[first]} {_LAST[last]}"


def full_name(number: int) -> str:
    """Give a pseudonym; people beyond the last one are told apart by a number."""
    again, place = divmod(number, NAMES)
    return f"{pseudonym(place)}-{again + 1}" if again else pseudonym(place)


def account_name(number: int) -> tuple[str, str]:
    """Give an account's name and domain."""
    name = f"{_TREES[number % len(_TREES)]} {_TRADES[number // len(_TREES) % len(_TRADES)]}"
    again = number // (len(_TREES) * len(_TRADES))
    name = f"{name} {again + 1}" if again else name
    return name, name.lower().replace(" ", "-") + ".example"


def address(name: str, domain: str) -> str:
    """Give the email address of a pseudonym at a domain."""
    return f"{name.lower().replace(' ', '.')}@{domain}"


def private_address(name: str, number: int) -> str:
    """Give a pseudonym's address at one of the providers that give them to anybody."""
    return address(name, FREEMAIL[number % len(FREEMAIL)])


def alias(name: str, domain: str, *, has_initial: bool) -> str:
    """Give another address of a pseudonym at a domain.

    Args:
        name: Whose.
        domain: Where.
        has_initial: Of the first name the initial alone; where nobody else has the same.
    """
    first, _, last = name.lower().partition(" ")
    return f"{first[0]}.{last}@{domain}" if has_initial else f"{last}.{first}@{domain}"


def in_capitals(own: str) -> str:
    """Give an address as somebody typed it who likes capitals."""
    local, _, domain = own.partition("@")
    return f"{local.title()}@{domain.capitalize()}"


def misspelt(name: str, way: int) -> str:
    """Give a name as somebody else spells it, in one of `SPELLINGS` ways."""
    first, _, last = name.partition(" ")
    ways = (
        f"{last}, {first}",
        f"{first[0]}. {last}",
        name.upper(),
        f"{first}  {last.lower()}",
        f"{first} {last[:-2]}{last[-1]}{last[-2]}",
    )
    return ways[way % SPELLINGS]
