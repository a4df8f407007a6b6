"""People and accounts: who is listed, who is found, and in which CRMs they are."""

import pytest
from fastapi.testclient import TestClient

from tests.api.filled import Filled


def names(client: TestClient, path: str = "/v1/people", **query: str | int) -> list[str]:
    return [item["name"] for item in client.get(path, params=query).json()["items"]]


def test_everybody_is_listed_in_the_order_of_their_ids(client: TestClient):
    items = client.get("/v1/people").json()["items"]
    assert {item["name"] for item in items} == {"Ada", "Ben", "Cleo", "Dan", "Eve"}
    assert [item["id"] for item in items] == sorted(item["id"] for item in items)


def test_pages_of_two_hold_everybody_once(client: TestClient):
    first = client.get("/v1/people", params={"limit": 2}).json()
    second = client.get("/v1/people", params={"limit": 2, "after": first["next"]}).json()
    third = client.get("/v1/people", params={"limit": 2, "after": second["next"]}).json()
    pages = [*first["items"], *second["items"], *third["items"]]
    assert pages == client.get("/v1/people").json()["items"]
    assert third["next"] is None


def test_a_full_last_page_says_that_it_is_the_last(client: TestClient):
    assert client.get("/v1/people", params={"limit": 5}).json()["next"] is None


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("cl", ["Cleo"]),
        ("CLEO@acme.example", ["Cleo"]),
        ("leo@acme.example", []),
        ("acme.example", ["Cleo", "Dan"]),
        ("@ACME.example", ["Cleo", "Dan"]),
        ("me.example", []),
        ("%", []),
        ("leo", []),
    ],
)
def test_a_search_finds_by_name_address_or_domain(
    client: TestClient, search: str, found: list[str]
):
    assert sorted(names(client, search=search)) == found


def test_a_search_finds_by_a_later_word_of_the_name(client: TestClient):
    assert names(client, "/v1/accounts", search="corp") == ["Acme Corp"]


@pytest.mark.parametrize(("flag", "found"), [("true", ["Ada", "Ben"]), ("false", ["Cleo"])])
def test_colleagues_and_others_are_told_apart(client: TestClient, flag: str, found: list[str]):
    assert set(found) <= set(names(client, is_colleague=flag))
    assert not set(found) & set(names(client, is_colleague=str(flag != "true").lower()))


def test_the_people_of_an_account_are_found_by_its_id(client: TestClient):
    account = client.get("/v1/accounts").json()["items"][0]["id"]
    assert sorted(names(client, account=account)) == ["Cleo", "Dan"]


def test_an_account_is_found_by_its_domain(client: TestClient):
    found = client.get("/v1/accounts", params={"search": "acme.example"}).json()["items"]
    assert [(a["name"], a["domain"], a["external_id"]) for a in found] == [
        ("Acme Corp", "acme.example", "acme")
    ]


def test_a_person_comes_with_addresses_and_records(client: TestClient, filled: Filled):
    cleo = client.get(f"/v1/people/{filled.id_of('Cleo')}").json()
    assert (cleo["name"], cleo["addresses"]) == ("Cleo", ["cleo@acme.example"])
    (record,) = cleo["records"]
    assert (record["crm"], record["external_id"], record["kind"]) == ("fake", "Cleo", "contact")
    assert record["account"]["name"] == "Acme Corp"


def test_somebody_without_an_account_has_none(client: TestClient, filled: Filled):
    (record,) = client.get(f"/v1/people/{filled.id_of('Eve')}").json()["records"]
    assert record["account"] is None


def test_a_stranger_is_a_problem_that_says_so(client: TestClient):
    answer = client.get("/v1/people/999999")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "There is no person 999999.",
    }
