"""Where no route is warm: the tie that would make one, if it were built."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from app.engine.paths import LEAST_WARM
from app.engine.routes import first_chance
from app.engine.scores import Scores

BUILT: Final = 0.5
"""The chance of a tie at the edge of moderate: what it is to become."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A tie to build.

    Attributes:
        source: Who is to build it: the asker, or somebody who can be asked to.
        target: With whom.
        present: The chance that it is alive, 0 where there is none.
        built: The chance of the whole way once the tie is as likely as `BUILT`.
        goal: Whom it leads to.
    """

    source: int
    target: int
    present: float
    built: float
    goal: int


def cheapest_opening(scores: Scores, *, asker: int, targets: Iterable[int]) -> Opening | None:
    """The tie that lacks least to be alive, of those that would make a way warm.

    That is the asker's with a target, the asker's with somebody who knows one, or that of somebody
    the asker knows with one.

    Returns:
        Of equals that which makes the likelier way, then by person numbers; None without targets.
    """
    goals = sorted(set(targets) - {asker})
    found = (one for goal in goals for one in _openings(scores, asker, goal))
    able = (one for one in found if one.present < BUILT and one.built >= LEAST_WARM)
    return min(able, key=lambda o: (-o.present, -o.built, o.source, o.target, o.goal), default=None)


def _openings(scores: Scores, asker: int, goal: int) -> Iterator[Opening]:
    own = scores.between(asker, goal)
    yield Opening(asker, goal, own.alive if own else 0.0, BUILT, goal)
    for row in scores.rows_of(goal).tolist():
        last = scores.seen_by(goal, row)
        if last.other == asker or not scores.ties.is_personal[row]:
            continue
        first = first_chance(scores, asker, last.other)
        yield Opening(asker, last.other, first, BUILT * last.alive, goal)
        yield Opening(last.other, goal, last.alive, first * BUILT, goal)
