"""Asking for introductions, the favour ledger, and what is told to one colleague alone."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session

from app.store import identity, tables
from tests.api.filled import Filled


def ids(filled: Filled, **names: str) -> dict[str, int]:
    return {part: filled.id_of(name) for part, name in names.items()}


def asked(client: TestClient, own: Filled, target: str = "Dan") -> dict[str, Any]:
    body = ids(own, asker="Ada", introducer="Ben", target=target)
    answer = client.post("/v1/introductions", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def balances(client: TestClient, colleague: int) -> dict[str, float]:
    found = client.get("/v1/favours", params={"colleague": colleague}).json()
    return {one["person"]["name"]: one["owes"] for one in found["balances"]}


def test_a_request_is_kept_for_who_asked(own_client: TestClient, own: Filled):
    asked(own_client, own)
    (kept,) = own_client.get("/v1/introductions", params=ids(own, asker="Ada")).json()["items"]
    assert (kept["introducer"]["name"], kept["target"]["name"]) == ("Ben", "Dan")
    assert kept["outcome"] == "open"
    others = own_client.get("/v1/introductions", params=ids(own, asker="Ben")).json()
    assert others["items"] == []


def test_nobody_is_asked_more_often_than_the_limit(own_client: TestClient, own: Filled):
    for target in ("Dan", "Cleo", "Eve"):
        asked(own_client, own, target)
    body = ids(own, asker="Ada", introducer="Ben", target="Dan")
    answer = own_client.post("/v1/introductions", json=body)
    assert (answer.status_code, "3 times in 30 days" in answer.text) == (409, True)


def test_whoever_was_asked_enough_is_on_no_route_and_it_is_said(
    own_client: TestClient, own: Filled
):
    query = ids(own, asker="Ada", person="Dan")
    assert own_client.get("/v1/routes", params=query).json()["busy"] == []
    for target in ("Dan", "Cleo", "Eve"):
        asked(own_client, own, target)
    found = own_client.get("/v1/routes", params=query).json()
    assert [one["name"] for one in found["busy"]] == ["Ben"]
    assert "Ben" not in [one["introducer"]["name"] for one in found["routes"]]


def test_an_introduction_that_was_made_is_owed_once(own_client: TestClient, own: Filled):
    path = f"/v1/introductions/{asked(own_client, own)['id']}"
    for _ in range(2):
        assert own_client.put(path, json={"outcome": "made"}).json()["outcome"] == "made"
    assert balances(own_client, own.id_of("Ada")) == {"Ben": pytest.approx(-1, abs=0.01)}
    assert balances(own_client, own.id_of("Ben")) == {"Ada": pytest.approx(1, abs=0.01)}
    own_client.put(path, json={"outcome": "declined"})
    assert balances(own_client, own.id_of("Ada")) == {}


def test_help_is_put_on_record_and_taken_off(own_client: TestClient, own: Filled):
    body = {**ids(own, colleague="Ada", person="Cleo"), "kind": "help", "is_given": True}
    kept = own_client.post("/v1/favours", json=body)
    assert kept.status_code == 201
    assert balances(own_client, own.id_of("Ada")) == {"Cleo": pytest.approx(0.5, abs=0.01)}
    assert own_client.delete(f"/v1/favours/{kept.json()['id']}").status_code == 204
    assert balances(own_client, own.id_of("Ada")) == {}
    assert own_client.delete(f"/v1/favours/{kept.json()['id']}").status_code == 404


def test_an_introduction_that_the_records_show_is_a_favour_to_both(
    own_client: TestClient, own: Filled
):
    ada, ben, dan = (own.id_of(name) for name in ("Ada", "Ben", "Dan"))
    with Session(own.database) as session, session.begin():
        at_s, (a, b) = 4_000_000, sorted((ada, dan))
        session.add(tables.SeenIntroduction(a=a, b=b, introducer_id=ben, at_s=at_s, share=1.0))
    assert balances(own_client, ada).keys() == {"Ben"}
    assert balances(own_client, ben).keys() == {"Ada", "Dan"}


def test_a_route_says_who_owes_whom(own_client: TestClient, own: Filled):
    body = {**ids(own, colleague="Ada", person="Ben"), "kind": "introduction", "is_given": True}
    own_client.post("/v1/favours", json=body)
    query = {**ids(own, asker="Ada", person="Dan"), "order": "favour"}
    (route, *_) = own_client.get("/v1/routes", params=query).json()["routes"]
    assert (route["introducer"]["name"], route["owes"]) == ("Ben", pytest.approx(1, abs=0.01))


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"person": 999_999}, 404),
        ({"at": "2099-01-01T00:00:00Z"}, 422),
        ({"kind": "money"}, 422),
    ],
)
def test_what_is_no_favour_is_refused(
    own_client: TestClient, own: Filled, changed: dict[str, object], status: int
):
    body = {**ids(own, colleague="Ada", person="Cleo"), "kind": "help", "is_given": True}
    assert own_client.post("/v1/favours", json=body | changed).status_code == status


def test_the_ledger_is_of_colleagues(own_client: TestClient, own: Filled):
    body = {**ids(own, colleague="Cleo", person="Ada"), "kind": "help", "is_given": True}
    assert own_client.post("/v1/favours", json=body).status_code == 422
    same = ids(own, asker="Ada", introducer="Ada", target="Dan")
    assert own_client.post("/v1/introductions", json=same).status_code == 422


def test_what_is_on_record_of_somebody_goes_over_to_whoever_they_turn_out_to_be(
    own_client: TestClient, own: Filled
):
    asked(own_client, own)
    body = {**ids(own, colleague="Ada", person="Cleo"), "kind": "help", "is_given": True}
    own_client.post("/v1/favours", json=body)
    with Session(own.database) as session, session.begin():
        identity.give(session, {own.id_of("Cleo"): own.id_of("Dan")})
    assert balances(own_client, own.id_of("Ada")).keys() == {"Dan"}


def test_a_colleague_is_told_what_their_own_network_is_good_for(
    joined_client: TestClient, joined: Filled
):
    found = joined_client.get(f"/v1/people/{joined.id_of('Ana')}/network").json()
    assert (found["kind"], found["is_dense"], found["worlds"]) == ("closer", True, 2)
    assert found["quarters"][0]["new"] == 6
    assert found["effort"]["contacts_a_week"] > 0
    assert sum(found["effort"]["shares"].values()) == pytest.approx(1, abs=0.01)


def test_nobody_outside_is_told_of(joined_client: TestClient, joined: Filled):
    answer = joined_client.get(f"/v1/people/{joined.id_of('Gus')}/network")
    assert answer.status_code == 422


def test_the_api_has_no_list_over_colleagues(joined_client: TestClient):
    document = joined_client.get("/openapi.json").json()
    schemas = document["components"]["schemas"]
    private = {"OwnNetwork", "EffortBudget", "NewTies", "Balance", "Ledger"}
    holders = {
        name
        for name, schema in schemas.items()
        if name not in private and any(f'/{one}"' in json.dumps(schema) for one in private)
    }
    assert holders == set()
    for path, operations in document["paths"].items():
        for operation in operations.values():
            if any(f'/{one}"' in json.dumps(operation) for one in private):
                asked_for = {one["name"] for one in operation.get("parameters", [])}
                assert asked_for & {"person_id", "colleague"}, path
