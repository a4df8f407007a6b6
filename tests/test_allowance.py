"""The allowance: who may call, how often, and who stops first."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from app.allowance import FLUSHED_EVERY, NO_FURTHER, OUR_SHARE, REACH, Allowance, Purpose
from app.store import connections, usage
from connectors import Quota, RateLimited

MORNING = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.at = MORNING

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def allowance(database: Engine, connection_id: int, clock: Clock) -> Allowance:
    with Session(database) as session, session.begin():
        connections.get(session, connection_id).allowance = 100
    return Allowance(database, connection_id, clock)


def call(allowance: Allowance, times: int, purpose: Purpose = Purpose.PUSHED) -> None:
    with allowance.spent_on(purpose):
        for _ in range(times):
            allowance.permit()


def test_the_less_urgent_stops_first(allowance: Allowance):
    for purpose in reversed(Purpose):
        with pytest.raises(RateLimited, match=f"as far as {purpose} may"):
            call(allowance, 101, purpose)
    with pytest.raises(RateLimited):
        call(allowance, 1)


@pytest.mark.parametrize("purpose", Purpose)
def test_a_purpose_reaches_its_share_and_no_further(allowance: Allowance, purpose: Purpose):
    share = round(100 * REACH[purpose])
    call(allowance, share, purpose)
    with pytest.raises(RateLimited):
        call(allowance, 1, purpose)


def test_it_goes_on_after_midnight(allowance: Allowance, clock: Clock):
    call(allowance, 100)
    with pytest.raises(RateLimited) as refused:
        call(allowance, 1)
    assert refused.value.retry_after_s == timedelta(hours=16).total_seconds()
    clock.at += timedelta(hours=16)
    call(allowance, 100)


def test_a_day_outlives_the_process(
    allowance: Allowance, database: Engine, connection_id: int, clock: Clock
):
    call(allowance, 99)
    again = Allowance(database, connection_id, clock)
    call(again, 1)
    with pytest.raises(RateLimited):
        call(again, 1)


def test_of_a_killed_process_hardly_a_call_is_forgotten(
    allowance: Allowance, database: Engine, connection_id: int
):
    for _ in range(2 * FLUSHED_EVERY + 3):
        allowance.permit()
    with Session(database) as session:
        counted = usage.on(session, connection_id, MORNING.date())
    assert counted == {"changes": 2 * FLUSHED_EVERY}


def test_without_a_number_of_calls_we_take_a_share_of_the_crms_limit(
    database: Engine, connection_id: int, clock: Clock
):
    allowance = Allowance(database, connection_id, clock)
    allowance.quota = lambda: Quota(limit=1000, used=0)
    call(allowance, int(1000 * OUR_SHARE))
    with pytest.raises(RateLimited, match="allowance of 500 calls"):
        call(allowance, 1)


def test_the_end_of_the_crms_limit_is_left_to_others(
    database: Engine, connection_id: int, clock: Clock
):
    allowance = Allowance(database, connection_id, clock)
    allowance.quota = lambda: Quota(limit=1000, used=int(1000 * NO_FURTHER), frees_in_s=60.0)
    with pytest.raises(RateLimited, match="by all apps together") as refused:
        call(allowance, 1)
    assert refused.value.retry_after_s == 60.0


def test_before_the_crm_has_told_its_limit_calls_are_made(
    database: Engine, connection_id: int, clock: Clock
):
    call(Allowance(database, connection_id, clock), 10_000)
    with Session(database) as session:
        counted = usage.on(session, connection_id, MORNING.date())
    assert counted == {Purpose.PUSHED.value: 10_000}
