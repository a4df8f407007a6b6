"""Several requests in one: composite with references, and batches of independent requests."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import Response

from connectors.salesforce.sandbox.errors import Refusal
from connectors.salesforce.sandbox.visits import Visit

MOST_PARTS, MOST_QUERIES = 25, 5

_REFUSED = 400

REFERENCE = re.compile(r"@\{(\w+)((?:\.\w+|\[\d+\])*)\}")
"""How one part names something of another's answer: ``@{name.key[0]}``."""

_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
_HEAVY = re.compile(r"/query(All)?/?(\?|$)|/query/|/composite/sobjects")
_UNDONE = "The transaction was rolled back since another operation in the same transaction failed."


@dataclass(frozen=True, slots=True)
class Part:
    """One of the requests inside a request."""

    method: str
    url: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


Call = Callable[[Visit, Part], Response]
"""Answers one part as if it had come alone; refusals are answers too."""


class _Halted(Exception):
    """A reference names what is not there."""


def composite(visit: Visit, call: Call) -> dict[str, Any]:
    """Answer ``POST /composite``: in order, each part may refer to the answers before it.

    Raises:
        Refusal: If the request as a whole cannot be read; then nothing was done.
    """
    body = visit.json()
    wanted = _parts(body, "compositeRequest")
    check_names(wanted)
    _check_heavy(wanted)
    is_all_or_none = body.get("allOrNone") is True
    answers, _ = together(visit, call, wanted, is_all_or_none=is_all_or_none)
    return {"compositeResponse": answers}


def together(
    visit: Visit, call: Call, wanted: list[dict[str, Any]], *, is_all_or_none: bool
) -> tuple[list[dict[str, Any]], bool]:
    """Answer parts in order, and tell whether all went well; if not, all may be undone."""
    visit.org.db.execute("SAVEPOINT composite")
    is_kept = False
    try:
        answers = _in_order(visit, call, wanted)
        is_good = all(answer["httpStatusCode"] < _REFUSED for answer in answers)
        is_kept = is_good or not is_all_or_none
    finally:
        if not is_kept:
            visit.org.db.execute("ROLLBACK TO composite")
        visit.org.db.execute("RELEASE composite")
    return (answers if is_kept else list(map(_undone, answers))), is_good


def check_names(wanted: list[dict[str, Any]]) -> None:
    """Check that every part has a name of its own.

    Raises:
        Refusal: If one has not.
    """
    names = [str(one.get("referenceId", "")) for one in wanted]
    if "" in names or len(set(names)) < len(names):
        raise Refusal(400, "INVALID_INPUT", "Provide a unique referenceId for every subrequest")


def told(name: str, refusal: Refusal) -> dict[str, Any]:
    """Give the answer to a part that was refused."""
    return _told(name, refusal.status, refusal.body(), {})


def batch(visit: Visit, call: Call) -> dict[str, Any]:
    """Answer ``POST /composite/batch``: in order, each part by itself.

    Raises:
        Refusal: If the request as a whole cannot be read; then nothing was done.
    """
    body = visit.json()
    results: list[dict[str, Any]] = []
    has_errors = False
    for one in _parts(body, "batchRequests"):
        if has_errors and body.get("haltOnError") is True:
            halted = Refusal(412, "BATCH_PROCESSING_HALTED", "Batch processing halted per request")
            results.append({"statusCode": 412, "result": halted.body()})
            continue
        url = "/services/data/" + str(one.get("url", "")).removeprefix("/services/data/").lstrip(
            "/"
        )
        answer = call(visit, Part(str(one.get("method", "GET")), url, one.get("richInput")))
        has_errors = has_errors or answer.status_code >= _REFUSED
        results.append({"statusCode": answer.status_code, "result": _body(answer)})
    return {"hasErrors": has_errors, "results": results}


def _parts(body: object, name: str) -> list[dict[str, Any]]:
    wanted = body.get(name) if isinstance(body, dict) else None
    if not isinstance(wanted, list) or not wanted or not all(isinstance(w, dict) for w in wanted):
        raise Refusal(400, "JSON_PARSER_ERROR", f"Missing or empty {name}")
    if len(wanted) > MOST_PARTS:
        problem = f"The number of subrequests exceeds the limit of {MOST_PARTS}"
        raise Refusal(400, "LIMIT_EXCEEDED", problem)
    return wanted


def _check_heavy(wanted: list[dict[str, Any]]) -> None:
    if sum(1 for one in wanted if _HEAVY.search(str(one.get("url", "")))) > MOST_QUERIES:
        problem = f"Only {MOST_QUERIES} subrequests can be queries or sObject collections"
        raise Refusal(400, "LIMIT_EXCEEDED", problem)


def _in_order(visit: Visit, call: Call, wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    bodies: dict[str, Any] = {}
    answers = []
    for one in wanted:
        name = str(one["referenceId"])
        try:
            part = Part(
                str(one.get("method", "GET")),
                str(_filled(one.get("url", ""), bodies)),
                _filled(one.get("body"), bodies),
                one.get("httpHeaders") or {},
            )
            answer = call(visit, part)
        except _Halted as halted:
            refusal = Refusal(400, "PROCESSING_HALTED", str(halted))
            answers.append(told(name, refusal))
            continue
        body = _body(answer)
        if answer.status_code < _REFUSED:
            bodies[name] = body
        kept = {k.title(): v for k, v in answer.headers.items() if k == "location"}
        answers.append(_told(name, answer.status_code, body, kept))
    return answers


def _told(name: str, status: int, body: object, headers: Mapping[str, str]) -> dict[str, Any]:
    return {
        "body": body,
        "httpHeaders": dict(headers),
        "httpStatusCode": status,
        "referenceId": name,
    }


def _undone(answer: dict[str, Any]) -> dict[str, Any]:
    if answer["httpStatusCode"] >= _REFUSED:
        return answer
    return told(answer["referenceId"], Refusal(400, "PROCESSING_HALTED", _UNDONE))


def _filled(value: Any, bodies: Mapping[str, Any]) -> Any:  # noqa: ANN401 any JSON
    """Put what references name in their place, however deep they stand."""
    if isinstance(value, str):
        return REFERENCE.sub(lambda found: _looked_up(found[1], found[2], bodies), value)
    if isinstance(value, list):
        return [_filled(one, bodies) for one in value]
    if isinstance(value, dict):
        return {name: _filled(one, bodies) for name, one in value.items()}
    return value


def _looked_up(name: str, path: str, bodies: Mapping[str, Any]) -> str:
    found = bodies.get(name)
    for key, index in _STEP.findall(path):
        if index and isinstance(found, list) and int(index) < len(found):
            found = found[int(index)]
        elif key and isinstance(found, dict) and key in found:
            found = found[key]
        else:
            found = None
    if found is None:
        problem = f"Invalid reference specified. No value for {name}{path} found in {name}"
        raise _Halted(problem)
    return str(found)


def _body(answer: Response) -> Any:  # noqa: ANN401 any JSON
    return json.loads(bytes(answer.body)) if answer.body else None
