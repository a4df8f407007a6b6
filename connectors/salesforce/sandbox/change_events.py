"""Change Data Capture: what the log of writes says, made into events that are kept for 72 hours.

A transaction is one request, or one step of an org that nobody signed in to: a person's edit.
"""

import contextlib
import hashlib
import json
import sqlite3
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from connectors._clock import Clock
from connectors.salesforce.sandbox import change_log
from connectors.salesforce.sandbox.change_bodies import Told, small, tell, together
from connectors.salesforce.sandbox.change_log import Change
from connectors.salesforce.sandbox.change_schemas import ENTITIES, Schema, schema_of
from connectors.salesforce.sandbox.ids import numbered_id
from connectors.salesforce.sandbox.objects import ObjectFact

RETENTION = timedelta(hours=72)
MOST_CHANGES = 100_000
"""Rows that one transaction tells of; of more it says only that there were more."""

NO_RECORD = "000000000000000AAA"
"""What stands for the records of an overflow."""

TABLES = f"""
{change_log.TABLES}
CREATE TABLE IF NOT EXISTS change_event (
  replay INTEGER PRIMARY KEY, entity TEXT, schema TEXT, header TEXT, body TEXT
);
CREATE INDEX IF NOT EXISTS change_event_entity ON change_event (entity, replay);
CREATE TABLE IF NOT EXISTS event_schema (id TEXT PRIMARY KEY, text TEXT);
"""

Objects = Callable[[], Mapping[str, ObjectFact]]
"""The org's objects by lower-case name, with the custom fields they have now."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes, and through what: ``com/salesforce/api/rest/67.0;client=tieline``."""

    user_id: str
    origin: str


PERSON = Writer(numbered_id("005", 999_999), "com/salesforce/api/soap/67.0;client=SfdcInternalAPI/")
"""Somebody at a screen, who is none of ours."""


@dataclass(frozen=True, slots=True)
class Event:
    """A change event before it is put into Avro.

    Attributes:
        replay: Its place in the stream: the microsecond at which it was given, or a later one.
        header: The whole header, with fields by their names.
        body: What is told of the record, compounds as objects.
    """

    replay: int
    entity: str
    schema_id: str
    header: Mapping[str, Any]
    body: Mapping[str, Any]


class Changes:
    """The stream of change events that an org's state file holds."""

    def __init__(self, db: sqlite3.Connection, clock: Clock, objects: Objects) -> None:
        self._db = db
        self._clock = clock
        self._objects = objects
        self._writer = PERSON
        self._schemas: dict[tuple[str, int, bool], Schema] = {}

    def selected(self) -> list[str]:
        """Give the objects whose changes are told."""
        return self._listed("change_events")

    def select(self, names: Iterable[str]) -> None:
        """Tell the changes of these objects from now on, and of no others.

        Raises:
            ValueError: If Change Data Capture knows no such object.
        """
        known = {name.lower(): name for name in ENTITIES}
        wanted = list(names)
        if unknown := [name for name in wanted if name.lower() not in known]:
            raise ValueError(f"There are no change events of {unknown[0]}.")
        value = json.dumps([known[name.lower()] for name in wanted])
        self._db.execute("INSERT OR REPLACE INTO setting VALUES ('change_events', ?)", (value,))
        self.watch()

    def watch(self) -> None:
        """Note what is written to the selected objects, with the fields they have now."""
        objects = self._objects()
        change_log.watch(self._db, [objects[name.lower()] for name in self.selected()])

    @contextlib.contextmanager
    def unwatched(self) -> Iterator[None]:
        """Let the columns of objects be changed, then watch them as they are."""
        change_log.watch(self._db, [])
        try:
            yield
        finally:
            self.watch()

    @contextlib.contextmanager
    def written_by(self, writer: Writer) -> Iterator[None]:
        """Take what is written meanwhile for one writer's, and tell it at the end."""
        self.commit()
        self._writer = writer
        try:
            yield
        finally:
            self.commit()
            self._writer = PERSON

    def commit(self) -> None:
        """Tell what was written since the last time, unless it is not yet for good."""
        if self._db.in_transaction or change_log.is_empty(self._db):
            return
        self._db.execute("SAVEPOINT telling")
        try:
            found, beyond = change_log.take(self._db, MOST_CHANGES)
            overflows = (Told(name, "GAP_OVERFLOW", (NO_RECORD,)) for name in sorted(beyond))
            self.send([*together(self._tell(found)), *overflows])
        finally:
            self._db.execute("RELEASE telling")

    def send(self, told: Sequence[Told]) -> None:
        """Put events at the end of the stream, as one transaction, and forget the oldest."""
        schemas = {entity: self._schema(entity) for entity in {one.entity for one in told}}
        first = self.now() + 1
        rows = []
        for number, one in enumerate(map(small, told)):
            header = json.dumps(self._header(one, first, number + 1))
            row = (first + number, one.entity, schemas[one.entity].id)
            rows.append((*row, header, json.dumps(one.body)))
        kept = [(schema.id, schema.text) for schema in schemas.values()]
        self._db.executemany("INSERT OR IGNORE INTO event_schema VALUES (?, ?)", kept)
        self._db.executemany("INSERT INTO change_event VALUES (?, ?, ?, ?, ?)", rows)
        self._db.execute("DELETE FROM change_event WHERE replay <= ?", (self.horizon(),))

    def now(self) -> int:
        """Give the place in the stream that is now: every event to come is behind it."""
        row = self._db.execute("SELECT max(replay) FROM change_event").fetchone()
        return max(int(row[0] or 0), self._microsecond())

    def horizon(self) -> int:
        """Give the place that is just too old to go on from."""
        return self._microsecond() - RETENTION // timedelta(microseconds=1)

    def read(self, after: int, entity: str, most: int) -> list[Event]:
        """Give the next events behind a place; of all objects if `entity` is empty."""
        found = self._db.execute(
            "SELECT replay, entity, schema, header, body FROM change_event "
            "WHERE replay > ?1 AND (?2 = '' OR entity = ?2) ORDER BY replay LIMIT ?3",
            (max(after, self.horizon()), entity, most),
        )
        return [
            Event(replay, name, schema, json.loads(header), json.loads(body))
            for replay, name, schema, header, body in found.fetchall()
        ]

    def schema_id(self, entity: str) -> str:
        """Give the schema that an object's next event will have."""
        return self._schema(entity).id

    def schema_text(self, schema_id: str) -> str | None:
        """Give a schema in JSON; None if no event ever had it or will have it next."""
        found = self._db.execute("SELECT text FROM event_schema WHERE id = ?", (schema_id,))
        if row := found.fetchone():
            return str(row[0])
        current = map(self._schema, self.selected())
        return next((schema.text for schema in current if schema.id == schema_id), None)

    def _tell(self, changes: Iterable[Change]) -> Iterator[Told]:
        schemas: dict[str, Schema] = {}
        for change in changes:
            if change.object not in schemas:
                schemas[change.object] = self._schema(change.object)
            told = tell(change, schemas[change.object], self._row(change))
            if told is not None:
                yield told

    def _row(self, change: Change) -> dict[str, Any]:
        query = f'SELECT * FROM "{change.object}" WHERE "Id" = ?'  # noqa: S608 own names
        found = self._db.execute(query, (change.row,))
        names = [column[0] for column in found.description]
        return dict(zip(names, found.fetchone() or (None,) * len(names), strict=True))

    def _schema(self, entity: str) -> Schema:
        """Give an object's schema; made anew when the columns of any object have changed."""
        version = self._db.execute("PRAGMA schema_version").fetchone()[0]
        key = (entity, version, bool(self._listed("currencies")))
        if key not in self._schemas:
            self._schemas = {one: kept for one, kept in self._schemas.items() if one[1:] == key[1:]}
            self._schemas[key] = schema_of(self._fact(entity, has_currencies=key[2]))
        return self._schemas[key]

    def _fact(self, entity: str, *, has_currencies: bool) -> ObjectFact:
        fact = self._objects()[entity.lower()]
        if has_currencies:
            return fact
        kept = {name: column for name, column in fact.fields.items() if name != "currencyisocode"}
        return replace(fact, fields=kept)

    def _listed(self, setting: str) -> list[str]:
        row = self._db.execute("SELECT value FROM setting WHERE key = ?", (setting,)).fetchone()
        return list(json.loads(row[0])) if row else []

    def _microsecond(self) -> int:
        return round(self._clock.now().timestamp() * 1_000_000)

    def _header(self, one: Told, first: int, number: int) -> dict[str, Any]:
        digest = hashlib.sha256(f"transaction {first}".encode()).digest()
        return {
            "entityName": one.entity,
            "recordIds": one.ids,
            "changeType": one.kind,
            "changeOrigin": self._writer.origin,
            "transactionKey": str(uuid.UUID(bytes=digest[:16])),
            "sequenceNumber": number,
            "commitTimestamp": round(self._clock.now().timestamp() * 1000),
            "commitNumber": first,
            "commitUser": self._writer.user_id,
            "nulledFields": [],
            "diffFields": [],
            "changedFields": [],
            **one.fields,
        }
