"""Single rows: what the org checks, what it does by itself, and how rows come and go."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from simple_salesforce.exceptions import SalesforceMoreThanOneRecord, SalesforceResourceNotFound

from connectors._records import Activity
from connectors.salesforce.sandbox import levers, truth
from connectors.salesforce.sandbox.org import USER_ID
from tests.connectors.salesforce_fixtures import (
    ANNE,
    CLARA,
    DAVID,
    LEA,
    Org,
    people,
)
from tests.connectors.salesforce_sdk import sdk

API = "/services/data/v67.0"
KEY = {"label": "Key", "type": "Text", "length": 20, "externalId": True, "unique": True}


def make(client: httpx.Client, name: str, **values: object) -> str:
    answer = client.post(f"{API}/sobjects/{name}", json=values)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def row(client: httpx.Client, name: str, row_id: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"{API}/sobjects/{name}/{row_id}").json()
    return found


def found(client: httpx.Client, soql: str, resource: str = "query") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.get(f"{API}/{resource}", params={"q": soql}).json()[
        "records"
    ]
    return [{key: one[key] for key in one if key != "attributes"} for one in rows]


def refused(answer: httpx.Response) -> tuple[int, str, list[str]]:
    error = answer.json()[0]
    return answer.status_code, error["errorCode"], error.get("fields", [])


def add_key(client: httpx.Client) -> None:
    """Make an external id on contacts, and let us write it."""
    body = {"FullName": "Contact.Key__c", "Metadata": KEY}
    client.post(f"{API}/tooling/sobjects/CustomField", json=body)
    parent = make(client, "PermissionSet", Name="All", Label="All")
    permitted = {"SobjectType": "Contact", "Field": "Contact.Key__c", "PermissionsRead": True}
    make(client, "FieldPermissions", ParentId=parent, **permitted, PermissionsEdit=True)
    make(client, "PermissionSetAssignment", AssigneeId=USER_ID, PermissionSetId=parent)


@pytest.mark.parametrize(
    ("name", "values", "code", "field"),
    [
        ("Contact", {"FirstName": "A"}, "REQUIRED_FIELD_MISSING", "LastName"),
        ("Contact", {"LastName": ""}, "REQUIRED_FIELD_MISSING", "LastName"),
        ("Contact", {"LastName": "x" * 81}, "STRING_TOO_LONG", "LastName"),
        ("Contact", {"LastName": "A", "Email": "no"}, "INVALID_EMAIL_ADDRESS", "Email"),
        ("Contact", {"LastName": "A", "AccountId": "12"}, "MALFORMED_ID", "AccountId"),
        (
            "Contact",
            {"LastName": "A", "AccountId": USER_ID},
            "FIELD_INTEGRITY_EXCEPTION",
            "AccountId",
        ),
        ("Contact", {"LastName": "A", "Name": "B"}, "INVALID_FIELD_FOR_INSERT_UPDATE", "Name"),
        ("Contact", {"LastName": "A", "Id": USER_ID}, "INVALID_FIELD_FOR_INSERT_UPDATE", "Id"),
        ("Task", {"TaskSubtype": "Fax"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "TaskSubtype"),
        ("Task", {"ActivityDate": "soon"}, "INVALID_TYPE_ON_FIELD_IN_RECORD", "ActivityDate"),
        ("Event", {"Subject": "Lunch"}, "REQUIRED_FIELD_MISSING", "DurationInMinutes"),
        ("CampaignMember", {}, "REQUIRED_FIELD_MISSING", "CampaignId"),
        (
            "Opportunity",
            {"Name": "A", "StageName": "B", "CloseDate": "2026-01-01", "Amount": 1e18},
            "NUMBER_OUTSIDE_VALID_RANGE",
            "Amount",
        ),
    ],
)
def test_a_row_is_refused_for_each_wrong_value(
    org: Org, name: str, values: dict[str, Any], code: str, field: str
):
    answer = org.http().post(f"{API}/sobjects/{name}", json=values)
    status, found_code, fields = refused(answer)
    assert (status, found_code, fields[0]) == (400, code, field)


def test_a_parent_that_is_not_there_is_refused(org: Org):
    values = {"LastName": "A", "AccountId": "0015e0000000009AAA"}
    answer = org.http().post(f"{API}/sobjects/Contact", json=values)
    assert refused(answer) == (400, "INVALID_CROSS_REFERENCE_KEY", [])


def test_an_unknown_field_is_told_before_any_row_is_looked_at(org: Org):
    answer = org.http().post(f"{API}/sobjects/Contact", json={"Nonsense": 1})
    assert refused(answer)[:2] == (400, "INVALID_FIELD")


@pytest.mark.parametrize("name", ["CustomField", "Nothing"])
def test_what_is_no_data_is_no_address(org: Org, name: str):
    assert org.http().post(f"{API}/sobjects/{name}", json={}).status_code == 404


def test_simple_salesforce_makes_changes_and_deletes_a_row(org: Org):
    with sdk(org) as client:
        made = client.Contact.create({"FirstName": "Ada", "LastName": "Byron"})
        assert client.Contact.update(made["id"], {"LastName": "King"}) == 204
        assert client.Contact.get(made["id"])["Name"] == "Ada King"
        assert client.Contact.delete(made["id"]) == 204
        with pytest.raises(SalesforceResourceNotFound):
            client.Contact.update(made["id"], {"LastName": "Late"})


def test_simple_salesforce_upserts_by_an_external_id(org: Org):
    add_key(org.http())
    with sdk(org) as client:
        statuses = [client.Contact.upsert("Key__c/7", {"LastName": name}) for name in "AB"]
        assert statuses == [201, 200]
        assert client.Contact.get_by_custom_id("Key__c", "7")["LastName"] == "B"


def test_an_address_that_several_rows_have_is_told_with_their_addresses(org: Org):
    for name in ("A", "B"):
        make(org.http(), "Contact", LastName=name, Email="same@acme.com")
    with sdk(org) as client, pytest.raises(SalesforceMoreThanOneRecord) as refusal:
        client.Contact.upsert("Email/same@acme.com", {"LastName": "C"})
    assert len(refusal.value.content) == 2


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("Title/x", {}, 404),
        ("Key__c/1", {"Key__c": "1"}, 400),
        ("Id/0035e0000000009AAA", {"Title": "x"}, 400),
    ],
)
def test_an_upsert_names_its_row_by_an_external_id_and_only_in_the_address(
    org: Org, path: str, body: dict[str, str], status: int
):
    client = org.http()
    add_key(client)
    assert client.patch(f"{API}/sobjects/Contact/{path}", json=body).status_code == status


def test_a_unique_value_is_held_by_one_row(org: Org):
    client = org.http()
    add_key(client)
    first = make(client, "Contact", LastName="A", Key__c="7")
    answer = client.post(f"{API}/sobjects/Contact", json={"LastName": "B", "Key__c": "7"})
    assert refused(answer)[:2] == (400, "DUPLICATE_VALUE")
    assert first in answer.json()[0]["message"]


def test_a_validation_rule_is_held_against_every_write_and_undoes_it(org: Org):
    ids, client = org.fill(people()), org.http()
    levers.add_validation_rule(org.sandbox, "Contact", "Title = null", "Give a title.", "Title")
    levers.add_validation_rule(org.sandbox, "Contact", "Phone = null", "Give a phone.")
    answer = client.patch(f"{API}/sobjects/Contact/{ids[CLARA]}", json={"Department": "R&D"})
    assert [error["message"] for error in answer.json()] == ["Give a title.", "Give a phone."]
    assert row(client, "Contact", ids[CLARA])["Department"] is None


@pytest.mark.parametrize(("is_blocking", "status"), [(False, 201), (True, 400)])
def test_a_duplicate_may_be_saved_unless_its_rule_blocks(org: Org, is_blocking: bool, status: int):
    org.fill(people())
    levers.add_duplicate_rule(org.sandbox, "Contact", "Email", is_blocking=is_blocking)
    values = {"LastName": "Twin", "Email": "clara@acme.com"}
    header = {"Sforce-Duplicate-Rule-Header": "allowSave=true; includeRecordDetails=false"}
    client = org.http()
    plain = client.post(f"{API}/sobjects/Contact", json=values)
    assert refused(plain)[:2] == (400, "DUPLICATES_DETECTED")
    saved = client.post(f"{API}/sobjects/Contact", json=values, headers=header)
    assert saved.status_code == status


def test_a_locked_row_can_be_written_a_little_later(org: Org):
    ids, client = org.fill(people()), org.http()
    levers.lock_row(org.sandbox, ids[CLARA])
    path = f"{API}/sobjects/Contact/{ids[CLARA]}"
    answers = [client.patch(path, json={"Title": "CEO"}) for _ in range(2)]
    assert refused(answers[0])[1] == "UNABLE_TO_LOCK_ROW"
    assert answers[1].status_code == 204


def test_a_task_knows_its_people_its_account_and_when_it_was_closed(org: Org):
    ids, client = org.fill(people()), org.http()
    account = make(client, "Account", Name="Acme")
    whos = [ids[CLARA], ids[DAVID]]
    made = make(client, "Task", TaskWhoIds=whos, WhatId=account, Status="Completed")
    task = row(client, "Task", made)
    assert (task["WhoId"], task["WhoCount"], task["AccountId"]) == (ids[CLARA], 2, account)
    assert task["IsClosed"]
    assert task["CompletedDateTime"] == task["CreatedDate"]
    soql = f"SELECT RelationId, IsWhat FROM TaskRelation WHERE TaskId = '{made}'"  # noqa: S608
    assert {(r["RelationId"], r["IsWhat"]) for r in found(client, soql)} == {
        (whos[0], False),
        (whos[1], False),
        (account, True),
    }


def test_a_task_that_is_reopened_is_not_completed(org: Org):
    client = org.http()
    made = make(client, "Task", Subject="Call", Status="Completed")
    client.patch(f"{API}/sobjects/Task/{made}", json={"Status": "In Progress"})
    task = row(client, "Task", made)
    assert (task["IsClosed"], task["CompletedDateTime"]) == (False, None)


def test_without_shared_activities_a_list_of_people_is_no_field(org: Org):
    ids = org.fill(people())
    levers.hide(org.sandbox, "TaskRelation")
    answer = org.http().post(f"{API}/sobjects/Task", json={"TaskWhoIds": [ids[CLARA]]})
    assert refused(answer)[1] == "INVALID_FIELD"


def test_a_lead_is_alone_on_its_task(org: Org):
    ids = org.fill(people())
    body = {"TaskWhoIds": [ids[LEA], ids[CLARA]]}
    answer = org.http().post(f"{API}/sobjects/Task", json=body)
    assert refused(answer)[1] == "FIELD_INTEGRITY_EXCEPTION"


def test_an_activity_moves_the_last_date_of_its_people_and_of_what_it_is_about(org: Org):
    ids, client = org.fill(people()), org.http()
    account = make(client, "Account", Name="Acme")
    closed = {"Status": "Completed", "WhatId": account}
    task = make(client, "Task", WhoId=ids[CLARA], ActivityDate="2026-05-01", **closed)
    make(client, "Task", WhoId=ids[CLARA], ActivityDate="2026-06-01")
    seen = [row(client, "Contact", ids[CLARA]), row(client, "Account", account)]
    client.delete(f"{API}/sobjects/Task/{task}")
    after = [row(client, "Contact", ids[CLARA]), row(client, "Account", account)]
    assert [one["LastActivityDate"] for one in seen] == ["2026-05-01", "2026-05-01"]
    assert [one["LastActivityDate"] for one in after] == [None, None]
    assert seen[0]["SystemModstamp"] > seen[0]["LastModifiedDate"]


def test_an_events_times_follow_from_each_other(org: Org):
    client = org.http()
    made = make(
        client, "Event", Subject="Demo", StartDateTime="2026-05-01T10:00:00Z", DurationInMinutes=30
    )
    client.patch(f"{API}/sobjects/Event/{made}", json={"StartDateTime": "2026-05-02T10:00:00Z"})
    event = row(client, "Event", made)
    assert event["EndDateTime"] == "2026-05-02T10:30:00.000+0000"
    assert (event["ActivityDate"], event["DurationInMinutes"]) == ("2026-05-02", 30)


def test_a_colleague_who_is_invited_gets_a_copy_of_the_event(org: Org):
    ids, client = org.fill(people()), org.http()
    times = {"StartDateTime": "2026-05-01T10:00:00Z", "EndDateTime": "2026-05-01T11:00:00Z"}
    event = make(client, "Event", Subject="Demo", WhoId=ids[CLARA], **times)
    make(client, "EventRelation", EventId=event, RelationId=ids[ANNE], IsInvitee=True)
    (copy,) = found(client, "SELECT OwnerId, WhoId FROM Event WHERE IsChild = true")
    assert copy == {"OwnerId": ids[ANNE], "WhoId": ids[CLARA]}
    assert row(client, "Event", event)["IsGroupEvent"]


def test_an_email_that_was_sent_has_relations_and_a_task(org: Org):
    ids, client = org.fill(people()), org.http()
    mail = {"Subject": "Hello", "FromAddress": "anne@ours.com", "Status": "3"}
    to = "clara@acme.com; nobody@acme.com"
    made = make(client, "EmailMessage", **mail, ToAddress=to, MessageDate="2026-05-01T10:00:00Z")
    soql = "SELECT RelationType, RelationAddress, RelationId FROM EmailMessageRelation"
    parties = {tuple(one.values()) for one in found(client, soql)}
    assert parties == {
        ("FromAddress", "anne@ours.com", ids[ANNE]),
        ("ToAddress", "clara@acme.com", ids[CLARA]),
        ("ToAddress", "nobody@acme.com", None),
    }
    task = row(client, "Task", row(client, "EmailMessage", made)["ActivityId"])
    assert (task["TaskSubtype"], task["WhoId"]) == ("Email", ids[CLARA])


def test_a_deals_stage_tells_its_chance_and_is_remembered(org: Org):
    client = org.http()
    deal = {"Name": "Big", "StageName": "Qualification", "CloseDate": "2026-08-01", "Amount": 500}
    made = make(client, "Opportunity", **deal)
    client.patch(f"{API}/sobjects/Opportunity/{made}", json={"StageName": "Closed Won"})
    won = row(client, "Opportunity", made)
    assert (won["Probability"], won["ExpectedRevenue"], won["IsWon"]) == (100, 500, True)
    soql = "SELECT StageName FROM OpportunityHistory ORDER BY Id"
    assert [r["StageName"] for r in found(client, soql)] == ["Qualification", "Closed Won"]


def test_what_is_deleted_takes_its_children_along_and_brings_them_back(org: Org):
    client = org.http()
    account = make(client, "Account", Name="Acme")
    contact = make(client, "Contact", LastName="A", AccountId=account)
    client.delete(f"{API}/sobjects/Account/{account}")
    gone = client.patch(f"{API}/sobjects/Contact/{contact}", json={"LastName": "B"})
    levers.undelete(org.sandbox, account)
    assert refused(gone)[:2] == (404, "ENTITY_IS_DELETED")
    assert row(client, "Contact", contact)["LastName"] == "A"


def test_an_activity_outlives_one_of_its_people(org: Org):
    ids, client = org.fill(people()), org.http()
    task = make(client, "Task", TaskWhoIds=[ids[CLARA], ids[DAVID]])
    client.delete(f"{API}/sobjects/Contact/{ids[CLARA]}")
    left = row(client, "Task", task)
    assert (left["WhoId"], left["WhoCount"]) == (ids[DAVID], 1)


def test_who_is_in_the_recycle_bin_takes_part_in_nothing(org: Org):
    ids, client = org.fill(people()), org.http()
    both = [ids[CLARA], ids[DAVID]]
    task = make(client, "Task", TaskWhoIds=both, TaskSubtype="Call", ActivityDate="2026-05-01")

    def named() -> list[bool]:
        held = [one for one in truth.records(org.sandbox) if one.id == task]
        (call,) = [one for one in held if isinstance(one, Activity)]
        who = {party.person_id for party in call.participants}
        return [ids[one] in who for one in (CLARA, DAVID)]

    client.delete(f"{API}/sobjects/Contact/{ids[DAVID]}")
    gone = named()
    levers.undelete(org.sandbox, ids[DAVID])
    back = named()
    client.delete(f"{API}/sobjects/Contact/{ids[DAVID]}")
    org.sandbox.clock.advance(timedelta(days=15))
    org.http().get(f"{API}/limits")
    assert (gone, back, named()) == ([True, False], [True, True], [True, False])


def test_the_recycle_bin_is_emptied_after_fifteen_days(org: Org):
    client = org.http()
    contact = make(client, "Contact", LastName="A")
    client.delete(f"{API}/sobjects/Contact/{contact}")
    seen = []
    for days in (14, 1):
        org.sandbox.clock.advance(timedelta(days=days))
        seen.append(len(found(org.http(), "SELECT Id FROM Contact", "queryAll")))
    assert seen == [1, 0]


def test_a_merge_moves_everything_to_the_winner(org: Org):
    ids, client = org.fill(people()), org.http()
    both = make(client, "Task", TaskWhoIds=[ids[CLARA], ids[DAVID]], Status="Completed")
    alone = make(client, "Task", WhoId=ids[DAVID], ActivityDate="2026-05-01", Status="Completed")
    levers.merge(org.sandbox, ids[DAVID], ids[CLARA])
    tasks = [row(client, "Task", one) for one in (both, alone)]
    assert [(task["WhoId"], task["WhoCount"]) for task in tasks] == [(ids[CLARA], 1)] * 2
    assert row(client, "Contact", ids[CLARA])["LastActivityDate"] == "2026-05-01"
    soql = "SELECT Id, MasterRecordId FROM Contact WHERE IsDeleted = true"
    (loser,) = found(client, soql, "queryAll")
    assert loser == {"Id": ids[DAVID], "MasterRecordId": ids[CLARA]}


def test_a_converted_lead_hands_its_activities_over_and_is_closed(org: Org):
    ids, client = org.fill(people()), org.http()
    task = make(client, "Task", WhoId=ids[LEA])
    made = levers.convert(org.sandbox, ids[LEA], opportunity="New business")
    moved = row(client, "Task", task)
    assert (moved["WhoId"], moved["WhatId"]) == (made.contact_id, made.opportunity_id)
    assert moved["AccountId"] == made.account_id
    assert row(client, "Contact", made.contact_id)["Email"] == "lea@new.com"
    answer = client.patch(f"{API}/sobjects/Lead/{ids[LEA]}", json={"Title": "x"})
    assert refused(answer)[1] == "CANNOT_UPDATE_CONVERTED_LEAD"
