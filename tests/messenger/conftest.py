"""A messenger with a clock of its own, and somebody who listens."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.messenger import Made, Messenger, Sender, Subscriptions, Wish
from app.security import Vault, new_key
from app.store import events, tables
from app.store.events import EventType, Happened
from tests.messenger.receivers import Receiver, receiving

PATIENCE_S = 20.0
"""How long a subscriber may take: on a busy machine none that answers is given up."""

SOON_S = 0.5
"""The same, where the subscriber never comes to an end."""


@dataclass
class Post:
    """A store in which things happen, and the messenger that tells of them.

    Attributes:
        patience_s: How long a subscriber may take.
    """

    database: Engine
    key: str = field(default_factory=new_key)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    patience_s: float = PATIENCE_S

    def messenger(self, sender: Sender | None = None) -> Messenger:
        """One of several processes."""
        subscriptions = Subscriptions(
            self.database, Vault(self.key), takes_loopback=True, now=self.now
        )
        sender = sender or Sender(takes_loopback=True, timeout_s=self.patience_s)
        return Messenger(self.database, subscriptions, sender, now=self.now, looks_every_s=0.02)

    def now(self) -> datetime:
        return self.at

    def pass_time(self, **by: float) -> None:
        self.at += timedelta(**by)

    def subscribe(self, url: str, *types: EventType, with_names: bool = False) -> Made:
        return self.messenger().subscriptions.subscribe(Wish(url, types, with_names))

    def happen(self, *numbers: int, type_: EventType = EventType.TIE_COOLING) -> None:
        """Have something happen, and be committed."""
        happened = [Happened(type_, {"colleague": 1, "contact": n}) for n in numbers]
        with Session(self.database) as session, session.begin():
            events.note(session, happened, at=self.at)

    def deliver(self) -> int:
        return self.messenger().deliver_due()

    def rows(self) -> list[tables.EventDelivery]:
        with Session(self.database) as session:
            query = select(tables.EventDelivery).order_by(col(tables.EventDelivery.id))
            return list(session.exec(query))

    def states(self) -> list[str]:
        return [row.state for row in self.rows()]


@pytest.fixture
def post(database: Engine) -> Post:
    return Post(database)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver
