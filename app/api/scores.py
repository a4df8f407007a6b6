"""How strong a person's ties are, and why."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from app.api.atlas import Chart
from app.api.deps import AtlasDep, Id, SessionDep
from app.api.problems import told
from app.engine import Contribution, Contributions, Tie, explain
from app.errors import NotFound
from app.store import lookups, scores, tables
from app.store.cards import Card, Named

router = APIRouter(tags=["scores"])


class Part(BaseModel):
    """What one contact adds."""

    at: datetime
    channel: str
    source: int | None = Field(description="Who wrote or called; null where the CRM does not say.")
    recipients: int = Field(ge=1)
    strength: float = Field(ge=0, description="Its part of the tie's strength.")


class Factors(BaseModel):
    """Strength = core x breadth x liveness x (1 + overlap)."""

    core: float = Field(ge=0, description="Decayed contacts, both directions together.")
    breadth: float = Field(ge=0, description="ln(1 + weeks in touch).")
    liveness: float = Field(
        ge=0, le=1, description="Halves every 21 days of silence, towards anyone, of the quieter."
    )
    overlap: float = Field(
        ge=0, le=1, description="Share of their acquaintances that the two have in common."
    )


class Explanation(BaseModel):
    """Why a tie is as strong as it is: parts that sum to its strength, and the factors."""

    person: Named
    other: Named
    as_of: datetime = Field(description="Ages are measured from the end of this UTC day.")
    strength: float = Field(ge=0, description="As the model has it: not the points shown.")
    points: float = Field(ge=0, le=100, description="Shown: 100 strength / (strength + 1).")
    band: str
    status: str
    trend: int = Field(description="Points gained in the last 30 days; below 0 if it lost some.")
    depth: int = Field(
        ge=0, le=100, description="Points on average 90, 180, 270 and 360 days ago: what lasts."
    )
    momentum: int = Field(description="Points less depth.")
    alive: float = Field(ge=0, le=1, description="Chance of two-way contact in the next 90 days.")
    importance: float = Field(ge=0, le=1, description="Share of both people's attention.")
    risk: float = Field(description="The higher, the more likely the tie lapses.")
    confidence: float = Field(ge=0, le=1, description="How far the evidence carries the score.")
    doubts: list[str] = Field(description="Why confidence is not higher, in plain words.")
    sent: int = Field(description="Contacts from this person to the other.")
    received: int = Field(description="Contacts from the other to this person.")
    undirected: int = Field(description="Contacts whose direction the CRM does not tell.")
    factors: Factors
    by_channel: dict[str, float] = Field(description="The strength that each channel makes.")
    parts: list[Part] = Field(description="The newest contact first.")


@router.get(
    "/people/{person_id}/scores",
    operation_id="getScores",
    response_model=Card,
    responses=told(404),
)
async def get_scores(person_id: Id, request: Request) -> Response:
    """Get one person's scores: their strongest ties and what to do about them."""
    # The one route that is asked for often: it does without the cost of a dependency.
    body = lookups.card_body(request.app.state.database, person_id)
    if body is None:
        raise NotFound(f"Nothing is scored for person {person_id}.")
    return Response(body, media_type="application/json")


@router.get(
    "/people/{person_id}/scores/{other_id}", operation_id="explainScore", responses=told(404)
)
async def explain_score(
    person_id: Id, other_id: Id, session: SessionDep, atlas: AtlasDep
) -> Explanation:
    """Explain the tie of two people: what each contact adds to its strength."""
    chart = await atlas.chart(session)
    tie = chart.scores.between(person_id, other_id)
    parts = explain(chart.met, chart.scores, (person_id, other_id))
    kept = scores.tie(session, person_id, other_id)
    if tie is None or parts is None or kept is None:
        raise NotFound(f"Persons {person_id} and {other_id} never met.")
    return _explanation(session, chart, tie, parts, kept)


def _explanation(
    session: Session, chart: Chart, tie: Tie, contributions: Contributions, kept: tables.Tie
) -> Explanation:
    who = lookups.named(session, [tie.person, tie.other])
    return Explanation(
        person=who[tie.person],
        other=who[tie.other],
        as_of=chart.as_of,
        strength=tie.strength,
        points=tie.points,
        band=tie.band,
        status=tie.status,
        trend=kept.trend,
        depth=kept.depth,
        momentum=kept.points - kept.depth,
        alive=tie.alive,
        importance=tie.importance,
        risk=tie.risk,
        confidence=kept.confidence,
        doubts=kept.doubts.splitlines(),
        sent=tie.sent,
        received=tie.received,
        undirected=tie.unsaid,
        factors=Factors(
            core=contributions.core,
            breadth=contributions.breadth,
            liveness=contributions.liveness,
            overlap=contributions.overlap,
        ),
        by_channel=contributions.by_channel(),
        parts=[_part(event) for event in contributions.events],
    )


def _part(event: Contribution) -> Part:
    return Part(
        at=datetime.fromtimestamp(event.at_s, UTC),
        channel=event.channel,
        source=event.source,
        recipients=event.recipients,
        strength=event.strength,
    )
