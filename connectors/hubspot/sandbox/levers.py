"""What a test, or an admin of the sandbox, may do to a portal from outside its API."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from connectors._records import ExternalId, FieldValue, Target
from connectors._sandbox import Sandbox
from connectors.hubspot.mapping import TARGETS
from connectors.hubspot.sandbox import changes, events, facts, limits, merging, sending, state
from connectors.hubspot.sandbox.answers import not_found
from connectors.hubspot.sandbox.events import PERSON
from connectors.hubspot.sandbox.fault_levers import (  # noqa: F401 levers as those below
    broken_gateway,
    locked,
    lost_answer,
    migrating,
    spoil,
    throttled,
)

SETTINGS = {
    "batches_reversed": "whether the results of a batch come in another order than was asked for",
    "burst_limits": "whether the limits by the second count",
    "daily_limit": "how many calls the portal may get a day",
    "deliver_at_once": "whether events leave with the answer to the call that made them",
    "deny_installs": "whether the admin refuses to install an app",
    "index_lag_ms": "how late the search is",
    "links_per_page": "ids per page of associations",
    "merge_keeps_primary": "whether the primary record survives a merge, instead of a third",
    "pages_overlap": "how many rows of a page of the search were on the one before",
    "redact_emails": "whether who may not read mail gets it blackened, instead of a refusal",
    "retry_after": "whether a 429 says how long to wait",
    "rotate_refresh_tokens": "whether each refresh token works once",
    "webhook_disorder": "whether events come in any order",
    "webhook_duplicates": "whether events come twice",
    "whole_batches": "whether a wrong input spoils its batch in spite of trace ids",
}
"""What can be turned, and what it decides; 0 is no."""


def turn(sandbox: Sandbox, name: str, value: int) -> None:
    """Set one of the portal's switches; a name that is none gets the list of them told."""
    if name not in SETTINGS:
        raise ValueError("; ".join(f"{known}: {told}" for known, told in SETTINGS.items()))
    sandbox.db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))


def use_calls(sandbox: Sandbox, used: int) -> None:
    """Set how many of the portal's calls of today are used up, by whichever apps."""
    limits.use_calls(sandbox, used)


def revoke_scope(sandbox: Sandbox, scope: str) -> None:
    """Take a scope from all tokens there are, and from those that are still to be made.

    Raises:
        ValueError: If HubSpot has no such scope.
    """
    if scope not in facts.ALL_SCOPES:
        raise ValueError(f"There is no scope {scope}.")
    for table in ("tokens", "refresh_tokens"):
        rows = sandbox.db.execute(f"SELECT token, scopes FROM {table}").fetchall()  # noqa: S608  # our own names
        for token, scopes in rows:
            left = json.dumps([kept for kept in json.loads(scopes) if kept != scope])
            sandbox.db.execute(
                f"UPDATE {table} SET scopes = ? WHERE token = ?",  # noqa: S608  # our own names
                (left, token),
            )


def revoke_tokens(sandbox: Sandbox) -> None:
    """Refuse every access token that is in use, fixed ones too; refresh tokens go on working."""
    sandbox.db.execute("DELETE FROM tokens")


def grant(sandbox: Sandbox, token: str, scopes: Iterable[str], kind: str = "service_key") -> None:
    """Make a fixed token with these scopes: a service key, or a ``private_app``'s."""
    sandbox.db.execute(
        "INSERT OR REPLACE INTO tokens VALUES (?, ?, NULL, ?)",
        (token, json.dumps(sorted(scopes)), kind),
    )


def touch(sandbox: Sandbox, record_id: ExternalId, **properties: str) -> None:
    """Change an object as somebody working in the portal would, now; values are not checked.

    Raises:
        ValueError: If there is no such object, or no such property of it.
    """
    type_id, number = split(record_id)
    _check_there(sandbox, record_id)
    known = state.definitions(sandbox.db, type_id)
    if unknown := sorted(properties.keys() - known.keys()):
        raise ValueError(f"Objects of type {type_id} have no property {unknown[0]}.")
    changes.change(sandbox.db, type_id, number, properties, PERSON, _now(sandbox))


def archive(sandbox: Sandbox, record_id: ExternalId) -> None:
    """Delete an object, or let an owner leave.

    Raises:
        ValueError: If there is none.
    """
    _check_there(sandbox, record_id)
    type_id, number = split(record_id)
    if type_id == "owner":
        sandbox.db.execute("UPDATE owners SET archived = 1 WHERE id = ?", (number,))
        return
    changes.archive(sandbox.db, type_id, number, PERSON, _now(sandbox))


def restore(sandbox: Sandbox, record_id: ExternalId) -> None:
    """Take an object out of the bin, with its associations, or let an owner come back.

    Raises:
        ValueError: If it is not in the bin, or a contact has an address that another has got
            meanwhile.
    """
    _check_there(sandbox, record_id, archived=True)
    type_id, number = split(record_id)
    if type_id == "owner":
        sandbox.db.execute("UPDATE owners SET archived = 0 WHERE id = ?", (number,))
        return
    row = state.find(sandbox.db, type_id, number, archived=True)
    address = json.loads(row[1]).get("email", "") if row and type_id == facts.CONTACT else ""
    other = state.find_by(sandbox.db, type_id, "email", address) if address else None
    if other is not None:
        raise ValueError(f"The contact {other} has the address {address} already.")
    changes.restore(sandbox.db, type_id, number, PERSON, _now(sandbox))


def erase(sandbox: Sandbox, record_id: ExternalId) -> None:
    """Delete a contact for good.

    Raises:
        ValueError: If there is none.
    """
    type_id, number = split(record_id)
    found = [state.find(sandbox.db, facts.CONTACT, number, archived=gone) for gone in (False, True)]
    if type_id != facts.CONTACT or not any(found):
        raise ValueError(f"There is no contact {record_id}.")
    changes.erase(sandbox.db, number, PERSON, _now(sandbox))


def merge(sandbox: Sandbox, one: ExternalId, other: ExternalId) -> ExternalId:
    """Merge the other object into the one; see `merging.merge`.

    Returns:
        The survivor's id.

    Raises:
        ValueError: If these are not two objects of one type.
    """
    _check_there(sandbox, one)
    _check_there(sandbox, other)
    if one == other or split(one)[0] != split(other)[0]:
        raise ValueError(f"{one} and {other} are not two objects of one type.")
    (type_id, first), (_, second) = split(one), split(other)
    survivor = merging.merge(sandbox.db, type_id, first, second, PERSON, _now(sandbox))
    return ExternalId(f"{type_id}:{survivor}")


def require(sandbox: Sandbox, type_id: str, name: str, when: tuple[str, str] | None = None) -> None:
    """Make a property required by a rule of the portal, always or when another has a value."""
    sandbox.db.execute(
        "INSERT OR REPLACE INTO rules VALUES (?, ?, ?, ?)", (type_id, name, *(when or (None, None)))
    )


def subscribe(
    sandbox: Sandbox, url: str, kinds: Sequence[str], object_type: str | None = None, name: str = ""
) -> None:
    """Have events delivered to an address, as an admin sets up a private app's webhooks.

    Args:
        sandbox: Whose events.
        url: Where to; each portal has one such address.
        kinds: Types of subscription, such as ``contact.creation`` or ``object.creation``.
        object_type: What the generic ones among them are about, such as ``0-49``.
        name: The property whose changes are told.
    """
    unknown = set(kinds) - events.TYPES
    if unknown:
        raise ValueError(unknown)
    now = _now(sandbox)
    sandbox.db.execute(
        "INSERT OR REPLACE INTO targets VALUES (?, ?, 10, ?, ?)", (facts.APP_ID, url, now, now)
    )
    rows = [(kind, object_type, name or None, now) for kind in kinds]
    sandbox.db.executemany(
        "INSERT INTO subscriptions (type, object_type, property, active, created) "
        "VALUES (?, ?, ?, 1, ?)",
        rows,
    )


def deliver(sandbox: Sandbox) -> Sequence[sending.Delivery]:
    """Deliver the events that are due, and wait for the app's answers."""
    return sending.deliver(sandbox)


def archive_property(sandbox: Sandbox, type_id: str, name: str) -> None:
    """Delete a property as an admin would; the values stay with the records, unseen.

    Raises:
        ValueError: If there is none.
    """
    if name not in state.definitions(sandbox.db, type_id):
        raise ValueError(f"Objects of type {type_id} have no property {name}.")
    sandbox.db.execute(
        "UPDATE properties SET archived = 1 WHERE type = ? AND name = ?", (type_id, name)
    )


def make_property_read_only(sandbox: Sandbox, type_id: str, name: str) -> None:
    """Let nobody write a property through the API any more.

    Raises:
        ValueError: If there is none.
    """
    known = state.definitions(sandbox.db, type_id).get(name)
    if known is None:
        raise ValueError(f"Objects of type {type_id} have no property {name}.")
    changed = {
        **known,
        "modificationMetadata": {**known["modificationMetadata"], "readOnlyValue": True},
    }
    sandbox.db.execute(
        "UPDATE properties SET definition = ? WHERE type = ? AND name = ?",
        (json.dumps(changed), type_id, name),
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
    expected = TARGETS.get(target)
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
    """Give the type, or ``owner``, and the number of a record.

    Raises:
        ValueError: If it is no id.
    """
    type_id, _, number = record_id.partition(":")
    if not number.isdecimal():
        raise ValueError(f"{record_id} is the id of nothing here.")
    return type_id, int(number)


def _value(kind: str, value: str) -> FieldValue:
    if kind == "number":
        return int(float(value))
    return date.fromisoformat(value) if kind == "date" else value


def _now(sandbox: Sandbox) -> int:
    return state.to_ms(sandbox.clock.now())


def _check_there(sandbox: Sandbox, record_id: ExternalId, *, archived: bool = False) -> None:
    """Refuse the id of an object, or an owner, that is not there, or not in the bin."""
    type_id, number = split(record_id)
    if type_id == "owner":
        asked = "SELECT 1 FROM owners WHERE id = ? AND archived = ?"
        found = sandbox.db.execute(asked, (number, archived)).fetchone()
    else:
        found = state.find(sandbox.db, type_id, number, archived=archived)
    if found is None:
        raise ValueError(f"There is no object {record_id}{' in the bin' if archived else ''}.")
