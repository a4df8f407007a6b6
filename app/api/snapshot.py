"""What the scores in force are: as of when, by which model, and how true its chances came."""

from datetime import datetime, timedelta

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.api.deps import SessionDep
from app.api.problems import told
from app.engine import BANDS
from app.store import scores

router = APIRouter(tags=["scores"])

DAY = timedelta(days=1)


class SaidAndCame(BaseModel):
    """Ties of which about the same chance was said, and what share of them came alive."""

    model_config = ConfigDict(from_attributes=True)

    ties: int
    said: float = Field(ge=0, le=1)
    came: float = Field(ge=0, le=1)


class Truth(BaseModel):
    """How true the chances were that were said of ties in the past."""

    model_config = ConfigDict(from_attributes=True)

    ties: int = Field(description="How many chances were compared with what came.")
    base_rate: float = Field(ge=0, le=1, description="The share of them that came alive.")
    brier: float = Field(ge=0, description="Brier score: the lower, the better.")
    base_brier: float = Field(ge=0, description="The same of saying the base rate of every tie.")
    error: float = Field(ge=0, le=1, description="Expected calibration error, over the bins.")
    bins: list[SaidAndCame] = Field(description="Ten of equal size, the lowest chance first.")


class AliveCurve(BaseModel):
    """ln(odds) = level + per_strength ln(s + .02) + per_pace ln(pace + .01) [+ one_way]."""

    model_config = ConfigDict(from_attributes=True)

    level: float
    per_strength: float
    per_pace: float
    one_way: float


class Alive(BaseModel):
    """Where the chances of `alive` come from."""

    model_config = ConfigDict(from_attributes=True)

    curve: AliveCurve = Field(description="The one in force.")
    is_own: bool = Field(
        description="Whether it was fitted to this company's past, and not the default one."
    )
    came: int = Field(description="Ties of the past year that came alive.")
    lapsed: int = Field(description="Ties of the past year that did not.")
    own: Truth | None = Field(
        description="Of curves fitted to the past alone, about the 90 days that followed; null "
        "until 100 ties came alive and 100 did not."
    )
    default: Truth = Field(description="Of the default curve, about the same ties.")


class ScoresInForce(BaseModel):
    """The snapshot of scores that cards and custom fields come from."""

    as_of: datetime = Field(description="Ages are measured from the end of this UTC day.")
    scored_at: datetime
    model: str = Field(description="Version of the model.")
    weights: int = Field(description="Version of the weights; 0 are the default ones.")
    digest: str = Field(description="Changes whenever anything that is shown does.")
    ties: int
    bands: dict[str, int] = Field(description="Ties between a colleague and others, by band.")
    alive: Alive


@router.get("/snapshot", operation_id="getSnapshot", responses=told(503))
def get_snapshot(session: SessionDep) -> ScoresInForce:
    """Tell of the scores in force: as of when, by which model, and how true its chances came."""
    found = scores.snapshot(session)
    bands = scores.bands(session)
    return ScoresInForce(
        as_of=found.as_of - DAY,
        scored_at=found.scored_at,
        model=found.model,
        weights=found.weights,
        digest=found.digest,
        ties=found.ties,
        bands={band: bands.get(band, 0) for band in BANDS},
        alive=Alive.model_validate(scores.read_fit(found)),
    )
