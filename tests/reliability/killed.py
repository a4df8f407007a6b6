"""A pull in a process of its own, which dies without a word wherever it is told to."""

import importlib
import os
import signal
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

from sqlalchemy import event

from app import connections, pipeline
from app.security import Vault
from app.store.database import open_database

AT_ONCE = get_context("forkserver")
AT_ONCE.set_forkserver_preload([__name__])


@dataclass(frozen=True)
class Death:
    """Where a pull dies: behind so many pages, or before so many more statements of a page.

    Attributes:
        page: Behind how many pages.
        statement: And before how many statements then; 0 right behind the page.
    """

    page: int
    statement: int = 0


def pull_until(url: str, key: str, death: Death, size: tuple[str, str, int]) -> None:
    """Pull every connection, and be killed; runs in the process that dies."""
    module, name, rows = size
    setattr(importlib.import_module(module), name, rows)
    database = open_database(url)
    pages, statements = [death.page], [death.statement]

    def watch(_: object) -> None:
        pages[0] -= 1
        if pages[0] <= 0 and not death.statement:
            os.kill(os.getpid(), signal.SIGKILL)

    @event.listens_for(database, "before_cursor_execute")
    def count(*_: Any) -> None:  # noqa: ANN401 what SQLAlchemy tells
        statements[0] -= pages[0] <= 0
        if death.statement and statements[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    with connections.opened(database, Vault(key)) as links:
        pipeline.run(database, links, only=("pull",), watch=watch)


def die(url: str, key: str, death: Death, size: tuple[str, str, int]) -> bool:
    """Pull in another process; gives whether it was killed, and not done before."""
    process = AT_ONCE.Process(target=pull_until, args=(url, key, death, size))
    process.start()
    process.join()
    assert process.exitcode in {0, -signal.SIGKILL}
    return process.exitcode != 0
