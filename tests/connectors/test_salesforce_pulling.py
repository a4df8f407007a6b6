"""A long pull lets nothing fresh wait, and its bookmarks say what was known when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors import START, Bookmark, ExternalId, Page, Stream
from connectors.salesforce.places import Cursor, Job, Place
from connectors.salesforce.sandbox import levers
from tests.connectors.salesforce_fixtures import (
    Org,
    contact,
    contacts,
    pull,
)

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def read(org: Org, bookmark: Bookmark) -> Page:
    """Read a page with a connector of its own: it follows from its bookmark alone."""
    (page,) = org.connect().read({Stream.CONTACTS: bookmark})
    return page


PLACES = [
    Place(),
    Place(Cursor(NOON, "0035e0000000001AAA"), started=NOON, touched=Cursor(NOON - MINUTE)),
    Place(Cursor(NOON), known=NOON, lacking=frozenset({"Contact.Title"}), looked=NOON),
    Place(Cursor(NOON), NOON, NOON, Cursor(NOON, "a"), NOON, Cursor(NOON, "b"), 7),
    Place(job=Job("7505e0000000001AAA", "abc", is_done=True, since=NOON)),
    Place(job=Job()),
    Place(lacking=frozenset({"Contact.Title"}), is_again=True),
]


@pytest.mark.parametrize("place", PLACES)
def test_a_bookmark_opens_to_the_place_it_was_made_of(place: Place):
    assert Place.of(place.bookmark()) == place


def test_a_bookmark_of_an_older_version_reads_everything_once_more():
    assert Place.of(Bookmark('{"at":"2026-05-04T12:00:00+00:00"}')) == Place()


def test_fresh_changes_are_read_before_old_rows_that_have_waited_for_five_minutes(org: Org):
    ids = org.fill(contacts(4500, step=timedelta(seconds=1)))
    first = read(org, START)
    levers.edit(org.sandbox, ids[ExternalId("c7")], Title="Fresh")
    org.sandbox.clock.advance(6 * MINUTE)
    second = read(org, first.bookmark)
    third = read(org, second.bookmark)
    assert [len(page.records) for page in (first, second)] == [2000, 2000]
    assert [record.id for record in third.records] == [ids[ExternalId("c7")]]
    assert not third.is_last


def test_old_rows_go_on_where_they_were_when_what_is_fresh_was_read(org: Org):
    ids = org.fill(contacts(6500, step=timedelta(seconds=1)))
    bookmark, seen = START, []
    for _ in range(8):
        org.sandbox.clock.advance(6 * MINUTE)
        page = read(org, bookmark)
        bookmark, seen = page.bookmark, [*seen, len(page.records)]
        if page.is_last:
            break
    assert seen == [2000, 2000, 0, 2000, 0, 500]
    assert len(ids) == sum(seen)


def test_the_next_pull_begins_where_the_last_look_at_what_is_fresh_began(org: Org):
    org.fill(contacts(4500, step=timedelta(seconds=1)))
    first = read(org, START)
    org.sandbox.clock.advance(HOUR)
    second = read(org, first.bookmark)
    looked = org.sandbox.clock.now()
    third = read(org, second.bookmark)
    last = read(org, third.bookmark)
    begins = Place.of(last.bookmark).cursor.at
    assert last.is_last
    assert begins is not None
    assert abs(looked - timedelta(minutes=10) - begins) < MINUTE


def test_a_row_that_shows_late_in_a_long_pull_is_not_missed(org: Org):
    org.fill(contacts(4500, step=timedelta(seconds=1)))
    first = read(org, START)
    org.sandbox.clock.advance(20 * MINUTE)
    second = read(org, first.bookmark)
    third = read(org, second.bookmark)
    late = contact(ExternalId("late"), at=org.sandbox.clock.now() - 8 * MINUTE)
    ids = org.fill([late])
    found, bookmark = pull(org.connect(), Stream.CONTACTS, third.bookmark)
    again, _ = pull(org.connect(), Stream.CONTACTS, bookmark)
    assert ids[late.id] in {record.id for record in (*found, *again)}


def test_a_pull_that_is_done_before_five_minutes_looks_at_nothing_twice(org: Org):
    org.fill(contacts(4500, step=timedelta(seconds=1)))
    found, _ = pull(org.connect(), Stream.CONTACTS)
    assert len(found) == 4500
    assert org.sandbox.count("queryAll") == 3


def test_a_first_pull_knows_nothing_and_the_next_knows_when_that_was(org: Org):
    org.fill(contacts(3))
    first = read(org, START)
    org.sandbox.clock.advance(HOUR)
    second = read(org, first.bookmark)
    third = read(org, second.bookmark)
    assert first.known_until is None
    assert second.known_until is not None
    assert third.known_until is not None
    assert abs(third.known_until - second.known_until - HOUR) < MINUTE


def test_what_became_visible_late_is_older_than_what_was_known(org: Org):
    org.fill(contacts(3))
    first = read(org, START)
    late = contact(ExternalId("late"), at=org.sandbox.clock.now() - 8 * MINUTE)
    org.fill([late])
    org.sandbox.clock.advance(HOUR)
    second = read(org, first.bookmark)
    (found,) = second.records
    assert second.known_until is not None
    assert found.modified_at < second.known_until


def test_a_clock_of_ours_that_is_wrong_changes_nothing(org: Org):
    org.sandbox.clock.advance(-9 * HOUR)
    org.fill(contacts(3))
    page = read(org, START)
    known = Place.of(page.bookmark).known
    assert known is not None
    assert abs(known - org.sandbox.clock.now()) < MINUTE


def test_a_place_behind_a_page_is_that_of_its_last_row():
    place = Place(started=NOON)
    behind = place.behind(Cursor(NOON - HOUR, "x"), NOON + MINUTE)
    assert behind == replace(place, cursor=Cursor(NOON - HOUR, "x"))
