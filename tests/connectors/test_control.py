"""The admin door of the sandbox CRMs; runs once per CRM, over HTTP, beside the CRM itself."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from connectors import (
    Activity,
    Channel,
    ConnectorError,
    ExternalId,
    Participant,
    Person,
    PersonKind,
    Record,
    Role,
    _levers,
)
from connectors._control import create_door, fold
from connectors._sandbox import Running, Sandbox, open_server, running, sandbox_names
from connectors._serving import Server
from connectors._worlds import lines

THEN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ANNE, CLARA = ExternalId("anne"), ExternalId("clara")

EDITS = {"hubspot": ("touch", {"jobtitle": "CTO"}), "salesforce": ("edit", {"Title": "CTO"})}


@dataclass
class Crm:
    """A sandbox CRM, and a client at its door."""

    running: Running
    door: httpx.Client


def world() -> Iterator[Record]:
    yield Person(ANNE, PersonKind.COLLEAGUE, "Anne Abel", ("anne@ours.com",), modified_at=THEN)
    yield Person(CLARA, PersonKind.CONTACT, "Clara Crow", ("clara@far.com",), modified_at=THEN)
    both = (Participant(Role.FROM, ANNE), Participant(Role.TO, CLARA))
    at = THEN + timedelta(hours=1)
    yield Activity(ExternalId("m"), Channel.EMAIL, at, both, modified_at=at)


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Server, Server]]:
    with open_server() as front, open_server() as door:
        yield front, door


@pytest.fixture(params=sandbox_names())
def crm(request: pytest.FixtureRequest, servers: tuple[Server, Server]) -> Iterator[Crm]:
    front, door = servers
    with running(request.param, world(), server=front) as found:
        door.app = create_door(request.param, found.sandbox)
        with httpx.Client(base_url=door.url, trust_env=False) as client:
            yield Crm(found, client)


def test_the_door_lists_what_it_offers(crm: Crm):
    told = crm.door.get("/").json()
    assert told["crm"] == crm.running.name
    assert told["addresses"]["POST /clock/advance"] == "Let `seconds` pass."


def test_a_stopped_clock_shows_what_it_was_set_to(crm: Crm):
    crm.door.put("/clock", json={"now": "2030-01-01T00:00:00Z", "is_stopped": True})
    told = crm.door.post("/clock/advance", json={"seconds": 86_400}).json()
    assert told == {"now": "2030-01-02T00:00:00+00:00", "is_stopped": True}
    assert crm.running.sandbox.clock.now() == datetime(2030, 1, 2, tzinfo=UTC)


def test_a_clock_let_go_runs_on_from_where_it_stood(crm: Crm):
    crm.door.put("/clock", json={"now": "2030-01-01T00:00:00Z", "is_stopped": True})
    crm.door.put("/clock", json={"is_stopped": False})
    now = crm.running.sandbox.clock.now()
    assert now > datetime(2030, 1, 1, tzinfo=UTC)
    assert now < datetime(2030, 1, 1, 1, tzinfo=UTC)


def test_a_planned_fault_is_what_the_client_gets(crm: Crm):
    rule = {"pattern": ".*", "status": 418, "body": {"is": "tea"}, "headers": {"X-Tea": "green"}}
    crm.door.post("/faults", json=rule).raise_for_status()
    answer = httpx.get(f"{crm.running.url}/anything", trust_env=False)
    assert (answer.status_code, answer.json()) == (418, {"is": "tea"})
    assert (answer.headers["X-Tea"], answer.headers["Content-Type"]) == (
        "green",
        "application/json",
    )
    assert crm.door.get("/faults").json() == []


def test_a_dropped_call_is_in_the_log_without_a_status(crm: Crm):
    crm.door.post("/faults", json={"pattern": ".*", "drop": True}).raise_for_status()
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{crm.running.url}/anything", trust_env=False)
    (call,) = crm.door.get("/calls").json()
    assert call == {"method": "GET", "path": "/anything", "query": "", "status": 0}


def test_cleared_faults_are_forgotten(crm: Crm):
    crm.door.post("/faults", json={"pattern": ".*", "times": 99})
    assert len(crm.door.get("/faults").json()) == 1
    crm.door.delete("/faults")
    crm.running.connect().identify()


def test_faults_by_chance_come_as_their_seed_says(crm: Crm):
    def spoiled(seed: int) -> list[bool]:
        crm.door.delete("/faults")
        crm.door.put("/seed", json={"seed": seed})
        crm.door.post("/faults", json={"pattern": ".*", "chance": 0.5, "times": 99})
        return [crm.running.sandbox.fault_for("GET /") is not None for _ in range(40)]

    first = spoiled(1)
    assert 5 < sum(first) < 35
    assert spoiled(1) == first
    assert spoiled(2) != first


def test_latency_is_set_and_told(crm: Crm):
    crm.door.put("/latency", json={"seconds": 0.001})
    assert crm.running.sandbox.latency_s == 0.001
    assert crm.door.get("/latency").json() == {"seconds": 0.001}


def test_calls_are_counted_by_endpoint_with_ids_folded(crm: Crm):
    crm.running.connect().identify()
    for path in ("/thing/12", "/thing/34", "/thing/34/other"):
        httpx.get(crm.running.url + path, trust_env=False)
    counts = crm.door.get("/calls/counts", params={"pattern": "/thing"}).json()
    assert counts == {"GET /thing/{id}": 2, "GET /thing/{id}/other": 1}
    assert len(crm.door.get("/calls", params={"pattern": "thing", "last": 1}).json()) == 1


def test_the_call_log_begins_anew(crm: Crm):
    crm.running.connect().identify()
    assert crm.door.get("/calls").json()
    crm.door.delete("/calls")
    assert crm.door.get("/calls").json() == []


@pytest.mark.parametrize(
    ("path", "folded"),
    [
        ("/crm/v3/objects/contacts/101", "/crm/v3/objects/contacts/{id}"),
        ("/crm/objects/2026-03/0-1/batch/read", "/crm/objects/2026-03/0-1/batch/read"),
        ("/crm/v3/objects/contacts/a@b.example", "/crm/v3/objects/contacts/{id}"),
        ("/services/data/v67.0/sobjects/Contact/003000000000001AAA", ".../Contact/{id}"),
        ("/services/data/v67.0/query/01g0123456789abAAA-2000", ".../query/{id}"),
        ("/services/data/v67.0/sobjects/OpportunityTeam", ".../sobjects/OpportunityTeam"),
    ],
)
def test_ids_in_a_path_are_folded_and_names_are_not(path: str, folded: str):
    assert fold(path).endswith(folded.removeprefix("..."))


def test_the_truth_is_what_was_put_in(crm: Crm):
    told = [json.loads(line) for line in crm.door.get("/records").text.splitlines()]
    ids = crm.running.ids
    assert {one["kind"]: one["id"] for one in told} == {
        "colleague": ids[ANNE],
        "contact": ids[CLARA],
        "email": ids[ExternalId("m")],
    }
    (email,) = (one for one in told if one["kind"] == "email")
    assert email["at"] == "2026-03-02T10:30:00Z"
    assert {p["person_id"] for p in email["participants"]} == {ids[ANNE], ids[CLARA]}


def test_records_put_in_at_the_door_are_there_at_once(crm: Crm):
    new = Person(ExternalId("dora"), PersonKind.CONTACT, "Dora Dee", modified_at=THEN)
    answer = crm.door.post("/records", content=b"".join(lines([new])))
    told = crm.door.get("/records").text
    assert '"Dora Dee"' in told
    assert answer.json()["ids"]["dora"] in told


def test_each_lever_is_listed_with_its_arguments_and_help(crm: Crm):
    levers = crm.door.get("/levers").json()
    assert levers["merge"]["arguments"].count("ExternalId") >= 2
    assert all(lever["does"].endswith((".", ",", ";")) for lever in levers.values())
    assert not any(name.startswith("_") for name in levers)


def test_a_lever_is_pulled_by_name(crm: Crm):
    lever, given = EDITS[crm.running.name]
    given = given | {"record_id": crm.running.ids[CLARA]}
    crm.door.post(f"/levers/{lever}", json=given).raise_for_status()
    assert '"title":"CTO"' in crm.door.get("/records").text


def test_a_lever_takes_any_number_behind_what_it_needs(crm: Crm):
    def lever(_: Sandbox, first: str, *several: int, last: bool = False) -> list[object]:
        return [first, several, last]

    given = {"several": [1, 2], "last": True, "first": "a"}
    assert _levers.pull(lever, crm.running.sandbox, given) == ["a", [1, 2], True]
    assert _levers.pull(lever, crm.running.sandbox, {"first": "a"}) == ["a", [], False]


@pytest.mark.parametrize(
    ("method", "path", "body", "told"),
    [
        ("PUT", "/clock", '{"now": "tomorrow"}', "now: "),
        ("PUT", "/clock", '{"then": 1}', "then: "),
        ("PUT", "/clock", "now", "The body is no JSON"),
        ("POST", "/clock/advance", '{"seconds": -1}', "seconds: "),
        ("POST", "/faults", '{"pattern": "("}', "pattern is no regular expression"),
        ("POST", "/faults", '{"pattern": "x", "status": 0}', "status: "),
        ("GET", "/calls?pattern=(", "", "pattern is no regular expression"),
        ("POST", "/levers/nothing", "{}", "There is no lever 'nothing'"),
        ("POST", "/levers/merge", "[]", "must be a JSON object"),
        ("POST", "/levers/merge", "{}", "is missing"),
        ("POST", "/levers/merge", '{"what": 1}', "There is no argument 'what'"),
        ("POST", "/records", '{"kind": "wish"}', "line 1: kind must be one of"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(
    crm: Crm, method: str, path: str, body: str, told: str
):
    answer = crm.door.request(method, path, content=body)
    assert answer.status_code == 400
    assert told in answer.json()["error"]


NO_WAY: dict[str, tuple[tuple[str, dict[str, str]], ...]] = {
    "hubspot": (
        ("archive", {"record_id": "0-1:7"}),
        ("archive", {"record_id": "nobody"}),
        ("archive_property", {"type_id": "0-1", "name": "moon"}),
        ("erase", {"record_id": "0-2:101"}),
        ("merge", {"one": "0-1:101", "other": "0-1:8"}),
        ("merge", {"one": "0-1:101", "other": "0-1:101"}),
        ("restore", {"record_id": "0-1:101"}),
        ("revoke_scope", {"scope": "crm.objects.moons.read"}),
        ("touch", {"record_id": "0-1:7"}),
    ),
    "salesforce": (
        ("convert", {"lead": "x"}),
        ("convert", {"lead": "0035e0000000001AAA"}),
        ("delete", {"record_id": "0035e0000000099AAA"}),
        ("edit", {"record_id": "0035e0000000001AAA", "Moon": "full"}),
        ("hide", {"name": "Moon"}),
        ("hide", {"name": "Contact.Moon"}),
        ("make_person", {"contact": "0035e0000000099AAA"}),
        ("merge", {"loser": "0035e0000000001AAA", "winner": "y"}),
        ("merge", {"loser": "0035e0000000001AAA", "winner": "0035e0000000001AAA"}),
        ("reveal", {"name": "Moon"}),
        ("revoke", {"field": "Contact.Moon__c"}),
        ("undelete", {"record_id": "0035e0000000001AAA"}),
    ),
}


def test_what_cannot_be_done_is_told_and_never_passed_over(crm: Crm):
    before = crm.door.get("/records").text
    for lever, given in NO_WAY[crm.running.name]:
        answer = crm.door.post(f"/levers/{lever}", json=given)
        assert (answer.status_code, lever, given) == (400, lever, given)
        assert answer.json()["error"]
    assert crm.door.get("/records").text == before


def test_a_connector_that_meets_a_fault_from_the_door_says_so(crm: Crm):
    crm.door.post("/faults", json={"pattern": ".*", "status": 503, "times": 99})
    with pytest.raises(ConnectorError):
        crm.running.connect().identify()
