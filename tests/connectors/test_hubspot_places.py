"""Nothing is missed, whatever the search shows late, and fresh changes do not wait for old rows."""

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors import START, Activity, Bookmark, Channel, Connector, ExternalId, Page, Role, Stream
from connectors.hubspot.sandbox import levers
from tests.connectors.hubspot_fixtures import (
    ANNE,
    CLARA,
    Portal,
    activity,
    colleague,
    contact,
    contacts,
    people,
    pull,
)

SEARCHES = r"POST .*/search"
CONTACTS = (Stream.CONTACTS,)
POLL = timedelta(minutes=5)


def page(connector: Connector, bookmark: Bookmark, stream: Stream = Stream.CONTACTS) -> Page:
    (found,) = connector.read({stream: bookmark})
    return found


def polls(portal: Portal, connector: Connector, mark: Bookmark, times: int) -> set[ExternalId]:
    """Pull every five minutes; gives the ids of what came."""
    seen: set[ExternalId] = set()
    for _ in range(times):
        portal.sandbox.clock.advance(POLL)
        got = pull(connector, CONTACTS, {Stream.CONTACTS: mark})
        seen |= {record.id for record in got.records}
        mark = got.marks[Stream.CONTACTS]
    return seen


def test_what_the_search_shows_a_minute_late_is_read_by_the_next_pull(portal: Portal):
    connector = portal.connect()
    mark = pull(connector, CONTACTS).marks[Stream.CONTACTS]
    levers.turn(portal.sandbox, "index_lag_ms", 60_000)
    late = replace(contact(CLARA), modified_at=portal.sandbox.clock.now())
    ids = portal.fill(late)
    hidden = pull(connector, CONTACTS, {Stream.CONTACTS: mark})
    levers.turn(portal.sandbox, "index_lag_ms", 0)
    shown = pull(connector, CONTACTS, hidden.marks)
    assert hidden.records == []
    assert [record.id for record in shown.records] == [ids[CLARA]]


def test_what_the_search_shows_forty_minutes_late_is_read_within_the_hour(portal: Portal):
    connector = portal.connect()
    mark = pull(connector, CONTACTS).marks[Stream.CONTACTS]
    levers.turn(portal.sandbox, "index_lag_ms", 40 * 60_000)
    ids = portal.fill(replace(contact(CLARA), modified_at=portal.sandbox.clock.now()))
    assert ids[CLARA] in polls(portal, connector, mark, 13)


@pytest.mark.parametrize("minute", range(0, 60, 12))
def test_whenever_it_happened_what_is_shown_late_is_read(portal: Portal, minute: int):
    connector = portal.connect()
    mark = pull(connector, CONTACTS).marks[Stream.CONTACTS]
    portal.sandbox.clock.advance(timedelta(minutes=minute))
    mark = pull(connector, CONTACTS, {Stream.CONTACTS: mark}).marks[Stream.CONTACTS]
    levers.turn(portal.sandbox, "index_lag_ms", 55 * 60_000)
    ids = portal.fill(replace(contact(CLARA), modified_at=portal.sandbox.clock.now()))
    assert ids[CLARA] in polls(portal, connector, mark, 25)


def test_a_change_is_read_by_one_poll_and_once_more_by_the_hourly_one(portal: Portal):
    connector = portal.connect()
    mark = pull(connector, CONTACTS).marks[Stream.CONTACTS]
    portal.fill(replace(contact(CLARA), modified_at=portal.sandbox.clock.now()))
    times = 0
    for _ in range(30):
        portal.sandbox.clock.advance(POLL)
        got = pull(connector, CONTACTS, {Stream.CONTACTS: mark})
        mark = got.marks[Stream.CONTACTS]
        times += len(got.records)
    assert times == 2


def test_a_pull_says_until_when_the_last_one_had_read(portal: Portal):
    portal.fill(*contacts(1))
    connector = portal.connect()
    first = page(connector, START)
    before = portal.sandbox.clock.now()
    portal.sandbox.clock.advance(timedelta(hours=3))
    second = page(connector, first.bookmark)
    assert first.known_until is None
    assert second.known_until is not None
    assert abs(second.known_until - before) < timedelta(minutes=1)


def test_a_page_says_how_many_rows_are_left(portal: Portal):
    portal.fill(*contacts(450))
    got = pull(portal.connect(), CONTACTS)
    assert [found.left for found in got.pages] == [250, 50, 0]


def test_fresh_changes_come_between_old_rows(portal: Portal):
    ids = list(portal.fill(*contacts(1000)).values())
    connector = portal.connect()
    first = page(connector, START)
    levers.touch(portal.sandbox, ids[0], jobtitle="New")
    portal.sandbox.clock.advance(POLL)
    second = page(connector, first.bookmark)
    look = page(connector, second.bookmark)
    old = page(connector, look.bookmark)
    assert [(r.id, r.title) for r in look.records] == [(ids[0], "New")]
    assert (look.is_last, look.left) == (False, second.left)
    assert [r.id for r in old.records] == ids[400:600]


def test_what_one_look_is_not_shown_yet_the_next_one_is(portal: Portal):
    ids = list(portal.fill(*contacts(1000)).values())
    levers.turn(portal.sandbox, "index_lag_ms", 12 * 60_000)
    connector, looks, mark = portal.connect(), [], START
    for n in range(6):
        found = page(connector, mark)
        looks += [r.id for r in found.records if getattr(r, "title", "") == "New"]
        if n == 0:
            levers.touch(portal.sandbox, ids[0], jobtitle="New")
        portal.sandbox.clock.advance(POLL)
        mark = found.bookmark
    assert ids[0] in looks


def test_a_first_pull_that_is_always_late_still_ends(portal: Portal):
    ids = portal.fill(*contacts(1000))
    got = pull(portal.connect(), CONTACTS, between=lambda _: portal.sandbox.clock.advance(2 * POLL))
    assert {record.id for record in got.records} == set(ids.values())
    assert len(got.pages) == 5 + 3


def test_a_look_at_more_than_a_page_takes_turns_with_the_old_rows(portal: Portal):
    ids = list(portal.fill(*contacts(1000)).values())
    connector = portal.connect()
    mark = page(connector, START).bookmark
    for record_id in ids[:450]:
        levers.touch(portal.sandbox, record_id, jobtitle="New")
    portal.sandbox.clock.advance(POLL)
    rest = pull(connector, CONTACTS, {Stream.CONTACTS: mark})
    firsts = [found.records[0].id for found in rest.pages]
    assert firsts == [ids[200], ids[0], ids[400], ids[200], ids[600], ids[400], ids[800]]


def test_the_next_pull_begins_where_the_last_look_did(portal: Portal):
    ids = list(portal.fill(*contacts(1000)).values())
    connector = portal.connect()
    seen: list[int] = []

    def work(_: Page) -> None:
        levers.touch(portal.sandbox, ids[len(seen)], jobtitle="New")
        seen.append(1)
        portal.sandbox.clock.advance(2 * POLL)

    first = pull(connector, CONTACTS, between=work)
    second = pull(connector, CONTACTS, first.marks)
    late = {r.id for r in (*first.records, *second.records) if getattr(r, "title", "") == "New"}
    assert late == set(ids[: len(seen)])
    assert len(second.records) < len(seen)


def test_any_page_can_be_read_again_from_its_bookmark(portal: Portal):
    portal.fill(*contacts(1000))
    got = pull(portal.connect(), CONTACTS, between=lambda _: portal.sandbox.clock.advance(POLL))
    marks = [START, *(found.bookmark for found in got.pages)]
    other = portal.connect()
    again = [page(other, mark).records for mark in marks[:-1]]
    assert again == [found.records for found in got.pages]


def test_a_bookmark_of_an_earlier_edition_is_still_good(portal: Portal):
    portal.fill(*contacts(300))
    old = Bookmark('{"last_id":101,"started":1770000000000}')
    assert page(portal.connect(), old).is_last is False


def test_activities_have_fresh_changes_too(portal: Portal):
    calls: list[Activity] = [
        activity(Channel.CALL, (Role.FROM, ANNE), (Role.TO, CLARA), record_id=f"k{n}")
        for n in range(2100)
    ]
    ids = portal.fill(*people(), *calls)
    connector = portal.connect()
    first = page(connector, START, Stream.CALLS)
    levers.touch(portal.sandbox, ids[calls[0].id], hs_call_status="NO_ANSWER")
    portal.sandbox.clock.advance(POLL)
    second = page(connector, first.bookmark, Stream.CALLS)
    look = page(connector, second.bookmark, Stream.CALLS)
    assert [(r.id, r.happened) for r in look.records] == [(ids[calls[0].id], False)]
    assert (len(first.records), len(second.records)) == (1000, 1000)


def test_owners_are_read_once_an_hour_by_hubspots_clock(portal: Portal):
    portal.fill(colleague(ANNE))
    connector = portal.connect()
    marks = pull(connector, (Stream.COLLEAGUES,)).marks
    portal.sandbox.clock.advance(timedelta(minutes=50))
    fresh = connector.read({Stream.CONTACTS: START, **marks})[0]
    portal.sandbox.clock.advance(timedelta(minutes=11))
    stale = connector.read({Stream.CONTACTS: START, **marks})[0]
    assert (fresh.records, fresh.is_last, fresh.bookmark) == (
        (),
        True,
        marks[Stream.COLLEAGUES],
    )
    assert [record.name for record in stale.records] == ["Anne Aster"]


def test_a_clock_that_is_set_back_makes_owners_stale(portal: Portal):
    portal.fill(colleague(ANNE))
    connector = portal.connect()
    marks = pull(connector, (Stream.COLLEAGUES,)).marks
    portal.sandbox.clock.advance(timedelta(hours=-2))
    again = connector.read({Stream.CONTACTS: START, **marks})[0]
    assert len(again.records) == 1
