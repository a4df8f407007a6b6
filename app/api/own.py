"""What a colleague's own network is good for: told of one at a time, never a list of them."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.api.deps import AtlasDep, Id, SessionDep
from app.api.problems import told
from app.atlas import contacts_of
from app.engine.topology.brokerage import DENSE, QUARTER_DAYS, Effort, Kind, effort, kind, quarters
from app.errors import Unreadable
from app.store import lookups, networks
from app.store.cards import Named

router = APIRouter(tags=["network"])

WEEKS = QUARTER_DAYS / 7

CLOSURE = "No tie of yours began outside your own community in 90 days: closed networks suffocate."

Share = Annotated[float, Field(ge=0, le=1)]


class NewTies(BaseModel):
    """Ties that began in 90 days."""

    new: int
    outside: int = Field(description="With people outside the own community.")


class EffortBudget(BaseModel):
    """Where the contacts of the last 90 days went, beside what the ties ask for."""

    contacts_a_week: float
    needed_a_week: float = Field(
        description="What the moderate and strong ties take, each by its own rhythm."
    )
    shares: dict[str, Share] = Field(description="Of the contacts, by the band of the tie.")
    advice: str


class OwnNetwork(BaseModel):
    """One colleague's network, for that colleague; never to compare people by."""

    person: Named
    kind: Kind = Field(description="finder: sparse and wide; closer: dense; or between.")
    is_dense: bool | None = Field(description="Null below two firm ties.")
    degree: int = Field(description="Firm ties.")
    effective_size: float
    constraint: float
    density: float | None
    worlds: int = Field(description="Communities reached.")
    quarters: list[NewTies] = Field(description="Of 90 days each, the latest first.")
    closure: str | None = Field(description="A warning where no new tie leads outside.")
    effort: EffortBudget


@router.get("/people/{person_id}/network", operation_id="getOwnNetwork", responses=told(404, 422))
def get_own_network(person_id: Id, session: SessionDep, atlas: AtlasDep) -> OwnNetwork:
    """Get what one colleague's own network is good for."""
    if not lookups.person(session, person_id).is_colleague:
        raise Unreadable("This is told of colleagues, each for themself.")
    found, community = networks.position(session, person_id), networks.members(session)
    chart = atlas.refresh()
    news = quarters(chart.scores, person_id, community)
    density, theirs = found.density, contacts_of(session, chart, [person_id])
    return OwnNetwork(
        person=lookups.named(session, {person_id})[person_id],
        kind=kind(
            degree=found.degree,
            effective_size=found.effective_size,
            density=density,
            worlds=found.worlds,
        ),
        is_dense=None if density is None else density >= DENSE,
        degree=found.degree,
        effective_size=found.effective_size,
        constraint=found.constraint,
        density=density,
        worlds=found.worlds,
        quarters=[NewTies(new=one.new, outside=one.outside) for one in news],
        closure=None if news[0].outside else CLOSURE,
        effort=_budget(effort(chart.scores, theirs, person_id)),
    )


def _budget(spent: Effort) -> EffortBudget:
    is_enough = spent.contacts >= spent.needed
    return EffortBudget(
        contacts_a_week=round(spent.contacts / WEEKS, 1),
        needed_a_week=round(spent.needed / WEEKS, 1),
        shares={
            band: round(count / max(spent.contacts, 1), 3) for band, count in spent.by_band.items()
        },
        advice="There is room for new ties."
        if is_enough
        else "Your ties ask for more contacts than you have: choose which to keep.",
    )
