"""Other weights, before they are saved: what they would change, and how well they would have done.

Read `effect` (two scorings side by side), `working` (a trial: that and the back-test), `bench` (who
has it worked out, beside the service), then `typed` (weights as somebody typed them).
"""

from app.scoring.bench import Bench
from app.scoring.effect import BIN, Effect, Moved, effect
from app.scoring.typed import read
from app.scoring.working import BackTest, Ranked, work_out

__all__ = [
    "BIN",
    "BackTest",
    "Bench",
    "Effect",
    "Moved",
    "Ranked",
    "effect",
    "read",
    "work_out",
]
