"""Examine a history: score it at every cut-off, and compare with what came."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import numpy as np

from app.backtest.compare import compare
from app.backtest.findings import (
    PROPOSED,
    TIELINE,
    TITLES,
    Bin,
    ChannelGain,
    CutOff,
    Findings,
    History,
    Horizon,
    Reliability,
    Top,
)
from app.backtest.judge import Asked, Judged, judge
from app.backtest.measures import Estimate, less, mean
from app.backtest.walk import FEWEST_CUT_OFFS, HORIZONS_DAYS, allowed, cut_offs, past
from app.backtest.weighing import Proposed
from app.engine import CHANNELS, DEFAULT, MODEL, Interactions, Weights, fit_alive
from app.engine.alive import HORIZON_DAYS
from app.engine.calibration import ENOUGH, Calibration
from app.engine.interactions import clean
from app.engine.weights import DAY_S

EPOCH: Final = date(1970, 1, 1)

Tell = Callable[[int, int], None]
"""Is told how many steps are done, and of how many."""


def examine(
    interactions: Interactions,
    *,
    as_of_s: int,
    weights: Weights = DEFAULT,
    proposed: Proposed | None = None,
    tell: Tell = lambda _done, _steps: None,
) -> Findings:
    """Test a company's scores on its own history.

    Args:
        interactions: In any order: the same ones give the same findings.
        as_of_s: The end of the history, seconds since 1970 (UTC); what is later is not looked at.
        weights: The constants of the model as they are.
        proposed: Others, to compare with.
        tell: Told how far it is.
    """
    history, ignored = clean(interactions, as_of_s=as_of_s)
    cuts = cut_offs(history, as_of_s)
    other = proposed.weights if proposed else None
    channels = np.unique(history.channel).tolist()
    judged = []
    for done, cut_s in enumerate(cuts):
        tell(done, len(cuts) + 1)
        then = past(history, cut_s, until_s=as_of_s, weights=weights)
        judged.append(judge(then, weights=weights, proposed=other, channels=channels))
    tell(len(cuts), len(cuts) + 1)
    horizons = tuple(_horizons(judged))
    quarter = next((one for one in horizons if one.days == HORIZON_DAYS), None)
    found = Findings(
        model=MODEL,
        weights=dict(zip(CHANNELS, weights.channels, strict=True)),
        as_of=_iso(as_of_s),
        history=_history(history, as_of_s, later=ignored.in_the_future),
        is_enough=_is_enough(quarter),
        by=tuple(by for by in TITLES if by != PROPOSED or proposed),
        horizons=horizons,
        recent=_horizon(HORIZON_DAYS, [one.recent for one in judged]),
        cut_offs=tuple(_cut_off(one) for one in judged),
        top=tuple(_top(judged)),
        channels=tuple(_channels(judged, history)),
        reliability=tuple(_reliability(history, as_of_s, weights, other)) if cuts else (),
        proposal=compare(history, as_of_s, weights, proposed, _gain(quarter)) if proposed else None,
    )
    tell(len(cuts) + 1, len(cuts) + 1)
    return found


def _is_enough(quarter: Horizon | None) -> bool:
    return (
        quarter is not None
        and quarter.cut_offs >= FEWEST_CUT_OFFS
        and min(quarter.came, quarter.pairs - quarter.came) >= ENOUGH
    )


def _gain(quarter: Horizon | None) -> Estimate | None:
    """What the proposed weights gain on those there are."""
    lost = quarter and quarter.gains.get(PROPOSED)
    return Estimate(-lost.value, -lost.high, -lost.low) if lost else None


def _horizons(judged: Sequence[Judged]) -> Iterator[Horizon]:
    for days in HORIZONS_DAYS:
        asked = [one.by_horizon[days] for one in judged if days in one.by_horizon]
        if (found := _horizon(days, asked)) is not None:
            yield found


def _horizon(days: int, asked: Sequence[Asked]) -> Horizon | None:
    """Take the cut-offs together at which there was enough to rank; None if there is none."""
    told = [one for one in asked if one.areas]
    if not told:
        return None
    rankings = list(told[0].areas)
    areas = {by: mean([one.areas[by] for one in told]) for by in rankings}
    gains = {
        by: mean([less(one.areas[TIELINE], one.areas[by]) for one in told])
        for by in rankings
        if by != TIELINE
    }
    return Horizon(
        days=days,
        cut_offs=len(told),
        pairs=sum(one.pairs for one in told),
        came=sum(one.came for one in told),
        areas=_known(areas),
        gains=_known(gains),
    )


def _known(estimates: Mapping[str, Estimate | None]) -> dict[str, Estimate]:
    return {key: one for key, one in estimates.items() if one is not None}


def _cut_off(judged: Judged) -> CutOff:
    quarter = judged.by_horizon[HORIZON_DAYS]
    areas = {by: mean([one]) for by, one in quarter.areas.items()}
    return CutOff(_iso(judged.as_of_s), quarter.pairs, quarter.came, _known(areas))


def _top(judged: Sequence[Judged]) -> Iterator[Top]:
    told = [one.lifts for one in judged if one.lifts]
    for by in told[0] if told else ():
        came = float(np.mean([one[by].came for one in told]))
        yield Top(by, came, float(np.mean([one[by].times for one in told])))


def _channels(judged: Sequence[Judged], history: Interactions) -> Iterator[ChannelGain]:
    counts = np.bincount(history.channel, minlength=len(CHANNELS)).tolist()
    for channel, name in enumerate(CHANNELS):
        gain = mean([one.gains[channel] for one in judged if channel in one.gains])
        if gain is not None:
            yield ChannelGain(name, counts[channel], gain)


def _reliability(
    history: Interactions, as_of_s: int, weights: Weights, other: Weights | None
) -> Iterator[Reliability]:
    for by, used in ((TIELINE, weights), (PROPOSED, other)):
        if used is not None:
            fit = fit_alive(history, as_of_s=as_of_s, weights=used)
            yield _told(by, fit.default, is_own=False, is_used=not fit.is_own)
            if fit.own is not None:
                yield _told(by, fit.own, is_own=True, is_used=fit.is_own)


def _told(by: str, found: Calibration, *, is_own: bool, is_used: bool) -> Reliability:
    return Reliability(
        by=by,
        is_own=is_own,
        is_used=is_used,
        pairs=found.ties,
        base_rate=found.base_rate,
        brier=found.brier,
        base_brier=found.base_brier,
        error=found.error,
        bins=tuple(Bin(one.ties, one.said, one.came) for one in found.bins),
    )


def _history(history: Interactions, as_of_s: int, *, later: int) -> History:
    met = len(history) > 0
    first_s, last_s = (int(history.at_s.min()), int(history.at_s.max())) if met else (as_of_s, 0)
    return History(
        first=_iso(first_s) if met else None,
        last=_iso(last_s) if met else None,
        contacts=len(history),
        later=later,
        people=len(np.unique(np.concatenate([history.source, history.target]))),
        days=(as_of_s - first_s) // DAY_S,
        cut_offs_allowed=allowed(history, as_of_s),
        cut_offs=len(cut_offs(history, as_of_s)),
    )


def _iso(at_s: int) -> str:
    """A moment as text; what lies outside the calendar is told as its nearest end."""
    days, seconds = divmod(at_s, DAY_S)
    day = min(max(days + EPOCH.toordinal(), date.min.toordinal()), date.max.toordinal())
    midnight = datetime.combine(date.fromordinal(day), time(), UTC)
    return (midnight + timedelta(seconds=seconds)).isoformat()
