"""The only place that wires: settings, database, schedule and routes make one service."""

import json
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Any
from urllib.parse import urlencode

import uvicorn
from fastapi import Depends, FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from starlette.exceptions import HTTPException

from app import api, connections, console
from app.api import problems
from app.api.deps import audited, check_key
from app.atlas import Atlas
from app.console import pages
from app.console.deps import SignInFirst
from app.deps import OpenOne
from app.errors import AppError, NotReady
from app.hooks import Hooks
from app.listening import Listener
from app.messenger import Messenger, Sender, Subscriptions
from app.pipeline import Memory
from app.rights import Rights
from app.schedule import Schedule
from app.scoring import Bench
from app.security import Vault
from app.settings import Settings
from app.store.database import migrate, open_database
from app.telemetry import set_up_logging
from app.worker import Worker
from connectors import ConnectorError, TryLater

API_VERSION = "1.0"

GRACE_S = 10
"""How long requests that are being answered may take when the service ends."""


class Service(FastAPI):
    """FastAPI whose document describes problems under their own media type."""

    def openapi(self) -> dict[str, Any]:
        """Describe the API."""
        if self.openapi_schema is None:
            self.openapi_schema = problems.name_media_type(super().openapi())
        return self.openapi_schema


def create_app(settings: Settings) -> FastAPI:
    """Make the service; the database is opened when it starts, not before."""
    app = Service(
        title="Tieline",
        version=API_VERSION,
        description="Relationship intelligence: tie strength, introductions, recommendations.",
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        lifespan=_lifespan,
        # Its page loads scripts from elsewhere: never where there is a key to be typed into it.
        docs_url=None if settings.api_key.get_secret_value() else "/docs",
        redoc_url=None,
    )
    app.state.settings = settings
    for router in api.OPEN:
        app.include_router(router)
    for router in api.V1:
        app.include_router(
            router,
            prefix="/v1",
            dependencies=[Depends(check_key), Depends(audited, scope="function")],
            responses=problems.told(401, 422, 503),
        )
    for router in (*console.OPEN, *console.PAGES):
        app.include_router(router, prefix=console.PREFIX, include_in_schema=False)
    app.add_api_route("/", _begin, include_in_schema=False)
    app.add_exception_handler(SignInFirst, _ask_to_sign_in)
    app.add_exception_handler(AppError, _tell_app_error)
    app.add_exception_handler(ConnectorError, _tell_connector_error)
    app.add_exception_handler(RequestValidationError, _tell_invalid)
    app.add_exception_handler(HTTPException, _tell_http)
    app.add_exception_handler(OperationalError, _tell_database)
    app.add_exception_handler(InterfaceError, _tell_database)
    app.add_exception_handler(Exception, _tell_fault)
    return app


def openapi_json(settings: Settings) -> str:
    """The OpenAPI document as it is kept in ``openapi/tieline.json``."""
    return json.dumps(create_app(settings).openapi(), indent=2, sort_keys=True) + "\n"


def serve_forever(
    settings: Settings, *, host: str, port: int, tell: Callable[[], None] = lambda: None
) -> None:
    """Answer until the process is told to end; what is being answered then is answered first.

    Args:
        settings: Of the service.
        host: To listen on.
        port: To listen on; 0 takes a free one.
        tell: Called as soon as signals end the service in good order.

    Raises:
        NotReady: If the service cannot start.
    """
    set_up_logging(settings)
    config = uvicorn.Config(
        partial(create_app, settings),
        factory=True,
        host=host,
        port=port,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    server = uvicorn.Server(config)
    with _ended_by_signals(server):
        tell()
        server.run()
    if not (server.started or server.should_exit):
        raise NotReady("The service did not start: its log says why.")


@contextmanager
def _ended_by_signals(server: uvicorn.Server) -> Iterator[None]:
    """Have a signal end the server from now on, and not only when it listens to signals itself.

    Until then a signal would be an exception, and one that is raised where nobody passes it on, as
    in a finalizer, is lost: the service would stay up.
    """

    def end(*_: object) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    database = open_database(settings.database_url)
    try:
        await run_in_threadpool(migrate, database)
        memory = Memory()
        schedule = _schedule(settings, database, memory)
        app.state.atlas = Atlas(database)
        app.state.schedule = schedule
        app.state.database = database
        app.state.hooks = _hooks(settings, database)
        app.state.messenger = messenger = open_messenger(settings, database)
        if messenger:
            messenger.start()
        if app.state.hooks:
            await run_in_threadpool(app.state.hooks.warm)
        app.state.bench = bench = Bench(database)
        beside = [*_beside(settings, database, memory), bench]
        app.state.open_one = open_one = _open_one(settings, database)
        app.state.rights = Rights(open_one)
        if schedule:
            schedule.start()
        for one in beside:
            one.start()
        yield
        if app.state.hooks:
            await run_in_threadpool(app.state.hooks.close)
        for one in beside:
            await run_in_threadpool(one.stop)
        if schedule:
            await run_in_threadpool(schedule.stop)
        if messenger:
            await run_in_threadpool(messenger.stop)
    finally:
        database.dispose()


def _schedule(settings: Settings, database: Engine, memory: Memory) -> Schedule | None:
    """The schedule, unless it is switched off or there is no key to open connections with."""
    key = settings.secret_key.get_secret_value()
    if not (key and settings.pull_every_minutes):
        return None
    open_links = partial(connections.opened, database, Vault(key))
    minutes = settings.pull_every_minutes
    return Schedule(database, open_links, every_minutes=minutes, memory=memory)


def _beside(settings: Settings, database: Engine, memory: Memory) -> list[Worker | Listener]:
    """Who does what the CRMs announce, and who listens to them, unless the schedule is off."""
    key = settings.secret_key.get_secret_value()
    if not (key and settings.pull_every_minutes):
        return []
    open_links = partial(connections.opened, database, Vault(key))
    listener = Listener(database, partial(connections.opened_one, database, Vault(key)))
    return [Worker(database, open_links, memory=memory), listener]


def _open_one(settings: Settings, database: Engine) -> OpenOne | None:
    """What opens one connection, unless there is no key to do it with."""
    key = settings.secret_key.get_secret_value()
    return partial(connections.opened_one, database, Vault(key)) if key else None


def _hooks(settings: Settings, database: Engine) -> Hooks | None:
    """Where the CRMs deliver to, unless there is no key to open connections with."""
    key = settings.secret_key.get_secret_value()
    return Hooks(database, Vault(key), settings.public_url) if key else None


def open_messenger(settings: Settings, database: Engine) -> Messenger | None:
    """What tells subscribers of events, unless there is no key to keep their secrets with."""
    key, takes_loopback = settings.secret_key.get_secret_value(), settings.loopback_subscribers
    if not key:
        return None
    subscriptions = Subscriptions(database, Vault(key), takes_loopback=takes_loopback)
    return Messenger(database, subscriptions, Sender(takes_loopback=takes_loopback))


async def _begin() -> Response:
    """Whoever asks for nothing in particular sees the console."""
    return RedirectResponse(console.PREFIX)


def _ask_to_sign_in(request: Request, _: Exception) -> Response:
    to = request.url.path if request.method == "GET" else console.PREFIX
    return RedirectResponse(f"{console.PREFIX}/sign-in?{urlencode({'to': to})}", 303)


def _tell_app_error(request: Request, error: Exception) -> Response:
    status = error.status if isinstance(error, AppError) else 500
    return _tell(request, status, str(error))


def _tell_connector_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, TryLater):
        return _tell(request, 502, str(error))
    wait_s = error.retry_after_s
    headers = {"Retry-After": f"{wait_s:.0f}"} if wait_s is not None else None
    return _tell(request, 503, str(error), headers=headers)


def _tell_invalid(request: Request, error: Exception) -> Response:
    found = problems.wrong(error.errors()) if isinstance(error, RequestValidationError) else []
    detail = f"Check {found[0].where}: {found[0].what}." if found else "Check the request."
    return _tell(request, 422, detail, errors=found)


def _tell_http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        return _tell_fault(request, error)
    return _tell(request, error.status_code, error.detail, headers=error.headers)


def _tell_database(request: Request, _: Exception) -> Response:
    return _tell(request, 503, "The database does not answer: try again in a moment.")


def _tell_fault(request: Request, _: Exception) -> Response:
    return _tell(request, 500, "Tieline has a fault: see its log.")


def _tell(
    request: Request,
    status: int,
    detail: str,
    *,
    errors: Sequence[problems.Wrong] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Say what went wrong: a program gets a problem, a person a page."""
    if request.url.path.startswith(console.PREFIX):
        return pages.failure(request, status, detail)
    return problems.answer(status, detail, errors=errors, headers=headers)
