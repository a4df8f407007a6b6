"""A few to look after and what a segment sees: of two offices that one tie joins."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.filled import Filled


def portfolio(client: TestClient, size: int) -> dict[str, Any]:
    answer = client.get("/v1/portfolio", params={"size": size})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def majority(client: TestClient, **asked: object) -> dict[str, Any]:
    answer = client.post("/v1/majority", json=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def ids(joined: Filled, *names: str) -> list[int]:
    return [joined.id_of(name) for name in names]


def test_two_to_look_after_are_of_both_offices(joined_client: TestClient):
    found = portfolio(joined_client, 2)
    assert {one["community"]["name"] for one in found["items"]} == {"North Ltd", "South Inc"}
    assert (found["covered"], found["communities"]) == (2, 2)


def test_the_more_are_looked_after_the_more_of_our_contacts_go_to_them(joined_client: TestClient):
    few, all_of_them = portfolio(joined_client, 2), portfolio(joined_client, 50)
    assert 0 < few["focus_share"] < all_of_them["focus_share"] == 1.0
    assert (len(few["items"]), len(all_of_them["items"])) == (2, 10)


def test_the_standard_portfolio_is_the_one_that_was_kept(joined_client: TestClient):
    kept = joined_client.get("/v1/influencers?kind=conversion&portfolio=true").json()
    found = portfolio(joined_client, 50)
    ours = {one["person"]["name"] for one in found["items"] if one["kind"] == "conversion"}
    assert ours == {one["person"]["name"] for one in kept["items"]}


def test_a_few_advocates_make_a_majority_for_the_whole_office(
    joined_client: TestClient, joined: Filled
):
    office = ids(joined, "Cem", "Dua", "Eli", "Fay", "Gus")
    asked = {"people": office, "advocates": office[:2], "adding": ids(joined, "Ana")}
    found = majority(joined_client, **asked)
    assert (found["members"], found["before"]) == (5, {"convinced": 0.4, "see_majority": 0.0})
    assert found["after"] == {"convinced": 0.4, "see_majority": 0.6}


def test_a_segment_may_be_an_account(joined_client: TestClient, joined: Filled):
    accounts = joined_client.get("/v1/accounts").json()["items"]
    (north,) = [one["id"] for one in accounts if one["name"] == "North Ltd"]
    found = majority(joined_client, account=north, advocates=ids(joined, "Cem"))
    assert (found["members"], found["before"]["convinced"]) == (5, 0.2)
    assert found["after"] == found["before"]


@pytest.mark.parametrize("asked", [{}, {"account": 1, "people": [1]}])
def test_whose_view_it_is_must_be_said_in_one_way(
    joined_client: TestClient, asked: dict[str, object]
):
    answer = joined_client.post("/v1/majority", json={"advocates": [1], **asked})
    assert answer.status_code == 422
    assert "either `account` or `people`" in answer.json()["detail"]


def test_nobody_sees_anything_of_an_account_that_is_not_there(joined_client: TestClient):
    answer = joined_client.post("/v1/majority", json={"account": 999, "advocates": []})
    assert answer.status_code == 404


def test_before_the_first_scores_there_is_nobody_to_look_after(empty_client: TestClient):
    assert empty_client.get("/v1/portfolio").status_code == 503
    answer = empty_client.post("/v1/majority", json={"people": [1], "advocates": []})
    assert answer.status_code == 503
