"""What reading costs is what the formula says, whatever an org allows or has."""

from datetime import timedelta

import pytest

from connectors import (
    START,
    Bookmark,
    Channel,
    ExternalId,
    RateLimited,
    Record,
    Stream,
    Unavailable,
)
from connectors._sandbox import Fault
from connectors.salesforce import STREAMS
from connectors.salesforce.sandbox import levers
from tests.connectors.salesforce_fixtures import (
    ANNE,
    CLARA,
    DAVID,
    Org,
    activity,
    contacts,
    people,
    pull_all,
)

API = "/services/data/v67.0"

EMAIL = activity("mail", Channel.EMAIL, ANNE, CLARA, DAVID)
MEETING = activity("meeting", Channel.MEETING, ANNE, CLARA)
FEW = (Stream.CONTACTS, Stream.MEETINGS, Stream.TASKS)
"""Contacts, and activities with their people."""


def cost(org: Org, bookmarks: dict[Stream, Bookmark]) -> int:
    """Pull with a new connector and give its calls, without the token."""
    connector = org.connect()
    pull_all(connector, bookmarks)
    return connector.calls - 1


def test_every_five_streams_are_one_call(org: Org):
    org.fill([*people(), EMAIL, MEETING])
    pages = org.connect().read(dict.fromkeys(reversed(STREAMS), START))
    assert [page.stream for page in pages] == list(STREAMS)
    assert org.sandbox.count("/services/data") == 2


def test_contacts_tasks_and_events_with_their_people_are_one_call(org: Org):
    org.fill([*people(), EMAIL, MEETING])
    connector = org.connect()
    records, bookmarks = pull_all(connector, dict.fromkeys(FEW, START))
    assert (len(records), connector.calls) == (4, 2)
    assert cost(org, bookmarks) == 1


def test_an_idle_poll_of_everything_is_two_calls(org: Org):
    org.fill([*people(), EMAIL, MEETING])
    _, bookmarks = pull_all(org.connect(), dict.fromkeys(STREAMS, START))
    assert cost(org, bookmarks) == 2


def test_a_backfill_has_as_many_rounds_as_its_longest_stream_has_pages(org: Org):
    org.fill([*contacts(4500), *people(), EMAIL])
    assert cost(org, dict.fromkeys(FEW, START)) == 3 + 1  # three pages, and one count


def test_an_incremental_pull_of_changed_rows_is_one_call(org: Org):
    ids = org.fill([*people(), EMAIL])
    _, bookmarks = pull_all(org.connect(), dict.fromkeys(FEW, START))
    levers.edit(org.sandbox, ids[CLARA], Title="CFO")
    levers.edit(org.sandbox, ids[EMAIL.id], Status="Completed")
    connector = org.connect()
    records, _ = pull_all(connector, bookmarks)
    assert {record.id for record in records} == {ids[CLARA], ids[EMAIL.id]}
    assert connector.calls == 2


@pytest.mark.parametrize("status", [400, 403, 404, 405])
def test_an_org_without_composite_calls_is_asked_one_by_one_from_then_on(org: Org, status: int):
    org.fill([*people(), EMAIL])
    body = b'[{"message":"no","errorCode":"FUNCTIONALITY_NOT_ENABLED"}]'
    org.sandbox.faults.append(Fault("composite$", status, body, times=9))
    connector = org.connect()
    connector.read(dict.fromkeys(FEW, START))
    records, _ = pull_all(connector, dict.fromkeys(FEW, START))
    assert len(records) == 3
    assert (org.sandbox.count("composite$"), org.sandbox.count("queryAll$")) == (1, 6)


def test_when_the_day_is_used_up_nothing_more_is_asked(org: Org):
    levers.allow_calls(org.sandbox, 0)
    with pytest.raises(RateLimited, match="24 hours"):
        org.connect().read(dict.fromkeys(STREAMS, START))
    assert org.sandbox.count("/services/data") == 1


def test_a_wait_that_is_too_long_is_handed_on(org: Org):
    org.sandbox.faults.append(Fault("composite$", 429, headers=(("Retry-After", "900"),)))
    with pytest.raises(RateLimited) as raised:
        org.connect().read(dict.fromkeys(FEW, START))
    assert raised.value.retry_after_s == 900
    assert org.waits == []


def test_a_connection_that_breaks_in_the_middle_of_an_answer_is_asked_again(org: Org):
    org.fill(people())
    half = (("Content-Length", "100000"), ("Content-Type", "application/json"))
    org.sandbox.faults.append(Fault("composite$", 200, b'{"compositeResponse":[', half))
    records, _ = pull_all(org.connect(), dict.fromkeys(FEW, START))
    assert len(records) == 2


def test_an_answer_without_one_of_its_parts_is_tried_later(org: Org):
    org.sandbox.faults.append(Fault("composite$", 200, b'{"compositeResponse":[]}'))
    with pytest.raises(Unavailable):
        org.connect().read(dict.fromkeys(FEW, START))


def test_a_token_that_ends_between_two_pages_is_renewed_once(org: Org):
    ids = org.fill(contacts(2500))
    connector = org.connect()
    (first,) = connector.read({Stream.CONTACTS: START})
    levers.expire_tokens(org.sandbox)
    rest, _ = pull_all(connector, {Stream.CONTACTS: first.bookmark})
    assert {record.id for record in (*first.records, *rest)} == set(ids.values())
    assert org.sandbox.count("oauth2/token") == 2


@pytest.mark.parametrize("suffix", ["", "; per-app-api-usage=17/250(appName=tieline)"])
def test_the_days_calls_are_read_whatever_else_the_header_tells(org: Org, suffix: str):
    usage = (("Sforce-Limit-Info", f"api-usage=14999/15000{suffix}"),)
    body = b'{"totalSize":0,"done":true,"records":[]}'
    org.sandbox.faults.append(Fault("queryAll", 200, body, usage))
    connector = org.connect()
    connector.read({Stream.CONTACTS: START})
    assert connector.quota is not None
    assert (connector.quota.used, connector.quota.limit) == (14_999, 15_000)


def test_a_first_reading_tells_how_much_is_left(org: Org):
    org.fill(contacts(4500))
    connector = org.connect()
    (first,) = connector.read({Stream.CONTACTS: START})
    (second,) = org.connect().read({Stream.CONTACTS: first.bookmark})
    (third,) = connector.read({Stream.CONTACTS: second.bookmark})
    assert [page.left for page in (first, second, third)] == [2500, 500, 0]
    assert org.sandbox.count("recordCount") == 1


def test_an_org_that_does_not_count_is_read_all_the_same(org: Org):
    org.fill(contacts(2500))
    org.sandbox.faults.append(Fault("recordCount", 403, b"[]"))
    (first,) = org.connect().read({Stream.CONTACTS: START})
    assert (first.left, first.is_last) == (None, False)


def test_a_query_that_is_too_much_is_asked_again_for_fewer_rows(org: Org):
    ids = org.fill(contacts(300))
    body = (
        b'[{"message":"Your query request was running for too long","errorCode":"QUERY_TIMEOUT"}]'
    )
    org.sandbox.faults.append(Fault("queryAll", 400, body))
    connector = org.connect()
    records, _ = pull_all(connector, {Stream.CONTACTS: START})
    assert {record.id for record in records} == set(ids.values())
    assert org.sandbox.count("queryAll") == 3


def test_relations_beyond_what_fits_beside_a_row_are_read_too(org: Org):
    many = [*people()[:2], *contacts(45)]
    crowd = activity("m", Channel.EMAIL, ANNE, *(ExternalId(f"c{n}") for n in range(45)))
    org.fill([*many, crowd])
    levers.shrink_pages(org.sandbox, 20)
    records: list[Record] = pull_all(org.connect(), {Stream.TASKS: START})[0]
    assert [getattr(record, "recipients", 0) for record in records] == [45]


def test_a_meeting_of_very_many_guests_has_all_of_them(org: Org):
    guests = list(contacts(600))
    ids = org.fill([*people(), *guests, MEETING])
    rows = [
        {
            "attributes": {"type": "EventRelation"},
            "EventId": ids[MEETING.id],
            "RelationId": ids[guest.id],
            "IsInvitee": True,
        }
        for guest in guests
    ]
    for begin in range(0, len(rows), 200):
        body = {"records": rows[begin : begin + 200]}
        org.http().post(f"{API}/composite/sobjects", json=body).raise_for_status()
    levers.shrink_pages(org.sandbox, 100)
    connector = org.connect()
    (read,), _ = pull_all(connector, {Stream.MEETINGS: START})
    (again,) = connector.read_again(Stream.MEETINGS, [ids[MEETING.id]])
    named = {one.person_id for one in getattr(read, "participants", ())}
    assert {ids[guest.id] for guest in guests} <= named
    assert again.records == (read,)


def test_an_answer_to_an_invitation_costs_no_call_of_its_own(org: Org):
    ids = org.fill([*people(), MEETING])
    _, bookmarks = pull_all(org.connect(), dict.fromkeys(STREAMS, START))
    org.sandbox.clock.advance(timedelta(hours=1))
    values = ("Declined", org.sandbox.clock.now().strftime("%Y-%m-%dT%H:%M:%S.000+0000"))
    org.sandbox.db.execute('UPDATE "EventRelation" SET "Status" = ?, "SystemModstamp" = ?', values)
    found: set[str] = set()
    for _ in range(2):  # two of the three relations that tell are looked at in each pull
        org.sandbox.clock.advance(timedelta(minutes=5))
        assert cost(org, bookmarks) == 2
        records, bookmarks = pull_all(org.connect(), bookmarks)
        found |= {record.id for record in records}
    assert ids[MEETING.id] in found


def test_many_answers_to_invitations_are_read_over_several_pages(org: Org):
    meetings = [activity(f"m{n}", Channel.MEETING, ANNE, CLARA) for n in range(25)]
    ids = org.fill([*people(), *meetings])
    _, bookmarks = pull_all(org.connect(), {Stream.MEETINGS: START})
    org.sandbox.clock.advance(timedelta(hours=1))
    values = ("Declined", org.sandbox.clock.now().strftime("%Y-%m-%dT%H:%M:%S.000+0000"))
    org.sandbox.db.execute('UPDATE "EventRelation" SET "Status" = ?, "SystemModstamp" = ?', values)
    levers.shrink_pages(org.sandbox, 10)
    records, _ = pull_all(org.connect(), bookmarks)
    assert {record.id for record in records} == {ids[meeting.id] for meeting in meetings}
