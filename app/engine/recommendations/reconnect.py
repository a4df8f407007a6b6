"""Reconnect: a tie that was strong and has gone quiet by its own rhythm."""

from collections.abc import Iterator
from itertools import groupby, islice
from operator import itemgetter

import numpy as np

from app.engine.company import Company
from app.engine.recommendations._rule import Advice
from app.engine.scores import Scores, Tie
from app.engine.strength import BAND_CUTS, COOLING, OFF_RADAR, OFF_RADAR_DAYS

TITLE = "Reconnect"
MIN_ACTIVE_DAYS = 5
MOST_PER_COLLEAGUE = 20
LEAST_POINTS_THEN = BAND_CUTS[-1]
DUE_DAYS = 7


def apply(company: Company) -> Iterator[Advice]:
    """Find ties that are cooling or off the radar; by colleague, the greatest loss first.

    Advised are contacts with at least five active days whose tie was strong when last in touch,
    by the best-connected colleague only, at most twenty for each. Priority is the rank of what
    there is to win back, the strength at the last contact: risk would put first what was never
    much. What is silent for a year is dormant, and no matter of haste. Who has gone on without
    the contact, and then had none with anybody for a month, has perhaps left and gets no advice.
    """
    found = sorted(_candidates(company.scores), key=lambda t: (-t.strength_then, t.person, t.other))
    ranked = [(tie.person, 1 - rank / len(found), tie) for rank, tie in enumerate(found)]
    ranked.sort(key=itemgetter(0))
    for colleague, theirs in groupby(ranked, key=itemgetter(0)):
        for _, priority, tie in islice(theirs, MOST_PER_COLLEAGUE):
            yield Advice(
                contact=tie.other,
                colleague=colleague,
                priority=priority,
                reason=_reason(tie),
                objective="Hear from them.",
                second="Ask who is the right person now.",
                due_days=DUE_DAYS,
                evidence=_evidence(tie),
            )


def _candidates(scores: Scores) -> Iterator[Tie]:
    ties = scores.ties
    best = np.array(sorted(scores.best.values()), dtype=np.int64)
    is_quiet = np.isin(scores.status[best], (COOLING, OFF_RADAR))
    was_strong = scores.shown_then[best] >= LEAST_POINTS_THEN
    is_known = ties.active_days[best] >= MIN_ACTIVE_DAYS
    is_a = scores.is_colleague(ties.a)
    unseen_days = np.where(is_a, ties.unseen_days[0], ties.unseen_days[1])[best]
    is_gone = (unseen_days >= OFF_RADAR_DAYS) & (unseen_days < ties.silence_days[best])
    for row in best[is_quiet & was_strong & is_known & ~is_gone].tolist():
        yield scores.seen_by(int(ties.a[row] if is_a[row] else ties.b[row]), row)


def _reason(tie: Tie) -> str:
    rhythm = max(round(tie.rhythm_days or 1), 1)
    usual = "day" if rhythm == 1 else f"{rhythm} days"
    return (
        f"Silent for {tie.silence_days:.0f} days where contact was usual every {usual}, "
        f"after {tie.contacts} contacts on {tie.active_days} days."
    )


def _evidence(tie: Tie) -> dict[str, int]:
    return {
        "silence_days": round(tie.silence_days),
        "rhythm_days": max(round(tie.rhythm_days or 1), 1),
        "contacts": tie.contacts,
        "active_days": tie.active_days,
        "points_then": round(tie.points_then),
    }
