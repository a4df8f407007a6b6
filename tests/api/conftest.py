"""Services to ask, on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from app.main import create_app
from tests.api.filled import Filled, company, link, settings
from tests.fakes import FakeConnector


@pytest.fixture
def filled(database: Engine) -> Filled:
    """A store with a small company in it, scored."""
    fake = FakeConnector(company())
    found = Filled(database, link(database, fake), fake)
    found.run()
    return found


@pytest.fixture
def client(filled: Filled) -> Iterator[TestClient]:
    """Somebody who asks the service on that store."""
    with TestClient(create_app(settings(filled.database))) as client:
        yield client


@pytest.fixture
def empty_client(database: Engine) -> Iterator[TestClient]:
    """Somebody who asks a service on an empty store."""
    with TestClient(create_app(settings(database))) as client:
        yield client
