"""What is written: planned, refused, edited by people, and what was, record by record."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field
from sqlmodel import Session

from app import writing
from app.api.deps import DatabaseDep, Id, Limit, ScheduleDep, SessionDep
from app.api.problems import told
from app.api.runs import Before, RunState, run_state
from app.errors import NotFound
from app.store import chosen, connections, ledger, plans, refusals, revising, tables
from app.store.plans import Plan, Value

router = APIRouter(tags=["writing"])

MOST_LISTED = 100

ExternalIdPath = Annotated[str, Path(max_length=200, description="The record's id in the CRM.")]


class RefusedRecord(BaseModel):
    """A record that the CRM did not take, and when it is tried again."""

    external_id: str
    attempts: int
    next_try_at: datetime | None = Field(description="Null: with the next write-back.")


class RefusedCause(BaseModel):
    """Records of one kind that were refused for one cause."""

    target: str
    code: str = Field(description="The CRM's own code.")
    reason: str = Field(description="What it means, and what to do.")
    records: int
    next_try_at: datetime | None = Field(description="When the first is tried again by itself.")
    first: list[RefusedRecord] = Field(description=f"The first {MOST_LISTED} of them, by id.")


class Refusals(BaseModel):
    """What the CRM did not take, the most frequent cause first."""

    items: list[RefusedCause]


class Retry(BaseModel):
    """Which refused records to try again; what is left out does not narrow it."""

    target: str = Field(default="", max_length=20)
    code: str = Field(default="", max_length=200)
    external_id: str = Field(default="", max_length=200)


class Retried(BaseModel):
    """How many records are tried again with the next write-back."""

    records: int


class Edit(BaseModel):
    """A value that a person put into a field of ours, and that is left there."""

    target: str
    external_id: str
    name: str
    policy: str
    theirs: Value = Field(description="What the person put there.")
    ours: Value = Field(description="What would stand there.")


class Edits(BaseModel):
    """Values that people put into fields whose policy is respect or alert."""

    items: list[Edit]


class Write(BaseModel):
    """What one run wrote to a record, or tried to."""

    id: int
    run: int
    at: datetime
    target: str
    before: dict[str, Value] = Field(description="What the fields held, as far as we knew.")
    after: dict[str, Value]
    is_confirmed: bool = Field(description="Whether the CRM took it.")
    code: str
    reason: str


class Writes(BaseModel):
    """What was written to a record, the latest first."""

    items: list[Write]
    next: int | None = Field(description="What to give as `before` for more; null at the end.")


class WritingSaid(BaseModel):
    """How a connection is to write; what is left out stays as it is."""

    is_shadow: bool | None = Field(
        default=None, description="True: nothing is written; every write-back only compares."
    )
    keeps_days: int | None = Field(
        default=None, ge=1, le=3650, description="How long it is kept what was written."
    )


class WritingState(BaseModel):
    """How a connection writes."""

    shadow_since: datetime | None = Field(description="Since when it only compares; else null.")
    keeps_days: int


@router.put("/connections/{connection_id}/writing", operation_id="setWriting", responses=told(404))
def set_writing(connection_id: Id, said: WritingSaid, database: DatabaseDep) -> WritingState:
    """Have a connection compare and not write, or write again; keep what was written so long."""
    row = writing.write_so(
        database, connection_id, is_shadow=said.is_shadow, keeps_days=said.keeps_days
    )
    return WritingState(shadow_since=row.shadow_since, keeps_days=row.keeps_writes_days)


@router.post(
    "/connections/{connection_id}/plan",
    operation_id="planWriteBack",
    status_code=202,
    responses=told(404),
)
def plan_write_back(connection_id: Id, database: DatabaseDep, schedule: ScheduleDep) -> RunState:
    """Have a write-back planned: a dry run, which writes nothing; `GET …/plan` tells it then."""
    run = writing.ask_plan(database, connection_id)
    schedule.do_what_is_asked()
    return run_state(run)


@router.get("/connections/{connection_id}/plan", operation_id="getPlan", responses=told(404))
def get_plan(connection_id: Id, session: SessionDep) -> Plan:
    """Give the last plan: what would be created, changed, cleared, left and blocked, with samples.

    Made when asked for, and by every write-back of a connection that only compares.
    """
    connections.get(session, connection_id)
    found = plans.last(session, connection_id)
    if found is None:
        raise NotFound("Nothing is planned yet: ask for a plan first.")
    return found


@router.get("/connections/{connection_id}/refused", operation_id="listRefused", responses=told(404))
def list_refused(connection_id: Id, session: SessionDep) -> Refusals:
    """List what the CRM did not take, by cause."""
    connections.get(session, connection_id)
    return Refusals(
        items=[
            _cause(session, connection_id, one) for one in refusals.by_cause(session, connection_id)
        ]
    )


@router.post("/connections/{connection_id}/retry", operation_id="retryRefused", responses=told(404))
def retry_refused(connection_id: Id, which: Retry, session: SessionDep) -> Retried:
    """Try one refused record, those of one cause, or all again with the next write-back."""
    connections.hold(session, connection_id)
    narrowed = refusals.Chosen(which.target, which.code, which.external_id)
    return Retried(records=refusals.retry(session, connection_id, narrowed))


@router.get("/connections/{connection_id}/edited", operation_id="listEdited", responses=told(404))
def list_edited(connection_id: Id, session: SessionDep, limit: Limit = 100) -> Edits:
    """List what people put into fields that are left to them; with alert, runs are partial."""
    connections.get(session, connection_id)
    said = chosen.of(session, connection_id)
    found = revising.yielded(session, connection_id, limit=limit)
    return Edits(
        items=[
            Edit(
                target=target,
                external_id=external_id,
                name=name,
                policy=said[target, name].policy if (target, name) in said else "overwrite",
                theirs=value,
                ours=wanted.get(name),
            )
            for target, external_id, theirs, wanted in found
            for name, value in sorted(theirs.items())
        ]
    )


@router.get(
    "/connections/{connection_id}/records/{external_id}/writes",
    operation_id="listWrites",
    responses=told(404),
)
def list_writes(
    connection_id: Id,
    external_id: ExternalIdPath,
    session: SessionDep,
    limit: Limit = 50,
    before: Before = None,
) -> Writes:
    """List what was written to a record: when, by which run, what it held before and after."""
    connections.get(session, connection_id)
    found = ledger.of_record(session, connection_id, external_id, limit=limit + 1, before=before)
    items = [_write(row) for row in found[:limit]]
    return Writes(items=items, next=items[-1].id if len(found) > limit else None)


def _cause(session: Session, connection_id: int, cause: refusals.Cause) -> RefusedCause:
    which = refusals.Chosen(cause.target, cause.code)
    rows = refusals.records(session, connection_id, which, limit=MOST_LISTED)
    return RefusedCause(
        target=cause.target,
        code=cause.code,
        reason=cause.reason,
        records=cause.records,
        next_try_at=cause.next_try_at,
        first=[
            RefusedRecord(
                external_id=row.external_id, attempts=row.attempts, next_try_at=row.next_try_at
            )
            for row in rows
        ],
    )


def _write(row: tables.Written) -> Write:
    return Write(
        id=row.id or 0,
        run=row.run_id,
        at=row.at,
        target=row.target,
        before=row.before,
        after=row.after,
        is_confirmed=not row.code,
        code=row.code,
        reason=row.reason,
    )
