"""Companies for the tests of rules and deals: histories beside accounts, titles and deals."""

from collections.abc import Mapping, Sequence

import numpy as np

from app.engine import Company, Deal, Involved, score
from app.engine.recommendations import Advice, rule
from tests.engine.histories import NOW, Event, columns, exchange

ADA, CY = 1, 2
OURS = (ADA, CY)
ELSEWHERE = 99
"""A contact with whom everybody of ours is in touch, so that nobody seems to have left."""

OPEN = Deal(key=(1, "D"), stage="Proposal", is_open=True, account=1, owner=ADA)


def company(
    history: Sequence[Event],
    *,
    accounts: Mapping[int, int] | None = None,
    titles: Mapping[int, str] | None = None,
    deals: Sequence[Deal] = (),
    left: Sequence[int] = (),
) -> Company:
    scores = score(columns(history), as_of_s=NOW, colleagues=np.array(OURS, dtype=np.int64))
    return Company(scores, accounts or {}, titles or {}, tuple(deals), frozenset(left))


def at_work(*people: int) -> list[Event]:
    """These of ours met somebody else yesterday."""
    return [Event(one, ELSEWHERE, 1, "meeting", 1, 1800) for one in people]


def strong(a: int, b: int, silent_days: int = 2) -> list[Event]:
    return exchange(a, b, [silent_days + 3 * n for n in range(40)])


def weak(a: int, b: int, silent_days: int = 10) -> list[Event]:
    return exchange(a, b, [silent_days, silent_days + 40, silent_days + 80])


def advice(name: str, known: Company) -> list[Advice]:
    return list(rule(name).apply(known))


def involved(*people: int) -> tuple[Involved, ...]:
    return tuple(Involved(one) for one in people)
