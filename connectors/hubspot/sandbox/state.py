"""What the sandbox portal holds: tables, and the few ways to read them.

An object is one row whatever its type, its properties a JSON object of strings; when it was
created and changed stands in columns (ms since 1970), because everybody asks for it. Whoever
changes an object does it through `changes`.
"""

import contextlib
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from connectors._sandbox import Sandbox
from connectors.hubspot.sandbox import facts, kinds, stages
from connectors.hubspot.sandbox.tables import FIRST_WITH_NEGATIVE_KINDS, SCHEMA, STATE_VERSION

STATIC_TOKEN = "pat-na1-11111111-2222-4333-8444-555555555555"  # noqa: S105  # the sandbox's own
PRIVATE_APP_TOKEN = "pat-na1-66666666-7777-4888-8999-000000000000"  # noqa: S105  # the same
REFRESH_TOKEN = "na1-sandbox-refresh-token"  # noqa: S105  # the sandbox's own

Key = tuple[str, int]
"""An object: its type and its id."""

Held = tuple[int, dict[str, str], int, int]
"""An object's id, its properties, when it was created and modified (ms)."""

Row = tuple[int, str, int, int, int]
"""An object's id, properties, created, modified, archived."""

COLUMNS = "id, properties, created, modified, archived"


def prepare(sandbox: Sandbox) -> None:
    """Create the tables and what every portal has; what is there already stays.

    A file of an earlier version keeps its records, and loses the tokens given out meanwhile.
    """
    db = sandbox.db
    found = db.execute("PRAGMA user_version").fetchone()[0]
    if found == STATE_VERSION:
        return
    db.executescript("DROP TABLE IF EXISTS tokens; DROP TABLE IF EXISTS refresh_tokens;")
    db.executescript(SCHEMA)
    for type_id in facts.READ_SCOPES:
        _define(db, type_id, facts.default_properties(type_id))
    held = db.execute("SELECT type, definition FROM pipelines").fetchall()
    known = [(type_id, json.loads(definition)) for type_id, definition in held]
    for type_id, pipeline in stages.usual_pipelines() + known:
        put_pipeline(db, type_id, pipeline)
    scopes = json.dumps(sorted(facts.ALL_SCOPES))
    tokens = [(STATIC_TOKEN, "service_key"), (PRIVATE_APP_TOKEN, "private_app")]
    db.executemany(
        "INSERT INTO tokens VALUES (?, ?, NULL, ?)",
        [(token, scopes, kind) for token, kind in tokens],
    )
    db.execute("INSERT INTO refresh_tokens VALUES (?, ?)", (REFRESH_TOKEN, scopes))
    if found < FIRST_WITH_NEGATIVE_KINDS:
        db.execute(
            "UPDATE links SET kind = -kind WHERE (from_type, to_type, kind) IN "
            "(SELECT from_type, to_type, kind FROM labels)"
        )
    db.execute(f"PRAGMA user_version = {STATE_VERSION}")


def setting(db: sqlite3.Connection, name: str, default: int) -> int:
    """Give a lever's position."""
    row = db.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
    return int(row[0] if row else default)


def mint(db: sqlite3.Connection) -> str:
    """Give 64 hexadecimal digits that were never given before: the same ones in each portal."""
    (number,) = db.execute(
        "INSERT INTO settings VALUES ('minted', 1) "
        "ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value"
    ).fetchone()
    return hashlib.sha256(f"sandbox {number}".encode()).hexdigest()


def definitions(db: sqlite3.Connection, type_id: str) -> dict[str, dict[str, Any]]:
    """Give the properties of an object type by name, archived ones left out."""
    rows = db.execute(
        "SELECT name, definition FROM properties WHERE type = ? AND archived = 0", (type_id,)
    )
    return {name: json.loads(definition) for name, definition in rows}


def _define(db: sqlite3.Connection, type_id: str, found: Iterable[Mapping[str, Any]]) -> None:
    rows = [(type_id, definition["name"], json.dumps(definition)) for definition in found]
    db.executemany(
        "INSERT OR REPLACE INTO properties (type, name, definition) VALUES (?, ?, ?)", rows
    )


def put_pipeline(db: sqlite3.Connection, type_id: str, pipeline: Mapping[str, Any]) -> None:
    """Add a pipeline or put it in the place of the one with its id; its stages have properties."""
    db.execute(
        "INSERT OR REPLACE INTO pipelines VALUES (?, ?, ?)",
        (type_id, pipeline["id"], json.dumps(pipeline)),
    )
    _define(db, type_id, stages.properties(pipeline))


def pipelines(db: sqlite3.Connection, type_id: str) -> list[dict[str, Any]]:
    """Give the pipelines of an object type, as they are shown."""
    rows = db.execute("SELECT definition FROM pipelines WHERE type = ? ORDER BY id", (type_id,))
    return [json.loads(row[0]) for row in rows]


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


def put_object(  # a row is about this much
    db: sqlite3.Connection,
    type_id: str,
    object_id: int,
    properties: Mapping[str, str],
    modified: int,
    created: int | None = None,
) -> None:
    """Add an object, created when it was modified unless something else is said."""
    at = modified if created is None else created
    db.execute(
        "INSERT INTO objects (type, id, properties, created, modified) VALUES (?, ?, ?, ?, ?)",
        (type_id, object_id, json.dumps(properties), at, modified),
    )


def keep_version(db: sqlite3.Connection, key: Key, at: int) -> None:
    """Keep an object as it is before a change, for as long as the search does not see that."""
    lag_ms = setting(db, "index_lag_ms", 0)
    if lag_ms:
        db.execute("DELETE FROM versions WHERE replaced <= ?", (at - lag_ms,))
        db.execute(
            "INSERT INTO versions SELECT type, id, properties, created, modified, archived, ? "
            "FROM objects WHERE type = ? AND id = ?",
            (at, *key),
        )


def next_id(db: sqlite3.Connection, type_id: str) -> int:
    """Give a free id; objects of two types may have the same."""
    found = db.execute("SELECT max(id) FROM objects WHERE type = ?", (type_id,)).fetchone()[0]
    return (found or 100) + 1


def unarchived(db: sqlite3.Connection, type_id: str) -> Iterator[Held]:
    """Give the objects of a type that are not archived, by id."""
    rows = db.execute(
        "SELECT id, properties, created, modified FROM objects "
        "WHERE type = ? AND archived = 0 ORDER BY id",
        (type_id,),
    )
    for number, properties, created, modified in rows:
        yield number, json.loads(properties), created, modified


_ENDS = """
    SELECT to_id, kind FROM links
    WHERE from_type = ? AND from_id = ? AND to_type = ? AND to_id > ?
    AND EXISTS (SELECT 1 FROM objects WHERE type = from_type AND id = from_id AND archived = 0)
    AND EXISTS (SELECT 1 FROM objects WHERE type = to_type AND id = to_id AND archived = 0)
    ORDER BY to_id, abs(kind)
"""


def ends(db: sqlite3.Connection, one: Key, other: str, beyond: int = 0) -> dict[int, list[int]]:
    """Give the kinds of association, as held, by the id at their other end, beyond an id.

    Those of archived objects are hidden, at either end, until the object is restored.
    """
    rows = db.execute(_ENDS, (*one, other, beyond))
    found: dict[int, list[int]] = {}
    for to_id, kind in rows:
        found.setdefault(to_id, []).append(kind)
    return found


def link(db: sqlite3.Connection, one: Key, other: Key, *, primary: bool = False) -> None:
    """Associate two objects as usual, or as the primary one of several too."""
    join(db, one, other, kinds.HUBSPOTS[one[0], other[0]][kinds.UNLABELED[one[0], other[0]]])
    if primary:
        join(db, one, other, kinds.primary(one[0], other[0]))


def join(db: sqlite3.Connection, one: Key, other: Key, kind: kinds.Kind) -> None:
    """Associate two objects by one kind, in both directions."""
    rows = [(*one, *other, kind.held), (*other, *one, kind.held_inverse)]
    db.executemany("INSERT OR IGNORE INTO links VALUES (?, ?, ?, ?, ?)", rows)


def moment(ms: int) -> datetime:
    """Give a time that HubSpot counts in ms."""
    return datetime.fromtimestamp(ms / 1000, UTC)


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
