"""What the sandbox portal holds: tables, and the few ways to read and change them.

An object is one row whatever its type, its properties a JSON object of strings; when it was
created and changed stands in columns (ms since 1970), because everybody asks for it.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from connectors._sandbox import Sandbox
from connectors.hubspot.sandbox import facts

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    type TEXT, id INTEGER, properties TEXT NOT NULL, created INTEGER NOT NULL,
    modified INTEGER NOT NULL, archived INTEGER NOT NULL DEFAULT 0, merged_into INTEGER,
    PRIMARY KEY (type, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS objects_by_key ON objects (type, archived, id, modified);
CREATE INDEX IF NOT EXISTS objects_by_change ON objects (type, archived, modified);
CREATE TABLE IF NOT EXISTS links (
    from_type TEXT, from_id INTEGER, to_type TEXT, to_id INTEGER, kind INTEGER,
    PRIMARY KEY (from_type, from_id, to_type, to_id, kind)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS properties (
    type TEXT, name TEXT, definition TEXT NOT NULL, archived INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (type, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS property_groups (
    type TEXT, name TEXT, definition TEXT NOT NULL, PRIMARY KEY (type, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS owners (
    id INTEGER PRIMARY KEY, email TEXT, first_name TEXT, last_name TEXT, team TEXT,
    modified INTEGER NOT NULL, archived INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY, scopes TEXT NOT NULL, expires INTEGER, is_oauth INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS refresh_tokens (token TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS asked_for (type TEXT, name TEXT, PRIMARY KEY (type, name));
"""

STATIC_TOKEN = "pat-na1-11111111-2222-4333-8444-555555555555"  # noqa: S105  # the sandbox's own
REFRESH_TOKEN = "na1-sandbox-refresh-token"  # noqa: S105  # the sandbox's own


def prepare(sandbox: Sandbox) -> None:
    """Create the tables and what every portal has; what is there already stays."""
    db = sandbox.db
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'asked_for'").fetchone():
        return
    db.executescript(SCHEMA)
    definitions = [
        (type_id, definition["name"], json.dumps(definition))
        for type_id in facts.READ_SCOPES
        for definition in facts.default_properties(type_id)
    ]
    db.executemany("INSERT INTO properties (type, name, definition) VALUES (?, ?, ?)", definitions)
    scopes = json.dumps(sorted(facts.ALL_SCOPES))
    db.execute("INSERT INTO tokens VALUES (?, ?, NULL, 0)", (STATIC_TOKEN, scopes))
    db.execute("INSERT INTO refresh_tokens VALUES (?)", (REFRESH_TOKEN,))


def setting(db: sqlite3.Connection, name: str, default: int) -> int:
    """Give a lever's position."""
    row = db.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
    return int(row[0]) if row else default


def definitions(db: sqlite3.Connection, type_id: str) -> dict[str, dict[str, Any]]:
    """Give the properties of an object type by name, archived ones left out."""
    rows = db.execute(
        "SELECT name, definition FROM properties WHERE type = ? AND archived = 0", (type_id,)
    )
    return {name: json.loads(definition) for name, definition in rows}


def note_asked(db: sqlite3.Connection, type_id: str, names: Iterable[str]) -> None:
    """Keep in mind which properties somebody wanted to read."""
    db.executemany(
        "INSERT OR IGNORE INTO asked_for VALUES (?, ?)", [(type_id, name) for name in names]
    )


def as_object(
    type_id: str, row: tuple[int, str, int, int, int], names: Iterable[str]
) -> dict[str, Any]:
    """Give an object as the API shows it.

    Args:
        type_id: Its type.
        row: Its id, properties, created, modified, archived.
        names: The properties to show, all of them defined; unset ones are null.
    """
    object_id, properties, created, modified, archived = row
    values = json.loads(properties)
    dates = {
        facts.CREATED.get(type_id, facts.OTHERS_CREATED): iso(created),
        facts.MODIFIED.get(type_id, facts.OTHERS_MODIFIED): iso(modified),
        "hs_object_id": str(object_id),
    }
    shown = {name: values.get(name) for name in names} | dates
    return {
        "id": str(object_id),
        "properties": shown,
        "createdAt": iso(created),
        "updatedAt": iso(modified),
        "archived": bool(archived),
    }


def put_object(
    db: sqlite3.Connection,
    type_id: str,
    object_id: int,
    properties: Mapping[str, str],
    modified: int,
) -> None:
    """Add an object."""
    db.execute(
        "INSERT INTO objects (type, id, properties, created, modified) VALUES (?, ?, ?, ?, ?)",
        (type_id, object_id, json.dumps(properties), modified, modified),
    )


def next_id(db: sqlite3.Connection, type_id: str) -> int:
    """Give a free id; objects of two types may have the same."""
    found = db.execute("SELECT max(id) FROM objects WHERE type = ?", (type_id,)).fetchone()[0]
    return (found or 100) + 1


def link(
    db: sqlite3.Connection, one: tuple[str, int], other: tuple[str, int], *, primary: bool = False
) -> None:
    """Associate two objects, in both directions."""
    kinds = [facts.ASSOCIATION_TYPES[one[0], other[0]]]
    back = [facts.ASSOCIATION_TYPES[other[0], one[0]]]
    if primary:
        kinds.append(facts.PRIMARY_COMPANY)
        back.append(facts.PRIMARY_CONTACT)
    rows = [(*one, *other, kind) for kind in kinds] + [(*other, *one, kind) for kind in back]
    db.executemany("INSERT OR IGNORE INTO links VALUES (?, ?, ?, ?, ?)", rows)


def to_ms(at: datetime) -> int:
    """Give a time as HubSpot counts it."""
    return round(at.timestamp() * 1000)


def iso(ms: int) -> str:
    """Give a time as HubSpot writes it."""
    at = datetime.fromtimestamp(ms / 1000, UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"
