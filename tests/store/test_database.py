"""The tables and the ways rows are kept, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, event
from sqlmodel import Session, SQLModel, select

from app.errors import NotReady
from app.store import connections, tables
from app.store.database import is_current, migrate, open_database, upsert

AT = datetime(2026, 11, 20, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_the_migrations_make_the_tables_as_they_are_declared(database: Engine):
    with database.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []


def test_migrating_twice_changes_nothing(database: Engine):
    migrate(database)
    assert is_current(database)


def test_a_url_that_is_none_is_told_in_one_sentence():
    with pytest.raises(NotReady, match="TIELINE_DATABASE_URL"):
        open_database("nonsense")


def test_a_database_that_cannot_be_reached_is_told_in_one_sentence():
    database = open_database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(NotReady, match="cannot be used"):
        migrate(database)


def test_an_upsert_counts_only_rows_that_are_new_or_different(database: Engine):
    with Session(database) as session:
        first = [lease("a"), lease("b")]
        assert upsert(session, tables.Lease, first, compared=("holder",)) == 2
        assert upsert(session, tables.Lease, first, compared=("holder",)) == 0
        changed = [lease("a"), lease("b", holder="other")]
        assert upsert(session, tables.Lease, changed, compared=("holder",)) == 1


def test_an_upsert_that_compares_nothing_keeps_what_is_there(database: Engine):
    with Session(database) as session:
        upsert(session, tables.Lease, [lease("a")], compared=())
        upsert(session, tables.Lease, [lease("a", holder="other")], compared=())
        assert session.exec(select(tables.Lease.holder)).all() == ["one"]


def lease(name: str, holder: str = "one") -> dict[str, object]:
    return {"name": name, "holder": holder, "expires_at": AT, "fence": 1}


def test_times_come_back_aware_and_in_utc(database: Engine):
    with Session(database) as session:
        upsert(session, tables.Lease, [lease("a")], compared=())
        assert session.exec(select(tables.Lease.expires_at)).one() == AT


def test_a_lease_is_held_by_one_at_a_time(database: Engine):
    with Session(database) as session:
        assert connections.take_lease(session, "run", "one", at=AT, for_=MINUTE) == 1
        assert connections.take_lease(session, "run", "two", at=AT, for_=MINUTE) is None


def test_who_finds_a_lease_taken_writes_nothing(database: Engine):
    said: list[str] = []
    with Session(database) as session:
        connections.take_lease(session, "run", "one", at=AT, for_=MINUTE)
        event.listen(database, "before_cursor_execute", lambda *told: said.append(told[2]))
        assert connections.take_lease(session, "run", "two", at=AT, for_=MINUTE) is None
    assert [one.split()[0] for one in said] == ["SELECT"]


def test_a_lease_can_be_extended_by_its_holder(database: Engine):
    with Session(database) as session:
        connections.take_lease(session, "run", "one", at=AT, for_=MINUTE)
        again = AT + 0.9 * MINUTE
        assert connections.take_lease(session, "run", "one", at=again, for_=MINUTE) == 1
        assert connections.take_lease(session, "run", "two", at=AT + MINUTE, for_=MINUTE) is None


def test_a_lease_that_ran_out_goes_to_the_next_with_a_higher_fence(database: Engine):
    with Session(database) as session:
        connections.take_lease(session, "run", "one", at=AT, for_=MINUTE)
        later = AT + 2 * MINUTE
        assert connections.take_lease(session, "run", "two", at=later, for_=MINUTE) == 2
        assert connections.take_lease(session, "run", "one", at=later, for_=MINUTE) is None


def test_a_lease_given_back_is_free(database: Engine):
    with Session(database) as session:
        connections.take_lease(session, "run", "one", at=AT, for_=MINUTE)
        connections.give_back_lease(session, "run", "one", at=AT)
        assert connections.take_lease(session, "run", "two", at=AT, for_=MINUTE) == 2
