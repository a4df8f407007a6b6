"""Who there is: colleagues, and the people they know."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlmodel import Session

from app.api.deps import LARGEST_ID, After, DatabaseDep, Id, Limit, Search, SessionDep
from app.api.problems import told
from app.store import identity, lookups, people, tables
from app.store.cards import Named
from app.store.lookups import PeopleSought

router = APIRouter(tags=["people"])

AccountId = Annotated[
    int | None, Query(ge=1, le=LARGEST_ID, description="Only people at this account.")
]


class PersonRow(Named):
    """A person in a list."""

    account: str | None = Field(description="The name of an account they are at.")


class PeoplePage(BaseModel):
    """Some people, in the order of their ids."""

    items: list[PersonRow]
    next: int | None = Field(description="What to give as `after` for more; null at the end.")


class AtAccount(BaseModel):
    """The account of a record."""

    id: int
    name: str


class CrmRecord(BaseModel):
    """A record of a CRM that is this person."""

    connection: int
    crm: str
    external_id: str
    kind: str = Field(description="colleague, contact or lead")
    title: str | None
    department: str | None
    account: AtAccount | None
    is_active: bool
    is_apart: bool = Field(description="An admin has said that it is nobody else.")
    joined_because: str = Field(description="What joined it to the others; empty for the first.")


class ChannelCoverage(BaseModel):
    """What reaches us of a colleague in one channel."""

    channel: str
    state: str = Field(description="captured, silent for half a year, or unavailable")
    contacts: int = Field(description="In the last half year.")


class Apart(BaseModel):
    """Whether a record is to be nobody else."""

    is_apart: bool


class PersonDetail(Named):
    """A person, with all their addresses and records."""

    mailbox: str = Field(description="shared, list or machine where it is no person; else empty.")
    addresses: list[str]
    records: list[CrmRecord]
    coverage: list[ChannelCoverage] = Field(description="Of a colleague; empty for others.")


@router.get("/people", operation_id="listPeople")
def list_people(
    session: SessionDep,
    search: Search = "",
    account: AccountId = None,
    is_colleague: bool | None = None,
    limit: Limit = 100,
    after: After = 0,
) -> PeoplePage:
    """List people: by the beginning of a word of their name, by address, or by domain."""
    sought = PeopleSought(search.strip(), account, is_colleague)
    found = lookups.people(session, sought, after=after, limit=limit + 1)
    ids = [person.id or 0 for person in found[:limit]]
    at = people.accounts_of(session, ids)
    return PeoplePage(
        items=[_row(person, at) for person in found[:limit]],
        next=ids[-1] if len(found) > limit else None,
    )


@router.get("/people/{person_id}", operation_id="getPerson", responses=told(404))
async def get_person(person_id: Id, session: SessionDep) -> PersonDetail:
    """Get one person: their addresses, and their records in the CRMs."""
    person = lookups.person(session, person_id)
    return PersonDetail(
        id=person_id,
        name=person.name,
        is_colleague=person.is_colleague,
        mailbox=person.mailbox,
        addresses=list(lookups.addresses(session, person_id)),
        records=_records(session, person_id),
        coverage=[
            ChannelCoverage(channel=one.channel, state=one.state, contacts=one.contacts)
            for one in lookups.coverage(session, person_id)
        ],
    )


@router.put(
    "/connections/{connection_id}/records/{external_id}/apart",
    operation_id="setRecordApart",
    responses=told(404),
)
def set_record_apart(
    connection_id: Id, external_id: str, wanted: Apart, database: DatabaseDep
) -> Apart:
    """Say that a record is nobody else, or undo that; the next run acts on it."""
    with Session(database) as session, session.begin():
        identity.set_apart(session, connection_id, external_id, is_apart=wanted.is_apart)
    return wanted


def _row(person: tables.Person, at: dict[int, str]) -> PersonRow:
    number = person.id or 0
    return PersonRow(
        id=number, name=person.name, is_colleague=person.is_colleague, account=at.get(number)
    )


def _records(session: Session, person_id: int) -> list[CrmRecord]:
    return [
        CrmRecord(
            connection=profile.connection_id,
            crm=connection.crm,
            external_id=profile.external_id,
            kind=profile.kind,
            title=profile.title,
            department=profile.department,
            is_apart=profile.is_apart,
            joined_because=profile.joined_because,
            account=AtAccount(id=account.id or 0, name=account.name) if account else None,
            is_active=profile.is_active,
        )
        for profile, connection, account in lookups.profiles(session, person_id)
    ]
