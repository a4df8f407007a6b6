"""Overrides: ties that are shown as a person says, until a day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session

from app.console.deps import FormDep, OperatorDep, same_site
from app.console.pages import back_to, go, page
from app.deps import DatabaseDep, SessionDep
from app.errors import AppError, NotFound, Unreadable
from app.store import audit, lookups, overrides, scores, tables
from app.store.cards import Named
from app.store.lookups import PeopleSought

router = APIRouter(prefix="/scoring/overrides", dependencies=[Depends(same_site)])

HERE = "/console/scoring/overrides"

USUAL = timedelta(days=90)
"""How long an override holds, if nothing else is said."""

MOST_POINTS = 100
MOST_CHOICES = 12
LONGEST = 255


@dataclass(frozen=True, slots=True)
class Line:
    """An override, with the names of its people and what is computed instead."""

    said: tables.Override
    a: Named
    b: Named
    computed: int | None


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody who may be meant."""

    id: int
    told: str


class Ambiguous(Unreadable):
    """Several people, or nobody, fit what was typed."""


@router.get("")
def show_overrides(
    request: Request, session: SessionDep, _: OperatorDep, one: str = "", other: str = ""
) -> Response:
    """List what people say that ties are worth, with a form to say more."""
    until = (datetime.now(UTC) + USUAL).date().isoformat()
    return _drawn(request, session, {"one": one, "other": other, "until": until})


@router.post("")
def add(request: Request, asks: OperatorDep, database: DatabaseDep, typed: FormDep) -> Response:
    """Say what a tie is worth."""
    try:
        with Session(database) as session, session.begin():
            row = _read(session, typed, asks.name)
            before = overrides.of_tie(session, row.a, row.b, at=row.set_at)
            told = _told(before) if before else {}
            overrides.put(session, row)
            subject = f"{row.a} {row.b}"
            audit.keep(session, asks.actor, "override.set", subject, before=told, after=_told(row))
    except AppError as error:
        with Session(database) as session:
            return _drawn(request, session, typed, problem=str(error))
    return go(HERE, "It is shown so from the next run on.")


@router.post("/end")
@back_to(HERE)
def end(asks: OperatorDep, database: DatabaseDep, typed: FormDep) -> Response:
    """Show what is computed again."""
    with Session(database) as session, session.begin():
        a, b = (_number(typed.get(name, "")) for name in ("a", "b"))
        before = overrides.of_tie(session, a, b, at=datetime.now(UTC))
        told = _told(before) if before else {}
        overrides.remove(session, a, b)
        audit.keep(session, asks.actor, "override.ended", f"{a} {b}", before=told)
    return go(HERE, "It has ended. What is computed is shown from the next run on.")


def _drawn(
    request: Request, session: Session, typed: Mapping[str, str], *, problem: str = ""
) -> Response:
    """Draw the page; where a name fits several people, they are there to choose from."""
    people = {name: typed.get(name, "") for name in ("one", "other")}
    return page(
        request,
        "overrides.html",
        status=422 if problem else 200,
        problem=problem,
        lines=_lines(session),
        typed=typed,
        choices={name: _choices(session, sought) for name, sought in people.items()},
    )


def _lines(session: Session) -> Sequence[Line]:
    found = overrides.in_force(session, at=datetime.now(UTC))
    who = lookups.named(session, {end for pair in found for end in pair})
    lines = []
    for (a, b), said in found.items():
        tie = scores.tie(session, a, b)
        lines.append(Line(said, who[a], who[b], tie.computed if tie else None))
    return lines


def _choices(session: Session, sought: str) -> Sequence[Choice]:
    """Whom somebody may mean, by id or as the search finds people; nobody if it finds too many."""
    if not sought:
        return ()
    if sought.isdecimal():
        found = lookups.named(session, [int(sought)]).values()
        return [_choice(session, one.id, one.name) for one in found]
    people = lookups.people(session, PeopleSought(search=sought), after=0, limit=MOST_CHOICES + 1)
    if len(people) > MOST_CHOICES:
        return ()
    return [_choice(session, one.id or 0, one.name) for one in people]


def _choice(session: Session, person_id: int, name: str) -> Choice:
    address = next(iter(lookups.addresses(session, person_id)), "")
    return Choice(person_id, f"{name} ({address})" if address else name)


def _one(session: Session, sought: str, whose: str) -> int:
    found = _choices(session, sought)
    if not found:
        raise NotFound(
            f"Nobody fits “{sought}”, or more than {MOST_CHOICES} people do: "
            "give more of the name, or an address."
        )
    if len(found) > 1:
        raise Ambiguous(f"Several people fit: choose the {whose} person.")
    return found[0].id


def _read(session: Session, typed: Mapping[str, str], author: str) -> tables.Override:
    """What was typed, as it is kept.

    Raises:
        Unreadable: If something is missing, or cannot be.
        NotFound: If nobody is called so.
    """
    at = datetime.now(UTC)
    one = _one(session, _text(typed, "one", "the first person"), "first")
    other = _one(session, _text(typed, "other", "the second person"), "second")
    if one == other:
        raise Unreadable("A tie is between two people: name two.")
    points = _number(typed.get("points", ""))
    if points > MOST_POINTS:
        raise Unreadable("The strength is a number from 0 to 100.")
    return tables.Override(
        a=min(one, other),
        b=max(one, other),
        points=points,
        author=author,
        reason=_text(typed, "reason", "the reason"),
        set_at=at,
        expires_at=_end_of(typed.get("until", ""), at),
    )


def _text(typed: Mapping[str, str], name: str, what: str) -> str:
    found = typed.get(name, "")
    if not found or len(found) > LONGEST:
        raise Unreadable(f"Say {what}, in at most {LONGEST} characters.")
    return found


def _number(typed: str) -> int:
    if not typed.isdecimal():
        raise Unreadable("The strength is a number from 0 to 100.")
    return int(typed)


def _end_of(typed: str, now: datetime) -> datetime:
    """The end of a day (UTC) that is given as 2027-01-31."""
    try:
        day = date.fromisoformat(typed)
        until = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise Unreadable("Give the last day on which it holds, as 2027-01-31.") from error
    if until <= now:
        raise Unreadable("That day has passed: give one to come.")
    return until


def _told(row: tables.Override) -> dict[str, object]:
    """What the audit log keeps: no reason, for reasons name people."""
    return {"strength": row.points, "until": row.expires_at.isoformat()}
