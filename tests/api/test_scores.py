"""Scores and explanations, as they are kept and as they add up."""

import math

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session

from app.store import tables
from app.store.cards import Card
from tests.api.filled import Filled
from tests.fakes import email


def explanation(client: TestClient, filled: Filled, one: str, other: str) -> dict[str, object]:
    path = f"/v1/people/{filled.id_of(one)}/scores/{filled.id_of(other)}"
    found: dict[str, object] = client.get(path).json()
    return found


def test_a_card_is_answered_byte_for_byte_as_it_is_kept(client: TestClient, filled: Filled):
    cleo = filled.id_of("Cleo")
    answer = client.get(f"/v1/people/{cleo}/scores")
    with Session(filled.database) as session:
        assert answer.content == session.get_one(tables.ScoreCard, cleo).body.encode()
    assert answer.headers["content-type"] == "application/json"


def test_a_card_is_what_the_document_says(client: TestClient, filled: Filled):
    card = Card.model_validate_json(client.get(f"/v1/people/{filled.id_of('Cleo')}/scores").content)
    assert card.best is not None
    assert card.best.other.name == "Ben"


@pytest.mark.parametrize("name", ["Eve", None])
def test_somebody_without_a_tie_has_no_card(client: TestClient, filled: Filled, name: str | None):
    number = filled.id_of(name) if name else 999_999
    assert client.get(f"/v1/people/{number}/scores").status_code == 404


def test_the_parts_of_an_explanation_sum_to_the_strength(client: TestClient, filled: Filled):
    told = explanation(client, filled, "Ben", "Cleo")
    assert len(told["parts"]) == 60
    total = math.fsum(part["strength"] for part in told["parts"])
    assert total == pytest.approx(told["strength"], abs=1e-9)
    assert sum(told["by_channel"].values()) == pytest.approx(told["strength"], abs=1e-9)


def test_the_factors_of_an_explanation_multiply_to_the_strength(client: TestClient, filled: Filled):
    told = explanation(client, filled, "Cleo", "Ben")
    by = told["factors"]
    product = by["core"] * by["breadth"] * by["liveness"] * (1 + by["overlap"])
    assert product == pytest.approx(told["strength"])


def test_an_explanation_tells_weeks_what_would_change_it_and_all_in_one_line(
    client: TestClient, filled: Filled
):
    told = explanation(client, filled, "Ben", "Cleo")
    weeks = math.fsum(week["strength"] for week in told["by_week"])
    assert weeks == pytest.approx(told["strength"], abs=1e-9)
    coming = told["would_be"]
    assert coming["silence"] < told["points"] < coming["reply"] < coming["meeting"]
    assert coming["reply_from"] in {filled.id_of("Ben"), filled.id_of("Cleo")}
    assert told["in_words"].startswith("Strong, ")


def test_an_explanation_tells_the_points_of_the_card(client: TestClient, filled: Filled):
    card = Card.model_validate_json(client.get(f"/v1/people/{filled.id_of('Cleo')}/scores").content)
    points = {tie.other.name: tie.strength for tie in card.ties}
    assert {n: round(explanation(client, filled, "Cleo", n)["points"]) for n in points} == points


def test_an_explanation_follows_the_next_scoring(own_client: TestClient, own: Filled):
    before = explanation(own_client, own, "Ada", "Cleo")
    own.fake.records.append(email(9000, "Cleo", "Ada", days_ago=0.5))
    own.run()
    after = explanation(own_client, own, "Ada", "Cleo")
    assert (len(before["parts"]), len(after["parts"])) == (1, 2)
    assert after["strength"] > before["strength"]


def test_two_who_never_met_have_nothing_to_explain(client: TestClient, filled: Filled):
    path = f"/v1/people/{filled.id_of('Ada')}/scores/{filled.id_of('Eve')}"
    assert client.get(path).status_code == 404


def test_before_the_first_scoring_an_explanation_is_not_ready(empty_client: TestClient):
    answer = empty_client.get("/v1/people/1/scores/2")
    assert answer.status_code == 503
    assert "Nothing is scored yet" in answer.json()["detail"]
