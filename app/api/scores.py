"""How strong a person's ties are, and why."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from app.api.deps import AtlasDep, Id, SessionDep
from app.api.problems import told
from app.atlas import contacts_between
from app.engine import Contribution, Contributions, Outlook, Tie, explain, in_words, outlook
from app.errors import NotFound
from app.store import lookups, overrides, scores, tables
from app.store.cards import Card, CardOverride, Named

router = APIRouter(tags=["scores"])

EPOCH = date(1970, 1, 1)


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


class WeekPart(BaseModel):
    """What the contacts of one week add."""

    week: date = Field(description="Its Monday (UTC).")
    strength: float = Field(ge=0, description="Its part of the tie's strength.")


class WouldBe(BaseModel):
    """Points that the tie would have, all else being equal: scored once more, not guessed."""

    meeting: float = Field(ge=0, le=100, description="After a meeting of the two today.")
    reply: float = Field(ge=0, le=100, description="After a mail today from `reply_from`.")
    reply_from: int = Field(description="Who of the two has written less of late.")
    silence: float = Field(ge=0, le=100, description="After 30 days without contact of the two.")


class Explanation(BaseModel):
    """Why a tie is as strong as it is: parts that sum to its strength, and what would change it."""

    person: Named
    other: Named
    as_of: datetime = Field(description="Ages are measured from the end of this UTC day.")
    strength: float = Field(ge=0, description="As the model has it: not the points shown.")
    points: float = Field(ge=0, le=100, description="Shown: 100 strength / (strength + 1).")
    band: str
    status: str
    override: CardOverride | None = Field(
        description="What a person says is shown instead, and why; all else here is computed."
    )
    shown: int = Field(ge=0, le=100, description="What cards and custom fields show.")
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
    active_days: int = Field(description="Days with contact.")
    answers_in_h: float | None = Field(
        description="Median hours until this person answers; null where no thread shows a reply."
    )
    answered_in_h: float | None = Field(description="The same of the other.")
    factors: Factors
    by_channel: dict[str, float] = Field(description="The strength that each channel makes.")
    by_week: list[WeekPart] = Field(description="Weeks with contact, the newest first.")
    would_be: WouldBe
    in_words: str = Field(max_length=255, description="All of this in one line.")
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
    """Explain the tie of two people: what each contact adds, what would change it."""
    chart = await atlas.chart(session)
    tie = chart.scores.between(person_id, other_id)
    pair = (person_id, other_id)
    theirs = contacts_between(session, chart, pair)
    parts = explain(theirs, chart.scores, pair, weights=chart.weights)
    coming = outlook(theirs, chart.scores, pair, weights=chart.weights)
    kept = scores.tie(session, person_id, other_id)
    if tie is None or parts is None or coming is None or kept is None:
        raise NotFound(f"Persons {person_id} and {other_id} never met.")
    who = lookups.named(session, pair)
    if not who.keys() >= set(pair):
        raise NotFound(f"Persons {person_id} and {other_id} never met.")
    said = overrides.of_tie(session, *pair, at=scores.snapshot(session).scored_at)
    return _explanation(chart.as_of, who, Why(tie, parts, coming, kept, said))


class Why(NamedTuple):
    """All that is found out about one tie."""

    tie: Tie
    parts: Contributions
    coming: Outlook
    kept: tables.Tie
    said: tables.Override | None


def _explanation(as_of: datetime, who: Mapping[int, Named], why: Why) -> Explanation:
    tie, contributions, coming, kept = why.tie, why.parts, why.coming, why.kept
    return Explanation(
        person=who[tie.person],
        other=who[tie.other],
        as_of=as_of,
        strength=tie.strength,
        points=tie.points,
        band=tie.band,
        status=tie.status,
        override=CardOverride.of(why.said, kept.computed, tie.band),
        shown=kept.points,
        trend=kept.trend,
        depth=kept.depth,
        momentum=kept.computed - kept.depth,
        alive=tie.alive,
        importance=tie.importance,
        risk=tie.risk,
        confidence=kept.confidence,
        doubts=kept.doubts.splitlines(),
        sent=tie.sent,
        received=tie.received,
        undirected=tie.unsaid,
        active_days=tie.active_days,
        answers_in_h=kept.a_answers_h if tie.person == kept.a else kept.b_answers_h,
        answered_in_h=kept.b_answers_h if tie.person == kept.a else kept.a_answers_h,
        factors=Factors(
            core=contributions.core,
            breadth=contributions.breadth,
            liveness=contributions.liveness,
            overlap=contributions.overlap,
        ),
        by_channel=contributions.by_channel(),
        by_week=[
            WeekPart(week=EPOCH + timedelta(days=monday), strength=strength)
            for monday, strength in contributions.by_week().items()
        ],
        would_be=WouldBe(
            meeting=coming.meeting,
            reply=coming.reply,
            reply_from=coming.reply_from,
            silence=coming.silence,
        ),
        in_words=in_words(tie, contributions, coming),
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
