"""Connecting a CRM: which there are, the ways to do it, and the form that each of them needs."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel
from sqlalchemy import Engine
from sqlmodel import Session

from app import connections as life
from app import errands
from app.console import steps
from app.console.deps import (
    AdminDep,
    FormDep,
    ViewerDep,
    cookie,
    is_https,
    same_site,
)
from app.console.pages import go, page
from app.deps import DatabaseDep, ScheduleIfOnDep, SessionDep, SettingsDep, VaultDep
from app.errors import AppError, Conflict, NotFound, NotReady, Unreadable
from app.schedule import Schedule
from app.security import LOOPBACK, Role
from app.settings import Settings
from app.signing_in import Visitor
from app.store import audit, connections, users
from connectors import ConnectorError, Way, module, names

router = APIRouter(dependencies=[Depends(same_site)])

UNREACHED = 502

Given = Annotated[str, Query(max_length=4_000)]


@dataclass(frozen=True, slots=True)
class Box:
    """A box of the form, as `Credentials` describes it."""

    name: str
    label: str
    help: str
    kind: str
    value: str
    is_needed: bool


@router.get("/set-up")
def show_connections(
    request: Request, session: SessionDep, settings: SettingsDep, _: ViewerDep
) -> Response:
    """Show the connections and how far the set-up of each is, and which CRMs can be connected."""
    found = [
        steps.set_up(session, row.id or 0, settings)
        for row in connections.every(session)
        if row.crm in names()
    ]
    return page(
        request,
        "set_up.html",
        connections=found,
        has_owner=users.owners(session, Role.OWNER) > 0,
        crms=[(name, module(name).TITLE, module(name).WAYS) for name in _offered()],
    )


@router.get("/set-up/connect/{crm}")
def show_form(request: Request, _: AdminDep, crm: str, way: str = "") -> Response:
    """Show what to do in a CRM, and ask for what came of it."""
    return _form(request, crm, _way(crm, way), {})


@router.post("/set-up/connect/{crm}/{way}")
def connect(  # noqa: PLR0913, PLR0917 - what FastAPI gives by name
    request: Request,
    asks: AdminDep,
    database: DatabaseDep,
    settings: SettingsDep,
    vault: VaultDep,
    schedule: ScheduleIfOnDep,
    typed: FormDep,
    crm: str,
    way: str,
) -> Response:
    """Try a connection, and keep it if it works; it writes nothing before somebody says so."""
    taken = _way(crm, way)
    try:
        given = credentials(crm, taken, typed)
        if taken.consent:
            wish = errands.Wish(crm, way, given, _redirect(request, settings), asks.name)
            return _leave(request, settings, errands.send(database, vault, wish), crm)
        connection_id = life.connect(database, vault, life.Offer(crm, given, is_shadow=True))
    except (AppError, ConnectorError) as error:
        return _form(request, crm, taken, typed, error)
    begin(database, schedule, asks, connection_id)
    return go(f"/console/set-up/{connection_id}", "Connected. The first reading has begun.")


@router.get("/connected")
def come_back(  # noqa: PLR0913, PLR0917 - what FastAPI gives by name
    request: Request,
    asks: AdminDep,
    database: DatabaseDep,
    settings: SettingsDep,
    vault: VaultDep,
    schedule: ScheduleIfOnDep,
    state: Given = "",
    code: Given = "",
) -> Response:
    """Take up what an admin left for: the CRM has sent them back here."""
    shown = request.cookies.get(_errand_cookie(settings), "")
    try:
        crm, given = errands.come_back(
            database, vault, state, shown=shown, name=asks.name, code=code
        )
        connection_id = life.connect(database, vault, life.Offer(crm, given, is_shadow=True))
    except (AppError, ConnectorError) as error:
        return go("/console/set-up", str(error), is_problem=True)
    begin(database, schedule, asks, connection_id)
    answer = go(f"/console/set-up/{connection_id}", "Connected. The first reading has begun.")
    answer.delete_cookie(_errand_cookie(settings), secure=is_https(settings), httponly=True)
    return answer


def begin(database: Engine, schedule: Schedule | None, asks: Visitor, connection_id: int) -> None:
    """Note who connected a CRM, and have it read."""
    with Session(database) as session, session.begin():
        row = connections.get(session, connection_id)
        told = {"crm": row.crm, "tenant": row.tenant}
        audit.keep(session, asks.actor, "connection.connected", str(connection_id), after=told)
    if schedule:
        with suppress(Conflict):  # one is going on: the next one reads it
            schedule.run_now()


def credentials(crm: str, way: Way, typed: Mapping[str, str]) -> dict[str, str]:
    """Take from a form what a way needs.

    Raises:
        Unreadable: If something is missing.
    """
    for name in way.asked:
        if not typed.get(name):
            raise Unreadable(f"Enter the {_label(crm, name).lower()}.")
    return {name: typed[name] for name in (*way.asked, *way.also) if typed.get(name)}


def _offered() -> list[str]:
    """The CRMs, those first that can be written to."""
    return sorted(names(), key=lambda name: (not module(name).TARGETS, name))


def _leave(request: Request, settings: Settings, sent: errands.Sent, crm: str) -> Response:
    """Show the link to a CRM that asks: a form of ours may not lead to another site."""
    answer = page(request, "leave.html", address=sent.address, title=module(crm).TITLE)
    answer.set_cookie(
        _errand_cookie(settings),
        sent.shown,
        max_age=int(errands.LASTS.total_seconds()),
        secure=is_https(settings),
        httponly=True,
        samesite="lax",
    )
    return answer


def _errand_cookie(settings: Settings) -> str:
    return f"{cookie(settings)}_errand"


def _redirect(request: Request, settings: Settings) -> str:
    """Where a CRM sends an admin back to.

    Raises:
        NotReady: If nobody has said where browsers reach us.
    """
    if settings.public_url:
        return f"{settings.public_url.rstrip('/')}/console/connected"
    if request.url.hostname in LOOPBACK:
        return f"{request.url.scheme}://{request.url.netloc}/console/connected"
    raise NotReady("Set TIELINE_PUBLIC_URL first: the CRM has to know where to send you back to.")


def _guide(request: Request, way: Way) -> list[str]:
    """The steps of a way, with the address to come back to."""
    if not way.consent:
        return list(way.steps)
    try:
        redirect = _redirect(request, request.app.state.settings)
    except NotReady:
        redirect = "https://(what TIELINE_PUBLIC_URL says)/console/connected"
    return [step.replace("{redirect}", redirect) for step in way.steps]


def _form(
    request: Request,
    crm: str,
    way: Way,
    typed: Mapping[str, str],
    error: Exception | None = None,
) -> Response:
    found = module(crm)
    return page(
        request,
        "connect.html",
        status=error.status if isinstance(error, AppError) else UNREACHED if error else 200,
        crm=crm,
        title=found.TITLE,
        ways=found.WAYS,
        way=way,
        guide=_guide(request, way),
        boxes=list(_boxes(found.Credentials, way, typed)),
        problem=str(error or ""),
    )


def _boxes(asked: type[BaseModel], way: Way, typed: Mapping[str, str]) -> Iterator[Box]:
    for name in (*way.asked, *way.also):
        field = asked.model_fields[name]
        is_secret = "SecretStr" in str(field.annotation)
        usual = field.default if isinstance(field.default, str) else ""
        yield Box(
            name,
            _label_of(field, name),
            field.description or "",
            "lines" if field.json_schema_extra else "password" if is_secret else "text",
            "" if is_secret else typed.get(name, usual),
            name in way.asked,
        )


def _label(crm: str, name: str) -> str:
    return _label_of(module(crm).Credentials.model_fields[name], name)


def _label_of(field: Any, name: str) -> str:  # noqa: ANN401 - pydantic's own
    return str(field.title or name)


def _way(crm: str, name: str) -> Way:
    """The way of a name, or the usual one.

    Raises:
        NotFound: If there is no such CRM, or no such way.
    """
    if crm not in names():
        raise NotFound("There is no connector for such a CRM.")
    ways = module(crm).WAYS
    found = next((way for way in ways if way.name == name), None if name else ways[0])
    if found is None:
        raise NotFound("This CRM cannot be connected so.")
    return found
