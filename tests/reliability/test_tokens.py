"""R8: refresh tokens that work once, used by many at a time, and lost on the way."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context

import pytest
from pydantic import BaseModel

from app import connections
from app.connections import Time
from app.security import Vault
from app.store.database import open_database
from connectors import Connector, module
from tests.reliability.following import Following

TOKEN = "oauth.*token"
THREADS = 8

AT_ONCE = get_context("forkserver")
AT_ONCE.set_forkserver_preload([__name__])


@pytest.fixture
def rotating(following: Following) -> Iterator[Following]:
    """A CRM whose refresh tokens work once."""
    following.connect(following.hands.rotating(following.crm))
    following.crm.sandbox.latency_s = 0.05
    yield following
    following.crm.sandbox.latency_s = 0.0


def exchanges(following: Following) -> int:
    return following.crm.sandbox.count(TOKEN)


def together(connectors: list[Connector]) -> None:
    """Have every one of them call at the same moment."""
    barrier = threading.Barrier(len(connectors))

    def call(connector: Connector) -> None:
        barrier.wait()
        connector.identify()

    with ThreadPoolExecutor(len(connectors)) as pool:
        list(pool.map(call, connectors))


def test_r8_of_eight_threads_one_renews_the_token(rotating: Following):
    passing = Time(rotating.now)
    with connections.opened(rotating.database, rotating.vault, passing) as (link,):
        link.connector.identify()
        for _ in range(2):
            rotating.hands.expire(rotating.crm.sandbox)
            before = exchanges(rotating)
            together([link.connector] * THREADS)
            assert exchanges(rotating) - before == 1
    rotating.crm.sandbox.latency_s = 0.0
    rotating.check()


def test_r8_of_two_links_each_uses_the_token_that_the_other_left(rotating: Following):
    passing = Time(rotating.now)
    with (
        connections.opened(rotating.database, rotating.vault, passing) as (one,),
        connections.opened(rotating.database, rotating.vault, passing) as (other,),
    ):
        for _ in range(3):
            rotating.hands.expire(rotating.crm.sandbox)
            before = exchanges(rotating)
            together([one.connector, other.connector])
            assert exchanges(rotating) - before == 2
    rotating.crm.sandbox.latency_s = 0.0
    rotating.check()


def identify(url: str, key: str, times: int) -> None:
    """Sign in again and again, in a process of its own."""
    database = open_database(url)
    for _ in range(times):
        with connections.opened(database, Vault(key)) as (link,):
            link.connector.identify()
    database.dispose()


def test_r8_of_two_processes_each_uses_the_token_that_the_other_left(rotating: Following):
    before, times = exchanges(rotating), 4
    url = rotating.database.url.render_as_string(hide_password=False)
    both = [AT_ONCE.Process(target=identify, args=(url, rotating.key, times)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join()
    assert [process.exitcode for process in both] == [0, 0]
    assert exchanges(rotating) - before == 2 * times
    rotating.crm.sandbox.latency_s = 0.0
    rotating.check()


class Killed(BaseException):
    """The process is gone before it could keep what it was given."""


def test_r8_a_token_lost_before_it_was_kept_is_told_and_not_asked_for_again(rotating: Following):
    crm = module(rotating.crm.name)

    def lose(_: BaseModel) -> None:
        raise Killed

    row = rotating.row()
    sealed = rotating.vault.open(row.credentials, f"connection/{row.id}/credentials")
    lost = crm.connect(crm.Credentials.model_validate_json(sealed), on_refresh=lose)
    with pytest.raises(Killed):
        lost.identify()
    lost.close()
    before = exchanges(rotating)
    reports = [rotating.run() for _ in range(3)]
    assert [report.status for report in reports] == ["failed", "paused", "paused"]
    assert "refresh token" in reports[0].reason
    assert exchanges(rotating) - before == 1
    rotating.connect()
    rotating.crm.sandbox.latency_s = 0.0
    rotating.check()
