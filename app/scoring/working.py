"""Working a trial out: what it would change, and the back-test if somebody asked for it."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine
from sqlmodel import Session

from app import backtest
from app.backtest import Findings, Proposed
from app.engine import Weights
from app.errors import AppError, NotReady
from app.scoring.effect import effect
from app.store import interactions, tables, trials, weights

logger = logging.getLogger("tieline.scoring")

FAULT = "Stopped by a fault of Tieline: see the log."


class Ranked(BaseModel):
    """How well pairs were ranked by who would be in touch within so many days.

    Each number is the area under the ROC curve, with half the width of its interval; `gain` is
    that of the weights that were tried less that of those in force.
    """

    model_config = ConfigDict(frozen=True)

    days: int
    pairs: int
    present: tuple[float, float]
    tried: tuple[float, float] | None
    gain: tuple[float, float] | None


class BackTest(BaseModel):
    """What a back-test found, in short."""

    model_config = ConfigDict(frozen=True)

    as_of: datetime
    is_enough: bool
    in_short: list[str]
    ranked: list[Ranked]


def work_out(
    database: Engine,
    trial_id: int,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Work out of a trial what is not known yet, and keep it; what goes wrong is kept too.

    Args:
        database: The store.
        trial_id: Which one; it is claimed.
        now: Gives the time (aware, UTC).
    """
    try:
        _Work(database, trial_id, now).go()
    except AppError as error:
        with Session(database) as session, session.begin():
            trials.fail(session, trial_id, str(error))
    except Exception:  # the one place: whoever looks at the trial must be told
        logger.exception("A trial of weights could not be worked out.")
        with Session(database) as session, session.begin():
            trials.fail(session, trial_id, FAULT)
    else:
        with Session(database) as session, session.begin():
            trials.finish(session, trial_id)


class _Work:
    """One trial."""

    def __init__(self, database: Engine, trial_id: int, now: Callable[[], datetime]) -> None:
        self._database = database
        self._id = trial_id
        self._now = now

    def go(self) -> None:
        """Work out what is not known yet."""
        with Session(self._database, expire_on_commit=False) as session:
            trial = trials.get(session, self._id)
            present = weights.of_version(session, trial.version)
        tried = weights.of_numbers(trial.numbers)
        if not trial.effect:
            with Session(self._database) as session:
                body = effect(session, present, tried, at=self._now()).model_dump_json()
            with Session(self._database) as session, session.begin():
                trials.keep_effect(session, self._id, body, at=self._now())
        if trial.wants_back_test and not trial.back_test:
            self._back_test(trial, present, tried)

    def _back_test(self, trial: tables.Trial, present: Weights, tried: Weights) -> None:
        until_s = int(self._now().timestamp())
        with Session(self._database) as session:
            met = interactions.every(session, until_s=until_s)
        end_s = backtest.last_second(met, until_s)
        if end_s is None:
            raise NotReady("There is no contact to test on: the next run reads it from the CRMs.")
        findings = backtest.examine(
            met,
            as_of_s=end_s,
            weights=present,
            proposed=Proposed(f"{trial.preset} weights", tried) if tried != present else None,
            tell=self._tell,
        )
        in_short = backtest.in_short(findings)
        report, body = backtest.to_html(findings, in_short), _told(findings, in_short)
        with Session(self._database) as session, session.begin():
            trials.keep_back_test(session, self._id, body.model_dump_json(), report)

    def _tell(self, done: int, steps: int) -> None:
        with Session(self._database) as session, session.begin():
            trials.beat(session, self._id, done, steps, at=self._now())


def _told(findings: Findings, in_short: tuple[str, ...]) -> BackTest:
    ranked = []
    for one in findings.horizons:
        tried, lost = one.areas.get("proposed"), one.gains.get("proposed")
        present = one.areas["tieline"]
        told = Ranked(
            days=one.days,
            pairs=one.pairs,
            present=(present.value, present.half),
            tried=(tried.value, tried.half) if tried else None,
            gain=(-lost.value, lost.half) if lost else None,
        )
        ranked.append(told)
    return BackTest(
        as_of=datetime.fromisoformat(findings.as_of),
        is_enough=findings.is_enough,
        in_short=list(in_short),
        ranked=ranked,
    )
