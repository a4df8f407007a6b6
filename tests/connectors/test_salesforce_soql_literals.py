"""SOQL's literals in the sandbox: periods by the org's clock, lists, escapes, nothing at all."""

from datetime import date, timedelta

import pytest

from connectors.salesforce.sandbox.periods import days
from tests.connectors.salesforce_fixtures import Org
from tests.connectors.soql_fixtures import ask, company, put, rows

WEDNESDAY = date(2026, 11, 18)


def names(org: Org, where: str) -> str:
    soql = f"SELECT Name FROM Campaign WHERE {where} ORDER BY Name"  # noqa: S608 SOQL
    return "".join(row["Name"] for row in rows(org, soql))


@pytest.mark.parametrize(
    ("name", "number", "first", "behind"),
    [
        ("TODAY", 0, (2026, 11, 18), (2026, 11, 19)),
        ("YESTERDAY", 0, (2026, 11, 17), (2026, 11, 18)),
        ("THIS_WEEK", 0, (2026, 11, 15), (2026, 11, 22)),
        ("LAST_WEEK", 0, (2026, 11, 8), (2026, 11, 15)),
        ("NEXT_MONTH", 0, (2026, 12, 1), (2027, 1, 1)),
        ("LAST_MONTH", 0, (2026, 10, 1), (2026, 11, 1)),
        ("THIS_QUARTER", 0, (2026, 10, 1), (2027, 1, 1)),
        ("LAST_FISCAL_YEAR", 0, (2025, 1, 1), (2026, 1, 1)),
        ("LAST_90_DAYS", 0, (2026, 8, 20), (2026, 11, 19)),
        ("NEXT_90_DAYS", 0, (2026, 11, 19), (2027, 2, 17)),
        ("LAST_N_DAYS", 7, (2026, 11, 11), (2026, 11, 19)),
        ("NEXT_N_DAYS", 7, (2026, 11, 19), (2026, 11, 26)),
        ("N_DAYS_AGO", 7, (2026, 11, 11), (2026, 11, 12)),
        ("LAST_N_MONTHS", 2, (2026, 9, 1), (2026, 11, 1)),
        ("NEXT_N_QUARTERS", 2, (2027, 1, 1), (2027, 7, 1)),
        ("N_YEARS_AGO", 1, (2025, 1, 1), (2026, 1, 1)),
        ("LAST_N_DAYS", 10**9, (1700, 1, 1), (2026, 11, 19)),
    ],
)
def test_a_period_is_a_range_of_days(
    name: str, number: int, first: tuple[int, int, int], behind: tuple[int, int, int]
):
    assert days(name, number, WEDNESDAY) == (date(*first), date(*behind))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("= TODAY", "B"),
        ("!= TODAY", "ACD"),
        ("< TODAY", "A"),
        ("<= TODAY", "AB"),
        ("> TODAY", "C"),
        (">= TODAY", "BC"),
        ("= last_n_days:1", "AB"),
        ("IN (YESTERDAY, TOMORROW)", "AC"),
        ("NOT IN (YESTERDAY, TOMORROW)", "BD"),
    ],
)
def test_a_day_is_compared_with_a_period(org: Org, condition: str, expected: str):
    today = org.sandbox.clock.now().date()
    for name, shift in (("A", -1), ("B", 0), ("C", 1)):
        day = (today + timedelta(days=shift)).isoformat()
        put(org, "Campaign", "701", Name=name, StartDate=day)
    put(org, "Campaign", "701", Name="D")
    assert names(org, f"StartDate {condition}") == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("Type IN ('Email', null)", "AC"),
        ("Type NOT IN ('Email', null)", "B"),
        ("Type NOT IN ('Email')", "BC"),
        ("Type < 'F'", "A"),
        ("(NOT Type < 'F')", "BC"),
        ("Type LIKE 'w_b%'", "B"),
    ],
)
def test_nothing_is_a_value_only_where_it_is_said(org: Org, condition: str, expected: str):
    for name, kind in (("A", "Email"), ("B", "Webinar"), ("C", None)):
        put(org, "Campaign", "701", Name=name, Type=kind)
    assert names(org, condition) == expected


@pytest.mark.parametrize(
    ("condition", "count"),
    [
        ("Roles INCLUDES ('Evaluator')", 2),
        ("Roles INCLUDES ('Evaluator;Other')", 1),
        ("Roles INCLUDES ('Other', 'Influencer')", 2),
        ("Roles EXCLUDES ('Evaluator')", 2),
        ("Roles EXCLUDES ('Evaluator', 'Influencer')", 1),
        ("Roles = 'Evaluator'", 1),
    ],
)
def test_a_field_of_several_values_is_compared_by_each(org: Org, condition: str, count: int):
    for roles in ("Evaluator", "Evaluator;Other", "Influencer", None):
        put(org, "AccountContactRelation", "07k", Roles=roles)
    soql = f"SELECT Id FROM AccountContactRelation WHERE {condition}"  # noqa: S608 SOQL
    assert len(rows(org, soql)) == count


@pytest.mark.parametrize(
    ("literal", "name"),
    [
        (r"'O\'Neil'", "O'Neil"),
        (r"'a\\b'", "a\\b"),
        (r"'tab\there'", "tab\there"),
        (r"'\u00e9t\u00e9'", "été"),
        ("'100%'", "100%"),
    ],
)
def test_a_string_says_what_its_escapes_mean(org: Org, literal: str, name: str):
    put(org, "Campaign", "701", Name=name)
    put(org, "Campaign", "701", Name="other")
    assert names(org, f"Name = {literal}") == name


@pytest.mark.parametrize(
    ("pattern", "expected"), [(r"a\%%", "a%b"), ("a%", "a%baXb"), ("a_b", "a%baXb")]
)
def test_a_pattern_may_mean_its_signs(org: Org, pattern: str, expected: str):
    for name in ("a%b", "aXb"):
        put(org, "Campaign", "701", Name=name)
    assert names(org, f"Name LIKE '{pattern}'") == expected


def test_a_long_list_of_ids_is_taken(org: Org):
    company(org)
    ids = [row["Id"] for row in rows(org, "SELECT Id FROM Contact")]
    listed = ", ".join(f"'{row_id}'" for row_id in ids * 200)
    answer = ask(org, f"SELECT COUNT() FROM Contact WHERE Id IN ({listed})")  # noqa: S608 SOQL
    assert answer.json()["totalSize"] == 2


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("Type", ["C", "A", "B"]),
        ("Type NULLS LAST", ["A", "B", "C"]),
        ("Type DESC", ["C", "B", "A"]),
        ("Type DESC NULLS LAST, Name", ["B", "A", "C"]),
    ],
)
def test_nothing_comes_first_unless_it_is_said_to_come_last(
    org: Org, order: str, expected: list[str]
):
    for name, kind in (("A", "Email"), ("B", "Webinar"), ("C", None)):
        put(org, "Campaign", "701", Name=name, Type=kind)
    soql = f"SELECT Name FROM Campaign ORDER BY {order}"  # noqa: S608 SOQL
    assert [row["Name"] for row in rows(org, soql)] == expected
