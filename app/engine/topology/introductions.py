"""Introductions that were made, as the records show them, and who makes them."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from app.engine.compressed import changes, find
from app.engine.interactions import Interactions, clean
from app.engine.ties import Ties
from app.engine.topology.positions import Positions
from app.engine.weights import DAY_S, Flags, Floats, Ints

FOLLOWED_DAYS: Final = 30
"""So soon the two are in touch by themselves, or it was none."""

MOST_TOGETHER: Final = 6
"""Where more people are together nobody introduces anybody."""

NEVER = int(np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True)
class Introduction:
    """Two met who had never met, in the presence of somebody who knew both.

    Attributes:
        introducer: Who knew both.
        a: The lower of the two person numbers.
        b: The higher one.
        at_s: When, seconds since 1970 (UTC).
        share: 1 over how many were there who knew both.
    """

    introducer: int
    a: int
    b: int
    at_s: int
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class _Together:
    """Who was with whom, in small company: one row for each of the two, sorted by (event, who)."""

    event: Ints
    who: Ints
    other: Ints
    at_s: Ints


def introductions(interactions: Interactions, ties: Ties) -> list[Introduction]:
    """Find introductions: a first meeting of three, or a mail to two, then direct contact.

    Direct contact is of the two alone, within `FOLLOWED_DAYS`. The introducer had been in touch
    with both before. What comes after `ties.as_of_s` is ignored.

    Returns:
        In the order of time, then of the people.
    """
    kept, _ = clean(interactions, as_of_s=ties.as_of_s)
    together = _known_before(_together(kept), ties)
    first, second = _pairs(together)
    a = np.minimum(together.other[first], together.other[second])
    b = np.maximum(together.other[first], together.other[second])
    at_s, row = together.at_s[first], find(ties.a, ties.b, a, b)
    is_new = (row >= 0) & (ties.first_s[row] >= at_s)
    direct = _first_direct(kept, ties)[row]
    followed = is_new & (direct > at_s) & (direct <= at_s + FOLLOWED_DAYS * DAY_S)
    found = np.unique(
        np.stack([at_s[followed], a[followed], b[followed], together.who[first][followed]]), axis=1
    )
    return _shared_out(found)


def connector_scores(found: Positions, made: list[Introduction]) -> tuple[Floats, Floats]:
    """Introductions that each node made, and that times the worlds it spans; both (n,)."""
    introduced = np.zeros(len(found))
    for one in made:
        node = found.node(one.introducer)
        if node is not None:
            introduced[node] += one.share
    return introduced, introduced * found.worlds


def _together(kept: Interactions) -> _Together:
    """Small company of three and more, each contact from both sides."""
    size = kept.recipients + 1
    few = kept.where((size > 2) & (size <= MOST_TOGETHER))  # noqa: PLR2004 - the two themselves
    _, event = np.unique(
        np.stack([few.at_s, few.channel.astype(np.int64), few.recipients.astype(np.int64)]),
        axis=1,
        return_inverse=True,
    )
    event = np.tile(event.ravel(), 2)
    who = np.concatenate([few.source, few.target])
    other = np.concatenate([few.target, few.source])
    order = np.lexsort((other, who, event))
    return _Together(event[order], who[order], other[order], np.tile(few.at_s, 2)[order])


def _known_before(some: _Together, ties: Ties) -> _Together:
    """Those who had been in touch before."""
    row = find(ties.a, ties.b, np.minimum(some.who, some.other), np.maximum(some.who, some.other))
    known: Flags = (row >= 0) & (ties.first_s[row] < some.at_s)
    return _Together(some.event[known], some.who[known], some.other[known], some.at_s[known])


def _pairs(some: _Together) -> tuple[Ints, Ints]:
    """Every two rows of one person at one event: few, for the company is small."""
    group = np.cumsum(changes(some.event, some.who)) - 1
    firsts, seconds = [], []
    for apart in range(1, MOST_TOGETHER):
        rows = np.flatnonzero(group[:-apart] == group[apart:]) if len(group) > apart else group[:0]
        firsts.append(rows)
        seconds.append(rows + apart)
    return np.concatenate(firsts), np.concatenate(seconds)


def _first_direct(kept: Interactions, ties: Ties) -> Ints:
    """When the two of each tie were first in touch by themselves, (n_ties,); else `NEVER`."""
    alone = kept.where(kept.recipients == 1)
    low, high = np.minimum(alone.source, alone.target), np.maximum(alone.source, alone.target)
    first = np.full(len(ties), NEVER, dtype=np.int64)
    np.minimum.at(first, find(ties.a, ties.b, low, high), alone.at_s)
    return first


def _shared_out(found: Ints) -> list[Introduction]:
    """Only the first time counts; of several who knew both, each made a part of it."""
    made: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for at_s, a, b, who in found.T.tolist():
        several = made.setdefault((a, b), [])
        if not several or several[0][0] == at_s:
            several.append((at_s, who))
    every = [
        Introduction(who, a, b, at_s, 1 / len(several))
        for (a, b), several in made.items()
        for at_s, who in several
    ]
    return sorted(every, key=lambda one: (one.at_s, one.a, one.b, one.introducer))
