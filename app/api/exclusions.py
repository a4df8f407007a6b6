"""Who is left out: the company's list, and each colleague's own."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from app.api.deps import LARGEST_ID, DatabaseDep, Id, SessionDep
from app.api.problems import told
from app.privacy import exclusions
from app.privacy.exclusions import Kind
from app.store import tables
from app.store.audit import Actor

router = APIRouter(tags=["privacy"])

Text = Annotated[str, Field(min_length=1, max_length=255)]
Author = Annotated[str, Query(max_length=255, description="Who decided this.")]
OwnList = Annotated[
    int | None, Query(ge=1, le=LARGEST_ID, description="This colleague's own list.")
]


class Rule(BaseModel):
    """By what somebody is left out, and what with them."""

    kind: Kind
    value: str = Field(
        default="",
        max_length=255,
        description="A domain (with all below it), an address, or what stands before the @, with "
        "* for any text; of a colleague, their address; empty for freemail.",
    )
    takes_activity: bool = Field(
        default=False, description="Whatever one of them took part in is left out whole."
    )
    is_on: bool = True
    colleague: int | None = Field(
        default=None, ge=1, le=LARGEST_ID, description="Whose own list; null for the company's."
    )


class NewExclusion(Rule):
    """A rule, who says so, and why."""

    author: Text
    reason: Text


class Exclusion(NewExclusion):
    """A rule as it stands on its list."""

    id: int
    set_at: datetime
    is_settled: bool = Field(description="False until the next run has acted on it.")


class Exclusions(BaseModel):
    """The rules of one list, the oldest first."""

    items: list[Exclusion]


class ChangedExclusion(BaseModel):
    """What can be changed of a rule."""

    is_on: bool
    takes_activity: bool
    author: Text


class Reach(BaseModel):
    """What would go if a rule held."""

    people: int
    interactions: int
    ties: int


@router.get("/exclusions", operation_id="listExclusions", responses=told(404))
def list_exclusions(session: SessionDep, colleague: OwnList = None) -> Exclusions:
    """List the rules of the company's list, or of a colleague's own."""
    found = exclusions.listed(session, colleague_id=colleague)
    return Exclusions(items=[_told(row) for row in found])


@router.post("/exclusions", operation_id="addExclusion", status_code=201, responses=told(404, 409))
def add_exclusion(wanted: NewExclusion, database: DatabaseDep) -> Exclusion:
    """Leave somebody out; scores and custom fields follow with the next run."""
    with Session(database) as session, session.begin():
        row = exclusions.add(
            session, _rule(wanted), actor=Actor(wanted.author), reason=wanted.reason
        )
        return _told(row)


@router.post("/exclusions/preview", operation_id="previewExclusion", responses=told(404))
def preview_exclusion(wanted: Rule, session: SessionDep) -> Reach:
    """Count what would go if a rule held; nothing is changed."""
    found = exclusions.preview(session, _rule(wanted))
    return Reach(people=found.people, interactions=found.interactions, ties=found.ties)


@router.put("/exclusions/{exclusion_id}", operation_id="changeExclusion", responses=told(404))
def change_exclusion(
    exclusion_id: Id, wanted: ChangedExclusion, database: DatabaseDep
) -> Exclusion:
    """Switch a rule on or off, or have it take more or less, with the next run."""
    with Session(database) as session, session.begin():
        row = exclusions.change(
            session,
            exclusion_id,
            is_on=wanted.is_on,
            takes_activity=wanted.takes_activity,
            actor=Actor(wanted.author),
        )
        return _told(row)


@router.delete(
    "/exclusions/{exclusion_id}",
    operation_id="liftExclusion",
    status_code=204,
    responses=told(404),
)
def lift_exclusion(exclusion_id: Id, database: DatabaseDep, author: Author = "") -> Response:
    """Take a rule away; the next run brings back what it left out."""
    with Session(database) as session, session.begin():
        exclusions.lift(session, exclusion_id, actor=Actor(author))
    return Response(status_code=204)


def _rule(wanted: Rule) -> exclusions.Wanted:
    return exclusions.Wanted(
        wanted.kind, wanted.value, wanted.takes_activity, wanted.is_on, wanted.colleague
    )


def _told(row: tables.Exclusion) -> Exclusion:
    return Exclusion(
        id=row.id or 0,
        kind=Kind(row.kind),
        value=row.value,
        takes_activity=row.takes_activity,
        is_on=row.is_on,
        colleague=row.colleague_id,
        reason=row.reason,
        author=row.author,
        set_at=row.set_at,
        is_settled=row.is_settled,
    )
