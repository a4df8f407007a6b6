"""The audit log: who did what and when, and whether anybody has changed it."""

import json
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session

from app.console.deps import AdminDep
from app.console.pages import page
from app.console.sheets import sheet
from app.deps import DatabaseDep, SessionDep
from app.store import audit

router = APIRouter(prefix="/audit")

PAGE = 100

Word = Annotated[str, Query(max_length=254)]


@router.get("")
def show_trail(
    request: Request,
    session: SessionDep,
    _: AdminDep,
    what: Word = "",
    actor: Word = "",
    before: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """Show what was done, the latest first."""
    found = audit.latest(session, limit=PAGE + 1, before=before, what=what, actor=actor)
    older = request.url.include_query_params(before=found[PAGE - 1].id) if len(found) > PAGE else ""
    return page(
        request,
        "trail.html",
        entries=found[:PAGE],
        what=what,
        actor=actor,
        older=str(older),
        count=audit.count(session),
    )


@router.get("/check")
def check_trail(request: Request, session: SessionDep, _: AdminDep) -> Response:
    """Look whether every entry fits those before it."""
    return page(
        request, "trail_checked.html", broken=audit.broken(session), count=audit.count(session)
    )


@router.get("/audit.csv")
def trail_sheet(database: DatabaseDep, _: AdminDep) -> Response:
    """Give the whole log as a file, the first entry first."""

    def rows() -> Iterator[list[object]]:
        with Session(database) as session:
            for one in audit.every(session):
                said = [json.dumps(told, sort_keys=True) for told in (one.before, one.after)]
                at = one.at.isoformat(timespec="seconds")
                yield [one.id, at, one.actor, one.address, one.what, one.subject, *said, one.digest]

    header = ["entry", "at", "who", "from", "act", "subject", "before", "after", "digest"]
    return sheet("audit", header, rows())
