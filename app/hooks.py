"""What the CRMs deliver by themselves: each connection's own address, and what comes to it.

A delivery is a hint and never data: it says which records to read again. It is answered when what
it says is in the store, and not before; whoever cannot wait for that is told to come again. What
never arrives is found by reading what changed, which needs none of this.
"""

import hashlib
import json
import secrets
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from app.errors import NotFound, NotReady, Unproven, Unreadable
from app.security import Vault
from app.store import connections, hints, hooks, tables
from connectors import Answer, Delivery, Forged, Hints, Hook, Signer, module

GATHERED_FOR = timedelta(seconds=1)
"""How long a record waits for others, so that many are read in one call."""

SECRETS = 2
"""How many may have signed: the present one and, while it is changed, the one before."""

PATH = "/hooks/"

REACHED = ("https://", "http://127.0.0.1", "http://localhost")
"""How an address begins that a CRM may deliver to: without https, on this machine alone."""

AT_ONCE = 4
"""Deliveries being kept: more would wait for one another at the database."""

A_SECOND, IN_A_BURST, ADDRESSES = 100, 500, 1_000
"""Deliveries to one address, and how many addresses are remembered."""

EVENTS, LONGEST_ID = 100, 64
"""Of what a delivery calls its events, the log keeps so many, and so much of each."""


class Meter:
    """Lets so many a second pass per address, and for a moment more."""

    def __init__(self) -> None:
        self._left: OrderedDict[bytes, tuple[float, float]] = OrderedDict()

    def passes(self, token: str, at_s: float) -> bool:
        """Count one more, if it may pass."""
        key = hashlib.sha256(token.encode()).digest()
        left, since = self._left.pop(key, (float(IN_A_BURST), at_s))
        left = min(IN_A_BURST, left + (at_s - since) * A_SECOND)
        passes = left >= 1
        self._left[key] = (left - passes, at_s)
        if len(self._left) > ADDRESSES:
            self._left.popitem(last=False)
        return passes


@dataclass(frozen=True, slots=True)
class Wish:
    """How an admin wants deliveries to a connection to be; None leaves it as it is.

    Attributes:
        secret: The CRM's, where the CRM signs with one of its own.
        renews: Make a new secret, where it is ours; the one before counts a while longer.
    """

    secret: str | None = None
    takes_unsafe: bool | None = None
    is_listening: bool | None = None
    renews: bool = False


@dataclass(frozen=True, slots=True)
class Setup:
    """What an admin has to tell the CRM.

    Attributes:
        url: Where it is to deliver to; whoever knows it may deliver, if the CRM does not sign. ""
            if nobody has said where CRMs reach us, and it is only listened to.
        secret: What it is to sign with; "" if it has its own.
        is_ready: Deliveries can be told from forgeries: the secret is known.
    """

    url: str
    signer: Signer
    secret: str
    is_ready: bool


class Hooks:
    """The addresses of all connections.

    Args:
        database: The store.
        vault: What secrets are sealed with.
        public_url: Where the CRMs reach this service, without a path: signatures are computed over
            it, and never over what a request says of itself.
        now: Gives the time (aware, UTC).

    Attributes:
        counts: What came since the service began, by what became of it.
        site: Where the CRMs reach this service, without a path; "" if nobody has said.
        meter: How much may come to each address.
        keepers: The threads that keep it.
        answered_within_s: Until then what came is kept, or the CRM is told to come again.
    """

    def __init__(
        self,
        database: Engine,
        vault: Vault,
        public_url: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._vault = vault
        self._base = public_url.rstrip("/") + PATH
        self.site = public_url.rstrip("/") if public_url.startswith(REACHED) else ""
        self._now = now
        self.counts: Counter[str] = Counter()
        self.meter = Meter()
        self.answered_within_s = 1.0
        self.keepers = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="hooks")

    def warm(self) -> None:
        """Load what the first delivery would wait for: a vendor's library takes a second."""
        with Session(self._database) as session:
            for crm in hooks.crms(session):
                module(crm)

    def close(self) -> None:
        """Keep nothing more, once what is being kept is."""
        self.keepers.shutdown(cancel_futures=True)

    def set_up(self, connection_id: int, wish: Wish) -> Setup:
        """Give a connection an address, or change how what comes there is taken.

        Raises:
            NotFound: If there is no such connection.
            NotReady: If nobody has said where the CRMs reach us, and they would have to.
            Unreadable: If its CRM delivers nothing, has no stream to listen to, or signs with our
                secret and is given one.
        """
        if not self.site and wish.is_listening is None:
            raise NotReady("Set TIELINE_PUBLIC_URL to where the CRMs reach this service (https).")
        with Session(self._database) as session, session.begin():
            crm = module(connections.get(session, connection_id).crm)
            signer = crm.SIGNER
            if wish.is_listening and not crm.LISTENS:
                raise Unreadable(f"{crm.TITLE} has no stream of events: it delivers them instead.")
            row = hooks.get(session, connection_id)
            kept = self._opened(row) if row else {"token": secrets.token_urlsafe(32)}
            kept = _changed(kept, signer, wish)
            row = row or tables.Hook(
                connection_id=connection_id, token_digest="", sealed=b"", made_at=self._now()
            )
            row.token_digest = _digest(kept["token"])
            row.sealed = self._vault.seal(json.dumps(kept).encode(), _place(connection_id))
            row.takes_unsafe = _or(wish.takes_unsafe, row.takes_unsafe)
            row.is_listening = _or(wish.is_listening, row.is_listening)
            row.trouble = "" if wish.is_listening is not None else row.trouble
            session.add(row)
        ours = kept["secrets"][0] if signer is Signer.TIELINE else ""
        url = self._base + kept["token"] if self.site else ""
        return Setup(url, signer, ours, bool(kept["secrets"]))

    def is_ready(self, connection_id: int) -> bool:
        """Whether a connection has an address, and its deliveries can be told from forgeries."""
        with Session(self._database) as session:
            row = hooks.get(session, connection_id)
            return row is not None and bool(self._opened(row)["secrets"])

    def end(self, connection_id: int) -> None:
        """Take a connection's address away: what comes there is refused."""
        with Session(self._database) as session, session.begin():
            connections.get(session, connection_id)
            row = hooks.get(session, connection_id)
            if row is not None:
                session.delete(row)

    def take(self, token: str, query: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Keep what a delivery says; when this returns, it is kept.

        Args:
            token: The secret part of the address.
            query: What stood behind it, as it came.
            headers: By their names in lower case.
            body: As it came.

        Raises:
            NotFound: If no connection has this address.
            Unproven: If the delivery does not prove that it is the CRM's.
        """
        begun = time.monotonic()
        url = self._base + token + (f"?{query}" if query else "")
        delivery = Delivery("POST", url, headers, body, self._now())
        with Session(self._database) as session:
            found = hooks.find(session, _digest(token))
            if found is None:
                self.counts["unknown"] += 1
                raise NotFound("There is nothing here.")
            row, connection = found
            hook = Hook(connection.tenant, self._opened(row)["secrets"], row.takes_unsafe)
            try:
                told = module(connection.crm).hints(delivery, hook)
            except Forged as error:
                self._refuse(session, row, str(error), begun)
                raise Unproven(f"{error} Nothing of it was read.") from error
            self._keep(session, row.connection_id, told, begun)
            session.commit()
        self.counts.update(taken=1, hints=len(told.hints), echoes=told.echoes)
        return told.answer

    def _refuse(self, session: Session, row: tables.Hook, reason: str, begun: float) -> None:
        self.counts["forged"] += 1
        hooks.log(session, self._logged(row.connection_id, Hints(), begun, reason))
        session.commit()

    def _keep(self, session: Session, connection_id: int, told: Hints, begun: float) -> None:
        at = self._now()
        keep(session, connection_id, told, at=at)
        hooks.log(session, self._logged(connection_id, told, begun))

    def _logged(
        self, connection_id: int, told: Hints, begun: float, reason: str = ""
    ) -> tables.Delivery:
        return tables.Delivery(
            connection_id=connection_id,
            at=self._now(),
            events=[one[:LONGEST_ID] for one in told.events[:EVENTS]],
            hints=len(told.hints),
            echoes=told.echoes,
            strange=told.strange,
            result="forged" if reason else "taken",
            reason=reason,
            milliseconds=round(1000 * (time.monotonic() - begun)),
        )

    def _opened(self, row: tables.Hook) -> dict[str, Any]:
        kept: dict[str, Any] = json.loads(self._vault.open(row.sealed, _place(row.connection_id)))
        return kept


def keep(session: Session, connection_id: int, told: Hints, *, at: datetime) -> None:
    """Queue what was told; nothing is committed."""
    hints.note(session, connection_id, told.hints, at=at, due_at=at + GATHERED_FOR)
    if told.must_poll:
        hints.note_poll(session, connection_id, at=at)
    if told.hints or told.echoes or told.strange:  # else nobody has told us anything
        hooks.seen(session, connection_id, at=at)


def _changed(kept: Mapping[str, Any], signer: Signer, wish: Wish) -> dict[str, Any]:
    """The secret part of an address and the secrets that sign, as an admin wants them."""
    if signer is Signer.NOBODY:
        raise Unreadable("This connection's CRM delivers nothing by itself.")
    if wish.secret and signer is Signer.TIELINE:
        raise Unreadable("Leave the secret out: this CRM is told ours.")
    known = list(kept.get("secrets", []))
    is_due = signer is Signer.TIELINE and (wish.renews or not known)
    fresh = secrets.token_urlsafe(32) if is_due else wish.secret
    if fresh and fresh not in known:
        known = [fresh, *known][:SECRETS]
    return {"token": kept["token"], "secrets": known}


def _or(wished: bool | None, present: bool) -> bool:
    return present if wished is None else wished


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _place(connection_id: int) -> str:
    return f"hook/{connection_id}/sealed"
