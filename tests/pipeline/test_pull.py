"""Pull: nothing is missed, nothing is kept twice, nothing is kept by halves."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, func, select

from app.pipeline.link import Link
from app.pipeline.pull import PEOPLE_AT_ONCE, pull
from app.store import connections, reading, tables
from connectors import (
    Bookmark,
    Deal,
    DealContact,
    ExternalId,
    Gap,
    Hint,
    PermissionMissing,
    Presence,
    StageChange,
    Stream,
    Unavailable,
)
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
    expected = {"read": 252, "changed": 252, "late": 0, "malformed": 0, "vanished": 0, "calls": 3}
    assert counts == expected
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


class Clock:
    """A clock that runs so far with every page that is kept."""

    def __init__(self, step: timedelta = timedelta()) -> None:
        self.at, self.step = now(), step

    def __call__(self) -> datetime:
        self.at += self.step
        return self.at


def run_pull(
    database: Engine, fake: FakeConnector, connection_id: int, clock: Clock, **link: object
) -> dict[str, int]:
    made = Link(connection_id, "Fake", fake, STREAMS, **link)
    return dict(pull(database, made, now=clock))


def test_what_is_not_shown_is_kept_until_it_is_shown(database: Engine, connection_id: int):
    fake = crm()
    fake.gaps = {Stream.CONTACTS: (Gap("Contact.Title", "Grant it."),)}
    pull_all(database, connection_id, fake)
    with Session(database) as session:
        assert [(g.stream, g.what) for g in reading.gaps(session, connection_id)] == [
            ("contacts", "Contact.Title")
        ]
    fake.gaps = {}
    pull_all(database, connection_id, fake)
    with Session(database) as session:
        assert reading.gaps(session, connection_id) == []


def test_a_stream_that_is_refused_leaves_the_others_readable(database: Engine, connection_id: int):
    fake = crm()
    fake.gaps = {Stream.EMAILS: (Gap("emails", "Grant the scope.", is_whole=True),)}
    assert pull_all(database, connection_id, fake)["read"] == 2
    with Session(database) as session:
        assert reading.is_complete(session, connection_id, STREAMS)


def test_a_stream_that_is_granted_later_is_read_from_its_beginning(
    database: Engine, connection_id: int
):
    fake = crm()
    fake.gaps = {Stream.EMAILS: (Gap("emails", "Grant the scope.", is_whole=True),)}
    pull_all(database, connection_id, fake)
    fake.gaps = {}
    assert pull_all(database, connection_id, fake)["read"] == 250


def test_a_change_that_was_not_shown_in_time_is_counted_as_late(
    database: Engine, connection_id: int
):
    fake = crm(emails=3)
    fake.known_until = now() - timedelta(minutes=5)
    stamps = [timedelta(minutes=-9), timedelta(minutes=-5), timedelta(0)]
    fake.records[2:] = [
        replace(record, modified_at=now() + stamp)
        for record, stamp in zip(fake.records[2:], stamps, strict=True)
    ]
    fake.records[:2] = [replace(record, modified_at=now()) for record in fake.records[:2]]
    assert pull_all(database, connection_id, fake)["late"] == 1


def test_what_was_known_is_not_late_when_it_is_read_again(database: Engine, connection_id: int):
    fake = crm(emails=3)
    pull_all(database, connection_id, fake)
    fake.records += fake.records
    fake.known_until = now()
    assert pull_all(database, connection_id, fake)["late"] == 0


def test_a_first_reading_does_not_keep_changes_waiting(database: Engine, connection_id: int):
    fake = crm(emails=1000)
    fake.gaps = {Stream.EMAILS: (Gap("emails", "Grant the scope.", is_whole=True),)}
    clock = Clock(timedelta(minutes=1))
    run_pull(database, fake, connection_id, clock)
    fake.gaps = {}
    seen: list[str] = []
    fake.after_call = lambda: fake.calls == 4 and fake.records.insert(2, contact("Cy"))
    made = Link(connection_id, "Fake", fake, STREAMS)
    pull(database, made, now=clock, watch=lambda p: seen.append(f"{p.about} {p.done}"))
    assert seen.index("contacts 1") < seen.index("emails 1000")


def test_how_far_a_first_reading_is_can_be_told(database: Engine, connection_id: int):
    fake = crm(emails=1000)
    fake.answers_left = 3
    with pytest.raises(Unavailable):
        pull_all(database, connection_id, fake)
    with Session(database) as session:
        (emails,) = [p for p in reading.progress(session, connection_id) if p.stream == "emails"]
    assert (emails.done, emails.left, emails.is_caught_up) == (300, 700, False)


def test_what_vanished_without_a_word_is_found_within_a_week(database: Engine, connection_id: int):
    fake, clock = crm(emails=250), Clock()
    swept = {"swept": (Stream.CONTACTS, Stream.EMAILS)}
    run_pull(database, fake, connection_id, clock, **swept)
    gone = [fake.records.pop(), fake.records.pop(1)]
    clock.at += timedelta(days=6)
    assert run_pull(database, fake, connection_id, clock, **swept)["vanished"] == 0
    clock.at += timedelta(days=1)
    assert run_pull(database, fake, connection_id, clock, **swept)["vanished"] == len(gone)
    with Session(database) as session:
        bo = session.get_one(tables.Profile, (connection_id, "Bo"))
        email = session.get_one(tables.Activity, (connection_id, gone[0].id))
        assert (bo.is_deleted, email.is_deleted, bo.is_resolved) == (True, True, False)


def test_that_most_of_a_stream_vanished_is_believed_when_it_is_seen_twice(
    database: Engine, connection_id: int
):
    fake, clock = crm(emails=200), Clock()
    swept = {"swept": (Stream.EMAILS,)}
    run_pull(database, fake, connection_id, clock, **swept)
    del fake.records[-150:]
    found = []
    for _ in range(3):
        clock.at += timedelta(days=8)
        found.append(run_pull(database, fake, connection_id, clock, **swept)["vanished"])
    assert found == [0, 150, 0]


def test_a_stream_that_we_may_not_look_at_has_lost_nothing(database: Engine, connection_id: int):
    fake, clock = crm(emails=3), Clock()
    swept = {"swept": (Stream.EMAILS,)}
    run_pull(database, fake, connection_id, clock, **swept)
    clock.at += timedelta(days=8)
    fake.after_call = lambda: fake.calls == 3 and fake.failures.append(PermissionMissing("No."))
    assert run_pull(database, fake, connection_id, clock, **swept)["vanished"] == 0
    assert not fake.failures


def test_a_search_for_the_vanished_goes_on_where_it_stopped(database: Engine, connection_id: int):
    fake, clock = crm(emails=1000), Clock()
    swept = {"swept": (Stream.EMAILS,)}
    run_pull(database, fake, connection_id, clock, **swept)
    fake.records.pop()
    clock.at += timedelta(days=8)
    fake.answers_left = 5
    assert run_pull(database, fake, connection_id, clock, **swept)["vanished"] == 0
    fake.answers_left = None
    calls = fake.calls
    assert run_pull(database, fake, connection_id, clock, **swept)["vanished"] == 1
    assert fake.calls - calls < 10


@dataclass
class Searched(FakeConnector):
    """Remembers what it was searched for, where it answered."""

    searched: list[tuple[object, ...]] = field(default_factory=list)

    def present(self, stream: Stream, bookmark: Bookmark) -> Presence:
        found = super().present(stream, bookmark)
        self.searched.append((stream, bookmark))
        return found

    def taken_part(self, people: Sequence[ExternalId]) -> Mapping[Hint, Collection[ExternalId]]:
        found = super().taken_part(people)
        self.searched.append(tuple(people))
        return found


@pytest.mark.parametrize("answered", range(1, 8))
def test_a_round_of_searches_that_was_stopped_goes_on_where_it_was(
    database: Engine, connection_id: int, answered: int
):
    everybody = [contact(f"Cy{n}") for n in range(PEOPLE_AT_ONCE + 1)]
    fake, clock = Searched(crm(emails=150).records + everybody), Clock()
    swept = {"swept": (Stream.CONTACTS, Stream.EMAILS)}
    run_pull(database, fake, connection_id, clock, **swept)
    clock.at += timedelta(days=8)
    fake.answers_left = answered
    run_pull(database, fake, connection_id, clock, **swept)
    fake.answers_left = None
    for _ in range(2):
        run_pull(database, fake, connection_id, clock, **swept)
    assert len(fake.searched) == len(set(fake.searched)) == 3 + 2 + 2


def test_what_is_younger_than_the_search_is_not_taken_for_vanished(
    database: Engine, connection_id: int
):
    fake, clock = crm(emails=1), Clock()
    swept = {"swept": (Stream.EMAILS,)}
    run_pull(database, fake, connection_id, clock, **swept)
    clock.at += timedelta(days=8)
    fake.records[-1] = replace(fake.records[-1], recipients=9, modified_at=clock.at)
    fake.records.append(fake.records[-1])
    fake.hidden = {fake.records[-1].id}
    assert run_pull(database, fake, connection_id, clock, **swept)["vanished"] == 0


def test_a_deal_is_kept_with_its_contacts_and_stages(database: Engine, connection_id: int):
    deal = Deal(
        ExternalId("d"),
        "Paper",
        "Proposal",
        contacts=(DealContact(ExternalId("Bo"), "Buyer", is_primary=True),),
        stages=(StageChange("Proposal", now()),),
    )
    fake = FakeConnector([deal])
    pull_all(database, connection_id, fake, (Stream.DEALS,))
    with Session(database) as session:
        kept = session.get_one(tables.Deal, (connection_id, "d"))
    assert (kept.stage, kept.contacts) == ("Proposal", [["Bo", "Buyer", True]])
    assert kept.stages == [["Proposal", "2026-11-20T12:00:00+00:00"]]
