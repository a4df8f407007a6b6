"""HubSpot's error bodies, and the exception that carries one to the door."""

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Refused(Exception):
    """An answer other than 2xx."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


def error(message: str, category: str | None = None, **more: object) -> dict[str, Any]:
    """Give an error's envelope."""
    body: dict[str, Any] = {
        "status": "error",
        "message": message,
        "correlationId": str(uuid.uuid4()),
    }
    return body | ({"category": category} if category else {}) | more


def unauthorized(*, is_expired: bool) -> Refused:
    """Refuse a token."""
    if is_expired:
        message = "The OAuth token used to make this call expired."
        return Refused(401, error(message, "EXPIRED_AUTHENTICATION"))
    message = (
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and "
        "you can find more details at https://developers.hubspot.com/docs/methods/auth/"
        "oauth-overview"
    )
    return Refused(401, error(message, "INVALID_AUTHENTICATION"))


def missing_scopes(scopes: Iterable[str]) -> Refused:
    """Refuse what the token has no scope for."""
    link = "https://developers.hubspot.com/scopes"
    needed = {
        "message": "One or more of the following scopes are required.",
        "context": {"requiredGranularScopes": list(scopes)},
    }
    message = (
        "This app hasn't been granted all required scopes to make this call. "
        f"Read more about required scopes here: {link}."
    )
    return Refused(403, error(message, "MISSING_SCOPES", errors=[needed], links={"scopes": link}))


def bad_request(message: str, **more: object) -> Refused:
    """Refuse a request that is wrong in itself."""
    return Refused(400, error(message, "VALIDATION_ERROR", **more))


def not_found(message: str = "resource not found") -> Refused:
    """Refuse to find something."""
    return Refused(404, error(message, "OBJECT_NOT_FOUND"))


def conflict(message: str, sub_category: str) -> Refused:
    """Refuse to create what there is."""
    return Refused(409, error(message, "OBJECT_ALREADY_EXISTS", subCategory=sub_category))


def daily_limit() -> Refused:
    """Refuse because the day's allowance is used up."""
    body = error("You have reached your daily limit.", errorType="RATE_LIMIT", policyName="DAILY")
    return Refused(429, body)


def invalid_values(problems: Iterable[Mapping[str, str]]) -> str:
    """Give the message about values that a record may not have."""
    listed = [{"isValid": False, **problem} for problem in problems]
    return f"Property values were not valid: {json.dumps(listed)}"
