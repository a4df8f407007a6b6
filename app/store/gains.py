"""What somebody has to offer to whoever introduces them."""

from sqlmodel import Session

from app.engine import Scores
from app.store import people

MOST_KNOWN, MOST_OPENED = 50, 2
"""So many of the asker's strongest ties are looked at, and so many accounts are offered."""


def opened(session: Session, scores: Scores, *, asker: int, introducer: int) -> tuple[str, ...]:
    """Accounts where one knows somebody well and the other nobody, the best known first."""
    weak, moderate, _ = scores.cuts
    own = people.accounts_of(session, theirs := _known(scores, asker, moderate)[:MOST_KNOWN])
    there = set(
        people.accounts_of(session, [introducer, *_known(scores, introducer, weak)]).values()
    )
    names = dict.fromkeys(own[one] for one in theirs if one in own and own[one] not in there)
    return tuple(name for name in names if name)[:MOST_OPENED]


def _known(scores: Scores, person: int, least: float) -> list[int]:
    """Whom somebody knows so well at least, the best known first."""
    rows = scores.rows_of(person)
    rows = rows[(scores.shown[rows] >= least) & scores.ties.is_personal[rows]]
    return [scores.seen_by(person, row).other for row in rows.tolist()]
