"""The sandbox org repeats itself: the same calls in the same order get the same bytes."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import httpx

from connectors._sandbox import Sandbox, open_state, running
from connectors.salesforce.sandbox import levers
from connectors.salesforce.sandbox.org import USER_ID
from connectors.salesforce.sandbox.org import Org as State
from connectors.salesforce.sandbox.sessions import open_session
from connectors.salesforce.sandbox.signing_in import CLIENT_ID, CLIENT_SECRET
from tests.connectors.salesforce_fixtures import Org, Server, contacts, open_org

API = "/services/data/v67.0"
THEN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
BACK = "https://tieline.example/callback"
APP = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
JOB = {"operation": "query", "query": "SELECT Id, Name FROM Contact"}
FIELD = {
    "FullName": "Contact.Score__c",
    "Metadata": {"label": "Score", "type": "Number", "precision": 3, "scale": 0},
}


def session(org: Org) -> list[str]:
    """Play a day of an integration; give everything that was answered."""
    org.sandbox.clock.set(THEN)
    org.sandbox.clock.stop()
    levers.approve_by_itself(org.sandbox)
    org.put(contacts(300))
    said: list[str] = []
    with httpx.Client(base_url=org.url, trust_env=False) as client:
        client.event_hooks["response"] = [noting(said)]
        sign_in(client)
        work(client)
    return said


def noting(said: list[str]) -> Callable[[httpx.Response], None]:
    def note(answer: httpx.Response) -> None:
        answer.read()
        said.append(f"{answer.status_code} {sorted(answer.headers.items())} {answer.text}")

    return note


def sign_in(client: httpx.Client) -> None:
    asked = {"response_type": "code", "client_id": CLIENT_ID, "redirect_uri": BACK}
    sent_back = client.get("/services/oauth2/authorize", params=asked)
    code = httpx.URL(sent_back.headers["Location"]).params["code"]
    grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    first = client.post("/services/oauth2/token", data=APP | grant).json()
    renewal = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    token = client.post("/services/oauth2/token", data=APP | renewal).json()["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"


def work(client: httpx.Client) -> None:
    few = {"Sforce-Query-Options": "batchSize=200"}
    query = {"q": "SELECT Id, Name FROM Contact"}
    client.get(client.get(f"{API}/query", params=query, headers=few).json()["nextRecordsUrl"])
    client.post(f"{API}/tooling/sobjects/CustomField", json=FIELD)
    client.post(f"{API}/sobjects/Account", json={"Name": "Acme"})
    job = client.post(f"{API}/jobs/query", json=JOB).json()["id"]
    client.get(f"{API}/jobs/query/{job}/results", params={"maxRecords": 100})
    client.get(f"{API}/query", params={"q": "SELECT Shoe FROM Contact"})
    client.get(f"{API}/limits")


def test_the_same_calls_get_the_same_bytes(server: Server):
    with open_org(server) as org:
        first = session(org)
    with open_org(server) as org:
        assert session(org) == first


def test_another_seed_gives_other_tokens():
    boxes = (Sandbox(open_state(None), random=Random(seed)) for seed in (1, 1, 2))  # noqa: S311
    one, same, other = (open_session(State(box), USER_ID, "api") for box in boxes)
    assert one == same != other


def test_a_run_that_goes_on_gives_tokens_that_are_new(server: Server, tmp_path: Path):
    tokens = []
    for _ in range(2):
        with running("salesforce", server=server, state=tmp_path / "org.db") as org:
            tokens.append(Org(**vars(org)).http().headers["Authorization"])
    assert len(set(tokens)) == 2
    assert re.fullmatch(r"Bearer 00D\w{12}![A-Za-z0-9]{64}", tokens[0])
