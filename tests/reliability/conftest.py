"""A CRM and a store that follows it, for each CRM."""

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.store.database import migrate, open_database
from connectors._sandbox import Server, open_server, running
from tests.hands import HANDS, PAGES, SWEPT_PAGES
from tests.reliability.following import Following, listen

PAGE = 5
"""Rows of a page, so that a few records are many pages."""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with open_server() as server:
        yield server


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables and nothing in them."""
    path = tmp_path_factory.mktemp("reliability") / "empty.db"
    engine = open_database(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture
def store(empty: Path, tmp_path: Path) -> Iterator[Engine]:
    shutil.copy(empty, tmp_path / "tieline.db")
    engine = open_database(f"sqlite:///{tmp_path}/tieline.db")
    yield engine
    engine.dispose()


@pytest.fixture(params=sorted(HANDS))
def name(request: pytest.FixtureRequest) -> str:
    """Each CRM that has a sandbox."""
    return str(request.param)


@pytest.fixture
def short_pages(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for where, size in (PAGES[name], SWEPT_PAGES[name]):
        monkeypatch.setattr(where, size, PAGE)


@pytest.fixture
def following(name: str, server: Server, store: Engine, short_pages: None) -> Iterator[Following]:  # noqa: ARG001
    """A CRM of some records with Tieline beside it, which has not read it yet."""
    yield from _following(name, server, store)


@pytest.fixture
def following_anywhere(
    name: str,
    server: Server,
    database: Engine,
    short_pages: None,  # noqa: ARG001
) -> Iterator[Following]:
    """The same on both kinds of databases."""
    yield from _following(name, server, database)


def _following(name: str, server: Server, database: Engine) -> Iterator[Following]:
    with running(name, server=server) as crm:
        found = Following(crm, database)
        handler, ours = listen(found.log), logging.getLogger("tieline")
        logging.getLogger().addHandler(handler)
        level = ours.level
        ours.setLevel(logging.DEBUG)
        try:
            found.fill()
            found.connect()
            yield found
        finally:
            ours.setLevel(level)
            logging.getLogger().removeHandler(handler)
