"""What writing back costs when a few records of many have changed, beside one call per record.

Run ``make bench-write-back``, or ``python -m tests.benchmarks.write_back --contacts 10000``. For
each CRM a sandbox stands in a process of its own. A store knows all contacts and that the CRM holds
their values; then some of the scores change. Each way of writing runs as a process of its own:
Tieline's whole stage (look at every record, see what differs, write it, note what was answered),
and a loop that is told what changed and updates each record by a call of its own, over one
connection, as connectors commonly do. Seconds are wall time, the sandbox's included; memory is the
peak of the process. What the CRM then holds is compared with what it should.
"""

import argparse
import contextlib
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import httpx
from sqlalchemy import Engine, insert, update
from sqlmodel import Session, SQLModel, col, select

from app.pipeline.fields import fields
from app.pipeline.link import Link
from app.pipeline.write_back import write_back
from app.store import connections, tables
from app.store.cards import Card, CardTie, Named
from app.store.database import migrate, open_database
from connectors import (
    Connector,
    ExternalId,
    FieldUpdate,
    Person,
    PersonKind,
    Target,
    WriteResult,
    module,
)
from connectors._records import LONG_AGO
from connectors._sandbox import running, sandbox_module, sandbox_names
from tests.fakes import FakeConnector

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BEFORE, AFTER = 40, 60


class Agreeing(FakeConnector):
    """A CRM that has every field and takes everything, to begin from."""

    def write(self, updates: Sequence[FieldUpdate]) -> Iterator[Sequence[WriteResult]]:
        """Take everything at once."""
        self.calls += 1
        yield [WriteResult(one.target, one.id, ok=True) for one in updates]


@dataclass(frozen=True)
class Took:
    """What a way of writing took."""

    calls: int
    written: int
    seconds: float
    peak_mb: float


def card(strength: int) -> str:
    """Give the card of a contact with one tie."""
    other = Named(id=1, name="Ada Lund", is_colleague=True)
    tie = CardTie(
        other=other, strength=strength, band="moderate", status="active", trend=0, depth=strength,
        momentum=0, alive=0.5, confidence=0.5, doubts=[], sent=3, received=3, undirected=0,
        active_days=3, first_contact=NOW, last_contact=NOW, rhythm_days=None, answers_in_h=None,
        answered_in_h=None, overlap=0.5, is_personal=True,
    )  # fmt: skip
    return Card(
        person=Named(id=2, name="Bo Holm", is_colleague=False), as_of=NOW, model="1", best=tie,
        last_contact=NOW, ties_in_all=1, ties=[tie], recommendations=[],
    ).model_dump_json()  # fmt: skip


def serve(crm: str, contacts: int, ends: Connection) -> None:
    """Be a CRM of so many contacts until told to end; tell what a contact holds when asked."""
    people = (
        Person(
            ExternalId(f"c{n}"), PersonKind.CONTACT, f"Bo Holm{n}", (f"bo{n}@far.example",),
            modified_at=LONG_AGO,
        )
        for n in range(contacts)
    )  # fmt: skip
    with running(crm, people) as found:
        found.connect().create_fields(fields(Target.CONTACT))
        ends.send((found.url, [found.ids[ExternalId(f"c{n}")] for n in range(contacts)]))
        while (asked := ends.recv()) is not None:
            held = (found.of.custom_values(found.sandbox, Target.CONTACT, i) for i in asked)
            ends.send([one.get("strength") for one in held])


def prepare(path: Path, crm: str, ids: list[ExternalId], share: float) -> None:
    """Make a store that knows what the CRM holds, and change some scores."""
    engine = open_database(f"sqlite:///{path}")
    migrate(engine)
    with Session(engine) as session, session.begin():
        session.add(tables.Person(id=1, name="Ada Lund", is_colleague=True))
        row = tables.Connection(crm=crm, title=crm, tenant=crm, credentials=b"", created_at=NOW)
        connection_id = connections.add(session, row)
    body = card(BEFORE)
    people = range(2, len(ids) + 2)
    rows: tuple[tuple[type[SQLModel], Iterator[dict[str, object]]], ...] = (
        (tables.Person, ({"id": n, "name": "Bo Holm", "is_colleague": False} for n in people)),
        (tables.ScoreCard, ({"person_id": n, "body": body, "changed_seq": 1} for n in people)),
        (tables.Profile, (profile(connection_id, ids[n - 2], n) for n in people)),
    )
    with engine.begin() as connection:
        for table, values in rows:
            connection.execute(insert(table), list(values))
    stage(engine, crm, Agreeing())
    changed = col(tables.ScoreCard.person_id) % round(1 / share) == 2
    with engine.begin() as connection:
        fresh = {"body": card(AFTER), "changed_seq": 2}
        connection.execute(update(tables.ScoreCard).where(changed).values(**fresh))
    engine.dispose()


def profile(connection_id: int, record_id: ExternalId, person_id: int) -> dict[str, object]:
    """Give the record of a contact."""
    return {
        "connection_id": connection_id,
        "external_id": record_id,
        "kind": "contact",
        "name": "Bo Holm",
        "addresses": [],
        "is_active": True,
        "is_deleted": False,
        "is_seen": True,
        "modified_at": NOW,
        "person_id": person_id,
        "is_apart": False,
        "joined_because": "",
        "is_resolved": True,
    }


def stage(engine: Engine, crm: str, connector: Connector) -> Mapping[str, int]:
    """Run the stage."""
    of = module(crm)
    with Session(engine) as session, session.begin():
        connection_id = session.exec(select(col(tables.Connection.id))).one() or 0
        run = tables.Run(
            stage="write back",
            connection_id=connection_id,
            status="running",
            started_at=NOW,
            counts={},
        )
        session.add(run)
        session.flush()
        run_id = run.id or 0
    targets = (Target.CONTACT,)
    link = Link(connection_id, crm, connector, (), targets, own_name=of.own_name)
    return write_back(engine, link, run_id=run_id, now=lambda: NOW)


def ours(path: Path, crm: str, url: str, _: list[ExternalId]) -> Took:
    """Write as Tieline does."""
    engine = open_database(f"sqlite:///{path}")
    made = module(crm).connect(sandbox_module(crm).credentials(url), on_refresh=lambda _: None)
    with contextlib.closing(made) as connector:
        connector.identify()
        begun = time.perf_counter()
        counts = stage(engine, crm, connector)
        return _took(counts["calls"], counts["written"], begun)


def one_by_one(_: Path, crm: str, url: str, ids: list[ExternalId]) -> Took:
    """Write what is known to have changed, a record a call."""
    name = module(crm).own_name("strength")
    written = 0
    with httpx.Client(base_url=url, trust_env=False) as client:
        client.headers["Authorization"] = f"Bearer {_token(client, crm, url)}"
        begun = time.perf_counter()
        for record_id in ids:
            written += _update(client, crm, record_id, name).is_success
        return _took(len(ids), written, begun)


def _update(client: httpx.Client, crm: str, record_id: ExternalId, name: str) -> httpx.Response:
    if crm == "salesforce":
        path = f"/services/data/v67.0/sobjects/Contact/{record_id}"
        return client.patch(path, json={name: AFTER})
    number = record_id.partition(":")[2]
    return client.patch(f"/crm/v3/objects/0-1/{number}", json={"properties": {name: str(AFTER)}})


def _token(client: httpx.Client, crm: str, url: str) -> str:
    given = sandbox_module(crm).credentials(url).model_dump()
    if crm == "hubspot":
        return str(given["access_token"].get_secret_value())
    form = {
        "grant_type": "client_credentials",
        "client_id": given["client_id"],
        "client_secret": given["client_secret"].get_secret_value(),
    }
    return str(client.post("/services/oauth2/token", data=form).json()["access_token"])


def _took(calls: int, written: int, begun: float) -> Took:
    seconds = time.perf_counter() - begun
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Took(calls, written, seconds, peak_mb)


def _apart(way: Callable[..., Took | None], *given: object) -> Took | None:
    """Run something in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(way, given)


@contextlib.contextmanager
def served(crm: str, contacts: int) -> Iterator[tuple[str, list[ExternalId], Connection]]:
    """Have a CRM in a process of its own."""
    context = multiprocessing.get_context("spawn")
    ends, theirs = context.Pipe()
    process = context.Process(target=serve, args=(crm, contacts, theirs), daemon=True)
    process.start()
    url, ids = ends.recv()
    yield url, ids, ends
    ends.send(None)
    process.join()


def measure(crm: str, contacts: int, share: float) -> Iterator[str]:
    """Give the lines of the table for one CRM."""
    with tempfile.TemporaryDirectory() as folder:
        path, changed = Path(folder) / "tieline.db", slice(None, None, round(1 / share))
        for name, way in (("Tieline", ours), ("one call per record", one_by_one)):
            with served(crm, contacts) as (url, ids, ends):
                if way is ours:
                    _apart(prepare, path, crm, ids, share)
                took = _apart(way, path, crm, url, ids[changed])
                ends.send(ids[changed])
                wrong = sum(held != AFTER for held in ends.recv())
                assert took is not None
                yield (
                    f"| {crm} | {name} | {len(ids):,} | {took.written:,} | {took.calls:,} "
                    f"| {took.seconds:.1f} | {took.peak_mb:,.0f} | {wrong} |"
                )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--share", type=float, default=0.03)
    parser.add_argument("--crm", choices=sandbox_names(), action="append")
    args = parser.parse_args()
    print("| CRM | way | records | written | calls | s | MB | wrong |")
    print("|---|---|--:|--:|--:|--:|--:|--:|")
    for crm in args.crm or sandbox_names():
        for line in measure(crm, args.contacts, args.share):
            print(line, flush=True)


if __name__ == "__main__":
    main()
