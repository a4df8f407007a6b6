"""Who is erased on request, and who objected."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from app.api.deps import LARGEST_ID, DatabaseDep, SessionDep
from app.api.problems import told
from app.privacy import erasures
from app.store import tables
from app.store.audit import Actor

router = APIRouter(tags=["privacy"])

Text = Annotated[str, Field(min_length=1, max_length=255)]
Name = Annotated[str, Path(max_length=64, description="Of the erasure.")]


class ToErase(BaseModel):
    """Whom to erase."""

    person: int = Field(ge=1, le=LARGEST_ID)


class NewErasure(ToErase):
    """Whom to erase, and who says so."""

    author: Text
    reference: str = Field(
        default="", max_length=100, description="Of the request, as your own list has it; no name."
    )


class Counts(BaseModel):
    """How much there is of somebody, by table."""

    counts: dict[str, int]


class Certificate(BaseModel):
    """That somebody was erased, without saying who."""

    id: str
    asked_at: datetime
    author: str
    reference: str
    counts: dict[str, int] = Field(description="Rows that were erased or cleared, by table.")
    suppressed: int = Field(description="Addresses and records that stay known by their hashes.")
    fields: dict[str, int] = Field(description="Fields to blank, by connection.")
    confirmed: dict[str, int] = Field(description="Those that the CRM has confirmed, or deleted.")
    done_at: datetime | None = Field(
        description="When scores and fields were gone too; null until then."
    )


class Certificates(BaseModel):
    """All erasures, the latest first."""

    items: list[Certificate]


class OfAddress(BaseModel):
    """Whose address, and who says so."""

    address: Text
    author: Text


class OptOut(BaseModel):
    """Somebody who objected."""

    id: str
    author: str
    set_at: datetime
    addresses: int


class OptOuts(BaseModel):
    """All who objected, the latest first."""

    items: list[OptOut]


class OptedOut(BaseModel):
    """What came of an objection."""

    erasure: Certificate | None = Field(description="Null if nobody was there.")


@router.post("/erasures/preview", operation_id="previewErasure", responses=told(404))
def preview_erasure(wanted: ToErase, session: SessionDep) -> Counts:
    """Count what would be erased of a person; nothing is changed."""
    return Counts(counts=erasures.preview(session, wanted.person))


@router.post("/erasures", operation_id="erasePerson", status_code=201, responses=told(404))
def erase_person(wanted: NewErasure, database: DatabaseDep) -> Certificate:
    """Erase a person and keep them out; it cannot be taken back."""
    with Session(database) as session, session.begin():
        actor = Actor(wanted.author)
        return _told(
            erasures.erase(session, wanted.person, actor=actor, reference=wanted.reference)
        )


@router.get("/erasures", operation_id="listErasures")
def list_erasures(session: SessionDep) -> Certificates:
    """List the certificates of all erasures."""
    return Certificates(items=[_told(row) for row in erasures.certificates(session)])


@router.get("/erasures/{erasure_id}", operation_id="getErasure", responses=told(404))
def get_erasure(erasure_id: Name, session: SessionDep) -> Certificate:
    """Get one certificate, to be kept with the request."""
    return _told(erasures.certificate(session, erasure_id))


@router.get("/opt-outs", operation_id="listOptOuts")
def list_opt_outs(session: SessionDep) -> OptOuts:
    """List who objected, without names: nobody can tell them from what is kept."""
    found = erasures.objections(session)
    return OptOuts(items=[OptOut(id=a, author=b, set_at=at, addresses=n) for a, b, at, n in found])


@router.post("/opt-outs", operation_id="optOut", status_code=201)
def opt_out(wanted: OfAddress, database: DatabaseDep) -> OptedOut:
    """Note that somebody objects: who has the address is erased and stays out."""
    with Session(database) as session, session.begin():
        found = erasures.object_(session, wanted.address, actor=Actor(wanted.author))
        return OptedOut(erasure=_told(found) if found else None)


@router.post("/opt-outs/lift", operation_id="liftOptOut", status_code=204, responses=told(404))
def lift_opt_out(wanted: OfAddress, database: DatabaseDep) -> Response:
    """Take an objection back; the CRMs are read from their beginning, and scores wait for that."""
    with Session(database) as session, session.begin():
        erasures.lift(session, wanted.address, actor=Actor(wanted.author))
    return Response(status_code=204)


def _told(row: tables.Erasure) -> Certificate:
    return Certificate(
        id=row.id,
        asked_at=row.asked_at,
        author=row.author,
        reference=row.reference,
        counts=row.counts,
        suppressed=row.suppressed,
        fields=row.fields,
        confirmed=row.confirmed,
        done_at=row.done_at,
    )
