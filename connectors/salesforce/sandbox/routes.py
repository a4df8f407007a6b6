"""The sandbox's addresses: one table of them, one function per address."""

from collections.abc import Awaitable, Callable
from email.utils import format_datetime

from fastapi import FastAPI, Request, Response

from connectors.salesforce.sandbox import asking, batches, paging, rows, signing_in, tooling
from connectors.salesforce.sandbox.errors import GrantRefusal, Refusal, RowRefusal
from connectors.salesforce.sandbox.org import Org
from connectors.salesforce.sandbox.visits import MISSING, Answer, Visit, as_json, usage

VERSIONS = tuple(f"{number}.0" for number in range(31, 68))


def _versions(_: Visit) -> Answer:
    return [
        {"label": f"API {version}", "url": f"/services/data/v{version}", "version": version}
        for version in VERSIONS
    ]


def _create_row(visit: Visit) -> Answer:
    fact = rows.fact_for(visit.view, visit.part("name"))
    values = {name: value for name, value in visit.json().items() if name != "attributes"}
    rows.check_known(fact, values)
    row_id = rows.create(visit.org, visit.view, fact, values)
    return as_json({"id": row_id, "success": True, "errors": []}, 201)


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
    return as_json(created, 201)


def _userinfo(visit: Visit) -> Answer:
    return signing_in.userinfo(str(visit.request.base_url).rstrip("/"))


_DATA = "/services/data/v{version}"

ROUTES: tuple[tuple[str, str, Callable[[Visit], Answer]], ...] = (
    ("GET", "/services/data", _versions),
    ("GET", "/services/oauth2/userinfo", _userinfo),
    ("GET", f"{_DATA}/limits", asking.limits),
    ("GET", f"{_DATA}/query", paging.query),
    ("GET", f"{_DATA}/queryAll", paging.query_all),
    ("GET", f"{_DATA}/query/{{locator}}", paging.query_more),
    ("GET", f"{_DATA}/tooling/query", paging.query),
    ("POST", f"{_DATA}/tooling/sobjects/CustomField", _create_field),
    ("GET", f"{_DATA}/sobjects", asking.describe_global),
    ("GET", f"{_DATA}/sobjects/{{name}}/describe", asking.describe),
    ("POST", f"{_DATA}/sobjects/{{name}}", _create_row),
    ("GET", f"{_DATA}/sobjects/{{name}}/{{id}}", asking.read_row),
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
        return _finished(org, as_json(MISSING.body(), MISSING.status))

    async def not_allowed(request: Request, _: Exception) -> Response:
        problem = Refusal(405, "METHOD_NOT_ALLOWED", f"HTTP Method '{request.method}' not allowed.")
        return _finished(org, as_json(problem.body(), problem.status))

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
            return _finished(org, as_json(alone.body(), alone.status))
        except Refusal as refusal:
            return _finished(org, as_json(refusal.body(), refusal.status))

    return endpoint


def _answered(
    org: Org, answer: Callable[[Visit], Answer], request: Request, body: bytes
) -> Response:
    if request.url.path.rstrip("/") != "/services/data":
        signing_in.check_session(org, request.headers.get("Authorization", ""))
        _count_call(org)
    if request.path_params.get("version", VERSIONS[-1]) not in VERSIONS:
        raise MISSING
    given = answer(Visit(org, org.view(), request, body))
    return given if isinstance(given, Response) else as_json(given, 200)


def _token_endpoint(org: Org) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        url = str(request.base_url).rstrip("/")
        try:
            return _finished(org, as_json(signing_in.grant(org, await request.body(), url), 200))
        except GrantRefusal as refusal:
            return _finished(org, as_json(refusal.body(), 400))

    return endpoint


def _count_call(org: Org) -> None:
    used, most = usage(org)
    if used >= most:
        raise Refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    org.set("calls_today", used + 1)


def _finished(org: Org, response: Response) -> Response:
    used, most = usage(org)
    response.headers["Sforce-Limit-Info"] = f"api-usage={used}/{most}"
    response.headers["Date"] = format_datetime(org.clock.now(), usegmt=True)
    return response
