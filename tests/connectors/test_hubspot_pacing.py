"""Calls are spaced out before HubSpot refuses one: the portal counts, and time is the portal's."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from connectors import START, RateLimited, Stream, hubspot
from connectors._sandbox import Fault
from connectors.hubspot import sandbox as hubspot_sandbox
from connectors.hubspot.client import Client
from connectors.hubspot.reading import Reader
from connectors.hubspot.sandbox import facts, levers
from tests.connectors.hubspot_fixtures import Portal, Server, contacts, open_portal

DETAILS = "/account-info/v3/details"
TOO_MANY = b'{"policyName":"SECONDLY","errorType":"RATE_LIMIT"}'


@dataclass
class Time:
    """A portal's time, in which whoever sleeps does not wait."""

    portal: Portal
    waits: list[float] = field(default_factory=list)
    now: float = 0.0

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.pass_by(seconds)

    def pass_by(self, seconds: float) -> None:
        self.now += seconds
        self.portal.sandbox.clock.advance(timedelta(seconds=seconds))

    def client(self, searches_a_second: int | None = 4) -> Client:
        made = Client(
            hubspot.Credentials.model_validate(
                hubspot_sandbox.credentials(self.portal.url).model_dump()
            ),
            on_refresh=lambda _: None,
            sleep=self.sleep,
            clock=lambda: self.now,
            searches_a_second=searches_a_second,
        )
        self.portal.open.callback(made.transport.close)
        return made


@pytest.fixture
def portal(server: Server) -> Iterator[Portal]:
    with open_portal(server) as portal:
        portal.sandbox.clock.stop()
        levers.turn(portal.sandbox, "burst_limits", 1)
        yield portal


def read_contacts(client: Client) -> None:
    reader, mark = Reader(client), START
    for _ in range(100):
        (page,) = reader.read({Stream.CONTACTS: mark})
        mark = page.bookmark
        if page.is_last:
            return
    raise AssertionError("Reading does not come to an end.")


def refused(portal: Portal) -> int:
    return sum(1 for call in portal.sandbox.calls if call.status == 429)


def test_four_searches_a_second_are_made_and_none_is_refused(portal: Portal):
    portal.fill(*contacts(4000))
    time = Time(portal)
    read_contacts(time.client())
    assert (len(portal.sandbox.calls), refused(portal)) == (20, 0)
    assert time.now == pytest.approx(4.0)


def test_searches_that_others_leave_no_room_for_become_fewer(portal: Portal):
    portal.fill(*contacts(4000))
    portal.sandbox.faults.append(Fault("/search", 429, TOO_MANY))
    time = Time(portal)
    read_contacts(time.client())
    assert refused(portal) == 1
    assert 8.0 < time.now < 12.0


def test_a_minute_later_one_more_search_a_second_is_tried(portal: Portal):
    portal.sandbox.faults.append(Fault("/search", 429, TOO_MANY))
    time = Time(portal)
    reader = Reader(time.client())
    reader.read({Stream.CONTACTS: START})
    time.pass_by(121.0)
    time.waits.clear()
    reader.read(dict.fromkeys((Stream.CONTACTS, Stream.ACCOUNTS, Stream.DEALS), START))
    assert time.waits == []


def test_a_sandbox_is_asked_as_fast_as_it_answers_until_it_refuses(portal: Portal):
    portal.fill(*contacts(4000))
    time = Time(portal)
    read_contacts(time.client(searches_a_second=None))
    assert refused(portal) >= 1
    assert len(time.waits) > refused(portal)


def test_the_ten_seconds_allowance_is_spread_before_it_is_used_up(portal: Portal):
    time = Time(portal)
    client = time.client()
    for _ in range(2 * facts.BURST_LIMIT):
        client.get(DETAILS)
    assert refused(portal) == 0
    assert time.waits


def test_calls_within_the_allowance_do_not_wait(portal: Portal):
    time = Time(portal)
    client = time.client()
    for _ in range(facts.BURST_LIMIT // 2):
        client.get(DETAILS)
    assert time.waits == []


def test_a_wait_longer_than_we_keep_still_is_told(portal: Portal):
    spoiled = Fault("/search", 429, TOO_MANY, (("Retry-After", "600"),), times=9)
    portal.sandbox.faults.append(spoiled)
    with pytest.raises(RateLimited) as limited:
        Reader(Time(portal).client()).read({Stream.CONTACTS: START})
    assert limited.value.retry_after_s == 600.0
    assert len(portal.sandbox.calls) == 1
