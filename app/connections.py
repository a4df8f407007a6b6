"""A connection's life: try it, keep it, open it, resume it after a pause, forget it."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import BaseModel, SecretStr, ValidationError
from sqlalchemy import Engine
from sqlmodel import Session

from app.allowance import Allowance
from app.errors import Conflict, Unreadable
from app.pipeline import Link
from app.security import Vault
from app.store import connections, outbox, people, reading, tables
from connectors import module


@dataclass(frozen=True, slots=True)
class Offer:
    """What an admin gives to connect a CRM.

    Attributes:
        crm: Its name in `connectors`.
        credentials: Its module's `Credentials`, or their values as they were typed.
        title: What to call the connection; made from the CRM's and the org's name if empty.
    """

    crm: str
    credentials: BaseModel | Mapping[str, str]
    title: str = ""


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
            connection_id = connections.add(
                session,
                tables.Connection(
                    crm=offer.crm,
                    title=offer.title or f"{crm.TITLE} {identity.name}",
                    tenant=identity.tenant,
                    credentials=b"",
                    created_at=datetime.now(UTC),
                ),
            )
        _store(session, vault, connection_id, _bound(latest[-1], identity.tenant))
        connections.get(session, connection_id).paused = ""
    return connection_id


@contextlib.contextmanager
def opened(database: Engine, vault: Vault) -> Iterator[list[Link]]:
    """Open every connection that is not paused, and close them all afterwards."""
    with contextlib.ExitStack() as stack:
        with Session(database) as session:
            working = [c for c in connections.every(session) if not c.paused]
        yield [_open(database, vault, connection, stack) for connection in working]


@contextlib.contextmanager
def opened_one(database: Engine, vault: Vault, connection_id: int) -> Iterator[Link]:
    """Open one connection, paused or not, and close it afterwards.

    Raises:
        NotFound: If there is none with this id.
    """
    with contextlib.ExitStack() as stack:
        with Session(database) as session:
            connection = connections.get(session, connection_id)
        yield _open(database, vault, connection, stack)


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


def resume(database: Engine, connection_id: int) -> None:
    """Read and write again through a connection; what was refused or unreadable starts afresh."""
    with Session(database) as session, session.begin():
        connection = connections.get(session, connection_id)
        connection.paused, connection.resumes_at = "", None
        outbox.retry(session, connection_id)
        reading.forgive(session, connection_id)


def disconnect(database: Engine, connection_id: int) -> None:
    """Forget a connection, what was read through it, and the people known from it alone.

    The custom fields stay in the CRM as they are; scores change with the next scoring.
    """
    with Session(database) as session, session.begin():
        connections.remove(session, connection_id)
        people.forget_strangers(session)


def _open(
    database: Engine, vault: Vault, connection: tables.Connection, stack: contextlib.ExitStack
) -> Link:
    assert connection.id is not None  # noqa: S101 - a stored row has its id
    connection_id = connection.id
    crm = module(connection.crm)
    sealed = vault.open(connection.credentials, _place(connection_id))

    def on_refresh(changed: BaseModel) -> None:
        with Session(database) as session, session.begin():
            _store(session, vault, connection_id, changed)

    allowance = Allowance(database, connection_id, lambda: datetime.now(UTC))
    credentials = _bound(crm.Credentials.model_validate_json(sealed), connection.tenant)
    connector = crm.connect(credentials, on_refresh=on_refresh, permit=allowance.permit)
    allowance.quota = lambda: connector.quota
    stack.callback(connector.close)
    return Link(
        connection_id,
        connection.title,
        connector,
        crm.STREAMS,
        crm.TARGETS,
        crm.SWEPT,
        allowance,
    )


def _store(session: Session, vault: Vault, connection_id: int, credentials: BaseModel) -> None:
    connection = connections.get(session, connection_id)
    connection.credentials = vault.seal(_revealed(credentials), _place(connection_id))
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


def _place(connection_id: int) -> str:
    return f"connection/{connection_id}/credentials"
