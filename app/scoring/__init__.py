"""Other weights, before they are saved: what they would change, and how well they would have done.

Read `effect` (two scorings side by side), `working` (a trial: that and the back-test), `bench` (who
has it worked out, beside the service), then `typed` (weights as somebody typed them).

The bands' cuts and the model's half-lives are no weights and cannot be set: what is shown would
mean something else in every CRM, list and workflow that was built on it, and what was measured of
the model would hold no more. They can be tried on one's own past (`tieline backtest --weights`).
"""

from app.scoring.bench import Bench
from app.scoring.effect import BIN, Effect, Moved, effect
from app.scoring.typed import preset_of, read
from app.scoring.working import BackTest, Ranked, work_out

__all__ = [
    "BIN",
    "BackTest",
    "Bench",
    "Effect",
    "Moved",
    "Ranked",
    "effect",
    "preset_of",
    "read",
    "work_out",
]
