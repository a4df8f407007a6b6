"""The organisations that people are at."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.api.deps import After, Limit, Search, SessionDep
from app.store import lookups

router = APIRouter(tags=["accounts"])


class AccountRow(BaseModel):
    """An account, as one CRM knows it."""

    id: int
    name: str
    domain: str | None
    connection: int
    external_id: str


class AccountsPage(BaseModel):
    """Some accounts, in the order of their ids."""

    items: list[AccountRow]
    next: int | None = Field(description="What to give as `after` for more; null at the end.")


@router.get("/accounts", operation_id="listAccounts")
def list_accounts(
    session: SessionDep, search: Search = "", limit: Limit = 100, after: After = 0
) -> AccountsPage:
    """List accounts: by the beginning of a word of their name, or by domain."""
    found = lookups.accounts(session, search.strip(), after=after, limit=limit + 1)
    items = [
        AccountRow(
            id=row.id or 0,
            name=row.name,
            domain=row.domain,
            connection=row.connection_id,
            external_id=row.external_id,
        )
        for row in found[:limit]
    ]
    return AccountsPage(items=items, next=items[-1].id if len(found) > limit else None)
