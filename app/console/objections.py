"""Objections: who does not want to be in here, known again by hashes that nobody can read."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from sqlmodel import Session

from app.console.deps import AdminDep, same_site
from app.console.pages import go, page
from app.deps import DatabaseDep, SessionDep
from app.errors import AppError
from app.privacy import erasures

router = APIRouter(prefix="/privacy/objections", dependencies=[Depends(same_site)])

HERE = "/console/privacy/objections"
SHOWN = 100

Address = Annotated[str, Form(max_length=255)]


@router.get("")
def show_objections(request: Request, session: SessionDep, _: AdminDep) -> Response:
    """Show who objected, as far as that can be told."""
    return _draw(request, session)


@router.post("")
def note(request: Request, database: DatabaseDep, asks: AdminDep, address: Address) -> Response:
    """Note that somebody objects: who has the address is erased and stays out."""
    try:
        with Session(database) as session, session.begin():
            erased = erasures.object_(session, address, actor=asks.actor)
            name = erased.id if erased else ""
    except AppError as error:
        with Session(database) as session:
            return _draw(request, session, address=address, problem=str(error))
    if not name:
        return go(HERE, "It is noted. Nobody was here with this address; they stay out.")
    return go(f"/console/privacy/erasures/{name}", "It is noted, and who was here is erased.")


@router.post("/lift")
def lift(request: Request, database: DatabaseDep, asks: AdminDep, address: Address) -> Response:
    """Take an objection back, by an address of whoever objected."""
    try:
        with Session(database) as session, session.begin():
            erasures.lift(session, address, actor=asks.actor)
    except AppError as error:
        with Session(database) as session:
            return _draw(request, session, problem=str(error))
    return go(HERE, "The objection is taken back. The CRMs are read from their beginning for it.")


def _draw(request: Request, session: Session, *, address: str = "", problem: str = "") -> Response:
    found = erasures.objections(session)
    return page(
        request,
        "objections.html",
        problem=problem,
        status=422 if problem else 200,
        address=address,
        shown=found[:SHOWN],
        count=len(found),
        erased=erasures.are_erasures(session, [name for name, *_ in found[:SHOWN]]),
    )
