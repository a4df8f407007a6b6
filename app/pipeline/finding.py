"""Scores -> findings: all that is to be said, and whose ties and cards may be others now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlmodel import Session

from app.engine import Scores
from app.engine.recommendations import Advice
from app.engine.strength import band
from app.engine.weights import Ints
from app.pipeline import advise
from app.pipeline.cards import Findings, cards, tie_rows
from app.pipeline.coverage import Covered, Doubts, cover, share
from app.pipeline.memory import Memory, Step
from app.pipeline.visible import Visible
from app.store import overrides, people, scores, tables
from app.store.overrides import Pair
from app.store.snapshots import Scored

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Scope:
    """What may be others than they are kept: rows of ties, pairs without one, people's cards.

    Attributes:
        is_whole: All of them.
    """

    is_whole: bool
    rows: Ints
    gone: Sequence[Pair]
    people: Ints


def find(session: Session, memory: Memory, step: Step, at: datetime) -> tuple[Findings, Scope]:
    """Say all that is to be kept of the scores, and where it may be new."""
    running = memory.running
    assert running is not None  # noqa: S101 - nobody asks before the first scoring
    named, covered = people.named(session), cover(session, memory.reached)
    said = overrides.in_force(session, at=at)
    ours = np.array([one for one, (_, is_ours) in named.items() if is_ours], dtype=np.int64)
    computed = _less_sure(replace(running.scores, colleagues=ours), share(covered))
    by_row = {
        row: one for pair, one in said.items() if (row := computed.ties.find(*pair)) is not None
    }
    shown = _as_said(computed, by_row)
    told, fresh = advise.advise(session, shown, at=at)
    found = Findings(
        as_of=datetime.fromtimestamp(running.as_of_s, UTC) - DAY,
        scores=shown,
        computed=computed,
        overrides=by_row,
        trend=running.trend,
        depth=running.depth,
        reply_hours=running.reply_hours,
        doubts=Doubts(covered),
        named=named,
        advice=told,
        fresh=fresh,
    )
    is_whole = (
        step.is_whole
        or memory.seq != scores.seq(session)
        or _colleagues(named) != _colleagues(memory.named)
    )
    heard = {pair: one.model_dump() for pair, one in said.items()}
    about = _about(found.advice)
    near = _rows(shown, _others(covered, memory.covered), _unlike(heard, memory.said))
    visible, last = Visible.of(found), memory.visible
    seen = last.changed(visible, step.rows, step.move) if last and step.move else set[int]()
    seen |= _unlike(about, memory.about) | {one for pair in step.gone for one in pair}
    scope = Scope(
        is_whole=is_whole,
        rows=np.union1d(step.rows, near),
        gone=step.gone,
        people=_people(shown, near, _unlike(named, memory.named), seen),
    )
    memory.visible = visible
    memory.named, memory.covered, memory.said, memory.about = named, covered, heard, about
    return found, scope


def rows(found: Findings, scope: Scope, covered: Sequence[Covered]) -> Scored:
    """All that is to be kept, of what may be new."""
    ties = found.scores.ties
    pairs = zip(ties.a[scope.rows].tolist(), ties.b[scope.rows].tolist(), strict=True)
    everything = np.arange(len(ties))
    return Scored(
        pairs=None if scope.is_whole else [*pairs, *scope.gone],
        people=None if scope.is_whole else scope.people.tolist(),
        ties=tie_rows(found, everything if scope.is_whole else scope.rows),
        cards=list(cards(found, found.scores.people if scope.is_whole else scope.people)),
        advice=[advise.row(rule, one, found.as_of) for rule, one in found.advice],
        coverage=[_coverage_row(one) for one in covered],
    )


def _rows(found: Scores, people: set[int], pairs: Iterable[Pair]) -> Ints:
    """The rows of some people, and those of some pairs."""
    ties, those = found.ties, np.array(sorted(people), dtype=np.int64)
    of_people = np.flatnonzero(np.isin(ties.a, those) | np.isin(ties.b, those))
    of_pairs = [row for pair in pairs if (row := ties.find(*pair)) is not None]
    return np.union1d(of_people, np.array(of_pairs, dtype=np.int64))


def _people(found: Scores, rows: Ints, renamed: set[int], others: set[int]) -> Ints:
    """Whose cards may be others: who has such a tie, or somebody of another name on their card."""
    ties = found.ties
    called = np.array(sorted(renamed), dtype=np.int64)
    near = np.isin(ties.a, called) | np.isin(ties.b, called)
    ends = [ties.a[rows], ties.b[rows], ties.a[near], ties.b[near], called]
    return np.unique(np.concatenate([*ends, np.array(sorted(others), dtype=np.int64)]))


def _unlike(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> set[Any]:
    """The keys that hold different values."""
    return {key for key in one.keys() | other.keys() if one.get(key) != other.get(key)}


def _others(now: Sequence[Covered], before: Sequence[Covered]) -> set[int]:
    """Of whom other channels reach us than before."""
    states = ({(c.person, c.channel): c.state for c in them} for them in (now, before))
    return {person for person, _ in _unlike(*states)}


def _about(advice: Sequence[tuple[str, Advice]]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for told in advice:
        for person in (told[1].contact, told[1].colleague):
            found.setdefault(person, []).append(told)
    return found


def _colleagues(named: Mapping[int, tuple[str, bool]]) -> set[int]:
    return {person for person, (_, is_ours) in named.items() if is_ours}


def _as_said(computed: Scores, said: Mapping[int, tables.Override]) -> Scores:
    """Show what people say in the place of what is computed; nothing else changes."""
    shown = computed.shown.copy()
    for row, one in said.items():
        shown[row] = one.points
    return replace(computed, shown=shown, band=band(shown, computed.cuts))


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
