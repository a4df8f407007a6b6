"""Weights that somebody tries before they are saved: asked for, worked out, kept for a while."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, or_
from sqlmodel import Session, col, delete, select, update

from app.engine import Weights
from app.errors import NotFound
from app.store import tables
from app.store import weights as of

ASKED, RUNNING, DONE, FAILED = "asked", "running", "done", "failed"

KEPT = 20
"""Trials that are kept; the oldest go first."""

SILENT_FOR = timedelta(minutes=10)
"""Whoever says nothing of a trial for so long does not work on it any more."""

_trial = tables.Trial


def ask(
    session: Session,
    tried: Weights,
    *,
    author: str,
    at: datetime,
    wants_back_test: bool = False,
) -> tables.Trial:
    """Ask what these weights would change of what those in force say."""
    version, _ = of.in_force(session)
    trial = tables.Trial(
        version=version,
        preset=of.preset_of(tried),
        numbers=of.numbers_of(tried),
        author=author,
        asked_at=at,
        status=ASKED,
        beat_at=at,
        wants_back_test=wants_back_test,
    )
    session.add(trial)
    session.flush()
    _trim(session)
    return trial


def ask_back_test(session: Session, trial_id: int) -> tables.Trial:
    """Ask how well these weights would have foretold the past.

    Raises:
        NotFound: If there is no such trial.
    """
    trial = get(session, trial_id)
    if not trial.back_test:
        trial.wants_back_test = True
        if trial.status in (DONE, FAILED):
            trial.status, trial.reason, trial.done, trial.steps = ASKED, "", 0, 0
        session.flush()
    return trial


def get(session: Session, trial_id: int) -> tables.Trial:
    """Find a trial.

    Raises:
        NotFound: If there is none with this id, or it is too long ago.
    """
    found = session.get(_trial, trial_id)
    if found is None:
        raise NotFound("This trial is not kept any more: try the weights again.")
    return found


def latest(session: Session, *, limit: int, is_back_tested: bool = False) -> Sequence[tables.Trial]:
    """The latest trials first; only those with a back-test, if asked so."""
    query = select(_trial)
    if is_back_tested:
        query = query.where(_trial.back_test != "")
    return session.exec(query.order_by(col(_trial.id).desc()).limit(limit)).all()


def claim(session: Session, *, at: datetime) -> tables.Trial | None:
    """Take the trial that waits longest, or that nobody works on any more; None if there is none.

    Of several who ask at once one gets it.
    """
    waits = or_(
        col(_trial.status) == ASKED,
        and_(col(_trial.status) == RUNNING, col(_trial.beat_at) < at - SILENT_FOR),
    )
    query = select(_trial.id, _trial.status, _trial.beat_at).where(waits)
    for trial_id, status, beat_at in session.exec(query.order_by(col(_trial.id))).all():
        taken = session.connection().execute(
            update(_trial)
            .where(
                col(_trial.id) == trial_id,
                col(_trial.status) == status,
                col(_trial.beat_at) == beat_at,
            )
            .values(status=RUNNING, beat_at=at, reason="")
        )
        if taken.rowcount:
            return session.get(_trial, trial_id, populate_existing=True)
    return None


def beat(session: Session, trial_id: int, done: int, steps: int, *, at: datetime) -> None:
    """Say that a trial is still being worked out, and how far it is."""
    _set(session, trial_id, done=done, steps=steps, beat_at=at)


def keep_effect(session: Session, trial_id: int, effect: str, *, at: datetime) -> None:
    """Keep what would change."""
    _set(session, trial_id, effect=effect, beat_at=at)


def keep_back_test(session: Session, trial_id: int, back_test: str, report: str) -> None:
    """Keep what the back-test found."""
    _set(session, trial_id, back_test=back_test, report=report)


def finish(session: Session, trial_id: int) -> None:
    """Say that all is worked out that was asked for; what was asked for meanwhile still waits."""
    trial = session.get(_trial, trial_id, populate_existing=True)
    if trial is not None:
        is_owed = trial.wants_back_test and not trial.back_test
        trial.status = ASKED if is_owed else DONE
        session.flush()


def fail(session: Session, trial_id: int, reason: str) -> None:
    """Say that it cannot be worked out, and why."""
    _set(session, trial_id, status=FAILED, reason=reason)


def give_back(session: Session, trial_id: int) -> None:
    """Leave it to whoever comes next."""
    _set(session, trial_id, status=ASKED)


def _set(session: Session, trial_id: int, **values: object) -> None:
    session.connection().execute(update(_trial).where(col(_trial.id) == trial_id).values(**values))


def _trim(session: Session) -> None:
    query = select(_trial.id).order_by(col(_trial.id).desc()).offset(KEPT)
    old = list(session.exec(query).all())
    if old:
        session.connection().execute(delete(_trial).where(col(_trial.id).in_(old)))
