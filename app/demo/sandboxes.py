"""The sandbox CRMs as processes of their own, filled once and living no longer than we do."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel

from app.demo.world import inside, outside, shift_to
from app.errors import NotReady
from connectors import Record, names
from connectors._sandbox import Sandbox, open_state, sandbox_module, served

PORTS = {"hubspot": 8702, "salesforce": 8701}
_WORLDS: dict[str, Callable[..., Iterator[Record]]] = {"hubspot": inside, "salesforce": outside}


def serve(crm: str, *, port: int, state: Path | None, until: threading.Event) -> None:
    """Run a sandbox CRM until the event is set; a new one is filled with the demo's record.

    Prints one line of JSON with its ``url`` once it answers.

    Raises:
        NotReady: If there is no sandbox of this CRM, or the port is taken.
    """
    if crm not in names():
        raise NotReady(f"There is no sandbox {crm!r}: use one of {', '.join(names())}.")
    if state is not None and not state.exists():
        _make(crm, state)
    sandbox = Sandbox(open_state(state))
    if state is None:
        _fill(crm, sandbox)
    try:
        with served(sandbox_module(crm).create_app(sandbox), port) as url:
            print(json.dumps({"crm": crm, "url": url}), flush=True)  # noqa: T201 - the promised line
            until.wait()
    except OSError as error:
        raise NotReady(str(error)) from error
    finally:
        sandbox.db.close()


@contextlib.contextmanager
def started(crm: str, *, port: int, state: Path) -> Iterator[str]:
    """Start a sandbox CRM as a process that ends with the context, or with us if we are killed.

    Yields:
        Its URL.

    Raises:
        NotReady: If it does not start; its own words are on the terminal.
    """
    command = [sys.executable, "-m", "app", "sandbox", crm, "--with-parent"]
    command += ["--port", str(_free(port)), "--state", str(state)]
    with subprocess.Popen(  # noqa: S603 - our own program
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        try:
            line = process.stdout.readline() if process.stdout else b""
            if not line:
                raise NotReady(f"The sandbox {crm} did not start.")
            yield str(json.loads(line)["url"])
        finally:
            if process.stdin:
                process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=10)
            process.kill()


def credentials(crm: str, url: str) -> BaseModel:
    """What connects to the sandbox at this URL."""
    return sandbox_module(crm).credentials(url)


def wait_for_parent() -> threading.Event:
    """Give an event that is set when whoever started us has gone."""
    gone = threading.Event()

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            pass
        gone.set()

    threading.Thread(target=watch, daemon=True).start()
    return gone


def _make(crm: str, state: Path) -> None:
    """Fill a state file; half a file is never left under its name."""
    state.parent.mkdir(parents=True, exist_ok=True)
    part = state.with_suffix(".part")
    for leftover in state.parent.glob(f"{part.name}*"):
        leftover.unlink()
    sandbox = Sandbox(open_state(part))
    _fill(crm, sandbox)
    sandbox.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    sandbox.db.close()
    part.rename(state)


def _fill(crm: str, sandbox: Sandbox) -> None:
    sandbox_module(crm).fill(sandbox, _WORLDS[crm](shift_to(datetime.now(UTC))))


def _free(port: int) -> int:
    """The port if it is free, else any."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port
