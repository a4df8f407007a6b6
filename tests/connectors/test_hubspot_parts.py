"""What contacts take part in, asked from their side: a call for each kind, for a thousand."""

from connectors import Channel, ExternalId, Hint, Role, Stream
from connectors._sandbox import Fault
from connectors.hubspot.sandbox import levers
from tests.connectors.hubspot_fixtures import ANNE, CLARA, DAVID, Portal, activity, people

REFUSAL = b'{"status":"error","category":"MISSING_SCOPES","message":"No.","errors":[]}'

KINDS = 6
"""Emails, meetings, calls, messages, tasks and deals."""


def talks(number: int) -> list[ExternalId]:
    return [ExternalId(f"talk {n}") for n in range(number)]


def filled(portal: Portal, number: int) -> dict[ExternalId, ExternalId]:
    """Have Anne meet Clara so often; gives everybody's ids, and the meetings'."""
    sides = (Role.PARTY, ANNE), (Role.PARTY, CLARA)
    met = [activity(Channel.MEETING, *sides, record_id=one) for one in talks(number)]
    return dict(portal.fill(*people(), *met))


def test_all_that_somebody_took_part_in_is_named_in_a_call_for_each_kind(portal: Portal):
    ids = filled(portal, 3)
    before = len(portal.sandbox.calls)
    found = portal.connect().taken_part([ids[CLARA], ids[DAVID]])
    met = {Hint(Stream.MEETINGS, ids[one]): {ids[CLARA]} for one in talks(3)}
    assert {hint: who for hint, who in found.items() if hint.stream is Stream.MEETINGS} == met
    assert len(portal.sandbox.calls) - before == KINDS


def test_more_than_a_call_shows_are_all_named(portal: Portal):
    ids = filled(portal, 501)
    found = portal.connect().taken_part([ids[CLARA]])
    assert {hint.id for hint in found} >= {ids[one] for one in talks(501)}


def test_who_is_deleted_takes_part_in_nothing_until_they_are_back(portal: Portal):
    ids = filled(portal, 1)
    connector = portal.connect()
    levers.archive(portal.sandbox, ids[CLARA])
    assert connector.taken_part([ids[CLARA]]) == {}
    levers.restore(portal.sandbox, ids[CLARA])
    assert Hint(Stream.MEETINGS, ids[talks(1)[0]]) in connector.taken_part([ids[CLARA]])


def test_a_kind_that_is_refused_is_left_out(portal: Portal):
    ids = filled(portal, 1)
    portal.sandbox.faults.append(Fault("/0-1/0-49/", 403, REFUSAL))
    assert {h.stream for h in portal.connect().taken_part([ids[CLARA]])} == {Stream.MEETINGS}
