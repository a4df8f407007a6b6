"""What a custom field is, and the words that several of them share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.engine import BAND_CUTS, BANDS, STATUSES, recommendations
from app.engine.deals import Risk
from connectors import Field, FieldType, FieldValue, Target

LONGEST_TEXT = 255
NUMBER, TEXT, PICKLIST, DATE = FieldType.NUMBER, FieldType.TEXT, FieldType.PICKLIST, FieldType.DATE

StandingT = TypeVar("StandingT")


@dataclass(frozen=True, slots=True)
class Column(Generic[StandingT]):
    """A custom field and where its value comes from.

    Attributes:
        value: What to show, None to leave the field empty.
        empty: When the field is empty, where that is not when all are.
        dead_band: A number that moved by less than this is left as it is.
        follows: Rewritten only when another field of the record is, because it moves by itself.
    """

    name: str
    label: str
    type: FieldType
    description: str
    value: Callable[[StandingT], FieldValue]
    empty: str = ""
    length: int = LONGEST_TEXT
    options: tuple[str, ...] = ()
    dead_band: int = 0
    follows: bool = False

    def on(self, target: Target) -> Field:
        """The field as a connector creates it on one kind of record."""
        empty = f" Empty: {self.empty}." if self.empty else ""
        return Field(
            target=target,
            name=self.name,
            label=self.label,
            type=self.type,
            description=f"{self.description}{empty}",
            length=self.length,
            options=self.options,
        )


def shown(word: str) -> str:
    """A word of the engine as people read it."""
    return word.replace("_", " ").capitalize()


BAND_OPTIONS, STATUS_OPTIONS = tuple(map(shown, BANDS)), tuple(map(shown, STATUSES))
CUTS = (
    ", ".join(f"{band} below {cut:g}" for band, cut in zip(BANDS, BAND_CUTS, strict=False))
    + f", else {BANDS[-1]}, unless your admin has set other points"
)
ACTIONS = {name: recommendations.rule(name).TITLE for name in recommendations.names()}


def percent(share: float) -> int:
    """A share of one in per cent."""
    return round(100 * share)


RISK_OPTIONS = tuple(map(shown, Risk))
RISKS = (
    "High: one person with a live tie, or none. Low: two, or all of them through one of us. "
    "None: anything else."
)
