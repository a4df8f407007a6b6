"""What a route may ask for: a session, the database, the network, the schedule; and the key.

All are coroutines although they wait for nothing: FastAPI would move a plain function to a thread,
which costs more than any of our queries.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from typing import Annotated, cast

from fastapi import Depends, HTTPException, Path, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import Engine
from sqlmodel import Session
from starlette.requests import HTTPConnection

from app.api.atlas import Atlas
from app.errors import NotReady
from app.hooks import Hooks
from app.messenger import Messenger
from app.schedule import Schedule
from app.security import is_same
from app.settings import Settings
from app.writing import Link

LARGEST_ID = 2**53 - 1
"""The largest whole number that every reader of JSON understands."""

Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
After = Annotated[
    int, Query(ge=0, le=LARGEST_ID, description="`next` of the page before; 0 from the beginning.")
]
OpenOne = Callable[[int], AbstractContextManager[Link]]
"""Opens one connection, and closes it afterwards."""

Limit = Annotated[int, Query(ge=1, le=500, description="Items on a page at most.")]
Search = Annotated[str, Query(max_length=200)]


class Key(HTTPBearer):
    """Lets nobody pass without the key of the service, if it has one."""

    async def __call__(self, request: HTTPConnection) -> HTTPAuthorizationCredentials | None:
        """Compare what is shown in constant time.

        Raises:
            HTTPException: 401, if the key is missing or wrong.
        """
        settings = cast("Settings", request.app.state.settings)
        expected = settings.api_key.get_secret_value()
        shown = await super().__call__(request) if expected else None
        if expected and not (shown and is_same(shown.credentials, expected)):
            raise HTTPException(
                401,
                "Send the key of this service as `Authorization: Bearer …`.",
                {"WWW-Authenticate": "Bearer"},
            )
        return shown


check_key = Key(
    scheme_name="key", auto_error=False, description="TIELINE_API_KEY; not asked for if empty."
)


async def _database(request: Request) -> Engine:
    return cast("Engine", request.app.state.database)


async def _session(request: Request) -> AsyncIterator[Session]:
    """A unit of work: committed when the route returns, rolled back when it raises."""
    with Session(request.app.state.database) as session, session.begin():
        yield session


async def _atlas(request: Request) -> Atlas:
    return cast("Atlas", request.app.state.atlas)


async def _schedule(request: Request) -> Schedule:
    schedule = cast("Schedule | None", request.app.state.schedule)
    if schedule is None:
        raise NotReady(
            "The schedule is off: set TIELINE_SECRET_KEY and TIELINE_PULL_EVERY_MINUTES, "
            "or use `tieline run`."
        )
    return schedule


async def _hooks(request: Request) -> Hooks:
    hooks = cast("Hooks | None", request.app.state.hooks)
    if hooks is None:
        raise NotReady("Set TIELINE_SECRET_KEY: the connections cannot be opened without it.")
    return hooks


async def _messenger(request: Request) -> Messenger:
    messenger = cast("Messenger | None", request.app.state.messenger)
    if messenger is None:
        raise NotReady("Set TIELINE_SECRET_KEY: subscribers' secrets are kept with it.")
    return messenger


async def _open_one(request: Request) -> OpenOne:
    found = cast("OpenOne | None", request.app.state.open_one)
    if found is None:
        raise NotReady("Connections cannot be opened: set TIELINE_SECRET_KEY.")
    return found


DatabaseDep = Annotated[Engine, Depends(_database)]
# By its default scope a dependency ends after the answer is sent: a failed commit would be a 200.
SessionDep = Annotated[Session, Depends(_session, scope="function")]
AtlasDep = Annotated[Atlas, Depends(_atlas)]
HooksDep = Annotated[Hooks, Depends(_hooks)]
MessengerDep = Annotated[Messenger, Depends(_messenger)]
# The routes that ask a CRM themselves are few and rare.
OpenDep = Annotated[OpenOne, Depends(_open_one)]
ScheduleDep = Annotated[Schedule, Depends(_schedule)]
