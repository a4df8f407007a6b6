"""The server: what stands before each of the endpoints, and how an answer leaves.

Old paths (``/crm/v3/objects/...``, ``/crm/v4/associations/...``) and dated ones
(``/crm/objects/2026-03/...``) lead to the same endpoints; `endpoints` is their table.
"""

import email.utils
import json
import re
import urllib.parse
import uuid
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from connectors._sandbox import Gate, Sandbox
from connectors.hubspot.sandbox import facts, sending, state
from connectors.hubspot.sandbox.answers import (
    Refused,
    bad_request,
    correlated,
    error,
    not_found,
    too_long,
    unauthorized,
    unroutable,
)
from connectors.hubspot.sandbox.endpoints import ROUTES, Endpoint
from connectors.hubspot.sandbox.limits import Limits
from connectors.hubspot.sandbox.request import Asked, Caller, Reply, Usage
from connectors.hubspot.sandbox.webhooks import DEVELOPER_KEY

JSON = "application/json;charset=utf-8"
NO_CONTENT = 204


class Portal:
    """The HTTP server of one sandbox portal."""

    def __init__(self, sandbox: Sandbox) -> None:
        state.prepare(sandbox)
        self._sandbox = sandbox
        self._limits = Limits(sandbox)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        response = self._respond(request, await request.body())
        is_delivering = state.setting(self._sandbox.db, "deliver_at_once", self._sandbox.is_alone)
        await response(scope, receive, send)  # whoever has the answer may close the state
        if is_delivering:
            self._sandbox.begin(sending.deliver_due)

    def _respond(self, request: Request, sent: bytes) -> Response:
        """Answer with a body, or with the refusal; both carry the limits and the sandbox's time."""
        is_search = request.url.path.endswith("/search")
        caller: Caller | None = None
        correlation_id = str(uuid.UUID(int=self._sandbox.random.getrandbits(128), version=4))
        try:
            caller = self._caller(request)
            if caller is not None:
                self._limits.count(caller, is_search=is_search)
            status, body = self._answer(request, sent, caller or Caller())
            response = _json(status, body)
        except Refused as refused:
            response = (
                Response(refused.body, refused.status)
                if isinstance(refused.body, bytes)
                else _json(refused.status, correlated(refused.body, correlation_id))
            )
            response.headers.update(refused.headers)
        if caller is not None and not is_search:
            response.headers.update(self._limits.headers(caller))
        now = self._sandbox.clock.now()
        response.headers["Date"] = email.utils.format_datetime(now, usegmt=True)
        response.headers["X-HubSpot-Correlation-Id"] = correlation_id
        return response

    def _answer(self, request: Request, sent: bytes, caller: Caller) -> Reply:
        path, version = without_version(request.url.path)
        matched, endpoint = _route(request.method, path)
        if len(request.url.path) + len(request.url.query) > facts.LONGEST_URL:
            raise too_long()
        body, query = _parsed(request, sent), request.query_params
        asked = Asked(
            db=self._sandbox.db,
            now_ms=state.to_ms(self._sandbox.clock.now()),
            path=matched.groupdict(),
            query={name: ",".join(query.getlist(name)) for name in query},
            body=body if isinstance(body, dict) else {},
            body_length=len(sent),
            caller=caller,
            version=version,
            url=str(request.base_url).rstrip("/"),
            listed=tuple(body) if isinstance(body, list) else (),
            usage=Usage(self._limits.used_today, self._limits.daily, self._limits.resets_at()),
        )
        return endpoint(asked)

    def _caller(self, request: Request) -> Caller | None:
        """Check the token; None where nobody needs one, or the developer's key is asked for."""
        if request.url.path.startswith("/oauth/"):
            return None
        if re.match(r"/(app-)?webhooks/", request.url.path):
            if request.query_params.get("hapikey") != DEVELOPER_KEY:
                raise unauthorized(is_expired=False)
            return None
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        row = self._sandbox.db.execute(
            "SELECT scopes, expires, kind FROM tokens WHERE token = ?", (token,)
        ).fetchone()
        if kind == "Bearer" and row is None and _is_unroutable(token):
            raise unroutable()
        if kind != "Bearer" or row is None:
            raise unauthorized(is_expired=False)
        if row[1] is not None and row[1] <= state.to_ms(self._sandbox.clock.now()):
            raise unauthorized(is_expired=True)
        return Caller(frozenset(json.loads(row[0])), row[2])


def create_app(sandbox: Sandbox) -> ASGIApp:
    """Make the server of a portal on this state; see `SandboxModule`."""
    return Gate(Portal(sandbox), sandbox)


def without_version(path: str) -> tuple[str, str]:
    """Split a path into the endpoint it means and the version asked: ``v3``, or a dated one."""
    path = path.rstrip("/")
    if re.fullmatch(r"/oauth/(\d+/)?authorize", path):
        return "/oauth/authorize", "v3"
    if first := re.match(r"/(engagements|properties)/(v[12])/", path):
        return path, first[2]
    old = re.fullmatch(r"/(crm|oauth|account-info|webhooks)/(v[1-4])(/.*)", path)
    if old and re.search(OLD[old[2]], path):
        return f"/{old[1]}{old[3]}", old[2]
    dated = re.fullmatch(
        r"(/crm/\w+|/oauth|/account-info|/webhooks|/app-webhooks)/(\d{4}-\d{2})(/.*)?", path
    )
    if dated and dated[2] in facts.VERSIONS and _is_named(dated[1], dated[2]):
        return dated[1].replace("/app-", "/") + (dated[3] or ""), dated[2]
    raise not_found()


OLD = {
    "v1": r"^/oauth/v1/(token$|access-tokens/|refresh-tokens/)",
    "v2": r"^/oauth/v2/private-apps/",
    "v3": r"^/(oauth/v3/token|crm/|account-info/|webhooks/)",
    "v4": r"^/crm/v4/(associations/|objects/.*/associations/)",
}
"""What the paths before the dated ones looked like, by their version."""


def _is_named(prefix: str, version: str) -> bool:
    """Whether webhooks have this prefix in this version: HubSpot changed it to and fro."""
    usual = "/webhooks" if version == "2026-03" else "/app-webhooks"
    return "webhooks" not in prefix or prefix == usual


def _route(method: str, path: str) -> tuple[re.Match[str], Endpoint]:
    found = [(m, known, end) for known, p, end in ROUTES if (m := p.fullmatch(path))]
    for matched, known, endpoint in found:
        if known == method:
            return matched, endpoint
    if found:
        raise Refused(405, error("HTTP 405 Method Not Allowed"))
    raise not_found()


def _is_unroutable(token: str) -> bool:
    """Whether a token has not the form of one, or names a data centre that there is not."""
    hublet = re.match(r"pat-(\w+)-", token)
    is_strange = re.fullmatch(r"[\w.~+/=-]+", token, re.ASCII) is None
    return is_strange or (hublet is not None and hublet[1] not in facts.HUBLETS)


def _json(status: int, body: object) -> Response:
    content = b"" if status == NO_CONTENT else json.dumps(body).encode()
    return Response(content, status, media_type=JSON)


def _parsed(request: Request, sent: bytes) -> dict[str, Any] | list[Any]:
    if not sent:
        return {}
    if request.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
        return dict(urllib.parse.parse_qsl(sent.decode()))
    try:
        body = json.loads(sent)
    except ValueError as failure:
        raise bad_request("Invalid input JSON.") from failure
    if not isinstance(body, dict | list):
        raise bad_request("Invalid input JSON: an object is wanted.")
    if isinstance(body, list) and not all(isinstance(one, dict) for one in body):
        raise bad_request("Invalid input JSON: a list of objects is wanted.")
    return body
