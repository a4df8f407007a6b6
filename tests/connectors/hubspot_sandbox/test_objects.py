"""HubSpot's own client creates, reads, changes, merges and deletes objects in the sandbox."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hubspot import HubSpot
from hubspot.crm.contacts.exceptions import ApiException

from connectors import Activity, Channel, ExternalId, Role
from connectors.hubspot.sandbox import facts, levers
from tests.connectors.hubspot_fixtures import (
    ANNE,
    CLARA,
    DAVID,
    Portal,
    activity,
    contacts,
    people,
)
from tests.connectors.hubspot_sandbox.calls import made, read

THEN = "2026-03-02T09:30:00.000Z"
CONTACT = {"email": "Dora@Acme.example", "firstname": "Dora"}
OTHERS: dict[str, dict[str, str]] = {
    "companies": {"name": "Acme"},
    "deals": {"dealname": "Big", "dealstage": "closedwon", "pipeline": "default"},
    "tickets": {"subject": "Help", "hs_pipeline_stage": "1"},
}
ENGAGEMENTS: dict[str, dict[str, str]] = {
    "emails": {"hs_timestamp": THEN, "hs_email_direction": "EMAIL"},
    "meetings": {"hs_meeting_title": "Lunch", "hs_meeting_start_time": THEN},
    "calls": {"hs_timestamp": THEN, "hs_call_duration": "60000"},
    "communications": {
        "hs_timestamp": THEN,
        "hs_communication_channel_type": "SMS",
        "hs_communication_logged_from": "CRM",
    },
    "notes": {"hs_timestamp": THEN, "hs_note_body": "n"},
    "tasks": {"hs_timestamp": THEN, "hs_task_subject": "t"},
}
TRACED = "objectWriteTraceId"


def batch(*items: dict[str, Any]) -> dict[str, Any]:
    return {"inputs": list(items)}


def refused(call: Callable[..., object], **arguments: object) -> tuple[int, dict[str, Any]]:
    with pytest.raises(ApiException) as caught:
        call(**arguments)
    return caught.value.status, json.loads(caught.value.body)


@pytest.mark.parametrize(("kind", "properties"), [("contacts", CONTACT), *OTHERS.items()])
def test_the_client_creates_reads_changes_and_archives(
    sdk: HubSpot, kind: str, properties: dict[str, str]
):
    api = getattr(sdk.crm, kind).basic_api
    number = api.create({"properties": properties}).id
    name = next(iter(properties))
    api.update(number, {"properties": {name: "new@acme.example"}})
    assert api.get_by_id(number, properties=[name]).properties[name] == "new@acme.example"
    api.archive(number)
    assert [found.id for found in api.get_page(archived=True).results] == [number]
    assert api.get_page().results == []


@pytest.mark.parametrize(("kind", "properties"), ENGAGEMENTS.items())
def test_the_client_has_engagements_too(sdk: HubSpot, kind: str, properties: dict[str, str]):
    apis = getattr(sdk.crm.objects, kind)
    number = apis.basic_api.create({"properties": properties}).id
    assert apis.basic_api.get_by_id(number).id == number
    assert apis.search_api.do_search({"limit": 1}).total == 1
    assert apis.batch_api.read({"inputs": [{"id": number}], "properties": []}).results[0].id
    apis.batch_api.archive(batch({"id": number}))
    assert apis.basic_api.get_page().results == []


def test_an_email_is_held_in_lower_case(http: httpx.Client):
    number = made(http, "contacts", **CONTACT)
    assert read(http, "contacts", number, "email")["email"] == "dora@acme.example"


def test_a_second_contact_with_an_email_is_a_conflict(sdk: HubSpot):
    first = sdk.crm.contacts.basic_api.create({"properties": CONTACT}).id
    status, body = refused(
        sdk.crm.contacts.basic_api.create,
        simple_public_object_input_for_create={"properties": CONTACT},
    )
    assert (status, body["category"]) == (409, "CONFLICT")
    assert body["message"] == f"Contact already exists. Existing ID: {first}"


@pytest.mark.parametrize("version", ["v3", "2026-03", "2026-09"])
def test_dated_paths_do_the_same(http: httpx.Client, version: str):
    place = f"/crm/v3/objects/{facts.CONTACT}"
    if version != "v3":
        place = f"/crm/objects/{version}/{facts.CONTACT}"
    number = http.post(place, json={"properties": CONTACT}).json()["id"]
    assert http.patch(f"{place}/{number}", json={"properties": {"city": "Ulm"}}).status_code == 200
    assert http.delete(f"{place}/{number}").status_code == 204
    assert http.get(f"{place}/{number}").status_code == 404
    assert http.get(f"{place}/{number}?archived=true").json()["archivedAt"]


@pytest.mark.parametrize(
    ("kind", "properties", "missing"),
    [("notes", {"hs_note_body": "n"}, "hs_timestamp"), ("deals", {"dealname": "d"}, "dealstage")],
)
def test_an_object_is_not_created_without_what_it_needs(
    http: httpx.Client, kind: str, properties: dict[str, str], missing: str
):
    answer = http.post(f"/crm/v3/objects/{kind}", json={"properties": properties})
    assert (answer.status_code, answer.json()["context"]) == (400, {"properties": [missing]})


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"no_such": "1"}, "PROPERTY_DOESNT_EXIST"),
        ({"hs_object_id": "1"}, "READ_ONLY_VALUE"),
        ({"lifecyclestage": "friend"}, "INVALID_OPTION"),
        ({"email": "nobody"}, "INVALID_EMAIL"),
    ],
)
def test_a_wrong_value_is_told_in_a_message_with_json_in_it(
    http: httpx.Client, properties: dict[str, str], code: str
):
    answer = http.post("/crm/v3/objects/contacts", json={"properties": properties})
    listed = json.loads(answer.json()["message"].partition(": ")[2])
    assert answer.status_code == 400
    assert [(one["error"], one["isValid"]) for one in listed] == [(code, False)]


def test_an_empty_string_clears_a_property(http: httpx.Client):
    number = made(http, "contacts", **CONTACT)
    http.patch(f"/crm/v3/objects/contacts/{number}", json={"properties": {"firstname": ""}})
    assert read(http, "contacts", number, "firstname")["firstname"] is None


def test_names_may_be_repeated_or_joined_by_commas(sdk: HubSpot):
    api = sdk.crm.contacts.basic_api
    number = api.create({"properties": CONTACT}).id
    found = api.get_by_id(number, properties=["email", "firstname", "city"]).properties
    assert {"email", "firstname", "city"} <= found.keys()


def test_the_history_of_a_property_tells_who_wrote_what(portal: Portal, sdk: HubSpot):
    api = sdk.crm.contacts.basic_api
    number = api.create({"properties": CONTACT}).id
    levers.touch(portal.sandbox, ExternalId(f"0-1:{number}"), firstname="Doris")
    found = api.get_by_id(number, properties_with_history=["firstname"])
    past = found.properties_with_history["firstname"]
    assert [(one.value, one.source_type) for one in past] == [
        ("Doris", "CRM_UI"),
        ("Dora", "INTEGRATION"),
    ]


def test_with_history_a_page_has_fifty(http: httpx.Client):
    path = "/crm/v3/objects/contacts?propertiesWithHistory=email&limit="
    assert [http.get(f"{path}{limit}").status_code for limit in (50, 51)] == [200, 400]


def test_a_contact_is_found_by_its_email(sdk: HubSpot):
    api = sdk.crm.contacts.basic_api
    number = api.create({"properties": CONTACT}).id
    assert api.get_by_id("dora@acme.example", id_property="email").id == number


def test_a_property_that_is_not_unique_finds_nothing(http: httpx.Client):
    answer = http.get("/crm/v3/objects/contacts/Dora?idProperty=firstname")
    assert answer.status_code == 400


def test_a_new_object_comes_with_its_associations(sdk: HubSpot):
    company = sdk.crm.companies.basic_api.create({"properties": {"name": "Acme"}}).id
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]
    links = [{"to": {"id": company}, "types": types}]
    contact = sdk.crm.contacts.basic_api.create({"properties": CONTACT, "associations": links})
    found = sdk.crm.contacts.basic_api.get_by_id(contact.id, associations=["companies"])
    listed = [(one.id, one.type) for one in found.associations["companies"].results]
    assert listed == [
        (company, "contact_to_company"),
        (company, "contact_to_company_unlabeled"),
    ]


def test_a_batch_is_created_read_changed_and_archived(sdk: HubSpot):
    api = sdk.crm.companies.batch_api
    made = api.create(batch(*({"properties": {"name": f"c{n}"}} for n in range(3))))
    ids = [one.id for one in made.results]
    api.update(batch(*({"id": n, "properties": {"city": "Ulm"}} for n in ids)))
    found = api.read({"inputs": [{"id": n} for n in ids], "properties": ["city"]})
    assert [one.properties["city"] for one in found.results] == ["Ulm"] * 3
    api.archive(batch({"id": ids[0]}))
    left = api.read({"inputs": [{"id": n} for n in ids], "properties": []})
    assert (len(left.results), left.num_errors) == (2, 1)


def test_with_trace_ids_a_wrong_input_is_refused_by_itself(sdk: HubSpot):
    good = {"properties": {"name": "Good"}, TRACED: "a"}
    wrong = {"properties": {"no_such": "1"}, TRACED: "b"}
    found = sdk.crm.companies.batch_api.create(batch(good, wrong))
    assert [one.object_write_trace_id for one in found.results] == ["a"]
    assert [one.context[TRACED] for one in found.errors] == [["b"]]


def test_without_trace_ids_a_conflict_undoes_the_whole_batch(http: httpx.Client):
    made(http, "contacts", **CONTACT)
    inputs = batch({"properties": {"email": "x@y.example"}}, {"properties": CONTACT})
    answer = http.post("/crm/v3/objects/contacts/batch/create", json=inputs)
    assert answer.status_code == 409
    assert len(http.get("/crm/v3/objects/contacts").json()["results"]) == 1


def test_the_newest_version_tells_errors_in_a_200(http: httpx.Client):
    wanted = {"inputs": [{"id": "999"}], "properties": []}
    answer = http.post("/crm/objects/2026-09/contacts/batch/read", json=wanted)
    assert (answer.status_code, answer.json()["numErrors"]) == (200, 1)


def test_a_repeated_id_spoils_an_update(portal: Portal, http: httpx.Client):
    portal.fill(*contacts(1))
    item = {"id": "101", "properties": {"city": "Ulm"}}
    answer = http.post("/crm/v3/objects/contacts/batch/update", json=batch(item, item))
    assert answer.status_code == 400


def test_an_upsert_says_what_is_new(sdk: HubSpot):
    api = sdk.crm.contacts.batch_api
    sdk.crm.contacts.basic_api.create({"properties": CONTACT})
    items = [
        {"id": address, "idProperty": "email", "properties": {"city": "Ulm"}}
        for address in ("dora@acme.example", "emil@acme.example")
    ]
    found = api.upsert(batch(*items))
    assert [one.new for one in found.results] == [False, True]


def test_a_hundred_and_one_inputs_are_too_many(http: httpx.Client):
    inputs = batch(*({"properties": {"name": "c"}} for _ in range(101)))
    assert http.post("/crm/v3/objects/companies/batch/create", json=inputs).status_code == 400


@pytest.mark.parametrize(("is_kept", "survivor"), [(0, "103"), (1, "101")])
def test_a_merge_makes_a_third_object_or_keeps_the_primary(
    portal: Portal, sdk: HubSpot, is_kept: int, survivor: str
):
    portal.fill(*contacts(2))
    levers.turn(portal.sandbox, "merge_keeps_primary", is_kept)
    pair = {"primaryObjectId": "101", "objectIdToMerge": "102"}
    assert sdk.crm.contacts.basic_api.merge(pair).id == survivor
    assert sdk.crm.contacts.basic_api.get_by_id("102").id == survivor
    assert [one.id for one in sdk.crm.contacts.basic_api.get_page().results] == [survivor]


def test_a_survivor_has_the_addresses_of_both_and_one_primary_company(
    portal: Portal, http: httpx.Client
):
    ids = []
    for name in ("dora", "doro"):
        company = made(http, "companies", name=name)
        address = f"{name}@acme.example"
        ids.append(made(http, "contacts", email=address, associatedcompanyid=company))
    pair = [ExternalId(f"0-1:{number}") for number in ids]
    survivor = levers.merge(portal.sandbox, *pair).partition(":")[2]
    found = read(http, "contacts", survivor, "email", "hs_additional_emails")
    assert (found["email"], found["hs_additional_emails"]) == (
        "dora@acme.example",
        "doro@acme.example",
    )
    ends = http.get(f"/crm/v4/objects/contacts/{survivor}/associations/companies").json()["results"]
    assert [[kind["typeId"] for kind in end["associationTypes"]] for end in ends] == [
        [1, 279],
        [279],
    ]


def test_mail_to_an_address_that_a_merge_made_additional_is_still_the_survivors(portal: Portal):
    mail = activity(Channel.EMAIL, (Role.FROM, ANNE), (Role.TO, DAVID))
    ids = portal.fill(*people(), mail)
    survivor = levers.merge(portal.sandbox, ids[CLARA], ids[DAVID])
    (found,) = (r for r in portal.of.records(portal.sandbox) if isinstance(r, Activity))
    assert [p.person_id for p in found.participants] == [ids[ANNE], survivor]


@pytest.mark.parametrize(
    ("record", "name", "problem"),
    [("0-1:999", "jobtitle", "no object 0-1:999"), ("0-1:101", "shoe", "no property shoe")],
)
def test_an_edit_of_what_is_not_there_is_told(portal: Portal, record: str, name: str, problem: str):
    portal.fill(*contacts(1))
    with pytest.raises(ValueError, match=problem):
        levers.touch(portal.sandbox, ExternalId(record), **{name: "42"})


def test_an_erased_contact_is_not_even_archived(portal: Portal, sdk: HubSpot):
    portal.fill(*contacts(1))
    sdk.crm.contacts.basic_api.purge({"objectId": "c0@acme.example", "idProperty": "email"})
    assert sdk.crm.contacts.basic_api.get_page(archived=True).results == []


def test_a_restored_object_is_back(portal: Portal, sdk: HubSpot):
    (number,) = portal.fill(*contacts(1)).values()
    levers.archive(portal.sandbox, number)
    levers.restore(portal.sandbox, number)
    assert len(sdk.crm.contacts.basic_api.get_page().results) == 1


def test_the_addresses_of_an_email_come_from_its_headers(http: httpx.Client):
    headers = {
        "from": {"email": "a@x.example", "firstName": "Ann"},
        "to": [{"email": "b@y.example"}, {"email": "c@y.example"}],
    }
    given = ENGAGEMENTS["emails"] | {"hs_email_headers": json.dumps(headers)}
    number = made(http, "emails", **given)
    found = read(http, "emails", number, "hs_email_to_email", "hs_email_from_firstname")
    assert found["hs_email_to_email"] == "b@y.example;c@y.example"
    assert found["hs_email_from_firstname"] == "Ann"


def test_a_task_keeps_when_it_was_done(portal: Portal, http: httpx.Client):
    portal.sandbox.clock.stop()
    task = made(http, "tasks", hs_timestamp=THEN, hs_task_status="NOT_STARTED")
    before = read(http, "tasks", task, "hs_task_completion_date")
    done = {"properties": {"hs_task_status": "COMPLETED"}}
    shown = http.patch(f"/crm/v3/objects/tasks/{task}", json=done).json()["updatedAt"]
    after = read(http, "tasks", task, "hs_task_completion_date")
    assert (before["hs_task_completion_date"], after["hs_task_completion_date"]) == (None, shown)


def test_a_deal_knows_from_its_stage_how_it_went(http: httpx.Client):
    number = made(http, "deals", dealname="Big", dealstage="contractsent")
    http.patch(f"/crm/v3/objects/deals/{number}", json={"properties": {"dealstage": "closedwon"}})
    found = read(http, "deals", number, "pipeline", "hs_is_closed", "hs_is_closed_won")
    assert found["pipeline"] == "default"
    assert (found["hs_is_closed"], found["hs_is_closed_won"]) == ("true", "true")


def test_a_rule_of_the_portal_counts_in_the_newest_version_only(portal: Portal, http: httpx.Client):
    levers.require(portal.sandbox, facts.CONTACT, "phone", when=("lifecyclestage", "customer"))
    number = made(http, "contacts", lifecyclestage="customer")
    body = {"properties": {"city": "Ulm"}}
    assert http.patch(f"/crm/objects/2026-03/0-1/{number}", json=body).status_code == 200
    answer = http.patch(f"/crm/objects/2026-09/0-1/{number}", json=body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "MISSING_CONDITIONAL_REQUIRED_PROPERTY"


def test_the_newest_version_mends_an_odd_date_and_says_so(http: httpx.Client):
    place, field = "/crm/v3/properties/contacts", {"type": "date", "fieldType": "date"}
    http.post(place, json={"name": "met", "label": "Met", "groupName": "hubspot", **field})
    body = {"properties": {"met": "2026-03-02T10:00:00Z"}}
    answers = [
        http.post(f"/crm/objects/{version}/0-1", json=body) for version in ("2026-03", "2026-09")
    ]
    assert [answer.status_code for answer in answers] == [400, 201]
    assert answers[1].json()["properties"]["met"] == "2026-03-02"
    assert answers[1].json()["warnings"][0]["category"] == "PROPERTY_VALUE_NORMALIZED"


def test_a_wrong_method_is_none_and_a_wrong_type_no_object(http: httpx.Client):
    assert http.put("/crm/v3/objects/contacts", json={}).status_code == 405
    answer = http.get("/crm/v3/objects/gadgets")
    assert answer.json()["message"] == "Unable to infer object type from: gadgets"
