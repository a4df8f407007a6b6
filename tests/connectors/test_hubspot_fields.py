"""A property that is archived, fixed or outgrown is found by its state and mended."""

from dataclasses import replace

import httpx

from connectors import Connector, Field, FieldState, FieldType, Target
from connectors.hubspot.sandbox import levers
from tests.connectors.hubspot_fixtures import Portal

STRENGTH = Field(Target.CONTACT, "strength", "Tie strength", FieldType.NUMBER, "0 to 100.")
BAND = Field(Target.CONTACT, "band", "Band", FieldType.PICKLIST, "Words.", options=("a", "b"))
RANK = {"name": "rank", "label": "Rank", "type": "number", "fieldType": "number"}


def state_of(connector: Connector, field: Field) -> FieldState:
    [check] = connector.check_fields([field])
    return check.state


def add(http: httpx.Client) -> None:
    """Add a property of the customer's own."""
    http.post("/crm/v3/properties/0-1/groups", json={"name": "own", "label": "Own"})
    http.post("/crm/v3/properties/0-1", json={**RANK, "groupName": "own"})


def test_an_archived_property_is_told_and_comes_back(portal: Portal):
    connector = portal.connect()
    connector.create_fields([STRENGTH])
    levers.archive_property(portal.sandbox, "0-1", "tieline_strength")
    assert state_of(connector, STRENGTH) is FieldState.ARCHIVED
    assert list(connector.create_fields([STRENGTH])) == [STRENGTH]
    assert state_of(connector, STRENGTH) is FieldState.READY


def test_a_property_that_the_api_may_not_write_is_told(portal: Portal):
    connector = portal.connect()
    connector.create_fields([STRENGTH])
    levers.make_property_read_only(portal.sandbox, "0-1", "tieline_strength")
    assert state_of(connector, STRENGTH) is FieldState.READ_ONLY


def test_options_that_the_catalogue_gained_are_added_behind_those_that_are_there(portal: Portal):
    connector = portal.connect()
    connector.create_fields([BAND])
    grown = replace(BAND, options=("b", "c"), label="Another label")
    assert state_of(connector, grown) is FieldState.RETYPED
    assert list(connector.create_fields([grown])) == []
    told = levers.definition(portal.sandbox, "0-1", "tieline_band")
    assert [option["value"] for option in told["options"]] == ["a", "b", "c"]
    assert told["label"] == "Band"


def test_a_property_of_the_customers_own_is_a_choice_and_can_be_mapped_to(
    portal: Portal, http: httpx.Client
):
    add(http)
    connector = portal.connect()
    [choice] = connector.choices(Target.CONTACT)
    assert (choice.called, choice.label, choice.type) == ("rank", "Rank", FieldType.NUMBER)
    assert state_of(connector, replace(STRENGTH, called="rank")) is FieldState.READY


def test_a_property_that_cannot_be_written_is_no_choice(portal: Portal, http: httpx.Client):
    add(http)
    levers.make_property_read_only(portal.sandbox, "0-1", "rank")
    assert list(portal.connect().choices(Target.CONTACT)) == []


def test_a_mapped_property_is_never_created(portal: Portal):
    connector = portal.connect()
    mapped = replace(STRENGTH, called="rank")
    assert list(connector.create_fields([mapped])) == []
    assert state_of(connector, mapped) is FieldState.MISSING


def test_a_lead_is_not_written_to_and_says_so(portal: Portal):
    [check] = portal.connect().check_fields([replace(STRENGTH, target=Target.LEAD)])
    assert (check.state, "contacts, companies and deals" in check.reason) == (
        FieldState.MISSING,
        True,
    )
