"""Erasing a person: found, counted, confirmed by their name, and certified."""

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from sqlalchemy import Engine
from sqlmodel import Session

from app.console.deps import AdminDep, same_site
from app.console.pages import go, page
from app.deps import DatabaseDep, SessionDep
from app.errors import AppError
from app.privacy import erasures
from app.privacy.erasures import Subject
from app.store import acquaintances, connections, lookups, tables
from app.store.lookups import PeopleSought

router = APIRouter(prefix="/privacy/erasures", dependencies=[Depends(same_site)])

HERE = "/console/privacy/erasures"
FOUND, SHOWN = 20, 100

COUNTED = (
    ("profile", "Records in the CRMs, of which we forget all"),
    ("claim", "Addresses and names they are known by"),
    ("activity", "Mails, meetings and calls, in which only somebody stays"),
    ("interaction", "Contacts between them and others"),
    ("tie", "Ties"),
    ("score_card", "Scores"),
    ("recommendation", "Recommendations about them"),
    ("exclusion", "Exclusions that name their address"),
    ("record to blank", "Records in the CRMs whose fields we empty"),
)
"""What is counted, as an admin calls it."""


@router.get("")
def show_erasures(
    request: Request,
    session: SessionDep,
    _: AdminDep,
    search: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Search for whom to erase, and show who was."""
    sought = PeopleSought(search.strip(), takes_excluded=True)
    people = lookups.people(session, sought, after=0, limit=FOUND + 1) if sought.search else []
    rows = erasures.certificates(session)
    return page(
        request,
        "erasures.html",
        search=sought.search,
        people=people[:FOUND],
        has_more=len(people) > FOUND,
        work=acquaintances.work_of(session, [one.id or 0 for one in people]),
        rows=rows[:SHOWN],
        count=len(rows),
    )


@router.get("/of/{person_id}")
def show_subject(request: Request, database: DatabaseDep, _: AdminDep, person_id: int) -> Response:
    """Count what would be erased of a person."""
    return _ask(request, database, person_id)


@router.post("/of/{person_id}")
def erase(
    request: Request,
    database: DatabaseDep,
    asks: AdminDep,
    person_id: int,
    name: Annotated[str, Form(max_length=500)] = "",
    reference: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Erase a person whose name was typed, and keep them out."""
    try:
        with Session(database) as session, session.begin():
            if name.strip() != erasures.subject(session, person_id).called:
                text = "That is not the name as it stands here: nothing is erased."
                return _ask(request, database, person_id, reference=reference, problem=text)
            row = erasures.erase(session, person_id, actor=asks.actor, reference=reference.strip())
            erased = row.id
    except AppError as error:
        return _ask(request, database, person_id, reference=reference, problem=str(error))
    return go(f"{HERE}/{erased}", "They are erased, and stay out.")


@router.get("/{erasure_id}")
def show_certificate(
    request: Request, session: SessionDep, _: AdminDep, erasure_id: str
) -> Response:
    """Show how much was erased, and what the CRMs have confirmed."""
    row = erasures.certificate(session, erasure_id)
    titles = {str(one.id): one.title for one in connections.every(session)}
    fields = [
        (titles.get(connection, "a connection that is gone"), count, row.confirmed.get(connection))
        for connection, count in row.fields.items()
    ]
    return page(request, "erasure.html", row=row, counts=_counts(row.counts), fields=fields)


@router.get("/{erasure_id}/certificate.json")
def download(session: SessionDep, _: AdminDep, erasure_id: str) -> Response:
    """Give the certificate as a file, to be kept with the request."""
    row = erasures.certificate(session, erasure_id)
    headers = {
        "Content-Disposition": f'attachment; filename="erasure-{row.id}.json"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    text = json.dumps(_told(row), indent=2) + "\n"
    return Response(text, media_type="application/json", headers=headers)


def _ask(
    request: Request,
    database: Engine,
    person_id: int,
    *,
    reference: str = "",
    problem: str = "",
) -> Response:
    with Session(database) as session:
        subject: Subject = erasures.subject(session, person_id)
        records = lookups.profiles(session, person_id)
        work = acquaintances.work_of(session, [person_id]).get(person_id)
        return page(
            request,
            "erase.html",
            problem=problem,
            status=422 if problem else 200,
            subject=subject,
            work=work,
            records=records,
            counts=_counts(erasures.preview(session, person_id)),
            reference=reference,
        )


def _counts(counts: dict[str, int]) -> list[tuple[str, int]]:
    return [(text, counts[name]) for name, text in COUNTED if counts.get(name)]


def _told(row: tables.Erasure) -> dict[str, object]:
    """A certificate: nothing in it says who was erased."""
    return {
        "id": row.id,
        "asked_at": row.asked_at.isoformat(timespec="seconds"),
        "author": row.author,
        "reference": row.reference,
        "counts": row.counts,
        "suppressed": row.suppressed,
        "fields": row.fields,
        "confirmed": row.confirmed,
        "done_at": row.done_at.isoformat(timespec="seconds") if row.done_at else None,
    }
