"""Group events of the sandbox org: masters, the copies in colleagues' calendars, and answers."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from connectors import Activity, Channel, ExternalId
from connectors.salesforce.sandbox import levers
from tests.connectors.salesforce_fixtures import (
    ANNE,
    BORIS,
    CLARA,
    DAVID,
    Org,
    Server,
    activity,
    open_org,
    people,
)
from tests.connectors.soql_fixtures import API, rows

MEETING = replace(activity("m", Channel.MEETING, ANNE, BORIS, CLARA, DAVID), duration_s=1800)


@pytest.fixture
def org(server: Server) -> Iterator[Org]:
    with open_org(server) as opened:
        opened.put([*people(), MEETING])
        yield opened


def held(org: Org, name: str = "m") -> Activity:
    """Give what the org holds of a meeting."""
    row_id = org.ids[ExternalId(name)]
    found = next(one for one in org.of.records(org.sandbox) if one.id == row_id)
    assert isinstance(found, Activity)
    return found


def copies(org: Org) -> list[dict[str, Any]]:
    return rows(org, "SELECT OwnerId, Subject, StartDateTime FROM Event WHERE IsChild = true")


def change(org: Org, name: str, row_id: str, values: Mapping[str, object]) -> None:
    answer = org.http().patch(f"{API}/sobjects/{name}/{row_id}", json=values)
    assert answer.status_code == 204, answer.text


def invitation(org: Org, person: ExternalId) -> str:
    soql = "SELECT Id, RelationId FROM EventRelation"
    return next(row["Id"] for row in rows(org, soql) if row["RelationId"] == org.ids[person])


def test_a_change_of_a_group_event_is_in_every_calendar(org: Org):
    changed = {"Subject": "Later", "StartDateTime": "2026-05-01T10:00:00Z"}
    change(org, "Event", org.ids[MEETING.id], changed)
    (copy,) = copies(org)
    assert copy == {
        "OwnerId": org.ids[BORIS],
        "Subject": "Later",
        "StartDateTime": "2026-05-01T10:00:00.000+0000",
    }


def test_a_group_event_that_is_deleted_leaves_every_calendar_and_comes_back(org: Org):
    levers.delete(org.sandbox, org.ids[MEETING.id])
    assert copies(org) == []
    levers.undelete(org.sandbox, org.ids[MEETING.id])
    assert len(copies(org)) == 1


def test_who_is_no_longer_invited_has_no_copy(org: Org):
    link = invitation(org, BORIS)
    assert org.http().delete(f"{API}/sobjects/EventRelation/{link}").status_code == 204
    assert copies(org) == []


def test_an_answer_to_an_invitation_has_its_time(org: Org):
    link = invitation(org, DAVID)
    change(org, "EventRelation", link, {"Status": "Declined"})
    answer = org.http().get(f"{API}/sobjects/EventRelation/{link}").json()
    assert answer["RespondedDate"] == answer["SystemModstamp"]


def test_who_declined_was_not_there(org: Org):
    change(org, "EventRelation", invitation(org, DAVID), {"Status": "Declined"})
    found = held(org)
    assert org.ids[DAVID] not in {party.person_id for party in found.participants}
    assert (found.happened, found.recipients) == (True, 2)


def test_a_meeting_that_everybody_declined_did_not_happen(org: Org):
    org.put([*people(), replace(MEETING, id=ExternalId("off"), happened=False)])
    found = held(org, "off")
    assert (found.happened, len(found.participants)) == (False, 4)


def test_who_declines_was_asked(org: Org):
    alone = activity("off", Channel.MEETING, ANNE, CLARA)
    org.put([*people(), replace(alone, happened=False)])
    soql = "SELECT IsInvitee, Event.IsGroupEvent FROM EventRelation WHERE Status = 'Declined'"
    (row,) = rows(org, soql)
    assert (row["IsInvitee"], row["Event"]["IsGroupEvent"]) == (True, True)


def test_the_row_of_a_series_is_no_meeting(org: Org):
    org.sandbox.db.execute(
        'UPDATE "Event" SET "IsRecurrence" = 1 WHERE "Id" = ?', (org.ids[MEETING.id],)
    )
    assert not any(isinstance(one, Activity) for one in org.of.records(org.sandbox))
