"""SOQL in the sandbox chooses, nests and refuses as Salesforce's does."""

import httpx
import pytest

from connectors import Channel
from connectors.salesforce.sandbox import levers
from tests.connectors.salesforce_fixtures import (
    ANNE,
    CLARA,
    DAVID,
    Org,
    activity,
    contacts,
    people,
)

API = "/services/data/v67.0"


def ask(org: Org, soql: str, resource: str = "query") -> httpx.Response:
    return org.http().get(f"{API}/{resource}", params={"q": soql})


def names(org: Org, where: str) -> list[str]:
    answer = ask(org, f"SELECT Name FROM Contact WHERE {where} ORDER BY Name")  # noqa: S608 SOQL
    return [row["Name"] for row in answer.json()["records"]]


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()[0]["errorCode"]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("Name = 'clara stone'", ["Clara Stone"]),
        ("Name != 'Clara Stone'", ["David Small"]),
        ("Title != 'CEO'", ["Clara Stone", "David Small"]),
        ("Title != null", []),
        ("Title = null", ["Clara Stone", "David Small"]),
        ("NOT Title = 'CEO'", ["Clara Stone", "David Small"]),
        ("NOT (Name = 'x' OR (NOT Name LIKE 'D%'))", ["David Small"]),
        ("Name LIKE 'c_ara%' AND IsDeleted = false", ["Clara Stone"]),
        ("Name LIKE '100\\\\%%'", []),
        ("Name IN ('David Small', 'x')", ["David Small"]),
        ("Name NOT IN ('David Small')", ["Clara Stone"]),
        ("Title NOT IN ('CEO')", ["Clara Stone", "David Small"]),
        ("SystemModstamp >= 2026-03-02T09:30:00Z", ["Clara Stone", "David Small"]),
        ("SystemModstamp > 2026-03-02T10:30:00.000+01:00", []),
        ("SystemModstamp < 2026-03-02T09:30:00.500Z", ["Clara Stone", "David Small"]),
        ("Name > 'Clara Stone' OR (Name < 'B' AND Name > 'A')", ["David Small"]),
        ("Account.Name = 'Acme'", []),
        ("Name = 'O\\'Neil'", []),
    ],
)
def test_a_condition_chooses_rows(org: Org, where: str, expected: list[str]):
    org.fill(people())
    assert names(org, where) == expected


@pytest.mark.parametrize(
    ("soql", "error"),
    [
        ("SELECT FROM Contact", "MALFORMED_QUERY"),
        ("SELECT Id Contact", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE Name = 'open", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact LIMIT 1.5", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact; DROP TABLE Contact", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE " + "(" * 50, "MALFORMED_QUERY"),
        ("SELECT Nope FROM Contact", "INVALID_FIELD"),
        ("SELECT Nope.Name FROM Contact", "INVALID_FIELD"),
        ("SELECT Id FROM Contact ORDER BY Description", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE Description = 'x'", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE SystemModstamp > '2026-01-01'", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE Name = 7", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE Id > ''", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT (SELECT Id FROM Nopes) FROM Contact", "INVALID_TYPE"),
        ("SELECT Id FROM Contact OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE"),
    ],
)
def test_a_wrong_statement_is_refused(org: Org, soql: str, error: str):
    org.fill(people())
    assert code(ask(org, soql)) == (400, error)


def test_sub_rows_come_nested_or_not_at_all(org: Org):
    ids = org.fill([*people(), activity("mail", Channel.EMAIL, ANNE, CLARA, DAVID)])
    soql = "SELECT Id, (SELECT RelationId FROM TaskRelations) FROM Task"
    (row,) = ask(org, soql, "queryAll").json()["records"]
    nested = row["TaskRelations"]
    assert (nested["totalSize"], nested["done"]) == (2, True)
    assert [sub["RelationId"] for sub in nested["records"]] == [ids[CLARA], ids[DAVID]]
    levers.hide(org.sandbox, "TaskRelation")
    assert code(ask(org, soql)) == (400, "INVALID_TYPE")


def test_a_parent_comes_as_a_row_of_its_own(org: Org):
    org.fill(people())
    (row,) = ask(org, "SELECT Owner.Name FROM Contact LIMIT 1").json()["records"]
    assert row["Owner"]["Name"] == "Tieline Integration"


def test_a_long_result_goes_on_behind_its_locator(org: Org):
    org.fill(contacts(4500))
    first = ask(org, "SELECT Id FROM Contact").json()
    assert (first["totalSize"], first["done"], len(first["records"])) == (4500, False, 2000)
    client = org.http()
    second = client.get(first["nextRecordsUrl"]).json()
    third = client.get(second["nextRecordsUrl"]).json()
    assert (third["done"], len(third["records"])) == (True, 500)
    assert code(client.get(f"{API}/query/01gnothing-2000")) == (400, "INVALID_QUERY_LOCATOR")
