"""Weights as somebody typed them into boxes."""

import math
from collections.abc import Mapping

from app.engine import CHANNELS, PRESETS
from app.errors import Unreadable
from app.store.weights import HEAVIEST


def read(typed: Mapping[str, str]) -> dict[str, float]:
    """What each channel is to weigh.

    Args:
        typed: A text for each channel, by its name; a comma may stand for the point.

    Raises:
        Unreadable: If one is no such weight, or all are 0.
    """
    found = {name: _weight(name, typed.get(name, "")) for name in CHANNELS}
    if not any(found.values()):
        raise Unreadable("At least one channel must weigh more than 0.")
    return found


def preset_of(channels: Mapping[str, float]) -> str:
    """The name of these weights: that of a preset, or own."""
    weights = tuple(channels[name] for name in CHANNELS)
    return next((name for name, one in PRESETS.items() if one.channels == weights), "own")


def _weight(name: str, typed: str) -> float:
    try:
        weight = float(typed.replace(",", "."))
    except ValueError:
        weight = math.nan
    if not 0 <= weight <= HEAVIEST:
        raise Unreadable(f"The weight of {name} must be a number from 0 to {HEAVIEST:.0f}.")
    return weight
