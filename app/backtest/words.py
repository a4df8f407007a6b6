"""What a back-test comes to, in sentences that an admin can act on."""

from collections.abc import Iterator
from typing import Final

from app.backtest.findings import COUNT, RECENCY, TIELINE, Findings, Horizon, Reliability
from app.backtest.judge import FEWEST
from app.backtest.measures import Estimate
from app.backtest.walk import FEWEST_CUT_OFFS, PAST_DAYS
from app.engine.alive import HORIZON_DAYS
from app.engine.calibration import ENOUGH

TRUE_ENOUGH: Final = 0.05
"""A mean error of chances up to which they may be taken at their word."""

SIMPLE: Final = {COUNT: "Counting contacts", RECENCY: "Putting the latest contact first"}


def in_short(findings: Findings) -> tuple[str, ...]:
    """The findings in a few sentences, the most important first."""
    return tuple(_sentences(findings))


def cases(share: float) -> str:
    """A share as so many of 100 cases."""
    return f"{100 * share:.0f}"


def _sentences(findings: Findings) -> Iterator[str]:
    quarter = findings.horizon(HORIZON_DAYS)
    if not findings.is_enough:
        yield _too_little(findings)
    if quarter is not None:
        yield _ranked(quarter)
        yield from (_beside(quarter, by) for by in SIMPLE)
        yield from (_lifted(top.came, top.times) for top in findings.top if top.by == TIELINE)
    yield from (
        _true(one)
        for one in findings.reliability
        if one.by == TIELINE and one.is_used and _is_told(one)
    )
    if findings.proposal is not None:
        yield _proposed(findings.proposal.gain, findings.proposal.moved, enough=findings.is_enough)


def _too_little(findings: Findings) -> str:
    history = findings.history
    start = "There is too little history to judge by"
    if not history.contacts:
        return f"{start}: there is no contact in it."
    if history.cut_offs_allowed == 0:
        needed = PAST_DAYS + HORIZON_DAYS
        return (
            f"{start}: it is {history.days} days long, and {needed} are needed, "
            f"{PAST_DAYS} to score by and {HORIZON_DAYS} to see what came."
        )
    pairs = sum(one.pairs for one in findings.cut_offs)
    came = sum(one.came for one in findings.cut_offs)
    return (
        f"{start}: of pairs asked about at {_cut_offs(len(findings.cut_offs))}, {came:,} were in "
        f"touch within {HORIZON_DAYS} days and {pairs - came:,} were not. At least "
        f"{FEWEST_CUT_OFFS} cut-offs with {FEWEST} of either kind are needed, and {ENOUGH} of "
        "either in all. Read what follows as a first impression."
    )


def _cut_offs(count: int) -> str:
    return f"{count} cut-off" if count == 1 else f"{count} cut-offs"


def _ranked(quarter: Horizon) -> str:
    area = quarter.areas[TIELINE]
    return (
        "Of two pairs of people, one in touch within the next 90 days and one not, Tieline ranked "
        f"the right one first in {cases(area.value)} of 100 cases "
        f"(between {cases(max(area.low, 0))} and {cases(min(area.high, 1))}; guessing gives 50)."
    )


def _beside(quarter: Horizon, by: str) -> str:
    area, gain = quarter.areas[by], quarter.gains[by]
    start = f"{SIMPLE[by]} does so in {cases(area.value)}"
    if gain.is_above_0:
        return f"{start}: Tieline is better here."
    if gain.is_below_0:
        return f"{start}: Tieline is worse here; find out why before you rely on its scores."
    return f"{start}: this history does not tell which is better."


def _lifted(came: float, times: float) -> str:
    return (
        f"Of the tenth of the pairs it ranked first, {cases(came)} in 100 were in touch, "
        f"{times:.1f} times as many as of all pairs."
    )


def _is_told(one: Reliability) -> bool:
    """Whether enough pairs came alive, and enough did not, to say anything of chances."""
    return one.pairs * min(one.base_rate, 1 - one.base_rate) >= ENOUGH


def _true(one: Reliability) -> str:
    whose = "your company's own curve" if one.is_own else "the curve for every company"
    better = "better" if one.brier < one.base_brier else "no better"
    told = (
        "The chances it shows come true"
        if one.error <= TRUE_ENOUGH
        else "The chances it shows are not to be taken at their word"
    )
    return (
        f"{told}: by {whose} they are off by {100 * one.error:.1f} points in the mean; "
        f"their Brier score of {one.brier:.3f} is {better} than the {one.base_brier:.3f} "
        "of saying the same of every pair."
    )


def _proposed(gain: Estimate | None, moved: int, *, enough: bool) -> str:
    shown = f"{moved:,} pairs would change their band."
    if gain is None or not enough:
        return f"This history is too short to prefer the proposed weights or not; {shown}"
    points = f"{100 * gain.value:+.2f} points, between {100 * gain.low:+.2f}"
    interval = f"({points} and {100 * gain.high:+.2f})"
    if gain.is_above_0:
        return f"The proposed weights rank better {interval}; {shown}"
    if gain.is_below_0:
        return f"The proposed weights rank worse {interval}: keep those there are; {shown}"
    return (
        f"This history cannot tell the proposed weights from the present ones {interval}; {shown}"
    )
