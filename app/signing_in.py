"""Who comes in: people by an invitation and a password, programs by a key."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session

from app.errors import Conflict, Forbidden, NotFound, Unreadable
from app.security import Passwords, Role, digest, new_token
from app.store import audit, tables, users
from app.store.audit import Actor

INVITED_FOR = timedelta(days=7)
IDLE_FOR, SIGNED_IN_FOR = timedelta(hours=12), timedelta(days=7)
SEEN_EVERY = timedelta(minutes=5)
"""How often it is noted that somebody is still there: not on every page, which would be a write."""

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 200
TRIES, LOCKED_FOR = 5, timedelta(minutes=5)

KEY_PREFIX = "tieline_"

_passwords = Passwords()


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks for something.

    Attributes:
        user_id: None for a program, and where nobody signs in.
        name: Their email address, or what they are called.
        address: Where from.
    """

    role: Role
    name: str
    address: str = ""
    user_id: int | None = None

    @property
    def actor(self) -> Actor:
        """As the audit log calls them."""
        return Actor(self.name, self.address)

    def may(self, role: str) -> bool:
        """Whether they may do what needs a role."""
        return self.role.may(Role(role))


def invite(database: Engine, actor: Actor, email: str, role: Role, *, name: str = "") -> str:
    """Invite somebody, or give who was there another link; gives what the link has to hold.

    Whoever follows it within a week sets a password; until then an old password goes on.

    Raises:
        Unreadable: If it is no address.
    """
    email = email.strip().lower()
    if "@" not in email[1:-1] or len(email) > 254 or any(c.isspace() for c in email):  # noqa: PLR2004 - RFC 5321
        raise Unreadable("Give an email address, like ada@acme.com.")
    token, at = new_token(), datetime.now(UTC)
    with Session(database) as session, session.begin():
        user = users.by_email(session, email)
        if user is None:
            user = users.add(session, tables.User(email=email, name=name, role=role, made_at=at))
        user.invitation, user.invited_until = digest(token), at + INVITED_FOR
        audit.keep(session, actor, "user.invited", str(user.id), after={"role": user.role})
    return token


def invited(session: Session, token: str) -> tables.User:
    """Whom an invitation is for.

    Raises:
        NotFound: If it is none, was taken up, or is too old.
    """
    user = users.by_invitation(session, digest(token), at=datetime.now(UTC))
    if user is None:
        raise NotFound("This invitation was used or is too old: ask for another one.")
    return user


def take_up(database: Engine, token: str, password: str, address: str) -> str:
    """Set a password by an invitation, and sign in; gives what the browser shows from now on.

    Raises:
        NotFound: If the invitation was used, or is too old.
        Unreadable: If the password is too short or too long.
    """
    kept = _kept(password)
    with Session(database) as session, session.begin():
        user = invited(session, token)
        user.password, user.invitation, user.failures, user.locked_until = kept, "", 0, None
        users.sign_out_everywhere(session, user.id or 0)
        audit.keep(session, Actor(user.email, address), "user.password_set", str(user.id))
        return _let_in(session, user)


def sign_in(database: Engine, email: str, password: str, address: str) -> str:
    """Sign in; gives what the browser shows from now on.

    Raises:
        Forbidden: If that is wrong, or was too often; the same for those whom we do not know.
    """
    with Session(database) as session:
        user, at = users.by_email(session, email), datetime.now(UTC)
        is_locked = bool(user and user.locked_until and user.locked_until > at)
        kept = user.password if user and user.is_on and not is_locked else ""
    is_right = _passwords.is_right(kept, password[:LONGEST_PASSWORD])
    with Session(database) as session, session.begin():
        user = users.by_email(session, email)
        if user and is_right:
            user.failures, user.locked_until, user.seen_at = 0, None, at
            audit.keep(session, Actor(user.email, address), "user.signed_in", str(user.id))
            return _let_in(session, user)
        if user and not is_locked:
            _count_failure(session, user, address)
    raise Forbidden(
        "That is not the address and password of a user, "
        f"or there were {TRIES} wrong ones: then wait five minutes."
    )


def visitor(database: Engine, token: str, address: str) -> Visitor | None:
    """Who shows this; None if nobody is signed in with it any more."""
    at = datetime.now(UTC)
    with Session(database) as session, session.begin():
        found = users.signed_in(session, digest(token)) if token else None
        if found is None:
            return None
        kept, user = found
        if at - kept.seen_at > IDLE_FOR or at - kept.made_at > SIGNED_IN_FOR:
            users.sign_out(session, kept.token)
            return None
        if at - kept.seen_at > SEEN_EVERY:
            kept.seen_at = user.seen_at = at
        return Visitor(Role(user.role), user.email, address, user.id)


def sign_out(database: Engine, token: str) -> None:
    """Forget a browser."""
    with Session(database) as session, session.begin():
        users.sign_out(session, digest(token))


def sign_out_others(database: Engine, by: Visitor, token: str) -> int:
    """Forget all browsers of a user but the one that shows this; gives how many there were."""
    with Session(database) as session, session.begin():
        user = users.get(session, by.user_id or 0)
        gone = users.sign_out_others(session, user.id or 0, digest(token))
        audit.keep(session, by.actor, "user.signed_out_others", str(user.id))
    return gone


def change_password(database: Engine, by: Visitor, token: str, old: str, new: str) -> None:
    """Change one's own password; all other browsers are signed out.

    Args:
        database: The store.
        by: Whose it is.
        token: What the browser shows that stays signed in.
        old: The password until now: wrong ones count as when signing in.
        new: The one from now on.

    Raises:
        NotFound: If nobody is signed in.
        Forbidden: If the old one is wrong, or was too often.
        Unreadable: If the new one is too short or too long.
    """
    kept, at = _kept(new), datetime.now(UTC)
    with Session(database) as session:
        user = users.get(session, by.user_id or 0)
        is_locked = bool(user.locked_until and user.locked_until > at)
        is_right = _passwords.is_right("" if is_locked else user.password, old[:LONGEST_PASSWORD])
    with Session(database) as session, session.begin():
        user = users.get(session, by.user_id or 0)
        if is_right:
            user.password, user.failures, user.locked_until = kept, 0, None
            users.sign_out_others(session, user.id or 0, digest(token))
            audit.keep(session, by.actor, "user.password_set", str(user.id))
            return
        if not is_locked:
            _count_failure(session, user, by.address)
    raise Forbidden(
        "That is not your password until now, "
        f"or there were {TRIES} wrong ones: then wait five minutes."
    )


def change(
    database: Engine,
    by: Visitor,
    user_id: int,
    *,
    role: Role | None = None,
    is_on: bool | None = None,
) -> None:
    """Give a user another role, or let them in no more, or again; their browsers are signed out.

    Raises:
        NotFound: If there is no such user.
        Conflict: If nobody would be left who may do this.
    """
    with Session(database) as session, session.begin():
        user = users.get(session, user_id)
        before = {"role": user.role, "is_on": user.is_on}
        user.role, user.is_on = role or user.role, user.is_on if is_on is None else is_on
        session.flush()
        if not users.owners(session, Role.OWNER):
            raise Conflict("Somebody has to stay an owner: give another user that role first.")
        users.sign_out_everywhere(session, user_id)
        after = {"role": str(user.role), "is_on": user.is_on}
        audit.keep(session, by.actor, "user.changed", str(user_id), before=before, after=after)


def let_see(database: Engine, by: Visitor, user_id: int, *, sees_people: bool) -> None:
    """Let a viewer who is no colleague see people, or no longer.

    Raises:
        NotFound: If there is no such user.
    """
    with Session(database) as session, session.begin():
        user = users.get(session, user_id)
        before, user.sees_people = {"sees_people": user.sees_people}, sees_people
        after = {"sees_people": sees_people}
        audit.keep(session, by.actor, "user.changed", str(user_id), before=before, after=after)


def add_key(
    database: Engine, by: Visitor, name: str, role: Role, *, days: int | None = None
) -> str:
    """Make a key for the API; it is shown this once.

    Args:
        database: The store.
        by: Who makes it; it may do no more than they may.
        name: What it is for.
        role: What it may do.
        days: How long it opens anything; None for as long as it is not removed.

    Raises:
        Forbidden: If whoever makes it may do less.
        Unreadable: If it has no name, or its end is no number of days.
    """
    if not by.role.may(role):
        raise Forbidden(f"A key that may do what an {role} may is made by an {role}.")
    if not name.strip() or (days is not None and days < 1):
        raise Unreadable("A key has a name, and lasts at least a day.")
    key, at = KEY_PREFIX + new_token(), datetime.now(UTC)
    made = tables.ApiKey(
        name=name.strip()[:100],
        shown=key[: len(KEY_PREFIX) + 4],
        digest=digest(key),
        role=role,
        made_by=by.name,
        made_at=at,
        expires_at=at + timedelta(days=days) if days else None,
    )
    with Session(database) as session, session.begin():
        users.add_key(session, made)
        told = {"role": str(role), "days": days}
        audit.keep(session, by.actor, "key.made", str(made.id), after=told)
    return key


def remove_key(database: Engine, by: Visitor, key_id: int) -> None:
    """Let a key open nothing any more.

    Raises:
        NotFound: If there is none with this id.
    """
    with Session(database) as session, session.begin():
        users.remove_key(session, key_id)
        audit.keep(session, by.actor, "key.removed", str(key_id))


def program(database: Engine, key: str, address: str) -> Visitor | None:
    """Which program shows this key; None if it opens nothing."""
    at = datetime.now(UTC)
    with Session(database) as session, session.begin():
        found = users.key(session, digest(key))
        if found is None or (found.expires_at and found.expires_at <= at):
            return None
        if found.used_at is None or at - found.used_at > SEEN_EVERY:
            found.used_at = at
        return Visitor(Role(found.role), f"key {found.shown}", address)


def _let_in(session: Session, user: tables.User) -> str:
    token, at = new_token(), datetime.now(UTC)
    users.forget_idle(session, since=at - IDLE_FOR)
    users.sign_in(session, digest(token), user.id or 0, at=at)
    return token


def _kept(password: str) -> str:
    """What is kept of a new password, if it is a good one."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Unreadable(f"A password has at least {SHORTEST_PASSWORD} characters.")
    return _passwords.keep(password)


def _count_failure(session: Session, user: tables.User, address: str) -> None:
    user.failures += 1
    if user.failures >= TRIES:
        user.failures, user.locked_until = 0, datetime.now(UTC) + LOCKED_FOR
    audit.keep(session, Actor(user.email, address), "user.refused", str(user.id))
