"""Routes to a person or an account, as pages show them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Query
from sqlmodel import Session

from app.atlas import Chart, asked_enough, wishes
from app.console.deps import SightDep
from app.deps import SettingsDep
from app.engine import Leg, find_routes
from app.rights import Sight
from app.store import favours, lookups
from app.store.cards import Named

MOST = 5


@dataclass(frozen=True, slots=True)
class Step:
    """One leg: `words` is what is known of the tie; ids are 0 of those who may not be seen."""

    source: Named
    target: Named
    chance: float
    words: str
    last_at: datetime | None
    is_weakest: bool


@dataclass(frozen=True, slots=True)
class Way:
    """One route."""

    chance: float
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Introduced:
    """What was found for somebody who wants to be introduced."""

    asker: Named
    ways: tuple[Way, ...]
    direct: Step | None


@dataclass(frozen=True, slots=True)
class Asker:
    """A colleague who wants to be introduced, and requests a month after which nobody is asked."""

    person: int
    most: int


def _asker(
    settings: SettingsDep,
    sight: SightDep,
    asker: Annotated[int, Query(ge=0, le=2**53 - 1)] = 0,
) -> Asker:
    """Whoever was chosen, or the visitor, if they are a colleague; person 0 for nobody."""
    return Asker(asker or sight.colleague_id or 0, settings.introductions_per_month)


AskerDep = Annotated[Asker, Depends(_asker)]


def introduced(
    session: Session, sight: Sight, chart: Chart, asking: Asker, goals: Collection[int]
) -> Introduced:
    """Find who can introduce a colleague; introducers who may not be seen are not named.

    Raises:
        NotFound: If there is no such colleague.
    """
    asker = asking.person
    lookups.person(session, asker)
    seen_goals = sight.people(session, goals)
    busy = asked_enough(favours.loads(session, at=datetime.now(UTC)), asking.most)
    wanted = wishes(session, chart, asker, busy=busy)
    routes = find_routes(chart.network, asker=asker, targets=seen_goals, k=MOST, wishes=wanted)
    direct = _direct(chart, asker, seen_goals)
    legs = [leg for route in routes for leg in route.legs] + ([direct] if direct else [])
    met = {asker, *(end for leg in legs for end in (leg.source, leg.target))}
    who = _who(session, sight, met, asker)
    return Introduced(
        asker=who[asker],
        ways=tuple(
            Way(
                route.probability,
                tuple(_step(leg, who, is_weakest=leg is route.weakest) for leg in route.legs),
            )
            for route in routes
        ),
        direct=_step(direct, who, is_weakest=False) if direct else None,
    )


def _who(session: Session, sight: Sight, met: Collection[int], asker: int) -> dict[int, Named]:
    """What people are called; of somebody who may not be seen only where they work, with us."""
    who, seen = lookups.named(session, met), sight.people(session, met) | {asker}
    for one in set(who) - seen:
        place = _department(session, one) if who[one].is_colleague else ""
        name = f"Somebody in {place}" if place else "Somebody"
        who[one] = Named(id=0, name=name, is_colleague=who[one].is_colleague)
    return who


def _department(session: Session, person: int) -> str:
    told = (profile.department for profile, _, _ in lookups.profiles(session, person))
    return next(filter(None, told), "")


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
        points=best.points,
        last_s=best.last_s,
    )


def _step(leg: Leg, who: Mapping[int, Named], *, is_weakest: bool) -> Step:
    return Step(
        source=who[leg.source],
        target=who[leg.target],
        chance=leg.probability,
        words="same company" if leg.points is None else f"strength {leg.points:.0f}",
        last_at=None if leg.last_s is None else datetime.fromtimestamp(leg.last_s, UTC),
        is_weakest=is_weakest,
    )
