"""Who may sign in to the console, which browsers have, and which keys the API knows."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, delete, func, select

from app.errors import Conflict, NotFound
from app.store import tables

_user, _sign_in, _key = tables.User, tables.SignIn, tables.ApiKey


def every(session: Session) -> Sequence[tables.User]:
    """All of them, the oldest first."""
    return session.exec(select(_user).order_by(col(_user.id))).all()


def get(session: Session, user_id: int) -> tables.User:
    """Find one.

    Raises:
        NotFound: If there is none with this id.
    """
    found = session.get(_user, user_id)
    if found is None:
        raise NotFound(f"There is no user {user_id}.")
    return found


def by_email(session: Session, email: str) -> tables.User | None:
    """Find one by the address they sign in with, in whatever case."""
    return session.exec(select(_user).where(_user.email == email.strip().lower())).first()


def by_invitation(session: Session, digest: str, *, at: datetime) -> tables.User | None:
    """Find whom an invitation is for, while it can be taken up."""
    query = select(_user).where(_user.invitation == digest, col(_user.invited_until) > at)
    return session.exec(query).first() if digest else None


def add(session: Session, user: tables.User) -> tables.User:
    """Keep a new one.

    Raises:
        Conflict: If somebody signs in with this address already.
    """
    user.email = user.email.strip().lower()
    if by_email(session, user.email):
        raise Conflict("Somebody with this address is there already: invite them again instead.")
    session.add(user)
    session.flush()
    return user


def owners(session: Session, role: str) -> int:
    """How many can sign in with a role and have."""
    query = select(func.count()).where(_user.role == role, col(_user.is_on), _user.password != "")
    return session.exec(query).one()


def sign_in(session: Session, token: str, user_id: int, *, at: datetime) -> None:
    """Keep that a browser is signed in; `token` is the digest of what it shows."""
    session.add(_sign_in(token=token, user_id=user_id, made_at=at, seen_at=at))
    session.flush()


def signed_in(session: Session, token: str) -> tuple[tables.SignIn, tables.User] | None:
    """Who is signed in with a browser; None if nobody is."""
    query = select(_sign_in, _user).where(_sign_in.user_id == _user.id, _sign_in.token == token)
    return session.exec(query.where(col(_user.is_on))).first()


def sign_out(session: Session, token: str) -> None:
    """Forget a browser."""
    session.connection().execute(delete(_sign_in).where(col(_sign_in.token) == token))


def sign_out_everywhere(session: Session, user_id: int) -> None:
    """Forget all browsers of a user."""
    session.connection().execute(delete(_sign_in).where(col(_sign_in.user_id) == user_id))


def browsers(session: Session, user_id: int) -> Sequence[tables.SignIn]:
    """The browsers of a user, the one last seen first."""
    query = select(_sign_in).where(_sign_in.user_id == user_id)
    return session.exec(query.order_by(col(_sign_in.seen_at).desc(), _sign_in.token)).all()


def sign_out_others(session: Session, user_id: int, token: str) -> int:
    """Forget all browsers of a user but this one; gives how many there were."""
    others = delete(_sign_in).where(col(_sign_in.user_id) == user_id, col(_sign_in.token) != token)
    return session.connection().execute(others).rowcount


def forget_idle(session: Session, *, since: datetime) -> None:
    """Forget browsers that were not seen since."""
    session.connection().execute(delete(_sign_in).where(col(_sign_in.seen_at) < since))


def keys(session: Session) -> Sequence[tables.ApiKey]:
    """The API's keys, the oldest first."""
    return session.exec(select(_key).order_by(col(_key.id))).all()


def key(session: Session, digest: str) -> tables.ApiKey | None:
    """Find a key by the digest of what is shown."""
    return session.exec(select(_key).where(_key.digest == digest)).first()


def add_key(session: Session, made: tables.ApiKey) -> None:
    """Keep a new key."""
    session.add(made)
    session.flush()


def remove_key(session: Session, key_id: int) -> tables.ApiKey:
    """Let a key open nothing any more.

    Raises:
        NotFound: If there is none with this id.
    """
    found = session.get(_key, key_id)
    if found is None:
        raise NotFound(f"There is no API key {key_id}.")
    session.delete(found)
    return found
