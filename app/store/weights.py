"""What the channels weigh, as an admin has it; every choice is kept, the last is in force."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, col, select

from app.engine import CHANNELS, DEFAULT, Weights
from app.errors import NotFound
from app.store import tables

DEFAULT_VERSION = 0

HEAVIEST = 100.0
"""What a channel may weigh at most."""


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


def of_channels(channels: Mapping[str, float]) -> Weights:
    """The model with these channels; one that is not named weighs as it does by default."""
    known = dict(zip(CHANNELS, DEFAULT.channels, strict=True)) | dict(channels)
    return replace(DEFAULT, channels=tuple(known[name] for name in CHANNELS))


def choose(
    session: Session, preset: str, channels: Mapping[str, float], *, author: str, at: datetime
) -> tables.Weighting:
    """Put other weights in force; what is in force already stays, and its author with it.

    Raises:
        IntegrityError: If somebody else chose at the same moment.
    """
    last = latest(session)
    version = last.version if last else DEFAULT_VERSION
    if last and (last.preset, last.channels) == (preset, dict(channels)):
        return last
    row = tables.Weighting(
        version=version + 1, preset=preset, channels=dict(channels), author=author, set_at=at
    )
    session.add(row)
    session.flush()
    return row


def _weights(row: tables.Weighting) -> Weights:
    return of_channels(row.channels)
