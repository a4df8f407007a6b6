"""Who works trials out: once each, behind a fault and an end, with what was asked for."""

import multiprocessing
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from app.backtest import Proposed, examine
from app.engine import BANDWIDTH
from app.scoring import BackTest, Bench, Effect, effect, work_out
from app.store import interactions, tables, trials, weights, wiping
from tests.api.conftest import fill
from tests.api.filled import Filled
from tests.fakes import NOW


@pytest.fixture
def filled(database: Engine) -> Filled:
    """A small company, scored."""
    return fill(database)


def ask(filled: Filled, *, wants_back_test: bool = False) -> int:
    with Session(filled.database) as session, session.begin():
        trial = trials.ask(
            session,
            BANDWIDTH,
            author="Ada",
            at=NOW,
            wants_back_test=wants_back_test,
        )
        return trial.id or 0


def work(filled: Filled) -> bool:
    """Work out here what waits; gives whether anything did."""
    with Session(filled.database, expire_on_commit=False) as session, session.begin():
        trial = trials.claim(session, at=NOW)
    if trial and trial.id:
        work_out(filled.database, trial.id, now=lambda: NOW)
    return trial is not None


def kept(filled: Filled, trial_id: int) -> tables.Trial:
    with Session(filled.database) as session:
        return trials.get(session, trial_id)


def test_a_trial_is_worked_out_once(filled: Filled):
    trial_id = ask(filled)
    assert work(filled)
    assert not work(filled)
    trial = kept(filled, trial_id)
    with Session(filled.database) as session:
        direct = effect(session, weights.in_force(session)[1], BANDWIDTH, at=NOW)
    assert (trial.status, Effect.model_validate_json(trial.effect)) == ("done", direct)


def test_a_back_test_says_what_the_command_says(filled: Filled):
    trial_id = ask(filled, wants_back_test=True)
    work(filled)
    found = BackTest.model_validate_json(kept(filled, trial_id).back_test)
    end_s = int(NOW.timestamp()) // 86_400 * 86_400 - 1
    with Session(filled.database) as session:
        met = interactions.every(session, until_s=int(NOW.timestamp()))
    direct = examine(met, as_of_s=end_s, proposed=Proposed("bandwidth weights", BANDWIDTH))
    assert found.as_of.isoformat() == direct.as_of
    assert found.is_enough is direct.is_enough


def test_a_back_test_can_be_asked_for_later(filled: Filled):
    trial_id = ask(filled)
    work(filled)
    with Session(filled.database) as session, session.begin():
        trials.ask_back_test(session, trial_id)
    assert work(filled)
    trial = kept(filled, trial_id)
    assert trial.status == "done"
    assert "<html" in trial.report


def test_a_back_test_asked_for_meanwhile_is_not_forgotten(filled: Filled):
    trial_id = ask(filled)
    with Session(filled.database) as session, session.begin():
        trials.claim(session, at=NOW)
        trials.ask_back_test(session, trial_id)
        trials.finish(session, trial_id)
    assert kept(filled, trial_id).status == "asked"


@pytest.fixture
def bench(filled: Filled) -> Iterator[Bench]:
    """A bench at work."""
    started = Bench(filled.database)
    started.start()
    yield started
    started.stop()


def child() -> BaseProcess:
    """The process that works something out, as soon as there is one."""
    for _ in range(2000):
        for found in multiprocessing.active_children():
            return found
        time.sleep(0.01)
    raise AssertionError("nobody works")


def until_not_running(filled: Filled, trial_id: int) -> tables.Trial:
    for _ in range(6000):
        trial = kept(filled, trial_id)
        if trial.status not in ("asked", "running"):
            return trial
        time.sleep(0.01)
    raise AssertionError(trial.status)


def test_a_bench_has_trials_worked_out_by_a_process_of_its_own(filled: Filled, bench: Bench):
    trial_id = ask(filled)
    bench.wake()
    assert child().pid != os.getpid()
    assert until_not_running(filled, trial_id).effect


def test_a_process_that_somebody_kills_is_told(filled: Filled, bench: Bench):
    trial_id = ask(filled)
    bench.wake()
    child().kill()
    trial = until_not_running(filled, trial_id)
    assert trial.status == "failed"
    assert "ended from outside" in trial.reason


def test_an_end_in_the_midst_leaves_the_trial_to_the_next(filled: Filled, bench: Bench):
    trial_id = ask(filled)
    bench.wake()
    child()
    bench.stop()
    assert kept(filled, trial_id).status == "asked"
    assert work(filled)
    assert kept(filled, trial_id).status == "done"


def test_nothing_scored_yet_is_told(database: Engine):
    with Session(database) as session, session.begin():
        trial_id = trials.ask(session, BANDWIDTH, author="Ada", at=NOW).id or 0
    work_out(database, trial_id, now=lambda: NOW)
    with Session(database) as session:
        trial = trials.get(session, trial_id)
    assert trial.status == "failed"
    assert "Nothing is scored yet" in trial.reason


def test_whoever_works_on_a_trial_has_it_alone_until_they_are_silent(filled: Filled):
    trial_id = ask(filled)
    with Session(filled.database) as session, session.begin():
        taken = trials.claim(session, at=NOW)
        assert taken
        assert trials.claim(session, at=NOW) is None
        again = trials.claim(session, at=NOW + trials.SILENT_FOR + timedelta(seconds=1))
        assert again
        assert again.id == trial_id


def test_only_the_latest_trials_are_kept(filled: Filled):
    asked = [ask(filled) for _ in range(trials.KEPT + 2)]
    with Session(filled.database) as session:
        found = [one.id for one in trials.latest(session, limit=100)]
    assert found == asked[:1:-1]


def test_a_trial_knows_what_it_is_compared_with(filled: Filled):
    with Session(filled.database) as session, session.begin():
        weights.choose(
            session, weights.of_numbers({"email": 3.0}), author="Ada", at=datetime.now(UTC)
        )
    assert kept(filled, ask(filled)).version == 1


def test_who_is_erased_has_asked_for_nothing(filled: Filled):
    trial_id, ada = ask(filled), filled.id_of("Ada")
    with Session(filled.database) as session, session.begin():
        wiping.wipe(session, [ada], str.lower)
    assert kept(filled, trial_id).author == ""
