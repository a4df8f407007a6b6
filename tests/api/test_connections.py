"""Connections: what an admin is told about them, and what nobody is."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session

from app.store import connections, tables
from connectors import ExternalId
from tests.api.filled import Filled
from tests.fakes import contact, email


def only(client: TestClient) -> dict[str, object]:
    (found,) = client.get("/v1/connections").json()["items"]
    return dict(found)


def pause(filled: Filled, reason: str) -> None:
    with Session(filled.database) as session, session.begin():
        connections.get(session, filled.link.connection_id).paused = reason


def test_a_connection_tells_what_it_has_read(client: TestClient):
    found = only(client)
    assert (found["state"], found["reason"], found["title"]) == ("working", "", "Fake CRM")
    assert found["records"]["contact"] == 3
    assert found["records"]["colleague"] == 2
    assert found["records"]["account"] == 1
    assert {s["stream"]: s["is_caught_up"] for s in found["streams"]}["emails"] is True


def test_how_far_and_how_fast_a_first_reading_is_can_be_told(own_client: TestClient, own: Filled):
    with Session(own.database) as session, session.begin():
        row = session.get_one(tables.StreamBookmark, (own.link.connection_id, "emails"))
        row.done, row.left, row.is_caught_up = 300, 700, False
        row.begun_at = row.read_at - timedelta(seconds=100)
    found = only(own_client)["streams"]
    assert isinstance(found, list)
    pace = {s["stream"]: (s["share"], s["per_second"], s["seconds_left"]) for s in found}
    assert pace["emails"] == pytest.approx((0.3, 3.0, 700 / 3))
    assert pace["contacts"] == (1.0, None, None)


def test_a_connection_never_tells_its_credentials(own_client: TestClient, own: Filled):
    with Session(own.database) as session, session.begin():
        row = connections.get(session, own.link.connection_id)
        row.credentials = b"canary"
    text = own_client.get("/v1/connections").text
    assert "canary" not in text
    assert "credentials" not in text


def test_refused_writes_are_grouped_by_cause(own_client: TestClient, own: Filled):
    names = ["Gil", "Hal"]
    own.fake.refused = {ExternalId(name) for name in names}
    own.fake.records += [contact(name) for name in names]
    own.fake.records += [email(8000 + i, "Ada", name) for i, name in enumerate(names)]
    own.run()
    assert only(own_client)["refused"] == [{"code": "LOCKED", "reason": "Locked.", "records": 2}]


def test_a_paused_connection_says_why_and_can_be_resumed(own_client: TestClient, own: Filled):
    pause(own, "The token was refused: connect again.")
    paused = only(own_client)
    assert (paused["state"], paused["reason"]) == (
        "paused",
        "The token was refused: connect again.",
    )
    resumed = own_client.post(f"/v1/connections/{own.link.connection_id}/resume")
    assert (resumed.status_code, resumed.json()["state"]) == (200, "working")
    assert only(own_client)["state"] == "working"


def test_a_connection_that_does_not_exist_cannot_be_resumed(client: TestClient):
    assert client.post("/v1/connections/999/resume").status_code == 404
