"""Deals, leads and messages are put into a portal as HubSpot holds them, and come back."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest

from connectors import (
    Activity,
    Channel,
    Deal,
    DealContact,
    ExternalId,
    Participant,
    PersonKind,
    Record,
    Role,
    StageChange,
)
from connectors.hubspot.sandbox import facts, levers
from tests.connectors.hubspot_fixtures import ACME, ANNE, CLARA, DAVID, THEN, Portal, people
from tests.connectors.hubspot_fixtures import activity as made_activity
from tests.connectors.hubspot_sandbox.calls import read

WON = datetime(2026, 4, 1, 12, tzinfo=UTC)

DEAL = Deal(
    ExternalId("deal"),
    "Paper for a year",
    "Signed",
    is_closed=True,
    is_won=True,
    account_id=ACME,
    owner_id=ANNE,
    amount=1200.5,
    currency="EUR",
    created_at=THEN,
    closes_on=date(2026, 4, 1),
    contacts=(DealContact(CLARA, "Decision Maker", is_primary=True), DealContact(DAVID)),
    stages=(
        StageChange("Qualified To Buy", THEN),
        StageChange("Legal Review", THEN + timedelta(days=9)),
        StageChange("Signed", WON),
    ),
    modified_at=WON,
)
SIGNED = "960000002"


def put(portal: Portal, *more: Record) -> str:
    """Put people and more in; gives the number of the last record."""
    return portal.put([*people(), *more])[more[-1].id].partition(":")[2]


def held(portal: Portal, record: Record) -> Record:
    """Give the truth about a record, under the ids it was put in with."""
    given = {new: old for old, new in portal.ids.items()}
    (found,) = (r for r in portal.of.records(portal.sandbox) if given.get(r.id) == record.id)
    if isinstance(found, Deal):
        contacts = (replace(c, person_id=given[c.person_id]) for c in found.contacts)
        ends = (found.account_id, found.owner_id)
        account, owner = (given[end] if end else None for end in ends)
        found = replace(found, contacts=tuple(contacts), account_id=account, owner_id=owner)
    if isinstance(found, Activity):
        parts = (
            replace(p, person_id=given[p.person_id]) for p in found.participants if p.person_id
        )
        found = replace(found, participants=tuple(parts))
    return replace(found, id=record.id)


def test_a_deal_comes_back_as_it_was_put_in(portal: Portal):
    put(portal, DEAL)
    assert held(portal, DEAL) == DEAL


def test_a_deal_of_nobody_about_nothing_comes_back(portal: Portal):
    bare = Deal(ExternalId("bare"), "Bare", "Closed Lost", is_closed=True, created_at=THEN)
    put(portal, bare)
    assert held(portal, bare) == replace(bare, stages=(StageChange("Closed Lost", THEN),))


def test_a_stage_that_is_missing_is_added_to_the_pipeline(portal: Portal, http: httpx.Client):
    put(portal, DEAL)
    stages = http.get("/crm/v3/pipelines/deals/default").json()["stages"]
    added = {stage["label"]: stage["metadata"] for stage in stages[7:]}
    assert added == {
        "Legal Review": {"isClosed": "false", "probability": "0.5"},
        "Signed": {"isClosed": "true", "probability": "1.0"},
    }


def test_a_deals_way_is_its_stages_history_and_their_dates(portal: Portal, http: httpx.Client):
    number = put(portal, DEAL)
    path = f"/crm/v3/objects/deals/{number}?propertiesWithHistory=dealstage"
    told = http.get(path).json()["propertiesWithHistory"]["dealstage"]
    assert [one["value"] for one in told] == [SIGNED, "960000001", "qualifiedtobuy"]
    names = (f"hs_date_entered_{SIGNED}", "hs_v2_date_exited_qualifiedtobuy")
    dates = read(http, "deals", number, *names)
    assert [dates[name] for name in names] == [
        "2026-04-01T12:00:00.000Z",
        "2026-03-11T09:30:00.000Z",
    ]


def test_a_deals_company_is_primary_and_a_role_is_a_label(portal: Portal, http: httpx.Client):
    number = put(portal, DEAL)
    ends = {
        other: http.get(f"/crm/v4/objects/deals/{number}/associations/{other}").json()["results"]
        for other in ("companies", "contacts")
    }
    labels = [[kind["label"] for kind in end["associationTypes"]] for end in ends["contacts"]]
    assert [kind["typeId"] for kind in ends["companies"][0]["associationTypes"]] == [5, 341]
    assert sorted(map(str, labels[0])) == ["Decision Maker", "None", "Primary contact"]
    assert labels[1] == [None]


def test_a_deals_properties_are_hubspots(portal: Portal, http: httpx.Client):
    number = put(portal, DEAL)
    names = ("amount", "deal_currency_code", "closedate", "hs_is_closed_won", "pipeline")
    found = read(http, "deals", number, *names)
    assert [found[name] for name in names] == [
        "1200.5",
        "EUR",
        "2026-04-01T00:00:00.000Z",
        "true",
        "default",
    ]
    assert found["createdate"] == "2026-03-02T09:30:00.000Z"


def test_a_deal_that_moves_on_enters_and_leaves(portal: Portal, http: httpx.Client):
    number = put(portal, DEAL)
    levers.touch(portal.sandbox, ExternalId(f"0-3:{number}"), dealstage="closedlost")
    names = (f"hs_date_exited_{SIGNED}", "hs_date_entered_closedlost")
    left, entered = (read(http, "deals", number, *names)[name] for name in names)
    deal = held(portal, DEAL)
    assert isinstance(deal, Deal)
    assert left == entered is not None
    assert (deal.stage, deal.is_won, len(deal.stages)) == ("Closed Lost", False, 4)


def test_a_merged_deal_keeps_its_way_and_its_company(portal: Portal):
    other = replace(DEAL, id=ExternalId("other"), name="Twice", account_id=None)
    put(portal, DEAL, other)
    survivor = levers.merge(portal.sandbox, portal.ids[DEAL.id], portal.ids[other.id])
    (deal,) = (r for r in portal.of.records(portal.sandbox) if isinstance(r, Deal))
    assert (deal.id, deal.name, deal.stages) == (survivor, DEAL.name, DEAL.stages)
    assert (deal.account_id, deal.created_at) == (portal.ids[ACME], THEN)


def test_a_deleted_deal_is_not_true_any_more(portal: Portal):
    put(portal, replace(DEAL, is_deleted=True))
    assert not [r for r in portal.of.records(portal.sandbox) if isinstance(r, Deal)]


def test_a_lead_is_a_contact_with_a_lead(portal: Portal, http: httpx.Client):
    clara = people()[3]
    ids = portal.put([replace(clara, kind=PersonKind.LEAD)])
    (lead,) = http.get("/crm/v3/objects/leads?properties=hs_lead_name").json()["results"]
    assert (ids[CLARA], lead["properties"]["hs_lead_name"]) == (
        f"{facts.CONTACT}:101",
        "Clara Crow",
    )
    (end,) = http.get(f"/crm/v4/objects/leads/{lead['id']}/associations/contacts").json()["results"]
    assert (end["toObjectId"], [kind["typeId"] for kind in end["associationTypes"]]) == (
        101,
        [578, 608],
    )


def test_a_lead_cannot_be_made_without_its_contact(portal: Portal, http: httpx.Client):
    number = portal.put(people())[CLARA].partition(":")[2]
    primary = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 578}
    lead: dict[str, object] = {"properties": {"hs_lead_name": "Clara"}}
    alone = http.post("/crm/v3/objects/leads", json=lead)
    lead["associations"] = [{"to": {"id": number}, "types": [primary]}]
    made = http.post("/crm/v3/objects/leads", json=lead).json()["id"]
    moved = {"properties": {"hs_pipeline_stage": "qualified-stage-id"}}
    answer = http.patch(f"/crm/objects/2026-03/leads/{made}", json=moved)
    assert (alone.status_code, answer.status_code) == (400, 200)


@pytest.mark.parametrize(
    ("channel", "name"),
    [
        (Channel.SMS, "SMS"),
        (Channel.CHAT, "WHATS_APP"),
        (Channel.LINKEDIN, "LINKEDIN_MESSAGE"),
    ],
)
def test_a_message_is_a_communication(
    portal: Portal, http: httpx.Client, channel: Channel, name: str
):
    message = made_activity(channel, (Role.PARTY, ANNE), (Role.PARTY, CLARA))
    message = replace(message, thread="77")
    number = put(portal, message)
    wanted = ("hs_communication_channel_type", "hs_communication_logged_from")
    found = read(http, "communications", number, *wanted)
    assert [found[one] for one in wanted] == [name, "CRM"]
    assert held(portal, message) == message


def test_mail_keeps_its_thread_and_what_a_sequence_sent(portal: Portal, http: httpx.Client):
    mail = made_activity(Channel.EMAIL, (Role.FROM, ANNE), (Role.TO, CLARA))
    mail = replace(mail, thread="t1", is_bulk=True)
    number = put(portal, mail)
    found = read(http, "emails", number, "hs_email_thread_id", "hs_sequence_id")
    assert (found["hs_email_thread_id"], bool(found["hs_sequence_id"])) == ("t1", True)
    assert held(portal, mail) == mail


def test_a_stranger_in_a_message_is_not_held(portal: Portal):
    stranger = Participant(Role.TO, address="x@y.example")
    message = made_activity(Channel.SMS, (Role.PARTY, ANNE), (Role.PARTY, CLARA))
    put(portal, replace(message, participants=(*message.participants, stranger)))
    assert held(portal, message) == message
