"""Who was away while something was read is in it again once they are back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.pipeline.follow import follow
from app.pipeline.link import Link
from app.pipeline.mailboxes import canonical
from app.pipeline.pull import pull
from app.pipeline.resolve import resolve
from app.store import hints, identity, tables, wiping
from connectors import (
    Activity,
    Deal,
    DealContact,
    ExternalId,
    Hint,
    Participant,
    PermissionMissing,
    Record,
    Role,
    Stream,
)
from connectors._records import LONG_AGO
from tests.conftest import add_connection
from tests.fakes import NOW, FakeConnector, colleague, contact, email

STREAMS = (Stream.COLLEAGUES, Stream.CONTACTS, Stream.DEALS, Stream.EMAILS)
BO = contact("Bo")
BACK = replace(BO, title="Back")
GONE = replace(BO, is_deleted=True)
MAIL = email(1, "Ada", "Bo", "Cy")
WITHOUT_BO = email(1, "Ada", "Cy")

Pull = Callable[..., dict[str, int]]


@pytest.fixture
def connection_id(database: Engine) -> int:
    return add_connection(database)


@pytest.fixture
def read(database: Engine, connection_id: int) -> Pull:
    """Pull what a fake tells, after these records were added; it tells a record as it was last."""

    def read(fake: FakeConnector, *more: Record, days: int = 0) -> dict[str, int]:
        fake.records += more
        at = NOW + timedelta(days=days)
        return dict(pull(database, Link(connection_id, "Fake", fake, STREAMS), now=lambda: at))

    return read


@pytest.fixture
def fake() -> FakeConnector:
    return FakeConnector([colleague("Ada"), BO, contact("Cy"), MAIL], known_until=LONG_AGO)


def parties(database: Engine) -> set[str | None]:
    """Who is in the mail, by record, else by address."""
    with Session(database) as session:
        (mail,) = session.exec(select(tables.Activity))
        return {one or address for _, one, address in mail.participants}


def show(fake: FakeConnector, mail: Activity) -> None:
    """Have the CRM show the mail so from now on, and say nothing of it."""
    fake.records = [mail if isinstance(one, Activity) else one for one in fake.records]


def test_a_mail_that_was_read_without_somebody_names_them_again(
    fake: FakeConnector, read: Pull, database: Engine
):
    read(fake)
    read(fake, GONE, WITHOUT_BO)
    assert parties(database) == {"Ada", "Cy"}
    show(fake, MAIL)
    counts = read(fake, BACK)
    assert (parties(database), counts["rejoined"]) == ({"Ada", "Bo", "Cy"}, 1)


def test_one_who_was_never_known_to_be_away_is_in_it_again(
    fake: FakeConnector, read: Pull, database: Engine, connection_id: int
):
    read(fake)
    show(fake, WITHOUT_BO)
    told(database, connection_id, fake, MAIL.id)
    assert parties(database) == {"Ada", "Cy"}
    show(fake, MAIL)
    read(fake, BACK)
    assert parties(database) == {"Ada", "Bo", "Cy"}


def told(database: Engine, connection_id: int, fake: FakeConnector, mail: ExternalId) -> None:
    with Session(database) as session, session.begin():
        some = [Hint(Stream.EMAILS, mail)]
        hints.note(session, connection_id, some, at=NOW, due_at=NOW)
        claim = hints.claim(session, hints.Work.RECORDS, at=NOW, for_=timedelta(minutes=1))
    assert claim is not None
    link = Link(connection_id, "Fake", fake, STREAMS)
    follow(database, link, claim, now=lambda: NOW)


def test_an_address_that_was_forgotten_with_its_owner_comes_back_with_them(
    fake: FakeConnector, read: Pull, database: Engine
):
    by_address = Participant(Role.CC, address="bo@fake.example")
    show(fake, replace(WITHOUT_BO, participants=(*WITHOUT_BO.participants, by_address)))
    read(fake)
    resolve(database, at=NOW)
    read(fake, GONE)
    assert parties(database) == {"Ada", "Cy"}
    read(fake, BACK)
    assert parties(database) == {"Ada", "Cy", "bo@fake.example"}


def test_nothing_is_read_again_for_who_has_been_there_all_along(fake: FakeConnector, read: Pull):
    read(fake)
    assert read(fake, BACK)["calls"] == 1


def test_what_lost_somebody_for_good_is_read_again_once(fake: FakeConnector, read: Pull):
    read(fake)
    read(fake, WITHOUT_BO)
    show(fake, WITHOUT_BO)
    assert read(fake, BACK)["calls"] == 2
    assert read(fake, BO)["calls"] == 1


def test_a_crash_between_finding_and_reading_leaves_it_to_the_next_pull(
    fake: FakeConnector, read: Pull, database: Engine
):
    read(fake)
    read(fake, GONE, WITHOUT_BO)
    show(fake, MAIL)
    fake.answers_left = 2
    with pytest.raises(Exception, match="does not answer"):
        read(fake, BACK)
    fake.answers_left = None
    read(fake)
    assert parties(database) == {"Ada", "Bo", "Cy"}


def test_what_may_not_be_read_again_does_not_stop_the_pull(fake: FakeConnector, read: Pull):
    read(fake)
    read(fake, WITHOUT_BO)

    def refuse() -> None:
        fake.failures = [PermissionMissing("No emails for you.")] if fake.calls % 2 == 0 else []

    fake.calls, fake.after_call = 0, refuse
    assert read(fake, BACK)["changed"] == 1


def test_a_deal_names_who_is_back(read: Pull, database: Engine):
    deal = Deal(ExternalId("Deal"), "Deal", "Open", contacts=(DealContact(BO.id),))
    fake = FakeConnector([BO, deal], known_until=LONG_AGO)
    read(fake)
    read(fake, replace(deal, contacts=()))
    fake.records = [deal if isinstance(one, Deal) else one for one in fake.records]
    read(fake, BACK)
    with Session(database) as session:
        (kept,) = session.exec(select(tables.Deal))
    assert [person for person, *_ in kept.contacts] == ["Bo"]


def test_what_was_read_before_a_contact_was_shown_late_is_asked_for(
    fake: FakeConnector, read: Pull
):
    read(fake)
    fake.known_until = NOW
    late = replace(contact("Di"), created_at=NOW - timedelta(days=2), modified_at=NOW)
    assert read(fake, late)["calls"] == 2
    new = replace(contact("Ed"), created_at=NOW + timedelta(seconds=1), modified_at=NOW)
    assert read(fake, new)["calls"] == 1


def test_a_part_that_nobody_told_of_is_found_within_a_week(
    fake: FakeConnector, read: Pull, database: Engine
):
    show(fake, WITHOUT_BO)
    read(fake)
    show(fake, MAIL)
    read(fake)
    assert parties(database) == {"Ada", "Cy"}
    assert read(fake, days=8)["rejoined"] == 1
    assert parties(database) == {"Ada", "Bo", "Cy"}


def test_whose_address_stands_in_a_mail_is_known_to_be_in_it(fake: FakeConnector, read: Pull):
    by_address = Participant(Role.CC, address="bo@fake.example")
    show(fake, replace(MAIL, participants=(*WITHOUT_BO.participants, by_address)))
    read(fake)
    show(fake, MAIL)
    assert "rejoined" not in read(fake, days=8)


def test_of_who_is_erased_is_not_kept_what_they_were_missed_in(
    fake: FakeConnector, read: Pull, database: Engine, connection_id: int
):
    read(fake)
    read(fake, WITHOUT_BO)
    resolve(database, at=NOW)
    with Session(database) as session, session.begin():
        bo = identity.of_profiles(session, connection_id, [BO.id])
        assert session.exec(select(tables.Missed)).all() != []
        wiping.wipe(session, set(bo.values()), canonical)
        assert session.exec(select(tables.Missed)).all() == []
    show(fake, MAIL)
    assert read(fake, days=8)["calls"] == 1 + 1
