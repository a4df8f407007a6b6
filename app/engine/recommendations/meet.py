"""Meet in person: a tie that is strong in writing, of two who have never met."""

from collections.abc import Iterator

import numpy as np

from app.engine.company import Company
from app.engine.recommendations._candidates import best_rows, colleagues, days, first, talkers
from app.engine.recommendations._rule import Advice
from app.engine.strength import ACTIVE, BANDS

TITLE, WORTH, AGAIN_DAYS = "Meet in person", 0.5, 180
MIN_ACTIVE_DAYS, DUE_DAYS = 5, 30
STRONG = BANDS.index("strong")


def apply(company: Company) -> Iterator[Advice]:
    """Find strong, active ties without any meeting on record; the strongest first.

    Only of colleagues of whom some call or meeting is on record: what does not reach us of the
    others we cannot know.
    """
    scores, rows = company.scores, best_rows(company.scores)
    is_strong = (scores.band[rows] == STRONG) & (scores.status[rows] == ACTIVE)
    never_met = scores.ties.meetings[rows] == 0
    is_known = scores.ties.active_days[rows] >= MIN_ACTIVE_DAYS
    ours = colleagues(scores, rows)
    rows = rows[is_strong & never_met & is_known & np.isin(ours, talkers(scores.ties))]
    for tie, priority in first(scores, rows, scores.shown[rows] / 100):
        yield Advice(
            contact=tie.other,
            colleague=tie.person,
            priority=priority,
            reason=(
                f"A strong tie ({tie.points:.0f} of 100, contact on {days(tie.active_days)}) "
                "with no meeting on record: face to face carries what writing does not."
            ),
            objective="Agree on a day to meet.",
            second="Have a call with the camera on.",
            due_days=DUE_DAYS,
            evidence={"points": round(tie.points), "active_days": tie.active_days, "meetings": 0},
        )
