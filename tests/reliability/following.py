"""A sandbox CRM and a store that follows it, and the six invariants that hold whatever happens.

I1 no gap: the store holds what the CRM does. I2 no double effect: nothing is written to the CRM
that is not due. I3 no lie: a run is ok only if all was read. I4 progress: what is kept is not read
again; a test that breaks a run counts its calls. I5 bounded: an idle run costs what the formula
says, and every call is counted. I6 quiet: nobody's data and no secret is told.
"""

import io
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Engine, text
from sqlmodel import Session, col, select

from app import connections, pipeline
from app.connections import Offer, Time
from app.pipeline import Interrupted, Report, Watch, unwatched
from app.security import Vault, new_key
from app.store import lookups, reading, tables
from app.telemetry import Formatter
from connectors import (
    Account,
    Activity,
    Deal,
    ExternalId,
    Person,
    Record,
    Stream,
    module,
)
from connectors._sandbox import Running
from tests.fakes import colleague, contact, email
from tests.hands import HANDS, Hands
from tests.parties import parties

CANARY = "canary"
"""Everybody's name and address, every subject and secret has it; it is told nowhere."""

IDLE = {"salesforce": 1 + 2, "hubspot": 8 + 2}
"""Calls of a run without changes: a token and eight streams by five; eight streams and owners."""

ENDED = {"ok", "partial", "paused", "failed"}
TOLD = ("run", "gap", "malformed", "bookmark", "outbox", "lease", "usage")
"""Tables that hold no record of the CRM's."""

WRITES = r"PATCH |/batch/(update|create|upsert|archive)|POST .*/(sobjects|properties|ingest)"


class Crash(Interrupted):
    """The process is gone."""


@dataclass
class Following:
    """A CRM that people work in, and Tieline beside it.

    Attributes:
        skew: How far our clock is ahead of the CRM's.
        reports: How every run ended.
        waits: How long it would have waited, in seconds.
        others: Calls within a run that were not the run's.
    """

    crm: Running
    database: Engine
    key: str = field(default_factory=new_key)
    hands: Hands = field(init=False)
    vault: Vault = field(init=False)
    connection_id: int = 0
    skew: timedelta = timedelta()
    reports: list[Report] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    log: io.StringIO = field(default_factory=io.StringIO)
    made: int = 0
    others: int = 0

    def __post_init__(self) -> None:
        self.hands = HANDS[self.crm.name]
        self.vault = Vault(self.key)
        self.crm.sandbox.clock.stop()

    def fill(self, contacts: int = 5, emails: int = 10) -> None:
        """Have a colleague, some contacts, and emails to them, one after the other, in the CRM."""
        self.put(person(colleague, "Ada"))
        bos = self.put(*(person(contact, f"Bo{n}") for n in range(contacts)))
        for n in range(emails):
            self.write_to(bos[n % contacts])
        self.pass_time(hours=3)

    def connect(self, credentials: Any = None) -> None:  # noqa: ANN401 any CRM's
        given = credentials or self.crm.of.credentials(self.crm.url)
        offer = Offer(self.crm.name, given, "CRM")
        self.connection_id = connections.connect(self.database, self.vault, offer)

    def now(self) -> datetime:
        """Our clock."""
        return self.crm.sandbox.clock.now() + self.skew

    def pass_time(self, **by: float) -> None:
        self.crm.sandbox.clock.advance(timedelta(**by))

    def put(self, *records: Record) -> list[ExternalId]:
        """Have people make records now; gives their ids in the CRM."""
        at = self.crm.sandbox.clock.now()
        found = self.crm.put([replace(one, modified_at=at) for one in records])
        self.pass_time(seconds=1)
        return [found[one.id] for one in records]

    def write_to(self, *whom: ExternalId) -> ExternalId:
        """Have Ada write an email."""
        self.made += 1
        mail = email(self.made, self.id_of("Ada"), *whom)
        (made,) = self.put(replace(mail, at=self.crm.sandbox.clock.now() - timedelta(days=30)))
        return made

    def id_of(self, name: str) -> ExternalId:
        """The CRM's id of somebody."""
        return self.crm.ids[ExternalId(name)]

    def run(self, *, only: Sequence[str] = ("pull",), watch: Watch = unwatched) -> Report:
        """Run as the schedule does; gives how the first stage ended."""
        passing = Time(self.now, self.waits.append)
        before = len(self.crm.sandbox.calls)
        with Session(self.database) as session, session.begin():
            lookups.end_orphans(session, at=self.now(), reason=pipeline.INTERRUPTED)
        with connections.opened(self.database, self.vault, passing) as links:
            reports = pipeline.run(self.database, links, only=only, now=self.now, watch=watch)
        self.reports += reports
        report = reports[0] if reports else Report("pull", "CRM", "paused", "Left out.", {}, 0.0)
        if report.is_done and only == ("pull",):
            made = len(self.crm.sandbox.calls) - before - self.others
            assert report.counts["calls"] == made  # I5
        self.others = 0
        self.pass_time(seconds=1)
        return report

    def crash(self, pages: int, **how: Any) -> None:  # noqa: ANN401 as `run`
        """Run, and be gone behind so many pages, if there are so many."""
        left = [pages]

        def watch(_: object) -> None:
            left[0] -= 1
            if not left[0]:
                raise Crash

        try:
            self.run(watch=watch, **how)
        except Crash:
            self.crm.sandbox.clock.advance(timedelta(seconds=1))

    def check(self, *, settled_in: int = 2) -> None:
        """Let the faults clear, run as often as is allowed, and see that all six hold."""
        self.crm.sandbox.faults.clear()
        writes = self.crm.sandbox.count(WRITES)
        for _ in range(settled_in):
            self.pass_time(minutes=10)
            self.run()
        assert self.mirror() == self.truth()  # I1
        assert self.crm.sandbox.count(WRITES) == writes  # I2
        self._check_honest()
        for _ in range(2):  # what might be shown late is read once more
            self.pass_time(hours=3)
            self.run()
        self.pass_time(minutes=10)
        assert self.run().counts["calls"] <= IDLE[self.crm.name]  # I5
        self.check_quiet()

    def truth(self) -> set[tuple[object, ...]]:
        """What the CRM holds."""
        return {essence(record) for record in self.crm.of.records(self.crm.sandbox)}

    def mirror(self) -> set[tuple[object, ...]]:
        """What we do."""
        with Session(self.database) as session:
            rows = partial(_alive, session, self.connection_id)
            people = {p.external_id: p for p in rows(tables.Profile) if p.is_seen}
            return {
                *((p.external_id, p.kind, p.name, frozenset(p.addresses)) for p in people.values()),
                *((a.external_id, a.name) for a in rows(tables.Account)),
                *((d.external_id, d.name, d.stage) for d in rows(tables.Deal)),
                *((m.external_id, parties(session, m, people)) for m in rows(tables.Activity)),
            }

    def erased(self, *words: str) -> bool:
        """Whether none of these words is anywhere in the store."""
        return not any(word.lower() in self._stored() for word in words)

    def row(self) -> tables.Connection:
        """The connection as it stands."""
        with Session(self.database) as session:
            return session.get_one(tables.Connection, self.connection_id)

    def runs(self) -> list[tables.Run]:
        with Session(self.database) as session:
            return list(session.exec(select(tables.Run).order_by(col(tables.Run.id))))

    def bookmarks(self) -> dict[str, tables.StreamBookmark]:
        with Session(self.database) as session:
            return {row.stream: row for row in reading.progress(session, self.connection_id)}

    def _check_honest(self) -> None:
        """I3: no run goes on, and one that is ok has read every stream to its end."""
        assert {run.status for run in self.runs()} <= ENDED
        assert all(run.reason for run in self.runs() if run.status != "ok")
        with Session(self.database) as session:
            streams: tuple[Stream, ...] = module(self.crm.name).STREAMS
            assert reading.is_complete(session, self.connection_id, streams)

    def check_quiet(self) -> None:
        """I6: neither logs nor what is said of runs tell anybody's data, or a secret."""
        told = self.log.getvalue() + " ".join(report.reason for report in self.reports)
        with Session(self.database) as session:
            for table in TOLD:
                rows = session.connection().execute(text(f"SELECT * FROM {table}"))  # noqa: S608 ours
                told += str(rows.all())
        told += self.row().paused
        assert CANARY not in told.lower()
        assert not [one for one in self._secrets() if one in told]

    def _secrets(self) -> set[str]:
        """Every secret that the CRM knows or ever gave to us."""
        given = self.crm.of.credentials(self.crm.url)
        told = [*self.crm.refreshed, given]
        values = [value for one in told for value in one.model_dump().values()]
        secrets = {v.get_secret_value() for v in values if hasattr(v, "get_secret_value")}
        for table in ("session", "tokens", "refresh_tokens", "refresh_token_of"):
            if self._has(table):
                found = self.crm.sandbox.db.execute(f"SELECT token FROM {table}")  # noqa: S608 ours
                secrets |= {str(row[0]) for row in found}
        return secrets

    def _has(self, table: str) -> bool:
        query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
        return self.crm.sandbox.db.execute(query, (table,)).fetchone() is not None

    def _stored(self) -> str:
        with Session(self.database) as session:
            names = ("profile", "person", "claim", "activity", "deal", "account", "score_card")
            rows = [session.connection().execute(text(f"SELECT * FROM {n}")).all() for n in names]  # noqa: S608 ours
        return str(rows).lower()


def person(make: Any, name: str) -> Any:  # noqa: ANN401 a colleague or a contact
    """Somebody whose name and address are canaries."""
    made = make(name, f"{CANARY}.{name.lower()}@far.example")
    return replace(made, name=f"{CANARY.capitalize()} {name}")


def listen(to: io.StringIO) -> logging.Handler:
    """Log as the service does, but more."""
    handler = logging.StreamHandler(to)
    handler.setFormatter(Formatter(is_json=True))
    return handler


def essence(record: Record) -> tuple[object, ...]:
    """What tells one state of a record from another."""
    match record:
        case Person():
            return (record.id, record.kind.value, record.name, frozenset(record.addresses))
        case Activity():
            return (record.id, frozenset(p.person_id for p in record.participants if p.person_id))
        case Account():
            return (record.id, record.name)
        case Deal():
            return (record.id, record.name, record.stage)


def _alive(session: Session, connection_id: int, table: Any) -> Iterable[Any]:  # noqa: ANN401 any table
    there = select(table).where(table.connection_id == connection_id, ~col(table.is_deleted))
    return session.exec(there).all()
