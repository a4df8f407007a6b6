"""HubSpot's own client for Python, unmodified: the paths before the dated ones."""

import jobs
from hubspot import HubSpot
from jobs import job, refused

CROWD = 2100
PLACE: dict[str, str] = {}


def sign_in(place: jobs.Place) -> HubSpot:
    """Sign in with a service key."""
    PLACE.update(place)
    return HubSpot(access_token=place["token"], host=place["url"], base_url=place["url"])


def clara(portal: HubSpot) -> str:
    """Give the id of the one contact with activities."""
    return portal.crm.contacts.basic_api.get_by_id("clara@acme.example", id_property="email").id


def contact(portal: HubSpot, address: str, **more: str) -> str:
    """Make a contact and give its id."""
    made = portal.crm.contacts.basic_api.create({"properties": {"email": address, **more}})
    return made.id


@job
def contacts_are_paged_through(portal: HubSpot) -> None:
    page = portal.crm.contacts.basic_api.get_page(limit=100, properties=["email"])
    assert len(page.results) == 100
    after = portal.crm.contacts.basic_api.get_page(limit=100, after=page.paging.next.after)
    assert not {one.id for one in page.results} & {one.id for one in after.results}


@job
def all_contacts_are_fetched(portal: HubSpot) -> None:
    assert len({one.id for one in portal.crm.contacts.get_all()}) == CROWD


@job
def a_contact_lives_and_is_archived(portal: HubSpot) -> None:
    made = contact(portal, "dora@acme.example", lastname="Dove")
    portal.crm.contacts.basic_api.update(made, {"properties": {"firstname": "Dora"}})
    read = portal.crm.contacts.basic_api.get_by_id(made, properties=["firstname", "lastname"])
    assert (read.properties["firstname"], read.properties["lastname"]) == ("Dora", "Dove")
    assert read.updated_at >= read.created_at
    portal.crm.contacts.basic_api.archive(made)
    refusal = refused(portal.crm.contacts.basic_api.get_by_id, made)
    assert refusal.status == 404
    assert portal.crm.contacts.basic_api.get_by_id(made, archived=True).archived


@job
def a_contact_tells_its_associations(portal: HubSpot) -> None:
    read = portal.crm.contacts.basic_api.get_by_id(clara(portal), associations=["emails"])
    assert len(read.associations["emails"].results) == 3


@job
def a_second_contact_with_an_address_conflicts(portal: HubSpot) -> None:
    refusal = refused(contact, portal, "clara@acme.example")
    assert (refusal.status, "Existing ID" in refusal.body) == (409, True)


@job
def many_contacts_are_made_read_changed_and_archived(portal: HubSpot) -> None:
    batch = portal.crm.contacts.batch_api
    inputs = [{"properties": {"email": f"e{n}@acme.example"}, "associations": []} for n in range(3)]
    made = batch.create({"inputs": inputs})
    assert made.status == "COMPLETE"
    ids = [{"id": one.id} for one in made.results]
    batch.update({"inputs": [one | {"properties": {"jobtitle": "CTO"}} for one in ids]})
    asked = {"inputs": ids, "properties": ["jobtitle"], "propertiesWithHistory": []}
    assert {one.properties["jobtitle"] for one in batch.read(asked).results} == {"CTO"}
    batch.archive({"inputs": ids})
    told = batch.read(asked)
    assert (told.num_errors, told.errors[0].category) == (1, "OBJECT_NOT_FOUND")


@job
def contacts_are_upserted_by_address(portal: HubSpot) -> None:
    row = {"id": "fay@acme.example", "idProperty": "email", "properties": {"lastname": "Fay"}}
    first = portal.crm.contacts.batch_api.upsert({"inputs": [row]})
    again = portal.crm.contacts.batch_api.upsert({"inputs": [row]})
    assert (first.results[0].new, again.results[0].new) == (True, False)


@job
def contacts_are_searched(portal: HubSpot) -> None:
    filters = [{"propertyName": "email", "operator": "EQ", "value": "CLARA@acme.example"}]
    asked = {"filterGroups": [{"filters": filters}], "properties": ["lastname"], "limit": 10}
    found = portal.crm.contacts.search_api.do_search(asked)
    assert (found.total, found.results[0].properties["lastname"]) == (1, "Crow")


@job
def a_search_is_paged_through(portal: HubSpot) -> None:
    asked = {"filterGroups": [], "limit": 200, "sorts": ["hs_object_id"], "properties": []}
    first = portal.crm.contacts.search_api.do_search(asked)
    second = portal.crm.contacts.search_api.do_search(asked | {"after": first.paging.next.after})
    assert (first.total >= CROWD, len(first.results)) == (True, 200)
    assert not {one.id for one in first.results} & {one.id for one in second.results}


@job
def emails_are_read_with_their_direction(portal: HubSpot) -> None:
    page = portal.crm.objects.emails.basic_api.get_page(
        properties=["hs_email_direction", "hs_timestamp"]
    )
    assert len(page.results) == 3
    assert page.results[0].properties["hs_email_direction"]


@job
def associations_are_read_many_at_a_time(portal: HubSpot) -> None:
    asked = {"inputs": [{"id": clara(portal)}]}
    told = portal.crm.associations.v4.batch_api.get_page("contacts", "emails", asked)
    assert len(told.results[0].to) == 3


@job
def an_association_is_made_and_archived(portal: HubSpot) -> None:
    made, links = contact(portal, "gus@acme.example"), portal.crm.associations.v4.basic_api
    company = portal.crm.companies.basic_api.get_page().results[0].id
    links.create_default("contacts", made, "companies", company)
    found = links.get_page("contacts", made, "companies").results
    assert [one.to_object_id for one in found] in ([company], [int(company)])
    assert found[0].association_types
    primary = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]
    links.create("contacts", made, "companies", company, primary)
    found = links.get_page("contacts", made, "companies").results
    assert {kind.type_id for kind in found[0].association_types} == {1, 279}
    links.archive("contacts", made, "companies", company)
    assert links.get_page("contacts", made, "companies").results == []


@job
def a_group_of_properties_is_made(portal: HubSpot) -> None:
    portal.crm.properties.groups_api.create("contacts", {"name": "ties", "label": "Ties"})
    told = portal.crm.properties.groups_api.get_all("contacts").results
    assert "ties" in {one.name for one in told}


@job
def the_usual_groups_are_there(portal: HubSpot) -> None:
    told = portal.crm.properties.groups_api.get_all("contacts").results
    assert "contactinformation" in {one.name for one in told}


@job
def a_property_lives_and_is_archived(portal: HubSpot) -> None:
    api = portal.crm.properties.core_api
    body = {
        "name": "tie_test",
        "label": "Tie",
        "type": "number",
        "fieldType": "number",
        "groupName": "ties",
    }
    assert api.create("contacts", body).name == "tie_test"
    assert api.get_by_name("contacts", "tie_test").field_type == "number"
    assert api.update("contacts", "tie_test", {"label": "Tied"}).label == "Tied"
    assert "tie_test" in {one.name for one in api.get_all("contacts").results}
    refusal = refused(api.create, "contacts", body)
    assert refusal.status == 409
    api.archive("contacts", "tie_test")
    assert "tie_test" not in {one.name for one in api.get_all("contacts").results}


@job
def owners_are_listed(portal: HubSpot) -> None:
    api = portal.crm.owners.owners_api
    anne = api.get_page(email="anne@ours.example").results[0]
    assert (anne.first_name, anne.archived) == ("Anne", False)
    assert api.get_by_id(int(anne.id)).email == "anne@ours.example"


@job
def pipelines_tell_their_stages(portal: HubSpot) -> None:
    told = portal.crm.pipelines.pipelines_api.get_all("deals").results
    stages = {stage.id: stage.metadata for stage in told[0].stages}
    assert stages["closedwon"]["isClosed"] == "true"


@job
def many_associations_are_made_and_archived(portal: HubSpot) -> None:
    api, made = portal.crm.associations.v4.batch_api, contact(portal, "jay@acme.example")
    company = portal.crm.companies.basic_api.get_page().results[0].id
    pair = {"from": {"id": made}, "to": {"id": company}}
    kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}
    api.create_default("contacts", "companies", {"inputs": [pair]})
    api.create("contacts", "companies", {"inputs": [pair | {"types": [kind]}]})
    told = api.get_page("contacts", "companies", {"inputs": [{"id": made}]}).results[0].to[0]
    assert {one.type_id for one in told.association_types} == {1, 279}
    api.archive(
        "contacts", "companies", {"inputs": [{"from": {"id": made}, "to": [{"id": company}]}]}
    )
    told = api.get_page("contacts", "companies", {"inputs": [{"id": made}]})
    assert told.errors[0].sub_category == "crm.associations.NO_ASSOCIATIONS_FOUND"


@job
def a_label_of_associations_lives_and_is_archived(portal: HubSpot) -> None:
    api = portal.crm.associations.v4.schema.definitions_api
    made = api.create("contacts", "companies", {"name": "adviser", "label": "Adviser"}).results
    kind = made[0].type_id

    def labels() -> dict[int, str]:
        told = api.get_all("contacts", "companies").results
        return {one.type_id: one.label for one in told if one.category == "USER_DEFINED"}

    assert labels() == {kind: "Adviser"}
    api.update("contacts", "companies", {"associationTypeId": kind, "label": "Board"})
    assert labels() == {kind: "Board"}
    api.remove("contacts", "companies", kind)
    assert labels() == {}


@job
def many_properties_are_made_read_and_archived(portal: HubSpot) -> None:
    usual = {"type": "string", "fieldType": "text", "groupName": "ties"}
    inputs = [{"name": f"tie_{n}", "label": f"Tie {n}"} | usual for n in range(2)]
    api, names = portal.crm.properties.batch_api, [{"name": f"tie_{n}"} for n in range(2)]
    assert len(api.create("contacts", {"inputs": inputs}).results) == 2
    told = api.read("contacts", {"inputs": names, "archived": False})
    assert {one.label for one in told.results} == {"Tie 0", "Tie 1"}
    api.archive("contacts", {"inputs": names})


@job
def a_group_is_renamed_and_archived(portal: HubSpot) -> None:
    api = portal.crm.properties.groups_api
    api.create("companies", {"name": "ties", "label": "Ties"})
    assert api.update("companies", "ties", {"label": "Bonds"}).label == "Bonds"
    assert api.get_by_name("companies", "ties").label == "Bonds"
    api.archive("companies", "ties")
    assert refused(api.get_by_name, "companies", "ties").status == 404


@job
def a_pipeline_and_its_stages_live_and_are_archived(portal: HubSpot) -> None:
    pipelines, stages = portal.crm.pipelines.pipelines_api, portal.crm.pipelines.pipeline_stages_api
    stage = {"label": "New", "displayOrder": 0, "metadata": {"probability": "0.1"}}
    made = pipelines.create("deals", {"label": "Renewals", "displayOrder": 1, "stages": [stage]})
    assert pipelines.update("deals", made.id, {"label": "Upsells"}).label == "Upsells"
    assert pipelines.get_by_id("deals", made.id).label == "Upsells"
    late = {"label": "Late", "displayOrder": 1, "metadata": {"probability": "0.9"}}
    other = stages.create("deals", made.id, late)
    stages.update("deals", made.id, other.id, {"label": "Later", "metadata": late["metadata"]})
    assert stages.get_by_id("deals", made.id, other.id).label == "Later"
    stages.archive("deals", made.id, other.id)
    assert [one.label for one in stages.get_all("deals", made.id).results] == ["New"]
    pipelines.archive("deals", made.id)
    assert made.id not in {one.id for one in pipelines.get_all("deals").results}


@job
def webhooks_are_subscribed_to(_: HubSpot) -> None:
    app = int(PLACE["app_id"])
    developer = HubSpot(api_key=PLACE["developer_key"], host=PLACE["url"])
    target = {"targetUrl": "https://hooks.example/in", "throttling": {"maxConcurrentRequests": 10}}
    told = developer.webhooks.settings_api.configure(app, target)
    assert told.target_url == "https://hooks.example/in"
    api, wanted = (
        developer.webhooks.subscriptions_api,
        {"eventType": "contact.creation", "active": True},
    )
    made = api.create(app, wanted)
    assert made.id in {one.id for one in api.get_all(app).results}
    assert api.update(int(made.id), app, {"active": False}).active is False
    api.archive(int(made.id), app)
    assert developer.webhooks.settings_api.get_all(app).throttling.max_concurrent_requests == 10
    developer.webhooks.settings_api.clear(app)


@job
def two_contacts_are_merged(portal: HubSpot) -> None:
    one, other = contact(portal, "hal@acme.example"), contact(portal, "hank@acme.example")
    body = {"primaryObjectId": one, "objectIdToMerge": other}
    kept = portal.crm.contacts.basic_api.merge(body)
    assert portal.crm.contacts.basic_api.get_by_id(other).id == kept.id


@job
def a_contact_is_forgotten(portal: HubSpot) -> None:
    made = contact(portal, "ida@acme.example")
    portal.crm.contacts.basic_api.purge({"objectId": made})
    refusal = refused(portal.crm.contacts.basic_api.get_by_id, made)
    assert refusal.status == 404


@job
def a_token_is_refreshed(_: HubSpot) -> None:
    api = HubSpot(host=PLACE["url"]).oauth.tokens_api
    app = {name: PLACE[name] for name in ("client_id", "client_secret", "refresh_token")}
    told = api.create(grant_type="refresh_token", **app)
    assert (told.token_type, told.expires_in) == ("bearer", 1800)
    other = HubSpot(access_token=told.access_token, host=PLACE["url"])
    assert other.crm.owners.owners_api.get_page().results
    refusal = refused(api.create, grant_type="refresh_token", **app | {"refresh_token": "dead"})
    assert (refusal.status, "BAD_REFRESH_TOKEN" in refusal.body) == (400, True)


@job
def dated_paths_answer_too(portal: HubSpot) -> None:
    told = portal.api_request({"path": "/crm/objects/2026-03/0-1", "qs": {"limit": 1}})
    assert (told.status_code, len(told.json()["results"])) == (200, 1)


jobs.run(sign_in)
