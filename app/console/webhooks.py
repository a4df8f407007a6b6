"""How a CRM tells by itself what changes: a step of the set-up that can be left out."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from sqlalchemy import Engine
from sqlmodel import Session

from app.console import steps
from app.console.deps import AdminDep, ViewerDep, same_site
from app.console.pages import go, page
from app.deps import DatabaseDep, HooksDep, ScheduleIfOnDep
from app.errors import AppError, NotFound
from app.hooks import Hooks, Setup, Wish
from app.security import LOOPBACK
from app.signing_in import Visitor
from app.store import audit, connections, hints, hooks, tables
from connectors import Signer, Telling, module

router = APIRouter(prefix="/set-up/{connection_id}/webhooks", dependencies=[Depends(same_site)])

SHOWN = 10
"""Deliveries that the page shows."""


@dataclass(frozen=True, slots=True)
class Here:
    """What the step of a connection is drawn from, and changes."""

    request: Request
    connection_id: int
    database: Engine
    hooks: Hooks
    has_schedule: bool

    @property
    def path(self) -> str:
        """Of the page."""
        return f"/console/set-up/{self.connection_id}/webhooks"


async def _here(
    request: Request,
    connection_id: int,
    database: DatabaseDep,
    all_hooks: HooksDep,
    clock: ScheduleIfOnDep,
) -> Here:
    return Here(request, connection_id, database, all_hooks, clock is not None)


@dataclass(frozen=True, slots=True)
class Typed:
    """What an admin asks for.

    Attributes:
        way: The name of the telling that is shown; "" for the first.
        secret: The CRM's own; "" leaves it as it is.
        takes_unsafe: Take an older signature too.
        renews: Make a new secret of ours.
    """

    way: str
    secret: str
    takes_unsafe: bool
    renews: bool


def _typed(
    way: Annotated[str, Form(max_length=40)] = "",
    secret: Annotated[str, Form(max_length=500)] = "",
    *,
    takes_unsafe: Annotated[bool, Form()] = False,
    renews: Annotated[bool, Form()] = False,
) -> Typed:
    return Typed(way, secret.strip(), takes_unsafe, renews)


HereDep = Annotated[Here, Depends(_here)]
TypedDep = Annotated[Typed, Depends(_typed)]


@router.get("")
def show_webhooks(_: ViewerDep, here: HereDep, way: str = "") -> Response:
    """Show what to do in the CRM, and whether something has come."""
    return _page(here, way)


@router.post("")
def set_up(asks: AdminDep, here: HereDep, typed: TypedDep) -> Response:
    """Give the connection an address, or change what signs; what is to be copied is shown once."""
    telling = _telling(here, typed.way)
    wish = Wish(
        secret=typed.secret or None,
        takes_unsafe=typed.takes_unsafe if telling.older else None,
        renews=typed.renews,
    )
    is_new = not here.hooks.is_ready(here.connection_id)
    try:
        made = here.hooks.set_up(here.connection_id, wish)
    except AppError as error:
        return _page(here, typed.way, problem=error)
    _note(here, asks, "hook.set_up", is_new=is_new, is_renewed=bool(wish.renews or wish.secret))
    return _page(here, typed.way, made=made, shows_secret=is_new or typed.renews)


@router.post("/show")
def show_address(asks: AdminDep, here: HereDep, typed: TypedDep) -> Response:
    """Show the address once more; the secret never is."""
    try:
        made = here.hooks.set_up(here.connection_id, Wish())
    except AppError as error:
        return _page(here, typed.way, problem=error)
    _note(here, asks, "hook.shown")
    return _page(here, typed.way, made=made)


@router.post("/listening")
def switch_listening(
    asks: AdminDep, here: HereDep, typed: TypedDep, is_on: Annotated[bool, Form()]
) -> Response:
    """Listen to the CRM's stream of events, or no more."""
    here.hooks.set_up(here.connection_id, Wish(is_listening=is_on))
    _note(here, asks, "hook.set_up", is_listening=is_on)
    said = "Tieline begins to listen within 15 seconds." if is_on else "Nobody listens any more."
    return go(f"{here.path}?way={_telling(here, typed.way).name}", said)


@router.post("/end")
def end(asks: AdminDep, here: HereDep) -> Response:
    """Take the address away: what comes there from now on is refused."""
    here.hooks.end(here.connection_id)
    _note(here, asks, "hook.ended")
    return go(here.path, "The address is gone: what comes there is refused.")


def _page(
    here: Here,
    way: str,
    *,
    made: Setup | None = None,
    shows_secret: bool = False,
    problem: AppError | None = None,
) -> Response:
    telling = _telling(here, way)
    with Session(here.database) as session:
        found = steps.of(here.request, session, here.connection_id)
        hook = hooks.get(session, here.connection_id)
        return page(
            here.request,
            "set_up_webhooks.html",
            status=problem.status if problem else 200,
            path=here.path,
            found=found,
            tellings=module(found.row.crm).TELLINGS,
            telling=telling,
            guide=_guide(here, telling),
            signer=module(found.row.crm).SIGNER,
            Signer=Signer,
            site=here.hooks.site,
            is_near=any(f"//{name}" in here.hooks.site for name in LOOPBACK),
            hook=hook,
            is_ready=here.hooks.is_ready(here.connection_id),
            silent_since=hooks.silent_since(hook) if hook else None,
            waiting=hints.waiting(session, here.connection_id),
            deliveries=hooks.deliveries(session, here.connection_id, limit=SHOWN),
            has_schedule=here.has_schedule,
            address=made.url if made else "",
            secret=made.secret if made and shows_secret and telling.is_signed else "",
            problem=str(problem or ""),
        )


def _telling(here: Here, name: str) -> Telling:
    """The way of a name, or the first.

    Raises:
        NotFound: If there is no such connection, or its CRM does not tell so.
    """
    with Session(here.database) as session:
        row: tables.Connection = connections.get(session, here.connection_id)
    found = [one for one in module(row.crm).TELLINGS if name in {"", one.name}]
    if not found:
        raise NotFound("This CRM does not tell so what changes.")
    return found[0]


def _guide(here: Here, telling: Telling) -> list[str]:
    """The steps of a way, with what they name of us."""
    site = here.hooks.site or "https://(what TIELINE_PUBLIC_URL says)"
    return [step.replace("{site}", site) for step in telling.steps]


def _note(here: Here, asks: Visitor, what: str, **told: bool) -> None:
    with Session(here.database) as session, session.begin():
        audit.keep(session, asks.actor, what, str(here.connection_id), after=told)
