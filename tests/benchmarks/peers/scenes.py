"""What happens while a tool reads: nothing, a failing call, moving rows, a quota that is gone."""

import gzip
import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors import ExternalId
from connectors._sandbox import Fault, Running, Server
from connectors.hubspot.sandbox import fault_levers
from connectors.salesforce.sandbox import levers as org_levers
from tests.benchmarks.peers.worlds import CONTACT, Size, change, edit

JSON = ("Content-Type", "application/json")

READS = {
    "hubspot": r"/crm/(v3/)?objects/|/engagements/",
    "salesforce": r"/composite$|/query(All)?/?$|POST .*/jobs/query$",
}
"""The calls that read rows, of whichever API."""

SKIPPED = {"hubspot": 1, "salesforce": 0}
"""Of them a failure is not the first where a CRM needs several."""

PLENTY = 1_000_000
MOVED = 5


@dataclass(frozen=True, slots=True)
class Scene:
    """Something that happens.

    Attributes:
        size: Of the world, by CRM where they differ.
        changed: How much of it changes before the tool comes again.
        spoil: Makes the trouble, when the changes are made.
        mend: Ends it, beside the failures that are left.
    """

    name: str
    size: Callable[[str], Size]
    changed: Callable[[str], Size]
    spoil: Callable[[Running, Server], None] = lambda _, __: None
    mend: Callable[[Running], None] = lambda _: None
    is_at_once: bool = False

    def happen(self, found: Running) -> frozenset[str]:
        """Let what changes change; gives the ids."""
        size = self.changed(found.name)
        if self.is_at_once:
            found.sandbox.clock.stop()
        ids = change(found, size.contacts, size.activities)
        if self.is_at_once:
            found.sandbox.clock.go()
        return ids


def _fail(status: int, times: int, code: dict[str, str]) -> Callable[[Running, Server], None]:
    def spoil(found: Running, _: Server) -> None:
        name = code[found.name]
        body: object = [{"errorCode": name, "message": "Not now."}]
        if found.name == "hubspot":
            body = {"status": "error", "message": "Not now.", "category": name}
        headers = (JSON, ("Retry-After", "1")) if status == 429 else (JSON,)
        fault = Fault(READS[found.name], status, json.dumps(body).encode(), headers, times)
        fault.skip = SKIPPED[found.name]
        found.sandbox.faults.append(fault)

    return spoil


def _move(found: Running, server: Server) -> None:
    assert server.app is not None
    server.app = _Moving(server.app, found)


class _Moving:
    """Changes some of the first contacts that are read, as soon as they are."""

    def __init__(self, app: ASGIApp, found: Running) -> None:
        self._app = app
        self._found = found
        self._is_done = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        parts: list[bytes] = []

        async def heard(message: Message) -> None:
            if message["type"] == "http.response.body":
                parts.append(message.get("body", b""))
                if not message.get("more_body"):
                    self._move(scope["path"], b"".join(parts))
            await send(message)

        await self._app(scope, receive, send if self._is_done else heard)

    def _move(self, path: str, body: bytes) -> None:
        ids = _contacts(self._found.name, path, body)
        if not self._is_done and len(ids) > MOVED:
            self._is_done = True
            for one in ids[:MOVED]:
                edit(self._found, ExternalId(one))


def _contacts(crm: str, path: str, body: bytes) -> list[str]:
    """Find the contacts that an answer holds, if it is a page of them."""
    text = (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode("utf-8", "replace")
    if crm == "salesforce":
        found = dict.fromkeys(re.findall(r"\b003\w{15}\b", text))
        return list(found) if len(found) > 100 else []
    is_page = re.search(r"/objects/(v3/|\d{4}-\d\d/)?(0-1|contacts?)(/search)?$", path)
    return [f"{CONTACT}:{n}" for n in re.findall(r'"id": ?"(\d+)"', text)] if is_page else []


def _use_up(found: Running, _: Server) -> None:
    if found.name == "hubspot":
        # The portal's own limit is not that of an app which signs in by OAuth.
        gone = fault_levers.throttled("/(crm|engagements|properties)/", "DAILY", PLENTY)
        found.sandbox.faults.append(gone)
    else:
        org_levers.allow_calls(found.sandbox, 0)


def _give(found: Running) -> None:
    if found.name == "salesforce":
        org_levers.allow_calls(found.sandbox, PLENTY)


USUAL = Scene("usual", lambda _: Size(10_000, 50_000), lambda _: Size(500, 1000))

_FEW, _CHANGED = Size(1000, 1000), Size(500, 100)
_MOVING = {"hubspot": (Size(1000, 0), Size(500, 0)), "salesforce": (Size(5000, 0), Size(4500, 0))}
_MANY = Size(12_000, 0)

TROUBLES = (
    Scene(
        "one 401",
        lambda _: _FEW,
        lambda _: _CHANGED,
        _fail(401, 1, {"hubspot": "EXPIRED_AUTHENTICATION", "salesforce": "INVALID_SESSION_ID"}),
    ),
    Scene(
        "one 503",
        lambda _: _FEW,
        lambda _: _CHANGED,
        _fail(503, 1, {"hubspot": "SERVICE_UNAVAILABLE", "salesforce": "SERVER_UNAVAILABLE"}),
    ),
    Scene(
        "three 429",
        lambda _: _FEW,
        lambda _: _CHANGED,
        _fail(429, 3, {"hubspot": "RATE_LIMITS", "salesforce": "REQUEST_LIMIT_EXCEEDED"}),
    ),
    Scene("rows moving", lambda crm: _MOVING[crm][0], lambda crm: _MOVING[crm][1], _move),
    Scene("equal timestamps", lambda _: _MANY, lambda _: _MANY, is_at_once=True),
    Scene("quota gone", lambda _: _FEW, lambda _: _CHANGED, _use_up, _give),
)
