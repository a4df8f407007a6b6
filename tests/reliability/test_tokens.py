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
from connectors import Connector, Verdict, module
from connectors._sandbox import Call
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


TOKENS = {
    "hubspot": "SELECT token FROM tokens WHERE kind = 'oauth'",
    "salesforce": "SELECT token FROM session",
}


def refusals(following: Following) -> list[Call]:
    return [call for call in following.crm.sandbox.calls if call.status == 401]


def exchanges(following: Following) -> int:
    return following.crm.sandbox.count(TOKEN)


def kept(following: Following) -> BaseModel:
    """The credentials as they are kept now."""
    row = following.row()
    sealed = following.vault.open(row.credentials, f"connection/{row.id}/credentials")
    return module(following.crm.name).Credentials.model_validate_json(sealed)


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


def test_r8_of_two_links_one_renews_the_token_for_both(rotating: Following):
    passing = Time(rotating.now)
    with (
        connections.opened(rotating.database, rotating.vault, passing) as (one,),
        connections.opened(rotating.database, rotating.vault, passing) as (other,),
    ):
        for _ in range(3):
            rotating.hands.expire(rotating.crm.sandbox)
            before = exchanges(rotating)
            together([one.connector, other.connector])
            assert exchanges(rotating) - before == 1
    rotating.crm.sandbox.latency_s = 0.0
    rotating.check()


def identify(url: str, key: str, times: int) -> None:
    """Sign in again and again, in a process of its own."""
    database = open_database(url)
    for _ in range(times):
        with connections.opened(database, Vault(key)) as (link,):
            link.connector.identify()
    database.dispose()


def test_r8_of_two_processes_one_renews_the_token_for_both(rotating: Following):
    before, times = exchanges(rotating), 4
    url = rotating.database.url.render_as_string(hide_password=False)
    both = [AT_ONCE.Process(target=identify, args=(url, rotating.key, times)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join()
    assert [process.exitcode for process in both] == [0, 0]
    assert exchanges(rotating) - before == 1
    rotating.crm.sandbox.latency_s = 0.0
    rotating.check()


def test_r8_a_token_that_was_kept_and_is_refused_is_renewed_once(rotating: Following):
    rotating.run()
    rotating.hands.expire(rotating.crm.sandbox)
    before = exchanges(rotating)
    assert rotating.run().status == "ok"
    assert exchanges(rotating) - before == 1


def test_r8_a_token_that_was_kept_too_long_is_not_tried(rotating: Following):
    rotating.run()
    rotating.pass_time(hours=3)
    before, refused = exchanges(rotating), len(refusals(rotating))
    assert rotating.run().status == "ok"
    assert (exchanges(rotating) - before, len(refusals(rotating)) - refused) == (1, 0)


def found(following: Following) -> list[tuple[str, Verdict]]:
    """What a new connector finds of the connection."""
    with connections.opened(following.database, following.vault, Time(following.now)) as (link,):
        return [(finding.about, finding.verdict) for finding in link.connector.examine()]


def test_r8_a_token_that_another_renewed_tells_as_much_as_an_own(rotating: Following):
    before = exchanges(rotating)
    with_its_own = found(rotating)
    assert found(rotating) == with_its_own
    assert exchanges(rotating) - before == 1


def test_r8_a_kept_token_cannot_be_read_in_the_store(rotating: Following):
    rotating.run()
    tokens = [row[0] for row in rotating.crm.sandbox.db.execute(TOKENS[rotating.crm.name])]
    sealed = rotating.row().token
    assert sealed
    assert tokens
    assert not [token for token in tokens if token.encode() in sealed]


def test_r8_new_credentials_end_the_kept_token(rotating: Following):
    rotating.run()
    rotating.connect(kept(rotating))
    assert rotating.row().token == b""


class Killed(BaseException):
    """The process is gone before it could keep what it was given."""


def test_r8_a_token_lost_before_it_was_kept_is_told_and_not_asked_for_again(rotating: Following):
    def lose(_: BaseModel) -> None:
        raise Killed

    lost = module(rotating.crm.name).connect(kept(rotating), on_refresh=lose)
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
