"""What each factor of tie strength contributes, measured on files of events.

    python -m tests.benchmarks.ablation --events FILE[:DAY,DAY,...] ...

For cut-offs through each record (days since its first event, or five that the program chooses) it
scores what came before and asks who has two-way contact in the
90 days after. It prints the ROC-AUC of the whole formula and how much is lost without each factor,
the rank correlation with the volume to come, and the count of contacts to compare with.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.stats import rankdata, spearmanr

from app.engine import Interactions, Ties, Weights, fold
from app.engine import strength as tell
from app.engine.overlap import overlap
from app.engine.weights import DAY_S, DEFAULT, Flags, Floats
from app.score_events import read

HORIZON_DAYS, CUTS, FEWEST = 90, 5, 5

Scorer = Callable[[Interactions, Ties], Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """What was known at one cut-off, and what became of each tie.

    Attributes:
        is_alive: Two-way contact within the horizon, (n_ties,); where the record has no direction,
            contact on two days.
        volume: Messages within the horizon, each over its number of recipients, (n_ties,).
    """

    interactions: Interactions
    ties: Ties
    is_alive: Flags
    volume: Floats


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
    cuts_s = [first + round(day * DAY_S) for day in record.cut_days]
    for as_of_s in cuts_s or np.linspace(start, end, CUTS, dtype=np.int64).tolist():
        known = interactions.where(interactions.at_s <= as_of_s)
        ties = fold(known, as_of_s=as_of_s)
        if len(ties):
            yield Past(known, ties, *_future(interactions, ties))


def _future(interactions: Interactions, ties: Ties) -> tuple[Flags, Floats]:
    after = interactions.at_s - ties.as_of_s
    later = interactions.where((after > 0) & (after <= HORIZON_DAYS * DAY_S))
    low = np.minimum(later.source, later.target)
    high = np.maximum(later.source, later.target)
    size = int(max(interactions.source.max(), interactions.target.max())) + 1
    keys, sought = ties.a * size + ties.b, low * size + high
    row = np.minimum(np.searchsorted(keys, sought), len(keys) - 1)
    is_known = keys[row] == sought
    later, row = later.where(is_known), row[is_known]
    is_back = later.source > later.target
    there = np.bincount(row[later.is_directed & ~is_back], minlength=len(ties))
    back = np.bincount(row[later.is_directed & is_back], minlength=len(ties))
    unsaid = row[~later.is_directed], later.at_s[~later.is_directed] // DAY_S
    active = np.unique(np.stack(unsaid, axis=1), axis=0)[:, 0]
    days = np.bincount(active, minlength=len(ties))
    volume = np.bincount(row, weights=1 / np.maximum(later.recipients, 1), minlength=len(ties))
    return (there > 0) & (back > 0) | (days >= 2), volume.astype(np.float64)


def auc(truth: Flags, score: Floats) -> float:
    """Chance that a tie of the one kind scores above one of the other; nan with too few of one."""
    alive = int(truth.sum())
    rest = len(truth) - alive
    if min(alive, rest) < FEWEST:
        return float("nan")
    ranks = rankdata(score)
    return float((ranks[truth].sum() - alive * (alive + 1) / 2) / (alive * rest))


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


SCORERS: dict[str, Scorer] = {
    "the whole formula": whole,
    "without breadth": lambda _, ties: whole(_, ties) / tell.breadth(ties.weeks),
    "without liveness": lambda _, ties: whole(_, ties, Weights(liveness_half_life_days=1e9)),
    "without overlap": lambda _, ties: tell.strength(ties, np.zeros(len(ties))),
    "without the directions": _without_directions,
    "without the group's size": _without_groups,
    "without the cap": lambda _, ties: whole(
        _, ties, Weights(mail_cap=2**31 - 1, talk_cap=2**31 - 1)
    ),
    "without older weeks": lambda _, ties: whole(_, ties, Weights(older_week=0.0)),
    "one half-life: 14 days": _one_half_life(14),
    "one half-life: 60 days": _one_half_life(60),
    "the count of contacts": lambda _, ties: ties.contacts.sum(axis=0).astype(np.float64),
    "the days since the last": lambda _, ties: -ties.silence_days,
}


def main() -> None:
    """Print one table per file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=record, nargs="+", required=True)
    for events in parser.parse_args().events:
        cuts = list(pasts(events))
        print(f"\n{events.name}: {len(cuts)} cut-offs, {sum(len(p.ties) for p in cuts)} ties")
        print(f"{'':28}{'AUC':>8}{'lost':>9}{'Spearman':>10}")
        full = float("nan")
        for name, scorer in SCORERS.items():
            scores = [scorer(past.interactions, past.ties) for past in cuts]
            found = zip(cuts, scores, strict=True)
            mean = float(np.nanmean([auc(past.is_alive, score) for past, score in found]))
            full = mean if scorer is whole else full
            rho = np.mean([spearmanr(p.volume, s)[0] for p, s in zip(cuts, scores, strict=True)])
            print(f"{name:28}{mean:8.4f}{full - mean:+9.4f}{rho:10.4f}")


if __name__ == "__main__":
    main()
