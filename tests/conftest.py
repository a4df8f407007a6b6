"""What every test may ask for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.store.database import migrate, open_database

pytest_plugins = ["tests.postgres"]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database with all tables; a test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/tieline.db"
    else:
        url = request.getfixturevalue("postgres_url")
    engine = open_database(url)
    migrate(engine)
    yield engine
    engine.dispose()
