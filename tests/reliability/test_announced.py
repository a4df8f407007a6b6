"""H1 to H5: whatever becomes of what a CRM tells, what it holds is what we have in the end."""

import os
from collections.abc import Iterator

import pytest

from tests.fakes import contact
from tests.reliability.announcing import Announcing, announcing, stages
from tests.reliability.following import WRITES, Following, person

STEPS = int(os.environ.get("TIELINE_STEPS", "60"))
"""Events in a burst; 50000 in the long mode."""


@pytest.fixture
def told(following: Following) -> Iterator[Announcing]:
    with announcing(following) as found:
        yield found


@pytest.fixture
def told_anywhere(following_anywhere: Following) -> Iterator[Announcing]:
    with announcing(following_anywhere) as found:
        yield found


def happen(told: Announcing) -> None:
    """Somebody is new, is written to, and is called otherwise."""
    following = told.following
    (new,) = following.put(person(contact, "Cy"))
    following.write_to(new)
    following.write_to(following.id_of("Bo1"))
    following.hands.rename(told.crm, following.id_of("Bo2"), "Canary Otherwise")


def test_what_is_told_is_held_and_written_without_a_poll(told_anywhere: Announcing):
    told = told_anywhere
    happen(told)
    assert set(told.deliver()) == {200}
    reports = told.work()
    assert {report.status for report in reports} == {"ok"}
    assert stages(reports) == {"follow", "resolve", "score", "write back"}
    assert told.following.mirror() == told.following.truth()


def test_twice_in_disorder_and_a_tenth_lost_is_the_same_in_the_end(told: Announcing):
    told.telling.disturb(told.crm)
    for number in range(max(STEPS // 10, 3)):
        told.following.put(person(contact, f"New{number}"))
        new = told.following.id_of(f"New{number}")
        told.following.hands.rename(told.crm, new, f"Canary {number}")
    told.lose(10)
    assert set(told.deliver()) == {200}
    told.work()
    assert (told.untold(), told.queued()) == (0, 0)
    told.following.check()


def test_a_burst_is_read_in_few_calls(told: Announcing):
    people = [person(contact, f"New{number}") for number in range(STEPS)]
    told.following.put(*people)
    told.deliver()
    calls_before = len(told.crm.calls)
    reports = told.work()
    assert sum(report.counts.get("hints", 0) for report in reports) >= len(people)
    assert len(told.crm.calls) - calls_before < len(people)
    assert told.following.mirror() == told.following.truth()


def test_a_delivery_that_comes_again_changes_nothing(told: Announcing):
    happen(told)
    told.deliver()
    told.work()
    writes = told.crm.count(WRITES)
    told.telling.disturb(told.crm)
    for name in ("Bo1", "Bo2"):
        told.following.hands.rename(told.crm, told.following.id_of(name), "Canary Twice")
    told.deliver()
    told.work()
    assert (told.queued(), told.following.mirror()) == (0, told.following.truth())
    assert told.crm.count(WRITES) == writes


def test_a_day_without_deliveries_is_made_up_for_by_polls(told: Announcing):
    following = told.following
    happen(told)
    told.deliver()
    told.work()
    for _ in range(4):
        following.write_to(following.id_of("Bo3"))
        following.pass_time(hours=6)
    told.lose(1)
    seen_at = told.hook().seen_at
    following.check()
    hook = told.hook()
    assert hook.seen_at == seen_at
    assert hook.missed_at is not None
    assert seen_at is not None
    assert hook.missed_at > seen_at


def test_who_is_deleted_or_merged_is_gone_with_the_next_delivery(told: Announcing):
    following = told.following
    if following.crm.name == "salesforce":
        pytest.skip("An outbound message is not sent of what is deleted: change events are.")
    following.hands.delete(told.crm, following.id_of("Bo1"))
    following.hands.merge(told.crm, following.id_of("Bo2"), following.id_of("Bo3"))
    told.deliver()
    told.work()
    assert following.mirror() == following.truth()


def test_what_we_write_comes_back_as_nothing_to_do(told: Announcing):
    told.meet()
    told.deliver()
    assert "write back" in stages(told.work())
    writes = told.crm.count(WRITES)
    assert writes
    assert told.untold()
    told.deliver()
    assert stages(told.work()) <= {"follow"}  # Salesforce does not say who it was
    assert (told.crm.count(WRITES), told.untold()) == (writes, 0)


def test_hubspots_echo_costs_no_call(told: Announcing):
    if told.following.crm.name != "hubspot":
        pytest.skip("An outbound message does not say who changed the row.")
    told.meet()
    told.deliver()
    told.work()
    calls = len(told.crm.calls)
    told.deliver()
    assert (told.work(), told.queued(), len(told.crm.calls)) == ([], 0, calls)
    assert told.hooks.counts["echoes"] > 0
