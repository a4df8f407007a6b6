"""Hand over: who had an open deal has left, or is leaving; whoever knows them best takes over."""

from collections.abc import Iterator

from app.engine.company import Company, Deal
from app.engine.recommendations._candidates import days, is_live
from app.engine.recommendations._rule import Advice
from app.engine.scores import Tie
from app.engine.strength import OFF_RADAR_DAYS

TITLE, WORTH, AGAIN_DAYS = "Take over", 1.0, 60
DUE_DAYS = 3


def apply(company: Company) -> Iterator[Advice]:
    """Find open deals of colleagues who have left, or were in touch with nobody for a month.

    Advised is the colleague with the strongest tie around the deal among those who are there.
    Without any tie of ours there is nobody to advise. Priority is how alive that tie is.
    """
    quiet = _quiet_days(company)
    for deal in company.open_deals:
        owner = deal.owner
        if owner is None or not (owner in company.left or owner in quiet):
            continue
        there = [tie for tie in company.ties_around(deal) if tie.person != owner]
        heirs = [tie for tie in there if is_live(tie) and tie.person not in quiet]
        if heirs:
            yield _advice(deal, heirs[0], quiet.get(owner))


def _advice(deal: Deal, heir: Tie, quiet_days: float | None) -> Advice:
    gone = (
        "has left"
        if quiet_days is None
        else f"has been in touch with nobody for {days(quiet_days)}"
    )
    return Advice(
        contact=heir.other,
        colleague=heir.person,
        priority=heir.alive,
        reason=(
            f"Who has this open deal {gone}. Your tie is the strongest of ours around it "
            f"({heir.points:.0f} of 100, last in touch {days(heir.silence_days)} ago)."
        ),
        objective="Say that you are there for them now.",
        second="Ask what was agreed and what is open.",
        due_days=DUE_DAYS,
        evidence={
            "owner_has_left": int(quiet_days is None),
            "points": round(heir.points),
            "silence_days": round(heir.silence_days),
        },
        deal=deal.key,
    )


def _quiet_days(company: Company) -> dict[int, float]:
    """Colleagues with owned deals who were in touch with nobody for a month, and for how long."""
    ties, found = company.scores.ties, dict[int, float]()
    for owner in sorted({deal.owner for deal in company.open_deals if deal.owner is not None}):
        rows = company.scores.rows_of(owner)
        if len(rows):
            silence = float(ties.silence_days[rows].min())
            if silence >= OFF_RADAR_DAYS:
                found[owner] = silence
    return found
