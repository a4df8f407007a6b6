"""Who is left out, on the company's list and on colleagues' own; and how long things are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from sqlmodel import Session

from app.console.deps import AdminDep, same_site
from app.console.pages import back_to, go, page
from app.deps import DatabaseDep, SessionDep
from app.errors import AppError
from app.privacy import exclusions, retention
from app.privacy.exclusions import SUGGESTED, Kind, Reach, Wanted
from app.store import acquaintances, lookups, tables

router = APIRouter(prefix="/privacy", dependencies=[Depends(same_site)])

HERE = "/console/privacy"
NEXT_RUN = "It takes effect with the next run."

KINDS = (
    (Kind.DOMAIN, "everybody at a domain"),
    (Kind.ADDRESS, "one address"),
    (Kind.PATTERN, "what stands before the @, anywhere"),
    (Kind.COLLEAGUE, "a colleague, by their address"),
)
"""What can be typed; free mail stands on the list from the beginning."""

LENGTHS = (
    ("", "for ever"),
    *((str(days), f"{days:,} days") for days in retention.LENGTHS),
)
"""How long activities can be kept one by one."""

Typed = Annotated[str, Form(max_length=255)]
Reason = Annotated[str, Form(max_length=255)]
Number = Annotated[int, Form(ge=0, le=2**53 - 1)]


@dataclass(frozen=True, slots=True)
class Rule:
    """What was typed into the form of a new rule."""

    kind: Kind = Kind.DOMAIN
    value: str = ""
    reason: str = ""
    takes_activity: bool = False

    def wanted(self, colleague_id: int | None) -> Wanted:
        """As a rule of a list."""
        return Wanted(self.kind, self.value, self.takes_activity, colleague_id=colleague_id)


def rule(
    kind: Annotated[Kind, Form()],
    value: Typed = "",
    reason: Reason = "",
    *,
    takes_activity: Annotated[bool, Form()] = False,
) -> Rule:
    """Read the form of a new rule."""
    return Rule(kind, value.strip(), reason.strip(), takes_activity)


RuleDep = Annotated[Rule, Depends(rule)]


@router.get("")
def show_exclusions(
    request: Request,
    session: SessionDep,
    _: AdminDep,
    colleague: Annotated[int, Query(ge=0, le=2**53 - 1)] = 0,
) -> Response:
    """Show the company's list, or a colleague's own."""
    return _draw(request, session, colleague, Rule())


@router.post("/preview")
def preview(
    request: Request, session: SessionDep, _: AdminDep, typed: RuleDep, colleague: Number = 0
) -> Response:
    """Count what would go if a rule held."""
    try:
        reach = exclusions.preview(session, typed.wanted(colleague or None))
    except AppError as error:
        return _draw(request, session, colleague, typed, problem=str(error))
    return _draw(request, session, colleague, typed, reach=reach)


@router.post("/add")
def add(
    request: Request, database: DatabaseDep, asks: AdminDep, typed: RuleDep, colleague: Number = 0
) -> Response:
    """Put a rule on a list."""
    wanted = typed.wanted(colleague or None)
    try:
        with Session(database) as session, session.begin():
            exclusions.add(session, wanted, actor=asks.actor, reason=typed.reason)
    except AppError as error:
        with Session(database) as session, session.begin():
            return _draw(request, session, colleague, typed, problem=str(error))
    return go(_list(colleague), f"The rule is on the list. {NEXT_RUN}")


@router.post("/rules/{exclusion_id}/change")
def change(
    exclusion_id: int,
    database: DatabaseDep,
    asks: AdminDep,
    is_on: Annotated[bool, Form()],
    takes_activity: Annotated[bool, Form()],
    colleague: Number = 0,
) -> Response:
    """Switch a rule on or off, or have it take more or less."""
    try:
        with Session(database) as session, session.begin():
            exclusions.change(
                session,
                exclusion_id,
                is_on=is_on,
                takes_activity=takes_activity,
                actor=asks.actor,
            )
    except AppError as error:
        return go(_list(colleague), str(error), is_problem=True)
    return go(_list(colleague), f"The rule is changed. {NEXT_RUN}")


@router.post("/rules/{exclusion_id}/remove")
def remove(
    exclusion_id: int, database: DatabaseDep, asks: AdminDep, colleague: Number = 0
) -> Response:
    """Take a rule off its list."""
    try:
        with Session(database) as session, session.begin():
            exclusions.lift(session, exclusion_id, actor=asks.actor)
    except AppError as error:
        return go(_list(colleague), str(error), is_problem=True)
    return go(_list(colleague), "The rule is gone. The next run brings back what it left out.")


@router.post("/suggested")
def switch_suggested(
    database: DatabaseDep, asks: AdminDep, reason: Reason, is_on: Annotated[bool, Form()]
) -> Response:
    """Switch all rules on or off that we suggest for one reason."""
    with Session(database) as session, session.begin():
        for row in _suggested(exclusions.listed(session)).get(reason, []):
            if row.is_on != is_on:
                exclusions.change(
                    session,
                    row.id or 0,
                    is_on=is_on,
                    takes_activity=row.takes_activity,
                    actor=asks.actor,
                )
    return go(HERE, f"{reason.rstrip('.')}: switched {'on' if is_on else 'off'}. {NEXT_RUN}")


@router.post("/retention")
@back_to(HERE)
def keep_for(
    database: DatabaseDep, asks: AdminDep, days: Annotated[str, Form(max_length=5)] = ""
) -> Response:
    """Say how long activities are kept one by one; nothing stands for ever."""
    with Session(database) as session, session.begin():
        wanted = int(days) if days.isdecimal() else None
        retention.keep_for(session, wanted, actor=asks.actor)
    return go(HERE, f"Activities are kept so long from now on. {NEXT_RUN}")


def _list(colleague: int) -> str:
    return f"{HERE}?colleague={colleague}" if colleague else HERE


def _suggested(rows: Sequence[tables.Exclusion]) -> dict[str, list[tables.Exclusion]]:
    """The rules that we suggest, by the reason that we give, in the order of the list."""
    known = {(one.kind.value, one.value): one.reason for one in SUGGESTED}
    found: dict[str, list[tables.Exclusion]] = {}
    for row in rows:
        if reason := known.get((row.kind, row.value)):
            found.setdefault(reason, []).append(row)
    return found


def _draw(
    request: Request,
    session: Session,
    colleague: int,
    typed: Rule,
    *,
    reach: Reach | None = None,
    problem: str = "",
) -> Response:
    rows = exclusions.listed(session, colleague_id=colleague or None)
    suggested = {} if colleague else _suggested(rows)
    ids = {row.id for some in suggested.values() for row in some}
    lists = {} if colleague else exclusions.own_lists(session)
    return page(
        request,
        "privacy.html",
        problem=problem,
        status=422 if problem else 200,
        colleague=colleague,
        whose=lookups.person(session, colleague).name if colleague else "",
        rows=[row for row in rows if row.id not in ids],
        suggested=suggested,
        lists=[(one, lists[one.id]) for one in lookups.named(session, lists).values()],
        colleagues=[] if colleague else acquaintances.colleagues(session),
        kinds=[(kind.value, text) for kind, text in KINDS],
        typed=typed,
        reach=reach,
        keeps=str(retention.days(session) or ""),
        lengths=LENGTHS,
    )
