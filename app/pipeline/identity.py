"""What makes two records one person: what each can be known by, and what speaks against it.

A record is known by its addresses, and by its name at a company where its address is made of that
name: Anna Smith at anna.smith@acme.example is also the Anna Smith at a.smith@acme.example. A
name alone never is enough. What two records share joins them unless their names contradict each
other: then the address is no person's, but shared.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

from app.pipeline.mailboxes import Mailbox, canonical, company_domain, mailbox

_WORDS = re.compile(r"[^\W_]+")
_LEAST_ALIKE = 4
"""Words shorter than this are the same or not: of these too many differ by a letter or two."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that a record can be known by.

    Attributes:
        key: The same for all records that share it.
        reason: Why records that share it are one person.
        is_address: It is an address, and activities may name it.
    """

    key: str
    reason: str
    is_address: bool


def claims(name: str, addresses: Sequence[str]) -> Iterator[Claim]:
    """Give what a record is known by, the surest first.

    Addresses that are not one person's are left out, but for a record that is itself of a mailbox.
    """
    own = [canonical(address) for address in addresses if "@" in address]
    for address in dict.fromkeys(own):
        if mailbox(address) is Mailbox.PERSON or is_of_mailbox(name, address):
            yield Claim(address, f"the address {address}", is_address=True)
    for domain in dict.fromkeys(filter(None, map(company_domain, own))):
        locals_ = [a.partition("@")[0] for a in own if a.endswith(f"@{domain}")]
        if any(is_made_of(name, local) for local in locals_):
            key = f"{' '.join(sorted(words(name)))} @{domain}"
            reason = f"the same name, of which an address at {domain} is made"
            yield Claim(key, reason, is_address=False)


def words(name: str) -> list[str]:
    """Give the words of a name without accents and case."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return _WORDS.findall("".join(c for c in plain if not unicodedata.combining(c)))


def is_of_mailbox(name: str, address: str) -> bool:
    """Whether a record is a mailbox's, not a person's: it is named after it, or has no name."""
    local, _, domain = address.partition("@")
    own = set(words(name))
    return "@" in name or bool(own & set(words(local))) or own <= set(words(domain))


def is_made_of(name: str, local: str) -> bool:
    """Whether the first part of an address is made of a first and a last name, and nothing else."""
    found = words(name)
    if len(found) < 2 or len(found[0]) + len(found[-1]) < 4:  # noqa: PLR2004 two names, not initials
        return False
    first, last = found[0], found[-1]
    parts = {(first, last), (first[0], last), (first, last[0])}
    shapes = {"".join(order) for pair in parts for order in permutations(pair)}
    return re.sub(r"[._-]", "", local) in shapes


def contradict(one: str, other: str) -> bool:
    """Whether two names cannot be one person's: not a word or an initial is alike."""
    ours, theirs = words(one), words(other)
    if not ours or not theirs:
        return False
    return not any(_are_alike(a, b) for a in ours for b in theirs)


def _are_alike(one: str, other: str) -> bool:
    """Whether two words are the same, misspelt, or one the initial of the other."""
    if one == other or (min(len(one), len(other)) == 1 and one[0] == other[0]):
        return True
    if min(len(one), len(other)) < _LEAST_ALIKE:
        return False
    return _distance(one, other) <= (1 if min(len(one), len(other)) == _LEAST_ALIKE else 2)


def _distance(one: str, other: str) -> int:
    """How many letters must be changed, added or left out to make one word of another."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]
