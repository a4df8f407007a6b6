"""What each factor of tie strength contributes, measured on files of events.

    python -m tests.benchmarks.ablation --events FILE[:DAY,DAY,...] ...

For cut-offs through each record (days since its first event, or five that the program chooses) it
scores what came before and asks who has personal two-way contact in the 90 days after. It prints
the ROC-AUC of the whole formula and how much is lost without each factor, the rank correlation with
the volume to come, how often a person's first tie is the one with the most of it, and the count of
contacts to compare with; then the same for `risk` and the established ties that lapse, which is to
be without any contact, and those without personal contact, be there mass mail or not.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

from app.backtest.measures import auc
from app.engine import Interactions, Ties, Weights, came_alive, fold
from app.engine import strength as tell
from app.engine.alive import HORIZON_DAYS
from app.engine.interactions import is_small
from app.engine.overlap import overlap
from app.engine.weights import DAY_S, DEFAULT, Flags, Floats
from app.score_events import read
from tests.benchmarks.measures import established, hit_at_1, lapsing

CUTS = 5

Scorer = Callable[[Interactions, Ties], Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """What was known at one cut-off, and what became of each tie.

    Attributes:
        is_alive: Personal two-way contact within the horizon, (n_ties,).
        volume: Messages within the horizon, each over its number of recipients, (n_ties,).
        personal: The same of those in no crowd, (n_ties,).
    """

    interactions: Interactions
    ties: Ties
    is_alive: Flags
    volume: Floats
    personal: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """A file of events and where to cut it.

    Attributes:
        cut_days: Days since the first event; empty for even distances from the middle of the
            record to one horizon before its end.
    """

    name: str
    interactions: Interactions
    cut_days: tuple[float, ...]


def record(argument: str) -> Record:
    """Read ``FILE`` or ``FILE:DAY,DAY,...``."""
    path, _, days = argument.partition(":")
    cut_days = tuple(float(day) for day in days.split(",") if day)
    return Record(Path(path).name, read(Path(path))[1], cut_days)


def pasts(record: Record) -> Iterator[Past]:
    """Cut a record, and tell what was known at each cut and what came of it."""
    interactions = record.interactions
    first, last = int(interactions.at_s.min()), int(interactions.at_s.max())
    end = last - HORIZON_DAYS * DAY_S
    start = min((first + last) // 2, end)
    small = interactions.where(is_small(interactions, DEFAULT))
    cuts_s = [first + round(day * DAY_S) for day in record.cut_days]
    for as_of_s in cuts_s or np.linspace(start, end, CUTS, dtype=np.int64).tolist():
        known = interactions.where(interactions.at_s <= as_of_s)
        ties = fold(known, as_of_s=as_of_s)
        if len(ties):
            alive = came_alive(interactions, ties)
            yield Past(known, ties, alive, _volume(interactions, ties), _volume(small, ties))


def _volume(interactions: Interactions, ties: Ties) -> Floats:
    after = interactions.at_s - ties.as_of_s
    later = interactions.where((after > 0) & (after <= HORIZON_DAYS * DAY_S))
    low = np.minimum(later.source, later.target)
    high = np.maximum(later.source, later.target)
    size = int(max(ties.b.max(), high.max(initial=0))) + 1
    keys, sought = ties.a * size + ties.b, low * size + high
    row = np.minimum(np.searchsorted(keys, sought), len(keys) - 1)
    each = np.where(keys[row] == sought, 1 / np.maximum(later.recipients, 1), 0.0)
    return np.bincount(row, weights=each, minlength=len(ties)).astype(np.float64)


def whole(interactions: Interactions, ties: Ties, weights: Weights = DEFAULT) -> Floats:
    """The formula as it is."""
    if weights != DEFAULT:
        ties = fold(interactions, as_of_s=ties.as_of_s, weights=weights)
    return tell.strength(ties, overlap(ties, weights=weights), weights)


def _without_groups(interactions: Interactions, ties: Ties) -> Floats:
    alike = replace(interactions, recipients=np.ones_like(interactions.recipients))
    one = fold(alike, as_of_s=ties.as_of_s)
    return tell.strength(one, overlap(ties))


def _one_half_life(half_life_days: float) -> Scorer:
    return lambda interactions, ties: whole(
        interactions, ties, Weights(kernel=((half_life_days, 1.0),))
    )


def _without_directions(interactions: Interactions, ties: Ties) -> Floats:
    together: Floats = ties.sums.sum(axis=0)
    return whole(interactions, ties) / tell.core(ties.sums) * together


def _risk(interactions: Interactions, ties: Ties) -> Floats:
    return tell.risk(ties, whole(interactions, ties))


SCORERS: dict[str, Scorer] = {
    "the whole formula": whole,
    "without breadth": lambda _, ties: whole(_, ties) / tell.breadth(ties.weeks),
    "without liveness": lambda _, ties: whole(_, ties, Weights(liveness_half_life_days=1e9)),
    "without overlap": lambda _, ties: tell.strength(ties, np.zeros(len(ties))),
    "without the directions": _without_directions,
    "without the group's size": _without_groups,
    "without thinning crowds": lambda _, ties: whole(
        _, ties, Weights(mail_thinning=0.0, talk_thinning=0.0)
    ),
    "acquainted by newsletters": lambda _, ties: tell.strength(
        ties, overlap(replace(ties, small_volume=np.ones(len(ties))))
    ),
    "without older weeks": lambda _, ties: whole(_, ties, Weights(older_week=0.0)),
    "one half-life: 14 days": _one_half_life(14),
    "one half-life: 60 days": _one_half_life(60),
    "the count of contacts": lambda _, ties: ties.contacts.sum(axis=0).astype(np.float64),
    "the days since the last": lambda _, ties: -ties.silence_days,
}

RISKS: dict[str, Scorer] = {
    "risk": _risk,
    "without silence and rhythm": lambda _, ties: _risk(
        _, replace(ties, last_s=np.full(len(ties), ties.as_of_s))
    ),
    "without frequency": lambda _, ties: _risk(_, replace(ties, frequency=tell.core(ties.sums))),
    "strength alone": lambda _, ties: -whole(_, ties),
    "silence and rhythm alone": lambda _, ties: ties.silence_days / tell.rhythm_days(ties),
    "the days since the last": lambda _, ties: ties.silence_days,
}


def report(cuts: list[Past]) -> None:
    """Print what each part of strength adds."""
    print(f"{'':30}{'AUC':>8}{'lost':>9}{'Spearman':>10}{'hit@1':>8}")
    full = float("nan")
    for name, scorer in SCORERS.items():
        scores = [(past, scorer(past.interactions, past.ties)) for past in cuts]
        mean = float(np.nanmean([auc(past.is_alive, score) for past, score in scores]))
        full = mean if scorer is whole else full
        rho = np.mean([spearmanr(past.volume, score)[0] for past, score in scores])
        hit = np.nanmean([hit_at_1(past.ties, score, past.volume) for past, score in scores])
        print(f"{name:30}{mean:8.4f}{full - mean:+9.4f}{rho:10.4f}{hit:8.3f}")


def report_risk(cuts: list[Past]) -> None:
    """Print how well ties that lapse are told beforehand, among those one can lose."""
    print(f"\n{'':30}{'AUC':>8}{'of the first tenth lapse':>28}{'personal':>10}{'the same':>10}")
    for name, scorer in RISKS.items():
        found = []
        for past in cuts:
            there = established(past.interactions, past.ties)
            risk = scorer(past.interactions, past.ties)
            lapses = (past.volume[there] == 0, past.personal[there] == 0)
            found.append([each for lapsed in lapses for each in lapsing(risk[there], lapsed)])
        area, first, personal, same = np.nanmean(found, axis=0)
        print(f"{name:30}{area:8.4f}{first:28.3f}{personal:10.4f}{same:10.3f}")


def main() -> None:
    """Print two tables per file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=record, nargs="+", required=True)
    for events in parser.parse_args().events:
        cuts = list(pasts(events))
        print(f"\n{events.name}: {len(cuts)} cut-offs, {sum(len(p.ties) for p in cuts)} ties")
        report(cuts)
        report_risk(cuts)


if __name__ == "__main__":
    main()
