"""Whatever fails while a portal is read, in the end what it holds is what we have."""

import contextlib
from collections.abc import Mapping
from datetime import timedelta

import pytest

from connectors import (
    START,
    Account,
    Activity,
    Bookmark,
    Channel,
    Connector,
    Deal,
    ExternalId,
    Person,
    Record,
    Role,
    Stream,
    TryLater,
    Unavailable,
    hubspot,
)
from connectors._sandbox import Fault
from connectors._transport import ATTEMPTS
from connectors.hubspot import sandbox as hubspot_sandbox
from connectors.hubspot.sandbox import levers
from tests.connectors.hubspot_fixtures import (
    ANNE,
    CLARA,
    THEN,
    Portal,
    activity,
    contacts,
    people,
    pull,
)

READS = r"(search|batch/read|owners|pipelines|token)"
SLOW_DOWN = b'{"policyName":"TEN_SECONDLY_ROLLING","errorType":"RATE_LIMIT"}'

FAULTS = {
    "one 401": lambda: [Fault("/crm/", 401, skip=3)],
    "every third a 401": lambda: [Fault("/crm/", 401, skip=2 * n) for n in range(1, 9)],
    "a 503": lambda: [Fault(READS, 503, b"<html>busy</html>", skip=2)],
    "twenty 503": lambda: [Fault(READS, 503, times=20, chance=0.5)],
    "a page of a proxy": lambda: [levers.broken_gateway(READS, times=2)],
    "an answer that was lost": lambda: [levers.lost_answer(READS, times=2)],
    "connections cut off": lambda: [Fault(READS, 0, times=8, chance=0.4)],
    "three 429 with a wait": lambda: [Fault("/crm/", 429, SLOW_DOWN, (("Retry-After", "1"),), 3)],
    "429 without": lambda: [Fault("/crm/", 429, SLOW_DOWN, times=6, chance=0.5)],
    "half an answer": lambda: [Fault(READS, 200, b'{"total": 9, "resul', skip=2)],
    "answers with nothing in them": lambda: [Fault("/crm/", 200, b"", times=3, chance=0.4)],
    "a long wait": lambda: [Fault("/search", 429, SLOW_DOWN, (("Retry-After", "900"),))],
    "a portal that moves": lambda: [levers.migrating("/search", 3600)],
}


class Mirror:
    """What we have: each page is kept with its bookmark, or neither is."""

    def __init__(self) -> None:
        self.records: dict[ExternalId, Record] = {}
        self.marks: dict[Stream, Bookmark] = dict.fromkeys(hubspot.STREAMS, START)

    def pull(self, connector: Connector, pages: int = 1000) -> bool:
        """Read on until the end, or so many pages; gives whether it was the end."""
        pending = dict(self.marks)
        for _ in range(pages):
            for page in connector.read(pending):
                self.records |= {record.id: record for record in page.records}
                self.marks[page.stream] = page.bookmark
                if page.is_last:
                    del pending[page.stream]
            pending = {stream: self.marks[stream] for stream in pending}
            if not pending:
                return True
        return False

    def names(self) -> dict[ExternalId, object]:
        """Give what tells one state of a record from another, of those that are there."""
        return {key: _told(one) for key, one in self.records.items() if not _is_gone(one)}


def _is_gone(record: Record) -> bool:
    return record.is_deleted


def _told(record: Record) -> object:
    match record:
        case Person():
            return record.name, record.addresses, record.title
        case Account():
            return record.name, record.domain
        case Deal():
            return record.stage, record.amount, len(record.contacts), record.stages
        case Activity():
            return record.at, record.channel, len(record.participants)


def truth(portal: Portal) -> dict[ExternalId, object]:
    return {one.id: _told(one) for one in hubspot_sandbox.records(portal.sandbox)}


def world(portal: Portal) -> Mapping[ExternalId, ExternalId]:
    """Fill a portal with more than a page of everything that comes in pages."""
    channels = (Channel.EMAIL, Channel.MEETING, Channel.CALL, Channel.SMS)
    deal = Deal(ExternalId("big"), "Big", "Contract Sent", amount=5.0, modified_at=THEN)
    talks = [
        activity(channel, (Role.FROM, ANNE), (Role.TO, CLARA), record_id=f"{channel} {n}")
        for channel in channels
        for n in range(10)
    ]
    return portal.fill(*people(), *contacts(250), deal, *talks)


@pytest.mark.parametrize("name", FAULTS)
def test_after_at_most_two_more_pulls_we_have_what_the_portal_holds(portal: Portal, name: str):
    world(portal)
    given = hubspot_sandbox.oauth_credentials(portal.url)
    mirror = Mirror()
    portal.sandbox.faults += FAULTS[name]()
    with contextlib.suppress(TryLater):
        mirror.pull(portal.connect(given))
    portal.sandbox.faults.clear()
    mirror.pull(portal.connect(given))
    assert mirror.names() == truth(portal)


def searched(portal: Portal, connector: Connector, marks: dict[Stream, Bookmark]) -> list[int]:
    """Pull the contacts; gives how each search for them was answered."""
    portal.sandbox.calls.clear()
    marks |= pull(connector, [Stream.CONTACTS], marks).marks
    return [call.status for call in portal.sandbox.calls if call.path.endswith("0-1/search")]


@pytest.mark.parametrize(("halved", "pages"), [(1, 3), (2, 5)], ids=["of 100", "of 50"])
def test_a_page_that_hubspot_breaks_down_over_is_asked_for_by_parts(
    portal: Portal, halved: int, pages: int
):
    portal.fill(*contacts(250))
    portal.sandbox.faults.append(levers.broken_gateway("0-1/search", times=ATTEMPTS * halved))
    connector, marks = portal.connect(), dict[Stream, Bookmark]()
    assert searched(portal, connector, marks) == [502] * (ATTEMPTS * halved) + [200] * pages
    portal.fill(*contacts(250, begin=250))
    portal.sandbox.clock.advance(timedelta(minutes=10))
    assert searched(portal, connector, {}) == [200, 200, 200]


def test_a_page_that_hubspot_breaks_down_over_however_small_is_left_for_later(portal: Portal):
    portal.fill(*contacts(3))
    portal.sandbox.faults.append(levers.broken_gateway("0-1/search", times=99))
    with pytest.raises(Unavailable):
        portal.connect().read({Stream.CONTACTS: START})
    assert portal.sandbox.count("search") == 3 * ATTEMPTS


def test_being_killed_behind_every_page_repeats_none(portal: Portal):
    world(portal)
    mirror, rounds = Mirror(), 0
    while not mirror.pull(portal.connect(), pages=1):
        rounds += 1
        assert rounds < 20
    searches = [c.path for c in portal.sandbox.calls if c.path.endswith("0-1/search")]
    assert mirror.names() == truth(portal)
    assert len(searches) == 2


def test_edits_merges_and_deletions_between_pages_are_all_found(portal: Portal):
    ids = world(portal)
    people_ = [ids[ExternalId(f"c{n}")] for n in range(250)]
    mirror, connector = Mirror(), portal.connect()
    mirror.pull(connector, pages=1)
    levers.touch(portal.sandbox, people_[0], jobtitle="New")
    levers.touch(portal.sandbox, people_[240], jobtitle="Newer")
    levers.merge(portal.sandbox, people_[1], people_[230])
    portal.sandbox.clock.advance(timedelta(minutes=7))
    mirror.pull(connector)
    mirror.pull(connector)
    gone = {key for key, one in mirror.records.items() if one.is_deleted}
    assert gone >= {people_[1], people_[230]}
    assert mirror.names() == truth(portal)


def test_a_chain_of_merges_leads_to_the_one_that_is_left(portal: Portal):
    ids = world(portal)
    one, two, three = (ids[ExternalId(f"c{n}")] for n in range(3))
    mirror, connector = Mirror(), portal.connect()
    mirror.pull(connector)
    second = levers.merge(portal.sandbox, one, two)
    last = levers.merge(portal.sandbox, second, three)
    mirror.pull(connector)
    into = {key: getattr(mirror.records[key], "merged_into", None) for key in (one, two, three)}
    assert set(into.values()) == {last}


@pytest.mark.parametrize("keeps_primary", [0, 1])
def test_either_kind_of_merge_is_told(portal: Portal, keeps_primary: int):
    levers.turn(portal.sandbox, "merge_keeps_primary", keeps_primary)
    ids = world(portal)
    mirror, connector = Mirror(), portal.connect()
    mirror.pull(connector)
    levers.merge(portal.sandbox, ids[ExternalId("c0")], ids[ExternalId("c1")])
    mirror.pull(connector)
    assert mirror.names() == truth(portal)


def test_a_sweep_finds_what_nobody_told_us_is_gone(portal: Portal):
    ids = world(portal)
    mirror, connector = Mirror(), portal.connect()
    mirror.pull(connector)
    levers.archive(portal.sandbox, ids[ExternalId("c5")])
    levers.erase(portal.sandbox, ids[ExternalId("c7")])
    levers.archive(portal.sandbox, ids[ExternalId("call 3")])
    there: set[ExternalId] = set()
    for stream in hubspot.SWEPT:
        mark = START
        for _ in range(9):
            presence = connector.present(stream, mark)
            there |= set(presence.ids)
            mark = presence.bookmark
            if presence.is_last:
                break
    swept = {key for key, one in mirror.records.items() if key not in there}
    owners = {key for key in mirror.records if key.startswith("owner:")}
    assert swept - owners == {ids[ExternalId(n)] for n in ("c5", "c7", "call 3")}
