"""What an admin can set of the model, and setting it."""

from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from fastapi import APIRouter
from pydantic import BaseModel, Field, model_validator
from sqlmodel import Session

from app.api.deps import DatabaseDep, SessionDep
from app.engine import CHANNELS, PRESETS
from app.store import tables, weights

router = APIRouter(tags=["scores"])

Channel = Literal["email", "call", "meeting", "sms", "chat", "linkedin", "other"]
Band = Literal["weak", "moderate", "strong"]
Weight = Annotated[float, Field(ge=0, le=weights.HEAVIEST, allow_inf_nan=False)]
Days = Annotated[
    float, Field(ge=weights.SHORTEST_DAYS, le=weights.LONGEST_DAYS, allow_inf_nan=False)
]
Points = Annotated[float, Field(gt=0, lt=100, allow_inf_nan=False)]
Preset = Literal["default", "bandwidth"]


class ModelWeights(BaseModel):
    """What is set of the model, and who says so."""

    version: int = Field(description="0 while nobody has chosen: then they are the default ones.")
    preset: str = Field(description="default, bandwidth or own")
    channels: dict[Channel, float] = Field(
        description="What one message, or one minute of talk, weighs."
    )
    half_lives_days: list[float] = Field(
        description="How fast contact fades: five half-lives, of which the first weigh most."
    )
    silence_half_life_days: float = Field(
        description="How fast a tie fades while the quieter of the two is in touch with nobody."
    )
    bands: dict[Band, float] = Field(description="From how many points on a tie is called so.")
    author: str
    set_at: datetime | None
    presets: dict[str, dict[Channel, float]] = Field(
        description="Weights of channels that have a name; all else is by default."
    )


class Wanted(BaseModel):
    """Either a preset, or numbers; what is not named is as it is by default."""

    preset: Preset | None = None
    channels: dict[Channel, Weight] | None = None
    half_lives_days: list[Days] | None = Field(
        default=None,
        min_length=len(weights.HALF_LIVES),
        max_length=len(weights.HALF_LIVES),
        description="Five, each longer than the one before.",
    )
    silence_half_life_days: Days | None = None
    bands: dict[Band, Points] | None = None
    author: str = Field(min_length=1, max_length=200, description="Who decided this.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        numbers = self.numbers()
        if (self.preset is None) == (not numbers):
            raise ValueError("Give either a preset or numbers.")
        weights.of_numbers(numbers)
        return self

    def numbers(self) -> dict[str, float]:
        """What is named, as the store has it."""
        named = [*(self.channels or {}).items(), *(self.bands or {}).items()]
        half_lives = zip(weights.HALF_LIVES, self.half_lives_days or (), strict=False)
        found: dict[str, float] = dict([*named, *half_lives])
        if self.silence_half_life_days is not None:
            found[weights.SILENCE] = self.silence_half_life_days
        return found


@router.get("/weights", operation_id="getWeights")
def get_weights(session: SessionDep) -> ModelWeights:
    """Tell what channels weigh, how fast contact fades and where bands begin, from now on."""
    return _told(weights.latest(session))


@router.put("/weights", operation_id="setWeights")
def set_weights(wanted: Wanted, database: DatabaseDep) -> ModelWeights:
    """Set channels, half-lives and bands otherwise; all scores follow with the next run."""
    chosen = PRESETS[wanted.preset] if wanted.preset else weights.of_numbers(wanted.numbers())
    at = datetime.now(UTC)
    with Session(database, expire_on_commit=False) as session, session.begin():
        row = weights.choose(session, chosen, author=wanted.author, at=at)
    return _told(row)


def _told(row: tables.Weighting | None) -> ModelWeights:
    numbers = row.numbers if row else weights.numbers_of(PRESETS["default"])
    document = {
        "version": row.version if row else weights.DEFAULT_VERSION,
        "preset": row.preset if row else "default",
        "channels": {name: numbers[name] for name in CHANNELS},
        "half_lives_days": [numbers[name] for name in weights.HALF_LIVES],
        "silence_half_life_days": numbers[weights.SILENCE],
        "bands": {name: numbers[name] for name in weights.STARTS},
        "author": row.author if row else "",
        "set_at": row.set_at if row else None,
        "presets": {
            name: dict(zip(CHANNELS, one.channels, strict=True)) for name, one in PRESETS.items()
        },
    }
    return ModelWeights.model_validate(document)
