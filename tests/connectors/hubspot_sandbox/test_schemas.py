"""HubSpot's own client defines properties, groups and pipelines, and reads owners."""

import json
from typing import Any

import httpx
import pytest
from hubspot import HubSpot
from hubspot.crm.owners.exceptions import ApiException as NoOwner
from hubspot.crm.properties.exceptions import ApiException

from connectors.hubspot.sandbox import facts, levers, state
from tests.connectors.hubspot_fixtures import ANNE, BORIS, Portal, people
from tests.connectors.hubspot_sandbox.calls import made

PLACE = "/crm/v3/properties/contacts"
FIELD = {
    "name": "tier",
    "label": "Tier",
    "groupName": "hubspot",
    "type": "enumeration",
    "fieldType": "select",
    "options": [{"label": "A", "value": "a"}],
}
NUMBER = FIELD | {"name": "score", "type": "number", "fieldType": "number", "options": []}


def refused(http: httpx.Client, **change: Any) -> str:  # noqa: ANN401  # parts of a definition
    answer = http.post(PLACE, json=FIELD | change)
    assert answer.status_code == 400
    return str(answer.json()["subCategory"].partition(".")[2])


def test_the_client_defines_changes_and_archives_a_property(sdk: HubSpot):
    api = sdk.crm.properties.core_api
    api.create("contacts", FIELD)
    api.update("contacts", "tier", {"label": "Level"})
    found = api.get_by_name("contacts", "tier")
    assert (found.label, [one.value for one in found.options]) == ("Level", ["a"])
    api.archive("contacts", "tier")
    assert "tier" in [one.name for one in api.get_all("contacts", archived=True).results]
    with pytest.raises(ApiException, match="404"):
        api.get_by_name("contacts", "tier")


def test_properties_are_defined_and_read_in_batches(sdk: HubSpot):
    api = sdk.crm.properties.batch_api
    api.create("contacts", {"inputs": [FIELD, NUMBER]})
    names = {"inputs": [{"name": name} for name in ("tier", "score", "none")], "archived": False}
    found = api.read("contacts", names)
    assert ([one.name for one in found.results], found.num_errors) == (["tier", "score"], 1)
    api.archive("contacts", {"inputs": [{"name": "tier"}]})
    assert len(api.read("contacts", names).results) == 1


def test_a_property_of_that_name_is_a_conflict(http: httpx.Client):
    answers = [http.post(PLACE, json=FIELD) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 409]
    assert answers[1].json()["subCategory"] == "Properties.PROPERTY_WITH_NAME_EXISTS"


def test_an_archived_name_comes_back_with_its_values_and_the_new_definition(http: httpx.Client):
    http.post(PLACE, json=FIELD)
    number = made(http, "contacts", tier="a")
    http.delete(f"{PLACE}/tier")
    assert http.post(PLACE, json=FIELD | {"label": "New"}).json()["label"] == "New"
    found = http.get(f"/crm/v3/objects/contacts/{number}?properties=tier").json()
    assert found["properties"]["tier"] == "a"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"fieldType": "text"}, "INVALID_FIELD_TYPE"),
        ({"groupName": "none"}, "GROUP_DOES_NOT_EXIST"),
        ({"type": "bool", "fieldType": "booleancheckbox"}, "INVALID_BOOLEAN_OPTION"),
        ({"options": []}, "INVALID_OPTION"),
        ({"options": FIELD["options"] * 2}, "DUPLICATE_OPTION"),
        ({"name": "hs_tier"}, "INVALID_NAME"),
    ],
)
def test_a_definition_must_fit_in_all_its_parts(
    http: httpx.Client, change: dict[str, Any], code: str
):
    assert refused(http, **change) == code


def test_a_tenth_unique_property_is_the_last(http: httpx.Client):
    unique = NUMBER | {"hasUniqueValue": True}
    for place in range(facts.UNIQUE_PROPERTIES):
        assert http.post(PLACE, json=unique | {"name": f"key{place}"}).status_code == 201
    assert refused(http, **unique) == "PROPERTY_LIMIT_EXCEEDED"


def test_two_objects_never_share_a_unique_value(http: httpx.Client):
    http.post(PLACE, json=NUMBER | {"name": "key", "hasUniqueValue": True})
    first = made(http, "contacts", key="7")
    answer = http.post("/crm/v3/objects/contacts", json={"properties": {"key": "7"}})
    assert answer.json()["errors"][0]["code"] == "CONFLICTING_UNIQUE_VALUE"
    assert http.get("/crm/v3/objects/contacts/7?idProperty=key").json()["id"] == first


def test_a_property_in_use_is_not_archived(portal: Portal, http: httpx.Client):
    http.post(PLACE, json=FIELD)
    levers.require(portal.sandbox, facts.CONTACT, "tier")
    answers = [http.delete(f"{PLACE}/{name}") for name in ("tier", "email")]
    codes = {answer.json()["subCategory"] for answer in answers}
    assert codes == {"PropertyValidationError.CANNOT_DELETE_PROPERTY_IN_USE"}


def test_the_client_keeps_groups_and_a_full_one_stays(sdk: HubSpot, http: httpx.Client):
    api = sdk.crm.properties.groups_api
    api.create("contacts", {"name": "ours", "label": "Ours", "displayOrder": 1})
    api.update("contacts", "ours", {"label": "Tieline"})
    assert api.get_by_name("contacts", "ours").label == "Tieline"
    http.post(PLACE, json=FIELD | {"groupName": "ours"})
    answer = http.delete(f"{PLACE}/groups/ours")
    assert answer.json()["subCategory"] == "PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES"
    http.delete(f"{PLACE}/tier")
    api.archive("contacts", "ours")
    assert "ours" not in [group.name for group in api.get_all("contacts").results]


def test_custom_properties_are_counted(http: httpx.Client):
    http.post(PLACE, json=FIELD)
    told = http.get("/crm/limits/2026-03/custom-properties").json()
    assert (told["overallUsage"], told["overallLimit"]) == (1, 10_000)
    usage = {one["objectTypeId"]: (one["usage"], one["limit"]) for one in told["byObjectType"]}
    assert usage["0-1"] == (1, facts.CUSTOM_PROPERTIES)


def test_the_client_reads_owners_present_and_past(portal: Portal, sdk: HubSpot):
    ids = portal.fill(*people())
    levers.archive(portal.sandbox, ids[BORIS])
    api = sdk.crm.owners.owners_api
    (anne,) = api.get_page(email="ANNE@ours.example").results
    (boris,) = api.get_page(archived=True).results
    assert f"owner:{anne.id}" == ids[ANNE]
    assert (boris.user_id, boris.user_id_including_inactive) == (None, int(boris.id) + 9000)
    assert api.get_by_id(anne.user_id, id_property="userId").id == anne.id
    with pytest.raises(NoOwner, match="404"):
        api.get_by_id(int(boris.id))


def test_every_portal_has_a_sales_pipeline(sdk: HubSpot):
    (pipeline,) = sdk.crm.pipelines.pipelines_api.get_all("deals").results
    ends = {stage.id for stage in pipeline.stages if stage.metadata["isClosed"] == "true"}
    assert (pipeline.id, ends) == ("default", {"closedwon", "closedlost"})


def test_the_client_makes_a_pipeline_and_its_stages(sdk: HubSpot):
    stage = {"label": "First", "displayOrder": 0, "metadata": {"probability": "0.5"}}
    api, stages = sdk.crm.pipelines.pipelines_api, sdk.crm.pipelines.pipeline_stages_api
    number = api.create("deals", {"label": "Ours", "displayOrder": 1, "stages": [stage]}).id
    second = stages.create("deals", number, stage | {"label": "Second", "displayOrder": 1}).id
    stages.update("deals", number, second, {"label": "Last"})
    assert [one.label for one in stages.get_all("deals", number).results] == ["First", "Last"]
    stages.archive("deals", number, second)
    api.update("deals", number, {"label": "Mine"})
    assert api.get_by_id("deals", number).label == "Mine"
    api.archive("deals", number)
    assert len(api.get_all("deals").results) == 1


def test_a_deal_stands_in_a_stage_that_there_is_and_keeps_it_there(http: httpx.Client):
    wrong = {"properties": {"dealname": "d", "dealstage": "none"}}
    assert http.post("/crm/v3/objects/deals", json=wrong).status_code == 400
    made(http, "deals", dealname="d", dealstage="contractsent")
    path = "/crm/v3/pipelines/deals/default/stages"
    assert http.delete(f"{path}/contractsent").status_code == 400
    assert http.delete(f"{path}/qualifiedtobuy").status_code == 204


def test_an_older_state_is_brought_up_to_date(portal: Portal, http: httpx.Client):
    ids = portal.fill(*people())
    db = portal.sandbox.db
    db.executescript("DROP TABLE tokens; DROP TABLE pipelines; PRAGMA user_version = 0;")
    db.execute("CREATE TABLE tokens (token TEXT PRIMARY KEY, scopes TEXT, expires INTEGER)")
    state.prepare(portal.sandbox)
    assert len(http.get("/crm/v3/objects/contacts").json()["results"]) == len(ids) - 3
    assert json.loads(http.get("/crm/v3/pipelines/deals").text)["results"]
