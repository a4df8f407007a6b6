"""A connection's life: try it, keep it, open it, resume it after a pause, forget it."""

import contextlib
import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, SecretStr, ValidationError
from sqlalchemy import Engine
from sqlmodel import Session

from app.allowance import Allowance
from app.errors import AppError, Conflict, Unreadable
from app.pipeline import Link, notify
from app.security import Vault
from app.store import chosen, connections, identity, reading, refusals, tables
from connectors import ConnectorError, Renewal, TryLater, module

RENEWING_TAKES = timedelta(minutes=2)
"""Whoever renews a token has it done by then, or is dead."""

TRIES, PAUSE_S = 500, 0.25
"""How often and how long to wait for whoever renews a token."""


@dataclass(frozen=True, slots=True)
class Time:
    """How time passes for a connection; replaced in tests."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep


USUAL = Time()


@dataclass(frozen=True, slots=True)
class Offer:
    """What an admin gives to connect a CRM.

    Attributes:
        crm: Its name in `connectors`.
        credentials: Its module's `Credentials`, or their values as they were typed.
        title: What to call the connection; made from the CRM's and the org's name if empty.
        is_shadow: A connection that is new compares only, until it is told to write.
    """

    crm: str
    credentials: BaseModel | Mapping[str, str]
    title: str = ""
    is_shadow: bool = False


def connect(database: Engine, vault: Vault, offer: Offer) -> int:
    """Try a connection and keep it if it works; gives its id.

    The same org or portal twice is the same connection: its credentials are replaced.

    Raises:
        ConnectorError: If the CRM refuses, or cannot be reached; nothing is kept.
        Unreadable: If a credential is missing or malformed.
        Conflict: If the org is connected already through another CRM's connector.
    """
    crm = module(offer.crm)
    latest = [_credentials(crm.Credentials, offer.credentials)]
    with contextlib.closing(crm.connect(latest[0], on_refresh=latest.append)) as connector:
        identity = connector.identify()
    with Session(database) as session, session.begin():
        known = [c for c in connections.every(session) if c.tenant == identity.tenant]
        if known and known[0].crm != offer.crm:
            raise Conflict(f"{identity.tenant} is already connected as {known[0].title}.")
        if known and known[0].id is not None:
            connection_id = known[0].id
            known[0].title = offer.title or known[0].title
        else:
            at = datetime.now(UTC)
            connection_id = connections.add(
                session,
                tables.Connection(
                    crm=offer.crm,
                    title=offer.title or f"{crm.TITLE} {identity.name}",
                    tenant=identity.tenant,
                    credentials=b"",
                    shadow_since=at if offer.is_shadow else None,
                    created_at=at,
                ),
            )
        _store(session, vault, connection_id, _bound(latest[-1], identity.tenant))
        connection = connections.get(session, connection_id)
        connection.paused, connection.token, connection.site = "", b"", identity.site
    return connection_id


@contextlib.contextmanager
def opened(database: Engine, vault: Vault, passing: Time = USUAL) -> Iterator[list[Link]]:
    """Open every connection that is not paused, and close them all afterwards."""
    with contextlib.ExitStack() as stack:
        with Session(database) as session:
            working = [c for c in connections.every(session) if not c.paused]
        yield [
            stack.enter_context(_opened(Place(database, vault, passing), one)) for one in working
        ]


@contextlib.contextmanager
def opened_one(database: Engine, vault: Vault, connection_id: int) -> Iterator[Link]:
    """Open one connection, paused or not, and close it afterwards.

    Raises:
        NotFound: If there is none with this id.
    """
    with Session(database) as session:
        connection = connections.get(session, connection_id)
    with _opened(Place(database, vault, USUAL), connection) as link:
        yield link


def allow(database: Engine, connection_id: int, calls: int | None) -> None:
    """Say how many calls a connection may make in a day (UTC); None for a share of the CRM's limit.

    Raises:
        Unreadable: If it is no number of calls.
    """
    if calls is not None and calls < 1:
        raise Unreadable("An allowance is a number of calls, at least 1.")
    with Session(database) as session, session.begin():
        connection = connections.get(session, connection_id)
        connection.allowance, connection.resumes_at = calls, None


def pause(database: Engine, connection_id: int, reason: str) -> None:
    """Leave a connection alone until it is resumed; a run that uses it stops behind its page."""
    with Session(database) as session, session.begin():
        connections.get(session, connection_id).paused = reason
        notify.paused(session, connection_id, reason, at=datetime.now(UTC))


def pause_part(
    database: Engine,
    connection_id: int,
    *,
    reading: str | None = None,
    writing: str | None = None,
) -> None:
    """Stop reading or writing alone, or go on with it; a run that is at it stops behind its page.

    What was read goes on being scored, and written if that is not paused; a run can be taken back
    while writing is.

    Args:
        database: The store.
        connection_id: Which one.
        reading: Why nothing is read; "" to read again, None to leave it.
        writing: Why nothing is written; "" to write again, None to leave it.
    """
    with Session(database) as session, session.begin():
        connections.hold(session, connection_id)
        connection = connections.get(session, connection_id)
        if reading is not None:
            connection.reading_paused = reading
        if writing is not None:
            connection.writing_paused = writing


def resume(database: Engine, connection_id: int) -> None:
    """Read and write again through a connection; what was refused or unreadable starts afresh."""
    with Session(database) as session, session.begin():
        connection = connections.get(session, connection_id)
        connection.paused, connection.resumes_at = "", None
        connection.reading_paused = connection.writing_paused = ""
        refusals.retry(session, connection_id)
        chosen.forgive(session, connection_id)
        reading.forgive(session, connection_id)


def revoke(database: Engine, vault: Vault, connection_id: int) -> str:
    """Have the CRM forget that it let us in, before the connection is forgotten here.

    Returns:
        What an admin has still to do in the CRM, in words; "" if nothing.
    """
    with Session(database) as session:
        connection = connections.get(session, connection_id)
    crm = module(connection.crm)
    try:
        return crm.revoke(_kept(vault, connection))
    except (AppError, ConnectorError) as error:
        return f"{error} Take the app or its key away in {crm.TITLE} yourself."


def disconnect(database: Engine, connection_id: int) -> None:
    """Forget a connection, what was read through it, and the people known from it alone.

    The custom fields stay in the CRM as they are; scores change with the next scoring.
    """
    with Session(database) as session, session.begin():
        connections.remove(session, connection_id)
        identity.forget_strangers(session)


@dataclass(frozen=True, slots=True)
class Place:
    """Where credentials are kept, and how time passes there."""

    database: Engine
    vault: Vault
    passing: Time


@contextlib.contextmanager
def _opened(place: Place, connection: tables.Connection) -> Iterator[Link]:
    assert connection.id is not None  # noqa: S101 - a stored row has its id
    connection_id = connection.id
    crm = module(connection.crm)

    def on_refresh(changed: BaseModel) -> None:
        with Session(place.database) as session, session.begin():
            _store(session, place.vault, connection_id, changed)

    allowance = Allowance(place.database, connection_id, place.passing.now)
    connector = crm.connect(
        _kept(place.vault, connection),
        on_refresh=on_refresh,
        permit=allowance.permit,
        renewing=lambda: _renewing(place, connection_id),
        sleep=place.passing.sleep,
    )
    allowance.quota = lambda: connector.quota
    with contextlib.closing(connector):
        yield Link(
            connection_id,
            connection.title,
            connector,
            crm.STREAMS,
            crm.TARGETS,
            crm.SWEPT,
            allowance,
            crm.own_name,
        )


@contextlib.contextmanager
def _renewing(place: Place, connection_id: int) -> Iterator[Renewal]:
    """Let nobody else, in whatever process, renew a connection's token.

    The token is kept for those who come next: of many who find that it has run out, the first
    renews it, and the others take what the first was given.

    Raises:
        TryLater: If somebody else takes too long.
    """
    lease, holder = f"token {connection_id}", secrets.token_hex(8)
    for _ in range(TRIES):
        at = datetime.now(UTC)
        with Session(place.database) as session, session.begin():
            fence = connections.take_lease(session, lease, holder, at=at, for_=RENEWING_TAKES)
        if fence is not None:
            break
        place.passing.sleep(PAUSE_S)
    else:
        raise TryLater("Somebody else is renewing the token; Tieline tries again by itself.")
    try:
        renewal = _renewal(place, connection_id)
        known = renewal.answer
        yield renewal
        if renewal.answer is not known:
            _keep_token(place, connection_id, renewal)
    finally:
        with Session(place.database) as session, session.begin():
            connections.give_back_lease(session, lease, holder, at=datetime.now(UTC))


def _renewal(place: Place, connection_id: int) -> Renewal:
    """The credentials as they are kept now, and the token if it is still good."""
    with Session(place.database) as session:
        connection = connections.get(session, connection_id)
        credentials, sealed = _kept(place.vault, connection), connection.token
    if not sealed:
        return Renewal(credentials)
    token = json.loads(place.vault.open(sealed, _token_of(connection_id)))
    left = datetime.fromisoformat(token["until"]) - place.passing.now()
    if left <= timedelta():
        return Renewal(credentials)
    return Renewal(credentials, token["answer"], left.total_seconds())


def _keep_token(place: Place, connection_id: int, renewal: Renewal) -> None:
    until = place.passing.now() + timedelta(seconds=renewal.life_s)
    token = json.dumps({"answer": dict(renewal.answer), "until": until.isoformat()}).encode()
    with Session(place.database) as session, session.begin():
        connection = connections.get(session, connection_id)
        connection.token = place.vault.seal(token, _token_of(connection_id))


def _kept(vault: Vault, connection: tables.Connection) -> BaseModel:
    """The credentials of a connection as they are kept now."""
    assert connection.id is not None  # noqa: S101 - a stored row has its id
    sealed = vault.open(connection.credentials, _row_of(connection.id))
    credentials = module(connection.crm).Credentials.model_validate_json(sealed)
    return _bound(credentials, connection.tenant)


def _store(session: Session, vault: Vault, connection_id: int, credentials: BaseModel) -> None:
    connection = connections.get(session, connection_id)
    connection.credentials = vault.seal(_revealed(credentials), _row_of(connection_id))
    session.add(connection)


def _revealed(credentials: BaseModel) -> bytes:
    """The credentials as JSON with their secrets in clear: for the vault only."""
    values = {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value
        for name, value in credentials.model_dump().items()
    }
    return json.dumps(values).encode()


def _credentials(kind: type[BaseModel], given: BaseModel | Mapping[str, str]) -> BaseModel:
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        where = " ".join(str(part) for part in first["loc"]) or "the credentials"
        what = first["msg"].removeprefix("Value error, ").rstrip(".")
        raise Unreadable(f"Check {where}: {what}.") from None


def _bound(credentials: BaseModel, tenant: str) -> BaseModel:
    """Have the connector refuse another org or portal, where it can tell by signing in."""
    if "tenant" not in type(credentials).model_fields:
        return credentials
    return credentials.model_copy(update={"tenant": tenant})


def _row_of(connection_id: int) -> str:
    return f"connection/{connection_id}/credentials"


def _token_of(connection_id: int) -> str:
    return f"connection/{connection_id}/token"
