"""What is read from an org is what it holds, whatever happens meanwhile."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors import (
    START,
    Activity,
    Channel,
    ExternalId,
    Participant,
    Person,
    Role,
    Stream,
)
from connectors.salesforce import STREAMS
from connectors.salesforce.places import Cursor, Place
from connectors.salesforce.sandbox import levers
from tests.connectors.salesforce_fixtures import (
    ACME,
    ANNE,
    BORIS,
    CLARA,
    DAVID,
    LEA,
    THEN,
    Org,
    activity,
    contact,
    contacts,
    one,
    pages,
    people,
    pull,
)

EMAIL = activity("mail", Channel.EMAIL, ANNE, CLARA, DAVID)
MEETING = activity("meeting", Channel.MEETING, ANNE, BORIS, CLARA, length_s=1800)
CALL = activity("call", Channel.CALL, ANNE, CLARA, length_s=65)


def test_people_and_accounts_are_read_as_they_were_put_in(org: Org):
    employed = replace(contact(CLARA), account_id=ACME, title="CFO", department="Money")
    ids = org.fill([*people()[:3], employed])
    streams = (Stream.COLLEAGUES, Stream.ACCOUNTS, Stream.CONTACTS)
    found = [record for stream in streams for record in pull(org.connect(), stream)[0]]
    wanted = [*people()[1:3], people()[0], replace(employed, account_id=ids[ACME])]
    assert found == [replace(record, id=ids[record.id]) for record in wanted]


def test_a_lead_is_read_as_it_was_put_in(org: Org):
    lead = people()[-1]
    ids = org.fill([lead])
    assert one(org.connect(), Stream.LEADS) == replace(lead, id=ids[lead.id])


@pytest.mark.parametrize(
    ("put_in", "stream"),
    [(EMAIL, Stream.TASKS), (MEETING, Stream.MEETINGS), (CALL, Stream.TASKS)],
)
def test_an_activity_is_read_as_it_was_put_in(org: Org, put_in: Activity, stream: Stream):
    ids = org.fill([*people(), put_in])
    found = one(org.connect(), stream)
    assert isinstance(found, Activity)
    parties = [(party.role, party.person_id) for party in put_in.participants]
    assert {(p.role, p.person_id) for p in found.participants} == {(r, ids[p]) for r, p in parties}
    assert replace(found, id=put_in.id, participants=()) == replace(put_in, participants=())


def test_a_call_tells_who_rang(org: Org):
    parties = (Participant(Role.FROM, CLARA), Participant(Role.TO, ANNE))
    ids = org.fill([*people(), replace(CALL, participants=parties)])
    found = one(org.connect(), Stream.TASKS)
    assert isinstance(found, Activity)
    assert Participant(Role.FROM, ids[CLARA]) in found.participants
    assert Participant(Role.TO, ids[ANNE]) in found.participants


def test_what_was_logged_but_not_done_did_not_happen(org: Org):
    org.fill([*people(), replace(EMAIL, happened=False)])
    found = one(org.connect(), Stream.TASKS)
    assert isinstance(found, Activity)
    assert not found.happened


def test_an_email_to_more_than_fifty_contacts_becomes_several(org: Org):
    many = [*people()[:3], *contacts(120)]
    crowd = activity("mail", Channel.EMAIL, ANNE, *(ExternalId(f"c{n}") for n in range(120)))
    ids = org.fill([*many, crowd])
    found, _ = pull(org.connect(), Stream.TASKS)
    assert [r.recipients for r in found if isinstance(r, Activity)] == [50, 50, 20]
    assert found[0].id == ids[crowd.id]


def test_a_queue_that_owns_a_task_is_nobody(org: Org):
    ids = org.fill([*people(), EMAIL])
    levers.edit(org.sandbox, ids[EMAIL.id], OwnerId="00G5e0000000001AAA")
    found = one(org.connect(), Stream.TASKS)
    assert isinstance(found, Activity)
    assert {party.person_id for party in found.participants} == {ids[CLARA], ids[DAVID]}


def test_whoever_declined_did_not_meet(org: Org):
    ids = org.fill([*people(), MEETING])
    org.sandbox.db.execute(
        'UPDATE "EventRelation" SET "Status" = ? WHERE "RelationId" = ?', ("Declined", ids[BORIS])
    )
    found = one(org.connect(), Stream.MEETINGS)
    assert isinstance(found, Activity)
    assert ids[BORIS] not in {party.person_id for party in found.participants}
    assert found.happened


def test_a_meeting_that_everybody_declined_did_not_happen(org: Org):
    org.fill([*people(), replace(MEETING, happened=False)])
    found = one(org.connect(), Stream.MEETINGS)
    assert isinstance(found, Activity)
    assert not found.happened


@pytest.mark.parametrize(
    ("column", "value"),
    [("IsPrivate", 1), ("IsRecurrence", 1), ("GroupEventType", "3"), ("IsChild", 1)],
)
def test_private_events_copies_and_series_are_not_read(org: Org, column: str, value: object):
    ids = org.fill([*people(), MEETING])
    levers.edit(org.sandbox, ids[MEETING.id], **{column: value})
    assert pull(org.connect(), Stream.MEETINGS)[0] == []


def test_an_event_of_a_whole_day_has_no_length(org: Org):
    ids = org.fill([*people(), MEETING])
    levers.edit(org.sandbox, ids[MEETING.id], IsAllDayEvent=1)
    found = one(org.connect(), Stream.MEETINGS)
    assert isinstance(found, Activity)
    assert found.duration_s == 0


def test_subjects_and_bodies_are_never_asked_for(org: Org):
    org.fill([*people(), EMAIL, MEETING, CALL])
    org.connect().read(dict.fromkeys(STREAMS, START))
    asked = " ".join(org.statements()).lower()
    assert "from task" in asked
    assert not [word for word in ("subject", "description", "body", "location") if word in asked]


def test_a_page_follows_from_its_bookmark_alone(org: Org):
    org.fill(contacts(4500))
    first, second, third = pages(org.connect(), Stream.CONTACTS)
    (again,) = org.connect().read({Stream.CONTACTS: first.bookmark})
    assert again == second
    assert [len(page.records) for page in (first, second, third)] == [2000, 2000, 500]


def test_thousands_of_rows_of_one_stamp_are_all_read_once(org: Org):
    ids = org.fill(contacts(4100))
    found, _ = pull(org.connect(), Stream.CONTACTS)
    assert sorted(record.id for record in found) == sorted(ids.values())


def test_a_full_last_page_is_followed_by_an_empty_one(org: Org):
    org.fill(contacts(2000))
    found = list(pages(org.connect(), Stream.CONTACTS))
    assert [(len(page.records), page.is_last) for page in found] == [(2000, False), (0, True)]


def test_an_edit_between_two_pages_hides_no_row(org: Org):
    ids = org.fill(contacts(3000, step=timedelta(seconds=1)))
    connector = org.connect()
    (first,) = connector.read({Stream.CONTACTS: START})
    for number in range(5):
        levers.edit(org.sandbox, ids[ExternalId(f"c{number}")], Title="New")
    rest, _ = pull(connector, Stream.CONTACTS, first.bookmark)
    assert {r.id for r in (*first.records, *rest)} == set(ids.values())
    assert sum(1 for r in rest if isinstance(r, Person) and r.title == "New") == 5


def test_a_row_that_becomes_visible_late_is_read_by_the_next_pull(org: Org):
    org.fill(people())
    connector = org.connect()
    _, bookmark = pull(connector, Stream.CONTACTS)
    stamped = org.sandbox.clock.now() - timedelta(minutes=9)
    ids = org.fill([contact(ExternalId("late"), at=stamped)])
    found, _ = pull(connector, Stream.CONTACTS, bookmark)
    assert [record.id for record in found] == [ids[ExternalId("late")]]


def test_a_pull_notes_salesforces_time_at_its_first_page(org: Org):
    org.fill(contacts(2500))
    (first,) = org.connect().read({Stream.CONTACTS: START})
    began = Place.of(first.bookmark).started
    assert began is not None
    assert abs(datetime.now(UTC) - began) < timedelta(minutes=1)


def test_the_next_pull_begins_ten_minutes_before_this_one_began(org: Org):
    org.fill(contacts(2500))
    connector = org.connect()
    (first,) = connector.read({Stream.CONTACTS: START})
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    long_ago = replace(Place.of(first.bookmark), started=noon)
    (last,) = connector.read({Stream.CONTACTS: long_ago.bookmark()})
    assert Place.of(last.bookmark).cursor == Cursor(noon - timedelta(minutes=10))


def test_an_unchanged_org_gives_an_empty_page_the_second_time(org: Org):
    org.fill([*people(), EMAIL])
    connector = org.connect()
    _, bookmark = pull(connector, Stream.TASKS)
    assert pull(connector, Stream.TASKS, bookmark)[0] == []


def test_pages_that_sub_rows_make_short_are_not_the_last(org: Org):
    mails = [replace(EMAIL, id=ExternalId(f"m{number}")) for number in range(25)]
    ids = org.fill([*people(), *mails])
    levers.shrink_pages(org.sandbox, 10)
    found = list(pages(org.connect(), Stream.TASKS))
    assert [len(page.records) for page in found] == [10, 10, 5]
    assert {r.id for page in found for r in page.records} == {ids[mail.id] for mail in mails}
    assert org.sandbox.count("/query/") == 0


def test_a_deleted_record_is_read_as_deleted(org: Org):
    ids = org.fill([contact(CLARA)])
    levers.delete(org.sandbox, ids[CLARA])
    found = one(org.connect(), Stream.CONTACTS)
    assert isinstance(found, Person)
    assert found.is_deleted


def test_a_merged_contact_tells_its_heir_and_hands_over_its_activities(org: Org):
    ids = org.fill([*people(), CALL])
    levers.merge(org.sandbox, ids[CLARA], ids[DAVID])
    connector = org.connect()
    persons = {r.id: r for r in pull(connector, Stream.CONTACTS)[0] if isinstance(r, Person)}
    loser, call = persons[ids[CLARA]], one(connector, Stream.TASKS)
    assert (loser.is_deleted, loser.merged_into) == (True, ids[DAVID])
    assert isinstance(call, Activity)
    assert {party.person_id for party in call.participants} == {ids[ANNE], ids[DAVID]}


def test_a_converted_lead_lives_on_as_its_contact(org: Org):
    ids = org.fill(people())
    levers.convert(org.sandbox, ids[LEA], ids[CLARA])
    lead = one(org.connect(), Stream.LEADS)
    assert isinstance(lead, Person)
    assert (lead.is_deleted, lead.merged_into) == (True, ids[CLARA])


def test_an_org_without_shared_activities_gives_one_person_per_task(org: Org):
    ids = org.fill([*people(), EMAIL])
    levers.hide(org.sandbox, "TaskRelation")
    found = one(org.connect(), Stream.TASKS)
    assert isinstance(found, Activity)
    assert [party.person_id for party in found.participants] == [ids[ANNE], ids[CLARA]]


def test_an_email_without_a_completion_time_counts_at_noon_of_its_date(org: Org):
    ids = org.fill([*people(), EMAIL])
    levers.edit(org.sandbox, ids[EMAIL.id], CompletedDateTime=None)
    found = one(org.connect(), Stream.TASKS)
    assert isinstance(found, Activity)
    assert found.at == datetime(2026, 3, 3, 12, tzinfo=UTC)


def test_the_integration_user_is_no_colleague(org: Org):
    assert pull(org.connect(), Stream.COLLEAGUES)[0] == []


def test_a_bookmark_is_read_from_where_it_points(org: Org):
    ids = org.fill(contacts(3, step=timedelta(hours=1)))
    place = Place(Cursor(THEN + timedelta(hours=1)))
    found, _ = pull(org.connect(), Stream.CONTACTS, place.bookmark())
    assert [record.id for record in found] == [ids[ExternalId("c1")], ids[ExternalId("c2")]]
