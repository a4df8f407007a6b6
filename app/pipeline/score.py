"""Store -> engine -> store: what differs of a scoring becomes part of the snapshot in force."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session

from app.engine import MODEL, Fit, Weights
from app.engine.calibration import fit_cells
from app.engine.cells import Cells
from app.pipeline import advise, notify
from app.pipeline.finding import find, rows
from app.pipeline.memory import Memory, Step, begin, everything, go_on, take_in
from app.pipeline.watch import Progress, Watch, unwatched
from app.store import day_cells, interactions, scores, snapshots, tables, touched, weights

DAY = timedelta(days=1)


def score(
    database: Engine, *, at: datetime, watch: Watch = unwatched, memory: Memory | None = None
) -> Counter[str]:
    """Score what changed and write what differs; a snapshot that would be the same stays.

    Ages are measured from the end of the day, so scores move when contact happens or a day passes
    and not from run to run. What lies in the future is not counted before it has happened.

    Args:
        database: The store.
        at: Now.
        watch: Is told how far it is.
        memory: What this process remembers of its last scoring; without, everything is scored.

    Returns:
        How many interactions, ties and recommendations there are, and of ties how many were
        rescored, and written because they are new, different or gone; and of interactions, how
        many were left out or count otherwise than as recorded, by what is odd about them, where
        any are.
    """
    memory = memory or Memory()
    with memory.lock:
        try:
            with Session(database) as session, session.begin():
                return _score(session, memory, at, watch)
        except BaseException:
            memory.forget()
            raise


def _score(session: Session, memory: Memory, at: datetime, watch: Watch) -> Counter[str]:
    as_of = end_of_day(at)
    rules, step = _brought_up_to_date(session, memory, at)
    running = memory.running
    assert running is not None  # noqa: S101 - it was just brought up to date
    watch(Progress("score", "interactions", memory.contacts, memory.contacts))
    found, scope = find(session, memory, step, at)
    counts = Counter(
        interactions=memory.contacts,
        ties=len(found.scores),
        recommendations=len(found.advice),
        rescored=step.looked_at,
    )
    memory.odd["in the future"] = interactions.count_after(session, int(at.timestamp()))
    counts.update(+memory.odd)
    snapshot = tables.Snapshot(
        as_of=as_of,
        scored_at=at,
        model=MODEL,
        ties=len(found.scores),
        weights=rules.version,
        alive=scores.write_fit(rules.fit),
    )
    # Nothing is written before all is found: SQLite lets nobody else write from then on.
    written = snapshots.keep(session, snapshot, rows(found, scope, memory.covered))
    day_cells.keep(session, until_s=memory.mark.until_s, whole=step.anew, seen=step.seen)
    advise.note(session, found.fresh, at=at)
    memory.seq = scores.seq(session)
    touched.trim(session)
    counts["written"] = written.ties
    if told := notify.scored(session, written, found.named, at=at):
        counts["events"] = told
    watch(Progress("score", "ties", len(found.scores), len(found.scores)))
    return counts


def end_of_day(at: datetime) -> datetime:
    """The first moment of the day (UTC) after the one `at` lies in."""
    midnight = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + DAY


@dataclass(frozen=True, slots=True)
class _Rules:
    """By what is scored: the weights in force, their version, and the curve of `alive`."""

    version: int
    weights: Weights
    fit: Fit


def _brought_up_to_date(session: Session, memory: Memory, at: datetime) -> tuple[_Rules, Step]:
    """Have the memory's scores account for all that is known now."""
    until_s, as_of_s = int(at.timestamp()), int(end_of_day(at).timestamp())
    days = memory.mark.move(session, until_s)
    running = memory.running
    if days is None or running is None:
        met = everything(session, memory)
        rules = _rules(session, lambda: met.cells, end_of_day(at))
        return rules, begin(session, memory, met, (as_of_s, rules.weights, rules.fit.curve))
    step = take_in(session, memory, running, days)
    rules = _rules(session, lambda: running.cells, end_of_day(at))
    return rules, go_on(memory, running, step, (as_of_s, rules.weights, rules.fit.curve))


def _rules(session: Session, met: Callable[[], Cells], as_of: datetime) -> _Rules:
    """Fetch the weights; find the curve from the past up to this morning, once a day."""
    version, chosen = weights.in_force(session)
    last = scores.fit_in_force(session)
    if last and (last[0].as_of, last[0].model, last[0].weights) == (as_of, MODEL, version):
        return _Rules(version, chosen, last[1])
    this_morning_s = int((as_of - DAY).timestamp())
    return _Rules(version, chosen, fit_cells(met(), as_of_s=this_morning_s, weights=chosen))
