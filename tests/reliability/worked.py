"""A worker in a process of its own, which dies or is stopped wherever it is told to."""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from typing import Any

from sqlalchemy import event

from app import connections
from app.allowance import Allowance
from app.lease import Lease
from app.pipeline import Interrupted
from app.security import Vault
from app.store.database import open_database
from app.worker import Worker

AT_ONCE = get_context("forkserver")
AT_ONCE.set_forkserver_preload([__name__])

LEASE_FOR = timedelta(seconds=0.5)
"""Of the worker in the other process: its claims last twice as long."""


@dataclass(frozen=True)
class Place:
    """Where another process works, and where it is struck.

    Attributes:
        at: What time it is when it begins.
        statement: It is killed before so many statements of the database; 0 for never.
        call: It is stopped before so many calls of the CRM, between two transactions; 0 for never.
    """

    url: str
    key: str
    at: datetime
    statement: int = 0
    call: int = 0


def work_until(place: Place, is_struck: Event) -> None:
    """Do what is due, and be struck; runs in the other process."""
    database = open_database(place.url)
    ahead = place.at - datetime.now(UTC)
    statements, calls = [place.statement], [place.call]
    permit, take, between = Allowance.permit, Lease._take, threading.Lock()

    @event.listens_for(database, "before_cursor_execute")
    def count(*_: Any) -> None:  # noqa: ANN401 what SQLAlchemy tells
        _count_down(statements, signal.SIGKILL, is_struck)

    def permit_or_be_struck(self: Allowance) -> None:
        with between:  # who is stopped in the midst of a heartbeat keeps SQLite from all others
            _count_down(calls, signal.SIGSTOP, is_struck)
        permit(self)

    def take_unless_struck(self: Lease) -> int | None:
        with between:
            return take(self)

    # of this process alone
    Allowance.permit = permit_or_be_struck  # type: ignore[method-assign]
    Lease._take = take_unless_struck  # type: ignore[method-assign]
    open_links = partial(connections.opened, database, Vault(place.key))
    worker = Worker(
        database, open_links, now=lambda: datetime.now(UTC) + ahead, lease_for=LEASE_FOR
    )
    with contextlib.closing(worker), contextlib.suppress(Interrupted):
        worker.step()


def _count_down(left: list[int], blow: int, is_struck: Event) -> None:
    left[0] -= 1
    if left[0] == 0:
        is_struck.set()
        os.kill(os.getpid(), blow)


@contextlib.contextmanager
def struck(place: Place) -> Iterator[bool]:
    """Have another process work, and be struck; gives whether it was.

    One that was stopped goes on at the end of the context, and comes to its end.
    """
    is_struck = AT_ONCE.Event()
    process = AT_ONCE.Process(target=work_until, args=(place, is_struck))
    process.start()
    while not is_struck.wait(0.02) and process.is_alive():
        pass
    if place.statement:
        process.join()
    try:
        yield is_struck.is_set()
    finally:
        if process.is_alive() and process.pid is not None:
            os.kill(process.pid, signal.SIGCONT)
        process.join()
