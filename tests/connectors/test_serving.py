"""A sandbox that ends leaves nothing behind on the server that the next one uses."""

import asyncio
import contextlib
import sqlite3
import threading

import httpx
import pytest

from connectors._sandbox import Sandbox, running, sandbox_names
from connectors._serving import Server, open_server


@pytest.mark.parametrize("crm", sandbox_names())
def test_what_is_being_delivered_ends_with_the_sandbox(server: Server, crm: str):
    is_begun, is_ended = threading.Event(), threading.Event()

    async def deliver(_: Sandbox) -> None:
        is_begun.set()
        try:
            await asyncio.sleep(3600)
        finally:
            is_ended.set()

    with running(crm, server=server) as found:
        server.between(lambda: found.sandbox.begin(deliver))
        assert is_begun.wait(60)
        server.between(lambda: found.sandbox.begin(deliver))  # it goes on: there is no second one
        assert not is_ended.is_set()
    assert is_ended.wait(60)


@pytest.mark.parametrize("crm", sandbox_names())
def test_the_state_is_closed_between_two_answers(server: Server, crm: str):
    stop = threading.Event()

    def ask() -> None:
        with httpx.Client(base_url=server.url) as client:
            while not stop.is_set():
                client.get("/anything")

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for _ in range(5):
            with running(crm, server=server) as found:
                assert found.sandbox.db.execute("SELECT 1").fetchone() == (1,)
    finally:
        stop.set()
        asking.join()


@pytest.mark.parametrize("crm", sandbox_names())
def test_a_server_may_end_before_the_sandbox(crm: str):
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(open_server())
        with running(crm, server=server) as found:
            assert httpx.get(f"{server.url}/anything").status_code
            stack.close()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        found.sandbox.db.execute("SELECT 1")
