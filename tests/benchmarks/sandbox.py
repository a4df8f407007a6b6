"""What a large sandbox CRM costs: filling it, its file, its memory, and its pages.

    python -m tests.benchmarks.sandbox --contacts 100000 --activities 1000000

Each CRM is filled from the planted company in a process of its own, and kept in a file. Then its
connector reads a page of mail at the beginning, in the middle and near the end, over HTTP. Of the
time three parts are told apart, for a benchmark of the connector is to measure the connector: the
sandbox's own, what any client would need to read the JSON of its answers, and the rest, which is
the connector's. Seconds are of the processor, so that a busy machine tells the same.
"""

import argparse
import contextlib
import gzip
import json
import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.demo.company import world
from app.demo.teams import COLLEAGUES, TEAM, Company
from connectors import Activity, Bookmark, Record, Stream
from connectors._records import LONG_AGO
from connectors._sandbox import (
    Running,
    Sandbox,
    open_state,
    running,
    sandbox_module,
    sandbox_names,
)
from connectors._serving import open_server
from connectors.hubspot import places as hubspot
from connectors.hubspot.places import bookmark_of
from connectors.salesforce import places as salesforce

UNTIL = datetime(2026, 11, 1, tzinfo=UTC)
ROUNDS = 5
PLACES = {"beginning": 0.0, "middle": 0.5, "end": 0.95}
STREAM = Stream.EMAILS
GZIP = b"\x1f\x8b"


@dataclass
class Timed:
    """A sandbox's server, the seconds it took to answer, and its answers, since last asked."""

    app: ASGIApp
    seconds: float = 0.0
    answers: list[bytes] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = bytearray()

        async def kept(message: Message) -> None:
            answer.extend(message.get("body", b""))
            await send(message)

        begun = time.thread_time()
        await self.app(scope, receive, kept)
        self.seconds += time.thread_time() - begun
        self.answers.append(bytes(answer))

    def take(self) -> tuple[float, list[bytes]]:
        taken = self.seconds, self.answers
        self.seconds, self.answers = 0.0, []
        return taken


@dataclass(frozen=True)
class Cost:
    """What one page cost, in seconds."""

    records: int
    calls: int
    wall: float
    own: float
    parsing: float
    rest: float


def records(contacts: int, activities: int) -> Iterator[Record]:
    """Give the company, with every other activity until there are enough."""
    people = round(contacts * TEAM / (TEAM - COLLEAGUES))
    numbers = count()
    kept = 0
    for record in world(Company(people, UNTIL, seed=1)):
        if not isinstance(record, Activity):
            yield record
        elif next(numbers) % 2 == 0:
            yield record
            kept += 1
            if kept == activities:
                return


def place(crm: str, sandbox: Sandbox, share: float) -> Bookmark:
    """Make the bookmark behind this share of all mails, of a pull that reads them all in pages."""
    now = datetime.now(UTC).replace(microsecond=0)
    if crm == "hubspot":
        query = "SELECT id FROM objects WHERE type = '0-49' ORDER BY id"
        (number,) = _nth(sandbox, query, share)
        now_ms = int(now.timestamp() * 1000)
        return bookmark_of(hubspot.Place(last_id=number, started=now_ms, looked=now_ms))
    query = 'SELECT "SystemModstamp", "Id" FROM "EmailMessage" ORDER BY "SystemModstamp", "Id"'
    at, row_id = _nth(sandbox, query, share)
    cursor = salesforce.Cursor(datetime.fromisoformat(at), row_id)
    return salesforce.Place(cursor, known=LONG_AGO, started=now, looked=now).bookmark()


def _nth(sandbox: Sandbox, query: str, share: float) -> tuple[Any, ...]:
    total = sandbox.db.execute(f"SELECT count(*) FROM ({query})").fetchone()[0]  # noqa: S608 own words
    return tuple(sandbox.db.execute(f"{query} LIMIT 1 OFFSET {int(share * total)}").fetchone())


def fill(crm: str, contacts: int, activities: int, state: Path) -> None:
    """Fill a state file, and tell what it cost."""
    with contextlib.closing(open_state(state)) as db:
        begun = time.process_time()
        ids = sandbox_module(crm).fill(Sandbox(db), records(contacts, activities))
        seconds = time.process_time() - begun
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size_mb = state.stat().st_size / 1e6
    print(f"{crm}: {len(ids):,} records filled in {seconds:.0f} s, {size_mb:,.0f} MB")
    print(f"  peak memory of filling {_peak_mb():,.0f} MB")


def read_pages(crm: str, state: Path) -> None:
    """Read pages of a filled CRM, and tell what they cost."""
    with open_server() as server, running(crm, state=state, server=server) as found:
        timed = Timed(found.of.create_app(found.sandbox))
        server.app = timed
        for name, share in PLACES.items():
            _page(found, timed, name, place(crm, found.sandbox, share))
    print(f"  peak memory of serving {_peak_mb():,.0f} MB")


def _page(found: Running, timed: Timed, name: str, bookmark: Bookmark) -> None:
    costs = [_cost(found, timed, bookmark) for _ in range(ROUNDS)]
    middle = {
        one.name: statistics.median(getattr(c, one.name) for c in costs) for one in fields(Cost)
    }
    cost = Cost(**middle)
    whole = cost.own + cost.parsing + cost.rest
    print(
        f"  a page at the {name}: {cost.records:,.0f} mails in {cost.calls:.0f} calls, "
        f"{1000 * cost.wall:.0f} ms; of the processor's {1000 * whole:.0f} ms "
        f"{1000 * cost.own:.0f} ms ({cost.own / whole:.0%}) are the sandbox's, "
        f"{1000 * cost.parsing:.0f} ms reading JSON, {1000 * cost.rest:.0f} ms the connector's"
    )


def _cost(found: Running, timed: Timed, bookmark: Bookmark) -> Cost:
    """Read a page anew, with a connector that knows nothing yet."""
    connector = found.connect()
    connector.identify()
    timed.take()
    calls, begun, busy = connector.calls, time.perf_counter(), time.process_time()
    (page,) = connector.read({STREAM: bookmark})
    wall, busy = time.perf_counter() - begun, time.process_time() - busy
    own, answers = timed.take()
    begun = time.thread_time()
    for answer in answers:
        json.loads(gzip.decompress(answer) if answer.startswith(GZIP) else answer or b"null")
    parsing = time.thread_time() - begun
    rest = busy - own - parsing
    return Cost(len(page.records), connector.calls - calls, wall, own, parsing, rest)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--activities", type=int, default=1_000_000)
    parser.add_argument("--crm", choices=sandbox_names(), action="append")
    asked = parser.parse_args()
    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        for crm in asked.crm or sandbox_names():
            state = Path(folder) / f"{crm}.db"
            for step, given in (
                (fill, (crm, asked.contacts, asked.activities, state)),
                (read_pages, (crm, state)),
            ):
                process = spawn.Process(target=step, args=given)
                process.start()
                process.join()
                if process.exitcode:
                    sys.exit(process.exitcode)


if __name__ == "__main__":
    main()
