"""HubSpot's new client, unmodified: dated paths, every answer held to its schema."""

import jobs
from hubspot_sdk import HubSpot
from jobs import job, refused

PLACE: dict[str, str] = {}


def sign_in(place: jobs.Place) -> HubSpot:
    """Sign in with a service key; an answer that is not as the schema has it is an error."""
    PLACE.update(place)
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


def lenient(portal: HubSpot) -> HubSpot:
    """Take numbers for ids, and nothing for text: HubSpot sends them, whatever its schema says."""
    return HubSpot(access_token=portal.access_token, base_url=portal.base_url, max_retries=0)


@job
def associations_are_read_many_at_a_time(portal: HubSpot) -> None:
    clara = searched(portal, "email", "clara@acme.example").results[0].id
    told = lenient(portal).crm.associations.batch.get(
        "emails", from_object_type="contacts", inputs=[{"id": clara}]
    )
    assert len(told.results[0].to) == 3


@job
def an_association_is_made_and_archived(portal: HubSpot) -> None:
    made, links = contact(portal, "gus@acme.example"), lenient(portal).crm.associations
    company = portal.crm.objects.companies.list().results[0].id
    ends = {"object_type": "contacts", "object_id": made, "to_object_type": "companies"}
    links.create(
        company, from_object_type="contacts", from_object_id=made, to_object_type="companies"
    )
    primary = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]
    links.update_labels(company, **ends, body=primary)
    (told,) = links.list("companies", object_type="contacts", object_id=made).results
    assert {kind.type_id for kind in told.association_types} == {1, 279}
    links.delete(company, **ends)
    assert links.list("companies", object_type="contacts", object_id=made).results == []


@job
def many_associations_are_made_and_archived(portal: HubSpot) -> None:
    made, batch = contact(portal, "jay@acme.example"), lenient(portal).crm.associations.batch
    company = portal.crm.objects.companies.list().results[0].id
    pair = {"from": {"id": made}, "to": {"id": company}}
    labelled = pair | {
        "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]
    }
    batch.create_default("companies", from_object_type="contacts", inputs=[pair])
    batch.create("companies", from_object_type="contacts", inputs=[labelled])
    told = batch.get("companies", from_object_type="contacts", inputs=[{"id": made}])
    assert {kind.type_id for kind in told.results[0].to[0].association_types} == {1, 279}
    batch.delete_labels("companies", from_object_type="contacts", inputs=[labelled])
    told = batch.get("companies", from_object_type="contacts", inputs=[{"id": made}])
    assert {kind.type_id for kind in told.results[0].to[0].association_types} == {279}
    ends = [{"from": {"id": made}, "to": [{"id": company}]}]
    batch.delete("companies", from_object_type="contacts", inputs=ends)
    told = batch.get("companies", from_object_type="contacts", inputs=[{"id": made}])
    assert told.errors[0]["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"


@job
def a_label_of_associations_lives_and_is_archived(portal: HubSpot) -> None:
    api = portal.crm.associations_schema.labels
    made = api.create_label(
        "companies", from_object_type="contacts", name="adviser", label="Adviser"
    )
    kind = made.results[0].type_id

    def labels() -> dict[int, str]:
        told = api.list_labels("companies", from_object_type="contacts").results
        return {one.type_id: one.label for one in told if one.category == "USER_DEFINED"}

    assert labels() == {kind: "Adviser"}
    api.update_label(
        "companies", from_object_type="contacts", association_type_id=kind, label="Board"
    )
    assert labels() == {kind: "Board"}
    api.delete_label(kind, from_object_type="contacts", to_object_type="companies")
    assert labels() == {}


@job
def emails_and_deals_are_read(portal: HubSpot) -> None:
    emails = portal.crm.objects.emails.list(properties=["hs_email_direction"]).results
    assert len(emails) == 3
    made = portal.crm.objects.deals.create(
        properties={"dealname": "Nest", "dealstage": "closedwon"}, associations=[]
    )
    read = portal.crm.objects.deals.get(made.id, properties=["hs_is_closed_won", "dealname"])
    assert read.properties == read.properties | {"dealname": "Nest"}


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
def many_properties_are_made_read_and_archived(portal: HubSpot) -> None:
    batch, names = portal.crm.properties.batch, [{"name": f"tie_{n}"} for n in range(2)]
    usual = {"type": "string", "field_type": "text", "group_name": "ties"}
    batch.create("contacts", inputs=[one | usual | {"label": one["name"]} for one in names])
    told = batch.get("contacts", inputs=names, archived=False, data_sensitivity="non_sensitive")
    assert {one.name for one in told.results} == {"tie_0", "tie_1"}
    assert portal.crm.properties.update("tie_0", object_type="contacts", label="T").label == "T"
    batch.delete("contacts", inputs=names)


@job
def a_group_is_renamed_and_archived(portal: HubSpot) -> None:
    api = portal.crm.properties.groups
    api.create("companies", name="ties", label="Ties")
    assert api.update("ties", object_type="companies", label="Bonds").label == "Bonds"
    assert "ties" in {one.name for one in api.list("companies").results}
    assert api.get("ties", object_type="companies").label == "Bonds"
    api.delete("ties", object_type="companies")
    assert refused(api.get, "ties", object_type="companies").status_code == 404


@job
def the_room_for_custom_properties_is_told(portal: HubSpot) -> None:
    told = portal.crm.limits.get_custom_property_limits()
    assert told.overall_limit > told.overall_usage
    assert "0-1" in {one.object_type_id for one in told.by_object_type}


@job
def owners_are_listed(portal: HubSpot) -> None:
    anne = portal.crm.owners.list(email="anne@ours.example").results[0]
    assert portal.crm.owners.get(int(anne.id)).email == "anne@ours.example"


@job
def pipelines_tell_their_stages(portal: HubSpot) -> None:
    told = portal.crm.pipelines.list("deals").results
    assert "closedwon" in {stage.id for stage in told[0].stages}


@job
def a_pipeline_and_its_stages_live_and_are_archived(portal: HubSpot) -> None:
    api = portal.crm.pipelines
    stage = {"label": "New", "displayOrder": 0, "metadata": {"probability": "0.1"}}
    made = api.create("deals", label="Renewals", display_order=1, stages=[stage])
    assert api.update(made.id, object_type="deals", label="Upsells").label == "Upsells"
    assert api.get(made.id, object_type="deals").label == "Upsells"
    place = {"object_type": "deals", "pipeline_id": made.id}
    late = {"label": "Late", "display_order": 1, "metadata": {"probability": "0.9"}}
    other = api.create_stage(**place, **late)
    api.update_stage(other.id, **place, label="Later", metadata=late["metadata"])
    assert api.get_stage(other.id, **place).label == "Later"
    api.update_stage_all_properties(other.id, **place, **late)
    api.delete_stage(other.id, **place)
    stages = api.list_stages(made.id, object_type="deals").results
    assert [one.label for one in stages] == ["New"]
    whole = {"label": "Renewals", "display_order": 1, "stages": [stage | {"stageId": stages[0].id}]}
    assert api.update_all_properties(made.id, object_type="deals", **whole).label == "Renewals"
    api.delete(made.id, object_type="deals")
    assert made.id not in {one.id for one in api.list("deals").results}


@job
def two_contacts_are_merged_and_one_is_forgotten(portal: HubSpot) -> None:
    api = lenient(portal).crm.objects.contacts
    one, other = contact(portal, "hal@acme.example"), contact(portal, "hank@acme.example")
    kept = api.merge(primary_object_id=one, object_id_to_merge=other)
    assert api.get(other).id == kept.id
    api.gdpr_delete(object_id=kept.id)
    assert refused(api.get, kept.id).status_code == 404


@job
def a_token_is_refreshed_looked_at_and_revoked(portal: HubSpot) -> None:
    api = HubSpot(base_url=PLACE["url"], max_retries=0).auth.oauth
    app = {name: PLACE[name] for name in ("client_id", "client_secret")}
    told = api.create_token(grant_type="refresh_token", refresh_token=PLACE["refresh_token"], **app)
    assert (told.token_type, told.expires_in) == ("bearer", 1800)
    other = portal.with_options(access_token=told.access_token)
    assert other.crm.owners.list().results
    assert api.introspect_token(token=told.access_token, **app).active
    api.revoke_token(token=PLACE["refresh_token"], **app)
    late = {"grant_type": "refresh_token", "refresh_token": PLACE["refresh_token"]}
    assert refused(api.create_token, **late, **app).status_code == 400


@job
def webhooks_are_subscribed_to(_: HubSpot) -> None:
    app = int(PLACE["app_id"])
    key = PLACE["developer_key"]
    api = HubSpot(developer_api_key=key, base_url=PLACE["url"], max_retries=0).webhooks
    limit = {"maxConcurrentRequests": 10, "period": "SECONDLY"}
    told = api.update_settings(app, target_url="https://hooks.example/in", throttling=limit)
    assert told.target_url == "https://hooks.example/in"
    made = api.create_event_subscription(app, event_type="contact.creation", active=True)
    assert made.id in {one.id for one in api.list_event_subscriptions(app).results}
    changed = api.update_event_subscription(int(made.id), app_id=app, active=False)
    assert changed.active is False
    (told,) = api.create_batch_event_subscriptions(
        app, inputs=[{"id": int(made.id), "active": True}]
    ).results
    assert told.active
    assert api.get_event_subscription(int(made.id), app_id=app).active
    api.delete_event_subscription(int(made.id), app_id=app)
    assert api.get_settings(app).throttling.max_concurrent_requests == 10
    api.delete_settings(app)


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
