"""R5-R7, R9, R10: killed, interrupted, refused, slow: a page is repeated, and nothing is lost."""

import contextlib
import os
from collections.abc import Callable, Iterator

import psycopg
import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError

from app.pipeline.pull import LONGEST
from app.store.database import migrate, open_database
from connectors._sandbox import Fault, Server, running
from tests.fakes import contact
from tests.hands import PAGES
from tests.reliability.following import Following, person
from tests.reliability.killed import Death, die

KILLS = int(os.environ.get("TIELINE_KILLS", "2"))
"""How many places of each kind a run is killed at; all there are if it is large."""

READS = r"(composite|queryAll|recordCount|search|batch/read|/owners)"
SLOW_DOWN = b'{"status":"error","policyName":"TEN_SECONDLY_ROLLING","errorType":"RATE_LIMIT"}'
JSON = (("content-type", "application/json"),)
MOST_CRASHES = 40
PAGES_OF_A_ROUND = 9
"""Streams that a CRM has at most: a run keeps a page of each before it asks again."""


def kill(following: Following, death: Death) -> bool:
    """Have a run in another process be killed; gives whether it was."""
    where, name = PAGES[following.crm.name]
    size = (where.__name__, name, getattr(where, name))
    url = following.database.url.render_as_string(hide_password=False)
    return die(url, following.key, death, size)


@pytest.mark.parametrize("statement", [0, 3])
def test_r5_a_run_killed_again_and_again_repeats_a_page(following: Following, statement: int):
    following.put(*(person(contact, f"Cy{n}") for n in range(12)))
    before = len(following.crm.sandbox.calls)
    kills = 0
    while kills < KILLS and kill(following, Death(1 + 4 * kills, statement)):
        kills += 1
    following.run()
    whole = len(following.crm.sandbox.calls) - before
    assert whole <= (kills + 1) * (PAGES_OF_A_ROUND + 10) + 12
    following.check(settled_in=0)


def test_r5_a_run_stopped_behind_every_page_reads_none_of_them_twice(following: Following):
    following.put(*(person(contact, f"Cy{n}") for n in range(12)))
    before, crashes = len(following.crm.sandbox.calls), 0
    while not following.reports:
        crashes += 1
        assert crashes < MOST_CRASHES
        following.crash(pages=crashes)
    calls = len(following.crm.sandbox.calls) - before
    assert calls <= (crashes + 1) * 2 * PAGES_OF_A_ROUND + 12  # changes, and a page repeated
    following.check(settled_in=0)


def test_r5_a_database_that_drops_us_loses_nothing(
    server: Server,
    postgres_url: str,
    name: str,
    short_pages: None,  # noqa: ARG001
):
    database = open_database(postgres_url)
    migrate(database)
    with running(name, server=server) as crm:
        following = Following(crm, database)
        following.fill()
        following.connect()
        for statement in (2, 9, 30):
            with dropped(database, postgres_url, statement), contextlib.suppress(SQLAlchemyError):
                following.run()
        assert {run.status for run in following.runs()} <= {"failed", "ok"}
        following.check()
    database.dispose()


@contextlib.contextmanager
def dropped(database: Engine, url: str, statement: int) -> Iterator[None]:
    """Have the server end our sessions before a statement of ours."""
    left = [statement]

    def drop(*_: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            with psycopg.connect(url.replace("+psycopg", "")) as other:
                other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )

    event.listen(database, "before_cursor_execute", drop)
    try:
        yield
    finally:
        event.remove(database, "before_cursor_execute", drop)


def test_r6_a_first_reading_killed_twenty_times_keeps_no_change_waiting(following: Following):
    following.put(*(person(contact, f"Cy{n}") for n in range(60)))
    following.pass_time(hours=3)
    bo = following.id_of("Bo1")
    read, names = [], [""]
    for number in range(20):
        following.hands.rename(following.crm.sandbox, bo, f"Canary Again{number}")
        following.pass_time(minutes=10)
        following.crash(pages=PAGES_OF_A_ROUND + 1)  # one more, for whoever needs two
        mirror = following.mirror()
        read.append(len(mirror))
        names += [str(one[2]) for one in mirror if one[0] == bo]
        fresh = {f"Again{number}", f"Again{number - 1}"}
        assert number < 2 or names[-1].split()[-1] in fresh
    assert read == sorted(read)
    following.check(settled_in=1)


def test_r7_a_token_that_ends_within_a_run_is_renewed_once(following: Following):
    following.connect(following.hands.rotating(following.crm))
    before = following.crm.sandbox.count("oauth.*token")
    pages: list[int] = []

    def watch(_: object) -> None:
        pages.append(1)
        if len(pages) == PAGES_OF_A_ROUND:
            following.hands.expire(following.crm.sandbox)

    assert following.run(watch=watch).status == "ok"
    assert following.crm.sandbox.count("oauth.*token") - before == 2
    following.check(settled_in=0)


def test_r7_every_third_call_refused_is_read_all_the_same(following: Following):
    following.connect(following.hands.rotating(following.crm))
    refused = b'[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]'
    following.crm.sandbox.faults += [Fault(READS, 401, refused, skip=2 * n) for n in range(1, 6)]
    assert following.run().status == "ok"
    following.check(settled_in=0)


FAULTS: dict[str, Callable[[], list[Fault]]] = {
    "three 429 with a wait": lambda: [Fault(READS, 429, SLOW_DOWN, (("Retry-After", "1"),), 3, 1)],
    "429 without": lambda: [Fault(READS, 429, SLOW_DOWN, times=6, chance=0.5)],
    "429 and a long wait": lambda: [Fault(READS, 429, SLOW_DOWN, (("Retry-After", "900"),))],
    "a 503": lambda: [Fault(READS, 503, b"<html>busy</html>", skip=1)],
    "twenty 503": lambda: [Fault(READS, 503, times=20)],
    "a 502 of a proxy": lambda: [Fault(READS, 502, b"<html>canary</html>", times=2)],
    "a 500": lambda: [Fault(READS, 500, b'[{"errorCode":"UNKNOWN_EXCEPTION"}]', skip=1)],
    "resets": lambda: [Fault(READS, 0, times=3)],
    "half a body": lambda: [Fault(READS, 200, b"{", (("Content-Length", "99999"), *JSON), skip=1)],
    "half an answer": lambda: [Fault(READS, 200, b'{"results":[{"id":"canary', JSON, skip=1)],
    "a page": lambda: [Fault(READS, 200, b"<html>canary</html>", skip=1)],
    "nothing": lambda: [Fault(READS, 200, b"", JSON, times=2)],
}


@pytest.mark.parametrize("fault", FAULTS)
def test_r9_whatever_is_answered_instead_nothing_is_lost(following: Following, fault: str):
    following.crm.sandbox.faults += FAULTS[fault]()
    first = following.run()
    assert first.status in {"ok", "paused"}
    assert (first.status == "ok") == (following.mirror() == following.truth())
    following.pass_time(minutes=16)
    following.check()


def test_r9_we_wait_as_long_as_we_are_asked_to(following: Following):
    following.crm.sandbox.faults += FAULTS["three 429 with a wait"]()
    assert following.run().status == "ok"
    assert len([wait for wait in following.waits if 1.0 <= wait <= 2.0]) >= 3
    following.check(settled_in=0)


def test_r10_a_crm_that_is_too_slow_does_not_keep_the_others_waiting(following: Following):
    following.put(*(person(contact, f"Cy{n}") for n in range(12)))
    slow_s = LONGEST.total_seconds() / 6
    report = following.run(watch=lambda _: following.pass_time(seconds=slow_s))
    assert (report.status, "next run" in report.reason) == ("paused", True)
    read = len(following.mirror())
    assert read
    following.check()
