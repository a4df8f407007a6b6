"""Colleagues who seem to have left: nobody hears from them any more, who used to be in touch."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from app.engine.scores import Scores
from app.engine.weights import DAY_S

SILENT_DAYS: Final = 21.0
"""Longer than a long holiday."""

LEAST_DAYS: Final = 12
"""Active days of all ties together, or there was no rhythm to fall out of."""

RHYTHMS: Final = 6.0
"""So many times the usual days between two contacts of the person with anybody."""


@dataclass(frozen=True, slots=True)
class Gone:
    """Somebody of ours who was in touch with people, and is with nobody any more."""

    person: int
    last_s: int
    silent_days: float
    usual_days: float


def gone(scores: Scores) -> list[Gone]:
    """Find colleagues who have been silent towards everybody, far beyond their own rhythm.

    The rhythm of a person is taken from all their ties, as if their active days did not coincide.

    Returns:
        Those silent for longest first; of equals the lower person number.
    """
    found = (_of(scores, person) for person in scores.colleagues.tolist())
    return sorted(filter(None, found), key=lambda one: (-one.silent_days, one.person))


def _of(scores: Scores, person: int) -> Gone | None:
    rows = scores.rows_of(person)
    rows = rows[scores.ties.is_personal[rows]]
    if not len(rows):
        return None
    ties = scores.ties
    last_s, first_s = int(ties.last_s[rows].max()), int(ties.first_s[rows].min())
    days = int(ties.active_days[rows].sum())
    usual = max((last_s - first_s) / DAY_S / max(days - 1, 1), 1.0)
    silent = float(np.maximum(ties.as_of_s - last_s, 0) / DAY_S)
    if days < LEAST_DAYS or silent < max(SILENT_DAYS, RHYTHMS * usual):
        return None
    return Gone(person, last_s, silent, usual)
