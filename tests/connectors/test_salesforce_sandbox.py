"""The sandbox answers as Salesforce does: shapes and codes restated by hand from real answers."""

from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors import Account, Activity, Channel, ExternalId, Stream
from connectors._sandbox import Sandbox, open_state
from connectors.salesforce import sandbox as salesforce_sandbox
from connectors.salesforce.sandbox import levers
from connectors.salesforce.sandbox.ids import is_id, long_id, numbered_id
from connectors.salesforce.sandbox.org import Org as State
from connectors.salesforce.sandbox.signing_in import CLIENT_ID, CLIENT_SECRET
from tests.connectors.salesforce_fixtures import (
    ANNE,
    CLARA,
    THEN,
    Org,
    activity,
    contacts,
    people,
    pull,
)

API = "/services/data/v67.0"
FIELD = {
    "FullName": "Contact.Score__c",
    "Metadata": {"label": "Score", "type": "Number", "precision": 3, "scale": 0},
}


def ask(org: Org, soql: str, resource: str = "query") -> httpx.Response:
    return org.http().get(f"{API}/{resource}", params={"q": soql})


def names(org: Org, where: str) -> list[str]:
    answer = ask(org, f"SELECT Name FROM Contact WHERE {where} ORDER BY Name")  # noqa: S608 SOQL
    return [row["Name"] for row in answer.json()["records"]]


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()[0]["errorCode"]


@pytest.mark.parametrize(
    ("short", "whole"),
    [("001M000000qfPyS", "001M000000qfPySIAU"), ("a0FE000000D6r3F", "a0FE000000D6r3FMAR")],
)
def test_an_id_ends_in_the_checksum_of_its_case(short: str, whole: str):
    assert long_id(short) == whole


def test_an_id_with_a_wrong_checksum_is_none():
    assert not is_id("001M000000qfPySIAA")


def test_ids_sort_as_they_were_given_out():
    given = [numbered_id("003", number) for number in range(0, 500_000, 997)]
    assert given == sorted(given)


def test_a_token_comes_with_milliseconds_and_without_an_expiry(org: Org):
    form = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    answer = httpx.post(
        f"{org.url}/services/oauth2/token", data=form | {"grant_type": "client_credentials"}
    ).json()
    keys = {"access_token", "signature", "scope", "instance_url", "id", "token_type", "issued_at"}
    assert set(answer) == keys
    assert len(answer["issued_at"]) == 13
    assert answer["id"].endswith("/id/00D5e0000000001EAA/0055e0000000001AAA")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"client_id": "x"}, "invalid_client_id"),
        ({"client_id": CLIENT_ID, "client_secret": "x"}, "invalid_client"),
        (
            {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "grant_type": "magic"},
            "unsupported_grant_type",
        ),
    ],
)
def test_the_token_endpoint_refuses_with_an_object(org: Org, form: dict[str, str], error: str):
    answer = httpx.post(f"{org.url}/services/oauth2/token", data=form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_a_dead_session_is_refused_with_an_array(org: Org):
    answer = httpx.get(f"{org.url}{API}/limits", headers={"Authorization": "Bearer old"})
    assert answer.status_code == 401
    assert answer.json() == [
        {"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}
    ]


def test_a_session_ends_by_itself_after_two_hours(org: Org):
    client = org.http()
    org.sandbox.clock.advance(timedelta(hours=2, seconds=1))
    assert code(client.get(f"{API}/limits")) == (401, "INVALID_SESSION_ID")


@pytest.mark.parametrize("path", ["/sobjects/Foo/describe", "/sobjects/Contact/x", "/nothing"])
def test_an_unknown_resource_answers_as_recorded(org: Org, path: str):
    answer = org.http().get(API + path)
    assert answer.status_code == 404
    assert answer.json() == [
        {"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}
    ]


def test_an_unknown_object_is_refused_with_a_caret_as_recorded(org: Org):
    answer = ask(org, "select count() from XYZZY")
    assert code(answer) == (400, "INVALID_TYPE")
    assert answer.json()[0]["message"] == (
        "\nselect count() from XYZZY\n                    ^\nERROR at Row:1:Column:21\n"
        "sObject type 'XYZZY' is not supported. If you are attempting to use a custom object, be "
        "sure to append the '__c' after the entity name. Please reference your WSDL or the "
        "describe call for the appropriate names."
    )


def test_counting_gives_a_total_and_no_records_as_recorded(org: Org):
    org.fill(contacts(17))
    answer = ask(org, "SELECT count() FROM Contact").json()
    assert answer == {"totalSize": 17, "done": True, "records": []}


def test_a_row_tells_its_type_and_address(org: Org):
    ids = org.fill(people())
    (row,) = ask(org, "SELECT Name, SystemModstamp FROM Contact LIMIT 1").json()["records"]
    address = f"{API}/sobjects/Contact/{ids[CLARA]}"
    assert row["attributes"] == {"type": "Contact", "url": address}
    assert row["SystemModstamp"] == "2026-03-02T09:30:00.000+0000"


EMAIL_FACTS = {
    "type": "email",
    "length": 80,
    "byteLength": 240,
    "soapType": "xsd:string",
    "label": "Email",
    "createable": True,
    "updateable": True,
    "filterable": True,
    "sortable": True,
    "groupable": True,
    "nillable": True,
    "permissionable": True,
    "custom": False,
}
ACCOUNT_ID_FACTS = {
    "type": "reference",
    "length": 18,
    "byteLength": 18,
    "soapType": "tns:ID",
    "label": "Account ID",
    "referenceTo": ["Account"],
    "relationshipName": "Account",
}
STAMP_FACTS = {
    "type": "datetime",
    "length": 0,
    "soapType": "xsd:dateTime",
    "label": "System Modstamp",
    "updateable": False,
    "filterable": True,
    "groupable": False,
    "nillable": False,
}


@pytest.mark.parametrize(
    ("name", "facts"),
    [("Email", EMAIL_FACTS), ("AccountId", ACCOUNT_ID_FACTS), ("SystemModstamp", STAMP_FACTS)],
)
def test_a_contacts_fields_are_described_as_recorded(org: Org, name: str, facts: dict[str, Any]):
    shown = org.http().get(f"{API}/sobjects/Contact/describe").json()
    (field,) = (field for field in shown["fields"] if field["name"] == name)
    assert {key: field[key] for key in facts} == facts
    assert len(field) == 57


def test_an_object_is_described_as_recorded(org: Org):
    shown = org.http().get(f"{API}/sobjects/Contact/describe").json()
    facts = {"keyPrefix": "003", "mergeable": True, "queryable": True, "labelPlural": "Contacts"}
    assert {key: shown[key] for key in facts} == facts
    relations = {child["relationshipName"]: child["field"] for child in shown["childRelationships"]}
    assert relations["Tasks"] == "WhoId"


def test_a_hidden_field_is_in_no_describe(org: Org):
    levers.hide(org.sandbox, "Contact.Email")
    shown = org.http().get(f"{API}/sobjects/Contact/describe").json()
    assert "Email" not in {field["name"] for field in shown["fields"]}


def test_a_new_custom_field_is_invisible_until_it_is_permitted(org: Org):
    client = org.http()
    made = client.post(f"{API}/tooling/sobjects/CustomField", json=FIELD)
    assert made.status_code == 201
    assert code(ask(org, "SELECT Score__c FROM Contact")) == (400, "INVALID_FIELD")
    again = client.post(f"{API}/tooling/sobjects/CustomField", json=FIELD)
    assert code(again) == (400, "DUPLICATE_DEVELOPER_NAME")


def test_a_custom_field_can_be_looked_up(org: Org):
    org.http().post(f"{API}/tooling/sobjects/CustomField", json=FIELD)
    soql = "SELECT Id, TableEnumOrId FROM CustomField WHERE DeveloperName = 'Score'"
    (row,) = ask(org, soql, "tooling/query").json()["records"]
    assert row["TableEnumOrId"] == "Contact"


def test_a_batch_size_is_kept_above_two_hundred(org: Org):
    org.fill(contacts(500))
    answer = org.http().get(
        f"{API}/query/",
        params={"q": "SELECT Id FROM Contact"},
        headers={"Sforce-Query-Options": "batchSize=10"},
    )
    assert len(answer.json()["records"]) == 200


def test_deleted_rows_are_seen_by_query_all_only(org: Org):
    ids = org.fill(people())
    levers.delete(org.sandbox, ids[CLARA])
    soql = "SELECT count() FROM Contact"
    seen = [ask(org, soql, resource).json()["totalSize"] for resource in ("query", "queryAll")]
    assert seen == [1, 2]


def test_a_single_record_is_read_and_changed(org: Org):
    ids = org.fill(people())
    client, path = org.http(), f"{API}/sobjects/Contact/{ids[CLARA]}"
    assert client.patch(path, json={"Title": "CEO"}).status_code == 204
    row = client.get(path).json()
    assert (row["Title"], row["LastModifiedById"]) == ("CEO", "0055e0000000001AAA")
    assert row["SystemModstamp"] > "2026-03-02T09:30:00.000+0000"


def test_more_than_two_hundred_rows_are_refused_as_a_whole(org: Org):
    row = {"attributes": {"type": "Contact"}, "id": "0035e0000000001AAA"}
    answer = org.http().patch(f"{API}/composite/sobjects", json={"records": [row] * 201})
    assert answer.status_code == 400


def test_all_or_none_takes_back_what_was_done(org: Org):
    ids = org.fill(people())
    rows = [
        {"attributes": {"type": "Contact"}, "id": row_id, "Title": "CEO"}
        for row_id in (ids[CLARA], "0035e0000000009AAA")
    ]
    body = {"allOrNone": True, "records": rows}
    answer = org.http().patch(f"{API}/composite/sobjects", json=body).json()
    codes = [result["errors"][0]["statusCode"] for result in answer]
    assert codes == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "INVALID_CROSS_REFERENCE_KEY"]
    assert names(org, "Title = 'CEO'") == []


def test_every_answer_tells_the_days_calls(org: Org):
    client = org.http()
    told = [client.get(f"{API}/limits").headers["Sforce-Limit-Info"] for _ in range(2)]
    assert told == ["api-usage=1/15000", "api-usage=2/15000"]


def test_the_sandboxs_clock_is_told_in_every_answer(org: Org):
    org.sandbox.clock.advance(timedelta(days=3))
    stamp = org.http().get(f"{API}/limits").headers["Date"]
    told = parsedate_to_datetime(stamp)
    assert abs(told - org.sandbox.clock.now()) < timedelta(minutes=1)


def test_a_state_file_holds_everything_for_the_next_start(tmp_path: Path):
    first = Sandbox(open_state(tmp_path / "org.db"))
    ids = salesforce_sandbox.fill(first, people())
    first.db.close()
    second = Sandbox(open_state(tmp_path / "org.db"))
    added = salesforce_sandbox.fill(second, [Account(ExternalId("b"), "Beta", modified_at=THEN)])
    kept = second.db.execute('SELECT count(*) FROM "Contact"').fetchone()
    second.db.close()
    assert kept == (2,)
    assert added[ExternalId("b")] not in ids.values()


def test_a_filling_that_fails_leaves_the_org_as_it_was(org: Org):
    def broken() -> Iterator[Account]:
        yield Account(ExternalId("a"), "Acme", modified_at=THEN)
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 the error is raised right here
        salesforce_sandbox.fill(org.sandbox, broken())
    assert pull(org.connect(), Stream.ACCOUNTS)[0] == []


def test_an_activity_may_be_put_in_later_by_the_ids_that_people_have(org: Org):
    ids = org.fill(people())
    later = org.fill([activity("mail", Channel.EMAIL, ids[ANNE], ids[CLARA])])
    (found,), _ = pull(org.connect(), Stream.TASKS)
    assert later == {ExternalId("mail"): found.id}
    assert isinstance(found, Activity)
    assert {party.person_id for party in found.participants} == {ids[ANNE], ids[CLARA]}


def test_an_org_is_made_once(org: Org):
    before = org.sandbox.db.execute('SELECT count(*) FROM "User"').fetchone()
    State(org.sandbox)
    assert org.sandbox.db.execute('SELECT count(*) FROM "User"').fetchone() == before
