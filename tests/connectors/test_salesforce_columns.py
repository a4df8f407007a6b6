"""What Salesforce's own tools ask besides rows: a query's columns, and what there is to ask."""

from typing import Any

import httpx

from tests.connectors.salesforce_fixtures import Org, people

API = "/services/data/v67.0"


def asked(org: Org, soql: str) -> httpx.Response:
    return org.http().get(f"{API}/query", params={"q": soql, "columns": "true"})


def shown(columns: list[dict[str, Any]]) -> list[Any]:
    """Give the columns' names, those with columns below them as pairs."""
    return [
        (column["columnName"], shown(column["joinColumns"]))
        if column["joinColumns"]
        else column["columnName"]
        for column in columns
    ]


def columns(org: Org, soql: str) -> list[dict[str, Any]]:
    answer = asked(org, soql)
    assert answer.status_code == 200, answer.text
    told: list[dict[str, Any]] = answer.json()["columnMetadata"]
    return told


def test_columns_come_as_salesforces_own_tools_recorded_them(org: Org):
    (first, name) = columns(org, "SELECT id, name FROM Contact")
    assert first == {
        "aggregate": False,
        "apexType": "Id",
        "booleanType": False,
        "columnName": "Id",
        "custom": False,
        "displayName": "Id",
        "foreignKeyName": None,
        "insertable": False,
        "joinColumns": [],
        "numberType": False,
        "textType": False,
        "updatable": False,
    }
    assert name == first | {
        "apexType": "String",
        "columnName": "Name",
        "displayName": "Name",
        "textType": True,
    }


def test_parents_and_children_hold_columns_of_their_own(org: Org):
    soql = "SELECT Name, Owner.Name, Owner.Email, (SELECT LastName FROM Contacts) FROM Account"
    told = columns(org, soql)
    assert shown(told) == ["Name", ("Owner", ["Name", "Email"]), ("Contacts", ["LastName"])]
    assert [one["aggregate"] for one in told] == [False, False, True]
    assert [one["foreignKeyName"] for one in told] == [None, "OwnerId", None]
    assert told[2]["joinColumns"][0]["updatable"] is True


def test_totals_are_shown_by_their_functions(org: Org):
    soql = "SELECT CampaignId, COUNT(Id) total, AVG(Amount) FROM Opportunity GROUP BY CampaignId"
    campaign, total, average = columns(org, soql)
    assert (campaign["apexType"], campaign["insertable"]) == ("Id", True)
    assert (average["columnName"], average["displayName"]) == ("expr0", "avg(Amount)")
    assert (average["aggregate"], average["apexType"], average["numberType"]) == (True, None, True)
    assert (total["columnName"], total["displayName"]) == ("total", "count(Id)")


def test_choices_and_groups_of_fields_are_shown_one_by_one(org: Org):
    soql = "SELECT TYPEOF Who WHEN Contact THEN LastName, Email ELSE Name END FROM Task"
    assert shown(columns(org, soql)) == [("Who", ["LastName", "Email", "Name"])]
    standard = columns(org, "SELECT FIELDS(STANDARD) FROM Account")
    assert {"Id", "Name", "IsDeleted"} < {one["columnName"] for one in standard}


def test_columns_come_without_rows(org: Org):
    org.fill(people())
    answer = asked(org, "SELECT Id FROM Contact")
    assert answer.json().keys() == {
        "columnMetadata",
        "entityName",
        "groupBy",
        "idSelected",
        "keyPrefix",
    }


def test_a_wrong_statement_has_no_columns(org: Org):
    answer = asked(org, "SELECT Id FROM Contact WHERE Nothing__c = 1")
    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] == "INVALID_FIELD"


def test_the_resources_of_a_version_are_there_to_be_asked(org: Org):
    client = org.http()
    told = client.get(API).json()
    assert told["sobjects"] == f"{API}/sobjects"
    assert client.get(told["limits"]).status_code == 200
    assert client.get(told["identity"]).status_code == 200


def test_the_org_tells_what_the_salesforce_cli_asks_of_every_org(org: Org):
    soql = "SELECT Name, InstanceName, IsSandbox, TrialExpirationDate, NamespacePrefix, "
    soql += "OrganizationType FROM Organization"
    answer = org.http().get(f"{API}/query", params={"q": soql})
    assert answer.status_code == 200, answer.text
    assert answer.json()["records"][0]["TrialExpirationDate"] is None


def test_slashes_too_many_lead_to_the_same_address(org: Org):
    client = org.http()
    assert client.get(f"{org.url}/{API}//limits").status_code == 200
    assert org.sandbox.calls[-1].path == f"{API}/limits"
