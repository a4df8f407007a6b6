"""Webhooks: subscribed by HubSpot's own client, checked by its own signature helper."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hubspot import HubSpot
from hubspot.utils.signature import Signature
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from connectors import ExternalId
from connectors._sandbox import served
from connectors.hubspot.sandbox import facts, levers
from connectors.hubspot.sandbox.signing_in import CLIENT_SECRET
from connectors.hubspot.sandbox.webhooks import DEVELOPER_KEY
from tests.connectors.hubspot_fixtures import Portal, contacts
from tests.connectors.hubspot_sandbox.calls import made

KEY = {"hapikey": DEVELOPER_KEY}


@dataclass
class App:
    """The receiving end: what came, and what it answers."""

    url: str = ""
    status: int = 200
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request = Request(scope, receive)
            self.bodies.append(await request.body())
            self.headers.append(dict(request.headers))
            await Response(status_code=self.status)(scope, receive, send)

    def events(self) -> list[dict[str, Any]]:
        return [event for body in self.bodies for event in json.loads(body)]


@pytest.fixture(scope="module")
def listening() -> Iterator[App]:
    app = App()
    with served(app) as url:
        app.url = f"{url}/hooks?tenant=1"
        yield app


@pytest.fixture
def app(listening: App) -> App:
    listening.bodies.clear()
    listening.headers.clear()
    listening.status = 200
    return listening


@pytest.fixture
def settings(portal: Portal) -> HubSpot:
    client = HubSpot(host=portal.url, api_key=DEVELOPER_KEY)
    throttling = {"maxConcurrentRequests": 10}
    client.webhooks.settings_api.configure(
        facts.APP_ID, {"targetUrl": "https://tieline.example/hooks", "throttling": throttling}
    )
    return client


def test_the_client_sets_reads_and_drops_the_target(settings: HubSpot):
    api = settings.webhooks.settings_api
    assert api.get_all(facts.APP_ID).target_url == "https://tieline.example/hooks"
    api.clear(facts.APP_ID)
    with pytest.raises(Exception, match="404"):
        api.get_all(facts.APP_ID)


def test_the_client_subscribes_and_a_new_subscription_is_paused(settings: HubSpot):
    api = settings.webhooks.subscriptions_api
    made = api.create(
        facts.APP_ID, {"eventType": "contact.propertyChange", "propertyName": "email"}
    )
    assert (made.active, made.property_name) == (False, "email")
    assert api.update(made.id, facts.APP_ID, {"active": True}).active
    inputs = {"inputs": [{"id": int(made.id), "active": False}]}
    assert not api.update_batch(facts.APP_ID, inputs).results[0].active
    assert [one.id for one in api.get_all(facts.APP_ID).results] == [made.id]
    api.archive(made.id, facts.APP_ID)
    assert api.get_all(facts.APP_ID).results == []


def test_activities_have_generic_subscriptions(http: httpx.Client):
    path = f"/webhooks/v3/{facts.APP_ID}/subscriptions"
    wanted = {"eventType": "object.creation", "objectTypeId": facts.EMAIL}
    assert http.post(path, json=wanted, params=KEY).json()["objectTypeId"] == facts.EMAIL
    changed = wanted | {"eventType": "object.propertyChange"}
    for name, status in (("hs_email_status", 201), ("hs_email_subject", 400)):
        body = changed | {"propertyName": name}
        assert http.post(path, json=body, params=KEY).status_code == status


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/app-webhooks/2026-09", 200),
        ("/webhooks/2026-03", 200),
        ("/webhooks/2026-09", 404),
    ],
)
def test_each_version_has_its_own_prefix(http: httpx.Client, path: str, status: int):
    answer = http.get(f"{path}/{facts.APP_ID}/subscriptions", params=KEY)
    assert answer.status_code == status


def test_only_the_developers_key_opens_the_settings(http: httpx.Client):
    assert http.get(f"/webhooks/v3/{facts.APP_ID}/settings").status_code == 401


def test_our_own_writes_are_told_with_our_app_as_their_source(
    portal: Portal, http: httpx.Client, app: App
):
    levers.subscribe(portal.sandbox, app.url, ["contact.creation", "object.creation"], "0-1")
    number = made(http, "contacts", firstname="Dora")
    levers.deliver(portal.sandbox)
    generic, named = sorted(app.events(), key=lambda event: "objectTypeId" not in event)
    assert named["objectId"] == int(number)
    assert (named["changeSource"], named["sourceId"]) == ("INTEGRATION", str(facts.APP_ID))
    assert (named["attemptNumber"], named["changeFlag"]) == (0, "NEW")
    assert generic["objectTypeId"] == "0-1"


def test_only_the_property_subscribed_to_is_told(portal: Portal, http: httpx.Client, app: App):
    kinds = ["contact.propertyChange"]
    number = made(http, "contacts", city="Ulm")
    levers.subscribe(portal.sandbox, app.url, kinds, name="city")
    levers.touch(portal.sandbox, ExternalId(f"0-1:{number}"), city="Bonn", firstname="Dora")
    levers.deliver(portal.sandbox)
    (event,) = app.events()
    assert (event["propertyName"], event["propertyValue"]) == ("city", "Bonn")
    assert (event["changeSource"], event["sourceId"]) == ("CRM_UI", f"userId:{facts.USER_ID}")


def test_hubspots_own_helper_believes_both_signatures(portal: Portal, http: httpx.Client, app: App):
    levers.subscribe(portal.sandbox, app.url, ["contact.creation"])
    made(http, "contacts", firstname="Dora")
    levers.deliver(portal.sandbox)
    said = {"client_secret": CLIENT_SECRET, "request_body": app.bodies[0].decode()}
    said |= {"http_uri": app.url, "http_method": "POST"}
    headers = app.headers[0]
    third = {"signature": headers["x-hubspot-signature-v3"], "signature_version": "v3"}
    first = {"signature": headers["x-hubspot-signature"], "signature_version": "v1"}
    timestamp = headers["x-hubspot-request-timestamp"]
    assert Signature.is_valid(**said, **third, timestamp=timestamp)
    assert Signature.is_valid(**said, **first)
    assert not Signature.is_valid(**(said | {"request_body": "[]"}), **third, timestamp=timestamp)


def test_a_delivery_holds_a_hundred_events(portal: Portal, http: httpx.Client, app: App):
    levers.subscribe(portal.sandbox, app.url, ["company.creation"])
    inputs = [{"properties": {"name": f"c{n}"}} for n in range(51)]
    for _ in range(2):
        http.post("/crm/v3/objects/companies/batch/create", json={"inputs": inputs})
    assert [one.events for one in levers.deliver(portal.sandbox)] == [100, 2]


def test_a_refused_delivery_comes_again_within_the_day_and_ten_times(
    portal: Portal, http: httpx.Client, app: App
):
    levers.subscribe(portal.sandbox, app.url, ["contact.creation"])
    made(http, "contacts", firstname="Dora")
    app.status = 500
    for _ in range(12):
        levers.deliver(portal.sandbox)
        portal.sandbox.clock.advance(timedelta(hours=2.4))
    assert [event["attemptNumber"] for event in app.events()] == list(range(11))


def test_an_app_that_is_away_loses_nothing(portal: Portal, http: httpx.Client, app: App):
    levers.subscribe(portal.sandbox, "http://127.0.0.1:1/", ["contact.creation"])
    made(http, "contacts", firstname="Dora")
    assert [one.status for one in levers.deliver(portal.sandbox)] == [0]
    portal.sandbox.db.execute("UPDATE targets SET url = ?", (app.url,))
    portal.sandbox.clock.advance(timedelta(hours=3))
    levers.deliver(portal.sandbox)
    assert [event["attemptNumber"] for event in app.events()] == [1]


def test_events_come_twice_and_in_any_order_on_request(
    portal: Portal, http: httpx.Client, app: App
):
    levers.subscribe(portal.sandbox, app.url, ["contact.creation"])
    for lever in ("webhook_duplicates", "webhook_disorder"):
        levers.turn(portal.sandbox, lever, 1)
    ids = [int(made(http, "contacts", firstname=f"c{n}")) for n in range(5)]
    levers.deliver(portal.sandbox)
    came = [event["objectId"] for event in app.events()]
    assert sorted(came) == sorted(ids * 2)
    assert came != sorted(came)


def test_where_the_portal_stands_by_itself_events_leave_by_themselves(
    portal: Portal, http: httpx.Client, app: App
):
    portal.sandbox.is_alone = True
    levers.subscribe(portal.sandbox, app.url, ["contact.creation"])
    number = made(http, "contacts", firstname="Dora")
    for _ in range(100):
        if app.bodies:
            break
        http.get("/crm/v3/owners")
    assert [event["objectId"] for event in app.events()] == [int(number)]


def test_an_erasure_is_told_twice(portal: Portal, app: App):
    (number,) = portal.fill(*contacts(1)).values()
    levers.subscribe(portal.sandbox, app.url, ["contact.privacyDeletion", "contact.deletion"])
    levers.erase(portal.sandbox, number)
    levers.deliver(portal.sandbox)
    kinds = {event["subscriptionType"] for event in app.events()}
    assert kinds == {"contact.privacyDeletion", "contact.deletion"}


def test_a_merge_names_all_its_records(portal: Portal, app: App):
    one, other = portal.fill(*contacts(2)).values()
    levers.subscribe(portal.sandbox, app.url, ["contact.merge"])
    survivor = levers.merge(portal.sandbox, one, other)
    levers.deliver(portal.sandbox)
    (event,) = app.events()
    assert (event["primaryObjectId"], event["mergedObjectIds"]) == (101, [101, 102])
    assert survivor == f"0-1:{event['newObjectId']}"


def test_an_association_is_told_from_either_end(portal: Portal, http: httpx.Client, app: App):
    contact, company = made(http, "contacts", city="Ulm"), made(http, "companies", name="Acme")
    kinds = ["contact.associationChange", "company.associationChange"]
    levers.subscribe(portal.sandbox, app.url, kinds)
    http.put(f"/crm/v4/objects/contacts/{contact}/associations/default/companies/{company}")
    levers.deliver(portal.sandbox)
    told = {event["associationType"]: event["associationRemoved"] for event in app.events()}
    assert told == {"CONTACT_TO_COMPANY": False, "COMPANY_TO_CONTACT": False}
