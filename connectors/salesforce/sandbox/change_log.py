"""What was written to the objects that are watched, noted by triggers of the database itself.

So every write is seen, whoever made it and by whatever statement, what is rolled back is not, and
nothing is lost when the sandbox is killed. Where nothing is watched there are no triggers: a write
costs what it did before.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from connectors.salesforce.sandbox.objects import ObjectFact

TABLES = """
CREATE TABLE IF NOT EXISTS changed (
  number INTEGER PRIMARY KEY, object TEXT, row TEXT, kind TEXT, field TEXT, was
);
"""

_NAMES = "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'watch %'"
_NOTE = "INSERT INTO changed (object, row, kind, field, was)"


@dataclass(slots=True)
class Change:
    """What became of one row.

    Attributes:
        kind: CREATE, UPDATE, DELETE or UNDELETE.
        was: What the columns that were changed held before, by name.
    """

    object: str
    row: str
    kind: str
    was: dict[str, Any] = field(default_factory=dict)


def watch(db: sqlite3.Connection, facts: Iterable[ObjectFact]) -> None:
    """Note what is written to these objects, with the fields they have now, and to no others."""
    for (name,) in db.execute(_NAMES).fetchall():
        db.execute(f'DROP TRIGGER "{name}"')
    for fact in facts:
        for statement in _triggers(fact):
            db.execute(statement)


def is_empty(db: sqlite3.Connection) -> bool:
    """Tell whether nothing was noted since `take`."""
    return db.execute("SELECT 1 FROM changed LIMIT 1").fetchone() is None


def take(db: sqlite3.Connection, most: int) -> tuple[list[Change], set[str]]:
    """Take what was noted: one change for each row, in the order of their first writes.

    Args:
        db: The state.
        most: How many rows to tell of.

    Returns:
        The changes, and the objects of which more was changed than that.
    """
    found: dict[str, Change] = {}
    beyond: set[str] = set()
    for name, row, kind, column, was in db.execute(
        "SELECT object, row, kind, field, was FROM changed ORDER BY number"
    ):
        if row not in found and len(found) >= most:
            beyond.add(name)
            continue
        change = found.setdefault(row, Change(name, row, kind))
        change.kind = _later(change.kind, kind)
        if column is not None:
            change.was.setdefault(column, was)
    db.execute("DELETE FROM changed")
    return [change for change in found.values() if change.kind], beyond


def _later(first: str, second: str) -> str:
    """Tell what two writes of a row come to: nothing, if it was made and is gone again."""
    if second == "DELETE":
        return "" if first == "CREATE" else "DELETE"
    return first if second == "UPDATE" else second


def _triggers(fact: ObjectFact) -> Iterator[str]:
    """Give the triggers of an object's table; moving a row to and from the bin is an update."""
    name, names = fact.name, [known.name for known in fact.fields.values()]
    is_binned = "IsDeleted" in names
    living, was_living = ('NEW."IsDeleted" = 0', 'OLD."IsDeleted" = 0') if is_binned else ("1", "1")
    yield _trigger(
        name, "INSERT", f"WHEN {living}", f"VALUES ('{name}', NEW.\"Id\", 'CREATE', NULL, NULL)"
    )
    yield _trigger(
        name, "DELETE", f"WHEN {was_living}", f"VALUES ('{name}', OLD.\"Id\", 'DELETE', NULL, NULL)"
    )
    cells = " UNION ALL ".join(
        f'SELECT \'{one}\' AS field, OLD."{one}" AS was, NEW."{one}" AS value' for one in names
    )
    kind = "'UPDATE'"
    if is_binned:
        kind = "CASE WHEN field <> 'IsDeleted' THEN 'UPDATE' WHEN value THEN 'DELETE'"
        kind += " ELSE 'UNDELETE' END"
    # A value that differs in case only has changed, whatever the column's collation.
    changed = f"({cells}) WHERE was IS NOT value COLLATE BINARY"
    noted = f"SELECT '{name}', NEW.\"Id\", {kind}, field, was FROM {changed}"  # noqa: S608 own names
    yield _trigger(name, "UPDATE", "", noted)


def _trigger(name: str, event: str, condition: str, noted: str) -> str:
    named = f'"watch {name} {event.lower()}"'
    return (
        f'CREATE TRIGGER {named} AFTER {event} ON "{name}" {condition} BEGIN {_NOTE} {noted}; END'
    )
