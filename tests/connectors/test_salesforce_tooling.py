"""Custom fields of every type: what they must say of themselves, take, and leave behind."""

from typing import Any

import httpx
import pytest

from connectors.salesforce.sandbox import levers
from connectors.salesforce.sandbox.org import USER_ID
from tests.connectors.salesforce_fixtures import CLARA, Org, people
from tests.connectors.salesforce_sdk import sdk

API = "/services/data/v67.0"
FIELDS = f"{API}/tooling/sobjects/CustomField"
VALUES = {
    "restricted": True,
    "valueSetDefinition": {"value": [{"fullName": "low", "default": True}, {"fullName": "high"}]},
}
KINDS: dict[str, tuple[dict[str, Any], object]] = {
    "Checkbox": ({"defaultValue": False}, True),
    "Currency": ({"precision": 10, "scale": 2}, 12.25),
    "Date": ({}, "2026-05-01"),
    "DateTime": ({}, "2026-05-01T10:00:00.000+0000"),
    "Email": ({}, "a@acme.com"),
    "LongTextArea": ({"length": 1000, "visibleLines": 3}, "x" * 900),
    "Lookup": ({"referenceTo": "User", "relationshipName": "Introduced"}, USER_ID),
    "MultiselectPicklist": ({"valueSet": VALUES, "visibleLines": 3}, "low;high"),
    "Number": ({"precision": 5, "scale": 2}, 71.5),
    "Percent": ({"precision": 5, "scale": 2}, 71.5),
    "Phone": ({}, "+1 555"),
    "Picklist": ({"valueSet": VALUES}, "high"),
    "Text": ({"length": 80}, "abc"),
    "TextArea": ({}, "two\nlines"),
    "Url": ({}, "https://acme.com"),
}


def add(client: httpx.Client, kind: str, **said: object) -> httpx.Response:
    metadata = {"label": "Field", "type": kind, **said}
    return client.post(FIELDS, json={"FullName": "Contact.Field__c", "Metadata": metadata})


def permit(client: httpx.Client) -> None:
    """Let us read and write the field."""
    made = client.post(f"{API}/sobjects/PermissionSet", json={"Name": "All", "Label": "All"})
    parent = made.json()["id"]
    permitted = {"SobjectType": "Contact", "Field": "Contact.Field__c", "PermissionsRead": True}
    body = {"ParentId": parent, **permitted, "PermissionsEdit": True}
    client.post(f"{API}/sobjects/FieldPermissions", json=body)
    assigned = {"AssigneeId": USER_ID, "PermissionSetId": parent}
    client.post(f"{API}/sobjects/PermissionSetAssignment", json=assigned)


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()[0]["errorCode"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_of_each_type_holds_its_value(org: Org, kind: str):
    said, value = KINDS[kind]
    path = f"{API}/sobjects/Contact/{org.fill(people())[CLARA]}"
    client = org.http()
    assert add(client, kind, **said).status_code == 201
    permit(client)
    assert client.patch(path, json={"Field__c": value}).status_code == 204
    assert client.get(path).json()["Field__c"] == value


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("TextArea", {"length": 255}),
        ("Checkbox", {}),
        ("LongTextArea", {"length": 1000}),
        ("LongTextArea", {"length": 255, "visibleLines": 3}),
        ("Text", {"length": 256}),
        ("Number", {"precision": 19, "scale": 0}),
        ("Number", {"precision": 2, "scale": 3}),
        ("Picklist", {}),
        ("Lookup", {"referenceTo": "Nothing", "relationshipName": "X"}),
        ("Date", {"externalId": True}),
        ("Formula", {}),
        ("Date", {"label": ""}),
    ],
)
def test_a_field_that_says_too_much_or_too_little_of_itself_is_refused(
    org: Org, kind: str, said: dict[str, object]
):
    status, code = refused(add(org.http(), kind, **said))
    assert status == 400
    assert code in {"FIELD_INTEGRITY_EXCEPTION", "NUMBER_OUTSIDE_VALID_RANGE"}


@pytest.mark.parametrize("name", ["9x__c", "Field", "a__b__c", "x" * 41 + "__c", ""])
def test_a_field_has_a_name_that_the_org_can_use(org: Org, name: str):
    body = {"FullName": f"Contact.{name}", "Metadata": {"label": "Field", "type": "Date"}}
    assert refused(org.http().post(FIELDS, json=body)) == (400, "FIELD_INTEGRITY_EXCEPTION")


def test_a_value_off_a_restricted_list_is_refused_and_the_default_is_given(org: Org):
    client = org.http()
    add(client, "Picklist", valueSet=VALUES)
    permit(client)
    with sdk(org) as salesforce:
        made = salesforce.Contact.create({"LastName": "A"})
        assert salesforce.Contact.get(made["id"])["Field__c"] == "low"
    body = {"LastName": "B", "Field__c": "huge"}
    answer = client.post(f"{API}/sobjects/Contact", json=body)
    assert refused(answer) == (400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")


def test_a_required_field_needs_no_permission_and_no_row_goes_without_it(org: Org):
    client = org.http()
    add(client, "Text", length=10, required=True)
    path = f"{API}/sobjects/Contact"
    assert refused(client.post(path, json={"LastName": "A"})) == (400, "REQUIRED_FIELD_MISSING")
    assert client.post(path, json={"LastName": "A", "Field__c": "x"}).status_code == 201


def test_a_lookup_can_be_followed_in_a_query(org: Org):
    client = org.http()
    add(client, "Lookup", referenceTo="User", relationshipName="Introduced")
    permit(client)
    client.post(f"{API}/sobjects/Contact", json={"LastName": "A", "Field__c": USER_ID})
    soql = "SELECT Field__r.Name FROM Contact"
    (row,) = client.get(f"{API}/query", params={"q": soql}).json()["records"]
    assert row["Field__r"]["Name"] == "Tieline Integration"


def test_a_field_is_changed_by_its_id_but_not_its_type(org: Org):
    client = org.http()
    address = f"{FIELDS}/{add(client, 'Text', length=10).json()['id']}"
    longer = {"label": "Longer", "type": "Text", "length": 20}
    assert client.patch(address, json={"Metadata": longer}).status_code == 204
    assert client.get(address).json()["Metadata"] == longer
    other = client.patch(address, json={"Metadata": {"label": "Longer", "type": "Date"}})
    assert refused(other) == (400, "FIELD_INTEGRITY_EXCEPTION")


def test_a_field_that_is_deleted_takes_its_permissions_along_and_frees_its_name(org: Org):
    client = org.http()
    address = f"{FIELDS}/{add(client, 'Text', length=10).json()['id']}"
    permit(client)
    assert client.delete(address).status_code == 204
    soql = "SELECT count() FROM FieldPermissions"
    left = client.get(f"{API}/query", params={"q": soql}).json()["totalSize"]
    assert (left, client.get(address).status_code) == (0, 404)
    assert add(client, "Date").status_code == 201


def test_only_who_may_customize_the_application_touches_its_fields(org: Org):
    client = org.http()
    address = f"{FIELDS}/{add(client, 'Text', length=10).json()['id']}"
    levers.deny(org.sandbox, "CustomizeApplication")
    assert client.delete(address).status_code == 403
    assert client.patch(address, json={}).status_code == 403


def test_simple_salesforce_finds_a_field_by_its_developer_name(org: Org):
    add(org.http(), "Date")
    with sdk(org) as client:
        soql = "SELECT Id FROM CustomField WHERE DeveloperName = 'Field'"
        assert client.toolingexecute("query/", params={"q": soql})["totalSize"] == 1


@pytest.mark.parametrize(
    ("resource", "soql"),
    [("query", "SELECT Id FROM CustomField"), ("tooling/query", "SELECT Id FROM Contact")],
)
def test_each_api_queries_its_own_objects(org: Org, resource: str, soql: str):
    answer = org.http().get(f"{API}/{resource}", params={"q": soql})
    assert refused(answer) == (400, "INVALID_TYPE")


@pytest.mark.parametrize("field", ["Contact.Shoe__c", "Contact.LastName", "Lead.Phone", "Phone"])
def test_only_a_field_that_can_be_hidden_is_permitted(org: Org, field: str):
    client = org.http()
    named = {"Name": "Few", "Label": "Few"}
    parent = client.post(f"{API}/sobjects/PermissionSet", json=named).json()["id"]
    wanted = {"ParentId": parent, "SobjectType": "Contact", "Field": field, "PermissionsRead": True}
    answer = client.post(f"{API}/sobjects/FieldPermissions", json=wanted)
    assert answer.json()[0]["errorCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    expected = f"Field Name: bad value for restricted picklist field: {field}"
    assert answer.json()[0]["message"] == expected


def test_who_may_edit_a_field_may_read_it(org: Org):
    client = org.http()
    named = {"Name": "Few", "Label": "Few"}
    parent = client.post(f"{API}/sobjects/PermissionSet", json=named).json()["id"]
    wanted = {"ParentId": parent, "SobjectType": "Contact", "Field": "Contact.Phone"}
    answer = client.post(
        f"{API}/sobjects/FieldPermissions", json=wanted | {"PermissionsEdit": True}
    )
    assert refused(answer) == (400, "FIELD_INTEGRITY_EXCEPTION")
