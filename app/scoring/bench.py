"""Who works trials out: one thread beside the service, for it takes seconds, a back-test minutes.

It only reads what the pipeline wrote, so it needs no lease, and the pipeline does not wait for it.
"""

import logging
import threading
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

LOOK_EVERY_S = 60.0
"""How often it is looked whether another replica left a trial behind; what is asked here wakes."""

FAULT = "Stopped by a fault of Tieline: see the log."


class Interrupted(Exception):
    """The service ends: the trial is left to whoever comes next."""


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


class Bench:
    """Works trials out, one after the other, in a thread of its own.

    Args:
        database: The store.
        now: Gives the time (aware, UTC).
    """

    def __init__(
        self, database: Engine, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._now = now
        self._asked = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="scoring", daemon=True)

    def start(self) -> None:
        """Begin, with what was left behind."""
        self._asked.set()
        self._thread.start()

    def wake(self) -> None:
        """Have a trial worked out that has been asked for."""
        self._asked.set()

    def stop(self, *, timeout_s: float = 20.0) -> None:
        """End behind the step that is being done, which is waited for so long."""
        self._stopping.set()
        self._asked.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def step(self) -> bool:
        """Work out the trial that waits longest; gives whether there was one."""
        with Session(self._database, expire_on_commit=False) as session, session.begin():
            trial = trials.claim(session, at=self._now())
        if trial is None or trial.id is None:
            return False
        try:
            self._work_out(trial, trial.id)
        except Interrupted:
            self._say(trials.give_back, trial.id)
        except AppError as error:
            self._say(trials.fail, trial.id, str(error))
        except Exception:
            self._say(trials.fail, trial.id, FAULT)
            raise
        else:
            self._say(trials.finish, trial.id)
        return True

    def _work(self) -> None:
        while not self._stopping.is_set():
            self._asked.wait(LOOK_EVERY_S)
            self._asked.clear()
            try:
                while not self._stopping.is_set() and self.step():
                    pass
            except Exception:  # the one place: whatever it is, the next trial must come
                logger.exception("A trial of weights could not be worked out.")

    def _work_out(self, trial: tables.Trial, trial_id: int) -> None:
        tried = weights.of_channels(trial.channels)
        with Session(self._database) as session:
            present = weights.of_version(session, trial.version)
        if not trial.effect:
            with Session(self._database) as session:
                body = effect(session, present, tried, at=self._now()).model_dump_json()
            self._say(trials.keep_effect, trial_id, body, at=self._now())
        if trial.wants_back_test and not trial.back_test:
            self._check()
            findings = self._back_test(trial, present, tried)
            in_short = backtest.in_short(findings)
            report = backtest.to_html(findings, in_short)
            body = _told(findings, in_short).model_dump_json()
            self._say(trials.keep_back_test, trial_id, body, report)

    def _back_test(self, trial: tables.Trial, present: Weights, tried: Weights) -> Findings:
        until_s = int(self._now().timestamp())
        with Session(self._database) as session:
            met = interactions.every(session, until_s=until_s)
        end_s = backtest.last_second(met, until_s)
        if end_s is None:
            raise NotReady("There is no contact to test on: the next run reads it from the CRMs.")
        name = f"{trial.preset} weights"
        return backtest.examine(
            met,
            as_of_s=end_s,
            weights=present,
            proposed=Proposed(name, tried) if tried != present else None,
            tell=lambda done, steps: self._tell(trial.id or 0, done, steps),
        )

    def _tell(self, trial_id: int, done: int, steps: int) -> None:
        self._check()
        self._say(trials.beat, trial_id, done, steps, at=self._now())

    def _check(self) -> None:
        if self._stopping.is_set():
            raise Interrupted

    def _say(self, say: Callable[..., None], /, *what: object, **named: object) -> None:
        with Session(self._database) as session, session.begin():
            say(session, *what, **named)


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
