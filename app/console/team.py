"""Who may come in: users with their roles, and the keys that programs show to the API."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from sqlmodel import Session

from app import signing_in
from app.console.deps import AdminDep, OwnerDep, same_site
from app.console.pages import back_to, go, page
from app.deps import DatabaseDep, SessionDep, SettingsDep
from app.security import Role
from app.settings import Settings
from app.signing_in import Visitor
from app.store import users

router = APIRouter(prefix="/team", dependencies=[Depends(same_site)])

HERE = "/console/team"

MAY = {
    Role.VIEWER: "looks, and changes nothing; of people, those whom their CRM shows them",
    Role.OPERATOR: "also runs, retries, pauses, resumes and takes back",
    Role.ADMIN: "also connects, and changes fields, scoring and privacy",
    Role.OWNER: "also decides who may come in",
}

Typed = Annotated[str, Form(max_length=254)]


@router.get("")
def show_team(
    request: Request, session: SessionDep, settings: SettingsDep, asks: AdminDep
) -> Response:
    """Show users and keys."""
    return _team(request, session, settings, asks)


@router.post("/invite")
@back_to(HERE)
def invite(
    request: Request,
    database: DatabaseDep,
    settings: SettingsDep,
    asks: OwnerDep,
    email: Typed,
    role: Annotated[Role, Form()],
) -> Response:
    """Make a link by which somebody comes in; it is shown this once."""
    token = signing_in.invite(database, asks.actor, email, role)
    base = settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")
    link = f"{base}/console/invitation/{token}"
    with Session(database) as session:
        return _team(request, session, settings, asks, link=link, invited=email.strip().lower())


@router.post("/users/{user_id}/role")
def change_role(
    user_id: int, database: DatabaseDep, asks: OwnerDep, role: Annotated[Role, Form()]
) -> Response:
    """Give a user another role."""
    return _changed(database, asks, user_id, f"The role is {role} now.", role=role)


@router.post("/users/{user_id}/people")
def let_see(
    user_id: int, database: DatabaseDep, asks: OwnerDep, sees_people: Annotated[bool, Form()]
) -> Response:
    """Let a viewer who is no colleague see people, or no longer."""
    signing_in.let_see(database, asks, user_id, sees_people=sees_people)
    whom = "everybody" if sees_people else "nobody, unless their address is a colleague's"
    return go(HERE, f"As a viewer they see {whom}.")


@router.post("/users/{user_id}/off")
def switch_off(user_id: int, database: DatabaseDep, asks: OwnerDep) -> Response:
    """Let a user in no more."""
    return _changed(database, asks, user_id, "They are signed out and cannot come in.", is_on=False)


@router.post("/users/{user_id}/on")
def switch_on(user_id: int, database: DatabaseDep, asks: OwnerDep) -> Response:
    """Let a user in again."""
    return _changed(database, asks, user_id, "They can sign in again.", is_on=True)


@router.post("/users/{user_id}/sign-out")
def sign_out(user_id: int, database: DatabaseDep, asks: OwnerDep) -> Response:
    """Sign all browsers of a user out."""
    return _changed(database, asks, user_id, "They are signed out everywhere.")


@router.post("/keys")
@back_to(HERE)
def add_key(
    request: Request,
    database: DatabaseDep,
    settings: SettingsDep,
    asks: AdminDep,
    name: Typed,
    role: Annotated[Role, Form()],
    days: Annotated[str, Form(max_length=5)] = "",
) -> Response:
    """Make a key for the API; it is shown this once."""
    if days.strip() and not days.strip().isdecimal():
        return go(HERE, "Give a number of days, or nothing.", is_problem=True)
    key = signing_in.add_key(database, asks, name, role, days=int(days) if days.strip() else None)
    with Session(database) as session:
        return _team(request, session, settings, asks, key=key)


@router.post("/keys/{key_id}/remove")
@back_to(HERE)
def remove_key(key_id: int, database: DatabaseDep, asks: AdminDep) -> Response:
    """Let a key open nothing any more."""
    signing_in.remove_key(database, asks, key_id)
    return go(HERE, "The key opens nothing any more.")


def _team(
    request: Request, session: Session, settings: Settings, asks: Visitor, **once: str
) -> Response:
    return page(
        request,
        "team.html",
        users=users.every(session),
        keys=users.keys(session),
        may=MAY,
        roles=[(role.value, role.value) for role in Role if asks.may(role)],
        has_own_key=bool(settings.api_key.get_secret_value()),
        is_open=settings.open_console,
        link=once.get("link", ""),
        invited=once.get("invited", ""),
        key=once.get("key", ""),
    )


@back_to(HERE)
def _changed(
    database: DatabaseDep,
    asks: Visitor,
    user_id: int,
    said: str,
    *,
    role: Role | None = None,
    is_on: bool | None = None,
) -> Response:
    signing_in.change(database, asks, user_id, role=role, is_on=is_on)
    return go(HERE, said)
