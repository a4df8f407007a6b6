"""What only a route of the API asks for: the network, ids and pages; and the key."""

from collections.abc import AsyncIterator
from typing import Annotated, cast

from fastapi import Depends, HTTPException, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlmodel import Session
from starlette.requests import HTTPConnection

from app import signing_in
from app.atlas import Atlas
from app.deps import (
    DatabaseDep,
    HooksDep,
    MessengerDep,
    OpenDep,
    OpenOne,
    ScheduleDep,
    SessionDep,
)
from app.security import LOOPBACK, Role, is_same
from app.settings import Settings
from app.signing_in import KEY_PREFIX, Visitor
from app.store import audit

__all__ = [
    "After",
    "AtlasDep",
    "DatabaseDep",
    "HooksDep",
    "Id",
    "Limit",
    "MessengerDep",
    "OpenDep",
    "OpenOne",
    "ScheduleDep",
    "Search",
    "SessionDep",
    "SettingsDep",
    "audited",
    "check_key",
]

LARGEST_ID = 2**53 - 1
"""The largest whole number that every reader of JSON understands."""

OPERATING = frozenset(
    {
        "startRun",
        "undoRun",
        "resumeConnection",
        "retryRefused",
        "planWriteBack",
        "askForIntroduction",
        "settleIntroduction",
        "recordFavour",
        "removeFavour",
    }
)
"""What an operator may do beside reading; all that changes more needs an admin."""

Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
After = Annotated[
    int, Query(ge=0, le=LARGEST_ID, description="`next` of the page before; 0 from the beginning.")
]
Limit = Annotated[int, Query(ge=1, le=500, description="Items on a page at most.")]


async def _settings(request: Request) -> Settings:
    return cast("Settings", request.app.state.settings)


SettingsDep = Annotated[Settings, Depends(_settings)]
Search = Annotated[str, Query(max_length=200)]


class Key(HTTPBearer):
    """Lets nobody pass without a key: the service's own, if it has one, or one made for a role."""

    async def __call__(self, request: HTTPConnection) -> HTTPAuthorizationCredentials | None:
        """Compare what is shown in constant time.

        Raises:
            HTTPException: 401, if the key is missing or wrong; 403, if it may do less than this, or
                if none is needed and it was not asked from here.
        """
        settings = cast("Settings", request.app.state.settings)
        expected = settings.api_key.get_secret_value()
        shown = await super().__call__(request)
        if shown and shown.credentials.startswith(KEY_PREFIX):
            request.state.visitor = _program(request, shown.credentials)
            return shown
        if expected and not (shown and is_same(shown.credentials, expected)):
            raise _unknown()
        if not expected:
            _asked_from_here(request)
        name = "TIELINE_API_KEY" if expected else "whoever sits at this machine"
        request.state.visitor = Visitor(Role.OWNER, name, _address(request))
        return shown


check_key = Key(
    scheme_name="key",
    auto_error=False,
    description="TIELINE_API_KEY, or a key made in the console; not asked for if that is empty.",
)


def _program(request: HTTPConnection, shown: str) -> Visitor:
    found = signing_in.program(request.app.state.database, shown, _address(request))
    if found is None:
        raise _unknown()
    if not found.may(_needed(request)):
        raise HTTPException(403, f"This key may do what {found.role}s may, and not this.")
    return found


def _asked_from_here(request: HTTPConnection) -> None:
    """Let nobody pass by way of somebody's browser: another site, or a name that leads here too."""
    if request.headers.get("sec-fetch-site") == "cross-site":
        raise HTTPException(403, "Another site may not ask where no key is asked for.")
    if request.url.hostname not in LOOPBACK:
        said = "Without TIELINE_API_KEY nothing is told by another name than this machine's own."
        raise HTTPException(403, said)


def _unknown() -> HTTPException:
    said = "Send a key of this service as `Authorization: Bearer …`."
    return HTTPException(401, said, {"WWW-Authenticate": "Bearer"})


def _address(request: HTTPConnection) -> str:
    return request.client.host if request.client else ""


def _needed(request: HTTPConnection) -> Role:
    if request.scope["method"] in {"GET", "HEAD"}:
        return Role.VIEWER
    operation = getattr(request.scope.get("route"), "operation_id", "")
    return Role.OPERATOR if operation in OPERATING else Role.ADMIN


async def audited(request: Request) -> AsyncIterator[None]:
    """Keep in the audit log what a program has changed, once it has."""
    yield
    if request.method not in {"GET", "HEAD"}:
        await run_in_threadpool(_note, request)


def _note(request: Request) -> None:
    visitor = cast("Visitor", request.state.visitor)
    operation = getattr(request.scope.get("route"), "operation_id", "")
    with Session(request.app.state.database) as session, session.begin():
        told = {name: str(value) for name, value in request.path_params.items()}
        audit.keep(session, visitor.actor, f"api.{operation}", after=told)


async def _atlas(request: Request) -> Atlas:
    return cast("Atlas", request.app.state.atlas)


AtlasDep = Annotated[Atlas, Depends(_atlas)]
