"""How many calls a connection may make in a day, and what for.

A CRM's daily limit is everybody's. Of it we take a share, or what the admin allows us, and never
go near its end: other integrations must not stop because of us. Within our share the more urgent
may go further than the less: a search for vanished records stops first, then a first reading, then
writing back, then reading what changed, and what a webhook announced last.
"""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType

from sqlalchemy import Engine
from sqlmodel import Session

from app.store import connections, usage
from connectors import Quota, RateLimited


class Purpose(StrEnum):
    """What calls are made for, the most urgent first."""

    PUSHED = "pushed"
    CHANGES = "changes"
    WRITING = "writing"
    FIRST_READING = "first reading"
    SWEEPING = "sweeping"


REACH: Mapping[Purpose, float] = MappingProxyType(
    {
        Purpose.PUSHED: 1.0,
        Purpose.CHANGES: 0.9,
        Purpose.WRITING: 0.8,
        Purpose.FIRST_READING: 0.6,
        Purpose.SWEEPING: 0.5,
    }
)
"""The share of the day's allowance at which a purpose stops."""

OUR_SHARE = 0.5
"""Of the CRM's daily limit, unless the admin says another number of calls."""

NO_FURTHER = 0.9
"""The share of the CRM's daily limit, used by whomever, at which we make no more calls."""

FLUSHED_EVERY = 20
LOOK_AGAIN = timedelta(hours=1)


class Allowance:
    """The calls that one connection may still make today; counts those it makes.

    Args:
        database: Where calls are counted, so that a day outlives a process.
        connection_id: Whose allowance it is.
        now: Gives the time (aware, UTC).

    Attributes:
        quota: Gives the CRM's daily limit, as its last answer told it.
        guard: Raises what it likes if no call may be made for another reason.
    """

    def __init__(self, database: Engine, connection_id: int, now: Callable[[], datetime]) -> None:
        self._database = database
        self._connection_id = connection_id
        self._now = now
        self._purpose = Purpose.CHANGES
        self._fresh: Counter[str] = Counter()
        self._day = now().date()
        self._spent, self._given = self._look()
        self.quota: Callable[[], Quota | None] = lambda: None
        self.guard: Callable[[], None] = lambda: None

    @contextlib.contextmanager
    def spent_on(self, purpose: Purpose) -> Iterator[None]:
        """Say what calls are made for while the context lasts; they are counted at its end."""
        before, self._purpose = self._purpose, purpose
        self.flush()
        self._spent, self._given = self._look()  # others spend of it too
        try:
            yield
        finally:
            self._purpose = before
            self.flush()

    def permit(self) -> None:
        """Count a call that is about to be made.

        Raises:
            RateLimited: If it may not be made today, or not yet.
        """
        self.guard()
        if self._now().date() != self._day:
            self.flush()
            self._day = self._now().date()
            self._spent, self._given = self._look()
        quota = self.quota()
        limit = self._given if self._given is not None else _share(quota)
        if limit is not None and self._spent >= limit * REACH[self._purpose]:
            raise RateLimited(
                f"Today's allowance of {limit:,} calls is used up as far as {self._purpose} may: "
                "it goes on by itself after midnight (UTC); an admin may allow more.",
                retry_after_s=self._until_midnight_s(),
            )
        if quota is not None and quota.used >= quota.limit * NO_FURTHER:
            raise RateLimited(
                f"The CRM's calls for today are nearly used up ({quota.used:,} of "
                f"{quota.limit:,}, by all apps together): Tieline leaves the rest to others and "
                "goes on by itself.",
                retry_after_s=quota.frees_in_s or LOOK_AGAIN.total_seconds(),
            )
        self._spent += 1
        self._fresh[self._purpose.value] += 1
        if self._fresh.total() >= FLUSHED_EVERY:
            self.flush()

    def flush(self) -> None:
        """Keep the count."""
        if self._fresh:
            with Session(self._database) as session, session.begin():
                connections.hold(session, self._connection_id)
                usage.add(session, self._connection_id, self._day, self._fresh)
                if quota := self.quota():
                    usage.note_limit(session, self._connection_id, quota, at=self._now())
            self._fresh.clear()

    def _look(self) -> tuple[int, int | None]:
        with Session(self._database) as session:
            spent = sum(usage.on(session, self._connection_id, self._day).values())
            return spent, connections.get(session, self._connection_id).allowance

    def _until_midnight_s(self) -> float:
        tomorrow = datetime.combine(self._day + timedelta(days=1), time(), self._now().tzinfo)
        return (tomorrow - self._now()).total_seconds()


class Unlimited:
    """As many calls as anybody likes: for what is no CRM, and for tests."""

    guard: Callable[[], None]

    def spent_on(self, _: Purpose) -> contextlib.AbstractContextManager[None]:
        """Count nothing."""
        return contextlib.nullcontext()


def _share(quota: Quota | None) -> int | None:
    return None if quota is None else int(quota.limit * OUR_SHARE)
