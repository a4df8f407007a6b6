"""Who stands where: positions, communities, bridges, influencers and weak ties worth an hour."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from app.api.deps import LARGEST_ID, Id, Limit, SessionDep
from app.api.problems import told
from app.store import lookups, networks, tables
from app.store.cards import Named

router = APIRouter(tags=["network"])

DAY = timedelta(days=1)

Share = Annotated[float, Field(ge=0, le=1)]
AfterNumber = Annotated[
    int,
    Query(ge=-1, le=LARGEST_ID, description="`next` of the page before; -1 at first."),
]
PersonOnly = Annotated[
    int | None, Query(ge=1, le=LARGEST_ID, description="Only what this person holds.")
]
ColleagueOnly = Annotated[
    int | None, Query(ge=1, le=LARGEST_ID, description="Only the list of this colleague.")
]
InfluencerKind = Literal["awareness", "conversion"]
ListKind = Literal["awareness", "conversion", "connector"]


class CommunityName(BaseModel):
    """A community, by number and name."""

    number: int = Field(description="The same from day to day while most of its people stay.")
    name: str


class NetworkHealth(BaseModel):
    """Whether the records show strong ties inside groups and weak ones between them."""

    is_sound: bool = Field(description="If not, no tie is called a bridge.")
    reason: str
    correlation: float | None = Field(description="Spearman's, of strength and overlap.")
    ties: int = Field(description="Firm ties: within a year five messages both ways, or two talks.")


class PositionDetail(BaseModel):
    """One person's place among the firm ties."""

    person: Named
    as_of: datetime = Field(description="Found at the end of this UTC day.")
    community: CommunityName
    degree: int = Field(description="Firm ties.")
    effective_size: float = Field(description="Firm ties less those that lead to the same people.")
    constraint: float = Field(description="How far all attention leads back to one person; Burt's.")
    density: float | None = Field(description="How far those they know know each other, 0 to 1.")
    betweenness: Share = Field(description="Share of the shortest ways between others.")
    betweenness_error: float = Field(description="How far it may be off; 0 where it is exact.")
    closeness: float = Field(ge=0, description="To their own community, in ties.")
    inward: Share = Field(description="Share of their strength that stays in their community.")
    participation: Share = Field(description="How evenly ties are spread over communities.")
    worlds: int = Field(description="Communities they know somebody in.")
    core: int = Field(description="The largest k of a k-core they are in.")
    is_articulation: bool = Field(description="Without them the network would fall apart.")
    introductions: float = Field(description="Made, as far as the records show.")
    influencer: InfluencerKind | None = Field(description="For members of the portfolio.")
    bridge_to: str = Field(description="What their bridges lead to; empty without one.")
    linked: int = Field(
        description="People they are connected with on LinkedIn, as a colleague's list tells: "
        "evidence that they know each other, and no tie."
    )


class CommunityDetail(CommunityName):
    """People who hang together."""

    people: int
    colleagues: int
    ties: int = Field(description="Firm ties inside.")
    leaving: int = Field(description="Firm ties that lead out of it.")


class EvidenceCount(BaseModel):
    """How many edges are known by one kind of evidence."""

    evidence: str
    edges: int
    confidence: Share = Field(description="The mean chance that the two know each other.")


class Communities(BaseModel):
    """Communities in the order of their numbers, and what they rest on."""

    as_of: datetime
    health: NetworkHealth
    evidence: list[EvidenceCount]
    items: list[CommunityDetail]
    next: int | None = Field(description="What to give as `after` for more; null at the end.")


class BridgeEnd(BaseModel):
    """One end of a bridge: what is the far side for the other one."""

    person: Named
    community: CommunityName


class BridgeDetail(BaseModel):
    """A tie between two communities, of two people without an acquaintance in common."""

    ends: list[BridgeEnd]
    strength: int = Field(ge=0, le=100)
    span: int | None = Field(description="Ties on the shortest way round; null if there is none.")
    cut_off: int = Field(description="People cut off without it; 0 where there is a way round.")


class StrongTiesClaim(BaseModel):
    """What becomes here of “no strong tie is a bridge” (Granovetter 1973)."""

    strong: int = Field(description="Strong ties among the firm ones.")
    bridges: int = Field(description="How many of them are bridges all the same.")
    expected: float = Field(description="How many would be if strength had nothing to do with it.")


class Bridges(BaseModel):
    """Bridges, those first without whom most people are cut off; none where health is unsound."""

    as_of: datetime
    health: NetworkHealth
    claim: StrongTiesClaim
    items: list[BridgeDetail]


class InfluencerRow(BaseModel):
    """Somebody on one of the lists."""

    person: Named
    place: int = Field(ge=1, description="In the own list.")
    value: float = Field(description="What the list is sorted by; comparable within it only.")
    community: CommunityName
    is_chosen: bool = Field(description="In the portfolio.")


class Influencers(BaseModel):
    """One of the lists, and how much of our time goes to the portfolio."""

    as_of: datetime
    focus_share: float | None = Field(
        description="Share of our contacts with others in 90 days that went to the portfolio."
    )
    covered: int = Field(description="Communities that the portfolio reaches.")
    items: list[InfluencerRow]


class WeakTieRow(BaseModel):
    """A weak tie on a colleague's list of this week."""

    colleague: Named
    contact: Named
    place: int = Field(ge=1)
    opportunity: Share = Field(description="(1 - overlap) x chance of an answer, damped.")
    mutual: int = Field(description="Acquaintances in common.")
    opens_accounts: list[str] = Field(description="Where the colleague knows nobody else.")
    opens_communities: list[CommunityName] = Field(
        description="In which the colleague knows nobody else."
    )


class WeakTies(BaseModel):
    """Whom to write to this week."""

    as_of: datetime
    items: list[WeakTieRow]


@router.get("/people/{person_id}/position", operation_id="getPosition", responses=told(404, 503))
async def get_position(person_id: Id, session: SessionDep) -> PositionDetail:
    """Get somebody's place among the firm ties, as of the day's first scoring."""
    lookups.person(session, person_id)
    network, found = networks.network(session), networks.position(session, person_id)
    names = networks.community_names(session)
    return PositionDetail(
        person=lookups.named(session, {person_id})[person_id],
        as_of=network.as_of - DAY,
        community=_community(found.community, names),
        betweenness_error=network.error,
        influencer=_kind(found.influencer),
        linked=networks.links_of(session, person_id),
        **found.model_dump(exclude={"person_id", "community", "influencer"}),
    )


@router.get("/communities", operation_id="listCommunities", responses=told(503))
async def list_communities(
    session: SessionDep, after: AfterNumber = -1, limit: Limit = 50
) -> Communities:
    """List who hangs together, the health of the network, and how its edges are known."""
    network = networks.network(session)
    found = networks.communities(session, after=after, limit=limit + 1)
    return Communities(
        as_of=network.as_of - DAY,
        health=_health(network),
        evidence=[EvidenceCount(evidence=kind, **row) for kind, row in network.edges.items()],
        items=[CommunityDetail.model_validate(one.model_dump()) for one in found[:limit]],
        next=found[limit - 1].number if len(found) > limit else None,
    )


@router.get("/bridges", operation_id="listBridges", responses=told(503))
async def list_bridges(
    session: SessionDep, person: PersonOnly = None, limit: Limit = 50
) -> Bridges:
    """List the ties that join communities, of everybody or of one person."""
    network = networks.network(session)
    found = networks.bridges(session, limit=limit, person_id=person)
    who = lookups.named(session, {end for one in found for end in (one.a, one.b)})
    names = networks.community_names(session)
    return Bridges(
        as_of=network.as_of - DAY,
        health=_health(network),
        claim=StrongTiesClaim(
            strong=network.strong,
            bridges=network.strong_bridges,
            expected=network.expected_bridges,
        ),
        items=[_bridge(one, who, names) for one in found if {one.a, one.b} <= who.keys()],
    )


@router.get("/influencers", operation_id="listInfluencers", responses=told(503))
async def list_influencers(
    session: SessionDep,
    kind: ListKind = "awareness",
    limit: Limit = 50,
    *,
    portfolio: bool = False,
) -> Influencers:
    """List who spreads the word, who moves a decision, or who introduces people."""
    network = networks.network(session)
    found = networks.influencers(session, limit=limit, kind=kind, is_chosen=portfolio)
    who = lookups.named(session, {one.person_id for one in found})
    names = networks.community_names(session)
    return Influencers(
        as_of=network.as_of - DAY,
        focus_share=network.focus_share,
        covered=network.covered,
        items=[
            InfluencerRow(
                person=who[one.person_id],
                place=one.place,
                value=one.value,
                community=_community(one.community, names),
                is_chosen=one.is_chosen,
            )
            for one in found
            if one.person_id in who
        ],
    )


@router.get("/weak-ties", operation_id="listWeakTies", responses=told(503))
async def list_weak_ties(
    session: SessionDep, colleague: ColleagueOnly = None, limit: Limit = 50
) -> WeakTies:
    """List the weak ties that are worth an hour this week, and what each opens."""
    network = networks.network(session)
    found = networks.weak_ties(session, limit=limit, colleague_id=colleague)
    who = lookups.named(session, {end for o in found for end in (o.colleague_id, o.contact_id)})
    names = networks.community_names(session)
    return WeakTies(as_of=network.as_of - DAY, items=_weak_ties(found, who, names))


def _weak_ties(
    found: Sequence[tables.WeakTie], who: Mapping[int, Named], names: Mapping[int, str]
) -> list[WeakTieRow]:
    return [
        WeakTieRow(
            colleague=who[one.colleague_id],
            contact=who[one.contact_id],
            place=one.place,
            opportunity=one.opportunity,
            mutual=one.mutual,
            opens_accounts=one.accounts,
            opens_communities=[_community(number, names) for number in one.communities],
        )
        for one in found
        if {one.colleague_id, one.contact_id} <= who.keys()
    ]


def _health(network: tables.Network) -> NetworkHealth:
    return NetworkHealth(
        is_sound=network.is_sound,
        reason=network.reason,
        correlation=network.correlation,
        ties=network.ties,
    )


def _community(number: int, names: Mapping[int, str]) -> CommunityName:
    return CommunityName(number=number, name=names.get(number, ""))


def _kind(influencer: str) -> InfluencerKind | None:
    return "awareness" if influencer == "awareness" else "conversion" if influencer else None


def _bridge(one: tables.Bridge, who: Mapping[int, Named], names: Mapping[int, str]) -> BridgeDetail:
    ends = ((one.a, one.community_a), (one.b, one.community_b))
    return BridgeDetail(
        ends=[BridgeEnd(person=who[p], community=_community(c, names)) for p, c in ends],
        strength=one.points,
        span=one.span,
        cut_off=one.cut_off,
    )
