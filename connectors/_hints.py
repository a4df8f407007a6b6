"""What a CRM tells us by itself: which records to read again, and never what is in them.

Nothing of a delivery is read before it has proved whose it is.
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, runtime_checkable

from connectors._records import ExternalId, Stream

WINDOW = timedelta(minutes=5)
"""How far the moment that a delivery is signed for may be from now."""


_DIGITS = 14
"""More has no time in milliseconds for the next thousand years."""


class Forged(Exception):
    """A delivery does not prove that it is its CRM's; the message says what is wrong with it."""


class Signer(StrEnum):
    """Whose secret proves a CRM's deliveries."""

    CRM = "crm"
    """The CRM's own, which an admin has to tell us."""
    TIELINE = "tieline"
    """Ours, which an admin has to tell the CRM."""
    NOBODY = "nobody"
    """It delivers nothing."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A request that says it is a CRM's, as it arrived.

    Attributes:
        url: The public address as we gave it to the CRM, and the query as it came.
        headers: By their names in lower case.
        at: When it arrived (aware, UTC).
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Hook:
    """What a delivery to a connection is held against.

    Attributes:
        tenant: The org's or portal's id.
        secrets: Any of them may have signed it; more than one while they are changed.
        takes_unsafe: An older signature is taken too, which does not wear off: whoever has once
            seen a delivery can repeat it. The admin's choice.
    """

    tenant: str
    secrets: Sequence[str]
    takes_unsafe: bool = False


@dataclass(frozen=True, slots=True)
class Hint:
    """A record that may be new, different or gone."""

    stream: Stream
    id: ExternalId


@dataclass(frozen=True, slots=True)
class Answer:
    """What the CRM wants to hear once its delivery is kept."""

    body: bytes = b""
    media_type: str = "text/plain"


@dataclass(frozen=True, slots=True)
class Hints:
    """What a delivery says.

    Attributes:
        hints: Each record once.
        events: The CRM's own ids of what it told, for the log.
        echoes: Events of what we wrote ourselves, which need nobody's attention.
        strange: Events of another tenant, of records that we do not read, or of no known shape.
        must_poll: Something happened whose records are not told: read what changed.
    """

    hints: tuple[Hint, ...] = ()
    events: tuple[str, ...] = ()
    echoes: int = 0
    strange: int = 0
    must_poll: bool = False
    answer: Answer = Answer()


@dataclass(frozen=True, slots=True)
class Heard:
    """What was told while a CRM was listened to, and where to go on behind it.

    Attributes:
        place: Opaque; to be kept together with the hints, or not at all.
    """

    hints: Hints
    place: str


@runtime_checkable
class Listening(Protocol):
    """A connector whose CRM has a stream of events."""

    def listen(self, place: str) -> Iterator[Heard]:
        """Give what changes, as it happens; ends only by an error, or when it is closed.

        Each is to be kept before the next is asked for. A place that is too old, or none, is
        answered by `must_poll` and by listening from now on.

        Args:
            place: Where it was left; "" from now on.

        Raises:
            ConnectorError: If the stream breaks off, or may not be listened to.
        """


def keyed(secret: str, said: bytes) -> bytes:
    """The HMAC-SHA256 of what was said."""
    return hmac.new(secret.encode(), said, hashlib.sha256).digest()


def check_same(shown: str, expected: Sequence[str]) -> None:
    """See that a signature is one of those it may be, all of them compared in constant time.

    Raises:
        Forged: If not.
    """
    as_bytes = shown.encode("utf-8", "surrogateescape")
    found = [hmac.compare_digest(as_bytes, one.encode()) for one in expected]
    if not any(found):
        raise Forged("The signature is not right.")


def check_moment(shown: str, at: datetime) -> None:
    """See that a moment, in milliseconds since 1970, is about now.

    Raises:
        Forged: If it is none, or further away than `WINDOW`.
    """
    if not (shown.isascii() and shown.isdigit() and len(shown) <= _DIGITS):
        raise Forged("The time it was signed at is missing.")
    if abs(at.timestamp() * 1000 - int(shown)) > WINDOW.total_seconds() * 1000:
        raise Forged("It was signed too long ago, or by a clock that is wrong.")
