"""A connection to write tests about, and a shorthand for running stages through it."""

from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from app import pipeline
from app.pipeline import Link, Report
from app.store import connections, tables
from connectors import Stream
from tests.fakes import NOW, FakeConnector

Run = Callable[..., list[Report]]

STREAMS = (Stream.COLLEAGUES, Stream.ACCOUNTS, Stream.CONTACTS, Stream.EMAILS, Stream.MEETINGS)


def add_connection(database: Engine, title: str = "Fake") -> int:
    with Session(database) as session, session.begin():
        connection = tables.Connection(
            crm="fake", title=title, tenant=title, credentials=b"", created_at=NOW
        )
        return connections.add(session, connection)


@pytest.fixture
def connection_id(database: Engine) -> int:
    return add_connection(database)


@pytest.fixture
def run(database: Engine, connection_id: int) -> Run:
    """Run stages of the pipeline against fake CRMs as of `NOW`; the first is the connection."""
    ids = [connection_id]

    def run(*fakes: FakeConnector, only: Sequence[str] = pipeline.STAGES) -> list[Report]:
        ids.extend(add_connection(database, f"Fake {n}") for n in range(len(ids), len(fakes)))
        links = [
            Link(i, f"Fake {n}", fake, STREAMS)
            for n, (i, fake) in enumerate(zip(ids, fakes, strict=False))
        ]
        return pipeline.run(database, links, only=only, now=lambda: NOW)

    return run
