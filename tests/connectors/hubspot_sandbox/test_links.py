"""HubSpot's own client makes, reads and takes away associations and their labels."""

from typing import Any

import httpx
import pytest
from hubspot import HubSpot

from connectors import ExternalId
from connectors.hubspot.sandbox import facts, kinds, levers, state
from tests.connectors.hubspot_fixtures import Portal, contacts
from tests.connectors.hubspot_sandbox.calls import made, read

USUAL = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}
LABELS = "/crm/v4/associations/contacts/companies/labels"
PRIMARY = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}


@pytest.fixture
def pair(http: httpx.Client) -> tuple[str, str]:
    return made(http, "contacts", firstname="Dora"), made(http, "companies", name="Acme")


def between(*ids: str, **more: object) -> dict[str, Any]:
    return {"inputs": [{"from": {"id": ids[0]}, "to": {"id": ids[1]}, **more}]}


def linked(http: httpx.Client, one: str, number: str, other: str) -> list[tuple[int, list[int]]]:
    found = http.get(f"/crm/v4/objects/{one}/{number}/associations/{other}").json()["results"]
    return [
        (one["toObjectId"], [kind["typeId"] for kind in one["associationTypes"]]) for one in found
    ]


def test_every_pair_has_a_kind_back():
    assert all((other, one) in kinds.UNLABELED for one, other in kinds.UNLABELED)
    assert kinds.UNLABELED[facts.EMAIL, facts.CONTACT] == 198


def test_the_client_associates_in_batches(sdk: HubSpot, http: httpx.Client, pair: tuple[str, str]):
    api = sdk.crm.associations.v4.batch_api
    api.create("contacts", "companies", between(*pair, types=[PRIMARY]))
    assert linked(http, "contacts", pair[0], "companies") == [(int(pair[1]), [1, 279])]
    assert linked(http, "companies", pair[1], "contacts") == [(int(pair[0]), [2, 280])]
    found = api.get_page("contacts", "companies", {"inputs": [{"id": pair[0]}]})
    assert [kind.label for kind in found.results[0].to[0].association_types] == ["Primary", None]


def test_only_labels_are_taken_away_or_everything(
    sdk: HubSpot, http: httpx.Client, pair: tuple[str, str]
):
    api = sdk.crm.associations.v4.batch_api
    api.create("contacts", "companies", between(*pair, types=[PRIMARY]))
    api.archive_labels("contacts", "companies", between(*pair, types=[PRIMARY]))
    assert linked(http, "contacts", pair[0], "companies") == [(int(pair[1]), [279])]
    whole = {"inputs": [{"from": {"id": pair[0]}, "to": [{"id": pair[1]}]}]}
    api.archive("contacts", "companies", whole)
    assert linked(http, "companies", pair[1], "contacts") == []


def test_the_usual_kind_is_made_in_both_directions(sdk: HubSpot, pair: tuple[str, str]):
    api = sdk.crm.associations.v4
    found = api.batch_api.create_default("contacts", "companies", between(*pair)).results
    assert [one.association_spec.association_type_id for one in found] == [279, 280]
    again = api.basic_api.create_default("contacts", pair[0], "companies", pair[1])
    assert len(again.results) == 2


def test_one_pair_is_associated_listed_and_parted(sdk: HubSpot, pair: tuple[str, str]):
    api = sdk.crm.associations.v4.basic_api
    made = api.create("contacts", pair[0], "companies", pair[1], [USUAL])
    assert str(made.to_object_id) == pair[1]
    assert len(api.get_page("contacts", pair[0], "companies").results) == 1
    api.archive("contacts", pair[0], "companies", pair[1])
    assert api.get_page("contacts", pair[0], "companies").results == []


def test_a_second_primary_company_takes_the_place_of_the_first(
    http: httpx.Client, pair: tuple[str, str]
):
    other = made(http, "companies", name="Other")
    for company in (pair[1], other):
        http.put(
            f"/crm/v4/objects/contacts/{pair[0]}/associations/companies/{company}", json=[PRIMARY]
        )
    found = linked(http, "contacts", pair[0], "companies")
    assert found == [(int(pair[1]), [279]), (int(other), [1, 279])]


def test_a_contact_names_its_primary_company(http: httpx.Client, pair: tuple[str, str]):
    path = f"/crm/v4/objects/contacts/{pair[0]}/associations/companies/{pair[1]}"
    http.put(path, json=[PRIMARY])
    named = read(http, "contacts", pair[0], "associatedcompanyid")["associatedcompanyid"]
    http.delete(path)
    after = read(http, "contacts", pair[0], "associatedcompanyid")["associatedcompanyid"]
    assert (named, after) == (pair[1], None)


def test_a_list_of_associations_is_paged(portal: Portal, http: httpx.Client):
    numbers = [i.partition(":")[2] for i in portal.fill(*contacts(3)).values()]
    company = made(http, "companies", name="Acme")
    for number in numbers:
        state.link(portal.sandbox.db, ("0-1", int(number)), ("0-2", int(company)))
    path = f"/crm/v4/objects/companies/{company}/associations/contacts?limit=2"
    first = http.get(path).json()
    rest = http.get(f"{path}&after={first['paging']['next']['after']}").json()
    assert [len(first["results"]), len(rest["results"])] == [2, 1]


def test_the_other_end_must_be_there_and_the_kind_must_fit(
    http: httpx.Client, pair: tuple[str, str]
):
    path = "/crm/v4/associations/contacts/companies/batch/create"
    answer = http.post(path, json=between(pair[0], "999", types=[USUAL]))
    assert (answer.status_code, answer.json()["numErrors"]) == (207, 1)
    wrong = USUAL | {"associationTypeId": 280}
    assert http.post(path, json=between(*pair, types=[wrong])).status_code == 400


@pytest.mark.parametrize(("action", "most"), [("read", 1000), ("create", 2000), ("archive", 100)])
def test_each_batch_has_its_size(http: httpx.Client, action: str, most: int):
    path = f"/crm/v4/associations/contacts/companies/batch/{action}"
    item = {"id": "1", "from": {"id": "1"}, "to": {"id": "1"}, "types": [USUAL]}
    sizes = [http.post(path, json={"inputs": [item] * n}).status_code for n in (most, most + 1)]
    assert [status < 400 for status in sizes] == [True, False]


def test_an_admin_may_define_labels(sdk: HubSpot, http: httpx.Client, pair: tuple[str, str]):
    api = sdk.crm.associations.v4.schema.definitions_api
    request = {"label": "Billing", "name": "billing", "inverseLabel": "Billed"}
    (label,) = api.create("contacts", "companies", request).results
    spec = {"associationCategory": "USER_DEFINED", "associationTypeId": label.type_id}
    create = sdk.crm.associations.v4.batch_api.create
    assert create("contacts", "companies", between(*pair, types=[spec])).results[0].labels == [
        "Billing"
    ]
    assert "Billed" in [one.label for one in api.get_all("companies", "contacts").results]
    api.update("contacts", "companies", {"associationTypeId": label.type_id, "label": "Pays"})
    api.remove("contacts", "companies", label.type_id)
    assert linked(http, "contacts", pair[0], "companies") == [(int(pair[1]), [279])]


def test_a_label_that_is_renamed_is_so_at_both_ends(http: httpx.Client):
    there, back = LABELS, "/crm/v4/associations/companies/contacts/labels"
    made = {"label": "Billing", "name": "billing", "inverseLabel": "Billed"}
    number = http.post(there, json=made).json()["results"][0]["typeId"]
    new = {"associationTypeId": number, "label": "Pays", "inverseLabel": "Paid"}
    assert http.put(there, json=new).status_code == 204
    names = [[one["label"] for one in http.get(p).json()["results"]] for p in (there, back)]
    assert ("Pays" in names[0], "Paid" in names[1]) == (True, True)


def test_a_label_that_is_gone_leaves_its_associations_to_no_other(
    http: httpx.Client, pair: tuple[str, str]
):
    first = http.post(LABELS, json={"label": "A", "name": "a"}).json()["results"][0]["typeId"]
    spec = {"associationCategory": "USER_DEFINED", "associationTypeId": first}
    path = "/crm/v4/associations/contacts/companies/batch/create"
    http.post(path, json=between(*pair, types=[spec]))
    http.delete(f"{LABELS}/{first}")
    http.post(LABELS, json={"label": "B", "name": "b"})
    assert linked(http, "contacts", pair[0], "companies") == [(int(pair[1]), [279])]


def test_two_types_have_so_many_labels_and_no_more(http: httpx.Client):
    answers = [
        http.post(LABELS, json={"label": f"L{n}", "name": f"l{n}"}).status_code
        for n in range(facts.CUSTOM_LABELS + 1)
    ]
    assert answers == [200] * facts.CUSTOM_LABELS + [400]


def test_the_third_version_names_kinds_by_words(sdk: HubSpot, pair: tuple[str, str]):
    api = sdk.crm.associations.batch_api
    api.create("contacts", "companies", between(*pair, type="contact_to_company"))
    found = api.read("contacts", "companies", {"inputs": [{"id": pair[0]}]}).results[0]
    assert [one.type for one in found.to] == [
        "contact_to_company",
        "contact_to_company_unlabeled",
    ]
    api.archive("contacts", "companies", between(*pair, type="contact_to_company"))


def test_an_archived_object_has_no_associations(
    portal: Portal, http: httpx.Client, pair: tuple[str, str]
):
    http.put(f"/crm/v4/objects/contacts/{pair[0]}/associations/default/companies/{pair[1]}")
    levers.archive(portal.sandbox, ExternalId(f"0-1:{pair[0]}"))
    assert linked(http, "companies", pair[1], "contacts") == []


def test_associations_need_the_scopes_of_both_ends(portal: Portal, http: httpx.Client):
    levers.revoke_scope(portal.sandbox, "crm.objects.companies.read")
    answer = http.get("/crm/v4/associations/contacts/companies/labels")
    context = answer.json()["errors"][0]["context"]
    assert (answer.status_code, answer.json()["category"]) == (403, "MISSING_SCOPES")
    assert context == {"requiredGranularScopes": ["crm.objects.companies.read"]}


def test_a_restored_object_has_its_associations_again(
    portal: Portal, http: httpx.Client, pair: tuple[str, str]
):
    path = f"/crm/v4/objects/contacts/{pair[0]}/associations/companies/{pair[1]}"
    http.put(path, json=[PRIMARY])
    levers.archive(portal.sandbox, ExternalId(f"0-2:{pair[1]}"))
    hidden = linked(http, "contacts", pair[0], "companies")
    named = read(http, "contacts", pair[0], "associatedcompanyid")["associatedcompanyid"]
    levers.restore(portal.sandbox, ExternalId(f"0-2:{pair[1]}"))
    assert (hidden, named) == ([], None)
    assert linked(http, "contacts", pair[0], "companies") == [(int(pair[1]), [1, 279])]
    again = read(http, "contacts", pair[0], "associatedcompanyid")["associatedcompanyid"]
    assert again == pair[1]


def test_a_search_by_association_passes_over_what_is_archived(
    portal: Portal, http: httpx.Client, pair: tuple[str, str]
):
    http.put(f"/crm/v4/objects/contacts/{pair[0]}/associations/default/companies/{pair[1]}")
    wanted = {"propertyName": "associations.company", "operator": "EQ", "value": pair[1]}
    body = {"filters": [wanted]}
    before = http.post("/crm/v3/objects/contacts/search", json=body).json()["total"]
    levers.archive(portal.sandbox, ExternalId(f"0-2:{pair[1]}"))
    after = http.post("/crm/v3/objects/contacts/search", json=body).json()["total"]
    assert (before, after) == (1, 0)


def test_a_label_is_told_apart_from_hubspots_kind_of_the_same_number(
    http: httpx.Client, pair: tuple[str, str]
):
    path = "/crm/v4/associations/contacts/companies"
    request = {"label": "Billing", "name": "billing"}
    label = http.post(f"{path}/labels", json=request).json()["results"][0]
    spec = {"associationCategory": "USER_DEFINED", "associationTypeId": label["typeId"]}
    http.post(f"{path}/batch/create", json=between(*pair, types=[spec]))
    http.post(f"{path}/batch/create", json=between(*pair, types=[PRIMARY]))
    (end,) = http.get(f"/crm/v4/objects/contacts/{pair[0]}/associations/companies").json()[
        "results"
    ]
    shown = {(kind["category"], kind["typeId"]): kind["label"] for kind in end["associationTypes"]}
    assert shown == {
        ("USER_DEFINED", 1): "Billing",
        ("HUBSPOT_DEFINED", 1): "Primary",
        ("HUBSPOT_DEFINED", 279): None,
    }
    http.delete(f"{path}/labels/1")
    assert linked(http, "contacts", pair[0], "companies") == [(int(pair[1]), [1, 279])]


def test_labels_of_an_older_state_are_kept_apart_from_hubspots_kinds(
    portal: Portal, http: httpx.Client, pair: tuple[str, str]
):
    db = portal.sandbox.db
    kinds.define(db, "0-1", "0-2", "Billing", "Billed", "billing")
    rows = [("0-1", int(pair[0]), "0-2", int(pair[1]), number) for number in (1, 279)]
    db.executemany("INSERT INTO links VALUES (?, ?, ?, ?, ?)", rows)
    db.execute("PRAGMA user_version = 2")
    state.prepare(portal.sandbox)
    path = f"/crm/v4/objects/contacts/{pair[0]}/associations/companies"
    (end,) = http.get(path).json()["results"]
    assert [kind["label"] for kind in end["associationTypes"]] == ["Billing", None]
