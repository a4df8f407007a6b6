"""The custom fields of contacts and leads: one line each."""

from datetime import date, timedelta

from app.engine import BANDS, STATUSES
from app.engine.strength import (
    COOLING_DAYS,
    COOLING_RHYTHMS,
    OFF_RADAR_DAYS,
    OFF_RADAR_RHYTHMS,
    UNKNOWN_RHYTHM_DAYS,
)
from app.pipeline.fields._column import (
    ACTIONS,
    BAND_OPTIONS,
    CUTS,
    DATE,
    NUMBER,
    PICKLIST,
    STATUS_OPTIONS,
    TEXT,
    Column,
    percent,
    shown,
)
from app.pipeline.standing import PersonStanding

ACTIVE, COOLING = STATUSES[:2]
INFLUENCERS = ("awareness", "conversion")


def _route(standing: PersonStanding) -> str | None:
    """One line: whom to ask for an introduction, and whom else."""
    known = [tie for tie in standing.card.ties if tie.band != BANDS[0]]
    ours = [tie for tie in known if tie.other.is_colleague]
    if not ours:
        return None
    first, *others = ours
    line = f"Ask {first.other.name} ({shown(first.band).lower()} tie"
    line += f", last in touch {first.last_contact:%-d %b %Y})"
    return f"{line}, or {others[0].other.name}" if others else line


def _reconnect_by(standing: PersonStanding) -> date | None:
    """The day on which a tie begins to cool, or a cooling one goes off the radar."""
    best = standing.best
    if best.band == BANDS[0] or best.status not in (ACTIVE, COOLING):
        return None
    rhythm = max(best.rhythm_days or UNKNOWN_RHYTHM_DAYS, 1.0)
    if best.status == ACTIVE:
        silence_days = max(COOLING_RHYTHMS * rhythm, COOLING_DAYS)
    else:
        silence_days = max(OFF_RADAR_RHYTHMS * rhythm, OFF_RADAR_DAYS)
    return (best.last_contact + timedelta(days=silence_days)).date()


PERSON: tuple[Column[PersonStanding], ...] = (
    Column(
        "strength",
        "Tie strength",
        NUMBER,
        "How strong the strongest tie with one of us is, 0 to 100.",
        lambda standing: standing.best.strength,
        empty="no contact on record",
        length=3,
        dead_band=2,
    ),
    Column(
        "band",
        "Tie band",
        PICKLIST,
        f"Tie strength in words: {CUTS}.",
        lambda standing: shown(standing.best.band),
        options=BAND_OPTIONS,
    ),
    Column(
        "status",
        "Tie status",
        PICKLIST,
        "Silence against the pair's own rhythm: cooling at 3 times, off the radar at 8 times, "
        "dormant after a year.",
        lambda standing: shown(standing.best.status),
        options=STATUS_OPTIONS,
    ),
    Column(
        "trend",
        "Tie trend (points in 30 days)",
        NUMBER,
        "What tie strength gained in the last 30 days; below 0 if it lost some.",
        lambda standing: standing.best.trend,
        length=3,
        dead_band=5,
    ),
    Column(
        "alive",
        "Alive next quarter (%)",
        NUMBER,
        "Chance of contact both ways within the next 90 days, in per cent.",
        lambda standing: percent(standing.best.alive),
        length=3,
        dead_band=5,
    ),
    Column(
        "confidence",
        "Tie confidence (%)",
        NUMBER,
        "How far the contacts on record carry the score, in per cent.",
        lambda standing: percent(standing.best.confidence),
        length=3,
        dead_band=5,
    ),
    Column(
        "best_colleague",
        "Best-connected colleague",
        TEXT,
        "Who of us knows this person best.",
        lambda standing: standing.best.other.name,
    ),
    Column(
        "route",
        "Introduction route",
        TEXT,
        "Whom to ask for an introduction.",
        _route,
        empty="nobody has a tie that would carry one",
    ),
    Column(
        "last_touch",
        "Last touch",
        DATE,
        "When any of us was last in contact, by the calendar of UTC.",
        lambda standing: standing.card.last_contact and standing.card.last_contact.date(),
    ),
    Column(
        "reconnect_by",
        "Reconnect by",
        DATE,
        "When silence will have reached 3 times the pair's own rhythm, at least 14 days; of a tie "
        "that is cooling, 8 times and 30 days.",
        _reconnect_by,
        empty="no tie to speak of, or off the radar already",
    ),
    Column(
        "next_action",
        "Next action",
        PICKLIST,
        "What Tieline recommends.",
        lambda standing: ACTIONS[advice.rule] if (advice := standing.advice) else None,
        empty="nothing now",
        options=tuple(ACTIONS.values()),
    ),
    Column(
        "next_action_reason",
        "Next action: reason",
        TEXT,
        "Who of us should, and why, from the contacts on record.",
        lambda standing: (
            f"{advice.colleague.name}: {advice.reason}" if (advice := standing.advice) else None
        ),
        follows=True,
    ),
    Column(
        "influencer",
        "Influencer type",
        PICKLIST,
        "Awareness: reaches many different circles. Conversion: moves decisions in one. Only for "
        "the portfolio of those to focus on.",
        lambda standing: shown(standing.row.influencer) if standing.row.influencer else None,
        empty="not in the portfolio",
        options=tuple(map(shown, INFLUENCERS)),
    ),
    Column(
        "bridge_to",
        "Bridge to",
        TEXT,
        "Which circle this person is the bridge to: it is hardly reached but through them.",
        lambda standing: standing.row.bridge_to or None,
        empty="no bridge, or the records do not allow to say so",
    ),
    Column(
        "five_signs",
        "Five signs",
        NUMBER,
        "How useful a contact is by five signs, -7 to 10. What no record tells adds nothing.",
        lambda standing: standing.signs.total,
        length=2,
    ),
    Column(
        "five_signs_parts",
        "Five signs: parts",
        TEXT,
        "What each of the five signs says, and which are not on record.",
        lambda standing: standing.signs.in_words,
    ),
)
