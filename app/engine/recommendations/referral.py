"""Ask for a referral: a weak tie that has just been in touch, both ways, may know who else."""

from collections.abc import Iterator

import numpy as np

from app.engine.asking import Ask, carries
from app.engine.cells import FROM_A, FROM_B, NOT_KNOWN
from app.engine.company import Company
from app.engine.recommendations._candidates import best_rows, days, first
from app.engine.recommendations._rule import Advice
from app.engine.scores import Scores, Tie
from app.engine.strength import ACTIVE, BANDS
from app.engine.ties import TWO_WAY
from app.engine.weights import DAY_S, Flags, Ints

TITLE, WORTH, AGAIN_DAYS = "Ask for a referral", 0.5, 3650
RECENT_DAYS, MIN_ACTIVE_DAYS, DUE_DAYS = 14, 3, 7
WEAK = BANDS.index("weak")


def apply(company: Company) -> Iterator[Advice]:
    """Find weak ties that were in touch both ways, or talked, within two weeks; each once.

    Priority is the chance that the tie is alive. A tie that does not carry a referral yet is to
    be asked for information first, and one that does not carry that is left alone.
    """
    scores, rows = company.scores, best_rows(company.scores)
    is_weak = (scores.band[rows] == WEAK) & (scores.status[rows] == ACTIVE)
    is_known = scores.ties.active_days[rows] >= MIN_ACTIVE_DAYS
    carries_some = scores.alive[rows] >= Ask.INFORMATION.value
    rows = rows[is_weak & is_known & carries_some & _is_fresh(scores, rows)]
    for tie, priority in first(scores, rows, scores.alive[rows]):
        yield _advice(tie, priority)


def _is_fresh(scores: Scores, rows: Ints) -> Flags:
    since = scores.as_of_s - RECENT_DAYS * DAY_S
    last = scores.ties.last_each_s[:, rows] >= since
    talked = (scores.ties.calls[rows] > 0) | (scores.ties.meetings[rows] > 0)
    both = (last[FROM_A] & last[FROM_B]) | (last[NOT_KNOWN] & talked)
    return np.asarray(both & (scores.ties.two_way[rows] == TWO_WAY))


def _advice(tie: Tie, priority: float) -> Advice:
    if carries(tie.alive, Ask.REFERRAL):
        what, objective = "carries the question who else to talk to", "Ask whom else to talk to."
        second = "Ask what is new there."
    else:
        what, objective = "is too weak to ask for a referral yet", "Ask a question first."
        second = "Send something useful."
    return Advice(
        contact=tie.other,
        colleague=tie.person,
        priority=priority,
        reason=(
            f"In touch both ways {days(tie.silence_days)} ago; a weak tie "
            f"({100 * tie.alive:.0f} % alive next quarter) that {what}."
        ),
        objective=objective,
        second=second,
        due_days=DUE_DAYS,
        evidence={"silence_days": round(tie.silence_days), "alive_percent": round(100 * tie.alive)},
    )
