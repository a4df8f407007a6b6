"""Lists: whom to write to, and who carries the word; each row says why it is there."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session

from app.console.deps import SightDep, ViewerDep
from app.console.pages import page
from app.console.sheets import sheet
from app.console.words import many
from app.deps import SessionDep
from app.engine import BAND_CUTS, dormant_reason, off_radar_reason
from app.rights import Sight
from app.store import acquaintances, lookups, networks, scores, tables
from app.store.acquaintances import Work
from app.store.cards import Named

router = APIRouter()

SIZE, LONGEST = 25, 500
DAY_S, MONTH_DAYS = 86_400, 30.4
MODERATE = int(BAND_CUTS[1])

Name = Literal[
    "off-radar", "dormant", "weak-ties", "bridges", "awareness", "conversion", "portfolio"
]
Page = Annotated[int, Query(ge=1, le=LONGEST // SIZE)]
Number = Annotated[int, Query(ge=0, le=2**53 - 1)]


@dataclass(frozen=True, slots=True)
class Entry:
    """Why somebody is on a list.

    Attributes:
        contact: Whom it is about.
        other: Whose tie with them it is, or who is at its other end; None for no tie.
        points: Its strength, 0 to 100, as the list means it.
    """

    contact: int
    other: int | None
    points: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry as it is shown."""

    contact: Named
    work: Work
    other: Named | None
    points: int | None
    why: str


@dataclass(frozen=True, slots=True)
class List:
    """A list: what it is called, what it is for, and how to read it.

    Attributes:
        by: What the other person of a row is to it; "" if there is none.
        points: What its strength is called; "" if it has none.
        is_ones: Whether it can be narrowed to one colleague's.
        missing: What to do where it is empty.
        read: Gives its entries, the first one first, of one colleague or (0) of all.
    """

    title: str
    lead: str
    by: str
    points: str
    is_ones: bool
    missing: str
    read: Callable[[Session, int], list[Entry]]


def _off_radar(session: Session, colleague: int) -> list[Entry]:
    found = scores.off_radar(
        session, limit=LONGEST, colleague_id=colleague or None, least_then=MODERATE
    )
    return _silent(session, found, _unusual)


def _dormant(session: Session, colleague: int) -> list[Entry]:
    found = scores.dormant_strong(session, limit=LONGEST, colleague_id=colleague or None)
    return _silent(session, found, _once)


def _unusual(tie: tables.Tie, silence_days: float) -> str:
    return off_radar_reason(silence_days, tie.rhythm_days, tie.alive)


def _once(tie: tables.Tie, silence_days: float) -> str:
    months = (tie.last_s - tie.first_s) / DAY_S / MONTH_DAYS
    return dormant_reason(silence_days, tie.points_then, tie.active_days, months)


def _silent(
    session: Session, found: Sequence[tables.Tie], why: Callable[[tables.Tie, float], str]
) -> list[Entry]:
    as_of_s = scores.snapshot(session).as_of.timestamp()
    who = lookups.named(session, {end for one in found for end in (one.a, one.b)})
    told = []
    for one in found:
        ours, theirs = (one.a, one.b) if who[one.a].is_colleague else (one.b, one.a)
        told.append(Entry(theirs, ours, one.points_then, why(one, (as_of_s - one.last_s) / DAY_S)))
    return told


def _weak(session: Session, colleague: int) -> list[Entry]:
    found = networks.weak_ties(session, limit=LONGEST, colleague_id=colleague or None)
    names = networks.community_names(session)
    return [Entry(one.contact_id, one.colleague_id, None, _opens(one, names)) for one in found]


def _opens(one: tables.WeakTie, names: Mapping[int, str]) -> str:
    worlds = [names[number] for number in one.communities if names.get(number)]
    opened = [*one.accounts, *(f"the circle {world}" for world in dict.fromkeys(worlds))]
    opens = f"Opens {', '.join(opened)}" if opened else "Leads beyond those whom both know"
    return f"{opens}: {many(one.mutual, 'acquaintance') if one.mutual else 'nobody'} in common."


def _bridges(session: Session, _: int) -> list[Entry]:
    names = networks.community_names(session)
    found = networks.bridges(session, limit=LONGEST)
    who = lookups.named(session, {end for one in found for end in (one.a, one.b)})
    told = []
    for one in found:
        is_b = who[one.a].is_colleague
        theirs, ours = (one.b, one.a) if is_b else (one.a, one.b)
        ends = [names.get(n) or f"circle {n}" for n in (one.community_a, one.community_b)]
        way = "there is no other way" if one.span is None else f"the way round has {one.span} steps"
        cut = f"; without it {many(one.cut_off, 'person', 'people')} are cut off" * bool(
            one.cut_off
        )
        why = f"Joins {' and '.join(ends)}: {way}{cut}."
        told.append(Entry(theirs, ours, one.points, why))
    return told


def _awareness(session: Session, _: int) -> list[Entry]:
    return _influence(session, "awareness", is_chosen=False)


def _conversion(session: Session, _: int) -> list[Entry]:
    return _influence(session, "conversion", is_chosen=False)


def _portfolio(session: Session, _: int) -> list[Entry]:
    kinds = ("awareness", "conversion")
    return [one for kind in kinds for one in _influence(session, kind, is_chosen=True)]


_SPREADS = "Stands between many others and spreads the word"
_MOVES = "Is close to everybody in their own circle and moves a decision"


def _influence(session: Session, kind: str, *, is_chosen: bool) -> list[Entry]:
    found = networks.influencers(session, limit=LONGEST, kind=kind, is_chosen=is_chosen)
    names = networks.community_names(session)
    what = _SPREADS if kind == "awareness" else _MOVES
    return [
        Entry(one.person_id, None, None, f"{what}: number {one.place}{_circle(names, one)}.")
        for one in found
    ]


def _circle(names: Mapping[int, str], one: tables.Influencer) -> str:
    name = names.get(one.community)
    return f", in the circle {name}" if name else ""


_DAILY = "The network is found with the first scores of a day: look again after the next run."

LISTS: Mapping[str, List] = {
    "off-radar": List(
        "Off the radar",
        "Ties that are silent for longer than is usual for the two; the most at risk first.",
        "Colleague",
        "When last in touch",
        is_ones=True,
        missing="No tie that mattered has gone quiet: nothing to do.",
        read=_off_radar,
    ),
    "dormant": List(
        "Dormant, once strong",
        "Ties that were strong and are silent for one to three years: a good reason to call.",
        "Colleague",
        "When last in touch",
        is_ones=True,
        missing="No tie that was strong is dormant: nothing to do.",
        read=_dormant,
    ),
    "weak-ties": List(
        "Weak ties",
        "This week's weak ties that are worth an hour: they open what nobody else does.",
        "Colleague",
        "",
        is_ones=True,
        missing=_DAILY,
        read=_weak,
    ),
    "bridges": List(
        "Bridges",
        "Ties that join circles which have no other acquaintance in common.",
        "Other end",
        "Strength",
        is_ones=False,
        missing="The records show no bridge, or not enough to call one so.",
        read=_bridges,
    ),
    "awareness": List(
        "Awareness",
        "Contacts who spread the word: they stand between many others.",
        "",
        "",
        is_ones=False,
        missing=_DAILY,
        read=_awareness,
    ),
    "conversion": List(
        "Conversion",
        "Contacts who move a decision: they are close to everybody in their own circle.",
        "",
        "",
        is_ones=False,
        missing=_DAILY,
        read=_conversion,
    ),
    "portfolio": List(
        "Portfolio",
        "The few to look after: from both lists, spread over circles.",
        "",
        "",
        is_ones=False,
        missing=_DAILY,
        read=_portfolio,
    ),
}


@router.get("/lists")
def show_list(
    request: Request,
    session: SessionDep,
    _: ViewerDep,
    sight: SightDep,
    show: Name = "off-radar",
    number: Annotated[Page, Query(alias="page")] = 1,
    colleague: Number = 0,
) -> Response:
    """Show a page of a list."""
    found = _entries(session, sight, show, colleague)
    first = (number - 1) * SIZE
    return page(
        request,
        "lists.html",
        lists=LISTS,
        show=show,
        chosen=LISTS[show],
        rows=_listed(session, found[first : first + SIZE]),
        total=len(found),
        longest=LONGEST,
        number=number,
        has_more=len(found) > first + SIZE,
        colleague=colleague,
        colleagues=acquaintances.colleagues(session) if LISTS[show].is_ones else [],
        network=networks.last(session),
    )


@router.get("/lists/{show}.csv")
def save_list(
    session: SessionDep, _: ViewerDep, sight: SightDep, show: Name, colleague: Number = 0
) -> Response:
    """Give a whole list as a file for a spreadsheet."""
    rows = _listed(session, _entries(session, sight, show, colleague))
    return sheet(
        show,
        ("person", "title", "account", "other", "strength", "why"),
        [
            (
                row.contact.name,
                row.work.title,
                row.work.account,
                row.other.name if row.other else "",
                row.points,
                row.why,
            )
            for row in rows
        ],
    )


def _entries(session: Session, sight: Sight, show: str, colleague: int) -> list[Entry]:
    """The list, without those whom the visitor may not see."""
    found = LISTS[show].read(session, colleague if LISTS[show].is_ones else 0)
    ids = {person for one in found for person in (one.contact, one.other) if person}
    seen = sight.people(session, ids)
    return [one for one in found if one.contact in seen and (one.other or one.contact) in seen]


def _listed(session: Session, found: Sequence[Entry]) -> list[Listed]:
    ids = {person for one in found for person in (one.contact, one.other) if person}
    who, work = lookups.named(session, ids), acquaintances.work_of(session, ids)
    return [
        Listed(
            who[one.contact],
            work.get(one.contact, Work()),
            who.get(one.other or 0),
            one.points,
            one.why,
        )
        for one in found
        if one.contact in who
    ]
