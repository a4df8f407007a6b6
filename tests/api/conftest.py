"""Services to ask, on SQLite and on PostgreSQL.

A test that only reads asks `client`, whose store is filled once and is the same for all tests. One
that changes something asks `own_client`, about `own`.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from app.main import create_app
from app.store.database import migrate, open_database
from tests.api.filled import Filled, company, link, settings
from tests.fakes import FakeConnector

KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


def fill(database: Engine) -> Filled:
    """Run the pipeline on a small company."""
    fake = FakeConnector(company())
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


@pytest.fixture(scope="session", params=KINDS)
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """A store with a small company in it, scored; only to be read."""
    with contextlib.ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path_factory.mktemp('api')}/tieline.db"
        else:
            cluster = request.getfixturevalue("postgres")
            url = cluster.url(stack.enter_context(cluster.database()))
        yield fill(stack.enter_context(migrated(url)))


@pytest.fixture(scope="session")
def client(filled: Filled) -> Iterator[TestClient]:
    """Somebody who asks the service on that store."""
    with TestClient(create_app(settings(filled.database))) as client:
        yield client


@pytest.fixture
def own(database: Engine) -> Filled:
    """The same, for one test alone."""
    return fill(database)


@pytest.fixture
def own_client(own: Filled) -> Iterator[TestClient]:
    """Somebody who asks the service on that store."""
    with TestClient(create_app(settings(own.database))) as client:
        yield client


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Engine]:
    """An empty SQLite store: for what has nothing to do with the database."""
    with migrated(f"sqlite:///{tmp_path}/tieline.db") as database:
        yield database


@pytest.fixture
def empty_client(empty: Engine) -> Iterator[TestClient]:
    """Somebody who asks a service on an empty store."""
    with TestClient(create_app(settings(empty))) as client:
        yield client
