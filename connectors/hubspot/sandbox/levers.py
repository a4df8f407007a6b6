"""What a test, or an admin of the sandbox, may do to a portal from outside its API."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from connectors._records import ExternalId, FieldValue, Target
from connectors._sandbox import Sandbox
from connectors.hubspot.sandbox import facts, state
from connectors.hubspot.sandbox.answers import not_found

SETTINGS = frozenset(
    {
        "daily_limit",
        "index_lag_ms",
        "links_per_page",
        "rotate_refresh_tokens",
        "whole_batches",
    }
)
"""Daily calls; how late the search is; contacts per associations page; whether each refresh token
works once; whether a wrong input spoils its whole batch in spite of trace ids."""


def turn(sandbox: Sandbox, name: str, value: int) -> None:
    """Set one of `SETTINGS`."""
    if name not in SETTINGS:
        raise ValueError(name)
    sandbox.db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))


def revoke_scope(sandbox: Sandbox, scope: str) -> None:
    """Take a scope from all tokens there are."""
    rows = sandbox.db.execute("SELECT token, scopes FROM tokens").fetchall()
    for token, scopes in rows:
        left = json.dumps([kept for kept in json.loads(scopes) if kept != scope])
        sandbox.db.execute("UPDATE tokens SET scopes = ? WHERE token = ?", (left, token))


def revoke_tokens(sandbox: Sandbox) -> None:
    """Refuse every access token that is in use, fixed ones too; refresh tokens go on working."""
    sandbox.db.execute("DELETE FROM tokens")


def touch(sandbox: Sandbox, record_id: ExternalId, **properties: str) -> None:
    """Change an object as somebody working in the portal would, now."""
    type_id, number = split(record_id)
    row = sandbox.db.execute(
        "SELECT properties FROM objects WHERE type = ? AND id = ?", (type_id, number)
    ).fetchone()
    changed = json.dumps(json.loads(row[0]) | properties)
    sandbox.db.execute(
        "UPDATE objects SET properties = ?, modified = ? WHERE type = ? AND id = ?",
        (changed, state.to_ms(sandbox.clock.now()), type_id, number),
    )


def archive(sandbox: Sandbox, record_id: ExternalId) -> None:
    """Delete an object, or let an owner leave."""
    type_id, number = split(record_id)
    if type_id == "owner":
        sandbox.db.execute("UPDATE owners SET archived = 1 WHERE id = ?", (number,))
        return
    sandbox.db.execute(
        "UPDATE objects SET archived = 1, modified = ? WHERE type = ? AND id = ?",
        (state.to_ms(sandbox.clock.now()), type_id, number),
    )
    _unlink(sandbox, type_id, number)


def merge(sandbox: Sandbox, one: ExternalId, other: ExternalId) -> ExternalId:
    """Merge two objects of a type into a third, which has a new id, as HubSpot does since 2025.

    Returns:
        The survivor's id.
    """
    (type_id, first), (_, second) = split(one), split(other)
    now, survivor = state.to_ms(sandbox.clock.now()), state.next_id(sandbox.db, type_id)
    values: dict[str, str] = {}
    absorbed = [str(first), str(second)]
    for number in (second, first):
        row = sandbox.db.execute(
            "SELECT properties FROM objects WHERE type = ? AND id = ?", (type_id, number)
        ).fetchone()
        values |= json.loads(row[0])
        absorbed += [old for old in values.pop("hs_merged_object_ids", "").split(";") if old]
    values["hs_merged_object_ids"] = ";".join(absorbed)
    state.put_object(sandbox.db, type_id, survivor, values, now)
    for number in (first, second):
        _move_links(sandbox, type_id, number, survivor)
        sandbox.db.execute(
            "UPDATE objects SET archived = 1, modified = ?, merged_into = ? "
            "WHERE type = ? AND id = ?",
            (now, survivor, type_id, number),
        )
    return ExternalId(f"{type_id}:{survivor}")


def archive_property(sandbox: Sandbox, type_id: str, name: str) -> None:
    """Delete a property as an admin would; the values stay with the records, unseen."""
    sandbox.db.execute(
        "UPDATE properties SET archived = 1 WHERE type = ? AND name = ?", (type_id, name)
    )


def definition(sandbox: Sandbox, type_id: str, name: str) -> Mapping[str, Any]:
    """Look up how a property is defined."""
    return state.definitions(sandbox.db, type_id)[name]


def asked_for(sandbox: Sandbox) -> frozenset[str]:
    """Give the names of all properties that clients have ever asked to read."""
    return frozenset(row[0] for row in sandbox.db.execute("SELECT name FROM asked_for"))


def custom_values(
    sandbox: Sandbox, target: Target, record_id: ExternalId
) -> Mapping[str, FieldValue]:
    """Look up what our properties hold on a record; see `SandboxModule`."""
    type_id, number = split(record_id)
    expected = {Target.CONTACT: facts.CONTACT, Target.ACCOUNT: facts.COMPANY}.get(target)
    row = sandbox.db.execute(
        "SELECT properties FROM objects WHERE type = ? AND id = ?", (type_id, number)
    ).fetchone()
    if row is None or type_id != expected:
        raise not_found()
    definitions = state.definitions(sandbox.db, type_id)
    return {
        name.removeprefix("tieline_"): _value(str(definitions[name]["type"]), value)
        for name, value in json.loads(row[0]).items()
        if name.startswith("tieline_") and name in definitions
    }


def split(record_id: ExternalId) -> tuple[str, int]:
    """Give the type, or ``owner``, and the number of a record."""
    type_id, _, number = record_id.partition(":")
    return type_id, int(number)


def _value(kind: str, value: str) -> FieldValue:
    if kind == "number":
        return int(float(value))
    return date.fromisoformat(value) if kind == "date" else value


def _unlink(sandbox: Sandbox, type_id: str, number: int) -> None:
    for end in ("from", "to"):
        sandbox.db.execute(
            f"DELETE FROM links WHERE {end}_type = ? AND {end}_id = ?",  # noqa: S608  # our own names
            (type_id, number),
        )


def _move_links(sandbox: Sandbox, type_id: str, number: int, survivor: int) -> None:
    for end in ("from", "to"):
        sandbox.db.execute(
            f"UPDATE OR IGNORE links SET {end}_id = ? WHERE {end}_type = ? AND {end}_id = ?",  # noqa: S608  # our own names
            (survivor, type_id, number),
        )
    _unlink(sandbox, type_id, number)
