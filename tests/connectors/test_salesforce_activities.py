"""Mails, meetings, calls, messages and deals are read for what they were, each once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from connectors import (
    START,
    Activity,
    Channel,
    Deal,
    DealContact,
    ExternalId,
    Participant,
    Record,
    Role,
    StageChange,
    Stream,
)
from connectors.salesforce.activities import to_email, to_meeting, to_task
from connectors.salesforce.deals import to_deal
from connectors.salesforce.sandbox import levers
from tests.connectors.salesforce_fixtures import (
    ACME,
    ANNE,
    BORIS,
    CLARA,
    DAVID,
    THEN,
    Org,
    activity,
    one,
    people,
    pull,
    pull_all,
)

USER, OTHER, CONTACT = "0055e0000000001AAA", "0055e0000000002AAA", "0035e0000000001AAA"
ROW: dict[str, Any] = {
    "SystemModstamp": "2026-01-02T03:04:05.000+0000",
    "CreatedDate": "2026-01-02T03:00:00.000+0000",
}
MAIL_ROW = {
    **ROW,
    "Id": "02s5e0000000001AAA",
    "MessageDate": "2026-01-01T10:00:00.000+0000",
    "FromAddress": "Anne@Ours.com",
    "ToAddress": "clara@acme.com; David <david@acme.com>",
    "CcAddress": "boris@ours.com",
    "Status": "3",
    "ThreadIdentifier": "<t1>",
    "ActivityId": "00T5e0000000001AAA",
}
TASK_ROW = {
    **ROW,
    "Id": "00T5e0000000001AAA",
    "OwnerId": USER,
    "WhoId": CONTACT,
    "TaskSubtype": "Task",
    "IsClosed": True,
}
EVENT_ROW = {
    **ROW,
    "Id": "00U5e0000000001AAA",
    "OwnerId": USER,
    "WhoId": CONTACT,
    "StartDateTime": "2026-01-01T10:00:00.000+0000",
    "EndDateTime": "2026-01-01T10:30:00.000+0000",
    "ActivityDate": "2026-01-01",
}


def related(name: str, *rows: dict[str, Any]) -> dict[str, Any]:
    return {name: {"totalSize": len(rows), "done": True, "records": list(rows)}}


def correspondent(kind: str, who: str | None, address: str) -> dict[str, Any]:
    return {"RelationType": f"{kind}Address", "RelationId": who, "RelationAddress": address}


MAIL = Activity(
    ExternalId("mail"),
    Channel.EMAIL,
    THEN,
    (
        Participant(Role.FROM, ANNE, "anne@ours.com"),
        Participant(Role.TO, CLARA, "clara@acme.com"),
        Participant(Role.CC, BORIS, "boris@ours.com"),
        Participant(Role.BCC, None, "nobody@else.com"),
    ),
    recipients=3,
    thread="<t1>",
    modified_at=THEN,
)


def test_a_mail_is_read_with_everybody_on_it_and_supersedes_its_task(org: Org):
    ids = org.fill([*people(), MAIL])
    mail, task = one(org.connect(), Stream.EMAILS), one(org.connect(), Stream.TASKS)
    who = {None: None, **ids}
    parties = {replace(party, person_id=who[party.person_id]) for party in MAIL.participants}
    assert isinstance(mail, Activity)
    assert set(mail.participants) == parties
    assert replace(mail, participants=()) == replace(
        MAIL, id=ids[MAIL.id], participants=(), supersedes=task.id
    )


def test_a_mail_of_a_sales_sequence_is_told_by_its_task(org: Org):
    org.fill([*people(), replace(MAIL, is_bulk=True)])
    found, _ = pull_all(org.connect(), {Stream.EMAILS: START, Stream.TASKS: START})
    assert [activity.is_bulk for activity in found if isinstance(activity, Activity)] == [True] * 2


@pytest.mark.parametrize(
    ("spoilt", "expected"),
    [
        ({"Status": "5"}, {"happened": False}),
        ({"IsPrivateDraft": True}, {"happened": False}),
        ({"IsBounced": True}, {"happened": False}),
        ({"IsDeleted": True}, {"is_deleted": True}),
        ({"AutomationType": "AiAutomated"}, {"is_bulk": True}),
        ({"AutomationType": "AiAssisted"}, {"is_bulk": False, "happened": True}),
        ({"Activity": {"TaskSubtype": "Cadence"}}, {"is_bulk": True}),
        ({"ThreadIdentifier": None, "ClientThreadIdentifier": "<c>"}, {"thread": "<c>"}),
        (
            {"ThreadIdentifier": None, "ReplyToEmailMessageId": "02s5e0000000009AAA"},
            {"thread": "02s5e0000000009AAA"},
        ),
        ({"MessageDate": None}, {"at": datetime(2026, 1, 2, 3, tzinfo=UTC)}),
        ({"ActivityId": None}, {"supersedes": None}),
    ],
)
def test_what_a_mail_tells_of_itself(spoilt: dict[str, Any], expected: dict[str, Any]):
    mail = to_email({**MAIL_ROW, **spoilt})
    assert {name: getattr(mail, name) for name in expected} == expected


def test_addresses_stand_for_people_where_there_are_no_relations():
    mail = to_email(MAIL_ROW)
    assert [(party.role, party.address) for party in mail.participants] == [
        (Role.FROM, "anne@ours.com"),
        (Role.TO, "clara@acme.com"),
        (Role.TO, "david@acme.com"),
        (Role.CC, "boris@ours.com"),
    ]
    assert mail.recipients == 3


def test_a_correspondent_whose_address_changed_since_is_not_counted_twice():
    rows = [correspondent("From", USER, "anne@ours.com"), correspondent("To", CONTACT, "new@a.com")]
    row = MAIL_ROW | {"ToAddress": "clara@acme.com", "CcAddress": None}
    mail = to_email({**row, **related("EmailMessageRelations", *rows)})
    assert [(party.person_id, party.address) for party in mail.participants] == [
        (USER, "anne@ours.com"),
        (CONTACT, "new@a.com"),
    ]


def test_an_address_beyond_the_relations_is_kept():
    rows = [correspondent("To", CONTACT, "clara@acme.com")]
    mail = to_email({**MAIL_ROW, **related("EmailMessageRelations", *rows)})
    assert Participant(Role.TO, address="david@acme.com") in mail.participants
    assert mail.recipients == 3


@pytest.mark.parametrize(
    ("subtype", "kind", "channel", "is_bulk"),
    [
        ("Email", None, Channel.EMAIL, False),
        ("ListEmail", None, Channel.EMAIL, True),
        ("Call", "Email", Channel.CALL, False),
        ("LinkedIn", None, Channel.LINKEDIN, False),
        ("Task", "SMS", Channel.SMS, False),
        ("Task", "whatsapp", Channel.CHAT, False),
        ("Task", "Meeting", Channel.MEETING, False),
        ("Cadence", "Email", Channel.EMAIL, True),
        (None, "Call", Channel.CALL, False),
    ],
)
def test_a_task_is_of_the_channel_that_its_subtype_tells_else_its_type(
    subtype: str | None, kind: str | None, channel: Channel, *, is_bulk: bool
):
    task = to_task({**TASK_ROW, "TaskSubtype": subtype, "Type": kind})
    assert (task.channel, task.is_bulk, task.is_deleted) == (channel, is_bulk, False)


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.CHAT, Channel.LINKEDIN])
def test_a_message_is_read_as_it_was_put_in(org: Org, channel: Channel):
    message = activity("m", channel, ANNE, CLARA)
    ids = org.fill([*people(), message])
    found = one(org.connect(), Stream.TASKS)
    assert isinstance(found, Activity)
    assert {party.person_id for party in found.participants} == {ids[ANNE], ids[CLARA]}
    assert replace(found, id=message.id, participants=()) == replace(message, participants=())


@pytest.mark.parametrize("outcome", ["No Answer", "left voicemail", " Busy "])
def test_a_call_that_reached_nobody_did_not_happen(outcome: str):
    call = TASK_ROW | {"TaskSubtype": "Call", "CallDisposition": outcome}
    assert not to_task(call).happened
    assert to_task({**call, "CallDisposition": "Good talk"}).happened


def test_a_task_that_is_only_to_be_done_is_not_read(org: Org):
    ids = org.fill([*people(), activity("m", Channel.SMS, ANNE, CLARA)])
    levers.edit(org.sandbox, ids[ExternalId("m")], Type=None)
    assert pull(org.connect(), Stream.TASKS)[0] == []


def test_a_task_that_stops_to_be_a_contact_is_taken_back(org: Org):
    ids = org.fill([*people(), activity("m", Channel.SMS, ANNE, CLARA)])
    _, bookmark = pull(org.connect(), Stream.TASKS)
    levers.edit(org.sandbox, ids[ExternalId("m")], Type="Other")
    ((found,), _) = pull(org.connect(), Stream.TASKS, bookmark)
    assert (found.id, found.is_deleted) == (ids[ExternalId("m")], True)


def invited(*answers: str | None) -> dict[str, Any]:
    people = [CONTACT, OTHER]
    rows = [
        {"RelationId": who, "Status": status} for who, status in zip(people, answers, strict=False)
    ]
    return {**EVENT_ROW, **related("EventRelations", *rows)}


@pytest.mark.parametrize(
    ("answers", "came", "happened"),
    [
        (("Accepted", "Accepted"), [USER, CONTACT, OTHER], True),
        (("New", None), [USER, CONTACT, OTHER], True),
        (("Accepted", "Declined"), [USER, CONTACT], True),
        (("Declined", "Accepted"), [USER, OTHER], True),
        (("Declined", "Declined"), [USER], False),
        ((), [USER, CONTACT], True),
    ],
)
def test_who_declined_was_not_there(answers: tuple[str, ...], came: list[str], *, happened: bool):
    meeting = to_meeting(invited(*answers))
    assert [party.person_id for party in meeting.participants] == came
    assert meeting.happened is happened


def test_a_whole_day_is_met_at_its_noon():
    meeting = to_meeting({**EVENT_ROW, "IsAllDayEvent": True})
    assert (meeting.at, meeting.duration_s) == (datetime(2026, 1, 1, 12, tzinfo=UTC), 0)


def test_a_meeting_that_becomes_private_is_taken_back(org: Org):
    meeting = activity("meeting", Channel.MEETING, ANNE, CLARA)
    ids = org.fill([*people(), meeting])
    _, bookmark = pull(org.connect(), Stream.MEETINGS)
    levers.edit(org.sandbox, ids[meeting.id], IsPrivate=1)
    ((found,), _) = pull(org.connect(), Stream.MEETINGS, bookmark)
    assert (found.id, found.is_deleted) == (ids[meeting.id], True)


def test_activities_older_than_a_year_are_read_though_a_query_hides_them(org: Org):
    long_ago = org.sandbox.clock.now() - timedelta(days=500)
    old = [
        replace(activity(channel.value, channel, ANNE, CLARA), at=long_ago)
        for channel in (Channel.EMAIL, Channel.CALL, Channel.MEETING)
    ]
    ids = org.fill([*people(), *old])
    hidden = "SELECT Id FROM {}"
    for name in ("Task", "Event"):
        params = {"q": hidden.format(name)}
        assert org.http().get("/services/data/v67.0/query", params=params).json()["records"] == []
    streams = dict.fromkeys((Stream.MEETINGS, Stream.TASKS), START)
    found, _ = pull_all(org.connect(), streams)
    assert {record.id for record in found} == {ids[activity.id] for activity in old}
    there = [org.connect().present(stream, START).ids for stream in streams]
    assert {found for ids_there in there for found in ids_there} == {ids[one.id] for one in old}


DEAL = Deal(
    ExternalId("deal"),
    "Big one",
    "Closed Won",
    is_closed=True,
    is_won=True,
    account_id=ACME,
    owner_id=ANNE,
    amount=1250.5,
    created_at=THEN,
    closes_on=date(2026, 4, 1),
    contacts=(DealContact(CLARA, "Decision Maker", is_primary=True), DealContact(DAVID)),
    stages=(
        StageChange("Prospecting", THEN),
        StageChange("Closed Won", THEN + timedelta(days=9)),
    ),
    modified_at=THEN + timedelta(days=9),
)


def in_org(deal: Deal, ids: Any) -> Deal:  # noqa: ANN401 a mapping of ids
    contacts = tuple(replace(one, person_id=ids[one.person_id]) for one in deal.contacts)
    own = {"id": ids[deal.id], "account_id": ids[ACME], "owner_id": ids[ANNE]}
    return replace(deal, contacts=contacts, **own)


def test_a_deal_is_read_as_it_was_put_in(org: Org):
    ids = org.fill([*people(), DEAL])
    assert one(org.connect(), Stream.DEALS) == in_org(DEAL, ids)


def test_an_org_of_several_currencies_tells_a_deals_own(org: Org):
    ids = org.fill([*people(), replace(DEAL, currency="EUR")])
    found, bookmark = pull(org.connect(), Stream.DEALS)
    assert found[-1] == in_org(replace(DEAL, currency="EUR"), ids)
    assert pull(org.connect(), Stream.DEALS, bookmark)[0] == []


def changed_deals(org: Org, bookmark: Any) -> list[Record]:  # noqa: ANN401 a bookmark
    return pull(org.connect(), Stream.DEALS, bookmark)[0]


def test_a_role_that_changed_alone_brings_its_deal(org: Org):
    ids = org.fill([*people(), DEAL])
    _, bookmark = pull(org.connect(), Stream.DEALS)
    org.sandbox.clock.advance(timedelta(hours=1))
    (row_id,) = org.sandbox.db.execute(
        'SELECT "Id" FROM "OpportunityContactRole" WHERE "Role" IS NULL'
    ).fetchone()
    path = f"/services/data/v67.0/sobjects/OpportunityContactRole/{row_id}"
    org.http().patch(path, json={"Role": "Evaluator"})
    (found,) = changed_deals(org, bookmark)
    assert isinstance(found, Deal)
    assert DealContact(ids[DAVID], "Evaluator") in found.contacts


def test_a_role_that_was_removed_brings_its_deal(org: Org):
    ids = org.fill([*people(), DEAL])
    _, bookmark = pull(org.connect(), Stream.DEALS)
    org.sandbox.clock.advance(timedelta(hours=1))
    (row_id,) = org.sandbox.db.execute(
        'SELECT "Id" FROM "OpportunityContactRole" WHERE "Role" IS NULL'
    ).fetchone()
    org.http().delete(f"/services/data/v67.0/sobjects/OpportunityContactRole/{row_id}")
    (found,) = changed_deals(org, bookmark)
    assert isinstance(found, Deal)
    assert [contact.person_id for contact in found.contacts] == [ids[CLARA]]


@pytest.mark.parametrize("column", ["IsPrivate", "IsDeleted"])
def test_of_a_deal_that_is_private_or_deleted_nothing_is_told(org: Org, column: str):
    ids = org.fill([*people(), DEAL])
    _, bookmark = pull(org.connect(), Stream.DEALS)
    levers.edit(org.sandbox, ids[DEAL.id], **{column: 1})
    (found,) = changed_deals(org, bookmark)
    assert isinstance(found, Deal)
    assert (found.is_deleted, found.name, found.contacts) == (True, "", ())


def test_a_change_of_amount_is_no_change_of_stage():
    history = [
        {"StageName": stage, "CreatedDate": f"2026-01-0{day}T00:00:00.000+0000"}
        for day, stage in enumerate(("New", "New", "Won", "New"), 1)
    ]
    row = {
        **ROW,
        "Id": "0065e0000000001AAA",
        "Amount": -5,
        **related("OpportunityHistories", *history),
    }
    deal = to_deal(row)
    assert [(change.stage, change.at.day) for change in deal.stages] == [
        ("New", 1),
        ("Won", 3),
        ("New", 4),
    ]
    assert deal.amount == -5
