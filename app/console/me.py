"""What is one's own: the password, the browsers, and whom a colleague keeps to themselves."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from sqlmodel import Session

from app import signing_in
from app.console.deps import ViewerDep, cookie, same_site
from app.console.pages import back_to, go, page
from app.console.privacy import KINDS, NEXT_RUN, Rule, RuleDep
from app.deps import DatabaseDep, SessionDep, SettingsDep
from app.errors import AppError, Forbidden
from app.privacy import exclusions
from app.privacy.exclusions import Kind, Reach
from app.security import digest
from app.settings import Settings
from app.signing_in import Visitor
from app.store import tables, users

router = APIRouter(prefix="/me", dependencies=[Depends(same_site)])

HERE = "/console/me"

OWN_REASON = "Their own decision."
"""Nobody has to say why they keep somebody to themselves."""

Typed = Annotated[str, Form(max_length=500)]


@router.get("")
def show_me(
    request: Request, session: SessionDep, settings: SettingsDep, asks: ViewerDep
) -> Response:
    """Show what is one's own."""
    return _draw(request, session, settings, asks)


@router.post("/password")
@back_to(HERE)
def change_password(
    request: Request,
    database: DatabaseDep,
    settings: SettingsDep,
    asks: ViewerDep,
    old: Typed = "",
    new: Typed = "",
) -> Response:
    """Change one's own password; all other browsers are signed out."""
    signing_in.change_password(database, asks, _shown(request, settings), old, new)
    return go(HERE, "The password is changed, and all other browsers are signed out.")


@router.post("/sign-out-others")
@back_to(HERE)
def sign_out_others(
    request: Request, database: DatabaseDep, settings: SettingsDep, asks: ViewerDep
) -> Response:
    """Sign all browsers out but this one."""
    signing_in.sign_out_others(database, asks, _shown(request, settings))
    return go(HERE, "All other browsers are signed out.")


@router.post("/exclusions/preview")
def preview(
    request: Request, session: SessionDep, settings: SettingsDep, asks: ViewerDep, typed: RuleDep
) -> Response:
    """Count what would go if a rule held on one's own list."""
    try:
        reach = exclusions.preview(session, typed.wanted(_colleague(session, asks)))
    except AppError as error:
        return _draw(request, session, settings, asks, typed, problem=str(error))
    return _draw(request, session, settings, asks, typed, reach=reach)


@router.post("/exclusions")
def add(
    request: Request, database: DatabaseDep, settings: SettingsDep, asks: ViewerDep, typed: RuleDep
) -> Response:
    """Put a rule on one's own list."""
    try:
        with Session(database) as session, session.begin():
            wanted = typed.wanted(_colleague(session, asks))
            exclusions.add(session, wanted, actor=asks.actor, reason=OWN_REASON)
    except AppError as error:
        with Session(database) as session:
            return _draw(request, session, settings, asks, typed, problem=str(error))
    return go(HERE, f"The rule is on your list. {NEXT_RUN}")


@router.post("/exclusions/{exclusion_id}/change")
@back_to(HERE)
def change(
    exclusion_id: int,
    database: DatabaseDep,
    asks: ViewerDep,
    is_on: Annotated[bool, Form()],
    takes_activity: Annotated[bool, Form()],
) -> Response:
    """Switch a rule of one's own on or off, or have it take more or less."""
    with Session(database) as session, session.begin():
        exclusions.own(session, exclusion_id, _colleague(session, asks))
        exclusions.change(
            session,
            exclusion_id,
            is_on=is_on,
            takes_activity=takes_activity,
            actor=asks.actor,
        )
    return go(HERE, f"The rule is changed. {NEXT_RUN}")


@router.post("/exclusions/{exclusion_id}/remove")
@back_to(HERE)
def remove(exclusion_id: int, database: DatabaseDep, asks: ViewerDep) -> Response:
    """Take a rule off one's own list."""
    with Session(database) as session, session.begin():
        exclusions.own(session, exclusion_id, _colleague(session, asks))
        exclusions.lift(session, exclusion_id, actor=asks.actor)
    return go(HERE, "The rule is gone. The next run brings back what it left out.")


def _shown(request: Request, settings: Settings) -> str:
    """What this browser is signed in by."""
    return request.cookies.get(cookie(settings), "")


def _colleague(session: Session, asks: Visitor) -> int:
    """Which colleague a visitor is, by the address they sign in with.

    Raises:
        Forbidden: If they are none.
    """
    found = exclusions.colleague_with(session, asks.name) if asks.user_id else None
    if found is None or found.id is None:
        raise Forbidden("Only a colleague whom the CRM knows by your address has a list.")
    return found.id


def _draw(
    request: Request,
    session: Session,
    settings: Settings,
    asks: Visitor,
    typed: Rule | None = None,
    *,
    reach: Reach | None = None,
    problem: str = "",
) -> Response:
    colleague = exclusions.colleague_with(session, asks.name) if asks.user_id else None
    rows: list[tables.Exclusion] = []
    if colleague:
        rows = list(exclusions.listed(session, colleague_id=colleague.id))
    return page(
        request,
        "me.html",
        problem=problem,
        status=422 if problem else 200,
        browsers=users.browsers(session, asks.user_id or 0),
        this=digest(_shown(request, settings)),
        shortest=signing_in.SHORTEST_PASSWORD,
        colleague=colleague,
        rows=rows,
        kinds=[(kind.value, text) for kind, text in KINDS if kind is not Kind.COLLEAGUE],
        typed=typed or Rule(Kind.ADDRESS),
        reach=reach,
    )
