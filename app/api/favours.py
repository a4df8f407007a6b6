"""Requests for introductions, and the favours that people do each other: always one colleague's."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel, Field
from sqlmodel import Session

from app.api.deps import LARGEST_ID, DatabaseDep, Id, Limit, SessionDep, SettingsDep
from app.api.problems import told
from app.engine import owed
from app.engine.favours import HALF_LIFE_DAYS
from app.errors import Conflict, Unreadable
from app.store import favours, lookups, tables
from app.store.cards import Named

router = APIRouter(tags=["routes"])

PersonId = Annotated[int, Field(ge=1, le=LARGEST_ID)]
ColleagueQuery = Annotated[int, Query(ge=1, le=LARGEST_ID, description="Whose; always one's.")]
Outcome = Literal["open", "made", "declined"]
FavourKind = Literal["introduction", "help"]


class Asking(BaseModel):
    """Who is asked by whom for an introduction to whom."""

    asker: PersonId
    introducer: PersonId
    target: PersonId


class Asked(BaseModel):
    """A request, and what became of it."""

    id: int
    asker: Named
    introducer: Named
    target: Named
    asked_at: datetime
    outcome: Outcome


class AskedPage(BaseModel):
    """What one colleague has asked for, the newest first."""

    items: list[Asked]


class Became(BaseModel):
    """What became of a request."""

    outcome: Outcome = Field(description="made: the introducer is owed a favour for it.")


class NewFavour(BaseModel):
    """What a colleague did for somebody, or somebody for them."""

    colleague: PersonId
    person: PersonId
    kind: FavourKind
    is_given: bool = Field(description="By the colleague; otherwise the colleague received it.")
    at: AwareDatetime | None = Field(default=None, description="When; now if it is not said.")


class FavourRow(BaseModel):
    """A favour on record."""

    id: int
    colleague: Named
    person: Named
    kind: FavourKind
    is_given: bool
    at: datetime


class Balance(BaseModel):
    """How one stands with somebody."""

    person: Named
    owes: float = Field(description="What they owe the colleague; below 0: the colleague owes.")


class Ledger(BaseModel):
    """The favours of one colleague: those on record, and the balance with everybody."""

    half_life_days: float = Field(description="After so many days a favour counts for half.")
    items: list[FavourRow]
    balances: list[Balance] = Field(
        description="Introductions that the records show included; who owes most first."
    )


@router.post(
    "/introductions",
    operation_id="askForIntroduction",
    status_code=201,
    responses=told(404, 409),
)
def ask_for_introduction(asking: Asking, database: DatabaseDep, settings: SettingsDep) -> Asked:
    """Record that somebody is asked for an introduction; nothing is sent."""
    if len({asking.asker, asking.introducer, asking.target}) < len(Asking.model_fields):
        raise Unreadable("An introduction is of two people by a third: give three ids.")
    at, most = datetime.now(UTC), settings.introductions_per_month
    with Session(database) as session, session.begin():
        for one in (asking.asker, asking.introducer, asking.target):
            lookups.person(session, one)
        if most and favours.loads(session, at=at)[asking.introducer] >= most:
            raise Conflict(f"They were asked {most} times in 30 days: ask somebody else.")
        row = tables.Request(
            asker_id=asking.asker,
            introducer_id=asking.introducer,
            target_id=asking.target,
            asked_at=at,
        )
        return _asked(session, [favours.ask(session, row)])[0]


@router.get("/introductions", operation_id="listIntroductions", responses=told(404))
def list_introductions(session: SessionDep, asker: ColleagueQuery, limit: Limit = 100) -> AskedPage:
    """List what one colleague has asked for."""
    lookups.person(session, asker)
    return AskedPage(items=_asked(session, favours.requests_of(session, asker, limit=limit)))


@router.put("/introductions/{request_id}", operation_id="settleIntroduction", responses=told(404))
def settle_introduction(request_id: Id, became: Became, database: DatabaseDep) -> Asked:
    """Say what became of a request."""
    with Session(database) as session, session.begin():
        kept = favours.request(session, request_id)
        favours.settle(session, kept, became.outcome, at=datetime.now(UTC))
        return _asked(session, [kept])[0]


@router.post("/favours", operation_id="recordFavour", status_code=201, responses=told(404))
def record_favour(new: NewFavour, database: DatabaseDep) -> FavourRow:
    """Put on record what a colleague did for somebody, or somebody for them."""
    now = datetime.now(UTC)
    at = new.at.astimezone(UTC) if new.at else now
    if new.colleague == new.person:
        raise Unreadable("A favour is between two people: give two ids.")
    if at > now:
        raise Unreadable("A favour lies in the past: give a time that has been.")
    with Session(database) as session, session.begin():
        if not lookups.person(session, new.colleague).is_colleague:
            raise Unreadable(f"Person {new.colleague} is no colleague.")
        lookups.person(session, new.person)
        row = tables.Favour(
            colleague_id=new.colleague,
            person_id=new.person,
            kind=new.kind,
            is_given=new.is_given,
            at=at,
        )
        return _rows(session, [favours.add(session, row)])[0]


@router.get("/favours", operation_id="getLedger", responses=told(404))
def get_ledger(session: SessionDep, colleague: ColleagueQuery) -> Ledger:
    """Get the favours of one colleague, and how they stand with everybody."""
    lookups.person(session, colleague)
    as_of_s = int(datetime.now(UTC).timestamp())
    found = owed(favours.ledger(session, colleague), person=colleague, as_of_s=as_of_s)
    who = lookups.named(session, found)
    order = sorted(who, key=lambda one: (-found[one], one))
    return Ledger(
        half_life_days=HALF_LIFE_DAYS,
        items=_rows(session, favours.of_colleague(session, colleague)),
        balances=[Balance(person=who[one], owes=round(found[one], 3)) for one in order],
    )


@router.delete(
    "/favours/{favour_id}", operation_id="removeFavour", status_code=204, responses=told(404)
)
def remove_favour(favour_id: Id, database: DatabaseDep) -> Response:
    """Take a favour off the record."""
    with Session(database) as session, session.begin():
        favours.remove(session, favour_id)
    return Response(status_code=204)


def _asked(session: Session, rows: Sequence[tables.Request]) -> list[Asked]:
    ends = {end for row in rows for end in (row.asker_id, row.introducer_id, row.target_id)}
    who = lookups.named(session, ends)
    return [
        Asked.model_validate(
            {
                "id": row.id,
                "asker": who[row.asker_id],
                "introducer": who[row.introducer_id],
                "target": who[row.target_id],
                "asked_at": row.asked_at,
                "outcome": row.outcome,
            }
        )
        for row in rows
    ]


def _rows(session: Session, rows: Sequence[tables.Favour]) -> list[FavourRow]:
    who = lookups.named(session, {end for row in rows for end in (row.colleague_id, row.person_id)})
    return [
        FavourRow.model_validate(
            {
                "id": row.id,
                "colleague": who[row.colleague_id],
                "person": who[row.person_id],
                "kind": row.kind,
                "is_given": row.is_given,
                "at": row.at,
            }
        )
        for row in rows
    ]
