"""Counts over all processes and for good; they only grow."""

from collections.abc import Iterable, Mapping

from sqlmodel import Session, SQLModel, select

from app.store import tables
from app.store.database import inserting

RUNS, RUN_SECONDS, RECORDS = "runs", "run_seconds", "records"
LATENCY, LATENCY_SUM, LATENCY_COUNT = "latency", "latency_sum", "latency_count"

COUNTED = ("read", "changed", "gone", "malformed", "written", "refused")
"""Of what a run says it did."""

BOUNDS_S = (0.5, 1, 2, 3, 5, 10, 30, 60, 300, 3600)
"""Upper bounds of the histogram of how soon what a CRM announced was in its fields."""

_tally = SQLModel.metadata.tables[str(tables.Tally.__tablename__)]


def count_run(
    session: Session, stage: str, status: str, seconds: float, counts: Mapping[str, int]
) -> None:
    """Count a run and what it did."""
    rows = {
        (RUNS, f"stage={stage},status={status}"): 1.0,
        (RUN_SECONDS, f"stage={stage}"): seconds,
    }
    for what in COUNTED:
        if counts.get(what):
            rows[RECORDS, f"stage={stage},what={what}"] = float(counts[what])
    _add(session, rows)


def count_latencies(session: Session, seconds: Iterable[float]) -> None:
    """Count how long it took from each delivery until the fields were written."""
    rows: dict[tuple[str, str], float] = {}
    for one in seconds:
        bounds = [f"{bound:g}" for bound in BOUNDS_S if one <= bound]
        for key in (*((LATENCY, bound) for bound in bounds), (LATENCY_COUNT, "")):
            rows[key] = rows.get(key, 0.0) + 1
        rows[LATENCY_SUM, ""] = rows.get((LATENCY_SUM, ""), 0.0) + one
    _add(session, rows)


def every(session: Session, name: str) -> dict[str, float]:
    """All counts of one name, by labels."""
    found = session.exec(select(tables.Tally).where(tables.Tally.name == name))
    return {row.labels: row.value for row in found}


def _add(session: Session, rows: Mapping[tuple[str, str], float]) -> None:
    statement = inserting(session, _tally)
    statement = statement.on_conflict_do_update(
        index_elements=["name", "labels"],
        set_={"value": _tally.c.value + statement.excluded.value},
    )
    ordered = [  # in order, so that two writers cannot deadlock
        {"name": name, "labels": labels, "value": value}
        for (name, labels), value in sorted(rows.items())
    ]
    if ordered:
        session.connection().execute(statement, ordered)
