"""All that a back-test finds, as plain values; `to_json` writes them down."""

import dataclasses
import json
import math
from dataclasses import dataclass
from typing import Final

from app.backtest.measures import Estimate

TIELINE: Final = "tieline"
PROPOSED: Final = "proposed"
COUNT: Final = "count"
RECENCY: Final = "recency"

TITLES: Final = {
    TIELINE: "Tieline",
    PROPOSED: "Tieline, proposed weights",
    COUNT: "counting contacts",
    RECENCY: "latest contact first",
}
"""What pairs are ranked by, and how it is called."""

DECIMALS: Final = 6


@dataclass(frozen=True, slots=True)
class History:
    """What there was to test on; moments as ISO 8601 (UTC), None without any contact.

    Attributes:
        contacts: Interactions up to the end of the test.
        later: How many there are after it, which were not looked at.
        people: Who was part of one.
        cut_offs_allowed: With 90 days of history before and 90 after.
        cut_offs: Looked at; at most eight, the latest.
    """

    first: str | None
    last: str | None
    contacts: int
    later: int
    people: int
    days: int
    cut_offs_allowed: int
    cut_offs: int


@dataclass(frozen=True, slots=True)
class Horizon:
    """How well pairs were ranked by who would be in touch within so many days.

    Attributes:
        cut_offs: At how many the horizon has passed and there were pairs of both kinds.
        pairs: How many were asked about, over these cut-offs.
        came: How many of them came alive.
        areas: Area under the ROC curve by what was ranked by, mean over the cut-offs.
        gains: How much better Tieline was than each other ranking.
    """

    days: int
    cut_offs: int
    pairs: int
    came: int
    areas: dict[str, Estimate]
    gains: dict[str, Estimate]


@dataclass(frozen=True, slots=True)
class CutOff:
    """The same at one cut-off, 90 days ahead; areas are empty with too few pairs of a kind."""

    at: str
    pairs: int
    came: int
    areas: dict[str, Estimate]


@dataclass(frozen=True, slots=True)
class Top:
    """What became of the tenth that was ranked first, 90 days ahead, mean over cut-offs.

    Attributes:
        by: What was ranked by.
        came: Share that came alive, 0 to 1.
        times: The same over the share of all pairs.
    """

    by: str
    came: float
    times: float


@dataclass(frozen=True, slots=True)
class ChannelGain:
    """What a channel adds: the area with everything less the area without it, 90 days ahead."""

    channel: str
    contacts: int
    gain: Estimate


@dataclass(frozen=True, slots=True)
class Bin:
    """Pairs of which about the same chance was said."""

    pairs: int
    said: float
    came: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """How true the chances came that were said of pairs.

    Attributes:
        by: `TIELINE` or `PROPOSED`, for whose strengths.
        is_own: Of curves fitted to this company's past, each asked about a time it had not seen;
            else of the curve for every company.
        is_used: Whether the company has a curve of its own now.
        brier: Mean squared distance of what was said and what came; the lower, the better.
        base_brier: The same of saying the base rate of every pair.
        error: Mean distance of said and came over the bins.
    """

    by: str
    is_own: bool
    is_used: bool
    pairs: int
    base_rate: float
    brier: float
    base_brier: float
    error: float
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A constant of the model that the proposal changes."""

    name: str
    present: str
    proposed: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What other weights would do.

    Attributes:
        name: How they were asked for.
        gain: The area with them less the area without, 90 days ahead; None with too little history.
        bands: By band, how many pairs are in it now, and would be.
        moved: How many pairs would change their band.
    """

    name: str
    changes: tuple[Change, ...]
    gain: Estimate | None
    bands: dict[str, tuple[int, int]]
    moved: int


@dataclass(frozen=True, slots=True)
class Findings:
    """A back-test.

    Attributes:
        model: The version of the model.
        weights: What each channel weighs at present.
        as_of: The end of the history that was looked at, ISO 8601 (UTC).
        is_enough: Whether there was enough to say anything by.
        by: What pairs were ranked by, in the order to be shown.
        horizons: By days ahead, those that the history allows.
        recent: The same 90 days ahead for pairs in touch within the 90 days before; None if none.
    """

    model: str
    weights: dict[str, float]
    as_of: str
    history: History
    is_enough: bool
    by: tuple[str, ...]
    horizons: tuple[Horizon, ...]
    recent: Horizon | None
    cut_offs: tuple[CutOff, ...]
    top: tuple[Top, ...]
    channels: tuple[ChannelGain, ...]
    reliability: tuple[Reliability, ...]
    proposal: Proposal | None

    def horizon(self, days: int) -> Horizon | None:
        """What was found for a horizon; None if the history does not allow it."""
        return next((one for one in self.horizons if one.days == days), None)


def to_json(findings: Findings, in_short: tuple[str, ...]) -> str:
    """Write findings down; the same ones give the same bytes.

    Args:
        findings: What was found.
        in_short: The same in sentences.
    """
    told = {"in_short": list(in_short), **dataclasses.asdict(findings)}
    return json.dumps(_rounded(told), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _rounded(value: object) -> object:
    """The same with numbers that mean something: nan is null, and six decimals are enough."""
    match value:
        case float():
            return round(value, DECIMALS) + 0.0 if math.isfinite(value) else None
        case dict():
            return {key: _rounded(one) for key, one in value.items()}
        case list() | tuple():
            return [_rounded(one) for one in value]
        case _:
            return value
