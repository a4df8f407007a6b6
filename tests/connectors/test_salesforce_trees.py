"""Rows made in trees, all or none, and graphs of requests, each of them done or not done."""

from typing import Any

import httpx
import pytest

from tests.connectors.salesforce_fixtures import Org

API = "/services/data/v67.0"


def row(kind: str, name: str, **values: object) -> dict[str, Any]:
    return {"attributes": {"type": kind, "referenceId": name}, **values}


def below(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"records": list(rows)}


def grow(org: Org, *rows: dict[str, Any], kind: str = "Account") -> httpx.Response:
    return org.http().post(f"{API}/composite/tree/{kind}", json=below(*rows))


def found(org: Org, soql: str) -> list[dict[str, Any]]:
    answer = org.http().get(f"{API}/query", params={"q": soql})
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["records"]
    return rows


def errors(answer: httpx.Response) -> dict[str, list[str]]:
    assert answer.status_code == 400, answer.text
    assert answer.json()["hasErrors"] is True
    results = answer.json()["results"]
    return {one["referenceId"]: [e["statusCode"] for e in one["errors"]] for one in results}


def test_a_tree_is_made_level_by_level_and_each_row_hangs_on_the_one_above(org: Org):
    contacts = below(row("Contact", "c1", LastName="Kite"), row("Contact", "c2", LastName="Lark"))
    answer = grow(
        org, row("Account", "a1", Name="Nest", Contacts=contacts), row("Account", "a2", Name="Egg")
    )
    assert answer.status_code == 201
    assert answer.json()["hasErrors"] is False
    ids = {one["referenceId"]: one["id"] for one in answer.json()["results"]}
    assert list(ids) == ["a1", "a2", "c1", "c2"]
    kites = found(org, "SELECT Id, AccountId FROM Contact ORDER BY LastName")
    assert [(kite["Id"], kite["AccountId"]) for kite in kites] == [
        (ids["c1"], ids["a1"]),
        (ids["c2"], ids["a1"]),
    ]


def test_a_tree_counts_as_one_call(org: Org):
    client = org.http()
    row_below = below(row("Contact", "c1", LastName="Kite"))
    before = client.get(f"{API}/limits").json()["DailyApiRequests"]["Remaining"]
    client.post(
        f"{API}/composite/tree/Account",
        json=below(row("Account", "a1", Name="Nest", Contacts=row_below)),
    )
    after = client.get(f"{API}/limits").json()["DailyApiRequests"]["Remaining"]
    assert before - after == 2  # the tree, and the second look at the limits


def test_one_mistake_fells_the_whole_tree_and_is_told_alone(org: Org):
    contacts = below(row("Contact", "good", LastName="Kite"), row("Contact", "bad", FirstName="No"))
    answer = grow(org, row("Account", "a1", Name="Nest", Contacts=contacts))
    assert errors(answer) == {"bad": ["REQUIRED_FIELD_MISSING"]}
    assert found(org, "SELECT Id FROM Account") == []


def test_all_mistakes_of_a_level_are_told_but_none_below_them(org: Org):
    wrong = below(row("Contact", "below", FirstName="No"))
    answer = grow(
        org, row("Account", "a1", Contacts=wrong), row("Account", "a2", Name="Egg", Colour="blue")
    )
    assert errors(answer) == {"a1": ["REQUIRED_FIELD_MISSING"], "a2": ["INVALID_FIELD"]}


def test_a_reference_that_is_given_twice_is_told_twice(org: Org):
    answer = grow(org, row("Account", "a1", Name="Nest"), row("Account", "a1", Name="Egg"))
    assert [one["referenceId"] for one in answer.json()["results"]] == ["a1", "a1"]
    assert errors(answer) == {"a1": ["INVALID_INPUT"]}
    assert found(org, "SELECT Id FROM Account") == []


def test_a_row_without_a_reference_is_refused(org: Org):
    answer = grow(org, {"attributes": {"type": "Account"}, "Name": "Nest"})
    assert answer.status_code == 403
    assert answer.json()[0]["errorCode"] == "INVALID_INPUT"


@pytest.mark.parametrize(
    ("kind", "given"), [("Account", "Contact"), ("OpportunityHistory", "OpportunityHistory")]
)
def test_a_row_of_the_wrong_object_is_told(org: Org, kind: str, given: str):
    answer = grow(org, row(given, "r1", LastName="Kite"), kind=kind)
    (result,) = answer.json()["results"]
    problem = f"Invalid entity type provided in the request: {given}"
    assert result["errors"] == [{"statusCode": "INVALID_INPUT", "message": problem, "fields": []}]


def test_a_tree_of_two_hundred_rows_is_made_and_of_one_more_refused(org: Org):
    rows = [row("Account", f"a{number}", Name="Nest") for number in range(201)]
    assert grow(org, *rows).status_code == 400
    assert grow(org, *rows[:200]).status_code == 201
    assert len(found(org, "SELECT Id FROM Account")) == 200


def test_a_tree_has_at_most_five_levels(org: Org):
    tree = row("Account", "a5", Name="Level 5")
    for level in (4, 3, 2, 1):
        tree = row("Account", f"a{level}", Name=f"Level {level}", ChildAccounts=below(tree))
    assert grow(org, tree).status_code == 201
    higher = row("Account", "a0", Name="Level 0", ChildAccounts=below(tree))
    assert grow(org, higher).status_code == 400


def node(name: str, method: str, path: str, **body: object) -> dict[str, Any]:
    return {"referenceId": name, "method": method, "url": f"{API}/{path}", "body": body or None}


def graph(graph_id: str, *nodes: dict[str, Any]) -> dict[str, Any]:
    return {"graphId": graph_id, "compositeRequest": list(nodes)}


def draw(org: Org, *graphs: dict[str, Any]) -> httpx.Response:
    return org.http().post(f"{API}/composite/graph", json={"graphs": list(graphs)})


def test_one_graph_is_done_and_another_undone_as_a_whole(org: Org):
    nest = node("a", "POST", "sobjects/Account", Name="Nest")
    kite = node("c", "POST", "sobjects/Contact", LastName="Kite", AccountId="@{a.id}")
    answer = draw(
        org,
        graph("good", nest, kite),
        graph("bad", nest, node("c", "POST", "sobjects/Contact", FirstName="No")),
    )
    assert answer.status_code == 200
    good, bad = answer.json()["graphs"]
    assert (good["graphId"], good["isSuccessful"]) == ("good", True)
    assert [one["httpStatusCode"] for one in good["graphResponse"]["compositeResponse"]] == [
        201
    ] * 2
    assert bad["isSuccessful"] is False
    assert [one["body"][0]["errorCode"] for one in bad["graphResponse"]["compositeResponse"]] == [
        "PROCESSING_HALTED",
        "REQUIRED_FIELD_MISSING",
    ]
    assert [one["Account"]["Name"] for one in found(org, "SELECT Account.Name FROM Contact")] == [
        "Nest"
    ]
    assert len(found(org, "SELECT Id FROM Account")) == 1


def test_after_too_many_failures_the_other_graphs_are_not_begun(org: Org):
    wrong = node("a", "POST", "sobjects/Account", Phone="1")
    right = node("a", "POST", "sobjects/Account", Name="Nest")
    answer = draw(org, *(graph(f"g{n}", wrong) for n in range(15)), graph("last", right))
    last = answer.json()["graphs"][-1]
    assert last["isSuccessful"] is False
    assert last["graphResponse"]["compositeResponse"][0]["body"][0]["errorCode"] == (
        "PROCESSING_HALTED"
    )
    assert found(org, "SELECT Id FROM Account") == []


NEST = node("a", "POST", "sobjects/Account", Name="Nest")
CHAIN = [NEST] + [
    node(f"n{level}", "GET", f"sobjects/Account/@{{{f'n{level - 1}' if level else 'a'}.id}}")
    for level in range(15)
]


@pytest.mark.parametrize(
    "graphs",
    [
        [graph(f"g{number}", NEST) for number in range(76)],
        [graph("g", *({**NEST, "referenceId": f"a{n}"} for n in range(501)))],
        [graph("g", *CHAIN)],
        [graph("g", *(node(f"a{n}", "GET", f"sobjects/A{n}/001") for n in range(16)))],
        [graph("g", NEST), graph("g", NEST)],
        [graph("g", NEST, NEST)],
        [graph("-g", NEST)],
        [graph("g", node("q", "GET", "query?q=SELECT+Id+FROM+Account"))],
        [graph("g")],
        [],
    ],
    ids=[
        "graphs",
        "nodes",
        "levels",
        "kinds",
        "graph ids",
        "names",
        "graph id",
        "a query",
        "no nodes",
        "no graphs",
    ],
)
def test_graphs_beyond_the_rules_are_refused_before_anything_is_done(
    org: Org, graphs: list[dict[str, Any]]
):
    assert draw(org, *graphs).status_code == 400
    assert found(org, "SELECT Id FROM Account") == []
