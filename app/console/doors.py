"""Coming in and going out: sign-in, invitations, sign-out; and the files that pages are made of."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import FileResponse, RedirectResponse
from sqlmodel import Session

from app import signing_in
from app.console.deps import address, cookie, is_https, same_site
from app.console.pages import STATIC, go, page
from app.deps import DatabaseDep, SessionDep, SettingsDep
from app.errors import AppError, NotFound
from app.security import Role
from app.settings import Settings
from app.store import users

router = APIRouter(dependencies=[Depends(same_site)])

_FILES = frozenset(path.name for path in STATIC.iterdir())

Typed = Annotated[str, Form(max_length=500)]


@router.get("/sign-in")
def show_sign_in(request: Request, session: SessionDep, to: str = "") -> Response:
    """Ask for address and password, or say how the first owner comes in."""
    is_first = not users.owners(session, Role.OWNER)
    return page(request, "sign_in.html", to=to, email="", is_first=is_first)


@router.post("/sign-in")
def sign_in(
    request: Request,
    database: DatabaseDep,
    settings: SettingsDep,
    email: Typed,
    password: Typed,
    to: Typed = "",
) -> Response:
    """Sign in, and go where somebody wanted to."""
    try:
        token = signing_in.sign_in(database, email, password, address(request))
    except AppError as error:
        return page(
            request,
            "sign_in.html",
            status=error.status,
            problem=str(error),
            to=to,
            email=email,
            is_first=False,
        )
    return _with(token, settings, go(_here(to)))


@router.post("/sign-out")
def sign_out(request: Request, database: DatabaseDep, settings: SettingsDep) -> Response:
    """Sign this browser out."""
    signing_in.sign_out(database, request.cookies.get(cookie(settings), ""))
    answer = go("/console/sign-in", "You are signed out.")
    answer.delete_cookie(cookie(settings), secure=is_https(settings), httponly=True)
    return answer


@router.get("/invitation/{token}")
def show_invitation(request: Request, session: SessionDep, token: str) -> Response:
    """Ask whoever was invited for a password."""
    user = signing_in.invited(session, token)
    return page(request, "invitation.html", user=user, token=token)


@router.post("/invitation/{token}")
def take_up(
    request: Request, database: DatabaseDep, settings: SettingsDep, token: str, password: Typed
) -> Response:
    """Set the password and come in."""
    try:
        shown = signing_in.take_up(database, token, password, address(request))
    except AppError as error:
        with Session(database) as session:
            user = signing_in.invited(session, token)
            return page(
                request,
                "invitation.html",
                status=error.status,
                problem=str(error),
                user=user,
                token=token,
            )
    return _with(shown, settings, go("/console", "Welcome."))


@router.get("/static/{name}")
async def show_file(name: str) -> Response:
    """Give a file that pages are made of; its address changes when it does."""
    if name not in _FILES:
        raise NotFound("There is no such file.")
    forever = {"Cache-Control": "public, max-age=31536000, immutable"}
    return FileResponse(STATIC / name, headers=forever)


def _with(token: str, settings: Settings, answer: RedirectResponse) -> RedirectResponse:
    """Have a browser show from now on whom it was signed in by."""
    answer.set_cookie(
        cookie(settings),
        token,
        max_age=int(signing_in.SIGNED_IN_FOR.total_seconds()),
        secure=is_https(settings),
        httponly=True,
        samesite="lax",
    )
    return answer


def _here(to: str) -> str:
    """A path of the console, or its first page: nobody is sent to another site."""
    is_ours = to.startswith("/console") and "\\" not in to and "//" not in to
    return to if is_ours else "/console"
