"""Every change to an object: the row, the history of its properties, and the events about it."""

import contextlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

from connectors.hubspot.sandbox import events, facts, kinds, stages, state
from connectors.hubspot.sandbox.events import Author


@contextlib.contextmanager
def together(db: sqlite3.Connection) -> Iterator[None]:
    """Write several rows as one, or none of them."""
    if db.in_transaction:
        yield
        return
    db.execute("BEGIN")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def create(
    db: sqlite3.Connection, type_id: str, values: Mapping[str, str], author: Author, at: int
) -> int:
    """Add an object.

    Returns:
        Its id.
    """
    number = state.next_id(db, type_id)
    source = {
        "hs_object_source": author.source,
        "hs_object_source_id": author.source_id,
        "hs_object_source_label": author.source,
    }
    kept = {name: value for name, value in values.items() if value != ""}
    known = derived(db, type_id, kept) | _moved(type_id, {}, kept, at) | source
    state.put_object(db, type_id, number, known, at)
    _remember(db, (type_id, number), kept, author, at)
    events.tell(db, "creation", type_id, number, author, at)
    changed = [{"propertyName": name, "propertyValue": value} for name, value in kept.items()]
    events.tell(db, "propertyChange", type_id, number, author, at, changed)
    return number


def change(  # which object, what, by whom and when
    db: sqlite3.Connection,
    type_id: str,
    object_id: int,
    values: Mapping[str, str],
    author: Author,
    at: int,
) -> None:
    """Set properties of an object, whichever they are; ``""`` clears one."""
    state.keep_version(db, (type_id, object_id), at)
    (held,) = db.execute(
        "SELECT properties FROM objects WHERE type = ? AND id = ?", (type_id, object_id)
    ).fetchone()
    before: dict[str, str] = json.loads(held)
    changed = {n: v for n, v in values.items() if before.get(n, "") != v}
    after = {n: v for n, v in (before | dict(values)).items() if v != ""}
    after |= _moved(type_id, before, after, at)
    db.execute(
        "UPDATE objects SET properties = ?, modified = ? WHERE type = ? AND id = ?",
        (json.dumps(derived(db, type_id, after)), at, type_id, object_id),
    )
    _remember(db, (type_id, object_id), changed, author, at)
    details = [{"propertyName": name, "propertyValue": value} for name, value in changed.items()]
    events.tell(db, "propertyChange", type_id, object_id, author, at, details)


def archive(db: sqlite3.Connection, type_id: str, object_id: int, author: Author, at: int) -> None:
    """Put an object into the bin, where it is for 90 days; its associations are hidden."""
    state.keep_version(db, (type_id, object_id), at)
    db.execute(
        "UPDATE objects SET archived = 1, modified = ? WHERE type = ? AND id = ?",
        (at, type_id, object_id),
    )
    _mirror(db, type_id, object_id, at, is_there=False)
    events.tell(db, "deletion", type_id, object_id, author, at)


def restore(db: sqlite3.Connection, type_id: str, object_id: int, author: Author, at: int) -> None:
    """Take an object out of the bin; its associations are there again."""
    state.keep_version(db, (type_id, object_id), at)
    db.execute(
        "UPDATE objects SET archived = 0, modified = ? WHERE type = ? AND id = ?",
        (at, type_id, object_id),
    )
    _mirror(db, type_id, object_id, at, is_there=True)
    events.tell(db, "restore", type_id, object_id, author, at)


def erase(db: sqlite3.Connection, object_id: int, author: Author, at: int) -> None:
    """Delete a contact for good, as the GDPR wants it."""
    key = (facts.CONTACT, object_id)
    unlink(db, *key)
    db.execute("DELETE FROM objects WHERE type = ? AND id = ?", key)
    db.execute("DELETE FROM history WHERE type = ? AND id = ?", key)
    events.tell_privacy(db, object_id, author, at)
    events.tell(db, "deletion", *key, author, at)


def unlink(db: sqlite3.Connection, type_id: str, object_id: int) -> None:
    """Take all associations of an object away."""
    for end in ("from", "to"):
        db.execute(
            f"DELETE FROM links WHERE {end}_type = ? AND {end}_id = ?",  # noqa: S608  # our own names
            (type_id, object_id),
        )


def derived(db: sqlite3.Connection, type_id: str, values: Mapping[str, str]) -> dict[str, str]:
    """Give the properties with those that HubSpot works out from others."""
    found = dict(values)
    if type_id == facts.DEAL:
        found |= _from_stage(db, values.get("dealstage"))
    if type_id == facts.EMAIL and "hs_email_headers" in values:
        found |= _from_headers(values["hs_email_headers"])
    if type_id == facts.MEETING and "hs_meeting_start_time" in values:
        found.setdefault("hs_timestamp", values["hs_meeting_start_time"])
    return found


def history(db: sqlite3.Connection, type_id: str, row: state.Row, name: str) -> list[Any]:
    """Give the values that a property had, the newest first."""
    rows = db.execute(
        "SELECT value, at, source, source_id FROM history "
        "WHERE type = ? AND id = ? AND name = ? ORDER BY at DESC, rowid DESC",
        (type_id, row[0], name),
    ).fetchall()
    held = json.loads(row[1]).get(name)
    if not rows and held is not None:
        rows = [(held, row[2], events.PERSON.source, events.PERSON.source_id)]
    return [
        {"value": value, "timestamp": state.iso(at), "sourceType": source, "sourceId": source_id}
        for value, at, source, source_id in rows
    ]


def _mirror(
    db: sqlite3.Connection, type_id: str, object_id: int, at: int, *, is_there: bool
) -> None:
    """Let contacts name a company as their primary one only while it is there."""
    if type_id != facts.COMPANY:
        return
    kind = kinds.primary(facts.COMPANY, facts.CONTACT).held
    db.execute(
        "UPDATE objects SET modified = ?, "
        "properties = json_patch(properties, json_object('associatedcompanyid', ?)) "
        "WHERE type = ? AND id IN (SELECT to_id FROM links WHERE from_type = ? AND from_id = ? "
        "AND to_type = type AND kind = ?)",
        (at, str(object_id) if is_there else None, facts.CONTACT, type_id, object_id, kind),
    )


def _remember(
    db: sqlite3.Connection,
    key: tuple[str, int],
    values: Mapping[str, str],
    author: Author,
    at: int,
) -> None:
    rows = [(*key, name, at, v, author.source, author.source_id) for name, v in values.items()]
    db.executemany("INSERT INTO history VALUES (?, ?, ?, ?, ?, ?, ?)", rows)


def _from_stage(db: sqlite3.Connection, stage_id: str | None) -> dict[str, str]:
    """Give what the stage of a deal says about it, its pipeline first of all."""
    for pipeline in state.pipelines(db, facts.DEAL):
        for stage in pipeline["stages"]:
            if stage["id"] == stage_id:
                return stages.of_deal(pipeline, stage)
    return {}


def _moved(
    type_id: str, before: Mapping[str, str], after: Mapping[str, str], at: int
) -> dict[str, str]:
    """Give the dates that a change of stage sets, or that a task is done."""
    status, date = "hs_task_status", "hs_task_completion_date"
    is_done = after.get(status) == "COMPLETED" != before.get(status)
    if type_id == facts.TASK and is_done and after.get(date) == before.get(date):
        return {date: state.iso(at)}
    place = stages.PLACE.get(type_id, "")
    return stages.moved(before.get(place), after.get(place), state.iso(at))


def _from_headers(headers: str) -> dict[str, str]:
    """Give the addresses of an email from its headers; nothing where they are no JSON."""
    try:
        parsed = json.loads(headers)
    except ValueError:
        return {}
    found = {}
    for box in ("from", "sender", "to", "cc", "bcc"):
        people = parsed.get(box) or []
        people = [people] if isinstance(people, dict) else people
        addresses = [str(p["email"]) for p in people if isinstance(p, dict) and p.get("email")]
        found[f"hs_email_{box}_email"] = ";".join(addresses)
    sender = parsed.get("from") or {}
    found["hs_email_from_firstname"] = str(sender.get("firstName") or "")
    found["hs_email_from_lastname"] = str(sender.get("lastName") or "")
    return {name: value for name, value in found.items() if value}
