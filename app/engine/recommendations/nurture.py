"""Nurture: a weak tie that is nearly all we have into a company gets a light touch now and then."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from app.engine.company import Company
from app.engine.recommendations._candidates import best_rows, contacts, days, first, is_gone, people
from app.engine.recommendations._rule import Advice
from app.engine.strength import BANDS, COOLING
from app.engine.ties import TWO_WAY

TITLE, WORTH, AGAIN_DAYS = "Nurture", 0.4, 60
LEAST_SILENCE_DAYS, DUE_DAYS = 21, 14
LEAST_OPENED, HALF_OPENED = 2, 5
WEAK = BANDS.index("weak")


def apply(company: Company) -> Iterator[Advice]:
    """Find weak two-way ties, silent for three weeks, at whose company we know few.

    What a tie opens are the people at its contact's account whom none of us knows, at least two.
    Priority is novelty (1 - overlap) x chance that the tie is alive x what it opens, o / (o + 5):
    the best news and introductions come over weak ties into other circles.

    Source:
        Granovetter (1973), 10.1086/225469; the measure is ours.
    """
    scores, rows = company.scores, best_rows(company.scores)
    is_weak = (scores.band[rows] == WEAK) & (scores.status[rows] <= COOLING)
    is_due = scores.ties.silence_days[rows] >= LEAST_SILENCE_DAYS
    is_two_way = scores.ties.two_way[rows] == TWO_WAY
    rows = rows[is_weak & is_due & is_two_way & ~is_gone(scores, rows)]
    opened = _opened(company)
    others = contacts(scores, rows).tolist()
    opens = np.array([opened[company.account_of.get(c, -1)] for c in others], dtype=np.int64)
    rows, opens = rows[opens >= LEAST_OPENED], opens[opens >= LEAST_OPENED]
    worth = (1 - scores.overlap[rows]) * scores.alive[rows] * opens / (opens + HALF_OPENED)
    for tie, priority in first(scores, rows, worth):
        many = opened[company.account_of[tie.other]]
        yield Advice(
            contact=tie.other,
            colleague=tie.person,
            priority=priority,
            reason=(
                f"A weak tie into a company where none of us knows {people(many)} on record; "
                f"last in touch {days(tie.silence_days)} ago. A short message keeps it."
            ),
            objective="Stay in mind with something useful.",
            second="Learn what is new there.",
            due_days=DUE_DAYS,
            evidence={"opens": many, "silence_days": round(tie.silence_days)},
        )


def _opened(company: Company) -> Counter[int]:
    """How many people at each account none of us has a tie with."""
    known = company.scores.best
    return Counter(
        account
        for person, account in company.account_of.items()
        if person not in known and person not in company.ours
    )
