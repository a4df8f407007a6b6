"""What people do to an org at their screens, and when the API shows it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from connectors import Channel, Deal, ExternalId
from connectors.salesforce.sandbox import levers
from connectors.salesforce.sandbox.org import Org as Platform
from tests.connectors.salesforce_fixtures import (
    ACME,
    ANNE,
    CLARA,
    THEN,
    Org,
    Server,
    activity,
    contact,
    open_org,
    people,
)

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
DEAL = Deal(ExternalId("deal"), "Big", "Prospecting", ACME, created_at=THEN, modified_at=THEN)
CLARA_OF_ACME = replace(contact(CLARA), account_id=ACME)
MAIL = activity("mail", Channel.EMAIL, ANNE, CLARA)
MEETING = activity("meeting", Channel.MEETING, ANNE, CLARA)


@pytest.fixture
def org(server: Server) -> Iterator[Org]:
    with open_org(server) as opened:
        opened.sandbox.clock.stop()
        opened.sandbox.clock.set(NOW)
        known = [CLARA_OF_ACME if one.id == CLARA else one for one in people()]
        opened.ids |= opened.fill([*known, DEAL, MAIL, MEETING])
        yield opened


def found(client: httpx.Client, statement: str) -> list[dict[str, Any]]:
    answer = client.get("/services/data/v67.0/query", params={"q": f"SELECT {statement}"})
    rows = answer.json()["records"]
    return [{name: row[name] for name in row if name != "attributes"} for row in rows]


def test_a_late_edit_is_seen_ten_minutes_after_its_stamp(org: Org):
    client, clara = org.http(), org.ids[CLARA]
    changed = f"Title, SystemModstamp FROM Contact WHERE Id = '{clara}'"
    before = found(client, changed)
    levers.edit_late(org.sandbox, clara, 600, Title="CTO")
    org.sandbox.clock.advance(timedelta(minutes=8))
    assert found(client, changed) == before
    org.sandbox.clock.advance(timedelta(minutes=2))
    assert found(client, changed) == [
        {"Title": "CTO", "SystemModstamp": "2026-05-01T12:00:00.000+0000"}
    ]


def test_a_late_record_is_made_with_the_stamps_of_its_beginning(org: Org):
    client, given = org.http(), {"Subject": "Late", "WhoId": org.ids[CLARA]}
    levers.create_late(org.sandbox, "Task", 600, **given)
    late = "CreatedDate, OwnerId, Who.Name FROM Task WHERE Subject = 'Late'"
    assert found(client, late) == []
    org.sandbox.clock.advance(timedelta(minutes=10))
    (task,) = found(client, late)
    assert task["CreatedDate"] == "2026-05-01T12:00:00.000+0000"
    assert (task["OwnerId"], task["Who"]["Name"]) == (org.ids[ANNE], "Clara Stone")


def test_what_salesforce_would_not_take_is_not_made_late(org: Org):
    with pytest.raises(ValueError, match="REQUIRED_FIELD_MISSING"):
        levers.create_late(org.sandbox, "Contact", 600, Title="CTO")


def test_an_edit_at_a_screen_has_the_consequences_of_one_over_the_api(org: Org):
    client, deal = org.http(), org.ids[DEAL.id]
    levers.edit(org.sandbox, deal, stagename="Closed Won")
    assert found(client, f"IsWon, Probability FROM Opportunity WHERE Id = '{deal}'") == [
        {"IsWon": True, "Probability": 100.0}
    ]
    noted = found(client, f"StageName FROM OpportunityHistory WHERE OpportunityId = '{deal}'")
    assert {"StageName": "Closed Won"} in noted


def test_a_field_that_was_added_is_edited_at_a_screen(org: Org):
    metadata = {"label": "Shoe", "type": "Text", "length": 80}
    made = {"FullName": "Contact.Shoe__c", "Metadata": metadata}
    org.http().post("/services/data/v67.0/tooling/sobjects/CustomField", json=made)
    levers.edit(org.sandbox, org.ids[CLARA], Shoe__c="42")
    row = Platform(org.sandbox).row("Contact", org.ids[CLARA])
    assert row is not None
    assert row["Shoe__c"] == "42"


def test_an_edit_at_a_screen_is_none_of_ours(org: Org):
    client, clara = org.http(), org.ids[CLARA]
    client.patch(f"/services/data/v67.0/sobjects/Contact/{clara}", json={"Title": "CEO"})
    levers.edit(org.sandbox, clara, LastName="Rook")
    (row,) = found(client, f"Name, LastModifiedById FROM Contact WHERE Id = '{clara}'")
    assert row == {"Name": "Clara Rook", "LastModifiedById": org.ids[ANNE]}


@pytest.mark.parametrize(
    ("record", "values", "problem"),
    [
        ("0035e00000009ZZAAA", {"Title": "CEO"}, "There is no Contact"),
        ("zzz", {"Title": "CEO"}, "the id of nothing"),
        ("", {"Shoe": "42"}, "Contact has no field Shoe"),
    ],
)
def test_an_edit_of_what_is_not_there_is_told(
    org: Org, record: str, values: dict[str, str], problem: str
):
    with pytest.raises(ValueError, match=problem):
        levers.edit(org.sandbox, ExternalId(record or org.ids[CLARA]), **values)


def test_the_days_calls_can_be_used_up_and_come_back_after_a_day(org: Org):
    client, limits = org.http(), "/services/data/v67.0/limits"
    levers.allow_calls(org.sandbox, 100)
    levers.use_calls(org.sandbox, 99)
    answers = [client.get(limits) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 403]
    assert answers[0].headers["Sforce-Limit-Info"] == "api-usage=100/100"
    org.sandbox.clock.advance(timedelta(days=1))
    assert org.http().get(limits).headers["Sforce-Limit-Info"] == "api-usage=1/100"


def test_records_that_were_put_in_know_of_the_activities_that_were(org: Org):
    for statement in (
        f"Contact WHERE Id = '{org.ids[CLARA]}'",
        f"Account WHERE Id = '{org.ids[ACME]}'",
    ):
        assert found(org.http(), f"LastActivityDate FROM {statement}") == [
            {"LastActivityDate": MEETING.at.date().isoformat()}
        ]


@pytest.mark.parametrize("sobject", ["Task", "Event", "TaskRelation", "EventRelation"])
def test_an_activity_that_was_put_in_is_at_its_first_contacts_account(org: Org, sobject: str):
    assert found(org.http(), f"AccountId FROM {sobject}")[0] == {"AccountId": org.ids[ACME]}


def test_the_relations_of_a_new_task_are_at_their_contacts_account(org: Org):
    given = {"Subject": "New", "WhoId": org.ids[CLARA], "ActivityDate": "2026-05-02"}
    org.http().post("/services/data/v67.0/sobjects/Task", json=given)
    relations = found(org.http(), "AccountId FROM TaskRelation WHERE Task.Subject = 'New'")
    assert relations == [{"AccountId": org.ids[ACME]}]


@pytest.mark.parametrize(
    "statement",
    [
        "OwnerId, Name FROM Account",
        "WhatCount, Priority FROM Task",
        "WhatCount, ShowAs, EventSubtype FROM Event",
    ],
)
def test_what_was_put_in_lacks_nothing_that_the_api_would_have_filled(org: Org, statement: str):
    assert None not in found(org.http(), statement)[0].values()


def test_a_meeting_that_was_put_in_has_all_its_times(org: Org):
    (event,) = found(org.http(), "ActivityDateTime, EndDate FROM Event")
    assert event == {
        "ActivityDateTime": MEETING.at.strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
        "EndDate": MEETING.at.date().isoformat(),
    }
