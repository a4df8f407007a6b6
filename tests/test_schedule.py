"""The schedule: one run at a time, whatever the number of replicas, and an end to it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from app.errors import Conflict
from app.lease import LEASE, Lease
from app.pipeline import INTERRUPTED, Interrupted, Link
from app.quiet import Quiet, kept_hours, quiet_hours
from app.schedule import Schedule, Ticks
from app.store import connections, tables, timetable
from connectors import Stream
from tests.fakes import NOW, FakeConnector, colleague, contact, email

TOO_LONG_S = 10.0
"""No test waits so long unless it fails."""


class Gate(FakeConnector):
    """A CRM whose first page comes when it is let through."""

    def __init__(self) -> None:
        people = [colleague("Ada"), contact("Bo")]
        super().__init__([*people, *(email(n, "Ada", "Bo") for n in range(30))], page_size=10)
        self.is_reached, self.may_go_on = threading.Event(), threading.Event()
        self.on_read: Callable[[], None] = lambda: None

    def _call(self) -> None:
        super()._call()
        self.is_reached.set()
        self.may_go_on.wait(TOO_LONG_S)
        self.on_read()


class Replica:
    """One of several services on one database."""

    def __init__(self, database: Engine, connection_id: int) -> None:
        self.crm = Gate()
        self._link = Link(connection_id, "Fake", self.crm, (Stream.COLLEAGUES, Stream.EMAILS))
        self.schedule = Schedule(database, self.links, every_minutes=60)

    @contextmanager
    def links(self) -> Iterator[list[Link]]:
        yield [self._link]


@pytest.fixture
def replica(database: Engine) -> Callable[[], Replica]:
    with Session(database) as session, session.begin():
        row = tables.Connection(
            crm="fake", title="Fake", tenant="fake", credentials=b"", created_at=NOW
        )
        connection_id = connections.add(session, row)
    return lambda: Replica(database, connection_id)


@contextmanager
def running(one: Replica) -> Iterator[None]:
    """Hold a run at its first page while the context lasts; then let it come to its end."""
    one.schedule.start()
    assert one.crm.is_reached.wait(TOO_LONG_S)
    try:
        yield
    finally:
        one.crm.may_go_on.set()
        one.schedule.stop(timeout_s=TOO_LONG_S)


def runs(database: Engine) -> list[tables.Run]:
    with Session(database) as session:
        return list(connections.runs(session, limit=100))


def expiry(database: Engine) -> datetime:
    with Session(database) as session:
        return session.get_one(tables.Lease, LEASE).expires_at


def eventually(is_so: Callable[[], bool]) -> None:
    """Wait until something is so; fail if it never is."""
    pause = threading.Event()
    assert any(is_so() or pause.wait(0.02) for _ in range(500))


def test_the_first_run_begins_at_once(database: Engine, replica: Callable[[], Replica]):
    with running(replica()):
        assert [(run.stage, run.status) for run in runs(database)] == [("pull", "running")]


def test_of_two_replicas_only_one_runs(replica: Callable[[], Replica]):
    first, second = replica(), replica()
    with running(first):
        assert second.schedule.run() == []
    assert second.crm.calls == 0


def test_a_run_leaves_the_lease_for_the_next(replica: Callable[[], Replica]):
    first, second = replica(), replica()
    for each in (first, second):
        each.crm.may_go_on.set()
        assert [report.status for report in each.schedule.run()] == ["ok"] * 4


def test_a_run_cannot_be_asked_for_while_another_replica_runs(replica: Callable[[], Replica]):
    with running(replica()), pytest.raises(Conflict):
        replica().schedule.run_now()


def test_a_run_that_is_asked_for_begins(database: Engine, replica: Callable[[], Replica]):
    one = replica()
    one.crm.may_go_on.set()
    one.schedule._scheduler.remove_all_jobs()
    one.schedule.start()
    one.schedule.run_now()
    assert one.crm.is_reached.wait(TOO_LONG_S)
    one.schedule.stop(timeout_s=TOO_LONG_S)
    assert runs(database)


def test_a_replica_runs_as_often_as_the_store_says(
    database: Engine, replica: Callable[[], Replica]
):
    with Session(database) as session, session.begin():
        timetable.say(session, 30)
    one = replica()
    one.crm.may_go_on.set()
    with running(one):
        eventually(lambda: one.schedule.every == timedelta(minutes=30))
        with Session(database) as session, session.begin():
            timetable.say(session, 5)
        one.schedule.adopt()
        assert one.schedule.every == timedelta(minutes=5)


HOUR = timedelta(hours=1)
NIGHT = quiet_hours(range(7), "22:00", "06:00", "UTC")
AT_NIGHT = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
MORNING = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)


def be_quiet(database: Engine, hours: Quiet = NIGHT) -> None:
    with Session(database) as session, session.begin():
        timetable.say_quiet(session, hours.kept())


def test_ticks_follow_each_other_and_those_missed_are_one():
    ticks = Ticks(HOUR)
    assert ticks.get_next_fire_time(MORNING, MORNING) == MORNING + HOUR
    assert ticks.get_next_fire_time(MORNING, MORNING + 5.5 * HOUR) == MORNING + 6 * HOUR
    assert ticks.get_next_fire_time(None, MORNING) == MORNING + HOUR


def test_a_tick_in_quiet_hours_is_at_their_end_and_the_next_an_interval_later():
    ticks = Ticks(HOUR, NIGHT)
    last = datetime(2026, 11, 20, 21, 30, tzinfo=UTC)
    assert ticks.get_next_fire_time(last, last) == MORNING
    assert ticks.get_next_fire_time(MORNING, MORNING) == MORNING + HOUR


def test_ticks_pass_over_an_hour_that_does_not_exist():
    ticks = Ticks(HOUR, quiet_hours(range(7), "02:30", "08:00", "Europe/Berlin"))
    last = datetime(2026, 3, 29, 0, 15, tzinfo=UTC)  # 03:15 follows 01:15 there
    assert ticks.get_next_fire_time(last, last) == datetime(2026, 3, 29, 6, 0, tzinfo=UTC)


def test_no_replica_begins_by_the_clock_in_quiet_hours(
    database: Engine, replica: Callable[[], Replica]
):
    replicas = [replica(), replica()]
    be_quiet(database)
    for each in replicas:
        each.schedule._now = lambda: AT_NIGHT
        each.schedule._tick()
        assert not each.schedule._due.is_set()
        assert each.schedule.next_at == MORNING


def test_quiet_hours_do_not_put_off_what_was_due_outside_them(
    database: Engine, replica: Callable[[], Replica]
):
    one = replica()
    due = datetime.now(UTC) + timedelta(minutes=20)
    one.schedule._scheduler.modify_job("pipeline", next_run_time=due)
    hours = (f"{due + timedelta(hours=at):%H:%M}" for at in (2, 3))
    be_quiet(database, quiet_hours(range(7), *hours, "UTC"))
    one.schedule.adopt()
    assert one.schedule.next_at == due


def test_what_was_due_in_quiet_hours_is_due_at_their_end(
    database: Engine, replica: Callable[[], Replica]
):
    one = replica()
    due = datetime.now(UTC) + timedelta(minutes=20)
    one.schedule._scheduler.modify_job("pipeline", next_run_time=due)
    end = (due + timedelta(minutes=10)).replace(second=0, microsecond=0)
    hours = (f"{end - timedelta(hours=2):%H:%M}", f"{end:%H:%M}")
    be_quiet(database, quiet_hours(range(7), *hours, "UTC"))
    one.schedule.adopt()
    assert one.schedule.next_at == end


def test_behind_quiet_hours_the_clock_begins_again(
    database: Engine, replica: Callable[[], Replica]
):
    one = replica()
    be_quiet(database)
    one.schedule._now = lambda: MORNING
    one.schedule._tick()
    assert one.schedule._due.is_set()


def test_what_is_asked_for_is_done_in_quiet_hours(database: Engine, replica: Callable[[], Replica]):
    one = replica()
    be_quiet(database)
    one.schedule._now = lambda: AT_NIGHT
    one.schedule._tick()
    one.schedule.run_now()
    assert one.schedule._is_whole.is_set()


def test_quiet_hours_that_nobody_here_can_read_stop_nothing(
    database: Engine, replica: Callable[[], Replica]
):
    one = replica()
    be_quiet(database, replace(NIGHT, zone="Mars/Olympus"))
    one.schedule._now = lambda: AT_NIGHT
    one.schedule._tick()
    assert one.schedule._due.is_set()


def test_how_often_and_when_not_are_said_apart(database: Engine):
    with Session(database) as session, session.begin():
        timetable.say_quiet(session, NIGHT.kept())
        assert timetable.every_minutes(session) is None
        timetable.say(session, 30)
        assert kept_hours(timetable.quiet(session)) == NIGHT
        timetable.say_quiet(session, {})
        assert (timetable.every_minutes(session), timetable.quiet(session)) == (30, {})


def test_stopping_ends_a_run_behind_its_page(database: Engine, replica: Callable[[], Replica]):
    one = replica()
    one.crm.on_read = one.schedule._stopping.set
    with running(one):
        pass
    (run,) = runs(database)
    assert (run.stage, run.status, run.reason) == ("pull", "failed", INTERRUPTED)
    assert one.crm.calls == 1
    assert not one.schedule._thread.is_alive()


def test_stopping_does_not_wait_for_ever(replica: Callable[[], Replica]):
    one = replica()
    with running(one):
        one.schedule.stop(timeout_s=0.01)
        assert one.schedule._thread.is_alive()


def test_who_lost_the_lease_does_not_go_on(database: Engine, replica: Callable[[], Replica]):
    one = replica()
    one.crm.may_go_on.set()
    clock = [datetime.now(UTC)]
    one.schedule._now = lambda: clock[0]
    one.crm.on_read = lambda: clock.append(clock.pop() + timedelta(hours=1))
    with pytest.raises(Interrupted):
        one.schedule.run()
    assert one.crm.calls == 1
    assert [run.status for run in runs(database)] == ["failed"]


def test_a_heartbeat_extends_the_lease(database: Engine):
    lease = Lease(database, lasts=timedelta(seconds=1), now=lambda: datetime.now(UTC))
    with lease.held():
        first = expiry(database)
        eventually(lambda: expiry(database) > first)
        lease.check()


def test_a_lease_that_somebody_else_held_meanwhile_is_lost(database: Engine):
    lease = Lease(database, lasts=timedelta(seconds=1), now=lambda: datetime.now(UTC))
    with lease.held():
        later, for_ = datetime.now(UTC) + timedelta(hours=1), timedelta(hours=1)
        with Session(database) as session, session.begin():
            assert connections.take_lease(session, LEASE, "other", at=later, for_=for_)
        eventually(lambda: lease._fence is None)
        with pytest.raises(Interrupted):
            lease.check()


def test_runs_of_a_replica_that_was_killed_are_closed(
    database: Engine, replica: Callable[[], Replica]
):
    with Session(database) as session, session.begin():
        orphan = connections.begin_run(session, "pull", None, at=NOW)
    one = replica()
    one.crm.may_go_on.set()
    one.schedule.run()
    closed = {run.id: (run.status, run.reason) for run in runs(database)}
    assert closed[orphan] == ("failed", INTERRUPTED)


def test_a_fault_ends_the_run_and_not_the_schedule(
    database: Engine, replica: Callable[[], Replica]
):
    one = replica()
    one.crm.may_go_on.set()
    faults = [ValueError("canary")]
    one.crm.on_read = lambda: _raise(faults.pop()) if faults else None
    one.schedule.start()
    eventually(lambda: [run.status for run in runs(database)] == ["failed"])
    one.schedule._begin()
    eventually(lambda: len(runs(database)) == 5)
    one.schedule.stop(timeout_s=TOO_LONG_S)
    assert [run.status for run in runs(database)][-2:] == ["ok", "failed"]


def _raise(error: Exception) -> None:
    raise error
