"""SOQL in the sandbox shows fields otherwise, totals of groups, and child rows page by page."""

from datetime import timedelta
from typing import Any

import pytest

from connectors import Deal, ExternalId
from connectors.salesforce.sandbox.org import USER_ID
from tests.connectors.salesforce_fixtures import (
    THEN,
    Org,
)
from tests.connectors.soql_fixtures import API, ask, company, problem, put, rows


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("toLabel(StageName)", {"StageName": "Prospecting"}),
        (
            "toLabel(StageName) stage, StageName",
            {"stage": "Prospecting", "StageName": "Prospecting"},
        ),
        ("FORMAT(Amount)", {"Amount": "$1,234.50"}),
        ("FORMAT(CreatedDate) made", {"made": "3/2/2026, 9:30 AM"}),
        ("FORMAT(CloseDate)", {"CloseDate": "6/30/2026"}),
        ("FORMAT(Probability)", {"Probability": None}),
        ("FORMAT(Account.NumberOfEmployees)", {"Account": {"NumberOfEmployees": "1,200"}}),
    ],
)
def test_a_field_is_shown_otherwise(org: Org, shown: str, expected: dict[str, Any]):
    account = put(org, "Account", "001", Name="Acme", NumberOfEmployees=1200)
    values = {"StageName": "Prospecting", "Amount": 1234.5, "CloseDate": "2026-06-30"}
    put(org, "Opportunity", "006", Name="A", AccountId=account, **values)
    (row,) = rows(org, f"SELECT {shown} FROM Opportunity")  # noqa: S608 SOQL
    row.get("Account", {}).pop("attributes", None)
    assert row == expected


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT convertCurrency(Amount) FROM Opportunity", "INVALID_FIELD"),
        ("SELECT toLabel(Amount) FROM Opportunity", "INVALID_FIELD"),
        ("SELECT FORMAT(Name) FROM Opportunity", "INVALID_FIELD"),
        ("SELECT Amount, FORMAT(Amount) FROM Opportunity", "INVALID_FIELD"),
        ("SELECT Id FROM Opportunity WHERE FORMAT(Amount) = '1'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Opportunity ORDER BY convertCurrency(Amount)", "MALFORMED_QUERY"),
        ("SELECT Id FROM Opportunity USING SCOPE team", "INVALID_QUERY_SCOPE"),
        ("SELECT Id FROM User USING SCOPE mine", "INVALID_QUERY_SCOPE"),
        ("SELECT Id FROM Opportunity WITH LOVE", "MALFORMED_QUERY"),
        ("SELECT GROUPING(Name) FROM Opportunity GROUP BY ROLLUP(StageName)", "MALFORMED_QUERY"),
    ],
)
def test_what_cannot_be_shown_so_is_refused(org: Org, soql: str, code: str):
    assert problem(org, soql)[0] == code


def test_an_amount_is_shown_in_the_companys_currency(org: Org):
    deals = [
        Deal(ExternalId(code), code, "Prospecting", amount=100.0, currency=code, created_at=THEN)
        for code in ("EUR", "USD")
    ]
    org.put(deals)
    org.sandbox.db.execute("UPDATE CurrencyType SET ConversionRate = 1.25 WHERE IsoCode = 'USD'")
    soql = "SELECT convertCurrency(Amount), FORMAT(Amount) own, "
    soql += "FORMAT(convertCurrency(Amount)) ours FROM Opportunity ORDER BY Name"
    assert rows(org, soql) == [
        {"Amount": 100.0, "own": "EUR 100.00", "ours": "EUR 100.00"},
        {"Amount": 80.0, "own": "USD 100.00", "ours": "EUR 80.00"},
    ]


def test_a_label_can_be_filtered_by(org: Org):
    company(org)
    found = rows(org, "SELECT Name FROM Opportunity WHERE toLabel(StageName) = 'Closed Won'")
    assert found == [{"Name": "C"}]


def test_mine_are_the_rows_that_i_own(org: Org):
    company(org)
    put(org, "Opportunity", "006", Name="Mine", OwnerId=USER_ID)
    assert rows(org, "SELECT Name FROM Opportunity USING SCOPE mine") == [{"Name": "Mine"}]
    assert len(rows(org, "SELECT Name FROM Opportunity USING SCOPE everything")) == 4


@pytest.mark.parametrize("mode", ["SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE"])
def test_whoever_asks_asks_with_their_own_rights(org: Org, mode: str):
    company(org)
    soql = "SELECT Name FROM Opportunity WHERE Name = 'A' WITH {} ORDER BY Name LIMIT 1"
    assert rows(org, soql.format(mode)) == [{"Name": "A"}]


def test_a_rollup_gives_the_totals_behind_their_groups(org: Org):
    company(org)
    soql = "SELECT StageName s, IsWon w, COUNT(Id) n, GROUPING(IsWon) g FROM Opportunity "
    assert [
        tuple(row.values()) for row in rows(org, soql + "GROUP BY ROLLUP(StageName, IsWon)")
    ] == [
        ("Closed Won", True, 1, 0),
        ("Closed Won", None, 1, 1),
        ("Prospecting", False, 2, 0),
        ("Prospecting", None, 2, 1),
        (None, None, 3, 1),
    ]


def test_a_cube_gives_the_totals_of_every_combination(org: Org):
    company(org)
    soql = "SELECT StageName s, IsWon w, COUNT(Id) n FROM Opportunity "
    soql += (
        "GROUP BY CUBE(StageName, IsWon) HAVING COUNT(Id) > 1 ORDER BY COUNT(Id) DESC, StageName"
    )
    assert [tuple(row.values()) for row in rows(org, soql)] == [
        (None, None, 3),
        (None, False, 2),
        ("Prospecting", False, 2),
        ("Prospecting", None, 2),
    ]


def test_child_rows_beyond_the_page_are_asked_for_by_their_own_locator(org: Org):
    account = put(org, "Account", "001", Name="Acme")
    for number in range(450):
        put(org, "Contact", "003", LastName=f"N{number:03}", AccountId=account)
    soql = "SELECT Id, (SELECT LastName FROM Contacts ORDER BY LastName) FROM Account"
    few = {"Sforce-Query-Options": "batchSize=200"}
    client = org.http()
    answer = client.get(f"{API}/query", params={"q": soql}, headers=few).json()
    child = answer["records"][0]["Contacts"]
    assert (answer["done"], child["totalSize"], child["done"], len(child["records"])) == (
        True,
        450,
        False,
        199,
    )
    assert child["nextRecordsUrl"].endswith("-199")
    second = client.get(child["nextRecordsUrl"]).json()
    third = client.get(second["nextRecordsUrl"]).json()
    names = [row["LastName"] for part in (child, second, third) for row in part["records"]]
    assert names == [f"N{number:03}" for number in range(450)]
    assert (third["done"], "nextRecordsUrl" in third) == (True, False)


def test_rows_below_child_rows_go_on_at_their_own_place(org: Org):
    account = put(org, "Account", "001", Name="Acme")
    put(org, "Contact", "003", LastName="Other", AccountId=account)
    contact = put(org, "Contact", "003", LastName="Clara", AccountId=account)
    for number in range(250):
        put(org, "Task", "00T", Subject=f"N{number:03}", WhoId=contact)
    tasks = "(SELECT Subject FROM Tasks ORDER BY Subject)"
    soql = f"SELECT Id, (SELECT Id FROM Opportunities), (SELECT Id, {tasks} FROM Contacts) "  # noqa: S608 SOQL
    few = {"Sforce-Query-Options": "batchSize=200"}
    client = org.http()
    answer = client.get(f"{API}/query", params={"q": f"{soql}FROM Account"}, headers=few).json()
    _, clara = answer["records"][0]["Contacts"]["records"]
    rest = client.get(clara["Tasks"]["nextRecordsUrl"]).json()
    shown = [row["Subject"] for part in (clara["Tasks"], rest) for row in part["records"]]
    assert shown == [f"N{number:03}" for number in range(250)]


def test_a_locator_of_child_rows_lives_while_it_is_used(org: Org):
    account = put(org, "Account", "001", Name="Acme")
    for number in range(250):
        put(org, "Contact", "003", LastName=f"N{number:03}", AccountId=account)
    soql = "SELECT Id, (SELECT Id FROM Contacts) FROM Account"
    few = {"Sforce-Query-Options": "batchSize=200"}
    client = org.http()
    answer = client.get(f"{API}/query", params={"q": soql}, headers=few).json()
    address = answer["records"][0]["Contacts"]["nextRecordsUrl"]
    statuses = []
    for minutes in (14, 14, 16):
        org.sandbox.clock.advance(timedelta(minutes=minutes))
        statuses.append(client.get(address).status_code)
    assert statuses == [200, 200, 400]


def test_a_locator_of_child_rows_dies_with_the_others(org: Org):
    assert ask(org, "SELECT Id FROM Account").status_code == 200
    unknown = org.http().get(f"{API}/query/01g000000000000AAA-199")
    assert unknown.json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"
