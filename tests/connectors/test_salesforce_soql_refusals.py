"""SOQL in the sandbox says no in Salesforce's words, with the place that is meant."""

from collections.abc import Iterator

import pytest

from connectors.salesforce.sandbox import levers
from tests.connectors.salesforce_fixtures import Org, Server, open_org
from tests.connectors.soql_fixtures import API, ask, problem


@pytest.fixture(scope="module")
def org(server: Server) -> Iterator[Org]:
    with open_org(server) as opened:
        yield opened


def where(condition: str) -> str:
    return f"SELECT Id FROM Contact WHERE {condition}"  # noqa: S608 SOQL


@pytest.mark.parametrize(
    ("soql", "said"),
    [
        ("SELECT Id, FROM Contact", "unexpected token: 'FROM'"),
        ("SELECT Id FROM", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM Contact LIMIT", "unexpected token: '<EOF>'"),
        ("SELECT * FROM Contact", "line 1:7 no viable alternative at character '*'"),
        (where("Name = 'a' AND Name = 'b' OR Name = 'c'"), "unexpected token: 'OR'"),
        (where("Name = 'a' AND NOT Name = 'b'"), "unexpected token: 'NOT'"),
        (where("NOT Name = 'b' AND Name = 'a'"), "unexpected token: 'AND'"),
        (where("(Name = 'a' OR Name = 'b'"), "expecting a right parentheses, found '<EOF>'"),
        (
            where("(Name = 'a' OR Name = 'b' AND Name = 'c')"),
            "expecting a right parentheses, found 'AND'",
        ),
        (where("Name = Clara LIMIT 1"), "expecting a colon, found 'LIMIT'"),
        (where("Name = :name"), "Bind variables only allowed in Apex code"),
        (where("Name IN ()"), "unexpected token: ')'"),
        (where("Name LIKE 'a' 'b'"), "unexpected token: ''b''"),
        (where(f"Name = '{'a' * 4001}'"), "String literals can not be longer than 4000 characters"),
        ("SELECT Id FROM Contact ALL ROWS", "ALL ROWS not allowed in this context"),
        ("SELECT Id FROM Contact FOR UPDATE", "FOR UPDATE not allowed in this context"),
        ("SELECT COUNT(Id) FROM Contact GROUP BY", "unexpected token: '<EOF>'"),
        (where("COUNT(Id) > 1"), "Aggregate functions are not allowed in WHERE"),
        (where("CreatedDate = LAST_N_DAYS"), "expecting a colon, found '<EOF>'"),
        (where("CreatedDate > 2026-13-01T00:00:00Z"), "invalid datetime: 2026-13-01T00:00:00Z"),
    ],
)
def test_what_is_no_soql_is_refused_at_its_first_wrong_word(org: Org, soql: str, said: str):
    assert problem(org, soql) == ("MALFORMED_QUERY", said)


def test_a_refusal_points_at_the_row_and_column(org: Org):
    said = ask(org, "SELECT Id\nFROM Contact\nWHERE Nope = 1").json()[0]["message"]
    assert "ERROR at Row:3:Column:7\nNo such column 'Nope' on entity 'Contact'." in said


def test_a_refusal_shows_the_words_around_with_a_caret(org: Org):
    said = ask(org, "SELECT Nope FROM Contact").json()[0]["message"]
    assert said.startswith("\nSELECT Nope FROM Contact\n       ^\nERROR at Row:1:Column:8\n")


def test_an_escape_that_soql_does_not_know_is_refused(org: Org):
    error, said = problem(org, where(r"Name = 'a\%b'"))
    assert error == "MALFORMED_QUERY"
    assert said.endswith(r"Illegal character sequence '\%' in string literal.")


@pytest.mark.parametrize(
    ("condition", "error", "said"),
    [
        ("Id LIKE '003%'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on id field"),
        ("IsDeleted > true", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on boolean field"),
        ("Birthdate LIKE 'x'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on date field"),
        (
            "Name INCLUDES ('x')",
            "INVALID_QUERY_FILTER_OPERATOR",
            "invalid operator on string field",
        ),
        ("AccountId = 'x'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: x"),
        (
            "Birthdate = 2026-01-01T00:00:00Z",
            "INVALID_FIELD",
            (
                "value of filter criterion for field 'Birthdate' must be of type date and should "
                "not be enclosed in quotes"
            ),
        ),
        (
            "CreatedDate = '2026-01-01'",
            "INVALID_FIELD",
            (
                "value of filter criterion for field 'CreatedDate' must be of type dateTime and "
                "should not be enclosed in quotes"
            ),
        ),
        (
            "Name = TODAY",
            "INVALID_FIELD",
            (
                "value of filter criterion for field 'Name' must be of type string and should be "
                "enclosed in quotes"
            ),
        ),
        (
            "Description = 'x'",
            "INVALID_FIELD",
            "field 'Description' can not be filtered in a query call",
        ),
    ],
)
def test_a_comparison_that_makes_no_sense_is_refused(
    org: Org, condition: str, error: str, said: str
):
    assert problem(org, where(condition)) == (error, said)


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (
            "Name IN (SELECT Id FROM Account)",
            (
                "The left operand field in the where expression for outer query should be an id "
                "field, cannot use: 'Name'"
            ),
        ),
        (
            "AccountId IN (SELECT Name FROM Account)",
            "Semi join sub-selects can only query id fields, cannot use: 'Name'",
        ),
        (
            "Id IN (SELECT ReportsToId FROM Contact)",
            "The inner and outer selects should not be on the same object type",
        ),
        (
            "Id IN (SELECT WhoId FROM Task)",
            "Entity 'Task' is not supported for semi join inner selects",
        ),
        (
            "Name = 'x' OR AccountId IN (SELECT Id FROM Account)",
            "Semi join sub-selects are not allowed with the 'OR' operator",
        ),
        (
            "AccountId IN (SELECT Id FROM Account WHERE OwnerId IN (SELECT Id FROM User))",
            "Nesting of semi join sub-selects is not supported",
        ),
        (
            "AccountId IN (SELECT Id FROM Account LIMIT 1)",
            "expecting a right parentheses, found 'LIMIT'",
        ),
    ],
)
def test_a_semi_join_has_its_limits(org: Org, condition: str, said: str):
    assert problem(org, where(condition)) == ("MALFORMED_QUERY", said)


def test_a_field_is_selected_once(org: Org):
    error = problem(org, "SELECT Id, id FROM Contact")
    assert error == ("INVALID_FIELD", "duplicate field selected: id")


def test_a_typeof_names_objects_that_the_parent_can_be_of(org: Org):
    soql = "SELECT TYPEOF Who WHEN Campaign THEN Name END FROM Task"
    assert problem(org, soql)[0] == "INVALID_TYPE"


def test_a_hidden_field_is_as_good_as_none(org: Org):
    levers.hide(org.sandbox, "Lead.Company")
    error, said = problem(org, "SELECT Company FROM Lead")
    assert error == "INVALID_FIELD"
    assert said.startswith("No such column 'Company' on entity 'Lead'.")


def test_a_query_without_a_statement_is_refused(org: Org):
    answer = org.http().get(f"{API}/query")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "MALFORMED_QUERY")
