"""What the portal tells its webhooks: one event per change and subscription that wants it."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.hubspot.sandbox import facts

LEGACY = {
    facts.CONTACT: "contact",
    facts.COMPANY: "company",
    facts.DEAL: "deal",
    facts.TICKET: "ticket",
}
"""The object types with subscriptions of their own name; all have ``object.*``."""

ACTIONS = ("creation", "deletion", "merge", "restore", "propertyChange", "associationChange")
PRIVACY_DELETION = "contact.privacyDeletion"
TYPES = frozenset(
    {f"{name}.{action}" for name in (*LEGACY.values(), "object") for action in ACTIONS}
    | {PRIVACY_DELETION}
)


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes something, as events and the history of a property tell it."""

    source: str
    source_id: str


PERSON = Author("CRM_UI", f"userId:{facts.USER_ID}")


def integration(app_id: int) -> Author:
    """Give an app as the author of what it writes."""
    return Author("INTEGRATION", str(app_id))


def tell(  # an event is about this much
    db: sqlite3.Connection,
    action: str,
    type_id: str,
    object_id: int,
    author: Author,
    at: int,
    details: Iterable[Mapping[str, Any]] = ({},),
) -> None:
    """Queue events for the subscriptions that want them; without any this costs one query.

    Args:
        db: The portal's state.
        action: One of `ACTIONS`.
        type_id: The object's type.
        object_id: The object.
        author: Who did it.
        at: When, in ms.
        details: What more there is to say, once per event.
    """
    names = [f"object.{action}", f"{LEGACY.get(type_id)}.{action}"]
    wanted = db.execute(
        "SELECT id, type, property FROM subscriptions WHERE active = 1 AND type IN (?, ?) "
        "AND (object_type IS NULL OR object_type = ?)",
        (*names, type_id),
    ).fetchall()
    for detail in details if wanted else ():
        for number, name, only in wanted:
            if only in (None, detail.get("propertyName")):
                generic = {"objectTypeId": type_id} if name.startswith("object.") else {}
                _queue(db, number, name, object_id, author, at, generic | dict(detail))


def tell_privacy(db: sqlite3.Connection, object_id: int, author: Author, at: int) -> None:
    """Queue the event of a contact's erasure."""
    rows = db.execute(
        "SELECT id FROM subscriptions WHERE active = 1 AND type = ?", (PRIVACY_DELETION,)
    ).fetchall()
    for (number,) in rows:
        _queue(db, number, PRIVACY_DELETION, object_id, author, at, {})


def _queue(  # the same, and the subscription
    db: sqlite3.Connection,
    subscription: int,
    name: str,
    object_id: int,
    author: Author,
    at: int,
    detail: Mapping[str, Any],
) -> None:
    flags = {"creation": {"changeFlag": "NEW"}, "deletion": {"changeFlag": "DELETED"}}
    body = {
        "subscriptionId": subscription,
        "portalId": facts.PORTAL_ID,
        "appId": facts.APP_ID,
        "occurredAt": at,
        "subscriptionType": name,
        "objectId": object_id,
        "changeSource": author.source,
        "sourceId": author.source_id,
        **flags.get(name.partition(".")[2], {}),
        **detail,
    }
    db.execute("INSERT INTO events (body, due) VALUES (?, ?)", (json.dumps(body), at))
