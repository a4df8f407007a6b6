"""The demo: two local CRMs, real email, and the whole path, on one machine and with no account.

Read `world` (what the CRMs are filled with), `sandboxes` (how they run), `summary` (what is shown).
CRMs are named here, and nowhere else in ``app``.
"""

import contextlib
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr
from rich.console import Console
from sqlalchemy import Engine

from app import connections, pipeline
from app.connections import Offer
from app.demo import sandboxes, summary
from app.demo.sandboxes import PORTS
from app.errors import NotReady
from app.security import Vault, new_key
from app.settings import Settings
from app.store.database import migrate, open_database
from app.terminal import reports_table, watched
from connectors import module


@contextlib.contextmanager
def running(folder: Path, console: Console, *, database_url: str = "") -> Iterator[Settings]:
    """Start both sandbox CRMs, connect them, and bring everything up to date once.

    Args:
        folder: Where the demo keeps its CRMs, its database and its key; what is there is used.
        console: Where to tell how it goes.
        database_url: Another database than the one in the folder.

    Yields:
        Settings to serve the result with; the sandboxes end with the context.
    """
    begun = time.monotonic()
    key = _key(folder)
    settings = Settings(
        database_url=database_url or f"sqlite:///{folder / 'tieline.db'}",
        secret_key=SecretStr(key),
        pull_every_minutes=1,
    )
    vault = Vault(settings.secret_key.get_secret_value())
    with contextlib.ExitStack() as stack:
        urls = _start(folder, console, stack)
        database = open_database(settings.database_url)
        stack.callback(database.dispose)
        migrate(database)
        for crm, url in urls.items():
            offer = Offer(crm, sandboxes.credentials(crm, url), f"{module(crm).TITLE} (sandbox)")
            connections.connect(database, vault, offer)
        reports = _run(database, vault, console)
        console.print(reports_table(reports))
        summary.show(database, {crm: _state(folder, crm) for crm in urls}, console)
        seconds = time.monotonic() - begun
        written = sum(r.counts.get("written", 0) for r in reports if r.stage == "write back")
        console.print(f"\n{written:,} records written back. {seconds:.0f} seconds in all.")
        yield settings


def save_picture(console: Console, file: Path) -> None:
    """Save what the console has shown as an SVG that needs nothing from outside."""
    drawn = console.export_svg(title="make demo ONCE=1", clear=False)
    file.write_text(re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL), encoding="utf-8")


def _start(folder: Path, console: Console, stack: contextlib.ExitStack) -> dict[str, str]:
    """Start the sandboxes side by side; filling one takes a while, the first time."""
    urls: dict[str, str] = {}
    for crm, port in PORTS.items():
        title = module(crm).TITLE
        state = _state(folder, crm)
        doing = "Starting" if state.exists() else "Filling"
        with console.status(f"{doing} a local {title} with the Enron email record…"):
            urls[crm] = stack.enter_context(sandboxes.started(crm, port=port, state=state))
        console.print(f"A local {title} answers at {urls[crm]}.")
    return urls


def _run(database: Engine, vault: Vault, console: Console) -> list[pipeline.Report]:
    with connections.opened(database, vault) as links, watched(console) as watch:
        return pipeline.run(database, links, now=lambda: datetime.now(UTC), watch=watch)


def _state(folder: Path, crm: str) -> Path:
    return folder / f"{crm}.db"


def _key(folder: Path) -> str:
    """The demo's key, drawn once and readable to nobody else.

    Raises:
        NotReady: If the folder cannot be written to.
    """
    file = folder / "secret.key"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(new_key(), encoding="utf-8")
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise NotReady(
            f"The demo cannot use {folder}: name another place with --folder."
        ) from error
