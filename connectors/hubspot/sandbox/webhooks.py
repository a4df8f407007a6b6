"""An app's webhooks: where to deliver, and which events; the developer's key opens them."""

from collections.abc import Mapping
from typing import Any

from connectors.hubspot.sandbox import events, facts, state
from connectors.hubspot.sandbox.answers import bad_request, not_found
from connectors.hubspot.sandbox.batches import batch_answer
from connectors.hubspot.sandbox.request import Asked, Reply, inputs, missing, named_type, text

DEVELOPER_KEY = "sandbox-developer-key"
MOST_SUBSCRIPTIONS, LEAST_CONCURRENT = 1000, 6
COLUMNS = "id, type, object_type, property, active, created, modified"
NOT_TOLD = {
    facts.EMAIL: frozenset({"hs_email_html", "hs_email_subject"}),
    facts.COMMUNICATION: frozenset({"hs_communication_body"}),
}
"""The properties whose changes HubSpot tells nobody."""


def get_target(asked: Asked) -> Reply:
    """Answer ``GET /webhooks/{app}/settings``."""
    row = asked.db.execute(
        "SELECT url, concurrent, created, modified FROM targets WHERE app_id = ?", (_app(asked),)
    ).fetchone()
    if row is None:
        raise not_found()
    return 200, {
        "targetUrl": row[0],
        "throttling": {"maxConcurrentRequests": row[1], "period": "SECONDLY"},
        "createdAt": state.iso(row[2]),
        "updatedAt": state.iso(row[3]),
    }


def set_target(asked: Asked) -> Reply:
    """Answer ``PUT /webhooks/{app}/settings``; beside https only loopback is taken."""
    app, url = _app(asked), text(asked.body, "targetUrl")
    if not url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise bad_request("targetUrl must be an https address.")
    concurrent = (asked.body.get("throttling") or {}).get("maxConcurrentRequests")
    if not isinstance(concurrent, int) or concurrent < LEAST_CONCURRENT:
        raise bad_request("maxConcurrentRequests must be greater than 5.")
    asked.db.execute(
        "INSERT INTO targets VALUES (?, ?, ?, ?, ?) ON CONFLICT (app_id) DO UPDATE SET "
        "url = excluded.url, concurrent = excluded.concurrent, modified = excluded.modified",
        (app, url, concurrent, asked.now_ms, asked.now_ms),
    )
    return get_target(asked)


def drop_target(asked: Asked) -> Reply:
    """Answer ``DELETE /webhooks/{app}/settings``: nothing is delivered any more."""
    asked.db.execute("DELETE FROM targets WHERE app_id = ?", (_app(asked),))
    return 204, {}


def list_subscriptions(asked: Asked) -> Reply:
    """Answer ``GET /webhooks/{app}/subscriptions``."""
    _app(asked)
    rows = asked.db.execute(f"SELECT {COLUMNS} FROM subscriptions ORDER BY id")  # noqa: S608  # a constant
    return 200, {"results": [_shown(row) for row in rows]}


def get_subscription(asked: Asked) -> Reply:
    """Answer ``GET /webhooks/{app}/subscriptions/{id}``."""
    _app(asked)
    return 200, _read(asked, asked.path["id"])


def create_subscription(asked: Asked) -> Reply:
    """Answer ``POST /webhooks/{app}/subscriptions``; a new one is paused unless it says so."""
    _app(asked)
    kind = asked.body.get("eventType") or asked.body.get("subscriptionType")
    if kind not in events.TYPES:
        raise bad_request(f"{kind} is no type of subscription.")
    object_type, name = _object_type(asked.body, str(kind)), asked.body.get("propertyName")
    if str(kind).endswith(".propertyChange") and not name:
        raise missing("propertyName")
    if object_type is not None and name in NOT_TOLD.get(object_type, ()):
        raise bad_request(f"Changes of {name} cannot be subscribed to.")
    (count,) = asked.db.execute("SELECT count(*) FROM subscriptions").fetchone()
    if count >= MOST_SUBSCRIPTIONS:
        raise bad_request(f"An app may have {MOST_SUBSCRIPTIONS} subscriptions.")
    row = asked.db.execute(
        "INSERT INTO subscriptions (type, object_type, property, active, created) "
        "VALUES (?, ?, ?, ?, ?) RETURNING id",
        (kind, object_type, name, bool(asked.body.get("active")), asked.now_ms),
    ).fetchone()
    return 201, _read(asked, str(row[0]))


def update_subscription(asked: Asked) -> Reply:
    """Answer ``PATCH /webhooks/{app}/subscriptions/{id}``: pause it or let it go on."""
    _app(asked)
    return 200, _switch(asked, asked.path["id"], asked.body)


def update_subscriptions(asked: Asked) -> Reply:
    """Answer ``POST /webhooks/{app}/subscriptions/batch/update``."""
    _app(asked)
    wanted = inputs(asked, facts.BATCH_LIMIT)
    return batch_answer(asked, [_switch(asked, str(one.get("id")), one) for one in wanted], [])


def drop_subscription(asked: Asked) -> Reply:
    """Answer ``DELETE /webhooks/{app}/subscriptions/{id}``."""
    _app(asked)
    number = _read(asked, asked.path["id"])["id"]
    asked.db.execute("DELETE FROM subscriptions WHERE id = ?", (number,))
    return 204, {}


def _app(asked: Asked) -> int:
    if asked.path["app"] != str(facts.APP_ID):
        raise not_found()
    return facts.APP_ID


def _object_type(body: Mapping[str, Any], kind: str) -> str | None:
    """Give the object type of a generic subscription; the others have it in their name."""
    if not kind.startswith("object."):
        return None
    named = body.get("objectTypeId") or body.get("objectType")
    if not isinstance(named, str):
        raise missing("objectTypeId")
    return named_type(named)


def _switch(asked: Asked, number: str, body: Mapping[str, Any]) -> dict[str, Any]:
    _read(asked, number)
    asked.db.execute(
        "UPDATE subscriptions SET active = ?, modified = ? WHERE id = ?",
        (bool(body.get("active")), asked.now_ms, number),
    )
    return _read(asked, number)


def _read(asked: Asked, number: str) -> dict[str, Any]:
    row = asked.db.execute(
        f"SELECT {COLUMNS} FROM subscriptions WHERE id = ?",  # noqa: S608  # a constant
        (int(number) if number.isdigit() else 0,),
    ).fetchone()
    if row is None:
        raise not_found()
    return _shown(row)


def _shown(row: tuple[Any, ...]) -> dict[str, Any]:
    number, kind, object_type, name, active, created, modified = row
    shown = {
        "id": str(number),
        "eventType": kind,
        "active": bool(active),
        "createdAt": state.iso(created),
    }
    shown |= {"objectTypeId": object_type} if object_type else {}
    shown |= {"propertyName": name} if name else {}
    return shown | ({"updatedAt": state.iso(modified)} if modified else {})
