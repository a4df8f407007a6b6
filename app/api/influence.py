"""What influence is good for: a few to look after, and what a segment would believe."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlmodel import Session

from app.api.deps import LARGEST_ID, AtlasDep, SessionDep
from app.api.networks import CommunityName, InfluencerKind, Share
from app.api.problems import told
from app.atlas import Chart
from app.engine.topology.influencers import (
    KINDS,
    PORTFOLIO,
    TOUCH_DAYS,
    Influencer,
    choose,
    focus_share,
    majority,
    reach,
)
from app.engine.weights import DAY_S
from app.errors import Unreadable
from app.store import interactions, lookups, networks
from app.store.cards import Named

router = APIRouter(tags=["network"])

MOST_PEOPLE = 1_000

PortfolioSize = Annotated[int, Query(ge=2, le=200, description="How many to look after.")]
PersonId = Annotated[int, Field(ge=1, le=LARGEST_ID)]
PersonIds = Annotated[list[PersonId], Field(max_length=MOST_PEOPLE)]


class Chosen(BaseModel):
    """Somebody to look after."""

    person: Named
    kind: InfluencerKind
    place: int = Field(ge=1, description="In the list of their kind.")
    community: CommunityName
    reaches: int = Field(description="Communities they know somebody in, their own included.")


class PortfolioDetail(BaseModel):
    """The few to look after: half spread the word, half move decisions."""

    as_of: datetime
    focus_share: Share | None = Field(
        description="Share of our contacts with others in 90 days that went to these."
    )
    covered: int = Field(description="Communities that they reach.")
    communities: int = Field(description="How many there are.")
    items: list[Chosen] = Field(description="In the order in which they were chosen, by kind.")


class Segment(BaseModel):
    """Who is asked about, and who holds a view."""

    account: PersonId | None = Field(default=None, description="Everybody at this account.")
    people: PersonIds = Field(default_factory=list, description="Or these.")
    advocates: PersonIds = Field(description="Who holds the view, in the segment or beyond.")
    adding: PersonIds = Field(default_factory=list, description="Who might be won over as well.")


class View(BaseModel):
    """How common a view is in a segment, and how common it seems to be there."""

    convinced: Share = Field(description="Share of the segment who hold it.")
    see_majority: Share = Field(
        description="Share who see that more than half of those they know hold it."
    )


class MajorityView(BaseModel):
    """What a segment sees of a view, before and after some more hold it."""

    as_of: datetime
    members: int = Field(description="People of the segment who have a firm tie; others see none.")
    before: View
    after: View


@router.get("/portfolio", operation_id="getPortfolio", responses=told(503))
def get_portfolio(
    session: SessionDep, atlas: AtlasDep, size: PortfolioSize = PORTFOLIO
) -> PortfolioDetail:
    """Choose the few who reach the most communities, half of each kind of influencer."""
    networks.network(session)
    chart, home = atlas.refresh(), networks.members(session)
    listed = [
        Influencer(one.person_id, kind, one.place, one.value, one.community)
        for one in networks.listed(session, KINDS)
        for kind in KINDS
        if kind == one.kind
    ]
    near = reach(chart.firm, listed, home)
    names = networks.community_names(session)
    found = choose(listed, near, size=size, of_communities=len(names))
    who = lookups.named(session, {one.person for one in found.members})
    return PortfolioDetail(
        as_of=chart.as_of,
        focus_share=_focus(session, chart, [one.person for one in found.members]),
        covered=found.communities,
        communities=found.of_communities,
        items=[
            Chosen(
                person=who[one.person],
                kind=one.kind,
                place=one.rank,
                community=CommunityName(number=one.community, name=names.get(one.community, "")),
                reaches=len(near[one.person]),
            )
            for one in found.members
            if one.person in who
        ],
    )


def _focus(session: Session, chart: Chart, members: list[int]) -> float | None:
    as_of_s = chart.scores.as_of_s
    lately = interactions.within(session, as_of_s - TOUCH_DAYS * DAY_S, chart.until_s)
    return focus_share(lately, members, colleagues=chart.scores.colleagues, as_of_s=as_of_s)


@router.post("/majority", operation_id="findMajority", responses=told(404, 503))
def find_majority(segment: Segment, session: SessionDep, atlas: AtlasDep) -> MajorityView:
    """Find who of a segment would think that most people hold a view; nothing is kept."""
    chart, members = atlas.refresh(), _members(session, segment)
    before = _seen(chart, members, segment.advocates)
    after = _seen(chart, members, [*segment.advocates, *segment.adding])
    return MajorityView(as_of=chart.as_of, members=before[0], before=before[1], after=after[1])


def _members(session: Session, segment: Segment) -> set[int]:
    if segment.account is not None and not segment.people:
        return lookups.at_account(session, segment.account)
    if segment.people and segment.account is None:
        return set(segment.people)
    raise Unreadable("Say whose view it is: either `account` or `people`.")


def _seen(chart: Chart, members: set[int], advocates: Iterable[int]) -> tuple[int, View]:
    found = majority(chart.firm, members, set(advocates))
    return found.members, View(convinced=found.convinced, see_majority=found.see)
