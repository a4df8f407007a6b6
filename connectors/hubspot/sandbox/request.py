"""A request as the endpoints see it, its token already checked."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.hubspot.sandbox import facts, state
from connectors.hubspot.sandbox.answers import Refused, bad_request, missing_scopes

Reply = tuple[int, Mapping[str, Any] | list[dict[str, Any]]]
"""What an endpoint answers: the status, and the body that becomes JSON; the oldest give lists."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose token it is.

    Attributes:
        kind: ``service_key``, ``private_app`` or ``oauth``.
        app_id: The app's; changes it makes carry it as their source.
        is_oauth: Whether the app may be installed in many portals; its limits are others.
    """

    scopes: frozenset[str] = frozenset()
    kind: str = "service_key"
    app_id: int = facts.APP_ID

    @property
    def is_oauth(self) -> bool:
        """Whether the token was given to an OAuth app."""
        return self.kind == "oauth"


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of the portal's daily allowance is used, and when it begins anew (ms)."""

    today: int = 0
    daily: int = facts.DAILY_LIMIT
    resets_at: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client wants.

    Attributes:
        db: The portal's state.
        now_ms: The sandbox's time.
        path: The variable parts of the path.
        query: What followed the ``?``; what came several times is joined by commas.
        body: The JSON object or form sent, empty if none.
        body_length: Its length as sent.
        caller: Whose token it is, and what it may do.
        version: The version in the path: ``v3``, ``v4`` or a dated one.
        url: The sandbox's own address, without a trailing slash.
        listed: The JSON list sent, where it is no object.
        usage: What the portal has used of its day.
    """

    db: sqlite3.Connection
    now_ms: int
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any]
    body_length: int
    caller: Caller
    version: str
    url: str = ""
    listed: tuple[Mapping[str, Any], ...] = ()
    usage: Usage = Usage()

    @property
    def is_archived(self) -> bool:
        """Whether the archived objects are asked for instead of the others."""
        return self.query.get("archived", "").lower() == "true"

    @property
    def is_newest(self) -> bool:
        """Whether the version is one that tells a batch's errors in a 200."""
        return self.version[:1] != "v" and self.version >= facts.FIRST_WITH_ERRORS_IN_200


def need(asked: Asked, *scopes: str) -> None:
    """Refuse unless the token has all of these scopes."""
    missing = [scope for scope in scopes if scope not in asked.caller.scopes]
    if missing:
        raise missing_scopes(missing)


def need_any(asked: Asked, *scopes: str) -> None:
    """Refuse unless the token has one of these scopes."""
    if not asked.caller.scopes.intersection(scopes):
        raise missing_scopes(scopes)


def named_type(name: str) -> str:
    """Give the object type of a name or an id in a path."""
    type_id = facts.TYPE_NAMES.get(name.lower(), name)
    if name in facts.OUT_OF_SCOPE:
        raise missing_scopes([facts.OUT_OF_SCOPE[name]])
    if type_id not in facts.READ_SCOPES:
        raise bad_request(f"Unable to infer object type from: {name}")
    return type_id


def object_type(asked: Asked) -> str:
    """Give the object type in the path, to read; refuse without its scopes."""
    type_id = named_type(asked.path["type"])
    need(asked, *read_scopes(asked, type_id))
    return type_id


def read_scopes(asked: Asked, type_id: str) -> tuple[str, ...]:
    """Give the scopes that reading a type takes; some portals do not refuse mail but blacken it."""
    scopes = facts.READ_SCOPES[type_id]
    if type_id == facts.EMAIL and state.setting(asked.db, "redact_emails", 0):
        return tuple(scope for scope in scopes if scope != facts.EMAIL_SCOPE)
    return scopes


def is_redacted(asked: Asked, type_id: str) -> bool:
    """Whether what objects of a type say must not be shown to this caller."""
    return type_id == facts.EMAIL and facts.EMAIL_SCOPE not in asked.caller.scopes


def written_type(asked: Asked) -> str:
    """Give the object type in the path, to write; refuse without its scope."""
    type_id = named_type(asked.path["type"])
    need(asked, facts.WRITE_SCOPES.get(type_id, facts.CONTACT_WRITE_SCOPE))
    return type_id


def inputs(asked: Asked, most: int) -> list[dict[str, Any]]:
    """Give the inputs of a batch, of which there may be so many."""
    found = asked.body.get("inputs")
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise bad_request("Invalid input JSON: inputs must be a list of objects.")
    if len(found) > most:
        raise bad_request(f"The maximum number of inputs supported in a batch request is {most}.")
    return found


def limit(asked: Asked, most: int, usual: int = 10) -> int:
    """Give how many rows a list should have."""
    value = asked.query.get("limit", str(usual))
    if not value.isdigit() or not 0 < int(value) <= most:
        raise bad_request(f"limit must be between 1 and {most}.")
    return int(value)


def after(asked: Asked) -> int:
    """Give the cursor of a list; 0 is its beginning."""
    value = asked.query.get("after") or "0"
    if not value.isdigit():
        raise bad_request("after is no cursor.")
    return int(value)


def text(body: Mapping[str, Any], name: str) -> str:
    """Give a string that a body must have."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise missing(name)
    return value


def missing(*names: str) -> Refused:
    """Refuse a body that lacks something."""
    listed = ", ".join(names)
    return bad_request(
        f"Invalid input JSON: Some required fields were not set: [{listed}]",
        context={"missingFields": list(names)},
    )
