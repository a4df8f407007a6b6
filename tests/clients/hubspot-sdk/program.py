"""HubSpot's new client, unmodified: dated paths, every answer held to its schema."""

import jobs
from hubspot_sdk import HubSpot
from jobs import job, refused


def sign_in(place: jobs.Place) -> HubSpot:
    """Sign in with a service key; an answer that is not as the schema has it is an error."""
    return HubSpot(
        access_token=place["token"],
        base_url=place["url"],
        max_retries=0,
        _strict_response_validation=True,
    )


def contact(portal: HubSpot, address: str) -> str:
    """Make a contact and give its id."""
    made = portal.crm.objects.contacts.create(properties={"email": address}, associations=[])
    return made.id


def searched(portal: HubSpot, name: str, value: str):
    """Find contacts by one property."""
    filters = [{"propertyName": name, "operator": "EQ", "value": value}]
    return portal.crm.objects.contacts.search(
        filter_groups=[{"filters": filters}], after="0", limit=10, properties=["email"], sorts=[]
    )


@job
def contacts_are_paged_through(portal: HubSpot) -> None:
    page = portal.crm.objects.contacts.list(limit=100, properties=["email"])
    assert (len(page.results), page.has_next_page()) == (100, True)
    assert page.get_next_page().results[0].id != page.results[0].id


@job
def a_contact_lives_and_is_archived(portal: HubSpot) -> None:
    api, made = portal.crm.objects.contacts, contact(portal, "dora@acme.example")
    api.update(made, properties={"firstname": "Dora"})
    assert api.get(made, properties=["firstname"]).properties["firstname"] == "Dora"
    api.delete(made)
    refusal = refused(api.get, made)
    assert refusal.status_code == 404


@job
def many_contacts_are_made_read_changed_and_archived(portal: HubSpot) -> None:
    batch = portal.crm.objects.contacts.batch
    rows = [{"properties": {"email": f"e{n}@acme.example"}, "associations": []} for n in range(3)]
    ids = [{"id": one.id} for one in batch.create(inputs=rows).results]
    batch.update(inputs=[one | {"properties": {"jobtitle": "CTO"}} for one in ids])
    told = batch.get(inputs=ids, properties=["jobtitle"], properties_with_history=[])
    assert (told.status, len(told.results)) == ("COMPLETE", 3)
    batch.delete(inputs=ids)


@job
def contacts_are_upserted_by_address(portal: HubSpot) -> None:
    row = {"id": "fay@acme.example", "id_property": "email", "properties": {"lastname": "Fay"}}
    upsert = portal.crm.objects.contacts.batch.upsert
    assert [upsert(inputs=[row]).results[0].new for _ in range(2)] == [True, False]


@job
def contacts_are_searched(portal: HubSpot) -> None:
    found = searched(portal, "email", "clara@acme.example")
    assert (found.total, len(found.results)) == (1, 1)


@job
def associations_are_read_many_at_a_time(portal: HubSpot) -> None:
    clara = searched(portal, "email", "clara@acme.example").results[0].id
    # HubSpot sends `toObjectId` as a number, whatever its schema says.
    lenient = HubSpot(access_token=portal.access_token, base_url=portal.base_url, max_retries=0)
    told = lenient.crm.associations.batch.get(
        "emails", from_object_type="contacts", inputs=[{"id": clara}]
    )
    assert len(told.results[0].to) == 3


@job
def a_property_lives_and_is_archived(portal: HubSpot) -> None:
    api = portal.crm.properties
    api.groups.create("contacts", name="ties", label="Ties")
    api.create(
        "contacts",
        name="tie_test",
        label="Tie",
        type="number",
        field_type="number",
        group_name="ties",
    )
    assert api.get("tie_test", object_type="contacts").label == "Tie"
    assert "tie_test" in {one.name for one in api.list("contacts").results}
    api.delete("tie_test", object_type="contacts")


@job
def owners_are_listed(portal: HubSpot) -> None:
    anne = portal.crm.owners.list(email="anne@ours.example").results[0]
    assert portal.crm.owners.get(int(anne.id)).email == "anne@ours.example"


@job
def pipelines_tell_their_stages(portal: HubSpot) -> None:
    told = portal.crm.pipelines.list("deals").results
    assert "closedwon" in {stage.id for stage in told[0].stages}


@job
def the_portal_tells_who_it_is(portal: HubSpot) -> None:
    assert portal.account.get().portal_id > 0


@job
def the_days_calls_are_told(portal: HubSpot) -> None:
    told = portal.account.get_daily_private_apps_usage().results
    assert told[0].usage_limit > 0


@job
def a_wrong_property_is_refused_by_its_category(portal: HubSpot) -> None:
    refusal = refused(
        portal.crm.objects.contacts.create, properties={"no_such": "x"}, associations=[]
    )
    assert refusal.body["category"] == "VALIDATION_ERROR"


@job
def a_wrong_token_is_refused(portal: HubSpot) -> None:
    stranger = portal.with_options(access_token="pat-na1-00000000-0000-0000-0000-000000000000")
    refusal = refused(stranger.crm.owners.list)
    assert refusal.body["category"] == "INVALID_AUTHENTICATION"


jobs.run(sign_in)
