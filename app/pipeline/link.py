"""An open connection, as a stage is given it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlmodel import Session

from app.allowance import Allowance, Unlimited
from app.store import connections
from app.store.connections import Part
from connectors import Connector, Stream, Target, TryLater


def as_it_is(name: str) -> str:
    """Give a field's name as it is."""
    return name


@dataclass(frozen=True, slots=True)
class Link:
    """An open connection.

    Attributes:
        title: What people call it.
        streams: What its CRM can be read for.
        targets: The kinds of records that custom fields are written to.
        swept: The streams of which a record can vanish without a word.
        allowance: The calls it may make.
        own_name: What the CRM calls a custom field of ours.
    """

    connection_id: int
    title: str
    connector: Connector
    streams: tuple[Stream, ...]
    targets: tuple[Target, ...] = tuple(Target)
    swept: tuple[Stream, ...] = ()
    allowance: Allowance | Unlimited = field(default_factory=Unlimited)
    own_name: Callable[[str], str] = as_it_is

    def hold(self, session: Session, part: Part | None = None) -> None:
        """Keep the connection as it is until the commit.

        Args:
            session: Nothing is committed.
            part: What it is used for now, which may be paused alone.

        Raises:
            NotFound: If it has been removed.
            TryLater: If it has been paused.
        """
        _stop(connections.hold(session, self.connection_id, part))

    def check(self, session: Session, part: Part | None = None) -> None:
        """See whether it may still be used.

        Raises:
            NotFound: If it has been removed.
            TryLater: If it has been paused.
        """
        _stop(connections.why_paused(session, self.connection_id, part))


def _stop(paused: str) -> None:
    if paused:
        raise TryLater(f"Paused while it was in use: {paused}")
