"""One connection: what is read, what is not taken, its calls and webhooks; and its switches."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from sqlmodel import Session

from app import connections as life
from app import writing
from app.allowance import OUR_SHARE
from app.console.deps import AdminDep, OperatorDep, ViewerDep, same_site
from app.console.pages import go, page
from app.console.sheets import sheet
from app.console.standing import meter, standing
from app.deps import DatabaseDep, OpenDep, SessionDep
from app.errors import AppError
from app.signing_in import Visitor
from app.store import (
    audit,
    chosen,
    connections,
    hooks,
    lookups,
    reading,
    refusals,
    revising,
    tables,
    usage,
)
from connectors import ConnectorError, ExternalId, module, names

router = APIRouter(prefix="/connections/{connection_id}", dependencies=[Depends(same_site)])

SHOWN = 20
"""Records, deliveries and edits that the page shows of each kind; a file has all."""

MOST = 100_000

Word = Annotated[str, Form(max_length=200)]


@dataclass(frozen=True, slots=True)
class Reading:
    """How far one stream is read.

    Attributes:
        share: Of what there is, 0 to 1; None while nobody knows.
        rate: Records a minute, while it is being read for the first time.
        left_for: How long that goes on at this rate.
    """

    row: tables.StreamBookmark
    malformed: int
    share: float | None = None
    rate: float | None = None
    left_for: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """Records refused for one cause, and some of them with the address of their page."""

    cause: refusals.Cause
    first: list[tuple[tables.Owed, str]]


@router.get("")
def show_connection(
    request: Request, session: SessionDep, connection_id: int, _: ViewerDep
) -> Response:
    """Show one connection."""
    row, now = connections.get(session, connection_id), datetime.now(UTC)
    calls = usage.on(session, connection_id, now.date())
    malformed = lookups.malformed(session, connection_id)
    hook = hooks.get(session, connection_id)
    return page(
        request,
        "connection.html",
        row=row,
        standing=standing(row, now),
        meter=meter(row, sum(calls.values()), OUR_SHARE, now),
        calls=calls,
        streams=[_reading(one, malformed) for one in reading.progress(session, connection_id)],
        records=lookups.kept(session, connection_id),
        gaps=reading.gaps(session, connection_id),
        stopped=chosen.paused(session, connection_id),
        troubles=_troubles(session, row),
        edited=revising.yielded(session, connection_id, limit=SHOWN),
        hook=hook,
        can_tell=row.crm in names() and bool(module(row.crm).TELLINGS),
        silent_since=hooks.silent_since(hook) if hook else None,
        deliveries=hooks.deliveries(session, connection_id, limit=SHOWN) if hook else [],
        link_to=lambda external_id: _address(row, external_id),
    )


@router.post("/pause")
def pause(connection_id: int, asks: OperatorDep, database: DatabaseDep) -> Response:
    """Neither read nor write through a connection until it is resumed."""
    life.pause(database, connection_id, f"Paused by {asks.name}: resume it when you are ready.")
    return _done(database, asks, connection_id, "connection.paused", "It is paused.")


@router.post("/resume")
def resume(connection_id: int, asks: OperatorDep, database: DatabaseDep) -> Response:
    """Read and write again."""
    life.resume(database, connection_id)
    said = "It works again from the next run on; what was refused is tried again."
    return _done(database, asks, connection_id, "connection.resumed", said)


@router.post("/reading")
def switch_reading(
    connection_id: int, asks: OperatorDep, database: DatabaseDep, is_on: Annotated[bool, Form()]
) -> Response:
    """Stop reading alone, or go on with it."""
    reason = "" if is_on else f"Reading was paused by {asks.name}: resume it when you are ready."
    life.pause_part(database, connection_id, reading=reason)
    what = "reading.resumed" if is_on else "reading.paused"
    said = "It is read again from the next run on." if is_on else "It is not read any more."
    return _done(database, asks, connection_id, what, said)


@router.post("/writing")
def switch_writing(
    connection_id: int, asks: OperatorDep, database: DatabaseDep, is_on: Annotated[bool, Form()]
) -> Response:
    """Stop writing alone, or go on with it."""
    reason = "" if is_on else f"Writing was paused by {asks.name}: resume it when you are ready."
    life.pause_part(database, connection_id, writing=reason)
    what = "writing.resumed" if is_on else "writing.paused"
    said = "It is written to again from the next run on." if is_on else "Nothing is written now."
    return _done(database, asks, connection_id, what, said)


@router.post("/shadow")
def switch_shadow(
    connection_id: int, asks: AdminDep, database: DatabaseDep, is_on: Annotated[bool, Form()]
) -> Response:
    """Compare and write nothing, or write."""
    writing.write_so(database, connection_id, is_shadow=is_on)
    what = "shadow.begun" if is_on else "shadow.ended"
    said = "From now on it only compares." if is_on else "The next run writes."
    return _done(database, asks, connection_id, what, said)


@router.post("/allowance")
def allow(
    connection_id: int,
    asks: AdminDep,
    database: DatabaseDep,
    calls: Annotated[str, Form(max_length=12)] = "",
) -> Response:
    """Say how many calls it may make in a day."""
    typed = calls.replace(",", "").strip()
    if typed and not typed.isdecimal():
        return go(_page_of(connection_id), "Give a number of calls, or nothing.", is_problem=True)
    try:
        life.allow(database, connection_id, int(typed) if typed else None)
    except AppError as error:
        return go(_page_of(connection_id), str(error), is_problem=True)
    return _done(database, asks, connection_id, "allowance.set", "The allowance is kept.")


@router.post("/retry")
def retry(
    connection_id: int,
    asks: OperatorDep,
    session: SessionDep,
    target: Word = "",
    code: Word = "",
    external_id: Word = "",
) -> Response:
    """Try one refused record, those of a cause, or all again with the next write-back."""
    connections.hold(session, connection_id)
    which = refusals.Chosen(target, code, external_id)
    records = refusals.retry(session, connection_id, which)
    told = {"target": target, "code": code, "records": records}
    audit.keep(session, asks.actor, "refused.retried", str(connection_id), after=told)
    many = "1 record is" if records == 1 else f"{records:,} records are"
    return go(_page_of(connection_id), f"{many} tried again with the next write-back.")


@router.post("/create-fields")
def create_fields(
    connection_id: int, asks: AdminDep, database: DatabaseDep, open_one: OpenDep
) -> Response:
    """Create the fields that are missing, in the CRM."""
    try:
        with open_one(connection_id) as link:
            writing.create(database, link)
    except ConnectorError as error:
        return go(_page_of(connection_id), str(error), is_problem=True)
    return _done(database, asks, connection_id, "fields.created", "The fields were looked at.")


@router.get("/refused.csv")
def refused_sheet(connection_id: int, database: DatabaseDep, _: OperatorDep) -> Response:
    """Give all refused records as a file: codes and reasons, no values."""
    with Session(database) as session:
        row = connections.get(session, connection_id)

    def rows() -> Iterator[list[object]]:
        with Session(database) as session:
            every = refusals.records(session, connection_id, refusals.ALL, limit=MOST)
            for one in every:
                address = _address(row, one.external_id)
                yield [one.target, one.external_id, address, one.code, one.reason, one.attempts]

    header = ["kind", "record", "address", "code", "reason", "attempts"]
    return sheet(f"refused-{connection_id}", header, rows())


def _reading(row: tables.StreamBookmark, malformed: dict[str, int]) -> Reading:
    found = malformed.get(row.stream, 0)
    if row.is_caught_up:
        return Reading(row, found)
    took = (row.read_at - row.begun_at).total_seconds()
    rate = row.done / took if took > 1 else None
    share = row.done / (row.done + row.left) if row.left else None
    left_for = timedelta(seconds=row.left / rate) if rate and row.left else None
    return Reading(row, found, share, rate * 60 if rate else None, left_for)


def _troubles(session: Session, row: tables.Connection) -> list[Trouble]:
    connection_id = row.id or 0
    found = []
    for cause in refusals.by_cause(session, connection_id):
        which = refusals.Chosen(cause.target, cause.code)
        first = refusals.records(session, connection_id, which, limit=SHOWN)
        found.append(Trouble(cause, [(one, _address(row, one.external_id)) for one in first]))
    return found


def _address(row: tables.Connection, external_id: str) -> str:
    """Where people see a record; "" where that is not known."""
    if not row.site or row.crm not in names():
        return ""
    return module(row.crm).record_url(row.site, ExternalId(external_id))


def _page_of(connection_id: int) -> str:
    return f"/console/connections/{connection_id}"


def _done(
    database: DatabaseDep, asks: Visitor, connection_id: int, what: str, said: str
) -> Response:
    with Session(database) as session, session.begin():
        audit.keep(session, asks.actor, what, str(connection_id))
    return go(_page_of(connection_id), said)
