"""The sandbox's addresses: one table of them, one function per address."""

from collections.abc import Awaitable, Callable
from email.utils import format_datetime

from fastapi import FastAPI, Request, Response

from connectors.salesforce.sandbox import (
    asking,
    changed,
    consent,
    deleting,
    identity,
    knocks,
    paging,
    sessions,
    signing_in,
    writing,
)
from connectors.salesforce.sandbox.errors import GrantRefusal, Refusal, RowRefusal
from connectors.salesforce.sandbox.knocks import Knock
from connectors.salesforce.sandbox.org import USER_ID, Org
from connectors.salesforce.sandbox.visits import MISSING, Answer, Visit, as_json, too_long, usage

VERSIONS = tuple(f"{number}.0" for number in range(31, 68))


def _versions(_: Visit) -> Answer:
    return [
        {"label": f"API {version}", "url": f"/services/data/v{version}", "version": version}
        for version in VERSIONS
    ]


_DATA = "/services/data/v{version}"

ROUTES: tuple[tuple[str, str, Callable[[Visit], Answer]], ...] = (
    ("GET", "/services/data", _versions),
    ("GET", f"{_DATA}/limits", asking.limits),
    ("GET", f"{_DATA}/limits/recordCount", asking.record_count),
    ("GET", f"{_DATA}/query", paging.query),
    ("GET", f"{_DATA}/queryAll", paging.query_all),
    ("GET", f"{_DATA}/query/{{locator}}", paging.query_more),
    ("GET", f"{_DATA}/tooling/query", paging.query),
    ("POST", f"{_DATA}/tooling/sobjects/CustomField", writing.create_field),
    ("GET", f"{_DATA}/sobjects", asking.describe_global),
    ("GET", f"{_DATA}/sobjects/{{name}}/describe", asking.describe),
    ("GET", f"{_DATA}/sobjects/{{name}}/updated", changed.updated),
    ("GET", f"{_DATA}/sobjects/{{name}}/deleted", changed.deleted),
    ("GET", f"{_DATA}/sobjects/{{name}}", asking.summary),
    ("POST", f"{_DATA}/sobjects/{{name}}", writing.create_row),
    ("GET", f"{_DATA}/sobjects/{{name}}/{{id}}", asking.read_row),
    ("GET", f"{_DATA}/sobjects/{{name}}/{{field}}/{{value}}", asking.read_row_by),
    ("PATCH", f"{_DATA}/sobjects/{{name}}/{{id}}", writing.update_row),
    ("DELETE", f"{_DATA}/sobjects/{{name}}/{{id}}", writing.delete_row),
    ("PATCH", f"{_DATA}/sobjects/{{name}}/{{field}}/{{value}}", writing.upsert_row),
    ("DELETE", f"{_DATA}/sobjects/{{name}}/{{field}}/{{value}}", writing.delete_by_key),
    ("PATCH", f"{_DATA}/composite/sobjects", writing.update_collection),
    ("POST", f"{_DATA}/composite/sobjects", writing.create_collection),
    ("DELETE", f"{_DATA}/composite/sobjects", writing.delete_collection),
    ("PATCH", f"{_DATA}/composite/sobjects/{{name}}/{{field}}", writing.upsert_collection),
)

OPEN_ROUTES: tuple[tuple[str, str, Callable[[Knock], Answer]], ...] = (
    ("POST", "/services/oauth2/token", signing_in.grant),
    ("GET", "/services/oauth2/authorize", consent.authorize),
    ("POST", "/services/oauth2/authorize", consent.authorize),
    ("POST", "/services/oauth2/introspect", identity.introspect),
    ("GET", "/services/oauth2/revoke", identity.revoke),
    ("POST", "/services/oauth2/revoke", identity.revoke),
    ("GET", "/services/oauth2/userinfo", identity.userinfo),
    ("POST", "/services/oauth2/userinfo", identity.userinfo),
    ("GET", "/id/{org}/{user}", identity.identity),
    ("GET", "/.well-known/openid-configuration", identity.discovery),
)
"""What may be asked without a session, of the org or of the host for all orgs."""


def add_routes(api: FastAPI, org: Org) -> None:
    """Serve every address, with and without a slash at its end."""
    for method, path, answer in ROUTES:
        for address in (path, path + "/"):
            api.add_api_route(address, _endpoint(org, answer), methods=[method])
    for method, path, reply in OPEN_ROUTES:
        api.add_api_route(path, _open_endpoint(org, reply), methods=[method])

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
        if page := too_long(request):
            return page
        try:
            return _finished(org, _answered(org, answer, request, body))
        except RowRefusal as refusal:
            return _finished(org, as_json(refusal.alone(), refusal.status))
        except Refusal as refusal:
            return _finished(org, as_json(refusal.body(), refusal.status))

    return endpoint


def _answered(
    org: Org, answer: Callable[[Visit], Answer], request: Request, body: bytes
) -> Response:
    user_id = USER_ID
    if request.url.path.rstrip("/") != "/services/data":
        user_id = sessions.check_session(org, request.headers.get("Authorization", "")).user_id
        _count_call(org)
    if request.path_params.get("version", VERSIONS[-1]) not in VERSIONS:
        raise MISSING
    deleting.purge(org)
    given = answer(Visit(org, org.view(user_id), request, body))
    return given if isinstance(given, Response) else as_json(given, 200)


def _open_endpoint(
    org: Org, answer: Callable[[Knock], Answer]
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        body = await request.body()
        try:
            given = answer(knocks.read(org, request, body))
        except GrantRefusal as refusal:
            return _finished(org, as_json(refusal.body(), 400))
        return _finished(org, given if isinstance(given, Response) else as_json(given, 200))

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
