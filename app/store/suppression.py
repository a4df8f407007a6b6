"""Who objected, kept as keyed hashes: enough to know them again, and nothing to read.

The key is the store's own: whoever has the whole database can try addresses that they know already,
and only these.
"""

import hmac
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from app.store import exclusions, tables
from app.store.database import slices, upsert

SALT_BYTES = 32


@dataclass(frozen=True, slots=True)
class Hashing:
    """Makes hashes of addresses and of records.

    Attributes:
        salt: The store's own, in hex.
    """

    salt: str

    @classmethod
    def of(cls, session: Session) -> "Hashing":
        """With the salt of the store, which is drawn when it is first needed."""
        state = exclusions.state(session)
        if not state.salt:
            state.salt = secrets.token_hex(SALT_BYTES)
            session.add(state)
            session.flush()
        return cls(state.salt)

    def address(self, canonical: str) -> str:
        """Of an address in its one spelling."""
        return self._digest(f"address {canonical}")

    def record(self, connection_id: int, external_id: str) -> str:
        """Of a record of somebody."""
        return self._digest(f"record {connection_id} {external_id}")

    def _digest(self, text: str) -> str:
        return hmac.new(bytes.fromhex(self.salt), text.encode(), sha256).hexdigest()


def is_any(session: Session) -> bool:
    """Whether anybody ever objected."""
    return session.exec(select(tables.Suppressed.digest).limit(1)).first() is not None


def known(session: Session, digests: Collection[str]) -> set[str]:
    """Which of these hashes are of somebody who objected."""
    row = tables.Suppressed
    found: set[str] = set()
    for few in slices(sorted(digests)):
        found.update(session.exec(select(row.digest).where(col(row.digest).in_(few))).all())
    return found


@dataclass(frozen=True, slots=True)
class Act:
    """One objection: its name, who noted it, and when."""

    name: str
    author: str
    at: datetime


def suppress(session: Session, act: Act, digests: Collection[str], *, are_addresses: bool) -> None:
    """Note hashes of somebody who objected; one that is noted already stays as it was."""
    rows = [
        {
            "digest": digest,
            "act": act.name,
            "is_address": are_addresses,
            "author": act.author,
            "set_at": act.at,
        }
        for digest in sorted(digests)
    ]
    upsert(session, tables.Suppressed, rows, compared=())


def act_of(session: Session, digests: Collection[str]) -> Act | None:
    """The objection that one of these hashes belongs to, if any does."""
    row = tables.Suppressed
    for few in slices(sorted(digests)):
        found = session.exec(select(row).where(col(row.digest).in_(few)).limit(1)).first()
        if found:
            return Act(found.act, found.author, found.set_at)
    return None


def acts(session: Session) -> Sequence[tuple[str, str, datetime, int]]:
    """All objections, the latest first: name, author, time, and of how many addresses."""
    row = tables.Suppressed
    query = (
        select(row.act, func.min(row.author), func.min(row.set_at), func.count())
        .where(col(row.is_address))
        .group_by(row.act)
        .order_by(func.min(row.set_at).desc(), row.act)
    )
    return [(a, b, c, d) for a, b, c, d in session.exec(query)]


def lift(session: Session, act: str) -> None:
    """Forget an objection, with all its hashes."""
    row = tables.Suppressed
    session.connection().execute(delete(row).where(col(row.act) == act))
