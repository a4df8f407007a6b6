"""Records that are gone: what is left of them."""

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.store import records, sweeps, tables
from connectors import START, ExternalId, Page, Stream
from tests.fakes import contact, email


@pytest.fixture
def kept(database: Engine, connection_id: int) -> Engine:
    with Session(database) as session, session.begin():
        people = tuple(contact(name) for name in ("Bo", "Cy"))
        records.keep(session, connection_id, Page(Stream.CONTACTS, people, START, is_last=True))
        mail = (email(1, "Ada", "Bo"),)
        records.keep(session, connection_id, Page(Stream.EMAILS, mail, START, is_last=True))
    return database


def bury(database: Engine, connection_id: int, stream: Stream, *ids: str) -> int:
    with Session(database) as session, session.begin():
        found = [ExternalId(one) for one in ids]
        return sweeps.bury_these(session, connection_id, stream, found)


def test_of_a_contact_whom_the_crm_does_not_know_only_the_id_is_left(
    kept: Engine, connection_id: int
):
    assert bury(kept, connection_id, Stream.CONTACTS, "Bo", "Nobody") == 1
    with Session(kept) as session:
        found = {row.external_id: row for row in session.exec(select(tables.Profile))}
    assert (found["Bo"].is_deleted, found["Bo"].name, found["Bo"].addresses) == (True, "", [])
    assert not found["Cy"].is_deleted


def test_an_activity_is_gone_of_its_own_stream_alone(kept: Engine, connection_id: int):
    assert bury(kept, connection_id, Stream.CALLS, "email 1") == 0
    assert bury(kept, connection_id, Stream.EMAILS, "email 1") == 1
    assert bury(kept, connection_id, Stream.EMAILS, "email 1") == 0
