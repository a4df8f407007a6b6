"""O1: a worker that is killed, or stopped past its lease, wherever: each effect happens once."""

import os
import time
from collections.abc import Iterator

import pytest

from tests.reliability.announcing import Announcing, announcing
from tests.reliability.following import WRITES, Following
from tests.reliability.worked import LEASE_FOR, Place, struck

STEPS = int(os.environ.get("TIELINE_STEPS", "60"))
POINTS = range(2, 120, max(1, 2400 // STEPS))
"""Before which statements a worker is killed: every 40th, or every single one in the long mode."""

CALLS = (1, 2, 3)
"""Before which calls it is stopped."""

TWICE = 2


@pytest.fixture
def told(following_anywhere: Following) -> Iterator[Announcing]:
    with announcing(following_anywhere) as found:
        found.meet()
        found.deliver()
        found.work()  # the custom fields are there now
        yield found


def place_of(told: Announcing, statement: int = 0, call: int = 0) -> Place:
    url = told.following.database.url.render_as_string(hide_password=False)
    return Place(url, told.following.key, told.following.now(), statement, call)


def finish(told: Announcing) -> None:
    """Have another worker take over."""
    told.following.pass_time(seconds=30)
    told.work()


def check(told: Announcing, writes: int) -> None:
    """See that all is done, and nothing more often than a batch may be sent again."""
    assert told.queued() == 0
    assert told.following.mirror() == told.following.truth()
    told.following.run(only=("resolve", "score", "write back"))
    assert told.crm.count(WRITES) <= writes + TWICE


def test_a_worker_that_is_killed_leaves_its_work_to_others(told: Announcing):
    for point in POINTS:
        told.meet(point % 3 + 1)
        told.deliver()
        writes = told.crm.count(WRITES)
        with struck(place_of(told, statement=point)):
            finish(told)
        check(told, writes)


def test_a_worker_that_is_stopped_for_too_long_makes_no_call_any_more(told: Announcing):
    for point in CALLS:
        told.meet(point + 1)
        told.deliver()
        writes = told.crm.count(WRITES)
        with struck(place_of(told, call=point)) as is_stopped:
            finish(told)
            time.sleep(LEASE_FOR.total_seconds())
            calls = len(told.crm.calls)
        assert is_stopped
        assert len(told.crm.calls) == calls
        check(told, writes)
