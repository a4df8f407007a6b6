"""What only a route of the API asks for: the network, ids and pages; and the key."""

from typing import Annotated, cast

from fastapi import Depends, HTTPException, Path, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import HTTPConnection

from app import signing_in
from app.api.atlas import Atlas
from app.deps import (
    DatabaseDep,
    HooksDep,
    MessengerDep,
    OpenDep,
    OpenOne,
    ScheduleDep,
    SessionDep,
)
from app.security import Role, is_same
from app.settings import Settings
from app.signing_in import KEY_PREFIX, Visitor

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
    "check_key",
]

LARGEST_ID = 2**53 - 1
"""The largest whole number that every reader of JSON understands."""

OPERATING = frozenset({"startRun", "undoRun", "resumeConnection", "retryRefused", "planWriteBack"})
"""What an operator may do beside reading; all that changes more needs an admin."""

Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
After = Annotated[
    int, Query(ge=0, le=LARGEST_ID, description="`next` of the page before; 0 from the beginning.")
]
Limit = Annotated[int, Query(ge=1, le=500, description="Items on a page at most.")]
Search = Annotated[str, Query(max_length=200)]


class Key(HTTPBearer):
    """Lets nobody pass without a key: the service's own, if it has one, or one made for a role."""

    async def __call__(self, request: HTTPConnection) -> HTTPAuthorizationCredentials | None:
        """Compare what is shown in constant time.

        Raises:
            HTTPException: 401, if the key is missing or wrong; 403, if it may do less than this.
        """
        settings = cast("Settings", request.app.state.settings)
        expected = settings.api_key.get_secret_value()
        shown = await super().__call__(request)
        visitor = _program(request, shown.credentials) if shown else None
        if visitor and not visitor.may(_needed(request)):
            raise HTTPException(403, f"This key is a {visitor.role}'s, and may not do this.")
        is_let_in = visitor or not expected
        if not (is_let_in or (shown and is_same(shown.credentials, expected))):
            raise HTTPException(
                401,
                "Send a key of this service as `Authorization: Bearer …`.",
                {"WWW-Authenticate": "Bearer"},
            )
        return shown


check_key = Key(
    scheme_name="key",
    auto_error=False,
    description="TIELINE_API_KEY, or a key made in the console; not asked for if that is empty.",
)


def _program(request: HTTPConnection, shown: str) -> Visitor | None:
    if not shown.startswith(KEY_PREFIX):
        return None
    address = request.client.host if request.client else ""
    return signing_in.program(request.app.state.database, shown, address)


def _needed(request: HTTPConnection) -> Role:
    if request.scope["method"] in {"GET", "HEAD"}:
        return Role.VIEWER
    operation = getattr(request.scope.get("route"), "operation_id", "")
    return Role.OPERATOR if operation in OPERATING else Role.ADMIN


async def _atlas(request: Request) -> Atlas:
    return cast("Atlas", request.app.state.atlas)


AtlasDep = Annotated[Atlas, Depends(_atlas)]
