"""Introductions and recommendations."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from app.store import tables
from tests.api.filled import Filled


def routes(client: TestClient, **query: int | str) -> dict[str, Any]:
    answer = client.get("/v1/routes", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_colleague_who_knows_somebody_well_introduces_them(client: TestClient, filled: Filled):
    found = routes(client, asker=filled.id_of("Ada"), person=filled.id_of("Dan"))
    route = found["routes"][0]
    assert (route["introducer"]["name"], route["target"]["name"]) == ("Ben", "Dan")
    assert [leg["target"]["name"] for leg in route["legs"]] == ["Ben", "Dan"]
    assert all(leg["kind"] == "measured" and leg["last_contact"] for leg in route["legs"])
    assert found["direct"] is None


def test_the_chance_of_a_route_is_that_of_all_its_legs(client: TestClient, filled: Filled):
    route = routes(client, asker=filled.id_of("Ada"), person=filled.id_of("Dan"))["routes"][0]
    chances = [leg["chance"] for leg in route["legs"]]
    assert route["chance"] == pytest.approx(chances[0] * chances[1])
    assert chances[route["weakest"]] == min(chances)


def test_the_direct_approach_stands_beside_the_routes(client: TestClient, filled: Filled):
    found = routes(client, asker=filled.id_of("Ada"), person=filled.id_of("Cleo"))
    assert found["direct"]["target"]["name"] == "Cleo"
    assert found["routes"][0]["chance"] > found["direct"]["chance"]


def test_a_route_to_an_account_leads_to_somebody_there(client: TestClient, filled: Filled):
    account = client.get("/v1/accounts").json()["items"][0]["id"]
    found = routes(client, asker=filled.id_of("Ada"), account=account)
    assert found["routes"][0]["target"]["name"] in {"Cleo", "Dan"}


def test_the_best_direct_approach_to_an_account_is_told(client: TestClient, filled: Filled):
    account = client.get("/v1/accounts").json()["items"][0]["id"]
    found = routes(client, asker=filled.id_of("Ben"), account=account)
    assert found["direct"]["target"]["name"] == "Cleo"


def test_no_warm_route_is_an_empty_list(client: TestClient, filled: Filled):
    found = routes(client, asker=filled.id_of("Ada"), person=filled.id_of("Eve"))
    assert (found["routes"], found["direct"]) == ([], None)


@pytest.mark.parametrize("goal", [{}, {"person": 1, "account": 1}])
def test_exactly_one_goal_must_be_named(client: TestClient, goal: dict[str, int]):
    answer = client.get("/v1/routes", params={"asker": 1} | goal)
    assert answer.status_code == 422
    assert "either `person` or `account`" in answer.json()["detail"]


@pytest.mark.parametrize("query", [{"person": 999_999}, {"account": 999_999}])
def test_a_goal_that_does_not_exist_is_not_found(client: TestClient, query: dict[str, int]):
    assert client.get("/v1/routes", params={"asker": 1} | query).status_code == 404


def test_an_asker_who_does_not_exist_is_not_found(client: TestClient, filled: Filled):
    query = {"asker": 999_999, "person": filled.id_of("Cleo")}
    assert client.get("/v1/routes", params=query).status_code == 404


def test_a_leg_tells_its_evidence_and_its_age(client: TestClient, filled: Filled):
    route = routes(client, asker=filled.id_of("Ada"), person=filled.id_of("Dan"))["routes"][0]
    evidence = route["legs"][1]["evidence"]
    assert (evidence["sent"], evidence["received"], evidence["active_days"]) == (20, 20, 20)
    assert (evidence["calls"], evidence["meetings"]) == (0, 0)
    assert 0 <= evidence["age_days"] <= 3


def test_a_route_comes_with_words_to_ask_with(client: TestClient, filled: Filled):
    route = routes(client, asker=filled.id_of("Ada"), person=filled.id_of("Dan"))["routes"][0]
    assert route["request"].startswith("Hello Ben,\n\nyou know Dan of Acme Corp.")


def test_a_role_is_found_by_the_words_of_the_title(own_client: TestClient, own: Filled):
    entitle(own, "Dan", "Chief Financial Officer (CFO)")
    account = own_client.get("/v1/accounts").json()["items"][0]["id"]
    query = {"asker": own.id_of("Ada"), "account": account}
    found = routes(own_client, **query, role="financial chief")
    assert [one["target"]["name"] for one in found["routes"]] == ["Dan"]
    nobody = routes(own_client, **query, role="chief pilot")
    assert nobody["no_route"]["reason"].startswith("Nobody there is known to be")


def test_no_warm_route_is_said_with_the_tie_to_build(client: TestClient, filled: Filled):
    found = routes(client, asker=filled.id_of("Ada"), person=filled.id_of("Eve"))["no_route"]
    assert found["reason"] == "No warm route. The cheapest tie to build is a tie of yours with Eve."
    assert (found["build"]["chance_now"], found["build"]["chance_then"]) == (0.0, 0.5)


def entitle(filled: Filled, name: str, title: str) -> None:
    """Write a title into somebody's record."""
    with Session(filled.database) as session, session.begin():
        for row in session.exec(select(tables.Profile).where(tables.Profile.name == name)):
            row.title = title


def test_a_tie_that_went_quiet_is_recommended_to_its_colleague(own_client: TestClient, own: Filled):
    own.make_quiet()
    items = own_client.get("/v1/recommendations").json()["items"]
    assert {item["colleague"]["name"] for item in items} == {"Ben"}
    query = {"colleague": own.id_of("Ada")}
    assert own_client.get("/v1/recommendations", params=query).json()["items"] == []
