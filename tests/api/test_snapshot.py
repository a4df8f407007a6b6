"""What the service tells of the scores in force."""

from fastapi.testclient import TestClient
from sqlmodel import Session

from app import engine
from app.store import scores
from tests.api.filled import Filled


def test_the_snapshot_tells_how_true_its_chances_came(client: TestClient, filled: Filled):
    told = client.get("/v1/snapshot").json()
    with Session(filled.database) as session:
        kept = scores.snapshot(session)
    assert (told["model"], told["ties"], told["digest"]) == (engine.MODEL, kept.ties, kept.digest)
    assert told["as_of"] == "2026-11-20T00:00:00Z"
    alive = told["alive"]
    assert (alive["is_own"], alive["own"]) == (False, None)
    assert alive["curve"]["level"] == engine.DEFAULT_CURVE.level
    assert 0 <= alive["default"]["brier"] <= 1
    assert sum(told["bands"].values()) == 3


def test_before_the_first_scoring_there_is_no_snapshot(empty_client: TestClient):
    assert empty_client.get("/v1/snapshot").status_code == 503


def test_a_card_and_an_explanation_tell_the_same_course_and_doubts(
    client: TestClient, filled: Filled
):
    ben, cleo = filled.id_of("Ben"), filled.id_of("Cleo")
    card = client.get(f"/v1/people/{ben}/scores").json()
    (tie,) = (one for one in card["ties"] if one["other"]["id"] == cleo)
    told = client.get(f"/v1/people/{ben}/scores/{cleo}").json()
    same = ("trend", "depth", "momentum", "doubts", "sent", "received")
    assert {name: told[name] for name in same} == {name: tie[name] for name in same}
    assert round(told["confidence"], 2) == tie["confidence"]
    assert tie["doubts"] == ["nothing in the calendar for half a year"]
