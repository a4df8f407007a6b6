"""What every sandbox CRM shares: a clock, a state file, a call log, faults on demand, a server.

A sandbox is a real HTTP server on a loopback port. Its state is one SQLite file (or memory), so it
starts at once on what it held before, and survives being killed. Tests hold the `Sandbox` in their
own process: they move its clock, plan faults, and read from its state and call log what the CRM
really holds and was really asked. `running` is all that a pytest fixture needs::

    @pytest.fixture
    def crm():
        with running("salesforce", records=my_records()) as crm:
            yield crm  # crm.url, crm.sandbox, crm.ids, crm.connect()

From a shell the same is done through the door of `_control`; a CRM's own levers are in its
``sandbox/levers.py``, and `_levers` finds them by name.
"""

import asyncio
import contextlib
import importlib
import re
import sqlite3
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Protocol, cast

from pydantic import BaseModel
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors._clock import Clock
from connectors._contract import Connector, Module
from connectors._records import ExternalId, FieldValue, Record, Target
from connectors._serving import Server, hang_up, open_server, served

__all__ = [
    "Call",
    "Clock",
    "Fault",
    "Gate",
    "Running",
    "Sandbox",
    "SandboxModule",
    "Server",
    "crm_module",
    "open_server",
    "open_state",
    "running",
    "sandbox_module",
    "sandbox_names",
    "served",
    "served_beside",
]


@dataclass(frozen=True, slots=True)
class Call:
    """One request that reached the sandbox.

    Attributes:
        query: What followed the ``?``, undecoded.
        status: What was answered; 0 for nothing.
    """

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
        chance: The share of matching requests to spoil, 0 to 1, drawn from the sandbox's seed.
    """

    pattern: str
    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    times: int = 1
    skip: int = 0
    is_after: bool = False
    chance: float = 1.0


@dataclass
class Sandbox:
    """The state and the levers of one sandbox CRM.

    Attributes:
        db: The state; one connection, used from the server's one event loop and, between
            requests, from tests.
        latency_s: Seconds that every answer is held back.
        random: The only source of chance; seeded, so that a run can be repeated.
        is_alone: It stands by itself, for any client, and not in a test: limits by the second make
            clients wait, and webhooks leave without being told to.
    """

    db: sqlite3.Connection
    clock: Clock = field(default_factory=Clock)
    calls: list[Call] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    latency_s: float = 0.0
    random: Random = field(default_factory=lambda: Random(0))  # noqa: S311 repeatable
    is_alone: bool = False
    _delivery: asyncio.Task[object] | None = None

    def begin(self, deliver: Callable[["Sandbox"], Coroutine[Any, Any, object]]) -> None:
        """Begin to deliver behind an answer, unless that is going on."""
        if self._delivery is None or self._delivery.done():
            self._delivery = asyncio.create_task(deliver(self))

    def close(self) -> None:
        """End what is being delivered, and close the state; in the thread of the server."""
        if self._delivery is not None:
            self._delivery.cancel()
        self.db.close()

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
            if fault.chance < 1 and self.random.random() >= fault.chance:
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
        if fault.status == 0:
            self._log(scope, 0)
            await hang_up(send)
            return
        await _play(fault, self._logged(scope, send))

    def _logged(self, scope: Scope, send: Send) -> Send:
        async def logged(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._log(scope, message["status"])
            await send(message)

        return logged

    def _log(self, scope: Scope, status: int) -> None:
        query = scope["query_string"].decode("latin-1")
        self._sandbox.calls.append(Call(scope["method"], scope["path"], query, status))


async def _swallow(_: Message) -> None:
    """Send nothing."""


async def _play(fault: Fault, send: Send) -> None:
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

    def records(self, sandbox: Sandbox) -> Iterator[Record]:
        """Give what the CRM holds as records: the truth, whatever its API shows.

        In the order and with the ids that `fill` and a connector use, deleted records left out;
        while reading goes on, the CRM may change.
        """

    def credentials(self, url: str) -> BaseModel:
        """Give credentials that the sandbox at this URL accepts for everything."""

    def custom_values(
        self, sandbox: Sandbox, target: Target, record_id: ExternalId
    ) -> Mapping[str, FieldValue]:
        """Look up the truth: what Tieline's custom fields hold on a record, by `Field.name`."""


@dataclass
class Running:
    """A sandbox CRM that answers at `url`, in this process.

    Attributes:
        sandbox: Its state, clock, faults and call log.
        of: The CRM's sandbox module.
        ids: The id that a connector gives each record put in, by the id it came with.
        waits: How long its connectors would have waited, in seconds; they do not.
        refreshed: The credentials that its connectors changed.
    """

    name: str
    sandbox: Sandbox
    url: str
    of: SandboxModule
    open: contextlib.ExitStack
    ids: dict[ExternalId, ExternalId] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)
    refreshed: list[BaseModel] = field(default_factory=list)

    def connect(self, credentials: BaseModel | None = None) -> Connector:
        """Make a connector, of everything the sandbox lets it do; closed with the sandbox."""
        connector = crm_module(self.name).connect(
            credentials or self.of.credentials(self.url),
            on_refresh=self.refreshed.append,
            sleep=self.waits.append,
        )
        self.open.callback(connector.close)
        return connector

    def beside(self) -> Mapping[str, str]:
        """Serve what the CRM answers beside HTTP, until the sandbox ends; gives its addresses."""
        return self.open.enter_context(served_beside(self.name, self.sandbox))

    def put(self, records: Iterable[Record]) -> Mapping[ExternalId, ExternalId]:
        """Put more records into the CRM; gives their ids, and remembers them."""
        added = self.of.fill(self.sandbox, records)
        self.ids |= added
        return added


@contextlib.contextmanager
def running(
    name: str,
    records: Iterable[Record] = (),
    *,
    state: Path | None = None,
    server: Server | None = None,
) -> Iterator[Running]:
    """Run a sandbox CRM in this process while the context lasts.

    Args:
        name: The CRM's folder.
        records: What to fill it with.
        state: A file to keep it in, which may hold something already; else memory.
        server: A server to use, of which this sandbox has the only use meanwhile; else its own.
    """
    of, sandbox = sandbox_module(name), Sandbox(open_state(state))
    with contextlib.ExitStack() as stack:
        server = server or stack.enter_context(open_server())
        stack.callback(server.between, sandbox.close)
        ids = dict(of.fill(sandbox, records))
        server.app = of.create_app(sandbox)
        found = Running(name, sandbox, server.url, of, stack.enter_context(_connectors()), ids)
        yield found


@contextlib.contextmanager
def _connectors() -> Iterator[contextlib.ExitStack]:
    with contextlib.ExitStack() as stack:
        yield stack


def served_beside(
    name: str, sandbox: Sandbox, port: int = 0
) -> contextlib.AbstractContextManager[Mapping[str, str]]:
    """Serve what a CRM answers beside HTTP; a sandbox module has ``serve_beside`` if it does.

    Args:
        name: The CRM's folder.
        sandbox: Its state.
        port: Where the first of it is to listen on loopback; 0 takes a free port.

    Returns:
        A context that gives the addresses by name, for as long as it lasts.
    """
    serve = getattr(sandbox_module(name), "serve_beside", None)
    if serve is None:
        return contextlib.nullcontext({})
    return cast("contextlib.AbstractContextManager[Mapping[str, str]]", serve(sandbox, port))


def sandbox_names() -> tuple[str, ...]:
    """The CRMs that have a sandbox, by folder name, in alphabetical order; files have none."""
    found = Path(__file__).parent.glob("[!_]*/sandbox/__init__.py")
    return tuple(sorted(file.parent.parent.name for file in found))


def sandbox_module(name: str) -> SandboxModule:
    """Load the sandbox of a CRM, by its folder's name."""
    return cast("SandboxModule", importlib.import_module(f"connectors.{name}.sandbox"))


def crm_module(name: str) -> Module:
    """Load a CRM, by its folder's name."""
    return cast("Module", importlib.import_module(f"connectors.{name}"))
