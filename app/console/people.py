"""People: search, and one person with everything that is known about their ties."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from markupsafe import Markup
from sqlmodel import Session

from app.atlas import Chart, contacts_of
from app.console import plots
from app.console.deps import AdminDep, SightDep, ViewerDep, same_site
from app.console.introducing import AskerDep, introduced
from app.console.pages import go, page
from app.deps import AtlasDep, DatabaseDep, SessionDep
from app.errors import NotFound
from app.pictures import Scene, paint, person_picture
from app.rights import Sight
from app.store import acquaintances, audit, identity, lookups, networks, tables
from app.store.acquaintances import Work
from app.store.cards import Card, Named
from app.store.lookups import PeopleSought
from app.store.sights import Record

router = APIRouter(dependencies=[Depends(same_site)])

SIZE, TIES = 25, 25
MOST_READ = 20
"""Pages of the store that are looked at for one page of somebody who may not see everybody."""

STRONGEST, STEP = 1200, 120
"""Ties from which the best-known people are taken where nobody is searched for."""

Search = Annotated[str, Query(max_length=200)]
PersonId = Annotated[int, Query(ge=0, le=2**53 - 1)]


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person in a list: what they are, and how well they are known."""

    id: int
    name: str
    is_colleague: bool
    mailbox: str
    work: Work
    card: Card | None


@dataclass(frozen=True, slots=True)
class TieRow:
    """One tie as a page shows it: `out` is from us to them, `back` from them, as far as known."""

    other: Named
    work: Work
    tie: tables.Tie
    out: int
    back: int

    @property
    def last_at(self) -> datetime:
        """The last contact."""
        return datetime.fromtimestamp(self.tie.last_s, UTC)


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is drawn of somebody from the chart: contact by week, and the ego network."""

    weeks: plots.Weeks
    plot: Markup
    scene: Scene
    picture: Markup


@router.get("/people")
def show_people(
    request: Request,
    session: SessionDep,
    _: ViewerDep,
    sight: SightDep,
    search: Search = "",
    after: PersonId = 0,
) -> Response:
    """Search for people; whoever searches for nobody sees whom we know best."""
    sought = search.strip()
    found, more = _search(session, sight, sought, after) if sought else _best(session, sight)
    return page(
        request,
        "people.html",
        rows=_rows(session, sight, found),
        search=sought,
        more=more,
        is_first=after == 0,
    )


@router.get("/people/{person_id}")
def show_person(
    request: Request,
    session: SessionDep,
    _: ViewerDep,
    sight: SightDep,
    atlas: AtlasDep,
    person_id: int,
    asker: AskerDep,
    *,
    every: bool = False,
) -> Response:
    """Show a person: who knows them, how that went, who can introduce, and their records."""
    person = lookups.person(session, person_id)
    if not sight.people(session, [person_id]):
        raise NotFound(f"There is no person {person_id}.")
    ties = acquaintances.of_person(session, person_id)
    rows = tie_rows(session, sight, ties, person_id)
    chart = atlas.at_hand(session) if rows else None
    routes = None
    if chart and asker.person and not person.is_colleague:
        routes = introduced(session, sight, chart, asker, {person_id})
    card = acquaintances.cards(session, [person_id]).get(person_id)
    is_own = not person.is_colleague or sight.colleague_id == person_id
    return page(
        request,
        "person.html",
        person=person,
        work=acquaintances.work_of(session, [person_id]).get(person_id, Work()),
        addresses=lookups.addresses(session, person_id),
        last_at=max((one.last_at for one in rows), default=None),
        advice=_advice(session, sight, card),
        shown_ties=rows if every else rows[:TIES],
        ties_in_all=len(rows),
        drawn=_drawn(session, sight, chart, person_id) if chart else None,
        shows_weeks=is_own or sight.is_whole,
        is_drawing=bool(rows) and chart is None,
        is_own=is_own,
        position=_position(session, person_id) if is_own else None,
        communities=networks.community_names(session),
        asker=asker.person,
        colleagues=[] if person.is_colleague else acquaintances.colleagues(session),
        routes=routes,
        records=_records(session, sight, person),
        coverage=lookups.coverage(session, person_id) if is_own or sight.is_whole else [],
    )


@router.post("/people/{person_id}/apart")
def set_apart(
    person_id: int,
    asks: AdminDep,
    database: DatabaseDep,
    connection_id: Annotated[int, Form()],
    external_id: Annotated[str, Form(max_length=200)],
    is_apart: Annotated[bool, Form()],
) -> Response:
    """Say that a record is nobody else, or undo that; the next run acts on it."""
    with Session(database) as session, session.begin():
        identity.set_apart(session, connection_id, external_id, is_apart=is_apart)
        what = "record.set_apart" if is_apart else "record.joined"
        audit.keep(session, asks.actor, what, f"{connection_id}/{external_id}")
    said = "stands by itself" if is_apart else "may be joined to others"
    return go(f"/console/people/{person_id}#records", f"From the next run on the record {said}.")


def tie_rows(
    session: Session, sight: Sight, ties: Sequence[tables.Tie], person_id: int
) -> list[TieRow]:
    """Ties as one of their people's page shows them; those whom the visitor may not see are out."""
    ids = {one.a if one.b == person_id else one.b for one in ties}
    seen = sight.people(session, ids)
    who, work = lookups.named(session, seen), acquaintances.work_of(session, seen)
    rows = []
    for one in ties:
        other = one.a if one.b == person_id else one.b
        if other in who:
            ours = other if who[other].is_colleague else person_id
            ways = (one.a_to_b, one.b_to_a)
            out, back = ways if ours == one.a else ways[::-1]
            rows.append(TieRow(who[other], work.get(other, Work()), one, out, back))
    return rows


def _search(
    session: Session, sight: Sight, search: str, after: int
) -> tuple[list[tables.Person], int]:
    """A page of those who are found and may be seen; and where the next begins, 0 at the end."""
    found: list[tables.Person] = []
    for _ in range(MOST_READ):
        some = lookups.people(session, PeopleSought(search), after=after, limit=SIZE * 2)
        seen = sight.people(session, [one.id or 0 for one in some])
        found += [one for one in some if one.id in seen]
        if len(found) > SIZE:
            return found[:SIZE], found[SIZE - 1].id or 0
        if len(some) < SIZE * 2:
            return found, 0
        after = some[-1].id or 0
    return found, after


def _best(session: Session, sight: Sight) -> tuple[list[tables.Person], int]:
    """Whom we know best."""
    found: dict[int, tables.Person] = {}
    for after in range(0, STRONGEST, STEP):
        ends = [
            one
            for pair in acquaintances.strongest(session, after=after, limit=STEP)
            for one in pair
        ]
        who = acquaintances.some(session, sight.people(session, set(ends) - found.keys()))
        found.update({one: who[one] for one in ends if one in who and not who[one].is_colleague})
        if len(found) >= SIZE or not ends:
            break
    return list(found.values())[:SIZE], 0


def _rows(session: Session, sight: Sight, found: Collection[tables.Person]) -> list[PersonRow]:
    ids = [one.id or 0 for one in found]
    work, cards = acquaintances.work_of(session, ids), acquaintances.cards(session, ids)
    best = {one.best.other.id for one in cards.values() if one.best}
    seen = sight.people(session, best)
    cards = {n: one for n, one in cards.items() if one.best is None or one.best.other.id in seen}
    return [
        PersonRow(
            one.id or 0,
            one.name,
            one.is_colleague,
            one.mailbox,
            work.get(one.id or 0, Work()),
            cards.get(one.id or 0),
        )
        for one in found
    ]


def _records(
    session: Session, sight: Sight, person: tables.Person
) -> list[tuple[tables.Profile, tables.Connection, tables.Account | None]]:
    """The records that are a person, as far as the visitor may see them."""
    found = lookups.profiles(session, person.id or 0)
    if person.is_colleague:
        return found
    keys = {id(one): Record(one.connection_id, one.kind, one.external_id) for one, _, _ in found}
    seen = sight.records(list(keys.values()), is_known=True)
    return [row for row in found if keys[id(row[0])] in seen]


def _advice(session: Session, sight: Sight, card: Card | None) -> list[object]:
    """What is recommended about people whom the visitor may see."""
    told = card.recommendations if card else []
    ids = {one.id for advice in told for one in (advice.contact, advice.colleague)}
    seen = sight.people(session, ids)
    return [one for one in told if {one.contact.id, one.colleague.id} <= seen]


def _drawn(session: Session, sight: Sight, chart: Chart, person_id: int) -> Drawn:
    weeks = plots.weeks_of(contacts_of(session, chart, [person_id]), chart.scores, person_id)
    scene = person_picture(session, chart.scores, person_id, seen=partial(sight.people, session))
    drawn = paint(scene, is_whole=False, links=lambda one: f"/console/people/{one}")
    return Drawn(weeks, plots.draw_weeks(weeks), scene, Markup(drawn))  # noqa: S704 - it escapes


def _position(session: Session, person_id: int) -> tables.Position | None:
    try:
        return networks.position(session, person_id)
    except NotFound:
        return None
