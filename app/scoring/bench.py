"""Who has trials worked out: a thread that gives each to a process of its own.

In a process of its own, because reading and scoring everything takes seconds, a back-test minutes,
and meanwhile no other thread of the service would answer as fast as it should. It only reads what
the pipeline wrote, so it needs no lease, and the pipeline does not wait for it.
"""

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlmodel import Session

from app.scoring.working import work_out
from app.store import trials
from app.store.database import open_database

logger = logging.getLogger("tieline.scoring")

LOOK_EVERY_S = 60.0
"""How often it is looked whether another replica left a trial behind; what is asked here wakes."""

NICER = 10
"""By how much the process lets others go first."""

STOP_LOOK_S = 0.2

KILLED = "Its process was ended from outside, perhaps for want of memory: see the log."


class Bench:
    """Has trials worked out, one after the other.

    Args:
        database: The store.
        now: Gives the time (aware, UTC).
    """

    def __init__(
        self, database: Engine, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._now = now
        self._asked = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="scoring", daemon=True)

    def start(self) -> None:
        """Begin, with what was left behind."""
        self._asked.set()
        self._thread.start()

    def wake(self) -> None:
        """Have a trial worked out that has been asked for."""
        self._asked.set()

    def stop(self, *, timeout_s: float = 20.0) -> None:
        """End, and leave what is not finished to whoever comes next."""
        self._stopping.set()
        self._asked.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def step(self) -> bool:
        """Have the trial worked out that waits longest; gives whether there was one."""
        with Session(self._database, expire_on_commit=False) as session, session.begin():
            trial = trials.claim(session, at=self._now())
        if trial is None or trial.id is None:
            return False
        end = self._apart(trial.id)
        with Session(self._database) as session, session.begin():
            if self._stopping.is_set():
                trials.give_back(session, trial.id)
            elif end != 0:
                trials.fail(session, trial.id, KILLED)
        return True

    def _work(self) -> None:
        while not self._stopping.is_set():
            self._asked.wait(LOOK_EVERY_S)
            self._asked.clear()
            try:
                while not self._stopping.is_set() and self.step():
                    pass
            except Exception:  # the one place: whatever it is, the next trial must come
                logger.exception("A trial of weights could not be had worked out.")

    def _apart(self, trial_id: int) -> int | None:
        """Work a trial out in a process of its own; gives how that ended, 0 if by itself."""
        url = self._database.url.render_as_string(hide_password=False)
        # Spawned, for a fork would take the locks of our threads along.
        started = multiprocessing.get_context("spawn").Process(
            target=_work_out, args=(url, trial_id), name="tieline-scoring", daemon=True
        )
        started.start()
        while started.is_alive() and not self._stopping.is_set():
            started.join(STOP_LOOK_S)
        if started.is_alive():
            started.terminate()
        started.join()
        return started.exitcode


def _work_out(url: str, trial_id: int) -> None:
    """What the process does; an interrupt in a terminal ends the service, and that ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(NICER)
    database = open_database(url)
    try:
        work_out(database, trial_id)
    finally:
        database.dispose()
