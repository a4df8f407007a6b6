"""Who can introduce whom."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlmodel import Session

from app.api.atlas import Chart
from app.api.deps import LARGEST_ID, AtlasDep, SessionDep
from app.api.problems import told
from app.engine import Leg, Route, find_routes
from app.errors import Unreadable
from app.store import lookups
from app.store.cards import Named

router = APIRouter(tags=["routes"])

PersonQuery = Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="Whom to reach.")]
AccountQuery = Annotated[
    int | None, Query(ge=1, le=LARGEST_ID, description="Or: an account, to reach anybody there.")
]
AskerQuery = Annotated[int, Query(ge=1, le=LARGEST_ID, description="Who wants to be introduced.")]
RouteLimit = Annotated[int, Query(ge=1, le=10, description="Routes at most.")]


class RouteLeg(BaseModel):
    """One step of a route."""

    source: Named
    target: Named
    kind: Literal["measured", "team"] = Field(
        description="team: only a common employer is known; its chance is assumed."
    )
    chance: float = Field(gt=0, le=1, description="That the tie carries the request.")
    strength: int | None = Field(description="Tie strength, shown 0 to 100; null for a team leg.")
    last_contact: datetime | None


class Introduction(BaseModel):
    """A way to somebody over at least one other person."""

    introducer: Named = Field(description="Whom to ask first.")
    target: Named
    chance: float = Field(gt=0, le=1, description="The product of the legs' chances.")
    legs: list[RouteLeg]
    weakest: int = Field(ge=0, description="Which leg is the most likely to fail, from 0.")
    direct: RouteLeg | None = Field(description="The asker's own tie with this target.")


class Introductions(BaseModel):
    """The best routes, the best first, each with another introducer; none is an answer too."""

    asker: Named
    as_of: datetime = Field(description="Ages are measured from the end of this UTC day.")
    direct: RouteLeg | None = Field(description="The asker's own best tie with whom to reach.")
    routes: list[Introduction]


@router.get("/routes", operation_id="findRoutes", responses=told(404))
async def find_introductions(
    session: SessionDep,
    atlas: AtlasDep,
    asker: AskerQuery,
    person: PersonQuery = None,
    account: AccountQuery = None,
    limit: RouteLimit = 3,
) -> Introductions:
    """Find who can introduce the asker to a person, or to anybody at an account."""
    goals = _goals(session, person, account)
    lookups.person(session, asker)
    chart = await atlas.chart(session)
    routes = find_routes(chart.network, asker=asker, targets=goals, k=limit)
    direct = _direct(chart, asker, goals)
    legs = [leg for route in routes for leg in _all_legs(route)] + ([direct] if direct else [])
    who = lookups.named(session, {asker, *_ends(legs)})
    routes = [one for one in routes if _ends(_all_legs(one)) <= who.keys()]
    direct = direct if direct and _ends([direct]) <= who.keys() else None
    return Introductions(
        asker=who[asker],
        as_of=chart.as_of,
        direct=_leg(direct, who) if direct else None,
        routes=[_introduction(route, who) for route in routes],
    )


def _goals(session: Session, person: int | None, account: int | None) -> set[int]:
    if person is not None and account is None:
        lookups.person(session, person)
        return {person}
    if account is not None and person is None:
        return lookups.at_account(session, account)
    raise Unreadable("Say whom to reach: either `person` or `account`.")


def _direct(chart: Chart, asker: int, goals: Collection[int]) -> Leg | None:
    """The asker's own best tie with any of these people; of equals the lower number's."""
    ties = [chart.scores.between(asker, goal) for goal in sorted(goals)]
    best = max((tie for tie in ties if tie), key=lambda tie: tie.alive, default=None)
    if best is None:
        return None
    return Leg(
        source=asker,
        target=best.other,
        probability=best.alive,
        kind="measured",
        strength=best.strength,
        points=best.points,
        last_s=best.last_s,
    )


def _ends(legs: Sequence[Leg]) -> set[int]:
    return {end for leg in legs for end in (leg.source, leg.target)}


def _all_legs(route: Route) -> list[Leg]:
    return [*route.legs, *([route.direct] if route.direct else [])]


def _introduction(route: Route, who: Mapping[int, Named]) -> Introduction:
    return Introduction(
        introducer=who[route.introducer],
        target=who[route.target],
        chance=route.probability,
        legs=[_leg(leg, who) for leg in route.legs],
        weakest=route.legs.index(route.weakest),
        direct=_leg(route.direct, who) if route.direct else None,
    )


def _leg(leg: Leg, who: Mapping[int, Named]) -> RouteLeg:
    return RouteLeg(
        source=who[leg.source],
        target=who[leg.target],
        kind=leg.kind,
        chance=leg.probability,
        strength=None if leg.points is None else round(leg.points),
        last_contact=None if leg.last_s is None else datetime.fromtimestamp(leg.last_s, UTC),
    )
