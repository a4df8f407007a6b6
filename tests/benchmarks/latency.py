"""How long it takes from an activity in a CRM to the custom field on the record it changes.

Run ``make bench-latency``, or ``python -m tests.benchmarks.latency --rate 50 --seconds 60``. Both
sandbox CRMs and the service (``tieline serve``) are processes of their own; nothing waits for a
network. The service reads and writes everything once. Then mails are made in the CRMs, as their
users would, ten times a second as many as are due; the CRM announces them by its webhooks, and so
on, until it has the new day in the field *last touch* of the contact. A trigger in each sandbox's
state tells when that was. Each mail is to another contact, whom nobody has been in touch with that
day: else it would change nothing that can be told.
"""

import argparse
import bisect
import contextlib
import json
import os
import random
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
from sqlalchemy import Engine, text
from sqlmodel import Session, col, select

from app import connections
from app.connections import Offer
from app.hooks import Hooks, Wish
from app.security import Vault, new_key
from app.store import tables
from app.store.database import migrate, open_database
from connectors import module
from connectors._sandbox import sandbox_module
from connectors.hubspot.sandbox.signing_in import CLIENT_SECRET
from tests.postgres import running as running_postgres

TICK_S, PATIENCE_S, GOAL_S = 0.1, 60.0, 5.0
LEAST_SHARE = 0.8
"""Of the rate asked for; below it the sandboxes are what is measured."""

RATES = (50, 100, 200, 400, 800, 1_600)
CREATED = ["object.creation", "object.propertyChange", "object.associationChange"]
STAGES = ("waiting", "read back", "resolve", "score", "write back")

SEEN = {
    "hubspot": """
        CREATE TRIGGER seen_field AFTER INSERT ON history
        WHEN NEW.type = '0-1' AND NEW.name = '{field}' BEGIN
          INSERT INTO seen VALUES (NEW.type || ':' || NEW.id, julianday('now')); END
    """,
    "salesforce": """
        CREATE TRIGGER seen_field AFTER UPDATE ON "Contact"
        WHEN NEW."{field}" IS NOT OLD."{field}" BEGIN
          INSERT INTO seen VALUES (NEW."Id", julianday('now')); END
    """,
}
POKE = {"hubspot": "/oauth/access-tokens/none", "salesforce": "/services/data"}
"""A call that costs nothing: what is due is announced behind it."""

PAIRS = """
    WITH ends AS (
      SELECT a AS our_id, b AS their_id FROM tie WHERE is_outward AND last_s < :today
      UNION SELECT b, a FROM tie WHERE is_outward AND last_s < :today)
    SELECT ours.external_id, theirs.external_id
    FROM ends
    JOIN profile ours ON ours.person_id = our_id AND ours.kind = 'colleague'
    JOIN profile theirs ON theirs.person_id = their_id AND theirs.kind = 'contact'
    WHERE ours.is_active AND NOT ours.is_deleted AND NOT theirs.is_deleted
      AND ours.connection_id = :connection AND theirs.connection_id = :connection
      AND our_id <> their_id
      AND their_id NOT IN (SELECT a FROM tie WHERE last_s >= :today
                           UNION SELECT b FROM tie WHERE last_s >= :today)
    ORDER BY theirs.external_id, ours.external_id
"""


@dataclass
class Crm:
    """A sandbox in a process of its own.

    Attributes:
        pairs: Colleagues and contacts who know each other, each contact once.
        made: When a mail to a contact was made.
    """

    name: str
    url: str
    door: str
    state: Path
    pid: int
    connection_id: int = 0
    pairs: list[tuple[str, str]] = field(default_factory=list)
    made: dict[str, float] = field(default_factory=dict)

    def pull(self, lever: str, **given: object) -> None:
        """Do something to the CRM by its door."""
        httpx.post(f"{self.door}/levers/{lever}", json=given).raise_for_status()

    def announce(self, url: str) -> None:
        """Have it tell every new activity to an address, by itself."""
        if self.name == "hubspot":
            self.pull("turn", name="deliver_at_once", value=1)
            for type_id in ("0-1", "0-47", "0-48", "0-49"):
                self.pull("subscribe", url=url, kinds=CREATED, object_type=type_id)
        else:
            for sobject in ("Contact", "Task", "Event", "EmailMessage"):
                self.pull("send_outbound", sobject=sobject, url=url, fields=[])
            self.pull("deliver_outbound_at_once")

    def watch(self) -> None:
        """Have the state tell when the field of a contact changes."""
        with contextlib.closing(sqlite3.connect(self.state, timeout=30)) as db:
            db.execute("CREATE TABLE IF NOT EXISTS seen (id TEXT, at REAL)")
            db.execute(SEEN[self.name].format(field=module(self.name).own_name("last_touch")))
            db.commit()

    def seen(self) -> dict[str, float]:
        """When the field of each contact changed first."""
        with contextlib.closing(sqlite3.connect(self.state, timeout=30)) as db:
            rows = db.execute("SELECT id, (min(at) - 2440587.5) * 86400 FROM seen GROUP BY id")
            return dict(rows.fetchall())

    def write(self, pairs: Sequence[tuple[str, str]], client: httpx.Client, number: int) -> None:
        """Have colleagues write to contacts now."""
        at = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        lines = [_mail(f"{number}-{n}", at, *pair) for n, pair in enumerate(pairs)]
        begun = time.time()
        client.post(f"{self.door}/records", content="\n".join(lines)).raise_for_status()
        client.get(self.url + POKE[self.name])
        self.made.update({contact: begun for _, contact in pairs if contact not in self.made})


def _mail(name: str, at: str, ours: str, theirs: str) -> str:
    people = [{"role": "from", "person_id": ours}, {"role": "to", "person_id": theirs}]
    mail = {"kind": "email", "id": f"mail {name}", "at": at, "modified_at": at, "recipients": 1}
    return json.dumps(mail | {"participants": people})


@dataclass(frozen=True)
class Service:
    """Tieline in a process of its own, and its database."""

    database: Engine
    pid: int

    def queued(self) -> int:
        """How much was announced and is not done."""
        with self.database.connect() as connection:
            return int(connection.execute(text("SELECT count(*) FROM hint")).scalar_one())

    def runs(self, after: int = 0) -> list[tables.Run]:
        """The runs behind one that have ended, in their order."""
        with Session(self.database) as session:
            run = tables.Run
            query = select(run).where(col(run.id) > after, col(run.ended_at).is_not(None))
            return list(session.exec(query.order_by(col(run.id))))


def processor_s(pid: int) -> float:
    """Seconds of the processor that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def sandbox(name: str, folder: Path, world: Path | None) -> Iterator[Crm]:
    """Run a sandbox CRM while the context lasts."""
    state = folder / f"{name}.db"
    command = [sys.executable, "-m", "app", "sandbox", name, "--with-parent", "--pubsub-port", "0"]
    command += ["--state", str(state), *(["--world", str(world)] if world else [])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        told = json.loads(process.stdout.readline() if process.stdout else b"")
        yield Crm(name, told["url"], told["control"], state, process.pid)
        process.kill()


@contextlib.contextmanager
def service(url: str, crms: Sequence[Crm], log: Path) -> Iterator[Service]:
    """Run the service while the context lasts, connected, and done with its first run."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    key, base, database = new_key(), f"http://127.0.0.1:{port}", open_database(url)
    migrate(database)
    for crm in crms:
        offer = Offer(crm.name, sandbox_module(crm.name).credentials(crm.url), crm.name)
        crm.connection_id = connections.connect(database, Vault(key), offer)
    given = {
        "DATABASE_URL": url,
        "SECRET_KEY": key,
        "PUBLIC_URL": base,
        "PULL_EVERY_MINUTES": "1440",
    }
    environment = {**os.environ, **{f"TIELINE_{name}": value for name, value in given.items()}}
    command = [sys.executable, "-m", "app", "serve", "--port", str(port)]
    with (
        log.open("wb") as out,
        subprocess.Popen(command, env=environment, stdout=out, stderr=out) as process,
    ):
        found = Service(database, process.pid)
        while sum(run.stage == "write back" for run in found.runs()) < len(crms):
            time.sleep(1)
        for crm in crms:
            secret = CLIENT_SECRET if crm.name == "hubspot" else None
            setup = Hooks(database, Vault(key), base).set_up(crm.connection_id, Wish(secret))
            crm.announce(setup.url)
            crm.watch()
            crm.pairs = _pairs(database, crm)
        yield found
        process.terminate()


def _pairs(database: Engine, crm: Crm) -> list[tuple[str, str]]:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    given = {"today": int(today.timestamp()), "connection": crm.connection_id}
    with database.connect() as connection:
        rows = connection.execute(text(PAIRS), given).all()
    found = [(ours, theirs) for theirs, ours in {theirs: ours for ours, theirs in rows}.items()]
    random.Random(1).shuffle(found)  # noqa: S311 - the same every time
    return found


def load(crm: Crm, rate: float, seconds: float) -> int:
    """Make so many mails a second for so long, or fewer if the CRM takes no more; gives how many.

    The same contacts are written to again if there are too few.
    """
    begun, number, first = time.monotonic(), 0, len(crm.made)
    pairs = crm.pairs[first:] or crm.pairs
    with httpx.Client(timeout=60) as client:
        while (passed := time.monotonic() - begun) < seconds:
            due = int(rate * passed) + 1
            if few := [pairs[n % len(pairs)] for n in range(number, due)]:
                crm.write(few, client, first + number)
            number = due
            time.sleep(max(0.0, TICK_S - (time.monotonic() - begun - passed)))
    return number


@dataclass(frozen=True)
class Measured:
    """What came of some seconds at one rate.

    Attributes:
        mails: How many a second there really were.
        made: Mails to contacts who had none that day.
        latencies: Seconds until the field was there, of each that changed one.
        shares: Mean seconds of each step, of the same.
        queued: How much was on the queue halfway and at the end of the load.
        spent: Seconds of the processor by process, while it lasted.
        runs: Mean seconds of a run of each stage, and how many there were.
    """

    mails: float
    made: int
    latencies: list[float]
    shares: dict[str, float]
    queued: tuple[int, int]
    spent: dict[str, float]
    runs: dict[str, tuple[float, int]]


def measure(found: Service, crms: Sequence[Crm], rate: float, seconds: float) -> Measured:
    """Load both CRMs with half of the rate each, and wait until all of it is done."""
    last = max((run.id or 0 for run in found.runs()), default=0)
    known = {crm.name: set(crm.made) for crm in crms}
    pids = {"tieline": found.pid, **{crm.name: crm.pid for crm in crms}}
    before = {name: processor_s(pid) for name, pid in pids.items()}
    with ThreadPoolExecutor(len(crms)) as pool:
        loads = [pool.submit(load, crm, rate / len(crms), seconds) for crm in crms]
        time.sleep(seconds / 2)
        halfway = found.queued()
        mails = sum(one.result() for one in loads)
    at_the_end = found.queued()
    until = time.monotonic() + PATIENCE_S
    time.sleep(2)
    while found.queued() and time.monotonic() < until:
        time.sleep(0.5)
    time.sleep(1)
    runs = found.runs(last)
    events = [
        (crm.connection_id, at, seen[contact])
        for crm in crms
        for seen in [crm.seen()]
        for contact, at in crm.made.items()
        # whoever is in both CRMs may have been written to by way of the other one first
        if contact not in known[crm.name] and seen.get(contact, 0.0) >= at
    ]
    stages = {stage: _seconds(runs, stage) for stage in dict.fromkeys(run.stage for run in runs)}
    return Measured(
        mails=mails / seconds,
        made=sum(len(crm.made) - len(known[crm.name]) for crm in crms),
        latencies=sorted(seen - made for _, made, seen in events),
        shares=shares(runs, events),
        queued=(halfway, at_the_end),
        spent={name: processor_s(pid) - before[name] for name, pid in pids.items()},
        runs={stage: (statistics.fmean(took), len(took)) for stage, took in stages.items()},
    )


def _seconds(runs: Sequence[tables.Run], stage: str) -> list[float]:
    return [_end(run) - run.started_at.timestamp() for run in runs if run.stage == stage]


def _end(run: tables.Run) -> float:
    return run.ended_at.timestamp() if run.ended_at else 0.0


def shares(
    runs: Sequence[tables.Run], events: Sequence[tuple[int, float, float]]
) -> dict[str, float]:
    """Mean seconds of each step of the events, by the runs in which they were done."""
    starts = [run.started_at.timestamp() for run in runs]
    parts: dict[str, list[float]] = {stage: [] for stage in STAGES}
    for _, made, seen in events:
        at = bisect.bisect_right(starts, seen)
        moments: dict[str, float] = {}
        end = seen
        for run in reversed(runs[:at]):
            stage = "read back" if run.stage == "follow" else run.stage
            if stage == "write back" and len(moments) > 1:
                break  # the turn before
            moments[stage] = run.started_at.timestamp()
        for stage in reversed(STAGES[1:]):
            begun = max(made, min(moments.get(stage, end), end))
            parts[stage].append(end - begun)
            end = begun
        parts["waiting"].append(end - made)
    return {stage: statistics.fmean(took or [0.0]) for stage, took in parts.items()}


def show(rate: float, found: Measured) -> bool:
    """Print what was measured; gives whether the goal is met."""
    print(
        f"{rate:g} events/s asked for, {found.mails:.0f} made: "
        f"{len(found.latencies):,} of {found.made:,} new ones changed a field; "
        f"queue {found.queued[0]:,} halfway, {found.queued[1]:,} at the end"
    )
    is_met = len(found.latencies) > 1 and _show_latencies(found)
    runs = (f"{stage} {took:.2f} s x {n}" for stage, (took, n) in found.runs.items())
    print("  runs: " + ", ".join(runs))
    spent = (f"{name} {seconds:.1f} s" for name, seconds in found.spent.items())
    print("  processor: " + ", ".join(spent), flush=True)
    return is_met


def _show_latencies(found: Measured) -> bool:
    cuts = statistics.quantiles(found.latencies, n=100)
    print(
        f"  latency: p50 {cuts[49]:.1f} s, p95 {cuts[94]:.1f} s, p99 {cuts[98]:.1f} s, "
        f"max {found.latencies[-1]:.1f} s"
    )
    whole = sum(found.shares.values()) or 1.0
    steps = (f"{one} {took:.2f} s ({took / whole:.0%})" for one, took in found.shares.items())
    print("  steps, mean: " + ", ".join(steps))
    return cuts[94] < GOAL_S


def is_kept_up(found: Measured, rate: float) -> bool:
    """Whether the queue did not grow; a second of the rate more or less is no growth."""
    halfway, at_the_end = found.queued
    return at_the_end <= 1.5 * halfway + 2 * rate


def world(folder: Path, people: int) -> dict[str, Path | None]:
    """Make up a company; none for the demo's record."""
    if not people:
        return {"hubspot": None, "salesforce": None}
    out = folder / "world.ndjson.gz"
    command = [sys.executable, "-m", "app", "world", "--people", str(people), "--per-crm"]
    subprocess.run([*command, "--out", str(out)], check=True, capture_output=True)
    return {name: next(folder.glob(f"world*{name}*.gz")) for name in ("hubspot", "salesforce")}


def main() -> int:
    """Print what was measured; fail if the goal is missed."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--rate", type=float, default=50.0, help="events a second")
    options.add_argument("--seconds", type=float, default=60.0)
    options.add_argument("--people", type=int, default=0, help="a made-up company, not the demo's")
    options.add_argument("--postgres", action="store_true")
    options.add_argument("--ceiling", action="store_true", help="then more, until it falls behind")
    given = options.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = f"sqlite:///{folder}/tieline.db"
        if given.postgres:
            cluster = stack.enter_context(running_postgres())
            url = cluster.url(stack.enter_context(cluster.database()))
        worlds = world(folder, given.people)
        crms = [stack.enter_context(sandbox(one, folder, file)) for one, file in worlds.items()]
        found = stack.enter_context(service(url, crms, folder / "log"))
        told = ", ".join(f"{crm.name} {len(crm.pairs):,}" for crm in crms)
        print(f"Contacts to write to: {told}.", flush=True)
        is_met = show(given.rate, measure(found, crms, given.rate, given.seconds))
        print(f"p95 under {GOAL_S:g} s: {'yes' if is_met else 'NO'}", flush=True)
        for rate in (one for one in RATES if given.ceiling and one > given.rate):
            more = measure(found, crms, rate, given.seconds / 3)
            show(rate, more)
            if not is_kept_up(more, rate) or more.mails < LEAST_SHARE * rate:
                print("Beyond that the queue grows, or the sandboxes take no more.")
                break
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
