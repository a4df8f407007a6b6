"""How long activities are kept one by one."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlmodel import Session

from app.api.deps import DatabaseDep, SessionDep
from app.privacy import retention
from app.store.audit import Actor

router = APIRouter(tags=["privacy"])


class Retention(BaseModel):
    """For how many days."""

    days: int | None = Field(description="Null: for ever.")


class NewRetention(BaseModel):
    """For how many days from now on, and who says so."""

    days: Literal[21, 90, 365, 1095] | None = Field(description="Null: for ever.")
    author: str = Field(min_length=1, max_length=255)


@router.get("/retention", operation_id="getRetention")
def get_retention(session: SessionDep) -> Retention:
    """Tell how long activities are kept one by one."""
    return Retention(days=retention.days(session))


@router.put("/retention", operation_id="setRetention")
def set_retention(wanted: NewRetention, database: DatabaseDep) -> Retention:
    """Keep activities for so long; what is older is kept by the day from the next run on."""
    with Session(database) as session, session.begin():
        retention.keep_for(session, wanted.days, actor=Actor(wanted.author))
    return Retention(days=wanted.days)
