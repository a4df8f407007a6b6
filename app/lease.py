"""The right to run alone, among all threads and processes that work on one database."""

import contextlib
import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from app.pipeline import Interrupted
from app.store import connections, lookups

logger = logging.getLogger("tieline.lease")

LEASE = "pipeline"
"""What may be done alone, if nothing else is said."""

PAUSE_S = 0.05
"""How often it is looked whether a lease is free that is waited for."""


class Lease:
    """The right to run alone, kept by a heartbeat while it is held.

    Args:
        database: Where the lease is; every replica's.
        lasts: How long it lasts without a heartbeat.
        now: Gives the time (aware, UTC).
        is_brief: Whoever finds it taken may wait for it.
        name: What may be done alone.
    """

    def __init__(
        self,
        database: Engine,
        *,
        lasts: timedelta,
        now: Callable[[], datetime],
        is_brief: bool = False,
        name: str = LEASE,
    ) -> None:
        self._database = database
        self._name = name
        self._lasts = lasts
        self._now = now
        self._holder = (connections.BRIEFLY if is_brief else "") + secrets.token_hex(8)
        self._fence: int | None = None
        self._expires_at = now()
        self._given_back = threading.Event()

    @contextlib.contextmanager
    def held(self, *, patience_s: float = 0.0) -> Iterator[bool]:
        """Hold the lease while the context lasts; gives False if somebody else has it.

        Args:
            patience_s: How long to wait for somebody who has it briefly.
        """
        tries = 1 + round(patience_s / PAUSE_S)
        while (fence := self._take()) is None and tries > 1 and not self._is_long():
            tries -= 1
            time.sleep(PAUSE_S)
        self._fence = fence
        if self._fence is None:
            yield False
            return
        heart = threading.Thread(target=self._beat, name="lease", daemon=True)
        heart.start()
        try:
            yield True
        finally:
            self._given_back.set()
            heart.join()
            self._give_back()

    def check(self) -> None:
        """Make sure that the lease is still ours.

        Raises:
            Interrupted: If it has run out, or somebody else has had it since.
        """
        if self._fence is None or self._now() >= self._expires_at:
            raise Interrupted

    def _is_long(self) -> bool:
        """Whether somebody else has it for long."""
        with Session(self._database) as session:
            return lookups.is_held_long(session, self._name, at=self._now())

    def _take(self) -> int | None:
        at = self._now()
        with Session(self._database) as session, session.begin():
            fence = connections.take_lease(
                session, self._name, self._holder, at=at, for_=self._lasts
            )
        if fence is not None:
            self._expires_at = at + self._lasts
        return fence

    def _beat(self) -> None:
        """Extend the lease until it is given back; one that was lost is not taken again."""
        while not self._given_back.wait(self._lasts.total_seconds() / 4):
            try:
                fence = self._take()
            except SQLAlchemyError:
                # The database is busy or away: the lease lasts for three more beats.
                logger.warning("The lease could not be extended.", exc_info=True)
                continue
            if fence != self._fence:
                self._fence = None
                return

    def _give_back(self) -> None:
        with Session(self._database) as session, session.begin():
            connections.give_back_lease(session, self._name, self._holder, at=self._now())
