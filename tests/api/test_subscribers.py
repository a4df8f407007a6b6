"""Subscribing, trying it, a new secret, the log and replay; secrets are shown once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import Session
from standardwebhooks import Webhook

from app.main import create_app
from app.security import new_key
from app.settings import plain_settings
from app.store import events
from app.store.events import EventType, Happened
from tests.api.asking import asking
from tests.messenger.receivers import Receiver, receiving


@dataclass
class Service:
    """A service, and somebody who wants to be told."""

    client: TestClient
    database: Engine
    receiver: Receiver

    def subscribe(self, **wish: object) -> dict[str, Any]:
        answer = self.client.post("/v1/subscribers", json={"url": self.receiver.url} | wish)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def happen(self) -> None:
        happened = [Happened(EventType.TIE_COOLING, {"colleague": 1, "contact": 2})]
        with Session(self.database) as session, session.begin():
            events.note(session, happened, at=datetime.now(UTC))

    def log(self, **sought: str) -> list[dict[str, Any]]:
        return list(self.client.get("/v1/deliveries", params=sought).json()["items"])

    def deliver(self) -> None:
        self.client.app.state.messenger.deliver_due()  # type: ignore[attr-defined] # an ASGI app


@pytest.fixture
def service(database: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    # Delivered when a test says so.
    monkeypatch.setattr("app.messenger.working.Messenger.start", lambda _: None)
    url = database.url.render_as_string(hide_password=False)
    settings = plain_settings(
        database_url=url, secret_key=new_key(), pull_every_minutes=0, loopback_subscribers=True
    )
    with receiving() as receiver, asking(create_app(settings)) as client:
        yield Service(client, database, receiver)


def test_a_secret_is_shown_once(service: Service):
    made = service.subscribe()
    listed = service.client.get("/v1/subscribers")
    assert made["secret"].startswith("whsec_")
    assert listed.json()["items"] == [made["subscriber"]]
    assert made["secret"] not in listed.text


def test_the_button_tells_at_once_and_shows_what_was_answered(service: Service):
    made = service.subscribe(types=["run.finished"])
    found = service.client.post(f"/v1/subscribers/{made['subscriber']['id']}/test").json()
    assert (found["state"], found["status"], found["type"]) == ("delivered", 204, "events.test")
    (heard,) = service.receiver.heard
    assert Webhook(made["secret"]).verify(heard.body, heard.headers)["type"] == "events.test"


def test_the_button_tries_only_once(service: Service):
    service.receiver.answers = [500]
    made = service.subscribe()
    found = service.client.post(f"/v1/subscribers/{made['subscriber']['id']}/test").json()
    assert (found["state"], found["reason"]) == ("dead", "It answered 500.")


def test_a_new_secret_signs_beside_the_one_before(service: Service):
    made = service.subscribe()
    number = made["subscriber"]["id"]
    fresh = service.client.post(f"/v1/subscribers/{number}/rotate").json()
    assert fresh["subscriber"]["before_until"]
    service.client.post(f"/v1/subscribers/{number}/test")
    (heard,) = service.receiver.heard
    for secret in (made["secret"], fresh["secret"]):
        assert Webhook(secret).verify(heard.body, heard.headers)


def test_the_log_tells_what_was_told_and_what_became_of_it(service: Service):
    service.subscribe()
    service.happen()
    (pending,) = service.log()
    assert (pending["state"], pending["data"]) == ("pending", {"colleague": 1, "contact": 2})
    service.deliver()
    (delivered,) = service.log(state="delivered")
    assert delivered["event"] == service.receiver.keys[0]
    assert (delivered["status"], delivered["attempts"]) == (204, 1)
    assert service.log(state="dead") == []


def test_the_dead_are_told_again_on_request(service: Service):
    service.receiver.answers = [410]
    made = service.subscribe()
    service.happen()
    service.deliver()
    (dead,) = service.log(state="dead")
    path = f"/v1/deliveries/{dead['id']}/replay"
    assert service.client.post(path).status_code == 409
    assert service.client.get("/v1/subscribers").json()["items"][0]["is_on"] is False
    service.client.delete(f"/v1/subscribers/{made['subscriber']['id']}")
    assert service.client.post(path).status_code == 404


def test_what_was_heard_is_told_again_under_the_same_key(service: Service):
    service.subscribe()
    service.happen()
    service.deliver()
    path = f"/v1/deliveries/{service.log()[0]['id']}/replay"
    assert service.client.post(path).json()["state"] == "pending"
    assert service.client.post(path).status_code == 409
    service.deliver()
    first, second = service.receiver.keys
    assert first == second


def test_who_unsubscribed_is_told_nothing(service: Service):
    made = service.subscribe()
    service.happen()
    path = f"/v1/subscribers/{made['subscriber']['id']}"
    assert service.client.delete(path).status_code == 204
    service.deliver()
    assert (service.receiver.heard, service.log()) == ([], [])
    assert service.client.delete(path).status_code == 404


def test_an_address_that_is_none_is_refused(service: Service):
    answer = service.client.post("/v1/subscribers", json={"url": "ftp://x.example"})
    assert (answer.status_code, "https://" in answer.json()["detail"]) == (422, True)


def test_without_a_key_to_seal_secrets_nobody_subscribes(empty_client: TestClient):
    answer = empty_client.post("/v1/subscribers", json={"url": "https://x.example"})
    assert (answer.status_code, "TIELINE_SECRET_KEY" in answer.json()["detail"]) == (503, True)
