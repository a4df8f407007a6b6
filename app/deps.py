"""What a route or a page may ask for: a session, the database, the schedule, the hooks.

All are coroutines although they wait for nothing: FastAPI would move a plain function to a thread,
which costs more than any of our queries.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from typing import Annotated, cast

from fastapi import Depends, Request
from sqlalchemy import Engine
from sqlmodel import Session

from app.atlas import Atlas
from app.errors import NotReady
from app.hooks import Hooks
from app.messenger import Messenger
from app.schedule import Schedule
from app.scoring import Bench
from app.security import Vault
from app.settings import Settings
from app.writing import Link

OpenOne = Callable[[int], AbstractContextManager[Link]]
"""Opens one connection, and closes it afterwards."""


async def _settings(request: Request) -> Settings:
    return cast("Settings", request.app.state.settings)


async def _database(request: Request) -> Engine:
    return cast("Engine", request.app.state.database)


async def _session(request: Request) -> AsyncIterator[Session]:
    """A unit of work: committed when the route returns, rolled back when it raises."""
    with Session(request.app.state.database) as session, session.begin():
        yield session


async def _schedule(request: Request) -> Schedule:
    schedule = cast("Schedule | None", request.app.state.schedule)
    if schedule is None:
        raise NotReady(
            "The schedule is off: set TIELINE_SECRET_KEY and TIELINE_PULL_EVERY_MINUTES, "
            "or use `tieline run`."
        )
    return schedule


async def _schedule_if_on(request: Request) -> Schedule | None:
    return cast("Schedule | None", request.app.state.schedule)


async def _vault(request: Request) -> Vault:
    """What credentials are kept with.

    Raises:
        NotReady: If there is no key for it.
    """
    return Vault(request.app.state.settings.secret_key.get_secret_value())


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


async def _atlas(request: Request) -> Atlas:
    return cast("Atlas", request.app.state.atlas)


async def _bench(request: Request) -> Bench:
    return cast("Bench", request.app.state.bench)


async def _open_one(request: Request) -> OpenOne:
    found = cast("OpenOne | None", request.app.state.open_one)
    if found is None:
        raise NotReady("Connections cannot be opened: set TIELINE_SECRET_KEY.")
    return found


AtlasDep = Annotated[Atlas, Depends(_atlas)]
SettingsDep = Annotated[Settings, Depends(_settings)]
DatabaseDep = Annotated[Engine, Depends(_database)]
# By its default scope a dependency ends after the answer is sent: a failed commit would be a 200.
SessionDep = Annotated[Session, Depends(_session, scope="function")]
BenchDep = Annotated[Bench, Depends(_bench)]
HooksDep = Annotated[Hooks, Depends(_hooks)]
MessengerDep = Annotated[Messenger, Depends(_messenger)]
# The routes that ask a CRM themselves are few and rare.
OpenDep = Annotated[OpenOne, Depends(_open_one)]
ScheduleDep = Annotated[Schedule, Depends(_schedule)]
ScheduleIfOnDep = Annotated[Schedule | None, Depends(_schedule_if_on)]
VaultDep = Annotated[Vault, Depends(_vault)]
