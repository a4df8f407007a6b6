"""What people say that ties are worth, instead of what is computed."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, BaseModel, Field
from sqlmodel import Session

from app.api.deps import DatabaseDep, Id, SessionDep
from app.api.problems import told
from app.errors import Unreadable
from app.store import lookups, overrides, tables
from app.store.cards import Named

router = APIRouter(tags=["scores"])

Text = Annotated[str, Field(min_length=1, max_length=255)]


class Said(BaseModel):
    """What a tie is worth, who says so, why, and until when."""

    strength: int = Field(ge=0, le=100, description="Shown in the place of what is computed.")
    author: Text
    reason: Text
    expires_at: AwareDatetime = Field(description="From then on the computed value is shown again.")


class SaidOf(Said):
    """The same, of whose tie."""

    person: Named
    other: Named
    set_at: datetime


class Overrides(BaseModel):
    """All overrides that have not expired, in the order of the people's ids."""

    items: list[SaidOf]


@router.get("/overrides", operation_id="listOverrides")
def list_overrides(session: SessionDep) -> Overrides:
    """List what people say that ties are worth."""
    found = overrides.in_force(session, at=datetime.now(UTC))
    return Overrides(items=[_said(session, row) for row in found.values()])


@router.put(
    "/people/{person_id}/scores/{other_id}/override",
    operation_id="overrideScore",
    responses=told(404),
)
def override_score(person_id: Id, other_id: Id, said: Said, database: DatabaseDep) -> SaidOf:
    """Say what the tie of two people is worth; cards and custom fields follow with the next run."""
    at = datetime.now(UTC)
    if person_id == other_id:
        raise Unreadable("A tie is between two people: give two ids.")
    if said.expires_at <= at:
        raise Unreadable("The override has expired already: give a time to come.")
    row = tables.Override(
        a=min(person_id, other_id),
        b=max(person_id, other_id),
        points=said.strength,
        author=said.author,
        reason=said.reason,
        set_at=at,
        expires_at=said.expires_at.astimezone(UTC),
    )
    with Session(database) as session, session.begin():
        overrides.put(session, row)
        return _said(session, row)


@router.delete(
    "/people/{person_id}/scores/{other_id}/override",
    operation_id="endOverride",
    status_code=204,
    responses=told(404),
)
def end_override(person_id: Id, other_id: Id, database: DatabaseDep) -> Response:
    """Show what is computed again, from the next run on."""
    with Session(database) as session, session.begin():
        overrides.remove(session, person_id, other_id)
    return Response(status_code=204)


def _said(session: Session, row: tables.Override) -> SaidOf:
    who = lookups.named(session, (row.a, row.b))
    return SaidOf(
        person=who[row.a],
        other=who[row.b],
        strength=row.points,
        author=row.author,
        reason=row.reason,
        set_at=row.set_at,
        expires_at=row.expires_at,
    )
