"""Describe tells of objects and fields what real orgs were recorded to tell."""

from pathlib import Path
from typing import Any

import pytest

from connectors._sandbox import Sandbox, open_state
from connectors.salesforce import sandbox as salesforce_sandbox
from connectors.salesforce.sandbox import levers
from connectors.salesforce.sandbox.org import Org as State
from tests.connectors.salesforce_fixtures import Org

API = "/services/data/v67.0"


def describe(org: Org, name: str) -> dict[str, Any]:
    shown: dict[str, Any] = org.http().get(f"{API}/sobjects/{name}/describe").json()
    return shown


def field(org: Org, name: str) -> dict[str, Any]:
    owner, _, wanted = name.partition(".")
    return next(f for f in describe(org, owner)["fields"] if f["name"] == wanted)


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("Opportunity.Amount", {"type": "currency", "precision": 18, "scale": 2, "length": 0}),
        ("Opportunity.Amount", {"soapType": "xsd:double", "byteLength": 0, "groupable": False}),
        ("Opportunity.Probability", {"type": "percent", "precision": 3, "scale": 0}),
        ("Opportunity.ContactId", {"updateable": False, "relationshipName": None}),
        ("Opportunity.HasOpenActivity", {"filterable": False, "groupable": True}),
        ("Opportunity.StageName", {"label": "Stage", "restrictedPicklist": False}),
        ("Event.GroupEventType", {"restrictedPicklist": True, "length": 40}),
        ("Event.WhoId", {"polymorphicForeignKey": True, "referenceTo": ["Contact", "Lead"]}),
        ("Contact.ReportsToId", {"relationshipName": "ReportsTo", "referenceTo": ["Contact"]}),
        ("Lead.IsConverted", {"createable": True, "updateable": False, "defaultValue": False}),
        ("Account.Id", {"label": "Account ID", "idLookup": True, "nillable": False}),
        ("AccountContactRelation.Roles", {"type": "multipicklist", "sortable": False}),
        ("EmailMessage.TextBody", {"filterable": False, "length": 131072}),
    ],
)
def test_a_field_is_described_as_recorded(org: Org, name: str, facts: dict[str, Any]):
    shown = field(org, name)
    assert {key: shown[key] for key in facts} == facts


def test_a_picklist_tells_its_values_and_its_default(org: Org):
    options = field(org, "Lead.Status")["picklistValues"]
    assert len(options) == 4
    assert [o["value"] for o in options if o["defaultValue"]] == ["Open - Not Contacted"]


@pytest.mark.parametrize(
    ("parent", "relation", "child", "key", "cascades"),
    [
        ("Account", "ChildAccounts", "Account", "ParentId", False),
        ("Account", "Contacts", "Contact", "AccountId", True),
        ("Account", "Emails", "EmailMessage", "RelatedToId", False),
        ("Account", "Tasks", "Task", "WhatId", True),
        ("Contact", "EventRelations", "EventRelation", "RelationId", True),
        ("Contact", "CampaignMembers", "CampaignMember", "ContactId", True),
        ("Opportunity", "OpportunityHistories", "OpportunityHistory", "OpportunityId", True),
        ("Event", "RecurringEvents", "Event", "RecurrenceActivityId", False),
    ],
)
def test_a_child_relationship_is_described_as_recorded(
    org: Org, parent: str, relation: str, child: str, key: str, *, cascades: bool
):
    (shown,) = (
        c for c in describe(org, parent)["childRelationships"] if c["relationshipName"] == relation
    )
    assert (shown["childSObject"], shown["field"], shown["cascadeDelete"]) == (child, key, cascades)


def test_a_reference_without_a_relationship_is_told_without_a_name(org: Org):
    children = describe(org, "Contact")["childRelationships"]
    unnamed = {(c["childSObject"], c["field"]) for c in children if c["relationshipName"] is None}
    assert {("Contact", "ReportsToId"), ("Lead", "ConvertedContactId")} <= unnamed


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("Opportunity", {"mergeable": False, "undeletable": True, "keyPrefix": "006"}),
        (
            "OpportunityContactRole",
            {"undeletable": False, "labelPlural": "Opportunity Contact Role"},
        ),
        ("User", {"deletable": False, "createable": True}),
        ("Organization", {"createable": False, "updateable": True}),
        ("OpportunityHistory", {"createable": False, "queryable": True}),
    ],
)
def test_an_object_tells_what_may_be_done_with_it(org: Org, name: str, facts: dict[str, Any]):
    shown = describe(org, name)
    assert {key: shown[key] for key in facts} == facts


def test_all_objects_are_listed_and_none_of_the_tooling_api(org: Org):
    answer = org.http().get(f"{API}/sobjects").json()
    names = {shown["name"] for shown in answer["sobjects"]}
    assert {"Task", "TaskWhoRelation", "EmailMessageRelation", "CampaignMember"} <= names
    assert "CustomField" not in names


def test_an_object_that_is_not_seen_is_in_no_describe(org: Org):
    levers.hide(org.sandbox, "Campaign")
    answer = org.http().get(f"{API}/sobjects").json()
    assert "Campaign" not in {shown["name"] for shown in answer["sobjects"]}
    assert org.http().get(f"{API}/sobjects/Campaign/describe").status_code == 404


def test_a_state_file_of_an_earlier_version_gets_what_it_lacks(tmp_path: Path):
    sandbox = Sandbox(open_state(tmp_path / "org.db"))
    State(sandbox)
    sandbox.db.execute('DROP TABLE "Campaign"')
    sandbox.db.execute('ALTER TABLE "Contact" DROP COLUMN "MobilePhone"')
    sandbox.db.execute("PRAGMA user_version = 0")
    State(sandbox)
    sandbox.db.execute('SELECT "MobilePhone" FROM "Contact"')
    sandbox.db.execute('SELECT "Name" FROM "Campaign"')
    assert sandbox.db.execute('SELECT count(*) FROM "Organization"').fetchone() == (1,)
    assert sandbox.db.execute("PRAGMA user_version").fetchone() == (
        salesforce_sandbox.STATE_VERSION,
    )
    sandbox.db.close()
