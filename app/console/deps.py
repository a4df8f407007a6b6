"""Who asks for a page, whether they may, and whether the form they send is ours."""

from collections.abc import Awaitable, Callable
from typing import Annotated, cast
from urllib.parse import urlsplit

from fastapi import Depends, Request

from app import signing_in
from app.deps import SessionDep
from app.errors import Forbidden, Unreadable
from app.rights import Rights, Sight
from app.security import LOOPBACK, Role
from app.settings import Settings
from app.signing_in import Visitor

LONGEST_FORM = 65_536
"""Bytes."""

OWNER_HERE = "whoever sits at this machine"
"""How the audit log calls those who need not sign in."""


class SignInFirst(Exception):
    """Nobody is signed in."""


def cookie(settings: Settings) -> str:
    """What the cookie is called that a browser is signed in with.

    By the first name browsers keep it to this very host and to https; without https, which only a
    machine of one's own is, there is no such promise to be had.
    """
    return "__Host-tieline" if is_https(settings) else "tieline"


def is_https(settings: Settings) -> bool:
    """Whether browsers reach us by https."""
    return settings.public_url.startswith("https:")


def address(request: Request) -> str:
    """Where a request comes from."""
    return request.client.host if request.client else ""


async def signed_in(request: Request) -> Visitor:
    """Who asks.

    Raises:
        SignInFirst: If nobody is signed in.
        Forbidden: If nobody has to, and the page was asked for by another name of this machine.
    """
    settings = cast("Settings", request.app.state.settings)
    if settings.open_console:
        if request.url.hostname not in LOOPBACK:
            raise Forbidden("The open console is shown on this machine only.")
        return Visitor(Role.OWNER, OWNER_HERE, address(request))
    token = request.cookies.get(cookie(settings), "")
    found = signing_in.visitor(request.app.state.database, token, address(request))
    if found is None:
        raise SignInFirst
    return found


async def same_site(request: Request) -> None:
    """Let no other site send our forms.

    Raises:
        Forbidden: If a page of another site sent this.
    """
    if request.method in {"GET", "HEAD"}:
        return
    sent_from = request.headers.get("sec-fetch-site")
    if sent_from is not None and sent_from not in {"same-origin", "none"}:
        raise Forbidden("This form was sent from another site: open the page here and try again.")
    origin = request.headers.get("origin")
    if origin is None and sent_from is None:
        raise Forbidden("Your browser does not say where this form is from: use a current one.")
    if origin is not None and urlsplit(origin).netloc not in _ours(request):
        raise Forbidden("This form was sent from another site: open the page here and try again.")


def _ours(request: Request) -> set[str]:
    settings = cast("Settings", request.app.state.settings)
    return {urlsplit(settings.public_url).netloc or "-", request.headers.get("host", "")}


def _at_least(role: Role) -> Callable[[Request, Visitor], Awaitable[Visitor]]:
    async def check(request: Request, asks: Annotated[Visitor, Depends(signed_in)]) -> Visitor:
        if not asks.may(role):
            raise Forbidden(f"You are signed in as {asks.role}; this needs the role {role}.")
        request.state.visitor = asks
        return asks

    check.needs = role  # type: ignore[attr-defined]  # what a test asks every route for
    return check


async def _form(request: Request) -> dict[str, str]:
    """What was typed into a form whose boxes are known only when it is drawn, without blanks.

    Raises:
        Unreadable: If it is more than any form of ours holds.
    """
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > LONGEST_FORM:
        raise Unreadable("This form is longer than any of ours.")
    sent = await request.form(max_files=0)
    return {name: value.strip() for name, value in sent.items() if isinstance(value, str)}


FormDep = Annotated[dict[str, str], Depends(_form)]
ViewerDep = Annotated[Visitor, Depends(_at_least(Role.VIEWER))]
OperatorDep = Annotated[Visitor, Depends(_at_least(Role.OPERATOR))]
AdminDep = Annotated[Visitor, Depends(_at_least(Role.ADMIN))]
OwnerDep = Annotated[Visitor, Depends(_at_least(Role.OWNER))]


async def _sight(
    request: Request, asks: Annotated[Visitor, Depends(signed_in)], session: SessionDep
) -> Sight:
    return cast("Rights", request.app.state.rights).sight(session, asks)


SightDep = Annotated[Sight, Depends(_sight)]
