"""What every sandbox CRM shares: a clock, a state file, a call log, faults on demand, a server.

A sandbox is a real HTTP server on a loopback port. Its state is one SQLite file (or memory), so it
starts at once on what it held before, and survives being killed. Tests hold the `Sandbox` in their
own process: they move its clock, plan faults, and read from its state and call log what the CRM
really holds and was really asked.
"""

import asyncio
import contextlib
import importlib
import re
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol, cast

import uvicorn
from pydantic import BaseModel
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors._records import ExternalId, FieldValue, Record, Target


class Clock:
    """The sandbox's idea of now: the real time, moved by hand."""

    def __init__(self) -> None:
        self._shift = timedelta()

    def now(self) -> datetime:
        """Give the sandbox's time (aware, UTC)."""
        return datetime.now(UTC) + self._shift

    def advance(self, by: timedelta) -> None:
        """Let time pass, for the sandbox only."""
        self._shift += by


@dataclass(frozen=True, slots=True)
class Call:
    """One request that reached the sandbox; `query` is what followed the ``?``, undecoded."""

    method: str
    path: str
    query: str
    status: int


@dataclass(slots=True)
class Fault:
    """An answer given instead of the true one, to requests that match.

    Attributes:
        pattern: A regular expression searched for in ``METHOD /path``.
        status: The status to answer with; 0 closes the connection without an answer.
        times: How many requests to spoil.
        skip: How many matching requests to let through first.
        is_after: Do the work, then answer wrongly: the CRM has accepted, and we do not know it.
    """

    pattern: str
    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    times: int = 1
    skip: int = 0
    is_after: bool = False


class Dropped(Exception):
    """The sandbox hangs up without an answer."""


@dataclass
class Sandbox:
    """The state and the levers of one sandbox CRM.

    Attributes:
        db: The state; one connection, used from the server's one event loop and, between
            requests, from tests.
        latency_s: Seconds that every answer is held back.
    """

    db: sqlite3.Connection
    clock: Clock = field(default_factory=Clock)
    calls: list[Call] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    latency_s: float = 0.0

    def count(self, pattern: str) -> int:
        """Count the calls so far whose ``METHOD /path`` matches."""
        return sum(1 for c in self.calls if re.search(pattern, f"{c.method} {c.path}"))

    def fault_for(self, line: str) -> Fault | None:
        """Take the fault planned for this request, if there is one."""
        for fault in self.faults:
            if not re.search(fault.pattern, line):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.times -= 1
            if fault.times <= 0:
                self.faults.remove(fault)
            return fault
        return None


def open_state(path: Path | None) -> sqlite3.Connection:
    """Open a sandbox's state file, or keep the state in memory."""
    db = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    return db


class Gate:
    """ASGI middleware in front of a sandbox: logs each call and plays the faults."""

    def __init__(self, app: ASGIApp, sandbox: Sandbox) -> None:
        self._app = app
        self._sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, truly or as planned."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._sandbox.latency_s:
            await asyncio.sleep(self._sandbox.latency_s)
        fault = self._sandbox.fault_for(f"{scope['method']} {scope['path']}")
        if fault is None:
            await self._app(scope, receive, self._logged(scope, send))
            return
        if fault.is_after:
            await self._app(scope, receive, _swallow)
        await _play(fault, self._logged(scope, send))

    def _logged(self, scope: Scope, send: Send) -> Send:
        async def logged(message: Message) -> None:
            if message["type"] == "http.response.start":
                query = scope["query_string"].decode("latin-1")
                call = Call(scope["method"], scope["path"], query, message["status"])
                self._sandbox.calls.append(call)
            await send(message)

        return logged


async def _swallow(_: Message) -> None:
    """Send nothing."""


async def _play(fault: Fault, send: Send) -> None:
    if fault.status == 0:
        raise Dropped
    headers = [(k.lower().encode(), v.encode()) for k, v in fault.headers]
    await send({"type": "http.response.start", "status": fault.status, "headers": headers})
    await send({"type": "http.response.body", "body": fault.body})


class SandboxModule(Protocol):
    """What a CRM folder's `sandbox` module gives."""

    def create_app(self, sandbox: Sandbox) -> ASGIApp:
        """Make the HTTP server of this CRM on this state, behind a `Gate`."""

    def fill(self, sandbox: Sandbox, records: Iterable[Record]) -> Mapping[ExternalId, ExternalId]:
        """Put records into the CRM, as if its users had made them at their `modified_at`.

        What a connector then reads is what was put in, as far as the real CRM can hold it.

        Args:
            sandbox: Whose state to fill.
            records: Accounts before people before activities; any ids, each defined before used,
                or the id that the connector gives a record that is there.

        Returns:
            The id that the connector will give each record, by the id it came with.
        """

    def credentials(self, url: str) -> BaseModel:
        """Give credentials that the sandbox at this URL accepts for everything."""

    def custom_values(
        self, sandbox: Sandbox, target: Target, record_id: ExternalId
    ) -> Mapping[str, FieldValue]:
        """Look up the truth: what Tieline's custom fields hold on a record, by `Field.name`."""


@contextlib.contextmanager
def served(app: ASGIApp, port: int = 0) -> Iterator[str]:
    """Serve an app on loopback from a thread of this process while the context lasts.

    Yields:
        The base URL, without a trailing slash.
    """
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_level="critical", date_header=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.005)
    if not server.started:
        raise OSError(f"Port {port} on 127.0.0.1 cannot be listened on: choose another one.")
    bound = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{bound}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)


def sandbox_module(name: str) -> SandboxModule:
    """Load the sandbox of a CRM, by its folder's name."""
    return cast("SandboxModule", importlib.import_module(f"connectors.{name}.sandbox"))
