"""Pull: nothing is missed, nothing is kept twice, nothing is kept by halves."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, func, select

from app.pipeline.link import Link
from app.pipeline.pull import pull
from app.store import connections, tables
from connectors import PermissionMissing, Stream, Unavailable
from tests.fakes import FakeConnector, colleague, contact, email

STREAMS = (Stream.COLLEAGUES, Stream.ACCOUNTS, Stream.CONTACTS, Stream.EMAILS)


def now() -> datetime:
    return datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def connection_id(database: Engine) -> int:
    with Session(database) as session, session.begin():
        connection = tables.Connection(
            crm="fake", title="Fake", tenant="fake", credentials=b"", created_at=now()
        )
        return connections.add(session, connection)


def crm(emails: int = 250) -> FakeConnector:
    people = [colleague("Ada"), contact("Bo")]
    return FakeConnector([*people, *(email(n, "Ada", "Bo") for n in range(emails))])


def kept(database: Engine) -> int:
    with Session(database) as session:
        return session.exec(select(func.count()).select_from(tables.Activity)).one()


def pull_all(
    database: Engine, connection_id: int, fake: FakeConnector, streams: Sequence[Stream] = STREAMS
) -> dict[str, int]:
    return dict(pull(database, Link(connection_id, "Fake", fake, tuple(streams)), now=now))


def test_everything_is_read_page_by_page(database: Engine, connection_id: int):
    counts = pull_all(database, connection_id, crm())
    assert counts == {"read": 252, "changed": 252, "malformed": 0, "calls": 3}
    assert kept(database) == 250


def test_reading_again_goes_on_behind_the_bookmark(database: Engine, connection_id: int):
    fake = crm()
    pull_all(database, connection_id, fake)
    fake.records.append(email(999, "Ada", "Bo"))
    assert pull_all(database, connection_id, fake)["read"] == 1


def test_a_record_that_did_not_change_is_not_counted_as_changed(
    database: Engine, connection_id: int
):
    pull_all(database, connection_id, crm())
    fake = FakeConnector([*crm().records, *crm().records])
    with Session(database) as session, session.begin():
        session.connection().execute(tables.StreamBookmark.__table__.delete())
    assert pull_all(database, connection_id, fake)["changed"] == 0


def test_a_permission_missing_for_one_stream_leaves_the_store_as_it_was(
    database: Engine, connection_id: int
):
    fake = crm()
    fake.failures = [PermissionMissing("No emails for you.")]
    with pytest.raises(PermissionMissing):
        pull_all(database, connection_id, fake)
    assert kept(database) == 0


def test_an_outage_between_two_pages_loses_nothing_and_repeats_nothing(
    database: Engine, connection_id: int
):
    fake = crm()
    fake.answers_left = 1
    with pytest.raises(Unavailable):
        pull_all(database, connection_id, fake)
    assert kept(database) == 100
    fake.answers_left = None
    assert pull_all(database, connection_id, fake)["read"] == 150
