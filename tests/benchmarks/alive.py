"""Fit the default curve of `alive` on files of events, and print how true it comes.

    python -m tests.benchmarks.alive --events FILE[:DAY,DAY,...] ...

Every file has the same weight, and so has every cut-off within one. For each file it prints the
expected calibration error in ten bins and the Brier score of the fitted curve, of the default one,
and of always saying the base rate; the same of what the company would have been told, by the curve
in force at each cut-off, which knew nothing of what came; then, as of the file's end, how a curve
fitted to its own past did walk-forward, and which of the two the company would have.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from app.engine import DEFAULT_CURVE, Calibration, Curve, calibration_of, fit_alive
from app.engine.alive import evidence
from app.engine.weights import Floats
from tests.benchmarks.ablation import Past, Record, pasts, record, whole


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """A cut-off of a record, with what a curve weighs."""

    past: Past
    strength: Floats
    weighed: Floats


def loss(numbers: Floats, records: list[list[Known]]) -> float:
    """Mean log loss, over files and cut-offs alike."""
    return float(np.mean([np.mean([_log_loss(numbers, cut) for cut in r]) for r in records]))


def _log_loss(numbers: Floats, cut: Known) -> float:
    sign = np.where(cut.past.is_alive, -1.0, 1.0)
    return float(np.mean(np.logaddexp(0, sign * (cut.weighed @ numbers))))


def in_force(cut: Known) -> Curve:
    """The curve that the company would have had then: fitted to its past, or the default one."""
    return fit_alive(cut.past.interactions, as_of_s=cut.past.ties.as_of_s).curve


def come_true(choose: Callable[[Known], Curve], cuts: list[Known]) -> Calibration:
    """How true the curves came, over all cut-offs of a record."""
    said = [choose(cut).chance(cut.past.ties, cut.strength) for cut in cuts]
    return calibration_of(np.concatenate(said), np.concatenate([cut.past.is_alive for cut in cuts]))


def report(
    title: str, files: list[Record], records: list[list[Known]], choose: Callable[[Known], Curve]
) -> None:
    """Print how well what is said is calibrated on each file."""
    print(f"\n{title}")
    print(f"{'':28}{'ECE':>8}{'Brier':>9}{'base rate':>11}")
    for file, cuts in zip(files, records, strict=True):
        found = come_true(choose, cuts)
        print(f"{file.name:28}{found.error:8.3f}{found.brier:9.4f}{found.base_brier:11.4f}")


def report_own(files: list[Record]) -> None:
    """Print what each file's own past gives."""
    print(f"\n{'own past, walk-forward':28}{'ECE':>8}{'Brier':>9}{'default':>9}{'Brier':>9}")
    for file in files:
        fit = fit_alive(file.interactions, as_of_s=int(file.interactions.at_s.max()))
        own = fit.own or fit.default
        errors = f"{own.error:8.3f}{own.brier:9.4f}{fit.default.error:9.3f}{fit.default.brier:9.4f}"
        print(f"{file.name:28}{errors}  {fit.curve if fit.is_own else 'the default curve'}")


def main() -> None:
    """Fit, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=record, nargs="+", required=True)
    files: list[Record] = parser.parse_args().events
    records = [
        [
            Known(past, strength, evidence(past.ties, strength))
            for past in pasts(file)
            for strength in [whole(past.interactions, past.ties)]
        ]
        for file in files
    ]
    fitted = minimize(loss, np.array([1.0, 1.0, 0.3, -0.5]), args=(records,), method="BFGS")
    anew = Curve(*np.round(fitted.x, 3).tolist())
    report(f"fitted: {anew}", files, records, lambda _: anew)
    report(f"default: {DEFAULT_CURVE}", files, records, lambda _: DEFAULT_CURVE)
    report("the curve in force at each cut-off", files, records, in_force)
    report_own(files)


if __name__ == "__main__":
    main()
