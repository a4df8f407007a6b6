"""Accounts: search, and one account: who of ours knows whom there, and how its deals stand."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from markupsafe import Markup
from sqlmodel import Session

from app.console.deps import SightDep, ViewerDep
from app.console.introducing import AskerDep, introduced
from app.console.pages import page
from app.deps import AtlasDep, SessionDep
from app.engine import BANDS, STATUSES
from app.engine.calibre import calibre
from app.engine.deals import Link, Picture, picture, risk_of, task_of
from app.engine.worth import Worth, worth
from app.errors import NotFound
from app.pictures import Scene, account_picture, paint
from app.rights import Sight
from app.store import acquaintances, connections, lookups, tables
from app.store.acquaintances import Work
from app.store.cards import Named
from app.store.sights import Record
from connectors import Target

router = APIRouter()

SIZE, TIES = 25, 30
STRONGEST, STEP = 1200, 150
"""Ties from which the best-known accounts are taken where none is searched for."""

Search = Annotated[str, Query(max_length=200)]
Number = Annotated[int, Query(ge=0, le=2**53 - 1)]


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account in a list.

    Attributes:
        people: How many are there whom the visitor may see, `known` of whom one of us knows.
        best: The strongest tie; None where nobody is known.
        ours: Whose it is; `theirs` is with whom.
    """

    account: tables.Account
    crm: str
    people: int
    known: int
    best: acquaintances.Best | None = None
    ours: str = ""
    theirs: str = ""


@dataclass(frozen=True, slots=True)
class Thread:
    """Somebody at the account, with the ties of ours, the strongest first."""

    contact: Named
    work: Work
    ties: tuple[tuple[Named, tables.Tie], ...]

    @property
    def others(self) -> tuple[tuple[Named, tables.Tie], ...]:
        """The next best of us, where there is more than history."""
        return tuple(one for one in self.ties[1:4] if one[1].band != BANDS[0])


@dataclass(frozen=True, slots=True)
class Standing:
    """How an account stands: of `people` so many are known, and have a live tie."""

    people: int
    known: int
    threads: int
    risk: str
    worth: Worth
    colleagues: int


@router.get("/accounts")
def show_accounts(
    request: Request,
    session: SessionDep,
    _: ViewerDep,
    sight: SightDep,
    search: Search = "",
    after: Number = 0,
) -> Response:
    """Search for accounts; whoever searches for none sees where we are known best."""
    sought = search.strip()
    if sought:
        some = lookups.accounts(session, sought, after=after, limit=SIZE * 4)
        seen = sight.accounts(session, [one.id or 0 for one in some])
        found = [one for one in some if one.id in seen]
        is_more = len(found) > SIZE or len(some) == SIZE * 4
        more = (found[:SIZE] or some)[-1].id if is_more else 0
    else:
        found, more = _best(session, sight), 0
    rows = _rows(session, sight, found[:SIZE])
    return page(request, "accounts.html", rows=rows, search=sought, more=more, is_first=after == 0)


@router.get("/accounts/{account_id}")
def show_account(
    request: Request,
    session: SessionDep,
    _: ViewerDep,
    sight: SightDep,
    atlas: AtlasDep,
    account_id: int,
    asker: AskerDep,
    *,
    every: bool = False,
) -> Response:
    """Show an account: the map, who knows whom, the open deals, and the way in."""
    account = acquaintances.accounts(session, [account_id]).get(account_id)
    if account is None or not sight.accounts(session, [account_id]):
        raise NotFound(f"There is no account {account_id}.")
    there = sight.people(session, acquaintances.members(session, [account_id])[account_id])
    ties = acquaintances.outward(session, there)
    threads = _threads(session, sight, there, ties)
    chart = atlas.at_hand(session) if ties else None
    routes = introduced(session, sight, chart, asker, there) if chart and asker.person else None
    scene = (
        account_picture(session, chart.scores, account_id, seen=partial(sight.people, session))
        if chart
        else None
    )
    return page(
        request,
        "account.html",
        account=account,
        crm=connections.get(session, account.connection_id).title,
        standing=_standing(there, ties, threads),
        threads=threads if every else threads[:TIES],
        threads_in_all=len(threads),
        scene=scene,
        picture=_painted(scene),
        is_drawing=bool(ties) and chart is None,
        deals=_deals(session, sight, account_id, threads),
        asker=asker.person,
        colleagues=acquaintances.colleagues(session) if ties else [],
        routes=routes,
    )


def _best(session: Session, sight: Sight) -> list[tables.Account]:
    """Where we know somebody best."""
    found: dict[int, tables.Account] = {}
    for after in range(0, STRONGEST, STEP):
        ends = [
            one
            for pair in acquaintances.strongest(session, after=after, limit=STEP)
            for one in pair
        ]
        who = acquaintances.some(session, ends)
        theirs = [one for one in ends if one in who and not who[one].is_colleague]
        work = acquaintances.work_of(session, theirs)
        at = [work[one].account_id or 0 for one in theirs if one in work]
        some = acquaintances.accounts(session, sight.accounts(session, {*at} - found.keys() - {0}))
        found.update({one: some[one] for one in at if one in some})
        if len(found) >= SIZE or not ends:
            break
    return list(found.values())[:SIZE]


def _rows(session: Session, sight: Sight, found: Sequence[tables.Account]) -> list[AccountRow]:
    members = acquaintances.members(session, [one.id or 0 for one in found])
    seen = sight.people(session, {one for few in members.values() for one in few})
    best = acquaintances.best_of(session, seen)
    tops = {
        number: max(few & best.keys(), key=lambda one: (best[one].strength, -one))
        for number, few in members.items()
        if few & best.keys()
    }
    ends = {end for one in tops.values() for end in (one, best[one].other)}
    who = acquaintances.some(session, sight.people(session, ends))
    titles = {one.id or 0: one.title for one in connections.every(session)}
    rows = []
    for account in found:
        there = members[account.id or 0] & seen
        known = sum(best[one].band != BANDS[0] for one in there & best.keys())
        crm = titles.get(account.connection_id, "")
        row = AccountRow(account, crm, len(there), known)
        if (top := tops.get(account.id or 0)) is not None:
            ours = who.get(best[top].other)
            name = ours.name if ours else "somebody"
            row = replace(row, best=best[top], ours=name, theirs=who[top].name)
        rows.append(row)
    return rows


def _is_live(tie: tables.Tie) -> bool:
    return tie.band != BANDS[0] and tie.status in STATUSES[:2]


def _threads(
    session: Session, sight: Sight, there: Collection[int], ties: Sequence[tables.Tie]
) -> list[Thread]:
    """Everybody there whom one of us knows, the best-known first."""
    who = lookups.named(session, {end for one in ties for end in (one.a, one.b)})
    seen = sight.people(session, who)
    work = acquaintances.work_of(session, there)
    of: dict[int, list[tuple[Named, tables.Tie]]] = {}
    for tie in ties:
        ours, theirs = (tie.a, tie.b) if tie.b in there else (tie.b, tie.a)
        if ours in seen and theirs in seen:
            of.setdefault(theirs, []).append((who[ours], tie))
    return [Thread(who[one], work.get(one, Work()), tuple(found)) for one, found in of.items()]


def _links(threads: Sequence[Thread]) -> list[Link]:
    return [
        Link(ours.id, one.contact.id, tie.points, tie.alive, tie.band != BANDS[0], _is_live(tie))
        for one in threads
        for ours, tie in one.ties
    ]


def _calibres(threads: Sequence[Thread]) -> dict[int, float]:
    told = ((one.contact.id, calibre(one.work.title)) for one in threads)
    return {person: value for person, value in told if value is not None}


def _standing(
    there: Collection[int], ties: Sequence[tables.Tie], threads: Sequence[Thread]
) -> Standing:
    links = _links(threads)
    live = [one for one in links if one.is_live]
    return Standing(
        people=len(there),
        known=sum(any(tie.band != BANDS[0] for _, tie in one.ties) for one in threads),
        threads=len({one.contact for one in live}),
        risk=risk_of(live).value if ties else "",
        worth=worth(links, _calibres(threads)),
        colleagues=len({one.colleague for one in live}),
    )


def _deals(
    session: Session, sight: Sight, account_id: int, threads: Sequence[Thread]
) -> list[tuple[tables.Deal, Picture]]:
    """The open deals, and whether we have the network that each needs."""
    open_ones = acquaintances.open_deals(session, account_id)
    keys = [Record(one.connection_id, Target.DEAL.value, one.external_id) for one in open_ones]
    seen = sight.records(keys)
    found = [one for one, key in zip(open_ones, keys, strict=True) if key in seen]
    links, calibres = _links(threads), _calibres(threads)
    told = []
    for deal in found:
        records = [str(one[0]) for one in deal.contacts]
        people = acquaintances.people_of(session, deal.connection_id, records)
        on_it = {people.get(one, -n) for n, one in enumerate(records, 1)}
        told.append((deal, picture(task_of(deal.stage), links, involved=on_it, calibres=calibres)))
    return told


def _painted(scene: Scene | None) -> Markup | None:
    if scene is None:
        return None
    drawn = paint(scene, is_whole=False, links=lambda one: f"/console/people/{one}")
    return Markup(drawn)  # noqa: S704 - it escapes
