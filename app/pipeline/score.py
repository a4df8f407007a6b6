"""Store -> engine -> store: what differs of a scoring becomes part of the snapshot in force."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Engine
from sqlmodel import Session

from app import engine
from app.engine import MODEL, Fit, Interactions, Scores, Threaded, Weights
from app.engine.strength import band
from app.pipeline import advise, notify
from app.pipeline.cards import Findings, cards, tie_rows
from app.pipeline.coverage import Covered, Doubts, cover, share
from app.pipeline.watch import Progress, Watch, unwatched
from app.store import interactions, overrides, people, scores, snapshots, tables, weights
from app.store.overrides import Pair
from app.store.snapshots import Scored

DAY = timedelta(days=1)


def score(database: Engine, *, at: datetime, watch: Watch = unwatched) -> Counter[str]:
    """Score every tie and write what differs; a snapshot that would be the same stays.

    Ages are measured from the end of the day, so scores move when contact happens or a day passes
    and not from run to run. What lies in the future is not counted before it has happened.

    Returns:
        How many interactions, ties and recommendations there are, and of ties how many were
        rescored, and written because they are new, different or gone; and of interactions, how
        many were left out or count otherwise than as recorded, by what is odd about them, where
        any are.
    """
    as_of = end_of_day(at)
    with Session(database) as session, session.begin():
        met = interactions.every(session, until_s=int(at.timestamp()))
        watch(Progress("score", "interactions", len(met), len(met)))
        rules = _rules(session, met, as_of)
        covered = cover(session, met, as_of_s=int(as_of.timestamp()))
        said = overrides.in_force(session, at=at)
        messages = interactions.threaded(session, until_s=int(at.timestamp()))
        found = _find(session, met, rules, _Known(at, messages, covered, said))
        counts = Counter(
            interactions=len(met), ties=len(found.scores), recommendations=len(found.advice)
        )
        counts.update(_odd(session, met, rules, at))
        written = snapshots.keep(
            session,
            tables.Snapshot(
                as_of=as_of,
                scored_at=at,
                model=MODEL,
                ties=len(found.scores),
                weights=rules.version,
                alive=scores.write_fit(rules.fit),
            ),
            Scored(
                pairs=None,
                people=None,
                ties=tie_rows(found),
                cards=list(cards(found)),
                advice=[advise.row(rule, one, found.as_of) for rule, one in found.advice],
                coverage=[_coverage_row(one) for one in covered],
            ),
        )
        counts.update({"rescored": len(found.scores), "written": written.ties})
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

    as_of: datetime
    version: int
    weights: Weights
    fit: Fit


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known beside who met whom: threads, what reaches us, what people say, the time."""

    at: datetime
    messages: Threaded
    covered: list[Covered]
    said: Mapping[Pair, tables.Override]


def _rules(session: Session, met: Interactions, as_of: datetime) -> _Rules:
    """Fetch the weights; find the curve from the past up to this morning, once a day."""
    version, chosen = weights.in_force(session)
    last = scores.fit_in_force(session)
    if last and (last[0].as_of, last[0].model, last[0].weights) == (as_of, MODEL, version):
        return _Rules(as_of, version, chosen, last[1])
    this_morning_s = int((as_of - DAY).timestamp())
    fit = engine.fit_alive(met, as_of_s=this_morning_s, weights=chosen)
    return _Rules(as_of, version, chosen, fit)


def _odd(session: Session, met: Interactions, rules: _Rules, at: datetime) -> dict[str, int]:
    """Count what is left out, or mended, if any: `docs/model.md` states the rules."""
    found = {
        "in the future": interactions.count_after(session, int(at.timestamp())),
        "with oneself": int((met.source == met.target).sum()),
        **engine.irregular(met, rules.weights),
    }
    return {name: number for name, number in found.items() if number}


def _find(
    session: Session,
    met: Interactions,
    rules: _Rules,
    known: _Known,
) -> Findings:
    """Score, and say all that is to be kept of it."""
    named = people.named(session)
    ours = [person for person, (_, is_colleague) in named.items() if is_colleague]
    computed = engine.score(
        met,
        as_of_s=int(rules.as_of.timestamp()),
        colleagues=np.array(ours, dtype=np.int64),
        weights=rules.weights,
        curve=rules.fit.curve,
    )
    computed = _less_sure(computed, share(known.covered))
    rows = {pair: computed.ties.find(*pair) for pair in known.said}
    by_row = {row: known.said[pair] for pair, row in rows.items() if row is not None}
    found = _as_said(computed, by_row)
    return Findings(
        as_of=rules.as_of - DAY,
        scores=found,
        computed=computed,
        overrides=by_row,
        trend=engine.trend(met, computed, weights=rules.weights),
        depth=engine.depth(met, computed, weights=rules.weights),
        reply_hours=engine.reply_hours(known.messages, computed.ties),
        doubts=Doubts(known.covered),
        named=named,
        advice=advise.advise(session, found, at=known.at),
    )


def _as_said(computed: Scores, said: Mapping[int, tables.Override]) -> Scores:
    """Show what people say in the place of what is computed; nothing else changes."""
    shown = computed.shown.copy()
    for row, one in said.items():
        shown[row] = one.points
    return replace(computed, shown=shown, band=band(shown))


def _less_sure(found: Scores, shares: Mapping[int, float]) -> Scores:
    """Make the scores of colleagues of whom little reaches us less sure, and no smaller."""
    known = np.array([shares.get(person, 0.0) for person in found.people.tolist()])
    of_a, of_b = (
        known[np.searchsorted(found.people, ends)] for ends in (found.ties.a, found.ties.b)
    )
    return replace(found, confidence=found.confidence * np.maximum(of_a, of_b))


def _coverage_row(covered: Covered) -> dict[str, Any]:
    return {
        "person_id": covered.person,
        "channel": covered.channel,
        "contacts": covered.contacts,
        "last_s": covered.last_s,
        "state": covered.state,
    }
