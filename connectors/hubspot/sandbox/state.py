"""What the sandbox portal holds: tables, and the few ways to read them.

An object is one row whatever its type, its properties a JSON object of strings; when it was
created and changed stands in columns (ms since 1970), because everybody asks for it. Whoever
changes an object does it through `changes`.
"""

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from connectors._sandbox import Sandbox
from connectors.hubspot.sandbox import facts, kinds, stages

STATE_VERSION = 2
"""Kept in the file as ``PRAGMA user_version``; `prepare` brings an older file up to it."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    type TEXT, id INTEGER, properties TEXT NOT NULL, created INTEGER NOT NULL,
    modified INTEGER NOT NULL, archived INTEGER NOT NULL DEFAULT 0, merged_into INTEGER,
    PRIMARY KEY (type, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS objects_by_key ON objects (type, archived, id, modified);
CREATE INDEX IF NOT EXISTS objects_by_change ON objects (type, archived, modified);
CREATE INDEX IF NOT EXISTS contacts_by_email ON objects
    (lower(json_extract(properties, '$."email"'))) WHERE type = '0-1' AND archived = 0;
CREATE TABLE IF NOT EXISTS history (
    type TEXT, id INTEGER, name TEXT, at INTEGER, value TEXT, source TEXT, source_id TEXT);
CREATE INDEX IF NOT EXISTS history_by_object ON history (type, id, name);
CREATE TABLE IF NOT EXISTS links (
    from_type TEXT, from_id INTEGER, to_type TEXT, to_id INTEGER, kind INTEGER,
    PRIMARY KEY (from_type, from_id, to_type, to_id, kind)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS labels (
    from_type TEXT, to_type TEXT, kind INTEGER, inverse INTEGER, label TEXT, name TEXT,
    PRIMARY KEY (from_type, to_type, kind)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS properties (
    type TEXT, name TEXT, definition TEXT NOT NULL, archived INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (type, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS property_groups (
    type TEXT, name TEXT, definition TEXT NOT NULL, PRIMARY KEY (type, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pipelines (
    type TEXT, id TEXT, definition TEXT NOT NULL, PRIMARY KEY (type, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rules (
    type TEXT, name TEXT, when_name TEXT, when_value TEXT, PRIMARY KEY (type, name));
CREATE TABLE IF NOT EXISTS owners (
    id INTEGER PRIMARY KEY, email TEXT, first_name TEXT, last_name TEXT, team TEXT,
    modified INTEGER NOT NULL, archived INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY, scopes TEXT NOT NULL, expires INTEGER, kind TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS refresh_tokens (token TEXT PRIMARY KEY, scopes TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS codes (
    code TEXT PRIMARY KEY, redirect_uri TEXT, scopes TEXT NOT NULL, expires INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS subscriptions (
    id INTEGER PRIMARY KEY, type TEXT NOT NULL, object_type TEXT, property TEXT,
    active INTEGER NOT NULL, created INTEGER NOT NULL, modified INTEGER);
CREATE TABLE IF NOT EXISTS targets (
    app_id INTEGER PRIMARY KEY, url TEXT NOT NULL, concurrent INTEGER NOT NULL,
    created INTEGER NOT NULL, modified INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY, body TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    due INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS asked_for (type TEXT, name TEXT, PRIMARY KEY (type, name));
"""

STATIC_TOKEN = "pat-na1-11111111-2222-4333-8444-555555555555"  # noqa: S105  # the sandbox's own
PRIVATE_APP_TOKEN = "pat-na1-66666666-7777-4888-8999-000000000000"  # noqa: S105  # the same
REFRESH_TOKEN = "na1-sandbox-refresh-token"  # noqa: S105  # the sandbox's own

Row = tuple[int, str, int, int, int]
"""An object's id, properties, created, modified, archived."""

COLUMNS = "id, properties, created, modified, archived"


def prepare(sandbox: Sandbox) -> None:
    """Create the tables and what every portal has; what is there already stays.

    A file of an earlier version keeps its records, and loses the tokens given out meanwhile.
    """
    db = sandbox.db
    if db.execute("PRAGMA user_version").fetchone()[0] == STATE_VERSION:
        return
    db.executescript("DROP TABLE IF EXISTS tokens; DROP TABLE IF EXISTS refresh_tokens;")
    db.executescript(SCHEMA)
    definitions = [
        (type_id, definition["name"], json.dumps(definition))
        for type_id in facts.READ_SCOPES
        for definition in facts.default_properties(type_id)
    ]
    db.executemany(
        "INSERT OR REPLACE INTO properties (type, name, definition) VALUES (?, ?, ?)", definitions
    )
    pipelines = [(type_id, p["id"], json.dumps(p)) for type_id, p in stages.usual_pipelines()]
    db.executemany("INSERT OR IGNORE INTO pipelines VALUES (?, ?, ?)", pipelines)
    scopes = json.dumps(sorted(facts.ALL_SCOPES))
    tokens = [(STATIC_TOKEN, "service_key"), (PRIVATE_APP_TOKEN, "private_app")]
    db.executemany(
        "INSERT INTO tokens VALUES (?, ?, NULL, ?)",
        [(token, scopes, kind) for token, kind in tokens],
    )
    db.execute("INSERT INTO refresh_tokens VALUES (?, ?)", (REFRESH_TOKEN, scopes))
    db.execute(f"PRAGMA user_version = {STATE_VERSION}")


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


def find(
    db: sqlite3.Connection, type_id: str, object_id: str | int, *, archived: bool = False
) -> Row | None:
    """Give an object by its id; a merged one is no longer there, archived or not."""
    if not str(object_id).isdigit():
        return None
    found: Row | None = db.execute(
        f"SELECT {COLUMNS} FROM objects "  # noqa: S608  # a constant
        "WHERE type = ? AND id = ? AND archived = ? AND merged_into IS NULL",
        (type_id, int(object_id), int(archived)),
    ).fetchone()
    return found


def survivor(db: sqlite3.Connection, type_id: str, object_id: str) -> str:
    """Give the id that an object has after its merges: its own if there were none."""
    for _ in range(facts.MOST_MERGES):
        row = db.execute(
            "SELECT merged_into FROM objects WHERE type = ? AND id = ?", (type_id, object_id)
        ).fetchone()
        if row is None or row[0] is None:
            break
        object_id = str(row[0])
    return object_id


def find_by(db: sqlite3.Connection, type_id: str, name: str, value: str) -> int | None:
    """Give the id of the object that has this value of a unique property, in any case."""
    if (type_id, name) == (facts.CONTACT, "email"):
        where = "type = '0-1' AND archived = 0"  # as the index says it
        row = db.execute(
            f"SELECT id FROM objects WHERE {where} "  # noqa: S608  # a constant
            "AND lower(json_extract(properties, '$.\"email\"')) = ?",
            (value.lower(),),
        ).fetchone()
    else:
        row = db.execute(
            "SELECT id FROM objects WHERE type = ? AND archived = 0 "
            "AND lower(json_extract(properties, '$.' || json_quote(?))) = ?",
            (type_id, name, value.lower()),
        ).fetchone()
    return int(row[0]) if row else None


def as_object(type_id: str, row: Row, names: Iterable[str]) -> dict[str, Any]:
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
    shown = {
        "id": str(object_id),
        "properties": {name: values.get(name) for name in names} | dates,
        "createdAt": iso(created),
        "updatedAt": iso(modified),
        "archived": bool(archived),
    }
    return shown | ({"archivedAt": iso(modified)} if archived else {})


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
    own = kinds.HUBSPOTS[one[0], other[0]]
    wanted = [own[kinds.UNLABELED[one[0], other[0]]]]
    if primary:
        wanted.append(own[kinds.PRIMARY_COMPANY])
    rows = [(*one, *other, kind.type_id) for kind in wanted]
    rows += [(*other, *one, kind.inverse) for kind in wanted]
    db.executemany("INSERT OR IGNORE INTO links VALUES (?, ?, ?, ?, ?)", rows)


def to_ms(at: datetime) -> int:
    """Give a time as HubSpot counts it."""
    return round(at.timestamp() * 1000)


def iso(ms: int) -> str:
    """Give a time as HubSpot writes it."""
    at = datetime.fromtimestamp(ms / 1000, UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"


def parsed_time(text: str) -> int | None:
    """Give a time that a client wrote, in ms: digits are ms already; None if it is no time."""
    if text.removeprefix("-").isdigit():
        return int(text)
    with contextlib.suppress(ValueError, OverflowError):
        at = datetime.fromisoformat(text)
        return to_ms(at if at.tzinfo else at.replace(tzinfo=UTC))
    return None
