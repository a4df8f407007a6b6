"""Services to ask, on SQLite and on PostgreSQL.

A test that only reads asks `client`, whose store is filled once and is the same for all tests. One
that changes something asks `own_client`, about `own`.
"""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from app.main import create_app
from app.store.database import migrate, open_database
from connectors import Record
from tests.api.asking import asking
from tests.api.filled import Filled, company, link, settings, two_offices
from tests.fakes import FakeConnector

KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


def fill(database: Engine, records: Sequence[Record] | None = None) -> Filled:
    """Run the pipeline on these records, or on a small company."""
    fake = FakeConnector(list(records or company()))
    filled = Filled(database, link(database, fake), fake)
    filled.run()
    return filled


@contextlib.contextmanager
def migrated(url: str) -> Iterator[Engine]:
    """Open a database with all tables."""
    database = open_database(url)
    migrate(database)
    yield database
    database.dispose()


@contextlib.contextmanager
def shared(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Open an empty store that several tests share."""
    with contextlib.ExitStack() as stack:
        if request.param == "sqlite":
            folder = request.getfixturevalue("tmp_path_factory").mktemp("api")
            url = f"sqlite:///{folder}/tieline.db"
        else:
            cluster = request.getfixturevalue("postgres")
            url = cluster.url(stack.enter_context(cluster.database()))
        yield stack.enter_context(migrated(url))


@pytest.fixture(scope="session", params=KINDS)
def filled(request: pytest.FixtureRequest) -> Iterator[Filled]:
    """A store with a small company in it, scored; only to be read."""
    with shared(request) as database:
        yield fill(database)


@pytest.fixture(scope="session", params=KINDS)
def joined(request: pytest.FixtureRequest) -> Iterator[Filled]:
    """A store with two offices in it that one tie joins, scored; only to be read."""
    with shared(request) as database:
        yield fill(database, two_offices())


@pytest.fixture(scope="session")
def joined_client(joined: Filled) -> Iterator[TestClient]:
    """Somebody who asks the service on that store."""
    with asking(create_app(settings(joined.database))) as client:
        yield client


@pytest.fixture(scope="session")
def client(filled: Filled) -> Iterator[TestClient]:
    """Somebody who asks the service on that store."""
    with asking(create_app(settings(filled.database))) as client:
        yield client


@pytest.fixture
def own(database: Engine) -> Filled:
    """The same, for one test alone."""
    return fill(database)


@pytest.fixture
def own_client(own: Filled) -> Iterator[TestClient]:
    """Somebody who asks the service on that store."""
    with asking(create_app(settings(own.database))) as client:
        yield client


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Engine]:
    """An empty SQLite store: for what has nothing to do with the database."""
    with migrated(f"sqlite:///{tmp_path}/tieline.db") as database:
        yield database


@pytest.fixture
def empty_client(empty: Engine) -> Iterator[TestClient]:
    """Somebody who asks a service on an empty store."""
    with asking(create_app(settings(empty))) as client:
        yield client
