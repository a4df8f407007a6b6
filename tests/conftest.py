"""What every test may ask for."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from sqlalchemy import Engine
from sqlmodel import Session

from app import pipeline
from app.__main__ import cli
from app.pipeline import Link, Report
from app.security import new_key
from app.store import connections, tables
from app.store.database import migrate, open_database
from tests.company import Company
from tests.fakes import NOW, STREAMS, FakeConnector
from tests.shell import Answer, Cli

if TYPE_CHECKING:  # pytest wants to be the first to import its plugins
    from tests.postgres import Cluster

pytest_plugins = ["tests.postgres"]

# A deadline would be a timed assertion; the machine's mood is no property of the code.
settings.register_profile("tieline", deadline=None)
settings.load_profile("tieline")

Run = Callable[..., list[Report]]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database with all tables; a test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        path = tmp_path / "tieline.db"
        shutil.copyfile(request.getfixturevalue("tables_in_a_file"), path)
        url = f"sqlite:///{path}"
    else:
        url = request.getfixturevalue("postgres_url_with_tables")
    engine = open_database(url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def tables_in_a_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All tables, made once: copying them takes less than making them."""
    path = tmp_path_factory.mktemp("tables") / "tieline.db"
    make_tables(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def tables_in_postgres(postgres: "Cluster") -> Iterator[str]:
    """The same, as the name of a database."""
    with postgres.database() as name:
        make_tables(postgres.url(name))
        yield name


@pytest.fixture
def postgres_url_with_tables(postgres: "Cluster", tables_in_postgres: str) -> Iterator[str]:
    """The address of an empty database with all tables, for one test."""
    with postgres.database(template=tables_in_postgres) as name:
        yield postgres.url(name)


def make_tables(url: str) -> None:
    engine = open_database(url)
    migrate(engine)
    engine.dispose()


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
def there(database: Engine, connection_id: int) -> Company:
    """A company that was read and scored."""
    there = Company(database, connection_id)
    there.read()
    there.score()
    return there


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


@pytest.fixture
def tieline(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Cli:
    """Run a command as a shell would, with a database and a key of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TIELINE_DATABASE_URL", f"sqlite:///{tmp_path}/tieline.db")
    monkeypatch.setenv("TIELINE_SECRET_KEY", new_key())
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> Answer:
        monkeypatch.setattr("sys.argv", ["tieline", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli()
        told = capsys.readouterr()
        return Answer(int(ended.value.code or 0), told.out, told.err)

    return run
