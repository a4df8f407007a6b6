"""How many calls reading takes: the formula of `reading`, held to the portal's call log."""

from dataclasses import replace
from datetime import timedelta

from connectors import Activity, Channel, Connector, ExternalId, Record, Role, Stream, hubspot
from connectors.hubspot.sandbox import levers
from tests.connectors.hubspot_fixtures import (
    ANNE,
    CLARA,
    Portal,
    Pull,
    activity,
    colleague,
    contact,
    contacts,
    people,
    pull,
)
from tests.connectors.hubspot_tasks import put_tasks

ACTIVITIES = (Stream.EMAILS, Stream.MEETINGS, Stream.CALLS, Stream.MESSAGES, Stream.TASKS)
MEASURED = (Stream.CONTACTS, *ACTIVITIES)
CHANNELS = (Channel.EMAIL, Channel.MEETING, Channel.CALL, Channel.SMS)


def calls(portal: Portal, connector: Connector, done: Pull) -> tuple[int, Pull]:
    """Pull once more, ten minutes later; gives what it took, and what it brought."""
    portal.sandbox.clock.advance(timedelta(minutes=10))
    before = len(portal.sandbox.calls)
    got = pull(connector, done.marks, done.marks)
    return len(portal.sandbox.calls) - before, got


def talks(number: int) -> list[Activity]:
    return [
        activity(channel, (Role.FROM, ANNE), (Role.TO, CLARA), record_id=f"{channel} {n}")
        for channel in CHANNELS
        for n in range(number)
    ]


def filled(portal: Portal, persons: int, each: int) -> dict[ExternalId, ExternalId]:
    """Put people and activities of five kinds into a portal; gives their ids."""
    records: list[Record] = [colleague(ANNE), contact(CLARA), *contacts(persons - 1), *talks(each)]
    return dict(portal.fill(*records)) | put_tasks(portal, each)


def changed(ids: dict[ExternalId, ExternalId], portal: Portal, persons: int, each: int) -> None:
    """Have somebody change so many contacts and activities of each kind."""
    for type_id, number in {"0-1": persons, "0-49": each, "0-47": each, "0-48": each}.items():
        _touch(portal, [i for i in ids.values() if i.startswith(f"{type_id}:")][:number])
    for type_id in ("0-18", "0-27"):
        _touch(portal, [i for i in ids.values() if i.startswith(f"{type_id}:")][:each])


def _touch(portal: Portal, ids: list[ExternalId]) -> None:
    for record_id in ids:
        levers.touch(portal.sandbox, record_id, hubspot_owner_id="101")


def test_what_changed_takes_thirteen_calls_and_nothing_takes_six(portal: Portal):
    ids = filled(portal, persons=600, each=400)
    connector = portal.connect()
    done = pull(connector, MEASURED)
    changed(ids, portal, persons=500, each=200)
    taken, got = calls(portal, connector, done)
    idle, _ = calls(portal, connector, got)
    assert (taken, len(got.records)) == (13, 500 + 5 * 200)
    assert idle == 6


def test_what_might_be_shown_late_is_read_once_more_within_two_hours(portal: Portal):
    ids = filled(portal, persons=30, each=10)
    connector = portal.connect()
    done = pull(connector, MEASURED)
    changed(ids, portal, persons=20, each=10)
    taken = []
    for _ in range(13):
        number, done = calls(portal, connector, done)
        taken.append(number)
    assert (taken.count(6), taken.count(11)) == (11, 2)


def test_rare_pulls_read_an_hour_twice_and_no_more(portal: Portal):
    portal.fill(*contacts(1))
    connector = portal.connect()
    done = pull(connector, (Stream.CONTACTS,))
    counts = []
    for n in range(6):
        now = portal.sandbox.clock.now()
        portal.fill(replace(contact(ExternalId(f"new {n}")), modified_at=now))
        portal.sandbox.clock.advance(timedelta(hours=6))
        done = pull(connector, (Stream.CONTACTS,), done.marks)
        counts.append(len(done.records))
    assert counts == [1, 2, 1, 1, 1, 1]


def test_a_new_connector_takes_no_call_more(portal: Portal):
    filled(portal, persons=10, each=5)
    done = pull(portal.connect(), MEASURED)
    assert calls(portal, portal.connect(), done)[0] == 6


def test_the_first_reading_is_at_the_floor(portal: Portal):
    filled(portal, persons=1000, each=1200)
    pull(portal.connect(), MEASURED)
    assert len(portal.sandbox.calls) == 5 + 5 * (6 + 2)


def test_an_idle_poll_of_everything_takes_a_call_for_each_stream_but_owners(portal: Portal):
    portal.fill(*people())
    connector = portal.connect()
    done = pull(connector)
    portal.sandbox.clock.advance(timedelta(minutes=10))
    before = len(portal.sandbox.calls)
    connector.read(done.marks)
    assert len(portal.sandbox.calls) - before == len(hubspot.STREAMS) - 1


def test_refused_streams_are_asked_for_once_per_connector(portal: Portal):
    portal.fill(*people())
    levers.revoke_scope(portal.sandbox, "sales-email-read")
    connector = portal.connect()
    done = pull(connector, (Stream.EMAILS,))
    pull(connector, (Stream.EMAILS,), done.marks)
    assert len(portal.sandbox.calls) == 1


def test_a_first_pull_of_nothing_is_believed_for_one_call(portal: Portal):
    pull(portal.connect(), (Stream.MEETINGS,))
    assert [call.method for call in portal.sandbox.calls] == ["POST", "GET"]


def test_calls_do_not_depend_on_how_many_portals_were_edited_at_one_moment(portal: Portal):
    now = portal.sandbox.clock.now()
    portal.fill(*(replace(one, modified_at=now) for one in contacts(1000)))
    assert len(pull(portal.connect(), (Stream.CONTACTS,)).records) == 1000
    assert len(portal.sandbox.calls) == 5
