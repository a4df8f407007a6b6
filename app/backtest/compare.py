"""What other weights would change now: the constants themselves, and who is in which band."""

import dataclasses
from collections.abc import Iterator

import numpy as np

from app.backtest.findings import Change, Proposal
from app.backtest.measures import Estimate
from app.backtest.weighing import Proposed
from app.engine import BANDS, CHANNELS, Interactions, Weights, fold
from app.engine import strength as tell
from app.engine.overlap import overlap
from app.engine.strength import Indexes


def compare(
    history: Interactions,
    as_of_s: int,
    weights: Weights,
    proposed: Proposed,
    gain: Estimate | None,
) -> Proposal:
    """Lay two sets of weights side by side, as of the end of the history."""
    now, then = (_bands(history, as_of_s, one) for one in (weights, proposed.weights))
    counts = (np.bincount(one, minlength=len(BANDS)).tolist() for one in (now, then))
    return Proposal(
        name=proposed.name,
        changes=tuple(_changes(weights, proposed.weights)),
        gain=gain,
        bands=dict(zip(BANDS, zip(*counts, strict=True), strict=True)),
        moved=int((now != then).sum()),
    )


def _bands(history: Interactions, as_of_s: int, weights: Weights) -> Indexes:
    ties = fold(history, as_of_s=as_of_s, weights=weights)
    strength = tell.strength(ties, overlap(ties, weights=weights), weights)
    return tell.band(tell.shown(strength, ties.two_way, weights), weights.cuts)


def _changes(present: Weights, proposed: Weights) -> Iterator[Change]:
    for channel, old, new in zip(CHANNELS, present.channels, proposed.channels, strict=True):
        if old != new:
            yield Change(f"channels: {channel}", str(old), str(new))
    for field in dataclasses.fields(Weights):
        old, new = getattr(present, field.name), getattr(proposed, field.name)
        if old != new and field.name != "channels":
            yield Change(field.name, str(old), str(new))
