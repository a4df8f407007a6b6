"""What people do to rows at their screens, and when others see it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from connectors._records import ExternalId
from connectors._sandbox import Clock, Sandbox
from connectors.salesforce.sandbox import rows
from connectors.salesforce.sandbox.change_events import PERSON
from connectors.salesforce.sandbox.errors import RowRefusal
from connectors.salesforce.sandbox.objects import ObjectFact, standard_objects
from connectors.salesforce.sandbox.org import USER_ID, Org, View, stamp

_COLLEAGUE = """
SELECT "Id" FROM "User" WHERE "UserType" = 'Standard' AND "IsActive" ORDER BY "Id" LIMIT 1
"""


def edit(sandbox: Sandbox, record_id: ExternalId, **values: object) -> None:
    """Change any field of a record as one of its users would: stamped now, by nobody of ours."""
    org = Org(sandbox)
    fact = org.objects()[fact_of(record_id).name.lower()]  # with the fields that were added
    before = _row(org, fact, record_id)
    columns = _columns(org, fact, values)
    user_id = _writer(org, before)
    with taken(), org.changes.written_by(replace(PERSON, user_id=user_id)):
        rows.overwrite(org, everything(org, user_id), fact, before, columns)


def edit_late(sandbox: Sandbox, record_id: ExternalId, seconds: float, **values: object) -> None:
    """Change a record in a long transaction: stamped now, seen by nobody for so many seconds."""
    org = Org(sandbox)
    fact = fact_of(record_id)
    _row(org, fact, record_id)
    _columns(org, fact, values)
    _put_off(org, record_id, seconds, values)


def create_late(sandbox: Sandbox, sobject: str, seconds: float, **values: object) -> None:
    """Make a record in a long transaction: stamped now, seen by nobody for so many seconds.

    Raises:
        ValueError: If Salesforce would not take it.
    """
    org = Org(sandbox)
    with org.tried():
        _create(org, sobject, values)
    _put_off(org, sobject, seconds, values)


def commit_due(org: Org) -> None:
    """Let those late transactions end whose time has come, with the stamps of their beginning."""
    due = org.db.execute(
        "DELETE FROM late_commit WHERE due <= ? RETURNING number, begun, what, given", (org.now(),)
    ).fetchall()
    for _, begun, what, given in sorted(due):
        clock = Clock()
        clock.stop()
        clock.set(datetime.fromisoformat(begun))
        then = Sandbox(org.db, clock)
        if what.lower() in standard_objects():
            _create(Org(then), what, json.loads(given))
        else:
            edit(then, ExternalId(what), **json.loads(given))


def fact_of(record_id: ExternalId) -> ObjectFact:
    """Give the object that an id is of.

    Raises:
        ValueError: If there is none.
    """
    for fact in standard_objects().values():
        if fact.prefix == record_id[:3]:
            return fact
    raise ValueError(f"{record_id} is the id of nothing here.")


@contextmanager
def taken() -> Iterator[None]:
    """Tell whoever pulls a lever in a sentence why Salesforce does not take it.

    Raises:
        ValueError: If it does not.
    """
    try:
        yield
    except RowRefusal as refusal:
        raise ValueError(f"{refusal.code}: {refusal}") from refusal


def everything(org: Org, user_id: str = USER_ID) -> View:
    """Give what somebody sees who may see everything."""
    return View(org.objects(), frozenset(), user_id)


def _create(org: Org, sobject: str, values: Mapping[str, object]) -> None:
    fact = org.objects().get(sobject.lower())
    if fact is None:
        raise ValueError(f"There is no object {sobject}.")
    user_id = _writer(org, values)
    view = everything(org, user_id)
    with taken(), org.changes.written_by(replace(PERSON, user_id=user_id)):
        rows.create(org, view, fact, _columns(org, fact, values))


def _put_off(org: Org, what: str, seconds: float, given: Mapping[str, object]) -> None:
    due = stamp(org.clock.now() + timedelta(seconds=seconds))
    org.db.execute(
        "INSERT INTO late_commit (due, begun, what, given) VALUES (?, ?, ?, ?)",
        (due, org.now(), what, json.dumps(given)),
    )


def _row(org: Org, fact: ObjectFact, record_id: ExternalId) -> Mapping[str, Any]:
    row = org.row(fact.name, record_id)
    if row is None:
        raise ValueError(f"There is no {fact.name} {record_id}.")
    return row


def _columns(org: Org, fact: ObjectFact, values: Mapping[str, object]) -> dict[str, Any]:
    """Give values by the names of their fields, however they are spelled."""
    fields = org.objects()[fact.name.lower()].fields
    junctions = {name.lower() for name in rows.junctions(everything(org), fact)}
    for name in values:
        if name.lower() not in fields.keys() | junctions:
            raise ValueError(f"{fact.name} has no field {name}.")
    return {
        fields[name.lower()].name if name.lower() in fields else name: value
        for name, value in values.items()
    }


def _writer(org: Org, row: Mapping[str, Any]) -> str:
    """Give who works with a record: its owner, else the first colleague there is."""
    owner = str(row.get("OwnerId") or "")
    if owner.startswith("005") and owner != USER_ID:
        return owner
    found = org.db.execute(_COLLEAGUE).fetchone()
    return str(found[0]) if found else PERSON.user_id
