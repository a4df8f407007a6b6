"""The thread that tells subscribers what waits for them, again and again until they have heard."""

import json
import logging
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from app.messenger.sending import GONE, Outcome, Sender
from app.messenger.signing import headers
from app.messenger.subscribing import Subscriptions
from app.store import events, lookups, subscribers, tables
from app.store.events import DEAD, DELIVERED, PENDING, Tried, Waiting

logger = logging.getLogger("tieline.messenger")

WAITS = tuple(
    timedelta(seconds=s)
    for s in (5, 5 * 60, 30 * 60, *(3600 * hours for hours in (2, 5, 10, 14, 20, 24)))
)
"""From each attempt to the next; behind the last of them an event is dead."""

JITTER = 0.1
"""A wait is longer by up to so much of it, or all come back at once."""

LONGEST_WAIT = timedelta(days=1)

CLAIMED, CLAIMED_FOR = 10, timedelta(minutes=3)
"""Deliveries in one claim, and how long it lasts: longer than to try them all."""

AT_ONCE = 8
"""Subscribers who are told something at the same time."""

GONE_REASON = "It answered 410: it wants to hear nothing any more."

PEOPLE = ("colleague", "colleague_before", "contact")
"""What in an event is a person's id."""


class Messenger:
    """Delivers events, beside the service; several of them may work on one database.

    Args:
        database: The store.
        subscriptions: Everybody who is told.
        sender: Makes one attempt.
        now: Gives the time (aware, UTC).
        looks_every_s: How often it looks whether something is due.
    """

    def __init__(
        self,
        database: Engine,
        subscriptions: Subscriptions,
        sender: Sender,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        looks_every_s: float = 1.0,
    ) -> None:
        self.subscriptions = subscriptions
        self._database = database
        self._sender = sender
        self.now = now
        self._looks_every_s = looks_every_s
        self._stopping = threading.Event()
        self._busy: set[int] = set()
        self._forgot_at = now()
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="messenger")
        self._thread = threading.Thread(target=self._work, name="messenger", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; what is being sent is waited for, and all else stays due."""
        self._stopping.set()
        self._pool.shutdown(cancel_futures=True)
        if self._thread.is_alive():
            self._thread.join()

    def deliver_due(self) -> int:
        """Tell everybody what is due to them, one after the other; gives how much was tried."""
        with Session(self._database) as session:
            found = events.due(session, at=self.now())
        return sum(self._tell(one) for one in found)

    def test(self, subscriber_id: int) -> int:
        """Tell a subscriber of nothing, now and only once; gives the delivery's id.

        Raises:
            NotFound: If there is no such subscriber.
        """
        at = self.now()
        with Session(self._database) as session, session.begin():
            row = subscribers.get(session, subscriber_id)
            delivery_id = events.note_test(session, subscriber_id, at=at)
            claimed = events.claim_one(session, delivery_id, until=at + CLAIMED_FOR)
            session.expunge(row)
        for one in claimed:
            self._note(row, one, self._try(row, one), is_last=True)
        return delivery_id

    def _work(self) -> None:
        while not self._stopping.wait(self._looks_every_s):
            try:
                self._hand_out()
            except SQLAlchemyError:
                # The database is busy or away: what is due stays so.
                logger.warning("What is due to subscribers is not known.", exc_info=True)

    def _hand_out(self) -> None:
        with Session(self._database) as session:
            found = events.due(session, at=self.now())
        for subscriber_id in {*found} - self._busy:
            self._busy.add(subscriber_id)
            try:
                self._pool.submit(self._serve, subscriber_id)
            except RuntimeError:  # told to end just now
                return
        self._forget()

    def _serve(self, subscriber_id: int) -> None:
        """Tell one subscriber what is due, as far as they hear; nobody else waits for them."""
        try:
            while not self._stopping.is_set() and self._tell(subscriber_id) == CLAIMED:
                pass
        except Exception:  # the one place: whatever it is, it is tried again
            logger.exception("A subscriber could not be told.")
        finally:
            self._busy.discard(subscriber_id)

    def _tell(self, subscriber_id: int) -> int:
        """Try some of what is due to a subscriber, up to the first failure; gives how many."""
        at = self.now()
        with Session(self._database) as session, session.begin():
            row = subscribers.get(session, subscriber_id)
            claimed = events.claim(session, subscriber_id, at=at, for_=CLAIMED_FOR, limit=CLAIMED)
            session.expunge(row)
        for tried, one in enumerate(claimed, 1):
            outcome = self._try(row, one)
            self._note(row, one, outcome, is_last=one.attempts >= len(WAITS))
            if outcome.reason or self._stopping.is_set():
                self._give_back(claimed[tried:])
                return tried
        return len(claimed)

    def _try(self, row: tables.Subscriber, one: Waiting) -> Outcome:
        body = self._body(row, one)
        signed = headers(one.key, self.now(), body, self.subscriptions.signers(row))
        return self._sender.send(row.url, body, signed)

    def _body(self, row: tables.Subscriber, one: Waiting) -> bytes:
        """What is sent. Names are put in now: they are kept nowhere but with the people."""
        told: dict[str, Any] = dict(one.told)
        if row.with_names:
            ids = {v for k, v in told.items() if k in PEOPLE and isinstance(v, int)}
            with Session(self._database) as session:
                named = lookups.named(session, ids)
            names = {str(i): person.name for i, person in sorted(named.items())}
            told = {**told, "names": names}
        at = one.at.isoformat().replace("+00:00", "Z")
        sent = {"type": one.type, "timestamp": at, "data": told}
        return json.dumps(sent, separators=(",", ":")).encode()

    def _note(
        self, row: tables.Subscriber, one: Waiting, outcome: Outcome, *, is_last: bool
    ) -> None:
        at = self.now()
        state = DEAD if is_last else PENDING
        state = state if outcome.reason else DELIVERED
        tried = Tried(
            state,
            at,
            outcome.status,
            outcome.reason,
            outcome.milliseconds,
            at + _wait(one.attempts, outcome) if state == PENDING else None,
        )
        with Session(self._database) as session, session.begin():
            is_ours = events.finish(session, one, tried)
            if is_ours and outcome.status == GONE:
                events.give_up(session, row.id or 0, GONE_REASON)

    def _give_back(self, claimed: list[Waiting]) -> None:
        with Session(self._database) as session, session.begin():
            events.release(session, claimed)

    def _forget(self) -> None:
        """Once an hour, forget what is old."""
        if self.now() - self._forgot_at < timedelta(hours=1):
            return
        self._forgot_at = self.now()
        with Session(self._database) as session, session.begin():
            events.forget(session, at=self.now())


def _wait(attempts: int, outcome: Outcome) -> timedelta:
    """How long to wait after an attempt: what the subscriber asks for, if that is longer."""
    usual = WAITS[min(attempts, len(WAITS) - 1)] * (1 + JITTER * random.random())  # noqa: S311
    asked = timedelta(seconds=min(outcome.retry_after_s or 0, LONGEST_WAIT.total_seconds()))
    return max(usual, asked)
