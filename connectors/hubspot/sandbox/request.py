"""A request as the endpoints see it, its token already checked."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.hubspot.sandbox import facts
from connectors.hubspot.sandbox.answers import bad_request, missing_scopes


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client wants.

    Attributes:
        db: The portal's state.
        now_ms: The sandbox's time.
        path: The variable parts of the path.
        query: What followed the ``?``.
        body: The JSON object or form sent, empty if none.
        body_length: Its length as sent.
        scopes: What the token may do.
        version: The dated version asked, or ``v3``.
    """

    db: sqlite3.Connection
    now_ms: int
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any]
    body_length: int
    scopes: frozenset[str]
    version: str

    @property
    def is_archived(self) -> bool:
        """Whether the archived objects are asked for instead of the others."""
        return self.query.get("archived") == "true"


def need(asked: Asked, *scopes: str) -> None:
    """Refuse unless the token has all of these scopes."""
    missing = [scope for scope in scopes if scope not in asked.scopes]
    if missing:
        raise missing_scopes(missing)


def named_type(name: str) -> str:
    """Give the object type of a name or an id in a path."""
    type_id = facts.TYPE_NAMES.get(name.lower(), name)
    if type_id not in facts.READ_SCOPES:
        raise bad_request(f"Unable to infer object type from: {name}")
    return type_id


def object_type(asked: Asked) -> str:
    """Give the object type in the path, to read; refuse without its scopes."""
    type_id = named_type(asked.path["type"])
    need(asked, *facts.READ_SCOPES[type_id])
    return type_id


def inputs(asked: Asked, most: int) -> list[dict[str, Any]]:
    """Give the inputs of a batch, of which there may be so many."""
    found = asked.body.get("inputs")
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise bad_request("inputs must be a list of objects.")
    if len(found) > most:
        raise bad_request(f"The maximum number of inputs is {most}.")
    return found


def limit(asked: Asked, most: int) -> int:
    """Give how many rows a list should have."""
    value = asked.query.get("limit", "10")
    if not value.isdigit() or not 0 < int(value) <= most:
        raise bad_request(f"limit must be between 1 and {most}.")
    return int(value)
