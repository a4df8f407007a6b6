"""What the CRMs deliver: kept before it is answered, and refused unless it is theirs."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import Engine, text
from sqlmodel import Session, select

from app.hooks import IN_A_BURST, Hooks, Meter
from app.main import create_app
from app.security import new_key
from app.settings import Settings, plain_settings
from app.store import connections, tables
from tests.api.asking import asking
from tests.fakes import NOW

LONG_S = 60.0
"""Time enough for a machine that is busy with other tests."""

PUBLIC = "https://tieline.example"
PORTAL, ORG, SECRET = "50123456", "00D5e0000000001EAA", "the app's own secret"
MESSAGE = (
    '<a:Envelope xmlns:a="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><a:Body>'
    '<notifications xmlns="http://soap.sforce.com/2005/09/outbound">'
    f"<OrganizationId>{ORG}</OrganizationId><Notification><Id>04l5e0000000001AAA</Id>"
    '<sObject xsi:type="sf:Task" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">'
    "<sf:Id>00T5e0000000002EAA</sf:Id></sObject></Notification></notifications></a:Body></a:Envelope>"
)


@dataclass
class Service:
    """A service with a portal and an org, and whoever delivers to it."""

    client: TestClient
    database: Engine
    portal: int
    org: int

    def set_up(self, connection_id: int, **wish: object) -> dict[str, Any]:
        answer = self.client.post(f"/v1/connections/{connection_id}/hook", json=wish)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def path(self, connection_id: int) -> str:
        return str(self.set_up(connection_id)["url"]).removeprefix(PUBLIC)

    def deliver(self, *ids: int, minutes_ago: float = 0, secret: str = SECRET) -> Response:
        """Deliver events as HubSpot does."""
        path = self.path(self.portal)
        told = {"portalId": int(PORTAL), "subscriptionType": "contact.creation"}
        events = [{"eventId": 100 + n, "objectId": n, **told} for n in ids]
        body = json.dumps(events).encode()
        stamp = str(round((datetime.now(UTC) - timedelta(minutes=minutes_ago)).timestamp() * 1000))
        said = f"POST{PUBLIC}{path}".encode() + body + stamp.encode()
        keyed = base64.b64encode(hmac.new(secret.encode(), said, hashlib.sha256).digest())
        headers = {"X-HubSpot-Signature-v3": keyed, "X-HubSpot-Request-Timestamp": stamp.encode()}
        return self.client.post(path, content=body, headers=headers)

    def queued(self) -> set[str]:
        with Session(self.database) as session:
            return set(session.exec(select(tables.Hint.external_id)))

    def log(self, connection_id: int) -> list[dict[str, Any]]:
        answer = self.client.get(f"/v1/connections/{connection_id}/deliveries")
        return list(answer.json()["items"])


def hooks_of(service: Service) -> Hooks:
    found = service.client.app.state.hooks  # type: ignore[attr-defined] # it is our app
    assert isinstance(found, Hooks)
    return found


def settings(database: Engine, **more: object) -> Settings:
    url = database.url.render_as_string(hide_password=False)
    known = {"database_url": url, "secret_key": new_key(), "public_url": PUBLIC}
    return plain_settings(pull_every_minutes=0, **(known | more))


@pytest.fixture
def service(database: Engine) -> Iterator[Service]:
    with Session(database) as session, session.begin():
        ids = [
            connections.add(
                session,
                tables.Connection(
                    crm=crm, title=crm, tenant=tenant, credentials=b"", created_at=NOW
                ),
            )
            for crm, tenant in (("hubspot", PORTAL), ("salesforce", ORG))
        ]
    app = create_app(settings(database))
    with asking(app) as client:
        app.state.hooks.answered_within_s = LONG_S
        found = Service(client, database, *ids)
        found.set_up(found.portal, secret=SECRET)
        yield found


def test_what_is_delivered_is_queued_once(service: Service):
    assert service.deliver(7, 8).status_code == 200
    assert service.deliver(8, 7, 7).status_code == 200
    assert service.queued() == {"0-1:7", "0-1:8"}


def test_an_outbound_message_is_acknowledged_when_it_is_kept(service: Service):
    answer = service.client.post(service.path(service.org), content=MESSAGE)
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "text/xml")
    assert "<Ack>true</Ack>" in answer.text
    assert service.queued() == {"00T5e0000000002EAA"}


def test_a_forged_delivery_is_refused_and_noted(service: Service):
    assert service.deliver(7, secret="guessed").status_code == 401
    assert service.queued() == set()
    assert [one["result"] for one in service.log(service.portal)] == ["forged"]


def test_a_delivery_that_was_kept_back_is_refused(service: Service):
    assert service.deliver(7, minutes_ago=6).status_code == 401
    assert service.deliver(7, minutes_ago=4).status_code == 200


def test_another_orgs_message_is_refused(service: Service):
    other = MESSAGE.replace(ORG, "00D5e0000000002EAA")
    answer = service.client.post(service.path(service.org), content=other)
    assert (answer.status_code, service.queued()) == (401, set())


def test_without_its_secret_address_nothing_is_there(service: Service):
    assert service.client.post("/hooks/guessed", content=MESSAGE).status_code == 404
    assert service.client.get(service.path(service.org)).status_code == 405


def test_who_has_no_stream_of_events_is_not_listened_to(service: Service):
    path = f"/v1/connections/{service.portal}/hook"
    answer = service.client.post(path, json={"is_listening": True})
    assert (answer.status_code, "no stream" in answer.json()["detail"]) == (422, True)
    assert service.client.get(path).json()["is_listening"] is False


def test_a_delivery_that_is_too_long_is_refused(service: Service):
    long = MESSAGE + " " * (1 << 20)
    assert service.client.post(service.path(service.org), content=long).status_code == 413


def test_a_delivery_needs_no_key_and_setting_it_up_does(database: Engine):
    locked = create_app(settings(database, api_key="key"))
    with asking(locked) as client:
        assert client.post("/hooks/guessed").status_code == 404
        assert client.post("/v1/connections/1/hook", json={}).status_code == 401


def test_nothing_is_taken_that_cannot_be_kept(service: Service):
    is_file = service.database.dialect.name == "sqlite"
    lock = "BEGIN EXCLUSIVE" if is_file else "BEGIN; LOCK TABLE hint IN EXCLUSIVE MODE"
    path = service.path(service.org)
    hooks_of(service).answered_within_s = 1.0
    with service.database.connect().execution_options(isolation_level="AUTOCOMMIT") as other:
        other.execute(text(lock))
        refused = service.client.post(path, content=MESSAGE)
        other.execute(text("ROLLBACK"))
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    hooks_of(service).answered_within_s = LONG_S
    assert service.client.post(path, content=MESSAGE).status_code == 200


def test_the_log_tells_what_came_and_what_became_of_it(service: Service):
    service.deliver(7, 8)
    service.deliver(9)
    last, first = service.log(service.portal)
    assert (first["events"], first["hints"], first["result"]) == (["107", "108"], 2, "taken")
    assert last["events"] == ["109"]


def test_the_state_tells_when_something_came_and_what_waits(service: Service):
    path = f"/v1/connections/{service.portal}/hook"
    assert service.client.get(path).json()["seen_at"] is None
    service.deliver(7)
    found = service.client.get(path).json()
    assert (found["waiting"], found["silent_since"]) == (1, None)
    assert found["seen_at"]
    assert found["waiting_since"]
    assert SECRET not in service.client.get(path).text


def test_a_secret_is_made_where_the_crm_has_none_and_the_one_before_counts_too(service: Service):
    first = service.set_up(service.org)
    second = service.set_up(service.org, renews=True)
    assert first["signer"] == "tieline"
    assert first["secret"] != second["secret"]
    assert first["url"] == second["url"]
    stamp = str(round(datetime.now(UTC).timestamp() * 1000))
    body = json.dumps({"org": ORG, "records": [{"object": "Task", "id": "00T5e0000000002EAA"}]})
    said = f"{stamp}.{body}".encode()
    keyed = base64.b64encode(hmac.new(first["secret"].encode(), said, hashlib.sha256).digest())
    headers = {"Tieline-Signature": keyed, "Tieline-Timestamp": stamp.encode()}
    path = service.path(service.org)
    assert service.client.post(path, content=body, headers=headers).status_code == 200
    service.set_up(service.org, renews=True)
    assert service.client.post(path, content=body, headers=headers).status_code == 401


def test_an_address_that_was_taken_away_is_none(service: Service):
    path = service.path(service.org)
    assert service.client.delete(f"/v1/connections/{service.org}/hook").status_code == 204
    assert service.client.post(path, content=MESSAGE).status_code == 404
    assert service.client.get(f"/v1/connections/{service.org}/hook").status_code == 404


def test_without_a_public_address_nothing_is_set_up(database: Engine):
    with asking(create_app(settings(database, public_url=""))) as client:
        answer = client.post("/v1/connections/1/hook", json={})
        assert (answer.status_code, "TIELINE_PUBLIC_URL" in answer.json()["detail"]) == (503, True)


def test_a_flood_to_one_address_is_held_back_and_to_others_is_not():
    meter = Meter()
    assert all(meter.passes("a", 0.0) for _ in range(IN_A_BURST))
    assert not meter.passes("a", 0.0)
    assert meter.passes("b", 0.0)
    assert meter.passes("a", 1.0)
