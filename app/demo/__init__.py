"""The demo: two local CRMs, real email, and the whole path, on one machine and with no account.

Read `world` (what the CRMs are filled with), `sandboxes` (how they run), `summary` (what is shown).
CRMs are named here, and nowhere else in ``app``.
"""

import contextlib
import fcntl
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from pydantic import SecretStr
from rich.console import Console
from sqlalchemy import Engine
from sqlmodel import Session

from app import connections
from app.connections import Offer
from app.demo import sandboxes, summary
from app.demo.sandboxes import PORTS
from app.errors import NotReady
from app.pipeline import Report
from app.schedule import run_alone
from app.security import Vault, new_key
from app.settings import Settings, plain_settings
from app.store import connections as store
from app.store.database import migrate, open_database
from app.terminal import reports_table, watched
from connectors import module


@contextlib.contextmanager
def running(
    folder: Path, console: Console, *, database_url: str = ""
) -> Iterator[tuple[Settings, list[Report]]]:
    """Start both sandbox CRMs, connect them, and bring everything up to date once.

    Args:
        folder: Where the demo keeps its CRMs, its database and its key; what is there is used.
        console: Where to tell how it goes.
        database_url: Another database than the one in the folder.

    Yields:
        Settings to serve the result with, and how each stage went; the sandboxes end with the
        context.

    Raises:
        NotReady: If the folder cannot be used, or another demo is running in it.
    """
    begun = time.monotonic()
    with contextlib.ExitStack() as stack:
        key = stack.enter_context(_locked(folder))
        settings = plain_settings(
            database_url=database_url or f"sqlite:///{folder / 'tieline.db'}",
            secret_key=SecretStr(key),
            pull_every_minutes=1,
            open_console=True,
        )
        new = [crm for crm in PORTS if not _state(folder, crm).exists()]
        urls = _start(folder, console, stack)
        database = open_database(settings.database_url)
        stack.callback(database.dispose)
        reports = _run(database, Vault(key), urls, new, console)
        console.print(reports_table(reports))
        if all(report.is_done for report in reports):
            summary.show(database, {crm: _state(folder, crm) for crm in urls}, console)
        seconds = time.monotonic() - begun
        written = sum(r.counts.get("written", 0) for r in reports if r.stage == "write back")
        console.print(f"\n{written:,} records written back. {seconds:.0f} seconds in all.")
        yield settings, reports


def save_picture(console: Console, file: Path) -> None:
    """Save what the console has shown as an SVG that needs nothing from outside."""
    drawn = console.export_svg(title="make demo ONCE=1", clear=False)
    file.write_text(re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL), encoding="utf-8")


def _start(folder: Path, console: Console, stack: contextlib.ExitStack) -> dict[str, str]:
    """Start the sandboxes, one after the other; filling one takes a while, the first time."""
    urls: dict[str, str] = {}
    for crm, port in PORTS.items():
        title = module(crm).TITLE
        state = _state(folder, crm)
        doing = "Starting" if state.exists() else "Filling"
        with console.status(f"{doing} a local {title} with the Enron email record…"):
            urls[crm] = stack.enter_context(sandboxes.started(crm, port=port, state=state))
        console.print(f"A local {title} answers at {urls[crm]}.")
    return urls


def _run(
    database: Engine, vault: Vault, urls: Mapping[str, str], new: Sequence[str], console: Console
) -> list[Report]:
    """Connect the sandboxes and run the pipeline; a CRM made anew is one never seen before."""
    migrate(database)
    with Session(database) as session:
        known = [(one.id, one.crm) for one in store.every(session)]
    for connection_id, crm in known:
        if crm in new and connection_id is not None:
            connections.disconnect(database, connection_id)
    for crm, url in urls.items():
        offer = Offer(crm, sandboxes.credentials(crm, url), f"{module(crm).TITLE} (sandbox)")
        connections.connect(database, vault, offer)
    with watched(console) as watch:
        return run_alone(database, partial(connections.opened, database, vault), watch=watch)


def _state(folder: Path, crm: str) -> Path:
    return folder / f"{crm}.db"


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[str]:
    """Keep a folder to ourselves; gives its key, drawn once and readable to nobody else.

    Raises:
        NotReady: If the folder cannot be written to, or another demo is running in it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = os.open(folder / "secret.key", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise NotReady(
            f"The demo cannot use {folder}: name another place with --folder."
        ) from error
    with os.fdopen(file, "r+", encoding="utf-8") as kept:
        try:
            fcntl.flock(kept, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise NotReady(
                f"Another demo is running in {folder}: end it, or name another place with --folder."
            ) from error
        key = kept.read().strip()
        if not key:
            key = new_key()
            kept.write(key)
            kept.flush()
        yield key
