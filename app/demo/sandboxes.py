"""The sandbox CRMs as processes of their own, filled once and living no longer than we do."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel
from starlette.types import ASGIApp

from app.demo.world import inside, outside, shift_to
from app.errors import NotReady
from connectors import Record
from connectors._control import create_door
from connectors._sandbox import Sandbox, open_state, sandbox_module, sandbox_names, served_beside
from connectors._serving import served_together
from connectors._worlds import BadWorld, read

GRACE_S = 3
PORTS = {"hubspot": 8702, "salesforce": 8701}
_WORLDS: dict[str, Callable[..., Iterator[Record]]] = {"hubspot": inside, "salesforce": outside}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sandbox CRM is, and what a new one is filled with.

    Attributes:
        port: 0 takes a free one.
        control_port: Of its admin door: 0 for none, None for `port` + 100 or, if that is taken,
            a free one.
        beside_port: Of what it serves beside HTTP: 0 for nothing, None for `port` + 200 or, if
            that is taken, a free one.
        state: The file to keep it in; else memory.
        world: A world file to fill it with; else the demo's record.
        is_any_port: Take other ports if these are taken.
    """

    port: int = 0
    control_port: int | None = None
    beside_port: int | None = None
    state: Path | None = None
    world: Path | None = None
    is_any_port: bool = False


def serve(crm: str, place: Place, *, until: threading.Event) -> None:
    """Run a sandbox CRM until the event is set; a new one is filled first.

    Prints one line of JSON with its ``url``, and where its admin door and what it serves beside
    HTTP are, once they answer.

    Raises:
        NotReady: If there is no sandbox of this CRM, a port is taken, the world file cannot be
            used, or there is a state file already that it would have to go into.
    """
    if crm not in sandbox_names():
        raise NotReady(f"There is no sandbox {crm!r}: use one of {', '.join(sandbox_names())}.")
    with contextlib.closing(_opened(crm, place).db) as db:
        sandbox = Sandbox(db, is_alone=not place.is_any_port)  # the demo is in a hurry
        apps = [("url", sandbox_module(crm).create_app(sandbox), place.port)]
        if place.control_port != 0:
            door = _free(place.port + 100) if place.port else 0
            door = door if place.control_port is None else place.control_port
            apps.append(("control", create_door(crm, sandbox), door))
        listening = [(app, port) for _, app, port in apps]
        with _listening(listening, place) as urls, _beside(crm, sandbox, place) as beside:
            told = {"crm": crm} | {app[0]: url for app, url in zip(apps, urls, strict=True)}
            print(json.dumps({**told, **beside}), flush=True)  # noqa: T201 - the promised line
            until.wait()


@contextlib.contextmanager
def _listening(apps: Sequence[tuple[ASGIApp, int]], place: Place) -> Iterator[Sequence[str]]:
    """Serve the sandbox and its door, on other ports if these are taken and any will do."""
    with contextlib.ExitStack() as stack:
        try:
            urls = stack.enter_context(served_together(*apps))
        except OSError as error:
            if not place.is_any_port:
                raise NotReady(str(error)) from error
            urls = stack.enter_context(served_together(*((app, 0) for app, _ in apps)))
        yield urls


@contextlib.contextmanager
def _beside(crm: str, sandbox: Sandbox, place: Place) -> Iterator[Mapping[str, str]]:
    """Serve what the CRM answers beside HTTP, unless nothing of it is wanted."""
    if place.beside_port == 0:
        yield {}
        return
    above = _free(place.port + 200) if place.port else 0
    port = above if place.beside_port is None else place.beside_port
    with contextlib.ExitStack() as stack:
        try:
            found = stack.enter_context(served_beside(crm, sandbox, port))
        except OSError as error:
            raise NotReady(str(error)) from error
        yield found


@contextlib.contextmanager
def started(crm: str, *, port: int, state: Path) -> Iterator[str]:
    """Start a sandbox CRM as a process that ends with the context, or with us if we are killed.

    Yields:
        Its URL.

    Raises:
        NotReady: If it does not start; its own words are on the terminal.
    """
    command = [sys.executable, "-m", "app", "sandbox", crm, "--with-parent"]
    command += ["--port", str(port), "--pubsub-port", "0", "--state", str(state)]
    with subprocess.Popen(  # noqa: S603 - our own program
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        line = b""
        try:
            line = process.stdout.readline() if process.stdout else b""
            if not line:
                raise NotReady(f"The sandbox {crm} did not start.")
            yield str(json.loads(line)["url"])
        finally:
            if process.stdin:
                process.stdin.close()
            if line:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=10)
            process.kill()


def credentials(crm: str, url: str) -> BaseModel:
    """What connects to the sandbox at this URL."""
    return sandbox_module(crm).credentials(url)


def wait_for_parent() -> threading.Event:
    """Give an event that is set when whoever started us has gone; soon after, so are we."""
    gone = threading.Event()

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            pass
        gone.set()
        time.sleep(GRACE_S)
        os._exit(1)  # still filling: nobody will want it

    threading.Thread(target=watch, daemon=True).start()
    return gone


def _opened(crm: str, place: Place) -> Sandbox:
    """Open the state, filled if it is new."""
    state = place.state
    if state is not None and state.exists():
        if place.world is not None:
            raise NotReady(f"{state} holds a CRM already: leave --world out, or name another file.")
        return Sandbox(open_state(state))
    if state is not None:
        _make(crm, state, place.world)
        return Sandbox(open_state(state))
    sandbox = Sandbox(open_state(None))
    _fill(crm, sandbox, place.world)
    return sandbox


def _make(crm: str, state: Path, world: Path | None) -> None:
    """Fill a state file; half a file never stands under its name, whoever is killed when."""
    state.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=state.parent, prefix=f".{state.name}.")
    os.close(handle)
    part = Path(name)
    try:
        with contextlib.closing(open_state(part)) as db:
            _fill(crm, Sandbox(db), world)
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        part.rename(state)
    finally:
        for leftover in state.parent.glob(f"{part.name}*"):
            leftover.unlink()


def _fill(crm: str, sandbox: Sandbox, world: Path | None) -> None:
    of = sandbox_module(crm)
    if world is None:
        of.fill(sandbox, _WORLDS[crm](shift_to(datetime.now(UTC))))
        return
    try:
        of.fill(sandbox, read(world))
    except OSError as error:
        raise NotReady(f"{world} cannot be read: {error.strerror or error}.") from error
    except BadWorld as error:
        raise NotReady(f"{world} is no world: {error}.") from error


def _free(port: int) -> int:
    """The port if it is free, else any."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return 0
    return port
