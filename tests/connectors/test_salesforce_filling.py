"""What is put into the sandbox org is what it holds: deals, messages, conversations."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from connectors import (
    Activity,
    Channel,
    Deal,
    DealContact,
    ExternalId,
    Participant,
    Record,
    Role,
    StageChange,
)
from tests.connectors.salesforce_fixtures import (
    ACME,
    ANNE,
    BORIS,
    CLARA,
    DAVID,
    LEA,
    THEN,
    Org,
    Server,
    activity,
    open_org,
    people,
)

DAY = timedelta(days=1)
DEAL = Deal(
    ExternalId("paper"),
    "Paper for a year",
    "Contract sent",
    account_id=ACME,
    owner_id=ANNE,
    amount=1200.5,
    created_at=THEN,
    closes_on=date(2026, 6, 30),
    contacts=(DealContact(CLARA, "Decision Maker", is_primary=True), DealContact(DAVID, "Lawyer")),
    stages=(StageChange("Qualification", THEN), StageChange("Contract sent", THEN + DAY)),
    modified_at=THEN + DAY,
)


@pytest.fixture
def org(server: Server) -> Iterator[Org]:
    with open_org(server) as found:
        yield found


def held(org: Org, record: Record) -> Record:
    """Put people and a record in and give what the org holds of it."""
    row_id = org.put([*people(), record])[record.id]
    (found,) = (one for one in org.of.records(org.sandbox) if one.id == row_id)
    return found


def in_the_org(org: Org, record: Deal | Activity) -> Deal | Activity:
    """Give a record under the ids of the org."""
    own = org.ids[record.id]
    if isinstance(record, Activity):
        parties = (replace(p, person_id=org.ids.get(p.person_id)) for p in record.participants)
        return replace(record, id=own, participants=tuple(parties))
    contacts = (replace(one, person_id=org.ids[one.person_id]) for one in record.contacts)
    account, owner = org.ids[ACME], org.ids[ANNE]
    return replace(record, id=own, account_id=account, owner_id=owner, contacts=tuple(contacts))


def task_of(org: Org) -> str:
    """Give the only task."""
    (row,) = soql(org, "SELECT Id FROM Task")
    return row["Id"]


def soql(org: Org, statement: str) -> list[dict]:
    answer = org.http().get("/services/data/v67.0/query", params={"q": statement})
    return answer.json()["records"]


SIGNED = (StageChange("Sent", THEN), StageChange("Signed", THEN))


@pytest.mark.parametrize(
    "deal",
    [
        DEAL,
        replace(DEAL, currency="EUR"),
        replace(DEAL, stage="Signed", is_closed=True, is_won=True, stages=SIGNED),
        replace(DEAL, stage="Dead", is_closed=True, stages=(StageChange("Dead", THEN),)),
        replace(DEAL, amount=None, contacts=(), name="Nothing yet"),
    ],
    ids=["open", "in euros", "won", "lost", "bare"],
)
def test_a_deal_that_was_put_in_is_held_as_it_was(org: Org, deal: Deal):
    assert held(org, deal) == in_the_org(org, deal)


def test_a_stage_that_the_org_lacked_is_one_of_its_stages(org: Org):
    org.put([replace(DEAL, stage="Signed", is_closed=True, is_won=True, stages=SIGNED)])
    found = soql(
        org,
        "SELECT MasterLabel, IsClosed, IsWon, DefaultProbability FROM OpportunityStage "
        "WHERE MasterLabel IN ('Sent', 'Signed') ORDER BY SortOrder",
    )
    assert [list(row.values())[1:] for row in found] == [
        ["Sent", False, False, 50],
        ["Signed", True, True, 100],
    ]


def test_a_stage_that_was_added_is_in_the_picklist_and_moves_deals(org: Org):
    deal = org.put([DEAL])[DEAL.id]
    org.put([replace(DEAL, id=ExternalId("2"), stage="Signed", is_closed=True, is_won=True)])
    http = org.http()
    http.patch(f"/services/data/v67.0/sobjects/Opportunity/{deal}", json={"StageName": "Signed"})
    row = http.get(f"/services/data/v67.0/sobjects/Opportunity/{deal}").json()
    assert (row["IsWon"], row["Probability"]) == (True, 100)
    described = http.get("/services/data/v67.0/sobjects/Opportunity/describe").json()["fields"]
    (stage,) = (field for field in described if field["name"] == "StageName")
    assert stage["picklistValues"][-1]["value"] == "Signed"


def test_a_deal_that_was_put_in_knows_when_it_moved_last(org: Org):
    still = replace(DEAL, id=ExternalId("2"), name="Still", stages=())
    org.put([*people(), DEAL, still])
    found = soql(org, "SELECT LastStageChangeDate FROM Opportunity ORDER BY Name")
    moved = DEAL.stages[-1].at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    assert [row["LastStageChangeDate"] for row in found] == [moved, None]


def test_a_deal_without_stages_has_been_in_one_since_it_was_made(org: Org):
    found = held(org, replace(DEAL, stages=(), created_at=THEN))
    assert isinstance(found, Deal)
    assert found.stages == (StageChange("Contract sent", THEN),)


def test_an_open_deal_without_a_date_closes_with_its_quarter(org: Org):
    found = held(org, replace(DEAL, closes_on=None))
    assert isinstance(found, Deal)
    assert found.closes_on == date(2026, 3, 31)


def test_the_primary_contact_of_a_deal_is_one(org: Org):
    both = tuple(replace(one, is_primary=True) for one in DEAL.contacts)
    found = held(org, replace(DEAL, contacts=(*both, DealContact(LEA))))
    assert isinstance(found, Deal)
    assert [one.is_primary for one in found.contacts] == [False, True]


def test_only_an_org_whose_deals_name_a_currency_has_several(org: Org):
    statement = {"q": "SELECT CurrencyIsoCode FROM Opportunity"}
    refused = org.http().get("/services/data/v67.0/query", params=statement)
    assert refused.json()[0]["errorCode"] == "INVALID_FIELD"
    org.put([DEAL, replace(DEAL, id=ExternalId("2"), currency="EUR")])
    found = org.http().get("/services/data/v67.0/query", params=statement).json()["records"]
    assert [row["CurrencyIsoCode"] for row in found] == ["EUR", "EUR"]


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.CHAT, Channel.LINKEDIN])
def test_a_message_that_was_put_in_is_held_with_its_channel(org: Org, channel: Channel):
    message = activity("m", channel, ANNE, CLARA)
    assert held(org, message) == in_the_org(org, message)


def test_an_sms_is_a_task_of_a_type_that_the_picklist_has(org: Org):
    org.put([activity("m", Channel.SMS, ANNE, CLARA)])
    (row,) = soql(org, "SELECT TaskSubtype, Type FROM Task")
    assert (row["TaskSubtype"], row["Type"]) == ("Task", "SMS")
    described = org.http().get("/services/data/v67.0/sobjects/Task/describe").json()["fields"]
    (kind,) = (field for field in described if field["name"] == "Type")
    assert "SMS" in [value["value"] for value in kind["picklistValues"]]


MAIL = Activity(
    ExternalId("mail"),
    Channel.EMAIL,
    THEN,
    (
        Participant(Role.FROM, ANNE),
        Participant(Role.TO, CLARA),
        Participant(Role.CC, BORIS),
        Participant(Role.BCC, address="nobody@else.com"),
    ),
    recipients=3,
    thread="<thread-1@ours.com>",
    modified_at=THEN,
)
"""A mail of a conversation, to somebody whom the org does not know too."""


def test_a_mail_of_a_conversation_is_held_with_everybody_on_it(org: Org):
    found = held(org, MAIL)
    assert found == replace(in_the_org(org, MAIL), supersedes=task_of(org))


def test_a_mail_of_a_conversation_is_an_email_message_with_its_task(org: Org):
    held(org, MAIL)
    (row,) = soql(
        org,
        "SELECT ActivityId, ThreadIdentifier, FromAddress, ToAddress, BccAddress, Incoming, "
        "Status FROM EmailMessage",
    )
    assert list(row.values())[1:] == [
        task_of(org),
        "<thread-1@ours.com>",
        *("anne@ours.com", "clara@acme.com", "nobody@else.com"),
        *(False, "3"),
    ]


def test_a_mail_to_many_alike_is_a_list_email(org: Org):
    bulk = replace(MAIL, is_bulk=True)
    found = held(org, bulk)
    assert found == replace(in_the_org(org, bulk), supersedes=task_of(org))
    assert [row["TaskSubtype"] for row in soql(org, "SELECT TaskSubtype FROM Task")] == [
        "ListEmail"
    ]
