"""The custom fields of deals: one line each; all are empty once a deal is closed."""

from app.engine.deals import Task
from app.pipeline.fields._column import (
    ACTIONS,
    NUMBER,
    PICKLIST,
    RISK_OPTIONS,
    RISKS,
    TEXT,
    Column,
    percent,
    shown,
)
from app.pipeline.standing import DealStanding

DEAL: tuple[Column[DealStanding], ...] = (
    Column(
        "selling_task",
        "Selling task",
        PICKLIST,
        "What there is to do in this stage.",
        lambda standing: shown(standing.picture.task),
        empty="the deal is closed",
        options=tuple(map(shown, Task)),
    ),
    Column(
        "network_fit",
        "Network fit",
        NUMBER,
        "How far our ties are what the selling task asks for, 0 to 100.",
        lambda standing: standing.picture.fit,
        length=3,
        dead_band=5,
    ),
    Column(
        "network_lacks",
        "Network fit: what is missing",
        TEXT,
        "Which ties the selling task asks for and the deal has not.",
        lambda standing: shown(standing.picture.lacks) or None,
        empty="nothing is",
    ),
    Column(
        "threads",
        "Threads",
        NUMBER,
        "How many people on the deal or at its account have a tie with us that is at least weak "
        "and not off the radar.",
        lambda standing: standing.picture.threads,
        length=6,
    ),
    Column(
        "risk",
        "Single-thread risk",
        PICKLIST,
        RISKS,
        lambda standing: shown(standing.picture.risk),
        options=RISK_OPTIONS,
    ),
    Column(
        "strength",
        "Strongest tie",
        NUMBER,
        "How strong the strongest tie of one of us with somebody on the deal or at its account is, "
        "0 to 100.",
        lambda standing: standing.best.strength if standing.best else None,
        empty="no contact on record",
        length=3,
        dead_band=2,
    ),
    Column(
        "best_colleague",
        "Best-connected colleague",
        TEXT,
        "Whose tie that is.",
        lambda standing: standing.best.other.name if standing.best else None,
        empty="no contact on record",
    ),
    Column(
        "best_contact",
        "Best-connected contact",
        TEXT,
        "With whom that tie is.",
        lambda standing: standing.contact or None,
        empty="no contact on record",
    ),
    Column(
        "coverage",
        "Relationship coverage (%)",
        NUMBER,
        "Of the people on the deal, how many one of us has at least a weak tie with.",
        lambda standing: _percent(standing.picture.coverage),
        empty="nobody is on the deal",
        length=3,
    ),
    Column(
        "calibre",
        "Calibre (%)",
        NUMBER,
        "How far the highest-placed person with a live tie decides, by title: 100 is a chief, "
        "80 heads, 60 leads, 40 does, 20 assists.",
        lambda standing: _percent(standing.picture.calibre),
        empty="no title tells it",
        length=3,
    ),
    Column(
        "next_action",
        "Next action",
        PICKLIST,
        "What Tieline recommends.",
        lambda standing: ACTIONS[standing.action[0]] if standing.action else None,
        empty="nothing now",
        options=tuple(ACTIONS.values()),
    ),
    Column(
        "next_action_reason",
        "Next action: reason",
        TEXT,
        "Who of us should, and why, from the contacts on record.",
        lambda standing: standing.action[1] if standing.action else None,
        empty="nothing now",
        follows=True,
    ),
)


def _percent(share: float | None) -> int | None:
    return None if share is None else percent(share)
