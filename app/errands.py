"""Sending an admin to a CRM that asks them whether to let us in, and knowing them when back.

What they come back with counts once, for ten minutes, in the browser and for the user that left:
so that nobody can slip a connection of their own to somebody else, or use up another's.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel
from sqlalchemy import Engine
from sqlmodel import Session

from app.errors import Conflict, NotFound, Unreadable
from app.security import Vault, digest, is_same, new_token
from app.store import errands, tables
from connectors import Consent, Errand, module

LASTS = timedelta(minutes=10)

_STRANGE = "This is not what you left for, or more than ten minutes ago: begin again."


@dataclass(frozen=True, slots=True)
class Wish:
    """What an admin wants to connect, and how.

    Attributes:
        way: The name of one of the CRM's `WAYS`.
        given: What they entered.
        redirect: Where the CRM sends them back to.
        name: Who they are.
    """

    crm: str
    way: str
    given: Mapping[str, str]
    redirect: str
    name: str


@dataclass(frozen=True, slots=True)
class Sent:
    """Where an admin is sent, and what their browser is to show when they are back."""

    address: str
    shown: str


def send(database: Engine, vault: Vault, wish: Wish) -> Sent:
    """Keep what is needed when somebody comes back, and say where to send them.

    Raises:
        NotFound: If that CRM does not ask its admins.
        ConnectorError: If what they entered cannot be right.
    """
    errand = Errand(new_token(), new_token(), wish.redirect)
    address = _consent(wish.crm, wish.way).address(wish.given, errand)
    state, shown, at = digest(errand.state), new_token(), datetime.now(UTC)
    kept = json.dumps({"given": dict(wish.given), "verifier": errand.verifier})
    row = tables.Errand(
        state=state,
        browser=digest(shown),
        name=wish.name,
        crm=wish.crm,
        way=wish.way,
        redirect=wish.redirect,
        sealed=vault.seal(kept.encode(), _place(state)),
        until=at + LASTS,
    )
    with Session(database) as session, session.begin():
        errands.forget(session, before=at)
        errands.add(session, row)
    return Sent(address, shown)


def come_back(
    database: Engine, vault: Vault, state: str, *, shown: str, name: str, code: str
) -> tuple[str, BaseModel]:
    """Trade what somebody came back with for credentials; gives the CRM too.

    Args:
        database: The store.
        vault: As it was when they left.
        state: What the CRM gave back.
        shown: What their browser shows.
        name: Who they are.
        code: What the CRM gave them; "" if they said no.

    Raises:
        Conflict: If nobody left with this, it was used, or it was another's.
        Unreadable: If they did not let us in.
        ConnectorError: If the CRM takes the code from us no more.
    """
    with Session(database, expire_on_commit=False) as session, session.begin():
        row = errands.take(session, digest(state))
    is_theirs = row is not None and is_same(row.browser, digest(shown)) and row.name == name
    if row is None or not is_theirs or row.until <= datetime.now(UTC):
        raise Conflict(_STRANGE)
    if not code:
        raise Unreadable(f"{module(row.crm).TITLE} was not told to let Tieline in.")
    kept = json.loads(vault.open(row.sealed, _place(row.state)))
    errand = Errand(state, kept["verifier"], row.redirect)
    return row.crm, _consent(row.crm, row.way).exchange(kept["given"], errand, code)


def _consent(crm: str, way: str) -> Consent:
    for one in module(crm).WAYS:
        if one.name == way and one.consent:
            return one.consent
    raise NotFound("This CRM is not connected so.")


def _place(state: str) -> str:
    return f"errand/{state}/sealed"
