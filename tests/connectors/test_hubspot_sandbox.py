"""The sandbox portal answers as HubSpot does where its clients are known to fail."""

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.demo import sandboxes
from connectors import Channel, ExternalId, Person, PersonKind, Role
from connectors._sandbox import Sandbox, open_state, served
from connectors._worlds import write
from connectors.hubspot import sandbox as hubspot_sandbox
from connectors.hubspot.sandbox import facts, levers, state
from tests.connectors.hubspot_fixtures import (
    ANNE,
    BORIS,
    CLARA,
    DAVID,
    Portal,
    activity,
    contact,
    contacts,
    people,
    pull,
)

SEARCH = "/crm/v3/objects/contacts/search"


def found(http: httpx.Client, **body: object) -> list[str]:
    answer = http.post(SEARCH, json=body)
    assert answer.status_code == 200, answer.text
    return [result["id"] for result in answer.json()["results"]]


def where(name: str, operator: str, **value: object) -> list[dict[str, Any]]:
    return [{"filters": [{"propertyName": name, "operator": operator, **value}]}]


def test_a_call_without_a_token_is_refused_as_hubspot_does(http: httpx.Client):
    answer = http.get("/crm/v3/owners", headers={"Authorization": "Bearer guess"})
    assert (answer.status_code, answer.json()["category"]) == (401, "INVALID_AUTHENTICATION")


def test_what_is_not_emulated_is_not_found(http: httpx.Client):
    assert http.get("/crm/v3/lists/1").status_code == 404
    assert http.get("/webhooks-journal/journal/2026-03/earliest").status_code == 404
    assert http.get("/crm/objects/2019-01/contacts").status_code == 404


@pytest.mark.parametrize("path", ["/crm/v3/objects/0-1", "/crm/objects/2026-09/contacts"])
def test_old_and_dated_paths_lead_to_the_same_objects(
    portal: Portal, http: httpx.Client, path: str
):
    portal.fill(*people())
    assert len(http.get(path).json()["results"]) == 2


def test_a_list_is_paged_by_id(portal: Portal, http: httpx.Client):
    portal.fill(*contacts(5))
    first = http.get("/crm/v3/objects/contacts", params={"limit": 3}).json()
    after = first["paging"]["next"]["after"]
    rest = http.get("/crm/v3/objects/contacts", params={"limit": 3, "after": after}).json()
    assert [len(first["results"]), len(rest["results"])] == [3, 2]
    assert "paging" not in rest


@pytest.mark.parametrize(
    ("operator", "value", "matches"),
    [
        ("EQ", {"value": "CLARA@acme.example"}, 1),
        ("NEQ", {"value": "clara@acme.example"}, 1),
        ("IN", {"values": ["clara@acme.example", "x"]}, 1),
        ("HAS_PROPERTY", {}, 2),
        ("NOT_HAS_PROPERTY", {}, 0),
        ("CONTAINS_TOKEN", {"value": "*acme*"}, 2),
    ],
)
def test_the_search_filters_by_text(
    portal: Portal, http: httpx.Client, operator: str, value: dict[str, object], matches: int
):
    portal.fill(*people())
    assert len(found(http, filterGroups=where("email", operator, **value))) == matches


@pytest.mark.parametrize(
    ("operator", "value", "matches"),
    [
        ("GT", {"value": "102"}, 3),
        ("GTE", {"value": "102"}, 4),
        ("LT", {"value": "102"}, 1),
        ("LTE", {"value": 102}, 2),
        ("BETWEEN", {"value": "102", "highValue": "104"}, 3),
    ],
)
def test_the_search_compares_ids(
    portal: Portal, http: httpx.Client, operator: str, value: dict[str, object], matches: int
):
    portal.fill(*contacts(5))
    assert len(found(http, filterGroups=where("hs_object_id", operator, **value))) == matches


def test_the_wrong_modified_date_of_contacts_finds_nothing(portal: Portal, http: httpx.Client):
    portal.fill(*contacts(5))
    assert found(http, filterGroups=where("hs_lastmodifieddate", "GTE", value="0")) == []
    assert len(found(http, filterGroups=where("lastmodifieddate", "GTE", value="0"))) == 5


def test_the_search_sorts_by_one_property(portal: Portal, http: httpx.Client):
    ids = [i.partition(":")[2] for i in portal.fill(*contacts(3)).values()]
    sorts = [{"propertyName": "hs_object_id", "direction": "DESCENDING"}]
    assert found(http, sorts=sorts) == ids[::-1]


def test_the_search_never_shows_what_is_archived(portal: Portal, http: httpx.Client):
    ids = list(portal.fill(*contacts(3)).values())
    levers.archive(portal.sandbox, ids[1])
    assert len(found(http)) == 2


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"after": "x"},
        {"after": "9900", "limit": 200},
        {"filterGroups": [{"filters": []}] * 6},
        {"filterGroups": where("hs_object_id", "EQ", value="1")[0]["filters"] * 7},
        {"filterGroups": where("no_such_property", "EQ", value="1")},
        {"query": "x" * 3000},
    ],
)
def test_the_search_refuses_what_hubspot_refuses(http: httpx.Client, body: dict[str, object]):
    assert http.post(SEARCH, json=body).status_code == 400


def test_all_answers_but_the_searchs_tell_the_rate_limits(http: httpx.Client):
    listed, searched = http.get("/crm/v3/owners"), http.post(SEARCH, json={})
    assert listed.headers["X-HubSpot-RateLimit-Daily-Remaining"] == str(facts.DAILY_LIMIT - 1)
    assert not [name for name in searched.headers if "ratelimit" in name.lower()]


def test_answers_carry_the_sandboxs_time(portal: Portal, http: httpx.Client):
    portal.sandbox.clock.advance(timedelta(days=3))
    stamp = parsedate_to_datetime(http.get("/crm/v3/owners").headers.get_list("Date")[-1])
    assert abs((stamp - portal.sandbox.clock.now()).total_seconds()) < 60


def test_associations_come_with_numbers_and_labels_and_none_is_a_207(
    portal: Portal, http: httpx.Client
):
    call = activity(Channel.CALL, (Role.FROM, ANNE), (Role.TO, CLARA))
    lonely = replace(call, id=ExternalId("lonely"), participants=())
    ids = portal.fill(*people(), call, lonely)
    inputs = [{"id": ids[i].partition(":")[2]} for i in (call.id, lonely.id)]
    answer = http.post("/crm/v4/associations/calls/contacts/batch/read", json={"inputs": inputs})
    body = answer.json()
    assert (answer.status_code, body["numErrors"]) == (207, 1)
    assert body["errors"][0]["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"
    assert body["results"][0]["to"][0]["toObjectId"] == int(ids[CLARA].partition(":")[2])
    assert body["results"][0]["to"][0]["associationTypes"][0]["typeId"] == 194


def test_associations_run_in_both_directions(portal: Portal, http: httpx.Client):
    call = activity(Channel.CALL, (Role.FROM, ANNE), (Role.TO, CLARA))
    clara = portal.fill(*people(), call)[CLARA].partition(":")[2]
    path = "/crm/v4/associations/contacts/calls/batch/read"
    body = http.post(path, json={"inputs": [{"id": clara}]}).json()
    assert body["results"][0]["to"][0]["associationTypes"][0]["typeId"] == 193


def test_a_thousand_and_one_inputs_are_too_many(http: httpx.Client):
    inputs = [{"id": str(number)} for number in range(1001)]
    answer = http.post("/crm/v4/associations/0-48/0-1/batch/read", json={"inputs": inputs})
    assert answer.status_code == 400


def test_a_batch_read_tells_which_are_not_there(portal: Portal, http: httpx.Client):
    clara = portal.fill(*people())[CLARA].partition(":")[2]
    wanted = {"inputs": [{"id": clara}, {"id": "999"}], "properties": ["email", "no_such"]}
    answer = http.post("/crm/v3/objects/contacts/batch/read", json=wanted)
    assert answer.status_code == 207
    assert answer.json()["errors"][0]["context"] == {"ids": ["999"]}
    assert answer.json()["results"][0]["properties"]["email"] == "clara@acme.example"


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"no_such": "1"}, "PROPERTY_DOESNT_EXIST"),
        ({"hs_object_id": "1"}, "READ_ONLY_VALUE"),
        ({"lifecyclestage": "friend"}, "INVALID_OPTION"),
        ({"associatedcompanyid": "1,000"}, "INVALID_LONG"),
    ],
)
def test_without_trace_ids_a_wrong_input_spoils_its_batch(
    portal: Portal, http: httpx.Client, properties: dict[str, str], code: str
):
    ids = [i.partition(":")[2] for i in portal.fill(*contacts(2)).values()]
    inputs = [
        {"id": ids[0], "properties": {"jobtitle": "New"}},
        {"id": ids[1], "properties": properties},
    ]
    answer = http.post("/crm/v3/objects/contacts/batch/update", json={"inputs": inputs})
    assert answer.status_code == 400
    assert f'"error": "{code}"' in answer.json()["message"]
    kept = http.get(f"/crm/v3/objects/contacts/{ids[0]}?properties=jobtitle").json()
    assert kept["properties"]["jobtitle"] is None


def test_an_update_moves_the_modified_date(portal: Portal, http: httpx.Client):
    number = portal.fill(contact(CLARA))[CLARA].partition(":")[2]
    before = http.get(f"/crm/v3/objects/contacts/{number}").json()["updatedAt"]
    inputs = [{"id": number, "properties": {"jobtitle": "New"}}]
    http.post("/crm/v3/objects/contacts/batch/update", json={"inputs": inputs})
    assert http.get(f"/crm/v3/objects/contacts/{number}").json()["updatedAt"] > before


def test_the_id_of_a_merged_contact_finds_the_survivor(portal: Portal, http: httpx.Client):
    ids = portal.fill(*people())
    survivor = levers.merge(portal.sandbox, ids[CLARA], ids[DAVID])
    got = http.get(f"/crm/v3/objects/contacts/{ids[DAVID].partition(':')[2]}").json()
    assert f"0-1:{got['id']}" == survivor


def test_a_group_that_exists_is_a_conflict(http: httpx.Client):
    path, group = "/crm/v3/properties/contacts/groups", {"name": "ours", "label": "Ours"}
    assert [http.post(path, json=group).status_code for _ in range(2)] == [201, 409]


def test_a_property_must_be_shown_in_a_widget_of_its_type(http: httpx.Client):
    http.post("/crm/v3/properties/contacts/groups", json={"name": "g", "label": "G"})
    wrong = {"name": "n", "label": "N", "groupName": "g", "type": "number", "fieldType": "text"}
    assert http.post("/crm/v3/properties/contacts", json=wrong).status_code == 400


def test_a_lead_becomes_a_contact(portal: Portal):
    lead = replace(contact(CLARA), kind=PersonKind.LEAD)
    assert portal.fill(lead)[CLARA].startswith("0-1:")


def test_the_portal_tells_who_it_is(http: httpx.Client):
    told = [http.get(f"/account-info/{v}/details").json() for v in ("v3", "2026-03", "2026-09")]
    assert (told[0]["portalId"], told[0]["accountType"]) == (facts.PORTAL_ID, "STANDARD")
    assert told[0]["utcOffsetMilliseconds"] == facts.UTC_OFFSET_MS
    assert told[0] == told[1] == told[2]


def test_an_owner_who_left_is_true_still_and_may_come_back(portal: Portal):
    anne = portal.fill(*people())[ANNE]
    left = []
    for lever in (levers.archive, levers.restore):
        lever(portal.sandbox, anne)
        left += [r for r in portal.of.records(portal.sandbox) if r.id == anne]
    assert [isinstance(one, Person) and one.is_active for one in left] == [False, True]


def test_a_record_that_was_merged_is_the_survivors(portal: Portal, http: httpx.Client):
    gone = replace(contact(ExternalId("gone")), is_deleted=True, merged_into=CLARA)
    ids = {old: new.partition(":")[2] for old, new in portal.fill(*people(), gone).items()}
    path = f"/crm/v3/objects/contacts/{ids[gone.id]}?properties=hs_merged_object_ids"
    found = http.get(path).json()
    assert found["id"] == ids[CLARA]
    assert found["properties"]["hs_merged_object_ids"] == ids[gone.id]


def test_some_portals_blacken_mail_instead_of_refusing_it(portal: Portal, http: httpx.Client):
    portal.fill(*people(), activity(Channel.EMAIL, (Role.FROM, ANNE), (Role.TO, CLARA)))
    path = "/crm/v3/objects/emails?properties=hs_email_to_email,hs_email_direction"
    levers.revoke_scope(portal.sandbox, facts.EMAIL_SCOPE)
    refused = http.get(path).status_code
    levers.turn(portal.sandbox, "redact_emails", 1)
    (mail,) = http.get(path).json()["results"]
    shown = [mail["properties"][f"hs_email_{name}"] for name in ("to_email", "direction")]
    assert (refused, shown) == (403, [None, "EMAIL"])


def test_a_contact_whose_address_another_has_stays_in_the_bin(portal: Portal, http: httpx.Client):
    clara = portal.fill(*people())[CLARA]
    levers.archive(portal.sandbox, clara)
    body = {"properties": {"email": "clara@acme.example"}}
    assert http.post("/crm/v3/objects/contacts", json=body).status_code == 201
    with pytest.raises(ValueError, match="has the address"):
        levers.restore(portal.sandbox, clara)


def test_records_filled_later_may_name_earlier_ones_by_their_ids(portal: Portal):
    ids = portal.fill(*people())
    portal.fill(activity(Channel.EMAIL, (Role.FROM, ids[BORIS]), (Role.TO, ids[CLARA])))
    (mail,) = (r for r in pull(portal.connect()).records if r.id.startswith("0-49:"))
    assert [p.address for p in mail.participants] == ["boris@ours.example", "clara@acme.example"]


def test_a_portal_goes_on_with_the_state_it_had(tmp_path: Path):
    first = Sandbox(open_state(tmp_path / "state.db"))
    hubspot_sandbox.fill(first, people())
    first.db.close()
    again = Sandbox(open_state(tmp_path / "state.db"))
    with served(hubspot_sandbox.create_app(again)) as url:
        headers = {"Authorization": f"Bearer {state.STATIC_TOKEN}"}
        answer = httpx.get(f"{url}/crm/v3/objects/contacts", headers=headers)
    again.db.close()
    assert len(answer.json()["results"]) == 2


class Until(threading.Event):
    """The end of a sandbox that stands by itself, before which it is asked something."""

    def __init__(self, ask: Callable[[], None]) -> None:
        super().__init__()
        self._ask = ask

    def wait(self, _: float | None = None) -> bool:
        self._ask()
        return True


@pytest.mark.parametrize(("is_the_demos", "last"), [(False, 429), (True, 200)])
def test_one_that_stands_by_itself_paces_its_clients(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, is_the_demos: bool, last: int
):
    write(people(), tmp_path / "world.ndjson")
    statuses: list[int] = []

    def ask() -> None:
        headers = {"Authorization": f"Bearer {state.STATIC_TOKEN}"}
        with httpx.Client(base_url=json.loads(capsys.readouterr().out)["url"]) as http:
            answers = (http.post(SEARCH, json={}, headers=headers) for _ in range(20))
            statuses.extend(answer.status_code for answer in answers)

    place = sandboxes.Place(
        control_port=0, world=tmp_path / "world.ndjson", is_any_port=is_the_demos
    )
    sandboxes.serve("hubspot", place, until=Until(ask))
    assert max(statuses) == last
