"""What the readers of all kinds of files give: places, and what stands up to there. No I/O."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from connectors._records import Activity, ExternalId

FIRST_YEAR, LAST_YEAR = 1970, 2200


class Unreadable(ValueError):
    """A row that is no record; the message says why, never with its values."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a file is read.

    Attributes:
        offset: Bytes; reading goes on there.
        row: Lines, or events, before it.
    """

    offset: int = 0
    row: int = 0


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody whom a file names.

    Attributes:
        key: What their record's id is made of: an address, a profile's URL.
        weight: How much the name counts against others of the same person.
        is_own: One of us, whatever the address.
        linked_with: The address of the colleague whose list of connections names them; "" if none.
        linked_since: The day on which the two were connected.
    """

    key: str
    name: str = ""
    addresses: tuple[str, ...] = ()
    company: str = ""
    title: str = ""
    weight: int = 1
    is_own: bool = False
    linked_with: str = ""
    linked_since: date | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What one message, event or row told.

    Attributes:
        end: The place behind it.
        reason: Why it could not be read; empty where it could.
        where: What to call the row that could not be read, within its file.
    """

    end: Place
    activities: tuple[Activity, ...] = ()
    people: tuple[Named, ...] = ()
    reason: str = ""
    where: str = ""


@dataclass(frozen=True)
class Ours:
    """Whose files these are: our domains and addresses."""

    listed: tuple[str, ...]
    addresses: frozenset[str] = field(init=False)
    domains: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        addresses = frozenset(one for one in self.listed if "@" in one)
        object.__setattr__(self, "addresses", addresses)
        object.__setattr__(self, "domains", frozenset(self.listed) - addresses)

    def has(self, address: str) -> bool:
        """Whether an address is one of us."""
        return address in self.addresses or address.rpartition("@")[2] in self.domains

    def whose(self, name: str) -> str:
        """Tell whose a file is that is one member's own, by its path below the folder.

        Returns:
            The address of ours that a folder on the way to it is called by, or else the only one
            that was told; "" if that is nobody's.
        """
        called = [part.lower() for part in name.split("/")[:-1]]
        named = [part for part in called if "@" in part and self.has(part)]
        only = next(iter(self.addresses)) if len(self.addresses) == 1 else ""
        return named[-1] if named else only


def opaque(kind: str, *parts: str) -> ExternalId:
    """Make an id that is the same on every machine, and does not tell what it is made of."""
    told = "\0".join(parts).encode("utf-8", "surrogatepass")
    return ExternalId(f"{kind}:{hashlib.sha256(told).hexdigest()[:24]}")


@lru_cache(maxsize=65_536)
def person_id(key: str) -> ExternalId:
    """Give the id of somebody's record, by `Named.key`."""
    return opaque("person", key)


def account_id(company: str) -> ExternalId:
    """Give the id of a company that is known by its name alone."""
    return opaque("account", " ".join(company.casefold().split()))


def clean(text: str, longest: int = 200) -> str:
    """Give text in one line that every database takes."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.split())[:longest]


def sensible(at: datetime) -> datetime:
    """Give a time in UTC; one without a zone is.

    Raises:
        Unreadable: If it lies where no mail does.
    """
    try:
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (OverflowError, ValueError) as error:
        raise Unreadable("The date lies outside of all calendars.") from error
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise Unreadable(f"The date lies outside {FIRST_YEAR} to {LAST_YEAR}.")
    return at


def distinct(addresses: Iterable[str]) -> tuple[str, ...]:
    """Give each address once, in order."""
    return tuple(dict.fromkeys(addresses))


A_DAY = timedelta(days=1)
