"""A pull that dies, before whichever statement: what is kept is whole, and the next goes on.

The form with processes that are really killed is in `tests/reliability/test_breaking.py`.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Engine, event
from sqlmodel import Session, select

from app.pipeline.link import Link
from app.pipeline.pull import pull
from app.store import tables
from connectors import Stream
from tests.conftest import add_connection
from tests.fakes import NOW, FakeConnector, colleague, contact, email

STREAMS = (Stream.CONTACTS, Stream.EMAILS)
MOST_STATEMENTS = 500
EVERY = 1 if os.environ.get("TIELINE_STEPS") else 3
"""Before which statements it dies: all of them with TIELINE_STEPS."""


class Death(BaseException):
    """The process is gone: nothing of it is left but what it has committed."""


@contextmanager
def dying(database: Engine, statement: int) -> Iterator[None]:
    """Have whoever uses the database die before so many statements more."""
    left = [statement]

    def count(*_: object) -> None:
        left[0] -= 1
        if not left[0]:
            raise Death

    event.listen(database, "before_cursor_execute", count)
    try:
        with suppress(Death):
            yield
    finally:
        event.remove(database, "before_cursor_execute", count)


def crm() -> FakeConnector:
    """Two pages of emails, beside one of contacts."""
    people = [colleague("Ada"), contact("Bo")]
    return FakeConnector([*people, *(email(n, "Ada", "Bo") for n in range(3))], page_size=2)


def pull_from(database: Engine, connection_id: int, fake: FakeConnector) -> None:
    pull(database, Link(connection_id, "Fake", fake, STREAMS), now=lambda: NOW)


def kept(database: Engine, connection_id: int) -> set[str]:
    with Session(database) as session:
        profiles = select(tables.Profile.external_id).where(
            tables.Profile.connection_id == connection_id, tables.Profile.is_seen
        )
        activities = select(tables.Activity.external_id).where(
            tables.Activity.connection_id == connection_id
        )
        return {*session.exec(profiles), *session.exec(activities)}


def deaths(database: Engine, whole: int) -> Iterator[int]:
    """Die before the first statement, a later one, and so on until a pull lives.

    Each time it is another connection's pull, and another pull takes up what it left; gives how
    many more calls that took than a pull that is left alone.
    """
    for statement in range(1, MOST_STATEMENTS, EVERY):
        connection_id, fake = add_connection(database, f"Fake {statement}"), crm()
        with dying(database, statement):
            pull_from(database, connection_id, fake)
            return
        pull_from(database, connection_id, fake)
        assert kept(database, connection_id) == {r.id for r in fake.records[1:]}
        yield fake.calls - whole


def test_a_pull_that_dies_before_any_statement_loses_nothing(database: Engine, connection_id: int):
    undisturbed = crm()
    pull_from(database, connection_id, undisturbed)
    repeated = list(deaths(database, undisturbed.calls))
    assert len(repeated) * EVERY > 20
    assert max(repeated) <= 2  # a page, and a look at what changed of what was done
