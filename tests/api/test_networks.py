"""Who stands where: two offices whose people all know each other, joined by one tie."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.filled import Filled


def asked(client: TestClient, path: str, **query: object) -> dict[str, Any]:
    answer = client.get(f"/v1/{path}", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_position_tells_the_measures_by_their_names(joined_client: TestClient, joined: Filled):
    ana = asked(joined_client, f"people/{joined.id_of('Ana')}/position")
    assert (ana["degree"], ana["worlds"], ana["core"]) == (6, 2, 5)
    assert (ana["is_articulation"], ana["betweenness_error"]) == (True, 0.0)
    assert ana["effective_size"] == pytest.approx(6 - 2 * 10 / 6)
    assert ana["density"] == pytest.approx(10 / 15)
    assert 0 < ana["participation"] < 0.5 < ana["inward"] < 1


def test_who_holds_a_bridge_sees_what_it_leads_to(joined_client: TestClient, joined: Filled):
    ana = asked(joined_client, f"people/{joined.id_of('Ana')}/position")
    assert (ana["community"]["name"], ana["bridge_to"]) == ("North Ltd", "South Inc")
    gus = asked(joined_client, f"people/{joined.id_of('Gus')}/position")
    assert (gus["community"]["name"], gus["bridge_to"]) == ("North Ltd", "")


def test_communities_are_called_after_their_accounts(joined_client: TestClient):
    found = asked(joined_client, "communities")
    told = {(one["name"], one["people"], one["colleagues"]) for one in found["items"]}
    assert told == {("North Ltd", 6, 1), ("South Inc", 6, 1)}
    assert [(one["ties"], one["leaving"]) for one in found["items"]] == [(15, 1)] * 2


def test_communities_come_page_by_page(joined_client: TestClient):
    first = asked(joined_client, "communities", limit=1)
    second = asked(joined_client, "communities", limit=1, after=first["next"])
    assert (len(first["items"]), first["next"], second["next"]) == (1, 0, None)
    assert second["items"][0]["number"] == 1


def test_the_health_of_the_network_and_its_evidence_are_told(joined_client: TestClient):
    found = asked(joined_client, "communities")
    assert found["health"]["is_sound"]
    assert found["health"]["ties"] == 31
    assert found["health"]["correlation"] > 0
    edges = {one["evidence"]: one["edges"] for one in found["evidence"]}
    assert edges["colleague and contact"] == 11
    assert (edges["two contacts"], edges["two colleagues"], edges["same employer"]) == (20, 1, 20)


def test_the_one_bridge_is_listed_with_both_its_sides(joined_client: TestClient, joined: Filled):
    (bridge,) = asked(joined_client, "bridges")["items"]
    sides = {end["person"]["name"]: end["community"]["name"] for end in bridge["ends"]}
    assert sides == {"Ana": "North Ltd", "Bob": "South Inc"}
    assert (bridge["span"], bridge["cut_off"]) == (None, 6)
    assert asked(joined_client, "bridges", person=joined.id_of("Gus"))["items"] == []


def test_the_claim_that_no_strong_tie_is_a_bridge_holds_here(joined_client: TestClient):
    claim = asked(joined_client, "bridges")["claim"]
    assert claim["bridges"] == 0 < claim["expected"] < claim["strong"]


def test_in_a_small_company_no_tie_is_called_a_bridge_and_the_reason_is_said(client: TestClient):
    found = asked(client, "bridges")
    assert found["items"] == []
    assert found["health"]["reason"] == ("No tie is called a bridge: of 30 firm ties, 3 are known.")


def test_influencers_are_people_outside_each_on_one_list(joined_client: TestClient):
    found = {
        kind: asked(joined_client, "influencers", kind=kind) for kind in ("awareness", "conversion")
    }
    names = [one["person"]["name"] for answer in found.values() for one in answer["items"]]
    assert sorted(names) == ["Cem", "Dua", "Eli", "Fay", "Gus", "Hal", "Ivo", "Jan", "Kim", "Liv"]
    assert [one["place"] for one in found["conversion"]["items"]] == list(range(1, 11))


def test_the_portfolio_says_how_much_of_our_time_it_gets(joined_client: TestClient):
    found = asked(joined_client, "influencers", kind="conversion", portfolio=True)
    assert [one["is_chosen"] for one in found["items"]] == [True] * 10
    assert (found["focus_share"], found["covered"]) == (1.0, 2)


def test_a_weak_tie_opens_the_world_nobody_else_leads_to(joined_client: TestClient, joined: Filled):
    (tie,) = asked(joined_client, "weak-ties", colleague=joined.id_of("Ana"))["items"]
    assert (tie["contact"]["name"], tie["place"]) == ("Ivo", 1)
    assert tie["opens_accounts"] == ["South Inc"]
    assert 0 < tie["opportunity"] < 1
    assert tie["mutual"] == 1


def test_who_has_no_firm_tie_has_no_position(client: TestClient, filled: Filled):
    answer = client.get(f"/v1/people/{filled.id_of('Eve')}/position")
    assert answer.status_code == 404
    assert "no firm tie" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["communities", "bridges", "influencers", "weak-ties"])
def test_before_the_first_scores_there_is_no_network(empty_client: TestClient, path: str):
    answer = empty_client.get(f"/v1/{path}")
    assert answer.status_code == 503
    assert "not found yet" in answer.json()["detail"]
