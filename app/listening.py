"""The CRMs' own streams of events, listened to: another way for hints to come in.

One replica listens to a connection at a time, by a lease. What was heard and the place behind it
are kept in one transaction, so after a crash nothing is missed, and little is heard twice. A
stream that breaks off is begun again, each time a little later.
"""

import contextlib
import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session

from app import hooks as incoming
from app.errors import NotFound
from app.lease import Lease
from app.pipeline import Interrupted, Link
from app.store import connections, hooks
from connectors import ConnectorError, Listening, NeedsAttention

logger = logging.getLogger("tieline.listening")

OpenLink = Callable[[int], AbstractContextManager[Link]]

LOOK_EVERY_S = 15.0
"""How often it is looked whom to listen to."""

LEASE_FOR = timedelta(minutes=1)
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 900.0


class Listener:
    """Listens to every connection whose admin wants it.

    Args:
        database: The store.
        open_link: Opens one connection, and closes it afterwards.
        now: Gives the time (aware, UTC).
    """

    def __init__(
        self,
        database: Engine,
        open_link: OpenLink,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._open_link = open_link
        self._now = now
        self._stopping = threading.Event()
        self._threads: dict[int, threading.Thread] = {}
        self._links: dict[int, Link] = {}
        self._thread = threading.Thread(target=self._look, name="listening", daemon=True)

    def start(self) -> None:
        """Begin, in threads."""
        self._thread.start()

    def stop(self, *, timeout_s: float = 5.0) -> None:
        """End; what is being kept is kept."""
        self._stopping.set()
        for link in list(self._links.values()):
            link.connector.close()
        for thread in (self._thread, *self._threads.values()):
            if thread.is_alive():
                thread.join(timeout_s)

    def listen(self, connection_id: int) -> None:
        """Listen to one connection until its stream breaks off, or nobody wants it any more.

        Raises:
            ConnectorError: If the stream breaks off.
            Interrupted: If somebody else listens meanwhile, or we end.
        """
        lease = Lease(
            self._database, lasts=LEASE_FOR, now=self._now, name=f"listening {connection_id}"
        )
        with lease.held() as is_ours, contextlib.ExitStack() as stack:
            place = self._place(connection_id)
            if not is_ours or place is None:
                return
            link = stack.enter_context(self._open_link(connection_id))
            if not isinstance(link.connector, Listening):
                return
            self._links[connection_id] = link
            self._note(connection_id, "")
            stack.callback(self._links.pop, connection_id, None)
            for heard in link.connector.listen(place):
                lease.check()
                with Session(self._database) as session, session.begin():
                    connections.get(session, connection_id)
                    incoming.keep(session, connection_id, heard.hints, at=self._now())
                    hooks.move(session, connection_id, heard.place)
                if self._stopping.is_set() or self._place(connection_id) is None:
                    return

    def _place(self, connection_id: int) -> str | None:
        """Where to go on; None if nobody wants it, or the connection is paused."""
        with Session(self._database) as session:
            hook = hooks.get(session, connection_id)
            if hook is None or not hook.is_listening:
                return None
            return None if connections.get(session, connection_id).paused else hook.place

    def _note(self, connection_id: int, reason: str) -> None:
        """Keep for the admin why nothing is heard."""
        with Session(self._database) as session, session.begin():
            hooks.note_trouble(session, connection_id, reason)

    def _look(self) -> None:
        """Have a thread for every connection that is to be listened to."""
        while not self._stopping.is_set():
            try:
                with Session(self._database) as session:
                    wanted = hooks.listening(session)
            except Exception:  # the one place: it is looked again
                logger.exception("It could not be looked whom to listen to.")
                wanted = ()
            for one in wanted:
                if one not in self._threads or not self._threads[one].is_alive():
                    self._threads[one] = threading.Thread(
                        target=self._keep_listening, args=(one,), name="listening", daemon=True
                    )
                    self._threads[one].start()
            self._stopping.wait(LOOK_EVERY_S)

    def _keep_listening(self, connection_id: int) -> None:
        """Listen, and again when the stream breaks off; what needs a person ends it for a while."""
        wait_s = FIRST_WAIT_S
        while not self._stopping.is_set():
            begun = self._now()
            try:
                self.listen(connection_id)
            except (Interrupted, NotFound):
                return
            except NeedsAttention as error:
                logger.warning("Events cannot be heard.", extra={"reason": str(error)})
                self._note(connection_id, str(error))
                wait_s = LONGEST_WAIT_S
            except ConnectorError as error:
                logger.info("The stream broke off.", extra={"reason": str(error)})
            except Exception:  # the one place: it is begun again
                logger.exception("Listening failed.")
            else:
                return
            if self._now() - begun > timedelta(seconds=10 * wait_s):
                wait_s = FIRST_WAIT_S
            self._stopping.wait(wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)
