"""Which ties a rule looks at, and which of them come first; columns before single ties."""

from collections.abc import Iterator

import numpy as np

from app.engine.company import Company, Deal
from app.engine.deals import Link
from app.engine.scores import Scores, Tie
from app.engine.strength import BANDS, COOLING, OFF_RADAR_DAYS, STATUSES
from app.engine.ties import Ties
from app.engine.weights import Flags, Floats, Ints

MOST_PER_COLLEAGUE = 20
"""A rule gives nobody more than can be done."""


def best_rows(scores: Scores) -> Ints:
    """The row of each contact's strongest tie with one of us, sorted."""
    return np.array(sorted(scores.best.values()), dtype=np.int64)


def colleagues(scores: Scores, rows: Ints) -> Ints:
    """The colleague of each of these rows."""
    is_a = scores.is_colleague(scores.ties.a[rows])
    return np.where(is_a, scores.ties.a[rows], scores.ties.b[rows])


def contacts(scores: Scores, rows: Ints) -> Ints:
    """The contact of each of these rows."""
    return scores.ties.a[rows] + scores.ties.b[rows] - colleagues(scores, rows)


def is_gone(scores: Scores, rows: Ints) -> Flags:
    """Whether our side has gone on without the contact, and then met nobody for a month."""
    is_a = scores.is_colleague(scores.ties.a[rows])
    of_a, of_b = scores.ties.unseen_days[:, rows]
    unseen = np.where(is_a, of_a, of_b)
    return np.asarray((unseen >= OFF_RADAR_DAYS) & (unseen < scores.ties.silence_days[rows]))


def talkers(ties: Ties) -> Ints:
    """Everybody of whom any call or meeting is on record, sorted: of others nothing follows."""
    talked = (ties.calls > 0) | (ties.meetings > 0)
    return np.unique(np.concatenate([ties.a[talked], ties.b[talked]]))


def first(scores: Scores, rows: Ints, priority: Floats) -> Iterator[tuple[Tie, float]]:
    """The ties of these rows as our side sees them, by colleague, the most pressing first."""
    ours = colleagues(scores, rows)
    order = np.lexsort((rows, -priority, ours))
    begin = np.searchsorted(ours[order], ours[order])
    kept = order[np.arange(len(order)) - begin < MOST_PER_COLLEAGUE]
    for place in kept.tolist():
        yield scores.seen_by(int(ours[place]), int(rows[place])), float(priority[place])


def is_live(tie: Tie) -> bool:
    """Whether a tie is at least weak, and neither off the radar nor dormant."""
    return tie.band != BANDS[0] and tie.status in STATUSES[: COOLING + 1]


def has_owner(company: Company, deal: Deal) -> bool:
    """Whether a colleague who is here has the deal."""
    return deal.owner in company.ours and deal.owner not in company.left


def link(tie: Tie) -> Link:
    """A tie of one of us with a contact, as deals are told of it."""
    is_known = tie.band != BANDS[0]
    return Link(tie.person, tie.other, tie.points, tie.alive, is_known, is_live(tie))


def days(number: float) -> str:
    """Say how many days: "1 day", "12 days"."""
    whole = max(round(number), 0)
    return "1 day" if whole == 1 else f"{whole} days"


def people(number: int) -> str:
    """Say how many people: "1 person", "3 people"."""
    return "1 person" if number == 1 else f"{number} people"
