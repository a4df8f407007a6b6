"""A write-back in a process of its own, which dies before whichever statement it is told to."""

import os
import signal
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import event
from sqlmodel import Session

from app import connections, pipeline
from app.pipeline import INTERRUPTED, sending
from app.security import Vault
from app.store import lookups
from app.store.database import open_database
from tests.reliability.killed import AT_ONCE


def write_until(url: str, key: str, statement: int, stage: str) -> None:
    """Write every connection, and be killed before a statement; runs in the process that dies."""
    sending.BATCH = 1
    database = open_database(url)
    with Session(database) as session, session.begin():
        lookups.end_orphans(session, at=datetime.now(UTC), reason=INTERRUPTED)
    left = [statement]

    @event.listens_for(database, "before_cursor_execute")
    def count(*_: Any) -> None:  # noqa: ANN401 what SQLAlchemy tells
        left[0] -= 1
        if left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    with connections.opened(database, Vault(key)) as links:
        pipeline.run(database, links, only=(stage,))


def die(url: str, key: str, statement: int, stage: str) -> bool:
    """Write in another process; gives whether it was killed, and not done before."""
    process = AT_ONCE.Process(target=write_until, args=(url, key, statement, stage))
    process.start()
    process.join()
    assert process.exitcode in {0, -signal.SIGKILL}
    return process.exitcode != 0
