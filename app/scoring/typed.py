"""Weights as somebody typed them into boxes."""

import math
from collections.abc import Mapping

from app.engine import Weights
from app.errors import Unreadable
from app.store import weights


def read(typed: Mapping[str, str]) -> Weights:
    """What somebody wants of the model.

    Args:
        typed: A text for each of `weights.NAMES`; a comma may stand for the point.

    Raises:
        Unreadable: If one is no number, or none that can be taken.
    """
    try:
        return weights.of_numbers({name: _number(typed.get(name, "")) for name in weights.NAMES})
    except ValueError as error:
        raise Unreadable(str(error)) from error


def _number(typed: str) -> float:
    try:
        return float(typed.replace(",", "."))
    except ValueError:
        return math.nan
