"""The admin door of a sandbox CRM: what the world does to it, over HTTP on a port of its own.

Bodies are JSON; what is wrong with one is told with 400. ``GET /`` lists all of this::

    door=http://127.0.0.1:8801
    curl $door/clock
    curl $door/clock -X PUT -d '{"now": "2026-03-02T09:00:00Z", "is_stopped": true}'
    curl $door/clock/advance -d '{"seconds": 86400}'
    curl $door/faults -d '{"pattern": "GET .*/query", "status": 503, "times": 3}'
    curl $door/faults -d '{"pattern": "PATCH", "status": 200, "drop": true, "after": true}'
    curl $door/faults -X DELETE
    curl $door/latency -X PUT -d '{"seconds": 0.2}'
    curl $door/calls/counts              # by endpoint, ids folded
    curl "$door/calls?pattern=POST&last=10"
    curl $door/calls -X DELETE
    curl $door/records                   # what the CRM holds, as a world file
    curl $door/records --data-binary @more.ndjson
    curl $door/levers                    # what else can be done to this CRM
    curl $door/levers/merge -d '{"loser": "0035e...", "winner": "0035e..."}'

Chance (a fault's `chance`) comes from one seed (``PUT /seed``): with a stopped clock the same calls
get the same answers. Whoever reaches the door may do anything: it is served on loopback only.
"""

import asyncio
import io
import json
import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from connectors import _levers, _worlds
from connectors._bodies import Rule, Seconds, Seed, Time
from connectors._records import Record
from connectors._sandbox import Call, Sandbox, sandbox_module

LONGEST_LATENCY_S = 60.0
_CHUNK = 500
_ID = re.compile(
    r"\d+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|.*(@|%40).*"
    r"|(?=\D*\d)[0-9A-Za-z]{15}([0-9A-Za-z]{3})?(-\d+)?"
)
"""Numbers, UUIDs, addresses, and ids of 15 or 18 characters with a digit, as of a query's pages."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request at the door.

    Attributes:
        crm: Which CRM it is, by folder name.
    """

    crm: str
    sandbox: Sandbox
    request: Request
    body: bytes

    def asked(self, name: str) -> str:
        """Give a parameter of the query, empty if it is not there."""
        return self.request.query_params.get(name, "")


Answer = object
"""Anything that JSON can hold, or a response."""

Given = TypeVar("Given", bound=BaseModel)


def read_clock(visit: Visit) -> Answer:
    """Tell the sandbox's time."""
    clock = visit.sandbox.clock
    return {"now": clock.now().isoformat(), "is_stopped": clock.is_stopped}


def set_clock(visit: Visit) -> Answer:
    """Set the time, `now`, or let it stand still or go, `is_stopped`."""
    clock, time = visit.sandbox.clock, _given(visit, Time)
    if time.is_stopped is not None:
        (clock.stop if time.is_stopped else clock.go)()
    if time.now is not None:
        clock.set(time.now)
    return read_clock(visit)


def advance_clock(visit: Visit) -> Answer:
    """Let `seconds` pass."""
    visit.sandbox.clock.advance(timedelta(seconds=_given(visit, Seconds).seconds))
    return read_clock(visit)


def seed(visit: Visit) -> Answer:
    """Begin chance anew from `seed`."""
    given = _given(visit, Seed)
    visit.sandbox.random = random.Random(given.seed)  # noqa: S311 repeatable
    return given.model_dump()


def list_faults(visit: Visit) -> Answer:
    """List the faults still to come."""
    return [Rule.of(fault).model_dump() for fault in visit.sandbox.faults]


def add_fault(visit: Visit) -> Answer:
    """Plan a fault for requests whose ``METHOD /path`` has `pattern`; see `Rule`."""
    rule = _given(visit, Rule)
    _compiled(rule.pattern)
    visit.sandbox.faults.append(rule.fault())
    return list_faults(visit)


def clear_faults(visit: Visit) -> Answer:
    """Forget all faults."""
    visit.sandbox.faults.clear()
    return []


def read_latency(visit: Visit) -> Answer:
    """Tell how many `seconds` every answer is held back."""
    return {"seconds": visit.sandbox.latency_s}


def set_latency(visit: Visit) -> Answer:
    """Hold every answer back for `seconds`, at most 60."""
    visit.sandbox.latency_s = min(_given(visit, Seconds).seconds, LONGEST_LATENCY_S)
    return read_latency(visit)


def list_calls(visit: Visit) -> Answer:
    """List the calls so far; ``?pattern=`` chooses by ``METHOD /path``, ``?last=`` the newest."""
    found = _calls(visit)
    last = visit.asked("last")
    return [
        {"method": call.method, "path": call.path, "query": call.query, "status": call.status}
        for call in (found[-int(last) :] if last.isdigit() and int(last) else found)
    ]


def count_calls(visit: Visit) -> Answer:
    """Count the calls so far by endpoint, ids folded; ``?pattern=`` chooses."""
    counted = Counter(f"{call.method} {fold(call.path)}" for call in _calls(visit))
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def forget_calls(visit: Visit) -> Answer:
    """Empty the call log."""
    visit.sandbox.calls.clear()
    return []


def dump_records(visit: Visit) -> Answer:
    """Give what the CRM really holds, as a world file."""
    held = sandbox_module(visit.crm).records(visit.sandbox)
    return StreamingResponse(_chunks(_worlds.lines(held)), media_type="application/x-ndjson")


def put_records(visit: Visit) -> Answer:
    """Put the records of a world file into the CRM; gives the CRM's `ids`, by those in the file."""
    found: list[Record] = list(_worlds.parse(io.BytesIO(visit.body), known=None))
    return {"ids": dict(sandbox_module(visit.crm).fill(visit.sandbox, found))}


def list_levers(visit: Visit) -> Answer:
    """List what else can be done to this CRM: arguments and help, by name."""
    return {name: _levers.describe(lever) for name, lever in _levers.find(visit.crm).items()}


def pull_lever(visit: Visit) -> Answer:
    """Call a lever with arguments by name; gives its `result`."""
    name = visit.request.path_params["name"]
    lever = _levers.find(visit.crm).get(name)
    if lever is None:
        raise _levers.BadLever(f"There is no lever {name!r}: GET /levers lists them.")
    given = _json(visit)
    if not isinstance(given, Mapping):
        raise _levers.BadLever("The arguments must be a JSON object.")
    return {"result": _levers.pull(lever, visit.sandbox, given)}


def list_addresses(visit: Visit) -> Answer:
    """List what this door offers."""
    does = {f"{m} {path}": str(f.__doc__).partition("\n")[0] for m, path, f in ADDRESSES}
    return {"crm": visit.crm, "addresses": does}


ADDRESSES: tuple[tuple[str, str, Callable[[Visit], Answer]], ...] = (
    ("GET", "/", list_addresses),
    ("GET", "/clock", read_clock),
    ("PUT", "/clock", set_clock),
    ("POST", "/clock/advance", advance_clock),
    ("PUT", "/seed", seed),
    ("GET", "/faults", list_faults),
    ("POST", "/faults", add_fault),
    ("DELETE", "/faults", clear_faults),
    ("GET", "/latency", read_latency),
    ("PUT", "/latency", set_latency),
    ("GET", "/calls", list_calls),
    ("GET", "/calls/counts", count_calls),
    ("DELETE", "/calls", forget_calls),
    ("GET", "/records", dump_records),
    ("POST", "/records", put_records),
    ("GET", "/levers", list_levers),
    ("POST", "/levers/{name}", pull_lever),
)


def create_door(crm: str, sandbox: Sandbox) -> ASGIApp:
    """Make the door of a sandbox; to be served in the same thread as the sandbox itself."""
    return Starlette(
        routes=[Route(path, _endpoint(crm, sandbox, f), methods=[m]) for m, path, f in ADDRESSES],
        exception_handlers={Exception: _failed},
    )


def fold(path: str) -> str:
    """Give a path with ``{id}`` for each part that is one."""
    return "/".join("{id}" if _ID.fullmatch(part) else part for part in path.split("/"))


def _endpoint(
    crm: str, sandbox: Sandbox, answer: Callable[[Visit], Answer]
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            given = answer(Visit(crm, sandbox, request, await request.body()))
        except ValueError as error:
            return JSONResponse({"error": _sentence(error)}, 400)
        return given if isinstance(given, Response) else JSONResponse(given)

    return endpoint


async def _failed(_: Request, error: Exception) -> Response:
    """Say what a lever failed at: it was asked for what the CRM does not hold, as a rule."""
    return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 500)


def _sentence(error: ValueError) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc'])) or 'The body'}: {first['msg']}."
    return str(error)


def _given(visit: Visit, shape: type[Given]) -> Given:
    return shape.model_validate(_json(visit))


def _json(visit: Visit) -> object:
    try:
        return json.loads(visit.body or b"{}")
    except ValueError as error:
        raise ValueError(f"The body is no JSON: {error}.") from error


def _calls(visit: Visit) -> list[Call]:
    pattern = _compiled(visit.asked("pattern"))
    return [c for c in visit.sandbox.calls if pattern.search(f"{c.method} {c.path}")]


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ValueError(f"pattern is no regular expression: {error}.") from error


async def _chunks(lines: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Give the lines in pieces, and let the CRM answer in between."""
    while chunk := b"".join(islice(lines, _CHUNK)):
        yield chunk
        await asyncio.sleep(0)
