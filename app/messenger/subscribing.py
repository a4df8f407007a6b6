"""Who is told what happens: subscribing, the secrets that sign, and an end to it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session

from app.messenger.addresses import checked
from app.messenger.signing import new_secret
from app.security import Vault
from app.store import subscribers, tables
from app.store.events import EventType

BOTH_SIGN = timedelta(hours=24)
"""How long the secret before signs too: until then the new one is to be known."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a subscriber wants.

    Attributes:
        types: To be told of these; of everything if empty.
        with_names: To be told people's names beside their ids.
    """

    url: str
    types: Sequence[EventType] = ()
    with_names: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """A subscriber's new secret, which is shown this once."""

    subscriber_id: int
    secret: str


class Subscriptions:
    """Everybody who is told.

    Args:
        database: The store.
        vault: What secrets are sealed with.
        takes_loopback: Subscribers on this machine will do.
        now: Gives the time (aware, UTC).
    """

    def __init__(
        self,
        database: Engine,
        vault: Vault,
        *,
        takes_loopback: bool = False,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._vault = vault
        self._takes_loopback = takes_loopback
        self._now = now

    def subscribe(self, wish: Wish) -> Made:
        """Begin to tell somebody.

        Raises:
            Unreadable: If the address is none that anything may be sent to.
        """
        checked(wish.url, takes_loopback=self._takes_loopback)
        secret = new_secret()
        with Session(self._database) as session, session.begin():
            row = tables.Subscriber(
                url=wish.url,
                sealed=b"",
                types=[one.value for one in wish.types],
                with_names=wish.with_names,
                made_at=self._now(),
            )
            subscriber_id = subscribers.add(session, row)
            row.sealed = self._sealed(subscriber_id, [secret])
        return Made(subscriber_id, secret)

    def rotate(self, subscriber_id: int) -> Made:
        """Make a new secret; the one before signs too for a day.

        Raises:
            NotFound: If there is no such subscriber.
        """
        secret = new_secret()
        with Session(self._database) as session, session.begin():
            row = subscribers.get(session, subscriber_id)
            row.sealed = self._sealed(subscriber_id, [secret, self.signers(row)[0]])
            row.before_until = self._now() + BOTH_SIGN
            session.add(row)
        return Made(subscriber_id, secret)

    def end(self, subscriber_id: int) -> None:
        """Tell somebody nothing any more, and forget what they were told."""
        with Session(self._database) as session, session.begin():
            session.delete(subscribers.get(session, subscriber_id))

    def signers(self, row: tables.Subscriber) -> list[str]:
        """The secrets that sign now, the newest first."""
        opened = self._vault.open(row.sealed, _place(row.id or 0))
        known: list[str] = json.loads(opened)
        is_rotating = row.before_until is not None and row.before_until > self._now()
        return known if is_rotating else known[:1]

    def _sealed(self, subscriber_id: int, known: Sequence[str]) -> bytes:
        return self._vault.seal(json.dumps(known).encode(), _place(subscriber_id))


def _place(subscriber_id: int) -> str:
    return f"subscriber/{subscriber_id}/sealed"
