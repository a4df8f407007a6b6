"""An org's state: one SQLite table per object, its custom fields, and what its user may see."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from connectors._sandbox import Sandbox
from connectors.salesforce.sandbox import custom_fields, picklist_values, stages
from connectors.salesforce.sandbox.change_events import TABLES as CHANGE_TABLES
from connectors.salesforce.sandbox.change_events import Changes
from connectors.salesforce.sandbox.facts import CURRENCIES, IN_TOOLING, INDEXES, PERSONS, TOOLING
from connectors.salesforce.sandbox.ids import ALPHABET, numbered_id
from connectors.salesforce.sandbox.objects import (
    EXACT,
    FieldFact,
    ObjectFact,
    standard_objects,
)
from connectors.salesforce.sandbox.outbound_queue import TABLES as OUTBOUND_TABLES
from connectors.salesforce.sandbox.own_tables import OWN_TABLES
from connectors.salesforce.sandbox.tables_activities import DERIVED

ORG_ID = numbered_id("00D", 1)
USER_ID = numbered_id("005", 1)
"""The integration user: who the API's caller is. No licence of a person, so no colleague."""

STAMPS = ("CreatedDate", "CreatedById", "SystemModstamp", "LastModifiedDate", "LastModifiedById")
"""Columns that every row of an ordinary object carries: when it was made and changed, by whom."""

STATE_VERSION = 11
"""What a state file is laid out for; a file made for less is added to when it is opened."""

_CHANCE_BITS = 128

_COLUMN = {
    "boolean": "INTEGER DEFAULT 0",
    "int": "INTEGER",
    "double": "REAL",
    "currency": "REAL",
    "percent": "REAL",
}


@dataclass(frozen=True, slots=True)
class View:
    """What the caller sees of the org.

    Attributes:
        user_id: Who the caller is: what they write is stamped with it.
        objects: Objects by lower-case name, with only the fields that may be read.
        writable: Custom fields that may be written, as ``object.field`` in lower case.
    """

    objects: dict[str, ObjectFact]
    writable: frozenset[str]
    user_id: str = USER_ID
    allows_duplicates: bool = False


class Org:
    """The org that a sandbox's state file holds; made on first sight."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.db = sandbox.db
        self.clock = sandbox.clock
        self.changes = Changes(self.db, self.clock, self.objects)
        if self.db.execute("PRAGMA user_version").fetchone()[0] < STATE_VERSION:
            self._create()
            self.set("chance", self.setting("chance", sandbox.random.getrandbits(_CHANCE_BITS)))
        self.changes.commit()

    def now(self) -> str:
        """Give the sandbox's time as Salesforce stamps rows with it."""
        return stamp(self.clock.now())

    def setting(self, key: str, default: Any) -> Any:  # noqa: ANN401 a setting is any JSON
        """Look up a lever's position."""
        row = self.db.execute("SELECT value FROM setting WHERE key = ?", (key,)).fetchone()
        return json.loads(row[0]) if row else default

    def set(self, key: str, value: object) -> None:
        """Move a lever."""
        self.db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (key, json.dumps(value)))

    def add_value(self, name: str, value: str) -> None:
        """Add a value to a picklist (``task.type``), as an admin would."""
        added = self.setting("added_values", {})
        known = added.get(name, [])
        if value not in known:
            self.set("added_values", {**added, name: [*known, value]})

    def new_ids(self, prefix: str) -> Iterator[str]:
        """Give fresh ids without end; they are taken for good once `keep_ids` was called."""
        row = self.db.execute("SELECT last FROM sequence WHERE prefix = ?", (prefix,)).fetchone()
        number = int(row[0]) if row else 0
        while True:
            number += 1
            yield numbered_id(prefix, number)

    def keep_ids(self, prefix: str, count: int) -> None:
        """Take the next `count` ids for good."""
        self.db.execute(
            "INSERT INTO sequence VALUES (?1, ?2) "
            "ON CONFLICT (prefix) DO UPDATE SET last = last + ?2",
            (prefix, count),
        )

    def new_id(self, prefix: str) -> str:
        """Take one fresh id."""
        taken = next(self.new_ids(prefix))
        self.keep_ids(prefix, 1)
        return taken

    def insert(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Put rows into an object's table as they are."""
        quoted = ", ".join(f'"{column}"' for column in columns)
        marks = ", ".join("?" * len(columns))
        self.db.executemany(
            f'INSERT INTO "{name}" ({quoted}) VALUES ({marks})',  # noqa: S608 our own names
            rows,
        )

    def row(self, name: str, row_id: str) -> dict[str, Any] | None:
        """Give a row of an object with all its columns."""
        cursor = self.db.execute(f'SELECT * FROM "{name}" WHERE "Id" = ?', (row_id,))  # noqa: S608
        found = cursor.fetchone()
        names = (column[0] for column in cursor.description)
        return dict(zip(names, found, strict=True)) if found else None

    def change(self, name: str, row_id: str, columns: Mapping[str, object]) -> None:
        """Put values into columns of a row as they are."""
        assigned = ", ".join(f'"{column}" = ?' for column in columns)
        self.db.execute(
            f'UPDATE "{name}" SET {assigned} WHERE "Id" = ?',  # noqa: S608 our own names
            (*columns.values(), row_id),
        )

    def secret(self, kind: str, characters: int) -> str:
        """Give letters and digits that nobody guesses, and a repeated run gives again.

        They follow from the sandbox's seed and from how many of the kind there were, also in
        former runs on the same file.
        """
        number = int(self.setting(f"last {kind}", 0)) + 1
        self.set(f"last {kind}", number)
        said = f"{self.setting('chance', 0)} {kind} {number}".encode()
        drawn = hashlib.shake_256(said).digest(characters)
        return "".join(ALPHABET[byte % len(ALPHABET)] for byte in drawn)

    @contextmanager
    def step(self) -> Iterator[None]:
        """Do several things or none: what was done is undone if the context raises."""
        self.db.execute("SAVEPOINT step")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK TO step")
            raise
        finally:
            self.db.execute("RELEASE step")
        self.changes.commit()

    @contextmanager
    def tried(self) -> Iterator[None]:
        """Do several things and take them back: to see whether they can be done."""
        self.db.execute("SAVEPOINT tried")
        try:
            yield
        finally:
            self.db.execute("ROLLBACK TO tried")
            self.db.execute("RELEASE tried")

    def objects(self) -> dict[str, ObjectFact]:
        """Give all objects by lower-case name, with all their custom fields."""
        objects = dict(standard_objects())
        rows = self.db.execute(
            'SELECT "TableEnumOrId", "DeveloperName", "Metadata" FROM "CustomField"'
        )
        for owner, name, metadata in rows:
            fact = objects[owner.lower()]
            added = custom_fields.fact(f"{name}__c", json.loads(metadata))
            objects[owner.lower()] = replace(
                fact, fields={**fact.fields, added.name.lower(): added}
            )
            for target in added.refers_to:
                parent = objects[target.lower()]
                link = {added.child_relation: (fact.name, added.name)}
                objects[target.lower()] = replace(parent, children=parent.children | link)
        added, currencies = self.setting("added_values", {}), self.setting("currencies", [])
        return picklist_values.extended(objects, added, currencies)

    def view(self, user_id: str = USER_ID, *, is_tooling: bool = False) -> View:
        """Give what a user sees now, in the Tooling API if so: field permissions, `hidden`."""
        known = self.objects()
        required = _required(known)
        readable = self._permitted(user_id, "PermissionsRead") | required
        hidden = {row[0] for row in self.db.execute("SELECT name FROM hidden")}
        hidden |= set() if self.setting("currencies", []) else CURRENCIES
        hidden |= set() if self.setting("has_person_accounts", default=False) else PERSONS
        objects = {
            key: _seen(key, fact, readable, hidden)
            for key, fact in known.items()
            if key not in hidden
            and (fact.name in IN_TOOLING if is_tooling else fact.name not in TOOLING)
        }
        writable = self._permitted(user_id, "PermissionsEdit") | required
        return View(objects, writable, user_id)

    def may(self, permission: str) -> bool:
        """Tell whether the integration user holds a system permission."""
        return permission not in self.setting("denied", [])

    def _permitted(self, user_id: str, column: str) -> frozenset[str]:
        granted = (
            f'SELECT lower(f."Field") FROM "FieldPermissions" f '  # noqa: S608 one of two names
            'JOIN "PermissionSetAssignment" a ON a."PermissionSetId" = f."ParentId" '
            f'WHERE a."AssigneeId" = ? AND f."{column}" = 1'
        )
        return frozenset(row[0] for row in self.db.execute(granted, (user_id,)))

    def _create(self) -> None:
        self.db.executescript(OWN_TABLES + CHANGE_TABLES + OUTBOUND_TABLES)
        for fact in standard_objects().values():
            self._lay_out(fact)
        self.db.execute(f"PRAGMA user_version = {STATE_VERSION}")
        self.changes.watch()
        if not stages.stages(self.db):
            stages.add(self.db, stages.new_orgs_stages(), self.now(), USER_ID)
        if not self.db.execute('SELECT 1 FROM "Organization"').fetchone():
            self._settle()

    def _lay_out(self, fact: ObjectFact) -> None:
        """Make an object's table, or add the columns that an older file lacks."""
        if fact.name in DERIVED:
            self.db.execute(f'CREATE VIEW IF NOT EXISTS "{fact.name}" AS {DERIVED[fact.name]}')
            return
        columns = ", ".join(column(field) for field in fact.fields.values())
        self.db.execute(f'CREATE TABLE IF NOT EXISTS "{fact.name}" ({columns})')
        there = {row[1] for row in self.db.execute(f'PRAGMA table_info("{fact.name}")')}
        for field in fact.fields.values():
            if field.name not in there:
                self.db.execute(f'ALTER TABLE "{fact.name}" ADD COLUMN {column(field)}')
        for number, key in enumerate(INDEXES.get(fact.name, ())):
            name = f"{fact.name}_{number}"
            self.db.execute(f'CREATE INDEX IF NOT EXISTS "{name}" ON "{fact.name}" ({key})')

    def _settle(self) -> None:
        """Put in the org itself and the integration user."""
        stamps = (self.now(), USER_ID, self.now(), self.now(), USER_ID)
        self.insert(
            "Organization",
            ("Id", "Name", "OrganizationType", "IsSandbox", *STAMPS),
            [(self.new_id("00D"), "Sandbox", "Developer Edition", 1, *stamps)],
        )
        mail = "integration@example.com"
        user = ("Tieline Integration", "Integration", mail, mail, 1, "CloudIntegrationUser")
        self.insert(
            "User",
            ("Id", "Name", "LastName", "Username", "Email", "IsActive", "UserType", *STAMPS),
            [(self.new_id("005"), *user, *stamps)],
        )


def column(field: FieldFact) -> str:
    """Declare a field's column; text other than ids is compared without its case."""
    key = " PRIMARY KEY" if field.type == "id" else ""
    text = "TEXT" if field.type in EXACT | {"date", "datetime"} else "TEXT COLLATE NOCASE"
    return f'"{field.name}" {_COLUMN.get(field.type, text)}{key}'


def stamp(at: datetime) -> str:
    """Word a time as Salesforce does: UTC, without parts of a second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def _required(objects: Mapping[str, ObjectFact]) -> frozenset[str]:
    """Give the custom fields that must be filled: no permission set can hide them."""
    return frozenset(
        f"{key}.{name}"
        for key, fact in objects.items()
        for name, field in fact.fields.items()
        if field.is_custom and "P" not in field.flags
    )


def _seen(key: str, fact: ObjectFact, readable: frozenset[str], hidden: set[str]) -> ObjectFact:
    fields = {
        name: field
        for name, field in fact.fields.items()
        if f"{key}.{name}" not in hidden and (not field.is_custom or f"{key}.{name}" in readable)
    }
    children = {n: c for n, c in fact.children.items() if c[0].lower() not in hidden}
    return replace(fact, fields=fields, children=children)
