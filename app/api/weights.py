"""What the channels weigh, and weighing them otherwise."""

from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from fastapi import APIRouter
from pydantic import BaseModel, Field, model_validator
from sqlmodel import Session

from app.api.deps import DatabaseDep, SessionDep
from app.engine import CHANNELS, DEFAULT, PRESETS, Weights
from app.store import tables, weights

router = APIRouter(tags=["scores"])

Channel = Literal["email", "call", "meeting", "sms", "chat", "linkedin", "other"]
Weight = Annotated[float, Field(ge=0, le=weights.HEAVIEST, allow_inf_nan=False)]
Preset = Literal["default", "bandwidth"]


class ChannelWeights(BaseModel):
    """What one message, or one minute of talk, weighs in each channel, and who says so."""

    version: int = Field(description="0 while nobody has chosen: then they are the default ones.")
    preset: str = Field(description="default, bandwidth or own")
    channels: dict[Channel, float]
    author: str
    set_at: datetime | None
    presets: dict[str, dict[Channel, float]] = Field(description="Weights that have a name.")


class Wanted(BaseModel):
    """Either a preset, or numbers; a channel that is not named weighs as it does by default."""

    preset: Preset | None = None
    channels: dict[Channel, Weight] | None = None
    author: str = Field(min_length=1, max_length=200, description="Who decided this.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.preset is None) == (self.channels is None):
            raise ValueError("Give either a preset or channels.")
        if self.channels is not None and not any((_by_name(DEFAULT) | self.channels).values()):
            raise ValueError("At least one channel must weigh more than 0.")
        return self


@router.get("/weights", operation_id="getWeights")
def get_weights(session: SessionDep) -> ChannelWeights:
    """Tell what each channel weighs from the next scoring on."""
    return _told(weights.latest(session))


@router.put("/weights", operation_id="setWeights")
def set_weights(wanted: Wanted, database: DatabaseDep) -> ChannelWeights:
    """Weigh the channels otherwise; all scores follow with the next run."""
    preset = wanted.preset or "own"
    channels = _by_name(PRESETS.get(preset, DEFAULT)) | dict(wanted.channels or {})
    at = datetime.now(UTC)
    with Session(database, expire_on_commit=False) as session, session.begin():
        row = weights.choose(session, preset, channels, author=wanted.author, at=at)
    return _told(row)


def _told(row: tables.Weighting | None) -> ChannelWeights:
    presets = {name: _by_name(preset) for name, preset in PRESETS.items()}
    document = {
        "version": row.version if row else weights.DEFAULT_VERSION,
        "preset": row.preset if row else "default",
        "channels": row.channels if row else presets["default"],
        "author": row.author if row else "",
        "set_at": row.set_at if row else None,
        "presets": presets,
    }
    return ChannelWeights.model_validate(document)


def _by_name(found: Weights) -> dict[str, float]:
    return dict(zip(CHANNELS, found.channels, strict=True))
