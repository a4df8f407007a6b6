"""The weights that somebody proposes: a preset by its name, or a file of JSON.

A file names what is to be other than by default, and each of the channels by its own name, as
`PUT /v1/weights` has it::

    {"channels": {"meeting": 5}, "liveness_half_life_days": 30}
"""

import dataclasses
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.engine import CHANNELS, DEFAULT, PRESETS, Weights
from app.errors import Unreadable

ABOVE_0: Final = ("_days", "_cap", "_min")
"""Ends of the names of constants that must not be 0: something is divided by them."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """Weights that somebody thinks of using, and how they called them."""

    name: str
    weights: Weights


def proposed(name: str) -> Proposed:
    """Find weights by the name of a preset or of a file.

    Args:
        name: One of `engine.PRESETS`, or a path.

    Raises:
        Unreadable: If it is neither, or the file holds what cannot be a weight.
    """
    if name in PRESETS:
        return Proposed(name, PRESETS[name])
    path = Path(name)
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        known = ", ".join(PRESETS)
        raise Unreadable(
            f"{name} is no preset ({known}), and no file that can be read: {error.strerror}."
        ) from error
    except ValueError as error:
        raise Unreadable(f"{name} is not a file of JSON in UTF-8.") from error
    if not isinstance(told, dict):
        raise Unreadable(f"{name} must hold one object of JSON: names and numbers.")
    try:
        weights = dataclasses.replace(
            DEFAULT, **{key: _constant(key, one) for key, one in told.items()}
        )
    except ValueError as error:
        raise Unreadable(f"{name}: {error}") from error
    return Proposed(path.name, weights)


def _constant(name: str, value: Any) -> Any:  # noqa: ANN401  of any JSON
    names = [field.name for field in dataclasses.fields(Weights)]
    if name not in names:
        raise ValueError(f"{name} is none of {', '.join(names)}.")
    if name == "channels":
        return _channels(value)
    if name == "kernel":
        return _kernel(value)
    if name == "cuts":
        return _cuts(value)
    number = _number(name, value)
    if isinstance(getattr(DEFAULT, name), int) and number != int(number):
        raise ValueError(f"{name} must be a whole number.")
    return int(number) if isinstance(getattr(DEFAULT, name), int) else number


def _channels(value: Any) -> tuple[float, ...]:  # noqa: ANN401  of any JSON
    if not isinstance(value, dict) or set(value) - set(CHANNELS):
        raise ValueError(f"channels must name some of {', '.join(CHANNELS)}, each with a number.")
    both = zip(CHANNELS, DEFAULT.channels, strict=True)
    found = tuple(_number(channel, value.get(channel, usual)) for channel, usual in both)
    if not any(found):
        raise ValueError("at least one channel must weigh more than 0.")
    return found


def _kernel(value: Any) -> tuple[tuple[float, float], ...]:  # noqa: ANN401  of any JSON
    pairs = value if isinstance(value, list) else []
    if not pairs or not all(isinstance(one, list) and len(one) == len("ab") for one in pairs):
        raise ValueError("kernel must be a list of [half-life in days, weight].")
    return tuple((_number("kernel_days", days), _number("kernel", one)) for days, one in pairs)


def _cuts(value: Any) -> tuple[float, ...]:  # noqa: ANN401  of any JSON
    if not isinstance(value, list) or len(value) != len(DEFAULT.cuts):
        raise ValueError(
            "cuts must be a list: from how many points on a tie is weak, moderate, strong."
        )
    return tuple(_number("cuts", one) for one in value)


def _number(name: str, value: Any) -> float:  # noqa: ANN401  of any JSON
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    least = "above 0" if name.endswith(ABOVE_0) else "not below 0"
    if not is_number or not math.isfinite(value) or value < 0:
        raise ValueError(f"{name} must be a number, {least}.")
    if value == 0 and name.endswith(ABOVE_0):
        raise ValueError(f"{name} must be a number, {least}.")
    return float(value)
