"""HubSpot's refusals, turned into ours: the one place that knows its error bodies.

Two kinds: an answer that ends the call (`refusal`), and what one record is refused for
(`complaints`). HubSpot's own sentences quote values, so none is ever passed on: only its codes
and the names of properties and scopes are, and only if they look like such.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from connectors._errors import (
    AuthenticationFailed,
    ConnectorError,
    Misconfigured,
    PermissionMissing,
    RateLimited,
    Unavailable,
)
from connectors._transport import retry_after_s

CODE = re.compile(r"[A-Z][A-Z0-9_.]{2,60}")
NAME = re.compile(r"[a-z][a-z0-9_.\-]{0,100}")

UNKNOWN = "UNKNOWN"
UNREADABLE = "HubSpot's answer could not be read; Tieline tries again by itself."


TOO_MUCH = frozenset({500, 502, 504, 524})
"""What HubSpot, and the proxies in front of it, answer when a page takes them too long."""


class TooMuch(Unavailable):
    """HubSpot broke down over an answer; it may give a smaller one."""


class ScopesMissing(PermissionMissing):
    """HubSpot names the scopes of which it wants one."""

    def __init__(self, message: str, scopes: Sequence[str]) -> None:
        super().__init__(message)
        self.scopes = tuple(scopes)


@dataclass(frozen=True, slots=True)
class Complaint:
    """Why HubSpot refuses a record, or a batch of them.

    Attributes:
        code: HubSpot's code (``INVALID_OPTION``), or its category where it gives none.
        property: The property it is about, where it says.
        inputs: What identifies the records it is about: trace ids and record ids.
    """

    code: str
    property: str | None = None
    inputs: frozenset[str] = frozenset()


def body_of(response: httpx.Response) -> Mapping[str, Any]:
    """Give an answer's JSON object; empty if it is something else, a proxy's page say."""
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def is_daily_limit(response: httpx.Response) -> bool:
    """Whether a 429 says that the day's allowance is gone, so that another try is useless."""
    return response.status_code == httpx.codes.TOO_MANY_REQUESTS and (
        body_of(response).get("policyName") == "DAILY"
        or response.headers.get("X-HubSpot-RateLimit-Daily-Remaining") == "0"
    )


def refusal(response: httpx.Response) -> ConnectorError:
    """Give the error that an answer means, with a sentence an admin can act on."""
    status = response.status_code
    if response.is_success:
        return Unavailable(UNREADABLE)
    if status in {401, 530}:  # 530: what its edge answers to a token cut off in copying
        return AuthenticationFailed(
            "HubSpot refused the token: make a new service key in HubSpot (Development, Keys, "
            "Service keys) and enter it here, or reconnect the OAuth app."
        )
    if status == httpx.codes.FORBIDDEN:
        return _forbidden(response)
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return _limited(response)
    return _failed(response)


def complaints(response: httpx.Response) -> tuple[Complaint, ...]:
    """Give what HubSpot complains of in an answer, be its status 200, 207 or 400.

    The most exact first. Empty only if nothing is wrong: an answer that counts errors without
    naming them gives one complaint about nobody in particular.
    """
    body = body_of(response)
    if not response.is_success:
        return tuple(_complaints_of(body, frozenset()))
    errors = _dicts(body.get("errors"))
    found = tuple(c for error in errors for c in _complaints_of(error, frozenset()))
    return found or ((Complaint(UNKNOWN),) if body.get("numErrors") else ())


def _complaints_of(error: Mapping[str, Any], whose: frozenset[str]) -> Iterator[Complaint]:
    """Read an error: those inside it, those in its message, then itself."""
    context = error.get("context")
    context = context if isinstance(context, Mapping) else {}
    named = frozenset(
        str(value)
        for key in ("objectWriteTraceId", "ids", "id", "fromObjectId")
        for value in _list(context.get(key))
    )
    inputs = named or whose
    for inner in _dicts(error.get("errors")):
        yield from _complaints_of(inner, inputs)
    for refused in _embedded(error.get("message")):
        yield Complaint(_code(refused.get("error")), _name(refused.get("name")), inputs)
    names = [_name(value) for value in _list(context.get("propertyName"))]
    code = error.get("code") or error.get("subCategory") or error.get("category")
    yield Complaint(_code(code), names[0] if names else None, inputs)


def _embedded(message: object) -> list[Mapping[str, Any]]:
    """Read the JSON list that HubSpot puts behind ``Property values were not valid:``."""
    if not isinstance(message, str) or "[" not in message:
        return []
    try:
        return _dicts(json.loads(message[message.index("[") :]))
    except ValueError:
        return []


def _failed(response: httpx.Response) -> ConnectorError:
    status = response.status_code
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status in {408, 423, 477}:
        kind = TooMuch if status in TOO_MUCH else Unavailable
        return kind(
            f"HubSpot is not available (HTTP {status}): Tieline tries again by itself.",
            retry_after_s=retry_after_s(response),
        )
    if status in {404, 405, 410}:
        return Misconfigured(
            f"HubSpot does not know an address Tieline uses (HTTP {status}): choose another API "
            "version in the connection's credentials, or update Tieline."
        )
    code = next((c.code for c in complaints(response) if c.code != UNKNOWN), f"HTTP {status}")
    return Misconfigured(f"HubSpot did not understand a request ({code}): update Tieline.")


def _forbidden(response: httpx.Response) -> PermissionMissing:
    body = body_of(response)
    scopes = dict.fromkeys(
        name
        for error in _dicts(body.get("errors"))
        if isinstance(error.get("context"), Mapping)
        for scope in _list(error["context"].get("requiredGranularScopes"))
        if (name := _name(scope))
    )
    if scopes:
        return ScopesMissing(
            f"HubSpot asks for the scope {' or '.join(scopes)}: add it to the service key or app "
            "in HubSpot, then test the connection.",
            tuple(scopes),
        )
    return PermissionMissing(
        f"HubSpot does not allow this ({_code(body.get('category'))}): ask a super admin of the "
        "portal to allow it to the service key or app."
    )


def _limited(response: httpx.Response) -> RateLimited:
    if is_daily_limit(response):
        return RateLimited(
            "HubSpot's calls for today are used up: Tieline goes on after midnight in the "
            "portal's time zone.",
            retry_after_s=retry_after_s(response),
        )
    return RateLimited(
        "HubSpot is asked too often by all apps together: Tieline tries again by itself.",
        retry_after_s=retry_after_s(response),
    )


def _code(value: object) -> str:
    return value if isinstance(value, str) and CODE.fullmatch(value.upper()) else UNKNOWN


def _name(value: object) -> str | None:
    return value if isinstance(value, str) and NAME.fullmatch(value) else None


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _dicts(value: object) -> list[Mapping[str, Any]]:
    return [item for item in _list(value) if isinstance(item, dict)]
