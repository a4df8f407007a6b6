"""A custom field that is lost, hidden or outgrown is found by its state and mended."""

from dataclasses import replace
from typing import Any

import pytest

from connectors import Connector, Field, FieldState, FieldType, Target
from connectors.salesforce.sandbox import levers
from tests.connectors.salesforce_fixtures import Org

STRENGTH = Field(Target.CONTACT, "strength", "Strength", FieldType.NUMBER, "0 to 100.", 3)
BEST = Field(Target.CONTACT, "best_colleague", "Best", FieldType.TEXT, "Who knows them.", 80)
BAND = Field(Target.LEAD, "band", "Band", FieldType.PICKLIST, "Words.", options=("weak", "strong"))
FIELDS = (STRENGTH, BEST, BAND)
CUSTOM_FIELDS = "/services/data/v67.0/tooling/sobjects/CustomField"
NAME = "Contact.Tieline_Strength__c"


def ready(org: Org) -> Connector:
    connector = org.connect()
    connector.create_fields(FIELDS)
    return connector


def state_of(connector: Connector, field: Field) -> FieldState:
    [check] = connector.check_fields([field])
    return check.state


def definition(org: Org, name: str) -> dict[str, Any]:
    soql = f"SELECT Id FROM CustomField WHERE DeveloperName = '{name}'"  # noqa: S608 SOQL
    found = org.http().get("/services/data/v67.0/tooling/query", params={"q": soql}).json()
    told = org.http().get(f"{CUSTOM_FIELDS}/{found['records'][0]['Id']}").json()
    return dict(told["Metadata"])


def add(org: Org, name: str, kind: str, **said: object) -> None:
    metadata = {"label": "Rank", "type": kind, **said}
    body = {"FullName": f"Contact.{name}", "Metadata": metadata}
    org.http().post(CUSTOM_FIELDS, json=body)
    org.connect().create_fields([replace(STRENGTH, name="other")])
    org.sandbox.db.execute(
        'INSERT INTO "FieldPermissions" SELECT "Id" || ?, "SystemModstamp", "ParentId", '
        '"SobjectType", ?, 1, 1 FROM "FieldPermissions" WHERE "PermissionsEdit"',
        (name, f"Contact.{name}"),
    )


def test_a_field_that_an_admin_deleted_is_missing_and_made_anew(org: Org):
    connector = ready(org)
    levers.delete_field(org.sandbox, NAME)
    assert state_of(connector, STRENGTH) is FieldState.MISSING
    assert connector.create_fields(FIELDS) == [STRENGTH]
    assert state_of(connector, STRENGTH) is FieldState.READY


def test_a_field_that_is_hidden_from_us_is_told_from_a_missing_one(org: Org):
    connector = ready(org)
    levers.revoke(org.sandbox, NAME)
    [check] = connector.check_fields([STRENGTH])
    assert check.state is FieldState.HIDDEN
    assert "permission set Tieline" in check.reason
    assert connector.create_fields(FIELDS) == []
    assert state_of(connector, STRENGTH) is FieldState.READY


def test_a_field_that_we_may_only_read_is_told(org: Org):
    connector = ready(org)
    levers.make_field_read_only(org.sandbox, NAME)
    assert state_of(connector, STRENGTH) is FieldState.READ_ONLY


def test_values_that_the_catalogue_gained_are_added_and_those_of_an_admin_stay(org: Org):
    connector = ready(org)
    grown = replace(BAND, options=("weak", "strong", "superb"))
    assert state_of(connector, grown) is FieldState.RETYPED
    connector.create_fields([grown])
    assert state_of(connector, grown) is FieldState.READY
    connector.create_fields([replace(BAND, options=("faint",))])
    told = definition(org, "Tieline_Band")["valueSet"]["valueSetDefinition"]["value"]
    assert [value["fullName"] for value in told] == ["weak", "strong", "superb", "faint"]


def test_a_text_that_the_catalogue_made_longer_grows_and_keeps_its_label(org: Org):
    connector = ready(org)
    longer = replace(BEST, length=120, label="Another label")
    assert state_of(connector, longer) is FieldState.RETYPED
    connector.create_fields([longer])
    told = definition(org, "Tieline_Best_Colleague")
    assert (told["length"], told["label"]) == (120, "Best")


def test_a_field_of_the_customers_own_is_a_choice_and_can_be_mapped_to(org: Org):
    add(org, "Rank__c", "Number", precision=5, scale=0)
    connector = org.connect()
    [choice] = connector.choices(Target.CONTACT)
    assert (choice.called, choice.type, choice.length) == ("Rank__c", FieldType.NUMBER, 5)
    assert state_of(connector, replace(STRENGTH, called="Rank__c")) is FieldState.READY


@pytest.mark.parametrize(
    ("kind", "said"), [("Checkbox", {"defaultValue": False}), ("Url", {}), ("DateTime", {})]
)
def test_a_field_that_holds_nothing_of_ours_is_no_choice(
    org: Org, kind: str, said: dict[str, object]
):
    add(org, "Rank__c", kind, **said)
    assert list(org.connect().choices(Target.CONTACT)) == []


def test_a_mapped_field_is_never_created(org: Org):
    connector = org.connect()
    mapped = replace(STRENGTH, called="Rank__c")
    assert connector.create_fields([mapped]) == []
    assert state_of(connector, mapped) is FieldState.MISSING
