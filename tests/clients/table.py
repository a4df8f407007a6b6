"""Which client proves which endpoint, measured: what each asked and was given."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from starlette.routing import compile_path

from connectors.hubspot.sandbox.answers import Refused
from connectors.hubspot.sandbox.app import without_version
from connectors.hubspot.sandbox.endpoints import ENDPOINTS
from connectors.salesforce.pubsub_messages import METHODS
from connectors.salesforce.sandbox.routes import OPEN_ROUTES, ROUTES

Line = tuple[str, str]
"""A CRM and one of its endpoints, as ``METHOD /path``."""

_PUBSUB = [("POST", method.path(name)) for name, method in METHODS.items()]
_SALESFORCE = [
    (method, compile_path(path)[0], path) for method, path, *_ in (*ROUTES, *OPEN_ROUTES, *_PUBSUB)
]
_HUBSPOT = [
    (method, re.compile(re.sub(r"\{\w+\}", r"[^/]+", path) + "$"), path)
    for method, path, _ in ENDPOINTS
]
_proved: dict[Line, set[str]] = defaultdict(set)
_missed: dict[Line, set[str]] = defaultdict(set)


def add(client: str, crm: str, calls: Iterable[Mapping[str, object]]) -> None:
    """Count what a client was given, and what it asked that the CRM does not have."""
    for call in calls:
        method, path = str(call["method"]), str(call["path"])
        found = endpoint(crm, method, path)
        status = int(str(call["status"]))
        if found is None:
            _missed[crm, f"{method} {path}"].add(client)
        elif 0 < status < 400:
            _proved[crm, found].add(client)


def endpoint(crm: str, method: str, path: str) -> str | None:
    """Find the endpoint that answers a request; None if there is none."""
    if crm == "hubspot":
        try:
            path, _ = without_version(path)
        except Refused:
            return None
    for known, pattern, template in _SALESFORCE if crm == "salesforce" else _HUBSPOT:
        if known == method and pattern.match(path.rstrip("/")):
            return f"{method} {_short(template)}"
    return None


def rows(clients: Sequence[str]) -> Iterator[str]:
    """Give the table of what is proved, as Markdown."""
    yield "| CRM | endpoint | " + " | ".join(clients) + " |"
    yield "|---|---|" + ":-:|" * len(clients)
    for crm, name in _all():
        marks = ("✓" if client in _proved[crm, name] else " " for client in clients)
        if _proved[crm, name]:
            yield f"| {crm} | `{name}` | " + " | ".join(marks) + " |"


def lines(clients: Sequence[str]) -> Iterator[str]:
    """Give the table, what nobody proves, and what was asked but is not emulated."""
    if not _proved:
        return
    yield ""
    yield from rows(clients)
    yield ""
    proved = sum(map(bool, _proved.values()))
    yield f"Proved: {proved} of {len(list(_all()))} endpoints; not by any:"
    yield from (f"  {crm} {name}" for crm, name in _all() if not _proved[crm, name])
    for (crm, name), askers in sorted(_missed.items()):
        yield f"Not emulated: {crm} {name}, asked by {', '.join(sorted(askers))}."


def _short(path: str) -> str:
    return path.removeprefix("/services/data/v{version}") or path


def _all() -> Iterator[Line]:
    for crm, routes in (("salesforce", _SALESFORCE), ("hubspot", _HUBSPOT)):
        for method, _, path in routes:
            yield crm, f"{method} {_short(path)}"
