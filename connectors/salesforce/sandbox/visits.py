"""One request to the sandbox, read, and what it may be answered with."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response

from connectors.salesforce.sandbox.errors import Refusal
from connectors.salesforce.sandbox.org import Org, View

MISSING = Refusal(404, "NOT_FOUND", "The requested resource does not exist")

Answer = Response | Mapping[str, Any] | list[Any] | None

LONGEST_ADDRESS, LONGEST_HEAD = 16_384, 16_384
"""Bytes of an address alone, and of an address with the headers."""

_DAILY_CALLS = 15_000
_DAY_S = 86_400
_JSON = "application/json;charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Visit:
    """One signed-in request, with what its caller sees."""

    org: Org
    view: View
    request: Request
    body: bytes

    def part(self, name: str) -> str:
        """Give a part of the address."""
        return str(self.request.path_params.get(name, ""))

    def asked(self, name: str) -> str:
        """Give what followed the ``?`` under this name, or nothing."""
        return self.request.query_params.get(name, "")

    def json(self) -> Any:  # noqa: ANN401 any JSON
        """Give the body.

        Raises:
            Refusal: If it is not JSON.
        """
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise Refusal(400, "JSON_PARSER_ERROR", "Unexpected character in the body") from error


def as_json(body: object, status: int) -> Response:
    """Make a response of any JSON."""
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Response(content, status, media_type=_JSON)


def usage(org: Org) -> tuple[int, int]:
    """Give the day's calls so far, and how many there may be.

    The day is 24 hours from its first call; Salesforce's rolls on by the hour.
    """
    passed = org.clock.now().timestamp() - org.setting("calls_since", 0.0)
    used = org.setting("calls_today", 0) if 0 <= passed < _DAY_S else 0
    return used, org.setting("calls_a_day", _DAILY_CALLS)


def count_call(org: Org) -> None:
    """Count a call.

    Raises:
        Refusal: If the day's calls are used up.
    """
    used, most = usage(org)
    if used >= most:
        raise Refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    if used:
        org.set("calls_today", used + 1)
    else:
        use_calls(org, 1)


def use_calls(org: Org, used: int) -> None:
    """Begin a day in which so many calls are used up."""
    org.set("calls_since", org.clock.now().timestamp())
    org.set("calls_today", used)


def too_long(request: Request) -> Response | None:
    """Refuse a request as the web server before Salesforce does, in HTML, if it is too long."""
    address = len(request.url.path) + 1 + len(request.scope["query_string"])
    head = address + sum(len(name) + len(value) + 4 for name, value in request.headers.raw)
    if address > LONGEST_ADDRESS:
        return _bad_message(414, "URI Too Long")
    return _bad_message(431, "Request Header Fields Too Large") if head > LONGEST_HEAD else None


def _bad_message(status: int, reason: str) -> Response:
    page = f"<h1>Bad Message {status}</h1><pre>reason: {reason}</pre>"
    return Response(page, status, media_type="text/html;charset=iso-8859-1")
