"""The rest of a very long stream is read by a bulk query, and nothing is lost if that fails."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors import START, Bookmark, Channel, ExternalId, Page, RateLimited, Stream
from connectors._sandbox import Fault
from connectors.salesforce.bulk import worth_a_job
from connectors.salesforce.places import Cursor, Job, Place
from connectors.salesforce.sandbox import levers
from tests.connectors.salesforce_fixtures import (
    ANNE,
    CLARA,
    THEN,
    Org,
    Server,
    activity,
    contacts,
    open_org,
    people,
    pull,
)

ROWS = 1200
BEGINNING = Place(
    Cursor(THEN, "0035e0000000000AAA"),
    started=datetime(2026, 5, 1, tzinfo=UTC),
    left=ROWS,
    job=Job(),
)
"""Where a first reading is left to a job, before anything was read by it."""


@pytest.fixture
def org(server: Server) -> Iterator[Org]:
    with open_org(server) as opened:
        opened.sandbox.clock.set(datetime(2026, 5, 1, tzinfo=UTC))
        opened.put(contacts(ROWS, step=timedelta(seconds=1)))
        yield opened


def read(org: Org, bookmark: Bookmark) -> Page:
    (page,) = org.connect().read({Stream.CONTACTS: bookmark})
    return page


@pytest.mark.parametrize(
    ("left", "by_job"),
    [
        ({Stream.CONTACTS: 40_000}, {Stream.CONTACTS}),
        ({Stream.CONTACTS: 19_000}, set()),
        ({Stream.CONTACTS: 40_000, Stream.TASKS: 500_000}, set()),
        ({Stream.CONTACTS: 400_000, Stream.TASKS: 50_000}, {Stream.CONTACTS}),
        ({Stream.CONTACTS: 400_000, Stream.LEADS: 90_000}, {Stream.CONTACTS, Stream.LEADS}),
        ({Stream.TASKS: 500_000}, set()),
        ({}, set()),
    ],
)
def test_a_job_reads_what_would_be_more_pages_than_it_costs(
    left: dict[Stream, int], by_job: set[Stream]
):
    assert worth_a_job(left) == by_job


def test_a_long_first_reading_takes_fewer_calls_by_a_job_than_by_pages(org: Org):
    org.put(contacts(28_800, step=timedelta(seconds=1)))
    connector = org.connect()
    records, _ = pull(connector, Stream.CONTACTS)
    assert len({record.id for record in records}) == 30_000
    assert org.sandbox.count("jobs/query$") == 1
    assert connector.calls - 1 == 1 + 1 + 1 + 1 + 3 + 1  # page, count, make, look, parts, throw


def test_what_a_job_gives_is_what_pages_give(org: Org):
    by_pages, _ = pull(org.connect(), Stream.CONTACTS)
    by_job, _ = pull(org.connect(), Stream.CONTACTS, BEGINNING.bookmark())
    assert sorted(by_job, key=lambda record: record.id) == sorted(by_pages, key=lambda r: r.id)


def test_each_step_of_a_job_follows_from_its_bookmark_alone(org: Org):
    bookmark, seen = BEGINNING.bookmark(), []
    for _ in range(5):
        page = read(org, bookmark)
        assert read(org, page.bookmark).records == read(org, page.bookmark).records
        seen, bookmark = [*seen, len(page.records)], page.bookmark
        if page.is_last:
            break
    assert sum(seen) == ROWS


def test_a_crash_repeats_a_part_and_makes_no_second_job(org: Org):
    made = read(org, BEGINNING.bookmark())
    looked = read(org, made.bookmark)
    part, again = read(org, looked.bookmark), read(org, looked.bookmark)
    assert part == again
    assert len(part.records) == ROWS
    assert org.sandbox.count("POST .*/jobs/query$") == 1


def test_a_job_is_thrown_away_when_its_last_part_has_been_kept(org: Org):
    pull(org.connect(), Stream.CONTACTS, BEGINNING.bookmark())
    assert org.sandbox.count("DELETE .*/jobs/query/") == 1
    assert org.sandbox.db.execute("SELECT count(*) FROM job").fetchone() == (0,)


def test_a_job_that_takes_time_is_waited_for(org: Org):
    levers.slow_jobs(org.sandbox, 4)
    records, _ = pull(org.connect(), Stream.CONTACTS, BEGINNING.bookmark())
    assert len(records) == ROWS
    assert org.waits == [2.0] * 4


def test_other_streams_do_not_wait_for_a_job(org: Org):
    levers.slow_jobs(org.sandbox, 9)
    org.put([*people(), *(activity(f"m{n}", Channel.CALL, ANNE, CLARA) for n in range(2))])
    levers.shrink_pages(org.sandbox, 1)
    made = read(org, BEGINNING.bookmark())
    pages = org.connect().read({Stream.CONTACTS: made.bookmark, Stream.TASKS: START})
    assert [page.is_last for page in pages] == [False, False]
    assert org.waits == []


@pytest.mark.parametrize("pattern", ["POST .*/jobs/query$", "GET .*/jobs/query/[^/]+$", "results$"])
@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_job_that_is_refused_or_lost_gives_way_to_pages(org: Org, pattern: str, status: int):
    body = b'[{"message":"no","errorCode":"INVALIDJOB"}]'
    org.sandbox.faults.append(Fault(pattern, status, body))
    records, _ = pull(org.connect(), Stream.CONTACTS, BEGINNING.bookmark())
    assert len({record.id for record in records}) == ROWS
    assert org.sandbox.count("queryAll") == 1


def test_a_job_that_fails_gives_way_to_pages(org: Org):
    levers.fail_jobs(org.sandbox, "InternalServerError")
    records, _ = pull(org.connect(), Stream.CONTACTS, BEGINNING.bookmark())
    assert len(records) == ROWS


def test_a_job_that_never_ends_gives_way_to_pages(org: Org):
    levers.slow_jobs(org.sandbox, 9000)
    made = read(org, BEGINNING.bookmark())
    org.sandbox.clock.advance(timedelta(hours=3))
    records, _ = pull(org.connect(), Stream.CONTACTS, made.bookmark)
    assert len(records) == ROWS


def test_when_the_day_is_used_up_a_job_does_not_give_way_to_pages(org: Org):
    made = read(org, BEGINNING.bookmark())
    levers.allow_calls(org.sandbox, 0)
    with pytest.raises(RateLimited):
        read(org, made.bookmark)
    assert org.sandbox.count("queryAll") == 0


def test_fresh_changes_do_not_wait_for_a_job(org: Org):
    levers.slow_jobs(org.sandbox, 9)
    made = read(org, BEGINNING.bookmark())
    levers.edit(org.sandbox, org.ids[ExternalId("c7")], Title="Fresh")
    org.sandbox.clock.advance(timedelta(minutes=6))
    waiting = read(org, made.bookmark)
    fresh = read(org, waiting.bookmark)
    assert [record.id for record in fresh.records] == [org.ids[ExternalId("c7")]]
    assert Place.of(fresh.bookmark).by_job is not None


def test_what_is_left_is_told_while_a_job_is_read(org: Org):
    made = read(org, BEGINNING.bookmark())
    looked = read(org, made.bookmark)
    part = read(org, looked.bookmark)
    assert [page.left for page in (made, looked, part)] == [ROWS, ROWS, 0]


def test_reading_from_the_beginning_is_by_pages_where_that_is_cheaper(org: Org):
    pull(org.connect(), Stream.CONTACTS, START)
    assert org.sandbox.count("jobs") == 0
