"""The server: one table of endpoints, and what stands before each of them.

Old paths (``/crm/v3/objects/...``, ``/crm/v4/associations/...``) and dated ones
(``/crm/objects/2026-03/...``) lead to the same endpoints.
"""

import email.utils
import json
import re
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from connectors._sandbox import Gate, Sandbox
from connectors.hubspot.sandbox import accounts, facts, objects, properties, state
from connectors.hubspot.sandbox.answers import (
    Refused,
    bad_request,
    daily_limit,
    not_found,
    unauthorized,
)
from connectors.hubspot.sandbox.associations import read_links
from connectors.hubspot.sandbox.request import Asked
from connectors.hubspot.sandbox.search import search

Endpoint = Callable[[Asked], tuple[int, Mapping[str, Any]]]

ENDPOINTS: tuple[tuple[str, str, Endpoint], ...] = (
    ("POST", "/oauth/token", accounts.make_token),
    ("GET", "/account-info/details", accounts.details),
    ("GET", "/crm/owners", accounts.list_owners),
    ("POST", "/crm/objects/{type}/search", search),
    ("POST", "/crm/objects/{type}/batch/read", objects.read_batch),
    ("POST", "/crm/objects/{type}/batch/update", objects.update_batch),
    ("GET", "/crm/objects/{type}", objects.list_objects),
    ("GET", "/crm/objects/{type}/{id}", objects.get_object),
    ("POST", "/crm/associations/{from}/{to}/batch/read", read_links),
    ("GET", "/crm/properties/{type}", properties.list_properties),
    ("POST", "/crm/properties/{type}", properties.create_property),
    ("POST", "/crm/properties/{type}/groups", properties.create_group),
    ("POST", "/crm/properties/{type}/batch/create", properties.create_properties),
    ("DELETE", "/crm/properties/{type}/{name}", properties.archive_property),
)
"""Method, path without its version, and who answers; the first that fits does."""

ROUTES = [
    (method, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)), endpoint)
    for method, path, endpoint in ENDPOINTS
]


@dataclass(frozen=True, slots=True)
class _Caller:
    """Whose token it is."""

    scopes: frozenset[str]
    is_oauth: bool


class Portal:
    """The HTTP server of one sandbox portal."""

    def __init__(self, sandbox: Sandbox) -> None:
        state.prepare(sandbox)
        self._sandbox = sandbox
        self._calls_today = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        sent = await request.body()
        caller: _Caller | None = None
        try:
            caller = self._caller(request)
            status, body = self._answer(request, sent, caller)
            headers: Mapping[str, str] = {}
        except Refused as refused:
            status, body, headers = refused.status, refused.body, refused.headers
        content = b"" if status == 204 else json.dumps(body).encode()  # noqa: PLR2004  # no content
        response = Response(content, status, media_type="application/json;charset=utf-8")
        response.headers.update(headers)
        self._stamp(response, request.url.path, caller)
        await response(scope, receive, send)

    def _answer(
        self, request: Request, sent: bytes, caller: _Caller
    ) -> tuple[int, Mapping[str, Any]]:
        path, version = without_version(request.url.path)
        for method, pattern, endpoint in ROUTES:
            matched = pattern.fullmatch(path)
            if method == request.method and matched:
                asked = Asked(
                    db=self._sandbox.db,
                    now_ms=state.to_ms(self._sandbox.clock.now()),
                    path=matched.groupdict(),
                    query=dict(request.query_params),
                    body=_parsed(request, sent),
                    body_length=len(sent),
                    scopes=caller.scopes,
                    version=version,
                )
                return endpoint(asked)
        raise not_found()

    def _caller(self, request: Request) -> _Caller:
        """Check the token; nobody needs one for the token endpoint."""
        if request.url.path.startswith("/oauth/"):
            return _Caller(frozenset(), is_oauth=True)
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        row = self._sandbox.db.execute(
            "SELECT scopes, expires, is_oauth FROM tokens WHERE token = ?", (token,)
        ).fetchone()
        if kind != "Bearer" or row is None:
            raise unauthorized(is_expired=False)
        if row[1] is not None and row[1] <= state.to_ms(self._sandbox.clock.now()):
            raise unauthorized(is_expired=True)
        self._calls_today += 1
        if self._calls_today > self._daily_limit():
            raise daily_limit()
        return _Caller(frozenset(json.loads(row[0])), is_oauth=bool(row[2]))

    def _daily_limit(self) -> int:
        return state.setting(self._sandbox.db, "daily_limit", facts.DAILY_LIMIT)

    def _stamp(self, response: Response, path: str, caller: _Caller | None) -> None:
        """Add the sandbox's time, and the rate limits, of which the search tells none."""
        now = self._sandbox.clock.now()
        response.headers["Date"] = email.utils.format_datetime(now, usegmt=True)
        if caller is None or path.endswith("/search"):
            return
        limits = {
            "X-HubSpot-RateLimit-Max": facts.BURST_LIMIT,
            "X-HubSpot-RateLimit-Remaining": facts.BURST_LIMIT - 1,
            "X-HubSpot-RateLimit-Interval-Milliseconds": facts.BURST_MS,
        }
        if not caller.is_oauth:
            limits["X-HubSpot-RateLimit-Daily"] = self._daily_limit()
            left = max(self._daily_limit() - self._calls_today, 0)
            limits["X-HubSpot-RateLimit-Daily-Remaining"] = left
        response.headers.update({name: str(value) for name, value in limits.items()})


def create_app(sandbox: Sandbox) -> ASGIApp:
    """Make the server of a portal on this state; see `SandboxModule`."""
    return Gate(Portal(sandbox), sandbox)


def without_version(path: str) -> tuple[str, str]:
    """Split a path into the endpoint it means and the dated version asked, or ``v3``."""
    path = path.rstrip("/")
    old = re.fullmatch(r"/(crm|oauth|account-info)/v[34](/.*)", path)
    if old:
        return f"/{old[1]}{old[2]}", "v3"
    dated = re.fullmatch(r"(/crm/\w+|/oauth|/account-info)/(\d{4}-\d{2})(/.*)?", path)
    if dated and dated[2] in facts.VERSIONS:
        return dated[1] + (dated[3] or ""), dated[2]
    raise not_found()


def _parsed(request: Request, sent: bytes) -> Mapping[str, Any]:
    if not sent:
        return {}
    if request.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
        return dict(urllib.parse.parse_qsl(sent.decode()))
    try:
        body = json.loads(sent)
    except ValueError as error:
        raise bad_request("Invalid input JSON.") from error
    if not isinstance(body, dict):
        raise bad_request("Invalid input JSON: an object is wanted.")
    return body
