"""Scoring: the weights in force, what others would change, and earlier versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request, Response
from markupsafe import Markup
from sqlmodel import Session

from app import scoring
from app.console import histogram
from app.console.boxes import GROUPS, changes, told
from app.console.deps import AdminDep, FormDep, OperatorDep, ViewerDep, same_site
from app.console.pages import HEADERS, back_to, go, page
from app.deps import BenchDep, DatabaseDep, SessionDep
from app.engine import BANDS, DEFAULT, PRESETS, Weights
from app.errors import AppError, Conflict, NotFound
from app.scoring import BackTest, Effect
from app.store import audit, lookups, overrides, scores, tables, trials, weights
from app.store.cards import Named

router = APIRouter(prefix="/scoring", dependencies=[Depends(same_site)])

HERE = "/console/scoring"

VERSIONS, TRIALS = 20, 5
"""How many are listed."""

ELSEWHERE = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""What the report may do in a browser, if somebody opens it there: be read."""

Numbers = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Line:
    """A tie that would be shown otherwise, with the names of its people."""

    moved: scoring.Moved
    colleague: Named
    contact: Named


@router.get("")
def show_scoring(request: Request, session: SessionDep, _: ViewerDep, start: str = "") -> Response:
    """Show the weights in force, with boxes to try others; `start` says what to fill them with."""
    return _weights(request, session, _filled(session, start))


@router.post("/trials")
def try_weights(
    request: Request, asks: OperatorDep, database: DatabaseDep, bench: BenchDep, typed: FormDep
) -> Response:
    """Have it worked out what these weights would change."""
    try:
        trial_id = _ask(database, scoring.read(typed), asks.name)
    except AppError as error:
        with Session(database) as session:
            return _weights(request, session, typed, problem=str(error))
    bench.wake()
    return go(f"{HERE}/trials/{trial_id}")


@router.post("/back-test")
@back_to(HERE)
def test_present(asks: OperatorDep, database: DatabaseDep, bench: BenchDep) -> Response:
    """Have the weights in force tested on the past."""
    with Session(database) as session:
        _, present = weights.in_force(session)
    trial_id = _ask(database, present, asks.name, wants_back_test=True)
    bench.wake()
    return go(f"{HERE}/trials/{trial_id}")


@router.get("/trials/{trial_id}")
def show_trial(request: Request, session: SessionDep, trial_id: int, _: OperatorDep) -> Response:
    """Show what weights that were tried would change, as far as it is known."""
    trial = trials.get(session, trial_id)
    effect = Effect.model_validate_json(trial.effect) if trial.effect else None
    past = BackTest.model_validate_json(trial.back_test) if trial.back_test else None
    version, present = weights.in_force(session)
    of = weights.numbers_of(weights.of_version(session, trial.version))
    return page(
        request,
        "trial.html",
        trial=trial,
        effect=effect,
        past=past,
        lines=_lines(session, effect) if effect else (),
        picture=_picture(effect) if effect else "",
        bands=BANDS,
        changes=changes(of, trial.numbers),
        is_present=weights.numbers_of(present) == trial.numbers,
        is_current=version == trial.version,
        version=version,
        is_going_on=trial.status in (trials.ASKED, trials.RUNNING),
    )


@router.post("/trials/{trial_id}/back-test")
def test_trial(
    trial_id: int, asks: OperatorDep, database: DatabaseDep, bench: BenchDep
) -> Response:
    """Have the weights of a trial tested on the past, beside those in force."""
    with Session(database) as session, session.begin():
        trials.ask_back_test(session, trial_id)
        audit.keep(session, asks.actor, "weights.back_tested", str(trial_id))
    bench.wake()
    return go(f"{HERE}/trials/{trial_id}#past")


@router.get("/trials/{trial_id}/report")
def give_report(session: SessionDep, trial_id: int, _: OperatorDep) -> Response:
    """Give the whole report of a back-test as a file; it names nobody."""
    trial = trials.get(session, trial_id)
    if not trial.report:
        raise NotFound("There is no report of this trial: ask for a back-test first.")
    name = f'attachment; filename="back-test-{trial_id}.html"'
    rules = {"Content-Security-Policy": ELSEWHERE, "Content-Disposition": name}
    return Response(trial.report, media_type="text/html", headers=HEADERS | rules)


@router.post("/trials/{trial_id}/save")
def save(trial_id: int, asks: AdminDep, database: DatabaseDep) -> Response:
    """Put the weights of a trial in force."""
    try:
        with Session(database) as session, session.begin():
            trial = trials.get(session, trial_id)
            if weights.in_force(session)[0] != trial.version:
                raise Conflict("Other weights were saved meanwhile: try these beside them first.")
            row = _choose(session, asks, weights.of_numbers(trial.numbers))
            version = row.version
    except AppError as error:
        return go(f"{HERE}/trials/{trial_id}", str(error), is_problem=True)
    return go(HERE, f"Version {version} is in force. All scores follow with the next run.")


@router.post("/versions/{version}/again")
def go_back(version: int, asks: AdminDep, database: DatabaseDep) -> Response:
    """Put an earlier version in force again, as a new one."""
    with Session(database) as session, session.begin():
        row = _choose(session, asks, _of(session, version))
        now = row.version
    said = f"Version {now} is in force, equal to version {version}."
    return go(HERE, f"{said} All scores follow with the next run.")


def _choose(session: Session, asks: OperatorDep, chosen: Weights) -> tables.Weighting:
    _, present = weights.in_force(session)
    row = weights.choose(session, chosen, author=asks.name, at=datetime.now(UTC))
    before, after = weights.numbers_of(present), row.numbers
    audit.keep(session, asks.actor, "weights.changed", str(row.version), before=before, after=after)
    return row


def _ask(
    database: DatabaseDep, tried: Weights, author: str, *, wants_back_test: bool = False
) -> int:
    with Session(database) as session, session.begin():
        scores.snapshot(session)
        at = datetime.now(UTC)
        trial = trials.ask(session, tried, author=author, at=at, wants_back_test=wants_back_test)
        return trial.id or 0


def _weights(
    request: Request, session: Session, filled: Mapping[str, object], *, problem: str = ""
) -> Response:
    now = datetime.now(UTC)
    _, present = weights.in_force(session)
    last = trials.latest(session, limit=1, is_back_tested=True)
    return page(
        request,
        "scoring.html",
        status=422 if problem else 200,
        problem=problem,
        present=weights.numbers_of(present),
        told=told,
        row=weights.latest(session),
        filled=filled,
        groups=GROUPS,
        presets=PRESETS,
        versions=_versions(session),
        tried=trials.latest(session, limit=TRIALS),
        last=last[0] if last else None,
        past=BackTest.model_validate_json(last[0].back_test) if last else None,
        overridden=len(overrides.in_force(session, at=now)),
    )


def _of(session: Session, version: int) -> Weights:
    """The weights of a version; 0 is that of the defaults.

    Raises:
        NotFound: If there is no such version.
    """
    if version != weights.DEFAULT_VERSION:
        weights.version(session, version)
    return weights.of_version(session, version)


def _filled(session: Session, start: str) -> Numbers:
    """What the boxes begin with: a preset, a version by its number, or what is in force."""
    if start in PRESETS:
        return weights.numbers_of(PRESETS[start])
    if start.isdecimal():
        return weights.numbers_of(_of(session, int(start)))
    return weights.numbers_of(weights.in_force(session)[1])


def _versions(session: Session) -> Sequence[tables.Weighting]:
    """The latest versions, and the defaults behind them if the list reaches so far."""
    found = list(weights.versions(session, limit=VERSIONS))
    if len(found) < VERSIONS:
        first, never = weights.numbers_of(DEFAULT), datetime.min.replace(tzinfo=UTC)
        found.append(
            tables.Weighting(version=0, preset="default", numbers=first, author="", set_at=never)
        )
    return found


def _lines(session: Session, effect: Effect) -> Sequence[Line]:
    """The ties that change most, of people who are still there."""
    ends = {end for one in effect.moved for end in (one.colleague_id, one.contact_id)}
    who = lookups.named(session, ends)
    return [
        Line(one, who[one.colleague_id], who[one.contact_id])
        for one in effect.moved
        if one.colleague_id in who and one.contact_id in who
    ]


def _picture(effect: Effect) -> Markup:
    return histogram.draw(effect.before, effect.after, width=scoring.BIN, cuts=effect.cuts)
