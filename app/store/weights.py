"""What an admin has set of the model; every choice is kept, the last is in force.

Set are what the channels weigh, the half-lives, and where bands begin: numbers, each with a name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from app.engine import BANDS, CHANNELS, DEFAULT, PRESETS, Weights
from app.errors import NotFound
from app.store import tables

DEFAULT_VERSION = 0

HALF_LIVES: Final = tuple(f"half_life_{n}" for n, _ in enumerate(DEFAULT.kernel, 1))
"""Of contact, in days, the shortest first."""

SILENCE: Final = "silence_half_life"
"""Of a tie while the quieter of the two is silent, in days."""

STARTS: Final = BANDS[1:]
"""From how many points on a tie is weak, moderate, strong."""

NAMES: Final = (*CHANNELS, *HALF_LIVES, SILENCE, *STARTS)
"""Of all numbers that can be set."""

HEAVIEST: Final = 100.0
"""What a channel may weigh at most."""

SHORTEST_DAYS, LONGEST_DAYS = 0.1, 3650.0
"""What a half-life may be."""


def latest(session: Session) -> tables.Weighting | None:
    """The choice in force; None while nobody has made one."""
    row = tables.Weighting
    return session.exec(select(row).order_by(col(row.version).desc()).limit(1)).first()


def in_force(session: Session) -> tuple[int, Weights]:
    """The weights that the next scoring takes, and their version."""
    found = latest(session)
    return (found.version, _weights(found)) if found else (DEFAULT_VERSION, DEFAULT)


def of_version(session: Session, version: int) -> Weights:
    """The weights that a snapshot was made with."""
    found = session.get(tables.Weighting, version)
    return _weights(found) if found else DEFAULT


def versions(session: Session, *, limit: int) -> Sequence[tables.Weighting]:
    """The latest choices, the one in force first; the default weights are none of them."""
    row = tables.Weighting
    return session.exec(select(row).order_by(col(row.version).desc()).limit(limit)).all()


def version(session: Session, number: int) -> tables.Weighting:
    """One of the choices.

    Raises:
        NotFound: If nobody made it.
    """
    found = session.get(tables.Weighting, number)
    if found is None:
        raise NotFound(f"There is no version {number} of the weights.")
    return found


def numbers_of(weights: Weights) -> dict[str, float]:
    """All that can be set of a model, by `NAMES`."""
    half_lives = [days for days, _ in weights.kernel]
    found = (*weights.channels, *half_lives, weights.liveness_half_life_days, *weights.cuts)
    return dict(zip(NAMES, found, strict=True))


def of_numbers(numbers: Mapping[str, float]) -> Weights:
    """The model with these numbers; what is not named is as it is by default.

    Raises:
        ValueError: If a number cannot be taken; the message says what could.
    """
    known = numbers_of(DEFAULT) | dict(numbers)
    channels = tuple(known[name] for name in CHANNELS)
    half_lives = [known[name] for name in HALF_LIVES]
    for name, weight in zip(CHANNELS, channels, strict=True):
        _within(f"The weight of {name}", weight, 0, HEAVIEST)
    if not any(channels):
        raise ValueError("At least one channel must weigh more than 0.")
    for n, days in enumerate(half_lives, 1):
        _within(f"Half-life {n}", days, SHORTEST_DAYS, LONGEST_DAYS)
    if half_lives != sorted(set(half_lives)):
        raise ValueError("Each half-life must be longer than the one before.")
    _within("The half-life of silence", known[SILENCE], SHORTEST_DAYS, LONGEST_DAYS)
    weak, moderate, strong = (known[name] for name in STARTS)
    return replace(
        DEFAULT,
        channels=channels,
        kernel=tuple(
            (days, weight) for days, (_, weight) in zip(half_lives, DEFAULT.kernel, strict=True)
        ),
        liveness_half_life_days=known[SILENCE],
        cuts=(weak, moderate, strong),
    )


def preset_of(weights: Weights) -> str:
    """The name of these weights: that of a preset, or own."""
    return next((name for name, preset in PRESETS.items() if preset == weights), "own")


def choose(session: Session, chosen: Weights, *, author: str, at: datetime) -> tables.Weighting:
    """Put other weights in force; what is in force already stays, and its author with it.

    Raises:
        IntegrityError: If somebody else chose at the same moment.
    """
    last = latest(session)
    if last and _weights(last) == chosen:
        return last
    row = tables.Weighting(
        version=(last.version if last else DEFAULT_VERSION) + 1,
        preset=preset_of(chosen),
        numbers=numbers_of(chosen),
        author=author,
        set_at=at,
    )
    session.add(row)
    session.flush()
    return row


def _weights(row: tables.Weighting) -> Weights:
    return of_numbers(row.numbers)


def _within(name: str, number: float, least: float, most: float) -> None:
    if not least <= number <= most:
        raise ValueError(f"{name} must be a number from {least:g} to {most:g}.")
