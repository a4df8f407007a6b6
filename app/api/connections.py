"""How the connections to the CRMs are: working or paused, how far they are read. No credentials."""

from datetime import UTC, datetime
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlmodel import Session

from app import connections as life
from app.api.deps import DatabaseDep, Id, SessionDep
from app.api.problems import told
from app.store import connections, hooks, lookups, reading, refusals, tables, usage

router = APIRouter(tags=["connections"])


class StreamState(BaseModel):
    """How far a kind of record is read."""

    stream: str
    read_at: datetime = Field(description="When its last page was read.")
    is_caught_up: bool = Field(description="Whether there was nothing more to read then.")
    done: int = Field(description="Records read since it was last caught up.")
    left: int | None = Field(description="About how many remain, where the CRM tells.")
    begun_at: datetime = Field(description="When the first of these was read.")
    share: float | None = Field(description="Of what there is to read, how much is read: 0 to 1.")
    per_second: float | None = Field(description="Records read in a second, waits counted.")
    seconds_left: float | None = Field(description="Until all is read, at that pace.")
    malformed: int = Field(description="Rows that could not be read.")


class NotShown(BaseModel):
    """Something that the CRM does not show us; we read without it."""

    stream: str
    what: str = Field(description="In the CRM's own words.")
    reason: str = Field(description="What to do about it.")
    is_whole: bool = Field(description="Whether nothing of this kind of record is read.")


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
    state: Literal["working", "waiting", "paused"]
    reason: str = Field(description="Why it is paused: what to do; empty while it works.")
    resumes_at: datetime | None = Field(description="When it goes on by itself, if it waits.")
    hooks_silent_since: datetime | None = Field(
        description="Since when it has told nothing of what changed; null while it tells, or has "
        "no address to tell."
    )
    shadow_since: datetime | None = Field(
        description="Since when it only compares and writes nothing; null while it writes."
    )
    calls_today: dict[str, int] = Field(description="Calls made since midnight (UTC), by purpose.")
    created_at: datetime
    streams: list[StreamState]
    not_shown: list[NotShown]
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


def _pace(row: tables.StreamBookmark) -> dict[str, float | None]:
    """How far and how fast a stream is read, as far as that can be told."""
    took = (row.read_at - row.begun_at).total_seconds()
    per_second = row.done / took if took > 0 and not row.is_caught_up else None
    found = None if row.left is None else row.done + row.left
    return {
        "share": 1.0 if row.is_caught_up else row.done / found if found else None,
        "per_second": per_second,
        "seconds_left": row.left / per_second if row.left is not None and per_second else None,
    }


def _state(session: Session, row: tables.Connection) -> ConnectionState:
    connection_id, now = row.id or 0, datetime.now(UTC)
    resumes_at = row.resumes_at if row.resumes_at and row.resumes_at > now else None
    malformed = lookups.malformed(session, connection_id)
    hook = hooks.get(session, connection_id)
    return ConnectionState(
        id=connection_id,
        crm=row.crm,
        title=row.title,
        tenant=row.tenant,
        state="paused" if row.paused else "waiting" if resumes_at else "working",
        reason=row.paused,
        resumes_at=resumes_at,
        hooks_silent_since=hooks.silent_since(hook) if hook else None,
        shadow_since=row.shadow_since,
        calls_today=usage.on(session, connection_id, now.date()),
        created_at=row.created_at,
        streams=[
            StreamState(
                stream=each.stream,
                read_at=each.read_at,
                is_caught_up=each.is_caught_up,
                done=each.done,
                left=each.left,
                begun_at=each.begun_at,
                **_pace(each),
                malformed=malformed.get(each.stream, 0),
            )
            for each in reading.progress(session, connection_id)
        ],
        not_shown=[
            NotShown(stream=gap.stream, what=gap.what, reason=gap.reason, is_whole=gap.is_whole)
            for gap in reading.gaps(session, connection_id)
        ],
        records=dict(lookups.kept(session, connection_id)),
        refused=[
            Refusal(code=code, reason=reason, records=records)
            for code, reason, records in refusals.refused(session, connection_id)
        ],
    )
