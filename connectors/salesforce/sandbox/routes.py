"""The sandbox's addresses: one table of them, one function per address."""

import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Any

from fastapi import FastAPI, Request, Response

from connectors.salesforce.sandbox import batches, describes, queries, rows, signing_in, tooling
from connectors.salesforce.sandbox.errors import GrantRefusal, Refusal, RowRefusal
from connectors.salesforce.sandbox.ids import is_id
from connectors.salesforce.sandbox.org import Org, View

VERSIONS = tuple(f"{number}.0" for number in range(31, 68))
_JSON = "application/json;charset=UTF-8"
_DAILY_CALLS = 15_000
_MISSING = Refusal(404, "NOT_FOUND", "The requested resource does not exist")


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

    def json(self) -> Any:  # noqa: ANN401 any JSON
        """Give the body.

        Raises:
            Refusal: If it is not JSON.
        """
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise Refusal(400, "JSON_PARSER_ERROR", "Unexpected character in the body") from error


Answer = Response | dict[str, Any] | list[Any] | None


def _query(visit: Visit) -> Answer:
    return _first_page(visit, is_all=False)


def _query_all(visit: Visit) -> Answer:
    return _first_page(visit, is_all=True)


def _query_more(visit: Visit) -> Answer:
    name, _, first = visit.part("locator").rpartition("-")
    row = visit.org.db.execute(
        "SELECT soql, is_all, page FROM locator WHERE id = ?", (name,)
    ).fetchone()
    if row is None or not first.isdigit():
        raise Refusal(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    return _page(visit, row[0], bool(row[1]), int(first), row[2], name)


def _first_page(visit: Visit, *, is_all: bool) -> Answer:
    soql = visit.request.query_params.get("q", "")
    page = queries.PAGE
    options = visit.request.headers.get("Sforce-Query-Options", "")
    if options.startswith("batchSize=") and options[10:].isdigit():
        page = min(max(int(options[10:]), 200), queries.PAGE)
    if queries.is_nested(soql):
        page = min(page, visit.org.setting("page_with_sub_rows", queries.PAGE))
    return _page(visit, soql, is_all, 0, page, "")


def _page(visit: Visit, soql: str, is_all: bool, first: int, page: int, locator: str) -> Answer:
    found = queries.run(
        visit.org,
        visit.view,
        soql,
        is_all=is_all,
        version=visit.part("version"),
        first=first,
        page=page,
    )
    behind = first + len(found.records)
    if not found.records or behind >= found.total:
        return {"totalSize": found.total, "done": True, "records": found.records}
    if not locator:
        locator = "01g" + secrets.token_hex(6) + "AAA"
        visit.org.db.execute(
            "INSERT INTO locator VALUES (?, ?, ?, ?)", (locator, soql, is_all, page)
        )
    address = f"/services/data/v{visit.part('version')}/query/{locator}-{behind}"
    return {
        "totalSize": found.total,
        "done": False,
        "nextRecordsUrl": address,
        "records": found.records,
    }


def _versions(_: Visit) -> Answer:
    return [
        {"label": f"API {version}", "url": f"/services/data/v{version}", "version": version}
        for version in VERSIONS
    ]


def _limits(visit: Visit) -> Answer:
    used, most = _usage(visit.org)
    return {
        "DailyApiRequests": {"Max": most, "Remaining": max(0, most - used)},
        "DailyBulkV2QueryJobs": {"Max": 10_000, "Remaining": 10_000},
    }


def _describe_global(visit: Visit) -> Answer:
    return describes.describe_global(visit.view, visit.part("version"))


def _describe(visit: Visit) -> Answer:
    fact = rows.fact_for(visit.view, visit.part("name"))
    return describes.describe(visit.view, fact, visit.part("version"))


def _read_row(visit: Visit) -> Answer:
    fact = rows.fact_for(visit.view, visit.part("name"))
    fields = ", ".join(field.name for field in fact.fields.values())
    if not is_id(visit.part("id")):
        raise _MISSING
    found = queries.run(
        visit.org,
        visit.view,
        f"SELECT {fields} FROM {fact.name} WHERE Id = '{visit.part('id')}'",  # noqa: S608 SOQL
        is_all=False,
        version=visit.part("version"),
        first=0,
        page=1,
    )
    if not found.records:
        raise _MISSING
    return found.records[0]


def _create_row(visit: Visit) -> Answer:
    fact = rows.fact_for(visit.view, visit.part("name"))
    values = {name: value for name, value in visit.json().items() if name != "attributes"}
    rows.check_known(fact, values)
    row_id = rows.create(visit.org, visit.view, fact, values)
    return _as_json({"id": row_id, "success": True, "errors": []}, 201)


def _update_row(visit: Visit) -> Answer:
    fact = rows.fact_for(visit.view, visit.part("name"))
    values = {name: value for name, value in visit.json().items() if name != "attributes"}
    rows.check_known(fact, values)
    rows.update(visit.org, visit.view, fact, visit.part("id"), values)
    return Response(status_code=204)


def _update_collection(visit: Visit) -> Answer:
    return batches.update(visit.org, visit.view, visit.json())


def _create_collection(visit: Visit) -> Answer:
    return batches.create(visit.org, visit.view, visit.json())


def _create_field(visit: Visit) -> Answer:
    field_id = tooling.create_field(visit.org, visit.json())
    created = {"id": field_id, "success": True, "errors": [], "warnings": [], "infos": []}
    return _as_json(created, 201)


def _userinfo(visit: Visit) -> Answer:
    return signing_in.userinfo(str(visit.request.base_url).rstrip("/"))


_DATA = "/services/data/v{version}"

ROUTES: tuple[tuple[str, str, Callable[[Visit], Answer]], ...] = (
    ("GET", "/services/data", _versions),
    ("GET", "/services/oauth2/userinfo", _userinfo),
    ("GET", f"{_DATA}/limits", _limits),
    ("GET", f"{_DATA}/query", _query),
    ("GET", f"{_DATA}/queryAll", _query_all),
    ("GET", f"{_DATA}/query/{{locator}}", _query_more),
    ("GET", f"{_DATA}/tooling/query", _query),
    ("POST", f"{_DATA}/tooling/sobjects/CustomField", _create_field),
    ("GET", f"{_DATA}/sobjects", _describe_global),
    ("GET", f"{_DATA}/sobjects/{{name}}/describe", _describe),
    ("POST", f"{_DATA}/sobjects/{{name}}", _create_row),
    ("GET", f"{_DATA}/sobjects/{{name}}/{{id}}", _read_row),
    ("PATCH", f"{_DATA}/sobjects/{{name}}/{{id}}", _update_row),
    ("PATCH", f"{_DATA}/composite/sobjects", _update_collection),
    ("POST", f"{_DATA}/composite/sobjects", _create_collection),
)


def add_routes(api: FastAPI, org: Org) -> None:
    """Serve every address, with and without a slash at its end."""
    for method, path, answer in ROUTES:
        for address in (path, path + "/"):
            api.add_api_route(address, _endpoint(org, answer), methods=[method])
    api.add_api_route("/services/oauth2/token", _token_endpoint(org), methods=["POST"])

    async def missing(*_: object) -> Response:
        return _finished(org, _as_json(_MISSING.body(), _MISSING.status))

    async def not_allowed(request: Request, _: Exception) -> Response:
        problem = Refusal(405, "METHOD_NOT_ALLOWED", f"HTTP Method '{request.method}' not allowed.")
        return _finished(org, _as_json(problem.body(), problem.status))

    api.add_exception_handler(404, missing)
    api.add_exception_handler(405, not_allowed)


def _endpoint(
    org: Org, answer: Callable[[Visit], Answer]
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        body = await request.body()
        try:
            return _finished(org, _answered(org, answer, request, body))
        except RowRefusal as refusal:
            alone = refusal.alone()
            return _finished(org, _as_json(alone.body(), alone.status))
        except Refusal as refusal:
            return _finished(org, _as_json(refusal.body(), refusal.status))

    return endpoint


def _answered(
    org: Org, answer: Callable[[Visit], Answer], request: Request, body: bytes
) -> Response:
    if request.url.path.rstrip("/") != "/services/data":
        signing_in.check_session(org, request.headers.get("Authorization", ""))
        _count_call(org)
    if request.path_params.get("version", VERSIONS[-1]) not in VERSIONS:
        raise _MISSING
    given = answer(Visit(org, org.view(), request, body))
    return given if isinstance(given, Response) else _as_json(given, 200)


def _token_endpoint(org: Org) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        url = str(request.base_url).rstrip("/")
        try:
            return _finished(org, _as_json(signing_in.grant(org, await request.body(), url), 200))
        except GrantRefusal as refusal:
            return _finished(org, _as_json(refusal.body(), 400))

    return endpoint


def _usage(org: Org) -> tuple[int, int]:
    return org.setting("calls_today", 0), org.setting("calls_a_day", _DAILY_CALLS)


def _count_call(org: Org) -> None:
    used, most = _usage(org)
    if used >= most:
        raise Refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    org.set("calls_today", used + 1)


def _as_json(body: object, status: int) -> Response:
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Response(content, status, media_type=_JSON)


def _finished(org: Org, response: Response) -> Response:
    used, most = _usage(org)
    response.headers["Sforce-Limit-Info"] = f"api-usage={used}/{most}"
    response.headers["Date"] = format_datetime(org.clock.now(), usegmt=True)
    return response
