"""How the connections to the CRMs are: working or paused, how far they are read. No credentials."""

from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlmodel import Session

from app import connections as life
from app.api.deps import DatabaseDep, Id, SessionDep
from app.api.problems import told
from app.store import connections, lookups, outbox, tables

router = APIRouter(tags=["connections"])


class StreamState(BaseModel):
    """How far a kind of record is read."""

    stream: str
    read_at: datetime = Field(description="When its last page was read.")
    is_caught_up: bool = Field(description="Whether there was nothing more to read then.")
    malformed: int = Field(description="Rows that could not be read.")


class Refusal(BaseModel):
    """Why the CRM did not take what was written to it."""

    code: str = Field(description="The CRM's own code.")
    reason: str
    records: int


class ConnectionState(BaseModel):
    """A connection, without its credentials."""

    id: int
    crm: str
    title: str
    tenant: str = Field(description="The id of the org or portal.")
    state: Literal["working", "paused"]
    reason: str = Field(description="Why it is paused: what to do; empty while it works.")
    created_at: datetime
    streams: list[StreamState]
    records: dict[str, int] = Field(description="Records that are kept, by kind.")
    refused: list[Refusal] = Field(description="The most frequent cause first.")


class Connections(BaseModel):
    """All connections, the oldest first."""

    items: list[ConnectionState]


@router.get("/connections", operation_id="listConnections")
def list_connections(session: SessionDep) -> Connections:
    """List the connections: whether they work, how fresh they are, what was refused."""
    return Connections(items=[_state(session, row) for row in connections.every(session)])


@router.post(
    "/connections/{connection_id}/resume", operation_id="resumeConnection", responses=told(404)
)
def resume_connection(connection_id: Id, database: DatabaseDep) -> ConnectionState:
    """Read and write again through a paused connection, from the next run on."""
    # A plain function: a write waits for its turn, and must hold up a thread, not everybody.
    life.resume(database, connection_id)
    with Session(database) as session:
        return _state(session, connections.get(session, connection_id))


def _state(session: Session, row: tables.Connection) -> ConnectionState:
    connection_id = row.id or 0
    malformed = lookups.malformed(session, connection_id)
    return ConnectionState(
        id=connection_id,
        crm=row.crm,
        title=row.title,
        tenant=row.tenant,
        state="paused" if row.paused else "working",
        reason=row.paused,
        created_at=row.created_at,
        streams=[
            StreamState(
                stream=each.stream,
                read_at=each.read_at,
                is_caught_up=each.is_caught_up,
                malformed=malformed.get(each.stream, 0),
            )
            for each in connections.progress(session, connection_id)
        ],
        records=dict(lookups.kept(session, connection_id)),
        refused=[
            Refusal(code=code, reason=reason, records=records)
            for code, reason, records in outbox.refused(session, connection_id)
        ],
    )
