"""The fold on other machines: the same sums by a database, a warehouse or a cluster.

`app.engine.fold` needs all interactions in memory. For who outgrows that, this room says the same
sums once more, as expressions of Ibis (`expression`), which run unchanged on DuckDB, SQLite,
PostgreSQL and whatever speaks Spark Connect: what passed between two people is added up where it
lies, and one row per pair comes back. Everything after the fold is `app.engine` itself. Where sums
are made in another order, a float differs in its last digits: what comes back is that of the engine
to a relative 1e-9, and the same where it is shown (`tests/fold/`).

Read in this order: `expression` (the sums), `rows` (what becomes of them), `records` (tables in
the form of score-events), `places` (who can be asked), `scoring` (from a table to a file).

None of it is needed by the service. Ibis takes half a second to load and is an extra
(`tieline[engines]`, for Spark `tieline[spark]` too), so `places` and `scoring` are loaded when they
are asked for.
"""

from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path
from typing import cast

from app.engine import Fold
from app.errors import NotReady
from app.score_events import Measure

MISSING = "To score on another engine, install tieline[engines], and for Spark tieline[spark]."


def opened(url: str) -> AbstractContextManager[Fold]:
    """Open an engine by its address, as something that folds interactions as the engine does.

    Raises:
        NotReady: If it cannot be reached, or what it takes is not installed.
    """
    try:
        places = import_module("app.fold.places")
    except ModuleNotFoundError as error:
        raise NotReady(MISSING) from error
    return cast("AbstractContextManager[Fold]", places.opened(url))


def run(url: str, source: str, out: Path, *, as_of_s: int, measure: Measure) -> int:
    """Score a file or a table of events on an engine; see `scoring.run`."""
    try:
        scoring = import_module("app.fold.scoring")
    except ModuleNotFoundError as error:
        raise NotReady(MISSING) from error
    return cast("int", scoring.run(url, source, out, as_of_s=as_of_s, measure=measure))
