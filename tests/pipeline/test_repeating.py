"""The same input gives the same bytes, and every score says which model it is of."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, select

from app import engine, pipeline
from app.pipeline import Link
from app.store import tables
from app.store.database import migrate, open_database
from connectors import Record
from tests.conftest import Run, add_connection
from tests.fakes import NOW, STREAMS, FakeConnector, colleague, contact, email

OF_A_RUN: tuple[type[SQLModel], ...] = (
    tables.Snapshot,
    tables.Tie,
    tables.ScoreCard,
    tables.Recommendation,
)

Scored = Callable[[Sequence[Record]], list[str]]


def company() -> list[Record]:
    """Two years of mail of three colleagues with twenty contacts."""
    colleagues = [colleague(name) for name in ("Ada", "Cy", "Di")]
    records: list[Record] = [*colleagues, *(contact(f"C{n}") for n in range(20))]
    for n in range(240):
        ours, theirs, days_ago = colleagues[n % 3].id, f"C{n * 7 % 20}", 3 * n + n % 5
        one, other = (ours, theirs) if n % 4 else (theirs, ours)
        records.append(email(n, one, other, days_ago=days_ago))
    return records


@pytest.fixture
def scored(tmp_path: Path) -> Iterator[Scored]:
    """Run a company's records in a database of its own, and give all rows that it wrote."""
    databases: list[Engine] = []

    def run(records: Sequence[Record]) -> list[str]:
        database = open_database(f"sqlite:///{tmp_path}/{len(databases)}.db")
        databases.append(database)
        migrate(database)
        link = Link(add_connection(database), "Fake", FakeConnector(list(records)), STREAMS)
        pipeline.run(database, [link], now=lambda: NOW)
        with Session(database) as session:
            rows = [session.exec(select(table)).all() for table in OF_A_RUN]
        return [one.model_dump_json() for table in rows for one in table]

    yield run
    for database in databases:
        database.dispose()


def test_the_same_full_run_on_the_same_input_gives_the_same_bytes(scored: Scored):
    once, again = scored(company()), scored(company())
    assert len(once) > 2 * 20
    assert once == again


def test_another_contact_gives_other_bytes(scored: Scored):
    assert scored(company()) != scored([*company(), email(900, "Ada", "C3", days_ago=2)])


def test_every_score_says_which_model_it_is_of(run: Run, database: Engine):
    run(FakeConnector(company()))
    with Session(database) as session:
        cards = session.exec(select(tables.ScoreCard)).all()
        told = [json.loads(card.body)["model"] for card in cards]
        told += [one.model for one in session.exec(select(tables.Snapshot))]
    assert len(told) == 23 + 1
    assert set(told) == {engine.MODEL}
