"""The same calls at the same time get the same bytes, whatever day it is."""

from datetime import UTC, datetime

import httpx

from connectors._sandbox import Server
from connectors.hubspot.sandbox import levers, signing_in, state
from tests.connectors.hubspot_fixtures import CLARA, DAVID, open_portal, people

THEN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
CLIENT = {
    "client_id": signing_in.CLIENT_ID,
    "client_secret": signing_in.CLIENT_SECRET,
    "redirect_uri": "http://localhost:3000/back",
}
CONTACTS, DEALS = "/crm/v3/objects/contacts", "/crm/v3/pipelines/deals"
STAGES = [{"label": "Begun", "displayOrder": 0, "metadata": {"probability": "0.1"}}]


def session(server: Server) -> list[tuple[int, bytes, dict[str, str]]]:
    """Do a bit of everything with a fresh portal."""
    headers = {"Authorization": f"Bearer {state.STATIC_TOKEN}"}
    with (
        open_portal(server) as portal,
        httpx.Client(base_url=portal.url, headers=headers) as http,
    ):
        portal.sandbox.clock.stop()
        portal.sandbox.clock.set(THEN)
        ids = portal.fill(*people())
        levers.subscribe(portal.sandbox, "http://127.0.0.1:1/", ["contact.creation"])
        portal.sandbox.faults.append(levers.locked("PATCH"))
        asked = {**CLIENT, "scope": "oauth crm.objects.contacts.read"}
        installed = http.get("/oauth/authorize", params=asked)
        code = installed.headers["Location"].partition("code=")[2]
        grant = {**CLIENT, "grant_type": "authorization_code", "code": code}
        answers = [
            installed,
            http.post("/oauth/v3/token", data=grant),
            http.post(CONTACTS, json={"properties": {"email": "dora@x.example"}}),
            http.post(CONTACTS, json={"properties": {"email": "dora@x.example"}}),
            http.patch(f"{CONTACTS}/101", json={"properties": {}}),
            http.post(f"{CONTACTS}/search", json={"sorts": ["hs_object_id"]}),
            http.post(f"{CONTACTS}/batch/read", json={"inputs": [{"id": "7"}]}),
            http.post(DEALS, json={"label": "Other", "displayOrder": 1, "stages": STAGES}),
            http.get("/crm/v3/no/such/thing"),
            http.get("/crm/v3/owners", headers={"Authorization": "Bearer guess"}),
        ]
        levers.merge(portal.sandbox, ids[CLARA], ids[DAVID])
        answers.append(http.get(f"{CONTACTS}?propertiesWithHistory=email"))
        told = portal.sandbox.db.execute("SELECT body, due FROM events").fetchall()
        answers.append(httpx.Response(200, json=told))
        return [(a.status_code, a.content, hubspots(a)) for a in answers]


def hubspots(answer: httpx.Response) -> dict[str, str]:
    """Give the headers that are HubSpot's own."""
    wanted = ("x-hubspot", "location", "retry-after")
    return {name: value for name, value in answer.headers.items() if name.startswith(wanted)}


def test_the_same_session_gets_the_same_bytes(server: Server):
    first, second = session(server), session(server)
    assert [status for status, _, _ in first] == [
        *(302, 200, 201, 409, 423, 200, 207, 201, 404, 401),
        *(200, 200),
    ]
    assert first == second


def test_no_two_requests_have_the_same_correlation_id(http: httpx.Client):
    answers = [http.get("/crm/v3/no/such/thing") for _ in range(3)]
    told = [answer.json()["correlationId"] for answer in answers]
    assert told == [answer.headers["X-HubSpot-Correlation-Id"] for answer in answers]
    assert len(set(told)) == len(told)
