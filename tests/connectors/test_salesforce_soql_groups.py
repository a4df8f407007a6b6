"""SOQL in the sandbox groups, counts and sums."""

from typing import Any

import pytest

from tests.connectors.salesforce_fixtures import Org, contacts
from tests.connectors.soql_fixtures import ask, company, problem, rows


@pytest.mark.parametrize(
    ("soql", "expected"),
    [
        ("SELECT COUNT(Id) FROM Opportunity", [{"expr0": 3}]),
        ("SELECT COUNT(Amount), SUM(Amount) s FROM Opportunity", [{"expr0": 2, "s": 40.0}]),
        ("SELECT AVG(Amount) FROM Opportunity WHERE Name = 'none'", [{"expr0": None}]),
        ("SELECT MIN(Amount) low, MAX(Name) high FROM Opportunity", [{"low": 10.0, "high": "C"}]),
        ("SELECT COUNT_DISTINCT(StageName) FROM Opportunity", [{"expr0": 2}]),
        (
            "SELECT StageName, COUNT(Id) n FROM Opportunity GROUP BY StageName ORDER BY COUNT(Id)",
            [{"StageName": "Closed Won", "n": 1}, {"StageName": "Prospecting", "n": 2}],
        ),
        (
            "SELECT StageName stage FROM Opportunity GROUP BY StageName HAVING COUNT(Id) > 1",
            [{"stage": "Prospecting"}],
        ),
        (
            "SELECT Account.Name, SUM(Amount) FROM Opportunity GROUP BY Account.Name",
            [{"Name": "Acme", "expr0": 40.0}],
        ),
        (
            "SELECT CALENDAR_YEAR(CreatedDate) y FROM Contact GROUP BY CALENDAR_YEAR(CreatedDate)",
            [{"y": 2026}],
        ),
        (
            "SELECT IsWon, COUNT(Id) FROM Opportunity GROUP BY IsWon ORDER BY IsWon DESC LIMIT 1",
            [{"IsWon": True, "expr0": 1}],
        ),
    ],
)
def test_rows_are_taken_together(org: Org, soql: str, expected: list[dict[str, Any]]):
    company(org)
    assert rows(org, soql) == expected


def test_a_group_is_an_aggregate_result(org: Org):
    company(org)
    answer = ask(org, "SELECT COUNT(Id) FROM Opportunity").json()
    assert (answer["totalSize"], answer["done"]) == (1, True)
    assert answer["records"][0]["attributes"] == {"type": "AggregateResult"}


@pytest.mark.parametrize(
    ("soql", "error", "said"),
    [
        (
            "SELECT Name, COUNT(Id) FROM Opportunity",
            "MALFORMED_QUERY",
            "Field must be grouped or aggregated: Name",
        ),
        (
            "SELECT StageName, COUNT(Id) FROM Opportunity GROUP BY StageName ORDER BY Name",
            "MALFORMED_QUERY",
            "Ordered field must be grouped or aggregated: Name",
        ),
        (
            "SELECT Account.Name, Owner.Name FROM Opportunity GROUP BY Account.Name, Owner.Name",
            "MALFORMED_QUERY",
            "duplicate alias: Name",
        ),
        (
            "SELECT COUNT(Id) FROM Opportunity GROUP BY Amount",
            "INVALID_FIELD",
            "field 'Amount' can not be grouped in a query call",
        ),
        (
            "SELECT SUM(Name) FROM Opportunity",
            "INVALID_FIELD",
            "field Name does not support aggregate operator SUM",
        ),
        (
            "SELECT MAX(IsWon) FROM Opportunity",
            "INVALID_FIELD",
            "field IsWon does not support aggregate operator MAX",
        ),
        (
            "SELECT Name n FROM Opportunity",
            "MALFORMED_QUERY",
            "only aggregate expressions use field aliasing",
        ),
    ],
)
def test_what_cannot_be_taken_together_is_refused(org: Org, soql: str, error: str, said: str):
    assert problem(org, soql) == (error, said)


def test_groups_come_on_one_page_or_not_at_all(org: Org):
    org.fill(contacts(2001))
    error = ask(org, "SELECT Name, COUNT(Id) FROM Contact GROUP BY Name").json()[0]
    assert error["errorCode"] == "EXCEEDED_ID_LIMIT"


def test_counting_minds_a_limit(org: Org):
    company(org)
    assert ask(org, "SELECT COUNT() FROM Opportunity LIMIT 2").json()["totalSize"] == 2
