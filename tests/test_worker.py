"""The worker: what a CRM announces is read, settled and written back, once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from app import pipeline
from app.pipeline import INTERRUPTED, Interrupted, Link
from app.schedule import run_alone
from app.store import connections, hints, hooks, tables, tallies
from app.worker import LEASE_FOR, LONGEST_WAIT, MOST_ATTEMPTS, TURN, Worker
from connectors import Activity, Hint, Misconfigured, RateLimited, Record, Stream, Unavailable
from tests.conftest import add_connection
from tests.fakes import NOW, STREAMS, FakeConnector, colleague, contact, email, stream_of


@dataclass
class Team:
    """A company with a CRM, and a worker beside it; time stands still unless it is moved."""

    database: Engine
    crm: FakeConnector
    connection_id: int
    at: datetime = NOW
    openings: int = 0
    others: list[Link] = field(default_factory=list)

    @contextmanager
    def links(self) -> Iterator[list[Link]]:
        self.openings += 1
        yield [Link(self.connection_id, "Fake", self.crm, STREAMS), *self.others]

    def worker(self) -> Worker:
        return Worker(self.database, self.links, now=lambda: self.at)

    def pull(self) -> None:
        with self.links() as links:
            pipeline.run(self.database, links, now=lambda: self.at)

    def announce(self, *records: Record) -> None:
        told = [Hint(stream_of(record), record.id) for record in records]
        with Session(self.database) as session, session.begin():
            hints.note(session, self.connection_id, told, at=self.at, due_at=self.at)

    def happen(self, *records: Record) -> None:
        """Have records made in the CRM, and announced."""
        self.crm.records += records
        self.announce(*records)

    def waiting(self) -> int:
        with Session(self.database) as session:
            return hints.waiting(session, self.connection_id)[0]

    def activities(self) -> set[str]:
        with Session(self.database) as session:
            there = select(tables.Activity.external_id).where(~col(tables.Activity.is_deleted))
            return set(session.exec(there))


def fresh(number: int) -> Activity:
    return email(number, "Ada", "Bo", days_ago=0.5)


@pytest.fixture
def team(database: Engine, connection_id: int) -> Team:
    history = [email(n, "Ada", "Bo", days_ago=n + 1) for n in range(5)]
    found = Team(
        database, FakeConnector([colleague("Ada"), contact("Bo"), *history]), connection_id
    )
    found.pull()
    found.crm.writes.clear()
    return found


def stages(team: Team) -> list[str]:
    return [report.stage for report in team.worker().step()]


def test_what_is_announced_is_read_scored_and_written_back(team: Team):
    team.happen(*(fresh(100 + n) for n in range(20)))
    assert stages(team) == ["follow", "resolve", "score", "write back"]
    assert len(team.activities()) == 25
    assert {update.id for update in team.crm.writes} == {"Bo"}
    assert team.waiting() == 0


def test_no_bookmark_moves(team: Team):
    with Session(team.database) as session:
        before = {row.stream: row.bookmark for row in session.exec(select(tables.StreamBookmark))}
    team.happen(fresh(100))
    team.worker().step()
    with Session(team.database) as session:
        after = {row.stream: row.bookmark for row in session.exec(select(tables.StreamBookmark))}
    assert after == before


def test_what_is_known_already_is_neither_scored_nor_written(team: Team):
    team.announce(*team.crm.records)
    assert stages(team) == ["follow"]
    assert (team.crm.writes, team.waiting()) == ([], 0)


def test_what_the_crm_does_not_know_any_more_is_gone(team: Team):
    lost = team.crm.records.pop()
    team.announce(lost)
    team.worker().step()
    assert lost.id not in team.activities()


def test_what_may_not_be_read_is_dropped(team: Team):
    team.happen(fresh(100))
    team.crm.failures = [Misconfigured("It is hidden.")]
    (report,) = team.worker().step()
    assert (report.status, report.counts["dropped"], team.waiting()) == ("ok", 1, 0)


def test_what_the_crm_does_not_answer_is_read_later(team: Team):
    team.happen(fresh(100))
    team.crm.failures = [Unavailable("It is down.")]
    assert [report.status for report in team.worker().step()] == ["paused"]
    assert (stages(team), team.waiting()) == ([], 1)
    team.at += timedelta(seconds=2)
    assert "write back" in stages(team)


def test_what_was_deleted_is_gone_however_long_the_crm_was_away(team: Team):
    lost = team.crm.records.pop()
    team.announce(lost)
    for _ in range(60):
        team.crm.failures = [Unavailable("It is down.")]
        team.worker().step()
        team.at += LONGEST_WAIT
    assert team.waiting() == 1
    team.crm.failures = []
    team.worker().step()
    assert lost.id not in team.activities()


def test_what_we_cannot_do_ourselves_is_left_to_the_polls_in_the_end(team: Team):
    team.happen(fresh(100))
    for _ in range(MOST_ATTEMPTS):
        team.crm.failures = [ZeroDivisionError()]  # type: ignore[list-item] # nobody foresaw it
        team.worker().step()
        team.at += LONGEST_WAIT
    assert team.waiting() == 0


def test_a_database_that_is_busy_is_no_fault(team: Team, caplog: pytest.LogCaptureFixture):
    worker = team.worker()

    @contextmanager
    def links() -> Iterator[list[Link]]:
        worker.end()
        raise OperationalError("", {}, ValueError("It is locked."))
        yield

    worker = Worker(team.database, links, now=lambda: team.at)
    team.happen(fresh(100))
    worker.work()
    assert [one.levelname for one in caplog.records] == ["WARNING"]


def test_a_connection_that_is_paused_waits(team: Team):
    team.happen(fresh(100))
    with Session(team.database) as session, session.begin():
        connections.get(session, team.connection_id).paused = "An admin said so."
    assert stages(team) == []
    assert team.waiting() == 1


def test_what_changed_is_read_where_nobody_knows_which(team: Team):
    team.crm.records.append(fresh(100))
    with Session(team.database) as session, session.begin():
        hints.note_poll(session, team.connection_id, at=team.at)
    assert stages(team) == ["pull", "resolve", "score", "write back"]
    assert "email 100" in team.activities()
    assert team.waiting() == 0


def test_connections_stay_open_until_an_admin_changes_something(team: Team):
    worker, before = team.worker(), team.openings
    for number in range(3):
        team.happen(fresh(100 + number))
        worker.step()
    assert team.openings == before + 1
    with Session(team.database) as session, session.begin():
        connections.get(session, team.connection_id).allowance = 10_000
    team.happen(fresh(200))
    worker.step()
    assert team.openings == before + 2
    worker.close()


def test_whoever_runs_already_is_not_disturbed(team: Team):
    team.happen(fresh(100))
    with Session(team.database) as session, session.begin():
        held = {"at": team.at, "for_": timedelta(minutes=1)}
        connections.take_lease(session, "pipeline", "somebody", **held)
    assert stages(team) == []
    team.at += timedelta(minutes=1)
    assert "write back" in stages(team)


def test_a_run_waits_for_a_worker_and_does_not_pass(team: Team):
    with Session(team.database) as session, session.begin():
        held = {"at": team.at, "for_": timedelta(minutes=1)}
        connections.take_lease(session, "pipeline", f"{connections.BRIEFLY}worker", **held)
    ticks = iter(range(1_000))

    def now() -> datetime:
        return team.at + timedelta(seconds=next(ticks))

    assert run_alone(team.database, team.links, only=("resolve",), now=now)


def test_a_worker_that_was_overtaken_keeps_nothing(team: Team):
    team.happen(fresh(100))
    worker, other = team.worker(), team.worker()

    def sleep_long() -> None:
        """Be stopped, and wake up when another worker has done it all."""
        team.crm.after_call = lambda: None
        team.at += 2 * LEASE_FOR
        assert "write back" in [report.stage for report in other.step()]

    team.crm.after_call = sleep_long
    with pytest.raises(Interrupted):
        worker.step()
    assert len(team.crm.writes) == 1
    assert (len(team.activities()), team.waiting()) == (6, 0)


def test_whoever_has_lost_the_lease_makes_no_call(team: Team):
    team.happen(fresh(100))
    link = Link(team.connection_id, "Fake", team.crm, STREAMS)

    @contextmanager
    def links() -> Iterator[list[Link]]:
        yield [link]

    Worker(team.database, links, now=lambda: team.at).step()
    team.at += timedelta(minutes=5)
    with pytest.raises(Interrupted):
        link.allowance.guard()


def test_work_that_was_begun_and_not_settled_is_settled_by_another(team: Team):
    team.happen(fresh(100))

    with Session(team.database) as session, session.begin():
        taken = hints.claim(session, hints.Work.RECORDS, at=team.at, for_=2 * LEASE_FOR)
    assert taken is not None
    with team.links() as (link, *_):
        pipeline.Stages(team.database, lambda: team.at, lambda _: None).follow(link, taken)
    assert team.crm.writes == []
    assert stages(team) == ["resolve", "score", "write back"]


def test_two_workers_do_each_thing_once(team: Team):
    for number in range(30):
        team.happen(fresh(100 + number))
    workers = [team.worker(), team.worker()]
    done: list[str] = []

    def work(worker: Worker) -> None:
        for _ in range(20):
            done.extend(report.stage for report in worker.step())

    threads = [threading.Thread(target=work, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done.count("write back") == 1
    assert len(team.crm.writes) == 1
    assert (len(team.activities()), team.waiting()) == (35, 0)


def test_every_connection_is_read_in_its_turn(team: Team):
    other = FakeConnector([colleague("Ada"), contact("Cy", "cy@else.example")])
    other_id = add_connection(team.database, "Other")
    team.others = [Link(other_id, "Other", other, STREAMS)]
    team.happen(*(fresh(100 + number) for number in range(2 * hints.AT_ONCE)))
    with Session(team.database) as session, session.begin():
        told = [Hint(Stream.CONTACTS, other.records[1].id)]
        hints.note(session, other_id, told, at=team.at, due_at=team.at)
    reports = [r for r in team.worker().step() if r.stage == "follow"]
    assert [report.title for report in reports] == ["Fake", "Other", "Fake"]


def test_a_turn_comes_to_an_end_however_much_there_is(team: Team):
    team.happen(*(fresh(100 + number) for number in range(2 * hints.AT_ONCE)))

    def be_slow() -> None:
        team.at += TURN

    team.crm.after_call = be_slow
    with Session(team.database) as session:
        assert hints.is_due(session, at=team.at)
    worker = Worker(team.database, team.links, now=lambda: team.at, lease_for=timedelta(hours=1))
    assert [report.stage for report in worker.step()].count("follow") == 1
    assert team.waiting() == hints.AT_ONCE


def test_what_becomes_due_while_a_turn_reads_has_the_next_turn(team: Team):
    def go_on() -> None:
        team.at += timedelta(seconds=1)
        team.happen(fresh(101))

    team.happen(fresh(100))
    team.crm.after_call = go_on
    assert stages(team)[:2] == ["follow", "resolve"]
    assert team.waiting() > 0


def test_a_worker_that_is_told_to_end_leaves_its_work_to_others_at_once(team: Team):
    team.happen(fresh(100))
    worker = team.worker()
    team.crm.after_call = worker.end
    with pytest.raises(Interrupted):
        worker.step()
    team.crm.after_call = lambda: None
    assert "write back" in stages(team)
    assert (len(team.crm.writes), team.waiting()) == (1, 0)


@pytest.mark.parametrize("busy", [1, 2])
def test_what_a_busy_database_interrupts_is_done_at_the_next_step(team: Team, busy: int):
    """Busy when what was read is to be kept, and for 2 when it is given back as well."""
    left = [busy]

    def be_busy(*told: object) -> None:
        statement = str(told[2])
        if left[0] and statement.startswith(("DELETE FROM hint", "UPDATE hint SET claim=")):
            left[0] -= 1
            raise OperationalError("", {}, ValueError("It is locked."))

    team.happen(fresh(100))
    worker = team.worker()
    team.crm.after_call = lambda: event.listen(team.database, "before_cursor_execute", be_busy)
    with pytest.raises(OperationalError):
        worker.step()
    team.crm.after_call = lambda: None
    assert "write back" in [report.stage for report in worker.step()]
    assert (left, team.waiting()) == ([0], 0)


def test_who_is_out_of_calls_makes_none_for_what_is_told_again(team: Team):
    team.happen(fresh(100))
    team.crm.failures = [RateLimited("No more today.", retry_after_s=3600)]
    team.worker().step()
    team.announce(fresh(100))
    assert stages(team) == []
    team.at += timedelta(hours=1)
    assert "write back" in stages(team)


def test_orphans_of_a_dead_worker_are_told(team: Team):
    with Session(team.database) as session, session.begin():
        run_id = connections.begin_run(session, "follow", team.connection_id, at=NOW)
    team.happen(fresh(100))
    team.worker().step()
    with Session(team.database) as session:
        assert session.get_one(tables.Run, run_id).reason == INTERRUPTED


class TestPolling:
    """How often is polled, by how well the CRM tells what changes."""

    @pytest.fixture
    def hooked(self, team: Team) -> Team:
        with Session(team.database) as session, session.begin():
            session.add(
                tables.Hook(
                    connection_id=team.connection_id,
                    token_digest="x",
                    sealed=b"",
                    made_at=NOW,
                    seen_at=NOW,
                )
            )
        return team

    EVERY = timedelta(minutes=15)

    def poll(self, team: Team, times: int = 1) -> None:
        for _ in range(times):
            team.at += self.EVERY
            team.pull()

    def rests(self, team: Team, after: timedelta) -> bool:
        with Session(team.database) as session:
            at = team.at + after
            return bool(hooks.resting(session, every=self.EVERY, at=at))

    def silent_since(self, team: Team) -> datetime | None:
        with Session(team.database) as session:
            return hooks.silent_since(session.get_one(tables.Hook, team.connection_id))

    def test_who_tells_of_every_change_is_polled_more_rarely(self, hooked: Team):
        self.poll(hooked, times=2)
        assert not self.rests(hooked, self.EVERY)
        self.poll(hooked)
        rests = [self.rests(hooked, n * self.EVERY) for n in (1, 2, 3)]
        assert rests == [True, True, False]

    def test_what_was_announced_is_no_change_to_a_poll(self, hooked: Team):
        hooked.happen(fresh(100))
        hooked.worker().step()
        self.poll(hooked, times=3)
        assert self.rests(hooked, self.EVERY)

    def test_one_change_that_was_not_announced_ends_it_and_is_told(self, hooked: Team):
        self.poll(hooked, times=3)
        hooked.crm.records.append(fresh(100))
        self.poll(hooked)
        assert not self.rests(hooked, self.EVERY)
        assert self.silent_since(hooked) == NOW

    def test_the_next_delivery_ends_the_silence(self, hooked: Team):
        hooked.crm.records.append(fresh(100))
        self.poll(hooked)
        with Session(hooked.database) as session, session.begin():
            hooks.seen(session, hooked.connection_id, at=hooked.at)
        assert self.silent_since(hooked) is None

    def test_who_has_never_told_anything_is_polled_always(self, hooked: Team):
        with Session(hooked.database) as session, session.begin():
            session.get_one(tables.Hook, hooked.connection_id).seen_at = None
        self.poll(hooked, times=4)
        assert not self.rests(hooked, self.EVERY)

    def test_a_connection_that_rests_is_written_to_all_the_same(self, hooked: Team):
        hooked.crm.records.append(fresh(100))
        with hooked.links() as links:
            reports = pipeline.run(
                hooked.database, links, resting={hooked.connection_id}, now=lambda: hooked.at
            )
        assert [r.stage for r in reports] == ["resolve", "score", "write back"]
        assert "email 100" not in hooked.activities()


def test_how_long_it_took_from_the_announcement_to_the_field_is_counted(team: Team):
    team.happen(fresh(100))
    team.at += timedelta(seconds=4)
    team.worker().step()
    with Session(team.database) as session:
        assert tallies.every(session, tallies.LATENCY_SUM) == {"": 4.0}
        assert tallies.every(session, tallies.LATENCY)["5"] == 1.0
