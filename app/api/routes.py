"""Who can introduce whom."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlmodel import Session

from app.api.deps import LARGEST_ID, AtlasDep, SessionDep, SettingsDep
from app.api.problems import told
from app.atlas import Chart, asked_enough, wishes
from app.engine import Leg, Opening, Route, Wishes, cheapest_opening, find_routes
from app.engine.request import Facts, request_text
from app.engine.weights import DAY_S
from app.errors import Unreadable
from app.store import favours, gains, lookups, networks, people
from app.store.cards import Named

router = APIRouter(tags=["routes"])

MOST_LINKED = 50

Number = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class Sought(BaseModel):
    """Whom somebody wants to reach, and how the answer is to be sorted."""

    asker: Number = Field(description="Who wants to be introduced.")
    person: Number | None = Field(default=None, description="Whom to reach.")
    account: Number | None = Field(
        default=None, description="Or: an account, to reach anybody there."
    )
    role: str = Field(
        default="", max_length=100, description="Only whose title there has all these words."
    )
    order: Literal["chance", "known", "favour"] = Field(
        default="chance",
        description="Sort by the chance of all, by whom one knows best, or by who owes a favour.",
    )
    limit: int = Field(default=3, ge=1, le=10, description="Routes at most.")


class Evidence(BaseModel):
    """What a tie is known by, as the source of the leg sees it."""

    sent: int
    received: int
    undirected: int = Field(description="Contacts whose direction the CRM does not tell.")
    calls: int
    meetings: int
    active_days: int = Field(description="Days with contact.")
    age_days: int = Field(ge=0, description="Days since the last contact.")
    confidence: float = Field(ge=0, le=1)


class RouteLeg(BaseModel):
    """One step of a route."""

    source: Named
    target: Named
    kind: Literal["measured", "team"] = Field(
        description="team: only a common employer is known; its chance is assumed."
    )
    chance: float = Field(gt=0, le=1, description="That the tie carries the request; calibrated.")
    strength: int | None = Field(description="Tie strength, shown 0 to 100; null for a team leg.")
    last_contact: datetime | None
    evidence: Evidence | None = Field(description="Null for a team leg.")
    linked_since: date | None = Field(
        description="Connected on LinkedIn: that they know each other, not how well."
    )


class Introduction(BaseModel):
    """A way to somebody over at least one other person."""

    introducer: Named = Field(description="Whom to ask first.")
    target: Named
    chance: float = Field(gt=0, le=1, description="The product of the legs' chances.")
    legs: list[RouteLeg]
    weakest: int = Field(ge=0, description="Which leg is the most likely to fail, from 0.")
    direct: RouteLeg | None = Field(description="The asker's own tie with this target.")
    owes: float = Field(description="Favours the introducer owes the asker; below 0: the asker.")
    asked: int = Field(ge=0, description="How often anybody asked them in the last 30 days.")
    request: str = Field(description="Words to ask with; nothing is sent.")


class Linked(BaseModel):
    """A colleague who is connected on LinkedIn with whom to reach: no strength follows from it."""

    colleague: Named
    target: Named
    since: date


class TieToBuild(BaseModel):
    """The tie that lacks least, of those that would make a way warm."""

    source: Named = Field(description="Who is to build it.")
    target: Named
    goal: Named = Field(description="Whom it leads to.")
    chance_now: float = Field(ge=0, le=1)
    chance_then: float = Field(ge=0, le=1, description="Of the whole way, with the tie at 0.5.")


class NoRoute(BaseModel):
    """That there is no warm route, and what to do about it."""

    reason: str
    build: TieToBuild | None


class Introductions(BaseModel):
    """The best routes; nobody is on two of them. None is an answer too."""

    asker: Named
    as_of: datetime = Field(description="Ages are measured from the end of this UTC day.")
    direct: RouteLeg | None = Field(description="The asker's own best tie with whom to reach.")
    routes: list[Introduction]
    busy: list[Named] = Field(description="Who would be asked, had they not been asked enough.")
    no_route: NoRoute | None = Field(description="Where there are no routes.")
    linked: list[Linked] = Field(
        description="Who of us is connected on LinkedIn with whom to reach, as of the day's first "
        "scoring; the oldest 50."
    )


@router.get("/routes", operation_id="findRoutes", responses=told(404))
async def find_introductions(
    session: SessionDep, atlas: AtlasDep, settings: SettingsDep, sought: Annotated[Sought, Query()]
) -> Introductions:
    """Find who can introduce the asker to a person, or to anybody or a role at an account."""
    goals = _goals(session, sought)
    lookups.person(session, sought.asker)
    chart = await atlas.chart(session)
    loads = favours.loads(session, at=datetime.now(UTC))
    busy = asked_enough(loads, settings.introductions_per_month)
    wanted = wishes(session, chart, sought.asker, busy=busy, order=sought.order)
    return _answer(session, chart, _Question(sought.asker, goals, wanted, sought.limit), loads)


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked: who wants to reach whom, and how."""

    asker: int
    goals: Collection[int]
    wishes: Wishes
    limit: int

    def routes(self, chart: Chart, wishes: Wishes | None = None) -> list[Route]:
        """The routes that are wanted."""
        return find_routes(
            chart.network,
            asker=self.asker,
            targets=self.goals,
            k=self.limit,
            wishes=wishes or self.wishes,
        )

    def spared(self, chart: Chart) -> list[int]:
        """Who would be asked first, had they not been asked often enough."""
        if not self.wishes.busy:
            return []
        every = self.routes(chart, replace(self.wishes, busy=()))
        return sorted({one.introducer for one in every} & set(self.wishes.busy))


@dataclass(frozen=True, slots=True)
class _Scene:
    """What legs are told with: the ties, the names, and who is connected on LinkedIn."""

    chart: Chart
    who: Mapping[int, Named]
    since: Mapping[frozenset[int], date]

    def leg(self, leg: Leg) -> RouteLeg:
        """Tell one leg."""
        tie = leg.tie
        return RouteLeg(
            source=self.who[leg.source],
            target=self.who[leg.target],
            kind=leg.kind,
            chance=leg.probability,
            strength=None if leg.points is None else round(leg.points),
            last_contact=None if leg.last_s is None else datetime.fromtimestamp(leg.last_s, UTC),
            evidence=None
            if tie is None
            else Evidence(
                sent=tie.sent,
                received=tie.received,
                undirected=tie.unsaid,
                calls=tie.calls,
                meetings=tie.meetings,
                active_days=tie.active_days,
                age_days=max(self.chart.scores.as_of_s - tie.last_s, 0) // DAY_S,
                confidence=tie.confidence,
            ),
            linked_since=self.since.get(frozenset((leg.source, leg.target))),
        )


def _answer(
    session: Session, chart: Chart, question: _Question, loads: Counter[int]
) -> Introductions:
    routes, spared = question.routes(chart), question.spared(chart)
    direct = _direct(chart, question.asker, question.goals)
    opening = None
    if not routes:
        opening = cheapest_opening(chart.scores, asker=question.asker, targets=question.goals)
    legs = [leg for route in routes for leg in _all_legs(route)] + ([direct] if direct else [])
    opened = {opening.source, opening.target, opening.goal} if opening else set()
    links = networks.links(session, {*question.goals, *_ends(legs)})
    first = sorted((o for o in links if o.person_id in question.goals), key=lambda o: o.since)
    knowing = {end for one in first[:MOST_LINKED] for end in (one.colleague_id, one.person_id)}
    who = lookups.named(session, {question.asker, *_ends(legs), *spared, *opened, *knowing})
    since = {frozenset((one.colleague_id, one.person_id)): one.since for one in links}
    # Somebody may have been erased since the ties were read.
    routes = [one for one in routes if _ends(_all_legs(one)) <= who.keys()]
    direct = direct if direct and _ends([direct]) <= who.keys() else None
    opening = opening if opened <= who.keys() else None
    scene, listed = _Scene(chart, who, since), []
    for one in routes:
        owes = question.wishes.owed.get(one.introducer, 0.0)
        text = request_text(one, _facts(session, chart, one, who, owes))
        listed.append(_introduction(scene, one, (owes, loads[one.introducer], text)))
    return Introductions(
        asker=who[question.asker],
        as_of=chart.as_of,
        direct=scene.leg(direct) if direct else None,
        routes=listed,
        busy=[who[one] for one in spared if one in who],
        no_route=None if routes else _no_route(opening, who, question),
        linked=[
            Linked(colleague=who[one.colleague_id], target=who[one.person_id], since=one.since)
            for one in first[:MOST_LINKED]
            if {one.colleague_id, one.person_id} <= who.keys()
        ],
    )


def _facts(
    session: Session, chart: Chart, route: Route, who: Mapping[int, Named], owes: float
) -> Facts:
    """What a request may say."""
    asker, introducer = route.legs[0].source, route.introducer
    return Facts(
        names={person: found.name for person, found in who.items()},
        account=people.accounts_of(session, [route.target]).get(route.target),
        opens=gains.opened(session, chart.scores, asker=asker, introducer=introducer),
        owed=owes,
        as_of_s=chart.scores.as_of_s,
    )


def _goals(session: Session, sought: Sought) -> set[int]:
    if sought.person is not None and sought.account is None and not sought.role:
        lookups.person(session, sought.person)
        return {sought.person}
    if sought.account is not None and sought.person is None:
        found = lookups.at_account(session, sought.account)
        return lookups.titled(session, found, sought.role) if sought.role.strip() else found
    raise Unreadable("Say whom to reach: either `person` or `account`, and `role` at an account.")


def _direct(chart: Chart, asker: int, goals: Collection[int]) -> Leg | None:
    """The asker's own best tie with any of these people; of equals the lower number's."""
    ties = [chart.scores.between(asker, goal) for goal in sorted(goals)]
    best = max((tie for tie in ties if tie), key=lambda tie: tie.alive, default=None)
    return None if best is None else Leg.of(best)


def _ends(legs: Sequence[Leg]) -> set[int]:
    return {end for leg in legs for end in (leg.source, leg.target)}


def _all_legs(route: Route) -> list[Leg]:
    return [*route.legs, *([route.direct] if route.direct else [])]


def _introduction(scene: _Scene, route: Route, beside: tuple[float, int, str]) -> Introduction:
    owes, asked, request = beside
    return Introduction(
        introducer=scene.who[route.introducer],
        target=scene.who[route.target],
        chance=route.probability,
        legs=[scene.leg(leg) for leg in route.legs],
        weakest=route.legs.index(route.weakest),
        direct=scene.leg(route.direct) if route.direct else None,
        owes=round(owes, 3),
        asked=asked,
        request=request,
    )


def _no_route(opening: Opening | None, who: Mapping[int, Named], question: _Question) -> NoRoute:
    if not question.goals:
        return NoRoute(reason="Nobody there is known to be what was asked for.", build=None)
    if opening is None:
        return NoRoute(reason="No warm route, and no tie to build that would make one.", build=None)
    source, target = who[opening.source], who[opening.target]
    is_own = opening.source == question.asker
    says = f"a tie of {'yours' if is_own else source.name} with {target.name}"
    return NoRoute(
        reason=f"No warm route. The cheapest tie to build is {says}.",
        build=TieToBuild(
            source=source,
            target=target,
            goal=who[opening.goal],
            chance_now=opening.present,
            chance_then=opening.built,
        ),
    )
