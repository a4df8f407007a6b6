"""Reconnect: a tie that was strong and has gone quiet by its own rhythm."""

from collections.abc import Iterator

import numpy as np

from app.engine.company import Company
from app.engine.recommendations._candidates import best_rows, days, first, is_gone
from app.engine.recommendations._rule import Advice
from app.engine.scores import Tie
from app.engine.strength import COOLING, OFF_RADAR

TITLE, WORTH, AGAIN_DAYS = "Reconnect", 0.7, 60
MIN_ACTIVE_DAYS, DUE_DAYS = 5, 7


def apply(company: Company) -> Iterator[Advice]:
    """Find ties that are cooling or off the radar; by colleague, the greatest loss first.

    Advised are contacts with at least five active days whose tie was strong when last in touch,
    by the best-connected colleague only. Priority is what there is to win back, the points at the
    last contact: risk would put first what was never much. What is silent for a year is dormant,
    and no matter of haste. Who has gone on without the contact, and then had none with anybody for
    a month, has perhaps left and gets no advice.
    """
    scores, rows = company.scores, best_rows(company.scores)
    is_quiet = np.isin(scores.status[rows], (COOLING, OFF_RADAR))
    was_strong = scores.shown_then[rows] >= scores.cuts[-1]
    is_known = scores.ties.active_days[rows] >= MIN_ACTIVE_DAYS
    rows = rows[is_quiet & was_strong & is_known & ~is_gone(scores, rows)]
    for tie, priority in first(scores, rows, scores.shown_then[rows] / 100):
        yield Advice(
            contact=tie.other,
            colleague=tie.person,
            priority=priority,
            reason=_reason(tie),
            objective="Hear from them.",
            second="Ask who is the right person now.",
            due_days=DUE_DAYS,
            evidence=_evidence(tie),
        )


def _reason(tie: Tie) -> str:
    rhythm = max(round(tie.rhythm_days or 1), 1)
    usual = "day" if rhythm == 1 else days(rhythm)
    return (
        f"Silent for {days(tie.silence_days)} where contact was usual every {usual}, "
        f"after {tie.contacts} contacts on {days(tie.active_days)}."
    )


def _evidence(tie: Tie) -> dict[str, int]:
    return {
        "silence_days": round(tie.silence_days),
        "rhythm_days": max(round(tie.rhythm_days or 1), 1),
        "contacts": tie.contacts,
        "active_days": tie.active_days,
        "points_then": round(tie.points_then),
    }
