"""How Tieline is, in numbers, as Prometheus reads them: nobody's name, and no address.

The format is a dozen lines to write, so no library is asked. Connections and subscribers are told
by id. What only grows is counted in the store, over all processes; deliveries to this process are
counted since it began, which Prometheus knows how to take.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse
from sqlmodel import Session

from app.api.deps import DatabaseDep, check_key
from app.api.problems import told
from app.schedule import quiet_said
from app.store import connections, events, hints, hooks, outbox, reading, tables, tallies, usage
from app.store.scores import IN_FORCE

router = APIRouter(tags=["health"])

Sample = tuple[str, Mapping[str, object], float]
"""What the name goes on with, the labels, and the number."""


@dataclass(frozen=True, slots=True)
class Family:
    """A metric: its name behind ``tieline_``, what it is, and its samples."""

    name: str
    kind: str
    help: str
    samples: Iterable[Sample]

    def lines(self) -> Iterator[str]:
        """Give it in the text format of Prometheus, version 0.0.4."""
        full = f"tieline_{self.name}"
        yield f"# HELP {full} {self.help}"
        yield f"# TYPE {full} {self.kind}"
        for suffix, labels, value in self.samples:
            known = ",".join(f'{name}="{said}"' for name, said in labels.items())
            braced = f"{{{known}}}" if known else ""
            yield f"{full}{suffix}{braced} {value:.17g}"


@router.get(
    "/metrics",
    operation_id="getMetrics",
    response_class=PlainTextResponse,
    dependencies=[Depends(check_key)],
    responses=told(401, 503),
)
def get_metrics(request: Request, database: DatabaseDep) -> PlainTextResponse:
    """Tell how Tieline is, for Prometheus; with the key of the service, if it has one."""
    at = datetime.now(UTC)
    came = request.app.state.hooks.counts if request.app.state.hooks else {}
    with Session(database) as session:
        families = [*_counted(session, came), *_of_connections(session, at), *_others(session, at)]
        text = "".join(f"{line}\n" for family in families for line in family.lines())
    return PlainTextResponse(text, media_type="text/plain; version=0.0.4")


def _counted(session: Session, came: Mapping[str, int]) -> Iterator[Family]:
    """What only grows."""
    of = {
        "runs_total": ("Runs of a stage, by how they ended.", tallies.RUNS),
        "run_seconds_total": ("Seconds that runs took.", tallies.RUN_SECONDS),
        "records_total": ("Records by what runs did with them.", tallies.RECORDS),
    }
    for name, (help_, kept) in of.items():
        counted = tallies.every(session, kept)
        yield Family(name, "counter", help_, [("", _labels(k), v) for k, v in counted.items()])
    results = ("taken", "forged", "unknown", "late")
    samples: list[Sample] = [("", {"result": one}, came.get(one, 0)) for one in results]
    yield Family("hook_deliveries_total", "counter", "What CRMs delivered, by result.", samples)
    yield Family(
        "event_to_field_seconds",
        "histogram",
        "From a CRM's delivery until the fields were written.",
        list(_latency(session)),
    )


def _latency(session: Session) -> Iterator[Sample]:
    below = tallies.every(session, tallies.LATENCY)
    count = tallies.every(session, tallies.LATENCY_COUNT).get("", 0)
    for bound in tallies.BOUNDS_S:
        yield "_bucket", {"le": f"{bound:g}"}, below.get(f"{bound:g}", 0)
    yield "_bucket", {"le": "+Inf"}, count
    yield "_sum", {}, tallies.every(session, tallies.LATENCY_SUM).get("", 0)
    yield "_count", {}, count


def _of_connections(session: Session, at: datetime) -> Iterator[Family]:
    """How each connection is."""
    rows = connections.every(session)

    def family(name: str, help_: str, found: Iterable[tuple[int, float | None]]) -> Family:
        samples = [("", {"connection": i}, v) for i, v in found if v is not None]
        return Family(name, "gauge", help_, samples)

    queue = {row.id or 0: hints.waiting(session, row.id or 0) for row in rows}
    yield family(
        "connection_paused",
        "Whether a connection waits for a person.",
        [(row.id or 0, float(bool(row.paused))) for row in rows],
    )
    yield family(
        "connection_waiting_seconds",
        "How long a connection still waits because its CRM or its allowance says so.",
        [(row.id or 0, max(0.0, -_age_s(row.resumes_at or at, at))) for row in rows],
    )
    yield family(
        "connection_read_age_seconds",
        "Since when the stream that was read least lately has not been.",
        [(row.id or 0, _read_age_s(session, row, at)) for row in rows],
    )
    yield family(
        "allowance_calls",
        "Calls that an admin allows in a day, where one has said.",
        [(row.id or 0, row.allowance) for row in rows],
    )
    calls = [
        ("", {"connection": row.id, "purpose": purpose}, float(number))
        for row in rows
        for purpose, number in usage.on(session, row.id or 0, at.date()).items()
    ]
    yield Family("calls_today", "gauge", "Calls made since midnight (UTC), by purpose.", calls)
    yield family(
        "hints_waiting",
        "What was announced and is still to be done.",
        [(one, float(number)) for one, (number, _) in queue.items()],
    )
    yield family(
        "hints_oldest_age_seconds",
        "How long the oldest of it has waited.",
        [(one, _age_s(since or at, at)) for one, (_, since) in queue.items()],
    )
    yield family(
        "hook_silent_seconds",
        "Since when changes went unannounced by a CRM that is to tell; 0 while it tells.",
        [(row.id or 0, _silence_s(session, row, at)) for row in rows],
    )
    yield family(
        "records_due",
        "Records whose fields are still to be written.",
        [(row.id or 0, float(outbox.count_due(session, row.id or 0, at=at))) for row in rows],
    )


def _others(session: Session, at: datetime) -> Iterator[Family]:
    """Whether runs wait, how events are told, and how fresh the scores are."""
    quiet = quiet_said(session)
    is_quiet = quiet is not None and quiet.holds(at)
    help_ = "Whether no run begins by the clock now, because somebody said so."
    yield Family("quiet_hours", "gauge", help_, [("", {}, float(is_quiet))])
    numbers = dict.fromkeys((events.PENDING, events.DELIVERED, events.DEAD), 0)
    for (_, state), number in events.by_state(session).items():
        numbers[state] += number
    samples: list[Sample] = [("", {"state": one}, number) for one, number in numbers.items()]
    yield Family("event_deliveries", "gauge", "Deliveries of events, of 30 days.", samples)
    snapshot = session.get(tables.Snapshot, IN_FORCE)
    ties: list[Sample] = [("", {}, snapshot.ties)] if snapshot else []
    age: list[Sample] = [("", {}, _age_s(snapshot.scored_at, at))] if snapshot else []
    yield Family("ties", "gauge", "Ties in the scores that are in force.", ties)
    yield Family("scores_age_seconds", "gauge", "Since when no score has changed.", age)


def _labels(kept: str) -> Mapping[str, object]:
    return dict(one.split("=", 1) for one in kept.split(","))


def _age_s(since: datetime, at: datetime) -> float:
    return (at - since).total_seconds()


def _read_age_s(session: Session, row: tables.Connection, at: datetime) -> float | None:
    read = [one.read_at for one in reading.progress(session, row.id or 0)]
    return _age_s(min(read), at) if read else None


def _silence_s(session: Session, row: tables.Connection, at: datetime) -> float | None:
    hook = hooks.get(session, row.id or 0)
    if hook is None:
        return None
    since = hooks.silent_since(hook)
    return _age_s(since, at) if since else 0.0
