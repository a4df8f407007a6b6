"""Who may sign in, who has, which keys the API knows, and what they all did."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, LargeBinary
from sqlmodel import Field, SQLModel

from app.store.tables._columns import Document, identity, moment


class User(SQLModel, table=True):
    """Somebody who may sign in to the console.

    Attributes:
        email: In lower case.
        password: As argon2 keeps it; "" until the invitation is taken up.
        role: One of `app.security.Role`.
        sees_people: A viewer who is no colleague sees people all the same: an owner has said so.
        invitation: SHA-256 of the token in the link that sets the password; "" if there is none.
        failures: Wrong passwords since the last right one.
        locked_until: No password is looked at before.
    """

    __tablename__ = "console_user"
    id: int | None = identity()
    email: str = Field(unique=True)
    name: str = ""
    password: str = ""
    role: str
    is_on: bool = True
    sees_people: bool = False
    invitation: str = ""
    invited_until: datetime | None = moment(nullable=True)
    failures: int = 0
    locked_until: datetime | None = moment(nullable=True)
    made_at: datetime = moment()
    seen_at: datetime | None = moment(nullable=True)


class SignIn(SQLModel, table=True):
    """A browser that somebody has signed in with.

    Attributes:
        token: SHA-256 of what the browser shows.
    """

    __tablename__ = "sign_in"
    token: str = Field(primary_key=True)
    user_id: int = Field(
        sa_type=BigInteger, foreign_key="console_user.id", ondelete="CASCADE", index=True
    )
    made_at: datetime = moment()
    seen_at: datetime = moment()


class Errand(SQLModel, table=True):
    """Somebody who was sent to a CRM to let us in, and is expected back.

    Attributes:
        state: SHA-256 of what the CRM gives back.
        browser: SHA-256 of what their browser shows then.
        name: Who left.
        sealed: What they had entered, and what proves that we sent them; encrypted.
    """

    __tablename__ = "errand"
    state: str = Field(primary_key=True)
    browser: str
    name: str
    crm: str
    way: str
    redirect: str
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    until: datetime = moment()


class ApiKey(SQLModel, table=True):
    """A key that a program shows to the API.

    Attributes:
        shown: Its first characters, to tell it from others.
        digest: SHA-256 of the whole key.
    """

    __tablename__ = "api_key"
    id: int | None = identity()
    name: str
    shown: str
    digest: str = Field(unique=True)
    role: str
    made_by: str
    made_at: datetime = moment()
    expires_at: datetime | None = moment(nullable=True)
    used_at: datetime | None = moment(nullable=True)


class AuditEntry(SQLModel, table=True):
    """Something that somebody did; never changed, and chained to the entry before.

    Attributes:
        actor: Who: a user's email, a key's name, or "command line".
        address: Where from, as far as is known.
        what: The act, as `weights.changed`.
        subject: On what; ids, never a secret.
        before: What was said before, without secrets.
        after: What is said since.
        digest: SHA-256 of the entry and of the digest before it.
    """

    __tablename__ = "audit_entry"
    id: int | None = identity()
    at: datetime = moment()
    actor: str
    address: str
    what: str
    subject: str
    before: dict[str, Any] = Field(sa_column=Column(Document, nullable=False))
    after: dict[str, Any] = Field(sa_column=Column(Document, nullable=False))
    digest: str


class AuditEnd(SQLModel, table=True):
    """The end of the chain: one row, which whoever adds to it holds."""

    __tablename__ = "audit_end"
    id: int = Field(primary_key=True)
    entries: int
    digest: str
