"""Whether the service can answer."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel
from sqlalchemy import Engine

from app.store import lookups

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """All that is told to somebody without the key."""

    status: Literal["ok", "starting"]


async def _database(request: Request) -> Engine | None:
    return getattr(request.app.state, "database", None)


@router.get(
    "/health",
    operation_id="getHealth",
    responses={503: {"model": Health, "description": "The database does not answer."}},
)
def get_health(
    response: Response, database: Annotated[Engine | None, Depends(_database)]
) -> Health:
    """Tell whether the service can answer: 503 while its database does not."""
    # A plain function: a database that hangs must hold up a thread, and not everybody.
    if database is not None and lookups.answers(database):
        return Health(status="ok")
    response.status_code = 503
    return Health(status="starting")
