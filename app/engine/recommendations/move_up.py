"""Move up the channel: a weak tie that answers mails may well pick up the phone."""

from collections.abc import Iterator

import numpy as np

from app.engine.cells import FROM_A, FROM_B
from app.engine.company import Company
from app.engine.recommendations._candidates import best_rows, colleagues, first, talkers
from app.engine.recommendations._rule import Advice
from app.engine.strength import ACTIVE, BANDS

TITLE, WORTH, AGAIN_DAYS = "Call instead of writing", 0.4, 120
MIN_EACH_WAY, DUE_DAYS = 2, 14
WEAK = BANDS.index("weak")


def apply(company: Company) -> Iterator[Advice]:
    """Find weak, active ties with two messages each way at least, and no talk on record.

    Priority is the chance that the tie is alive. Only of colleagues of whom some call or meeting
    is on record: what does not reach us of the others we cannot know.
    """
    scores, rows = company.scores, best_rows(company.scores)
    ties = scores.ties
    is_weak = (scores.band[rows] == WEAK) & (scores.status[rows] == ACTIVE)
    answers = np.minimum(ties.contacts[FROM_A, rows], ties.contacts[FROM_B, rows]) >= MIN_EACH_WAY
    never_talked = (ties.calls[rows] == 0) & (ties.meetings[rows] == 0)
    ours = colleagues(scores, rows)
    rows = rows[is_weak & answers & never_talked & np.isin(ours, talkers(ties))]
    for tie, priority in first(scores, rows, scores.alive[rows]):
        yield Advice(
            contact=tie.other,
            colleague=tie.person,
            priority=priority,
            reason=(
                f"A weak tie that answers: {tie.sent} messages there and {tie.received} back, "
                "and no call on record. A talk counts for more than a mail."
            ),
            objective="Have a short call.",
            second="Propose a time for one.",
            due_days=DUE_DAYS,
            evidence={"sent": tie.sent, "received": tie.received, "calls": 0},
        )
