"""Records that are gone: what is left of them."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.store import records, sweeps, tables
from connectors import START, ExternalId, Page, Presence, Stream
from tests.fakes import NOW, contact, email


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


def look(database: Engine, connection_id: int, *there: str) -> list[str]:
    """Find these there; gives what is missing, and ends the search."""
    stream = Stream.CONTACTS
    with Session(database) as session, session.begin():
        sweeps.place(session, connection_id, stream, at=NOW)
        ids = tuple(ExternalId(one) for one in there)
        sweeps.keep(session, connection_id, stream, Presence(ids, START, is_last=True))
        missing = sweeps.missing(session, connection_id, stream, most=10)
        sweeps.bury(session, connection_id, stream)
    return list(missing)


def test_what_we_do_not_have_is_missing_by_id(kept: Engine, connection_id: int):
    with Session(kept) as session, session.begin():
        there = tuple(ExternalId(name) for name in ("Bo", "Cy", "Dee", "Eve"))
        stream = Stream.CONTACTS
        sweeps.place(session, connection_id, stream, at=NOW)
        sweeps.keep(session, connection_id, stream, Presence(there, START, is_last=True))
        assert sweeps.missing(session, connection_id, stream, most=1) == ["Dee"]
        assert sweeps.missing(session, connection_id, stream, after="Dee", most=9) == ["Eve"]


def test_what_was_buried_is_missing_until_the_crm_tells_of_it(kept: Engine, connection_id: int):
    assert look(kept, connection_id, "Cy") == []
    assert look(kept, connection_id, "Bo", "Cy") == ["Bo"]
    with Session(kept) as session, session.begin():
        sweeps.unearth(session, connection_id, Stream.CONTACTS, [ExternalId("Bo")])
    assert look(kept, connection_id, "Bo", "Cy") == []


def test_what_came_back_by_itself_is_not_missing(kept: Engine, connection_id: int):
    assert look(kept, connection_id, "Cy") == []
    with Session(kept) as session, session.begin():
        page = Page(Stream.CONTACTS, (contact("Bo"),), START, is_last=True)
        records.keep(session, connection_id, page)
    assert look(kept, connection_id, "Bo", "Cy") == []


def test_what_the_crm_says_is_deleted_is_not_missing(kept: Engine, connection_id: int):
    gone = replace(contact("Bo"), is_deleted=True)
    with Session(kept) as session, session.begin():
        records.keep(session, connection_id, Page(Stream.CONTACTS, (gone,), START, is_last=True))
    assert look(kept, connection_id, "Bo", "Cy") == []


def test_somebody_only_named_in_an_activity_is_missing(kept: Engine, connection_id: int):
    with Session(kept) as session, session.begin():
        session.get_one(tables.Profile, (connection_id, "Cy")).is_seen = False
    assert look(kept, connection_id, "Bo", "Cy") == ["Cy"]
