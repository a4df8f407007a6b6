"""How much memory each stage takes as a CRM grows.

    python -m tests.benchmarks.memory --activities 10000 100000

Each sandbox CRM is filled from the planted company, a tenth as many contacts as activities, and
served by a process of its own. Each stage then runs as a process of its own on the same store
(SQLite, or PostgreSQL with ``--database``, which must be empty and is used for one size and CRM),
so that its peak is its own. The first row is a process that has loaded everything and done nothing.
"""

import argparse
import contextlib
import multiprocessing
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from sqlmodel import Session, col, func, select

from app.pipeline import STAGES, Link, run
from app.store import connections, tables
from app.store.database import migrate, open_database
from connectors import module
from connectors._sandbox import running, sandbox_module, sandbox_names
from tests.benchmarks.sandbox import fill

NOTHING = "nothing"
CONTACTS_IN = 10


def serve(crm: str, activities: int, state: Path, ends: Connection) -> None:
    """Be a CRM of so many activities until told to end."""
    fill(crm, activities // CONTACTS_IN, activities, state)
    with running(crm, state=state) as found:
        ends.send(found.url)
        ends.recv()


def stage(name: str, crm: str, crm_url: str, store_url: str) -> tuple[str, float, float, int]:
    """Run one stage; gives how it ended, seconds, the peak in MB, and the interactions kept."""
    begun = time.perf_counter()
    status = "ok" if name == NOTHING else _stage(name, crm, crm_url, store_url)
    seconds = time.perf_counter() - begun
    return status, seconds, _peak_mb(), _interactions(store_url)


def _stage(name: str, crm: str, crm_url: str, store_url: str) -> str:
    database, of = open_database(store_url), module(crm)
    connector = of.connect(sandbox_module(crm).credentials(crm_url), on_refresh=lambda _: None)
    with contextlib.closing(connector):
        with Session(database) as session:
            connection_id = session.exec(select(col(tables.Connection.id))).one() or 0
        link = Link(connection_id, crm, connector, of.STREAMS, of.TARGETS, own_name=of.own_name)
        reports = run(database, [link], only=[name])
    database.dispose()
    return "; ".join(f"{one.status} {one.reason}".strip() for one in reports)


def _peak_mb() -> float:
    """The most memory of this process; `getrusage` would count what its parent had."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    (peak,) = (line.split()[1] for line in lines if line.startswith("VmHWM"))
    return int(peak) / 1024


def _interactions(store_url: str) -> int:
    database = open_database(store_url)
    with Session(database) as session:
        count = session.exec(select(func.count()).select_from(tables.Interaction)).one()
    database.dispose()
    return count


def prepare(crm: str, store_url: str) -> None:
    """Make an empty store that knows of the CRM."""
    database = open_database(store_url)
    migrate(database)
    with Session(database) as session, session.begin():
        made = tables.Connection(
            crm=crm, title=crm, tenant=crm, credentials=b"", created_at=datetime.now(UTC)
        )
        connections.add(session, made)
    database.dispose()


def measure(crm: str, activities: int, store_url: str, folder: Path) -> None:
    """Print a row for each stage."""
    spawn = multiprocessing.get_context("spawn")
    prepare(crm, store_url)
    ends, theirs = spawn.Pipe()
    state = folder / f"{crm}-{activities}-state.db"
    serving = spawn.Process(target=serve, args=(crm, activities, state, theirs), daemon=True)
    serving.start()
    url = ends.recv()
    for name in (NOTHING, *STAGES):
        with spawn.Pool(1) as pool:
            status, seconds, peak_mb, met = pool.apply(stage, (name, crm, url, store_url))
        print(
            f"| {crm} | {activities:,} | {name} | {peak_mb:,.0f} | {seconds:,.0f} "
            f"| {met:,} | {status} |",
            flush=True,
        )
    ends.send(None)
    serving.join()


def main(given: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--activities", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--crm", choices=sandbox_names(), action="append")
    parser.add_argument("--database", help="An empty store, instead of SQLite.")
    asked = parser.parse_args(given)
    print("| CRM | activities | stage | MB | s | interactions | ended |")
    print("|---|--:|---|--:|--:|--:|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for crm in asked.crm or sandbox_names():
            for activities in asked.activities:
                url = asked.database or f"sqlite:///{folder}/{crm}-{activities}.db"
                measure(crm, activities, url, folder)


if __name__ == "__main__":
    main()
