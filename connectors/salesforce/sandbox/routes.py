"""The sandbox's addresses: one table of them, one function per address."""

import json
import re
from collections.abc import Awaitable, Callable
from email.utils import format_datetime
from functools import cache, partial
from urllib.parse import unquote

from fastapi import FastAPI, Request, Response
from starlette.routing import compile_path

from connectors.salesforce.sandbox import (
    addresses,
    asking,
    bulk_ingest,
    bulk_query,
    changed,
    composite,
    consent,
    deleting,
    edits,
    graphs,
    identity,
    knocks,
    origins,
    paging,
    sessions,
    signing_in,
    trees,
    writing,
)
from connectors.salesforce.sandbox.addresses import VERSIONS
from connectors.salesforce.sandbox.errors import GrantRefusal, Refusal, RowRefusal
from connectors.salesforce.sandbox.knocks import Knock
from connectors.salesforce.sandbox.org import USER_ID, Org
from connectors.salesforce.sandbox.visits import (
    MISSING,
    Answer,
    Visit,
    as_json,
    count_call,
    too_long,
    usage,
)


def _composite(visit: Visit) -> Answer:
    return composite.composite(visit, _call)


def _graphs(visit: Visit) -> Answer:
    return graphs.graphs(visit, _call)


def _batch(visit: Visit) -> Answer:
    answered = composite.batch(visit, _call)
    for _ in answered["results"][1:]:
        count_call(visit.org)
    return answered


_DATA = "/services/data/v{version}"

ROUTES: tuple[tuple[str, str, Callable[[Visit], Answer]], ...] = (
    ("GET", "/services/data", addresses.versions),
    ("GET", _DATA, addresses.resources),
    ("GET", f"{_DATA}/limits", asking.limits),
    ("GET", f"{_DATA}/limits/recordCount", asking.record_count),
    ("GET", f"{_DATA}/query", paging.query),
    ("GET", f"{_DATA}/queryAll", paging.query_all),
    ("GET", f"{_DATA}/query/{{locator}}", paging.query_more),
    ("GET", f"{_DATA}/tooling/query", paging.query_tooling),
    ("POST", f"{_DATA}/tooling/sobjects/CustomField", writing.create_field),
    ("GET", f"{_DATA}/tooling/sobjects/CustomField/{{id}}", writing.read_field),
    ("PATCH", f"{_DATA}/tooling/sobjects/CustomField/{{id}}", writing.change_field),
    ("DELETE", f"{_DATA}/tooling/sobjects/CustomField/{{id}}", writing.delete_field),
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
    ("GET", f"{_DATA}/composite/sobjects/{{name}}", writing.read_collection),
    ("POST", f"{_DATA}/composite/sobjects/{{name}}", writing.read_collection),
    ("PATCH", f"{_DATA}/composite/sobjects/{{name}}/{{field}}", writing.upsert_collection),
    ("POST", f"{_DATA}/composite", _composite),
    ("POST", f"{_DATA}/composite/batch", _batch),
    ("POST", f"{_DATA}/composite/graph", _graphs),
    ("POST", f"{_DATA}/composite/tree/{{name}}", trees.create),
    ("POST", f"{_DATA}/jobs/query", bulk_query.create),
    ("GET", f"{_DATA}/jobs/query/{{id}}", bulk_query.read),
    ("PATCH", f"{_DATA}/jobs/query/{{id}}", bulk_query.change),
    ("DELETE", f"{_DATA}/jobs/query/{{id}}", bulk_query.remove),
    ("GET", f"{_DATA}/jobs/query/{{id}}/results", bulk_query.results),
    ("POST", f"{_DATA}/jobs/ingest", bulk_ingest.create),
    ("GET", f"{_DATA}/jobs/ingest/{{id}}", bulk_ingest.read),
    ("PATCH", f"{_DATA}/jobs/ingest/{{id}}", bulk_ingest.change),
    ("DELETE", f"{_DATA}/jobs/ingest/{{id}}", bulk_ingest.remove),
    ("PUT", f"{_DATA}/jobs/ingest/{{id}}/batches", bulk_ingest.upload),
    ("GET", f"{_DATA}/jobs/ingest/{{id}}/successfulResults", bulk_ingest.successful),
    ("GET", f"{_DATA}/jobs/ingest/{{id}}/failedResults", bulk_ingest.failed),
    ("GET", f"{_DATA}/jobs/ingest/{{id}}/unprocessedrecords", bulk_ingest.unprocessed),
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
        return _finished(org, _reply(lambda: _answered(org, answer, request, body)))

    return endpoint


def _reply(answer: Callable[[], Answer]) -> Response:
    """Make a response of whatever is answered, refusals too."""
    try:
        given = answer()
    except RowRefusal as refusal:
        return as_json(refusal.alone(), refusal.status)
    except Refusal as refusal:
        return as_json(refusal.body(), refusal.status)
    return given if isinstance(given, Response) else as_json(given, 200)


def _call(visit: Visit, part: composite.Part) -> Response:
    """Answer a part of a composite request as if it had come alone."""
    address, _, query = part.url.partition("?")
    path = unquote(address).rstrip("/")
    known = [(method, pattern.fullmatch(path), answer) for method, pattern, answer in _patterns()]
    fitting = [(method, found, answer) for method, found, answer in known if found]
    for method, found, answer in fitting:
        if method == part.method.upper():
            headers = [(k.lower().encode(), str(v).encode()) for k, v in part.headers.items()]
            scope = {**visit.request.scope, "method": method, "path": path}
            scope |= {"query_string": query.encode(), "path_params": found.groupdict()}
            request = Request({**scope, "headers": headers})
            view = visit.org.view(visit.view.user_id)
            body = json.dumps(part.body).encode()
            return _reply(partial(answer, Visit(visit.org, view, request, body)))
    problem = Refusal(405, "METHOD_NOT_ALLOWED", f"HTTP Method '{part.method}' not allowed.")
    refused = problem if fitting else MISSING
    return as_json(refused.body(), refused.status)


@cache
def _patterns() -> list[tuple[str, re.Pattern[str], Callable[[Visit], Answer]]]:
    return [(method, compile_path(path)[0], answer) for method, path, answer in ROUTES]


def _answered(org: Org, answer: Callable[[Visit], Answer], request: Request, body: bytes) -> Answer:
    user_id = USER_ID
    if request.url.path.rstrip("/") != "/services/data":
        user_id = sessions.check_session(org, request.headers.get("Authorization", "")).user_id
        count_call(org)
    if request.path_params.get("version", VERSIONS[-1]) not in VERSIONS:
        raise MISSING
    deleting.purge(org)
    edits.commit_due(org)
    with org.changes.written_by(origins.writer(request, user_id)):
        return answer(Visit(org, org.view(user_id), request, body))


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


def _finished(org: Org, response: Response) -> Response:
    used, most = usage(org)
    response.headers["Sforce-Limit-Info"] = f"api-usage={used}/{most}"
    response.headers["Date"] = format_datetime(org.clock.now(), usegmt=True)
    return response
