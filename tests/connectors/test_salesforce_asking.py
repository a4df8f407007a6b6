"""The sandbox tells what changed, how much there is, and single rows, as Salesforce does."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from connectors.salesforce.sandbox import levers
from connectors.salesforce.sandbox.org import Org as State
from connectors.salesforce.sandbox.org import stamp
from tests.connectors.salesforce_fixtures import (
    CLARA,
    DAVID,
    THEN,
    Org,
    Server,
    contacts,
    open_org,
    people,
)
from tests.connectors.soql_fixtures import API, ask, company, put, rows

SOON = THEN + timedelta(days=1)


@pytest.fixture
def org(server: Server) -> Iterator[Org]:
    with open_org(server) as opened:
        opened.sandbox.clock.advance(SOON - opened.sandbox.clock.now())
        yield opened


def changed(org: Org, what: str, start: datetime, end: datetime) -> httpx.Response:
    params = {"start": start.isoformat(), "end": end.isoformat()}
    return org.http().get(f"{API}/sobjects/Contact/{what}/", params=params)


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()[0]["errorCode"]


def test_what_changed_is_told_by_its_id(org: Org):
    ids = org.fill(people())
    answer = changed(org, "updated", THEN, THEN + timedelta(minutes=1)).json()
    assert answer == {
        "ids": [ids[CLARA], ids[DAVID]],
        "latestDateCovered": "2026-03-02T09:31:00.000+0000",
    }


def test_what_changed_outside_the_window_is_not_told(org: Org):
    org.fill(people())
    later, earlier = timedelta(minutes=1), timedelta(hours=-1)
    assert changed(org, "updated", THEN + later, SOON).json()["ids"] == []
    assert changed(org, "updated", THEN + earlier, THEN).json()["ids"] == []


def test_what_is_covered_ends_now(org: Org):
    covered = changed(org, "updated", THEN, SOON + timedelta(days=9)).json()["latestDateCovered"]
    assert covered == stamp(SOON)[:17] + "00.000+0000"


def test_what_was_deleted_is_told_with_its_time_and_is_not_updated(org: Org):
    ids = org.fill(people())
    levers.delete(org.sandbox, ids[CLARA])
    end = SOON + timedelta(minutes=2)
    org.sandbox.clock.advance(timedelta(minutes=2))
    answer = changed(org, "deleted", THEN, end).json()
    assert [record["id"] for record in answer["deletedRecords"]] == [ids[CLARA]]
    assert set(answer) == {"deletedRecords", "earliestDateAvailable", "latestDateCovered"}
    assert changed(org, "updated", THEN, end).json()["ids"] == [ids[DAVID]]


def test_what_left_the_recycle_bin_is_told_all_the_same(org: Org):
    ids = org.fill(people())
    levers.delete(org.sandbox, ids[CLARA])
    levers.empty_bin(org.sandbox)
    org.sandbox.clock.advance(timedelta(minutes=2))
    answer = changed(org, "deleted", THEN, SOON + timedelta(minutes=2)).json()
    assert [record["id"] for record in answer["deletedRecords"]] == [ids[CLARA]]
    assert [row["Id"] for row in rows(org, "SELECT Id FROM Contact", "queryAll")] == [ids[DAVID]]


@pytest.mark.parametrize(("what", "days"), [("updated", 31), ("deleted", 16)])
def test_nobody_reaches_back_for_ever(org: Org, what: str, days: int):
    answer = changed(org, what, SOON - timedelta(days=days), SOON)
    assert code(answer) == (400, "INVALID_REPLICATION_DATE")


def test_a_window_lasts_a_minute_at_least(org: Org):
    answer = changed(org, "updated", THEN, THEN + timedelta(seconds=59))
    assert code(answer) == (400, "INVALID_REPLICATION_DATE")


def test_too_many_ids_are_refused(org: Org):
    org.fill(contacts(3))
    State(org.sandbox).set("most_ids", 2)
    assert code(changed(org, "updated", THEN, SOON)) == (400, "EXCEEDED_ID_LIMIT")


def test_rows_are_counted_without_the_deleted(org: Org):
    ids = org.fill(people())
    levers.delete(org.sandbox, ids[CLARA])
    answer = org.http().get(f"{API}/limits/recordCount", params={"sObjects": "Lead,Contact,Nope"})
    counts = [{"count": 1, "name": "Contact"}, {"count": 1, "name": "Lead"}]
    assert answer.json() == {"sObjects": counts}


def test_a_describe_that_did_not_change_is_not_told_again(org: Org):
    client, path = org.http(), f"{API}/sobjects/Contact/describe"
    since = client.get(path).headers["Last-Modified"]
    again = client.get(path, headers={"If-Modified-Since": since})
    assert (again.status_code, again.content) == (304, b"")


def test_a_describe_that_changed_is_told_again(org: Org):
    client, path = org.http(), f"{API}/sobjects/Contact/describe"
    since = client.get(path).headers["Last-Modified"]
    levers.hide(org.sandbox, "Contact.Email")
    org.sandbox.clock.advance(timedelta(seconds=1))
    assert client.get(path, headers={"If-Modified-Since": since}).status_code == 200


def test_an_object_is_summed_up(org: Org):
    answer = org.http().get(f"{API}/sobjects/Contact").json()
    assert (answer["objectDescribe"]["keyPrefix"], answer["recentItems"]) == ("003", [])


def test_a_row_is_read_as_far_as_it_is_asked_for(org: Org):
    ids = org.fill(people())
    path = f"{API}/sobjects/Contact/{ids[CLARA]}"
    row = org.http().get(path, params={"fields": "Name,email"}).json()
    assert set(row) == {"attributes", "Name", "Email", "Id"}
    assert code(org.http().get(path, params={"fields": "Nope"})) == (400, "INVALID_FIELD")


def test_a_deleted_row_is_said_to_be_deleted(org: Org):
    ids = org.fill(people())
    levers.delete(org.sandbox, ids[CLARA])
    answer = org.http().get(f"{API}/sobjects/Contact/{ids[CLARA]}")
    assert code(answer) == (404, "ENTITY_IS_DELETED")


def test_a_row_is_read_by_an_id_and_not_by_any_other_field(org: Org):
    ids = org.fill(people())
    client, path = org.http(), f"{API}/sobjects/Contact"
    assert client.get(f"{path}/Id/{ids[CLARA]}").json()["Name"] == "Clara Stone"
    answer = client.get(f"{path}/LastName/Stone")
    assert code(answer) == (404, "NOT_FOUND")
    assert answer.json()[0]["message"].endswith("or is not accessible: LastName")


@pytest.mark.parametrize(
    ("length", "status"), [(16_385, 414), (16_384, 431), (16_200, 431), (15_800, 200)]
)
def test_a_long_address_is_refused(org: Org, length: int, status: int):
    address = f"{API}/limits?pad=".ljust(length, "a")
    assert org.http().get(address).status_code == status


def test_a_long_address_is_refused_in_html(org: Org):
    answer = org.http().get(f"{API}/limits?pad=".ljust(20_000, "a"))
    assert answer.text == "<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>"
    assert answer.headers["Content-Type"].startswith("text/html")


def test_a_locator_dies_when_nobody_uses_it(org: Org):
    org.fill(contacts(4100))
    client = org.http()
    second = ask(org, "SELECT Id FROM Contact").json()["nextRecordsUrl"]
    org.sandbox.clock.advance(timedelta(minutes=14))
    third = client.get(second).json()["nextRecordsUrl"]
    org.sandbox.clock.advance(timedelta(minutes=14))
    assert client.get(third).json()["done"]
    org.sandbox.clock.advance(timedelta(minutes=16))
    assert code(client.get(third)) == (400, "INVALID_QUERY_LOCATOR")


def test_a_locator_tells_the_total_of_its_first_page(org: Org):
    org.fill(contacts(4100))
    path = ask(org, "SELECT Id FROM Contact").json()["nextRecordsUrl"]
    org.sandbox.db.execute('DELETE FROM "Contact" WHERE "Name" LIKE \'%9\'')
    assert org.http().get(path).json()["totalSize"] == 4100


def _activities(org: Org) -> dict[str, Any]:
    company(org)
    org.sandbox.clock.advance(timedelta(days=366))
    put(org, "Task", "00T", Subject="open", ActivityDate="2026-03-02")
    put(org, "Task", "00T", Subject="undated", IsClosed=1)
    put(org, "Event", "00U", Subject="met", ActivityDate="2026-03-02")
    return {
        resource: [row["Subject"] for row in rows(org, "SELECT Subject FROM Task", resource)]
        for resource in ("query", "queryAll")
    }


def test_activities_of_a_year_ago_are_archived(org: Org):
    assert _activities(org) == {"query": ["open"], "queryAll": ["Email", "Call", "open", "undated"]}


def test_an_archived_activity_says_so(org: Org):
    _activities(org)
    soql = "SELECT IsArchived FROM Event WHERE IsArchived = true"
    assert rows(org, soql, "queryAll") == [{"IsArchived": True}]
    assert rows(org, soql) == []
