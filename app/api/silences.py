"""Ties that went quiet: off the radar, and dormant ones that were strong once."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlmodel import Session

from app.api.deps import LARGEST_ID, Limit, SessionDep
from app.api.problems import told
from app.engine import BAND_CUTS, dormant_reason, off_radar_reason, times_rhythm
from app.store import lookups, scores, tables
from app.store.cards import Named

router = APIRouter(tags=["scores"])

DAY_S = 86_400
MONTH_DAYS = 30.4
MODERATE = int(BAND_CUTS[1])

ColleagueQuery = Annotated[
    int | None, Query(ge=1, le=LARGEST_ID, description="Only this colleague's ties.")
]
LeastThen = Annotated[
    int,
    Query(ge=0, le=100, description="Only ties with so many points when last in touch."),
]


class Silence(BaseModel):
    """A tie that went quiet, and why it is listed."""

    colleague: Named
    contact: Named
    strength: int = Field(ge=0, le=100)
    strength_then: int = Field(ge=0, le=100, description="When last in touch.")
    status: str
    silence_days: int
    rhythm_days: float | None = Field(description="Usual days from one active day to the next.")
    times_rhythm: float = Field(description="Silence in rhythms: cooling from 3, off radar from 8.")
    alive: float = Field(ge=0, le=1, description="Chance of two-way contact in the next 90 days.")
    risk: float = Field(description="The higher, the more likely the tie lapses.")
    confidence: float = Field(ge=0, le=1)
    last_contact: datetime
    reason: str = Field(max_length=255)


class Silences(BaseModel):
    """Ties that went quiet, as of the end of a UTC day."""

    as_of: datetime
    items: list[Silence]


@router.get("/off-radar", operation_id="listOffRadar", responses=told(503))
def list_off_radar(
    session: SessionDep,
    colleague: ColleagueQuery = None,
    least_then: LeastThen = MODERATE,
    limit: Limit = 100,
) -> Silences:
    """List ties that are cooling or off the radar by their own rhythm, the greatest risk first."""
    found = scores.off_radar(session, limit=limit, colleague_id=colleague, least_then=least_then)
    return _told(session, found, _off_radar)


@router.get("/dormant", operation_id="listDormant", responses=told(503))
def list_dormant(
    session: SessionDep, colleague: ColleagueQuery = None, limit: Limit = 100
) -> Silences:
    """List ties that were strong and are silent for one to three years, the strongest first."""
    found = scores.dormant_strong(session, limit=limit, colleague_id=colleague)
    return _told(session, found, _dormant)


def _off_radar(tie: tables.Tie, silence_days: float) -> str:
    return off_radar_reason(silence_days, tie.rhythm_days, tie.alive)


def _dormant(tie: tables.Tie, silence_days: float) -> str:
    months = (tie.last_s - tie.first_s) / DAY_S / MONTH_DAYS
    return dormant_reason(silence_days, tie.points_then, tie.active_days, months)


def _told(
    session: Session, found: Sequence[tables.Tie], reason: Callable[[tables.Tie, float], str]
) -> Silences:
    snapshot = scores.snapshot(session)
    who = lookups.named(session, {end for tie in found for end in (tie.a, tie.b)})
    as_of_s = snapshot.as_of.timestamp()
    return Silences(
        as_of=datetime.fromtimestamp(as_of_s - DAY_S, UTC),
        items=[
            _silence(tie, who, as_of_s, reason) for tie in found if {tie.a, tie.b} <= who.keys()
        ],
    )


def _silence(
    tie: tables.Tie,
    who: dict[int, Named],
    as_of_s: float,
    reason: Callable[[tables.Tie, float], str],
) -> Silence:
    a, b = who[tie.a], who[tie.b]
    silence_days = (as_of_s - tie.last_s) / DAY_S
    return Silence(
        colleague=a if a.is_colleague else b,
        contact=b if a.is_colleague else a,
        strength=tie.points,
        strength_then=tie.points_then,
        status=tie.status,
        silence_days=round(silence_days),
        rhythm_days=tie.rhythm_days,
        times_rhythm=round(times_rhythm(silence_days, tie.rhythm_days), 1),
        alive=round(tie.alive, 2),
        risk=tie.risk,
        confidence=round(tie.confidence, 2),
        last_contact=datetime.fromtimestamp(tie.last_s, UTC),
        reason=reason(tie, silence_days),
    )
