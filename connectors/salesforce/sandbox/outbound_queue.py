"""Outbound messages that wait: noted by triggers of the database, so no write goes unseen.

A trigger fires with every write that stamps a row as modified, as Salesforce's own rules do: what
the system recomputes by itself, and what is rolled back, tells nobody. Where no message is set up
there is no trigger, and a write costs what it did before.
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from connectors.salesforce.sandbox.ids import numbered_id
from connectors.salesforce.sandbox.objects import ObjectFact

TABLES = """
CREATE TABLE IF NOT EXISTS outbound_message (
  number INTEGER PRIMARY KEY AUTOINCREMENT, object TEXT, fields TEXT, url TEXT
);
CREATE TABLE IF NOT EXISTS outbound_notification (
  number INTEGER PRIMARY KEY AUTOINCREMENT, message INTEGER, row TEXT, attempts INTEGER,
  tried_since TEXT, due TEXT, problem TEXT
);
"""

_NOTE = (
    "INSERT INTO outbound_notification (message, row, attempts, tried_since, due, problem) "
    "VALUES ({}, NEW.\"Id\", 0, '', '', '')"
)


_EVENTS = ("INSERT", 'UPDATE OF "LastModifiedDate"')


@dataclass(frozen=True, slots=True)
class Message:
    """A message as an admin set it up: the fields of an object, and where to."""

    number: int
    object: str
    fields: tuple[str, ...]
    url: str

    @property
    def action_id(self) -> str:
        """The id of the action, as receivers are told it."""
        return numbered_id("04k", self.number)


@dataclass(frozen=True, slots=True)
class Notification:
    """A row that a message has yet to tell of.

    Attributes:
        attempts: How often it was sent in vain.
        tried_since: When it was sent first; empty before.
        due: When it is sent next; empty for at once.
        problem: Why it was not taken, in Salesforce's words.
    """

    number: int
    row: str
    attempts: int
    tried_since: str
    due: str
    problem: str

    @property
    def notification_id(self) -> str:
        """Its id, the same with every attempt."""
        return numbered_id("04l", self.number)


def add(
    db: sqlite3.Connection,
    fact: ObjectFact,
    url: str,
    fields: tuple[str, ...],
    when: tuple[bool, bool],
) -> Message:
    """Set up a message.

    Args:
        db: The org's state.
        fact: The object.
        url: Where it goes to.
        fields: What it tells of a row.
        when: Whether it tells of new rows, and whether of changed ones.
    """
    (number,) = db.execute(
        "INSERT INTO outbound_message (object, fields, url) VALUES (?, ?, ?) RETURNING number",
        (fact.name, json.dumps(fields), url),
    ).fetchone()
    living = 'WHEN NOT NEW."IsDeleted"' if "isdeleted" in fact.fields else ""
    for event, is_wanted in zip(_EVENTS, when, strict=True):
        if is_wanted:
            db.execute(
                f'CREATE TRIGGER "outbound {number} {event[:6].lower()}" AFTER {event} '
                f'ON "{fact.name}" {living} BEGIN {_NOTE.format(int(number))}; END'
            )
    return Message(number, fact.name, fields, url)


def end(db: sqlite3.Connection, number: int) -> None:
    """Take a message down, and what it had yet to tell."""
    for event in ("insert", "update"):
        db.execute(f'DROP TRIGGER IF EXISTS "outbound {int(number)} {event}"')
    db.execute("DELETE FROM outbound_message WHERE number = ?", (number,))
    db.execute("DELETE FROM outbound_notification WHERE message = ?", (number,))


def messages(db: sqlite3.Connection) -> list[Message]:
    """Give the messages that are set up, in their order."""
    rows = db.execute("SELECT number, object, fields, url FROM outbound_message ORDER BY number")
    return [
        Message(number, owner, tuple(json.loads(fields)), url)
        for number, owner, fields, url in rows
    ]


def waiting(db: sqlite3.Connection, message: Message, until: str = "9") -> list[Notification]:
    """Give what a message has yet to tell, as far as it is due until then."""
    rows = db.execute(
        "SELECT number, row, attempts, tried_since, due, problem FROM outbound_notification "
        "WHERE message = ? AND due <= ? ORDER BY number",
        (message.number, until),
    )
    return [Notification(*row) for row in rows]


def forget(db: sqlite3.Connection, numbers: Sequence[int]) -> None:
    """Take notifications off the queue."""
    db.executemany(
        "DELETE FROM outbound_notification WHERE number = ?", [(number,) for number in numbers]
    )


def put_off(db: sqlite3.Connection, one: Notification, now: str, due: str, problem: str) -> None:
    """Plan a notification that was sent in vain now again."""
    db.execute(
        "UPDATE outbound_notification SET attempts = attempts + 1, due = ?, problem = ?, "
        "tried_since = ? WHERE number = ?",
        (due, problem, one.tried_since or now, one.number),
    )
