"""HubSpot's error bodies, and the exception that carries one to the door."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.hubspot.sandbox import facts

AUTH_DOCS = "https://developers.hubspot.com/docs/methods/auth/oauth-overview"
SCOPE_DOCS = "https://developers.hubspot.com/scopes"


@dataclass
class Refused(Exception):
    """An answer other than 2xx; a body of bytes is no JSON."""

    status: int
    body: Mapping[str, Any] | bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def error(message: str, category: str | None = None, **more: object) -> dict[str, Any]:
    """Give an error's envelope; the door adds the id of the request."""
    body: dict[str, Any] = {"status": "error", "message": message}
    return body | ({"category": category} if category else {}) | more


def correlated(body: Mapping[str, Any], correlation_id: str) -> dict[str, Any]:
    """Give an error with the id of the request that it answers, where HubSpot has it."""
    named = {name: body[name] for name in ("status", "message") if name in body}
    return named | {"correlationId": correlation_id} | dict(body)


def unauthorized(*, is_expired: bool) -> Refused:
    """Refuse a token."""
    if is_expired:
        message = "The OAuth token used to make this call expired."
        return Refused(401, error(message, "EXPIRED_AUTHENTICATION"))
    message = (
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and "
        f"you can find more details at {AUTH_DOCS}"
    )
    return Refused(401, error(message, "INVALID_AUTHENTICATION"))


def unroutable() -> Refused:
    """Refuse a token that names no data centre: the edge finds nobody to ask."""
    return Refused(530, b"error code: 1016", {"Content-Type": "text/plain; charset=UTF-8"})


def too_long() -> Refused:
    """Refuse an address that the edge does not take."""
    page = b"<html><head><title>414 Request-URI Too Large</title></head></html>"
    return Refused(414, page, {"Content-Type": "text/html"})


def missing_scopes(scopes: Iterable[str]) -> Refused:
    """Refuse what the token has no scope for."""
    needed = {
        "message": "One or more of the following scopes are required.",
        "context": {"requiredGranularScopes": list(scopes)},
    }
    message = (
        "This app hasn't been granted all required scopes to make this call. "
        f"Read more about required scopes here: {SCOPE_DOCS}."
    )
    links = {"scopes": SCOPE_DOCS}
    return Refused(403, error(message, "MISSING_SCOPES", errors=[needed], links=links))


def bad_request(message: str, **more: object) -> Refused:
    """Refuse a request that is wrong in itself."""
    return Refused(400, error(message, "VALIDATION_ERROR", **more))


def not_found(message: str = "resource not found") -> Refused:
    """Refuse to find something."""
    return Refused(404, error(message, "OBJECT_NOT_FOUND"))


def conflict(message: str, sub_category: str) -> Refused:
    """Refuse to create what there is."""
    return Refused(409, error(message, "OBJECT_ALREADY_EXISTS", subCategory=sub_category))


def used_up(policy: str) -> dict[str, Any]:
    """Give the error of a used up limit: ``TEN_SECONDLY_ROLLING``, ``SECONDLY`` or ``DAILY``."""
    message = f"You have reached your {policy.lower()} limit."
    return error(message, errorType="RATE_LIMIT", policyName=policy)


def invalid_values(problems: Iterable[Mapping[str, str]]) -> str:
    """Give the message about values that a record may not have."""
    listed = [
        {
            "isValid": False,
            "localizedErrorMessage": problem["message"],
            "portalId": facts.PORTAL_ID,
            **problem,
        }
        for problem in problems
    ]
    return f"Property values were not valid: {json.dumps(listed)}"
