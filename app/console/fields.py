"""The custom fields of a connection: which are written, where to, and what of people's edits."""

from collections.abc import Mapping, Sequence
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Form, Request, Response
from sqlalchemy import Engine
from sqlmodel import Session

from app import writing
from app.console import steps
from app.console.deps import AdminDep, FormDep, ViewerDep, same_site
from app.console.pages import go, page
from app.deps import DatabaseDep, OpenDep, OpenOne, SessionDep
from app.errors import AppError, NotFound
from app.signing_in import Visitor
from app.store import audit, connections
from app.writing import Choice, Link, Policy, Said
from connectors import ConnectorError, Field, FieldState, Target, module, names

router = APIRouter(prefix="/fields", dependencies=[Depends(same_site)])

POLICIES = {
    Policy.OVERWRITE: "Tieline replaces it with its next value",
    Policy.RESPECT: "it is left to them, until the field is emptied",
    Policy.ALERT: "it is left to them, and the run says so",
}

_STATES = {
    None: ("not looked at yet", "plain"),
    FieldState.READY: ("ready", "good"),
    FieldState.MISSING: ("not created yet", "plain"),
}


class Group(NamedTuple):
    """The fields of one kind of record."""

    title: str
    fields: Sequence[Choice]


class Overview(NamedTuple):
    """A connection, and what is told of its fields."""

    id: int
    title: str
    written: int
    missing: int
    stopped: int


@router.get("")
def list_connections(
    request: Request, database: DatabaseDep, session: SessionDep, open_one: OpenDep, _: ViewerDep
) -> Response:
    """Go to the fields of the only connection that has any, or let one be chosen."""
    rows = [one for one in connections.every(session) if one.crm in names()]
    rows = [one for one in rows if module(one.crm).TARGETS]
    if len(rows) == 1:
        return go(f"/console/fields/{rows[0].id}")
    overviews = [_overview(database, open_one, int(one.id or 0), one.title) for one in rows]
    return page(request, "fields.html", connections=overviews)


def _overview(database: Engine, open_one: OpenOne, connection_id: int, title: str) -> Overview:
    with open_one(connection_id) as link:
        on = [one for one in writing.fields(database, link) if one.is_on]
    missing = sum(one.state is FieldState.MISSING for one in on)
    return Overview(connection_id, title, len(on), missing, sum(bool(one.paused) for one in on))


@router.get("/{connection_id}")
def show_fields(
    request: Request,
    _: ViewerDep,
    connection_id: int,
    database: DatabaseDep,
    session: SessionDep,
    open_one: OpenDep,
) -> Response:
    """Show the fields of a connection as they stood when last looked at; calls nothing."""
    with open_one(connection_id) as link:
        found = writing.fields(database, link)
    return page(
        request,
        "fields_of.html",
        found=steps.of(request, session, connection_id),
        groups=_groups(found),
        policies=POLICIES,
        states=_STATES,
        missing=sum(one.is_on and one.state is not FieldState.READY for one in found),
    )


@router.post("/{connection_id}")
def switch(
    connection_id: int, asks: AdminDep, database: DatabaseDep, open_one: OpenDep, typed: FormDep
) -> Response:
    """Write those fields that are ticked, and no others."""
    changed = 0
    with open_one(connection_id) as link:
        for one in writing.fields(database, link):
            is_on = f"{one.target}.{one.column.name}" in typed
            if is_on is not one.is_on:
                _choose(database, link, asks, one, Said(one.called, one.policy, is_on))
                changed += 1
    said = f"{changed} changed." if changed else "Nothing was changed."
    return go(f"/console/fields/{connection_id}", said)


@router.post("/{connection_id}/create")
def create(
    connection_id: int, asks: AdminDep, database: DatabaseDep, open_one: OpenDep
) -> Response:
    """Create in the CRM what is wanted and missing."""
    here = f"/console/fields/{connection_id}"
    try:
        with open_one(connection_id) as link:
            found = writing.create(database, link)
    except ConnectorError as error:
        return go(here, str(error), is_problem=True)
    with Session(database) as session, session.begin():
        audit.keep(session, asks.actor, "fields.created", str(connection_id))
    stuck = [one for one in found if one.is_on and one.paused]
    if stuck:
        told = f"{len(stuck)} fields cannot be written: {stuck[0].paused}"
        return go(here, told, is_problem=True)
    return go(here, "All fields that are wanted are there.")


@router.get("/{connection_id}/{target}/{name}")
def show_field(
    request: Request,
    _: AdminDep,
    connection_id: int,
    target: Target,
    name: str,
    database: DatabaseDep,
    open_one: OpenDep,
) -> Response:
    """Ask where a field is written to, and what is done where people edit it; asks the CRM."""
    with open_one(connection_id) as link:
        return _field(request, link, _one(database, link, target, name))


@router.post("/{connection_id}/{target}/{name}")
def change_field(  # noqa: PLR0913, PLR0917 - what FastAPI gives by name
    request: Request,
    connection_id: int,
    target: Target,
    name: str,
    asks: AdminDep,
    database: DatabaseDep,
    open_one: OpenDep,
    policy: Annotated[Policy, Form()],
    called: Annotated[str, Form(max_length=255)] = "",
) -> Response:
    """Write a field there from now on, and treat people's edits so."""
    with open_one(connection_id) as link:
        one = _one(database, link, target, name)
        try:
            _choose(database, link, asks, one, Said(called.strip(), policy, one.is_on))
        except (AppError, ConnectorError) as error:
            return _field(request, link, one, problem=str(error))
    return go(f"/console/fields/{connection_id}", f"{one.column.label} is changed.")


def _choose(database: Engine, link: Link, asks: Visitor, one: Choice, said: Said) -> None:
    """Say something of a field, and note who said it."""
    writing.choose(database, link, one.key, said)
    before = _told(Said(one.called, one.policy, one.is_on))
    subject = f"{link.connection_id} {one.target} {one.column.name}"
    with Session(database) as session, session.begin():
        audit.keep(session, asks.actor, "field.changed", subject, before=before, after=_told(said))


def _told(said: Said) -> Mapping[str, object]:
    return {"called": said.called, "policy": said.policy.value, "is_on": said.is_on}


def _one(database: Engine, link: Link, target: Target, name: str) -> Choice:
    for one in writing.fields(database, link):
        if one.key == (target.value, name):
            return one
    raise NotFound("There is no such field on this connection.")


def _field(request: Request, link: Link, one: Choice, *, problem: str = "") -> Response:
    there: Sequence[Field] = ()
    try:
        there = writing.choices(link, one.target)
    except ConnectorError as error:
        problem = problem or f"The CRM's own fields cannot be listed now: {error}"
    return page(
        request,
        "field.html",
        status=422 if problem else 200,
        problem=problem,
        link=link,
        one=one,
        there=there,
        policies=POLICIES,
    )


def _groups(found: Sequence[Choice]) -> Sequence[Group]:
    targets = dict.fromkeys(one.target for one in found)
    return [
        Group(f"{target.value.capitalize()}s", [one for one in found if one.target is target])
        for target in targets
    ]
