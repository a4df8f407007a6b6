"""HubSpot's webhooks: none is read that HubSpot has not signed, and what the others are about."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hubspot.utils.signature import Signature

from connectors import Delivery, ExternalId, Forged, Hint, Hook, Stream, hubspot
from connectors.hubspot.sandbox.sending import signatures
from connectors.hubspot.sandbox.signing_in import CLIENT_SECRET

URL = "https://tieline.example/hooks/secret?tenant=1"
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
NOW_MS = round(NOW.timestamp() * 1000)
PORTAL, APP = "50123456", 1_234_567
HOOK = Hook(PORTAL, [CLIENT_SECRET])

# HubSpot's own example, at the secret that its documents use.
EXAMPLE = Delivery(
    "POST",
    "https://www.example.com/webhook_uri",
    {
        "x-hubspot-signature-v3": "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y=",
        "x-hubspot-request-timestamp": "1693657560000",
    },
    b"{'example_field':'example_value'}",
    datetime.fromtimestamp(1_693_657_560, UTC),
)
EXAMPLES_SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"


def event(kind: str = "contact.propertyChange", **more: object) -> dict[str, Any]:
    told = {"eventId": 1, "portalId": int(PORTAL), "appId": APP, "objectId": 7}
    return told | {"subscriptionType": kind, "changeSource": "CRM_UI", **more}


def delivery(*events: dict[str, Any], url: str = URL) -> Delivery:
    body = json.dumps(events or [event()]).encode()
    headers = {k.lower(): v for k, v in signatures("POST", url, body, NOW_MS).items()}
    return Delivery("POST", url, headers, body, NOW)


def without(one: Delivery, *names: str) -> Delivery:
    return replace(one, headers={k: v for k, v in one.headers.items() if k not in names})


def told(*events: dict[str, Any]) -> list[tuple[str, str]]:
    return [(hint.stream.value, hint.id) for hint in hubspot.hints(delivery(*events), HOOK).hints]


def test_hubspots_own_example_is_genuine():
    found = hubspot.hints(EXAMPLE, Hook("1", [EXAMPLES_SECRET]))
    assert (found.hints, found.must_poll) == ((), True)


def test_what_hubspots_own_helper_signs_is_taken():
    now = datetime.now(UTC)
    stamp, body = str(round(now.timestamp() * 1000)), json.dumps([event()])
    keyed = Signature.get_signature(CLIENT_SECRET, body, "v3", URL, "POST", stamp)
    headers = {"x-hubspot-signature-v3": keyed, "x-hubspot-request-timestamp": stamp}
    assert hubspot.hints(Delivery("POST", URL, headers, body.encode(), now), HOOK).hints


GENUINE = delivery()
V3, STAMP = "x-hubspot-signature-v3", "x-hubspot-request-timestamp"
FORGED = {
    "no signature": without(GENUINE, V3),
    "an old signature alone": without(GENUINE, V3, STAMP),
    "no time": without(GENUINE, STAMP),
    "a time that is none": replace(GENUINE, headers={**GENUINE.headers, STAMP: "now"}),
    "another time": replace(GENUINE, headers={**GENUINE.headers, STAMP: str(NOW_MS + 1)}),
    "another address": replace(GENUINE, url=URL + "2"),
    "another host": replace(GENUINE, url=URL.replace("tieline", "evil")),
    "another method": replace(GENUINE, method="PUT"),
    "JSON written anew": replace(
        GENUINE, body=json.dumps(json.loads(GENUINE.body), separators=(",", ":")).encode()
    ),
    "a signature of strange letters": replace(GENUINE, headers={**GENUINE.headers, V3: "ÿ\udcff"}),
    "six minutes ago": replace(GENUINE, at=NOW + timedelta(minutes=6)),
    "in six minutes": replace(GENUINE, at=NOW - timedelta(minutes=6)),
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_what_hubspot_has_not_signed_now_is_refused(forged: Delivery):
    assert hubspot.hints(GENUINE, HOOK).hints
    with pytest.raises(Forged):
        hubspot.hints(forged, HOOK)


def test_another_secret_is_refused_and_an_earlier_one_is_not():
    with pytest.raises(Forged):
        hubspot.hints(GENUINE, Hook(PORTAL, ["wrong"]))
    assert hubspot.hints(GENUINE, Hook(PORTAL, ["new", CLIENT_SECRET])).hints


def test_the_old_signature_counts_only_where_the_admin_wants_it():
    old = without(GENUINE, V3, STAMP)
    lenient = Hook(PORTAL, [CLIENT_SECRET], takes_unsafe=True)
    assert hubspot.hints(old, lenient).hints
    with pytest.raises(Forged):
        hubspot.hints(replace(old, body=old.body + b" "), lenient)


def test_escapes_in_the_address_are_undone_as_hubspot_does():
    signed = delivery(url="https://tieline.example/hooks/a?who=anna@acme.example&p=a%20b")
    escaped = replace(signed, url=signed.url.replace("@", "%40"))
    assert hubspot.hints(escaped, HOOK).hints


@pytest.mark.parametrize(
    ("happened", "expected"),
    [
        (event("contact.creation"), [("contacts", "0-1:7")]),
        (event("contact.deletion"), [("contacts", "0-1:7")]),
        (event("contact.privacyDeletion"), [("contacts", "0-1:7")]),
        (event("company.propertyChange"), [("accounts", "0-2:7")]),
        (event("deal.restore"), [("deals", "0-3:7")]),
        (event("object.creation", objectTypeId="0-49"), [("emails", "0-49:7")]),
        (event("object.propertyChange", objectTypeId="0-47"), [("meetings", "0-47:7")]),
        (event("object.deletion", objectTypeId="0-48"), [("calls", "0-48:7")]),
        (event("object.creation", objectTypeId="0-18"), [("messages", "0-18:7")]),
        (event("object.creation", objectTypeId="0-27"), [("tasks", "0-27:7")]),
        (event("object.creation", objectTypeId="0-5"), []),
        (event("", eventType="contact.creation"), [("contacts", "0-1:7")]),
        (event("contact.merge", primaryObjectId=7, mergedObjectIds=[8]), [("contacts", "0-1:7")]),
        (event("contact.merge", primaryObjectId=7, newObjectId=9), [("contacts", "0-1:9")]),
        (event("contact.creation", objectId="7; --"), []),
    ],
)
def test_an_event_names_the_object_to_read_again(
    happened: dict[str, Any], expected: list[tuple[str, str]]
):
    assert told(happened) == expected


def test_an_association_names_both_of_its_ends():
    ends = {"fromObjectId": 7, "toObjectId": 9, "associationType": "EMAIL_TO_CONTACT"}
    found = told(event("object.associationChange", objectTypeId="0-49", **ends))
    assert found == [("emails", "0-49:7"), ("contacts", "0-1:9")]


def test_an_object_is_named_once_however_often_it_is_told():
    assert told(event("contact.creation"), event(propertyName="email")) == [("contacts", "0-1:7")]


@pytest.mark.parametrize(
    "ours",
    [
        event(changeSource="INTEGRATION", sourceId=str(APP), propertyName="jobtitle"),
        event(propertyName="tieline_strength"),
    ],
)
def test_what_we_wrote_ourselves_is_an_echo(ours: dict[str, Any]):
    found = hubspot.hints(delivery(ours), HOOK)
    assert (found.hints, found.echoes) == ((), 1)


def test_what_another_app_wrote_is_none():
    found = hubspot.hints(delivery(event(changeSource="INTEGRATION", sourceId="9")), HOOK)
    assert (found.hints, found.echoes) == ((Hint(Stream.CONTACTS, ExternalId("0-1:7")),), 0)


def test_another_portals_events_are_passed_over():
    found = hubspot.hints(delivery(event(portalId=9), event()), HOOK)
    assert (len(found.hints), found.strange) == (1, 1)
