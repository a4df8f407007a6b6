"""Fit the default curve from strength to the chance of contact, on files of events.

    python -m tests.benchmarks.alive --events FILE[:DAY,DAY,...] ...

Every file has the same weight, and so has every cut-off within one. Prints the slope and the half
of 1 / (1 + (half / s)^slope), then for each file the expected calibration error in ten bins, the
Brier score, and that of always saying the base rate; last the same for the curve in use.
"""

import argparse

import numpy as np
from scipy.optimize import minimize

from app.engine import strength as tell
from app.engine.weights import Flags, Floats
from tests.benchmarks.ablation import pasts, record, whole

BINS = 10
Cuts = list[tuple[Floats, Flags]]


def chance(strength: Floats, slope: float, half: float) -> Floats:
    """The curve, 0 to 1."""
    odds = slope * np.log(np.maximum(strength, tell.LEAST) / half)
    return np.asarray(1 / (1 + np.exp(-odds)), dtype=np.float64)


def loss(parameters: Floats, records: list[Cuts]) -> float:
    """Mean log loss, over files and cut-offs alike."""
    slope, half = np.exp(parameters)
    each = [[_log_loss(chance(s, slope, half), alive) for s, alive in r] for r in records]
    return float(np.mean([np.mean(cuts) for cuts in each]))


def _log_loss(said: Floats, alive: Flags) -> float:
    said = np.clip(said, 1e-9, 1 - 1e-9)
    return float(-np.mean(np.where(alive, np.log(said), np.log1p(-said))))


def calibration_error(said: Floats, alive: Flags) -> float:
    """Mean distance of what was said from what came, in bins of equal size."""
    bins = np.array_split(np.argsort(said, kind="stable"), BINS)
    gaps = [len(b) * abs(said[b].mean() - alive[b].mean()) for b in bins if len(b)]
    return float(sum(gaps) / len(said))


def report(names: list[str], records: list[Cuts], slope: float, half: float) -> None:
    """Print how well one curve is calibrated on each file."""
    print(f"\nslope {slope:.3f}, half {half:.3f}")
    print(f"{'':28}{'ECE':>8}{'Brier':>9}{'base rate':>11}")
    for name, cuts in zip(names, records, strict=True):
        said = np.concatenate([chance(strength, slope, half) for strength, _ in cuts])
        alive = np.concatenate([truth for _, truth in cuts])
        brier, base = float(np.mean((said - alive) ** 2)), float(alive.mean() * (1 - alive.mean()))
        print(f"{name:28}{calibration_error(said, alive):8.3f}{brier:9.4f}{base:11.4f}")


def main() -> None:
    """Fit, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=record, nargs="+", required=True)
    files = parser.parse_args().events
    records = [
        [(whole(past.interactions, past.ties), past.is_alive) for past in pasts(file)]
        for file in files
    ]
    fitted = minimize(loss, np.log([0.5, 0.5]), args=(records,), method="Nelder-Mead")
    names = [file.name for file in files]
    report(names, records, *np.exp(fitted.x).tolist())
    report(names, records, tell.ALIVE_SLOPE, tell.ALIVE_HALF)


if __name__ == "__main__":
    main()
