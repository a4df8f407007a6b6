"""What the channels weigh, as an admin has it; every choice is kept, the last is in force."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, col, select

from app.engine import CHANNELS, DEFAULT, Weights
from app.store import tables

DEFAULT_VERSION = 0


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
    known = dict(zip(CHANNELS, DEFAULT.channels, strict=True)) | row.channels
    return replace(DEFAULT, channels=tuple(known[name] for name in CHANNELS))
