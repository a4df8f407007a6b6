"""What is kept of a scoring: one row for each tie, and one card for everybody who has one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from app import engine
from app.engine import BANDS, Scores, Tie
from app.engine.recommendations import Advice
from app.engine.weights import Floats, Ints
from app.pipeline.advise import Candidate
from app.pipeline.coverage import Doubts
from app.store import tables
from app.store.cards import Card, CardAdvice, CardOverride, CardTie, Named

TIES_ON_CARD = 10


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """All that one scoring found.

    Attributes:
        as_of: The day whose end ages are measured from.
        computed: The scores before anybody's override.
        overrides: What people say instead, by row.
        trend: Points each tie gained in 30 days, (n_ties,).
        depth: Points of the year before the last quarter, (n_ties,).
        reply_hours: Median hours until each one's a and b answer, (2, n_ties), or nan.
        named: Everybody's name, and whether they are a colleague.
        advice: What the rules recommend, and which rule does.
        fresh: What of it is given now.
    """

    as_of: datetime
    scores: Scores
    computed: Scores
    overrides: Mapping[int, tables.Override]
    trend: Floats
    depth: Floats
    reply_hours: Floats
    doubts: Doubts
    named: Mapping[int, tuple[str, bool]]
    advice: Sequence[tuple[str, Advice]]
    fresh: Sequence[Candidate]


def tie_rows(found: Findings, rows: Ints) -> list[dict[str, Any]]:
    """What is kept of some ties, as the first person of each sees it."""
    outward = set(found.scores.outward_rows.tolist())
    ties = found.scores.ties
    return [
        _tie_row(found, found.scores.seen_by(int(ties.a[row]), row), is_outward=row in outward)
        for row in rows.tolist()
    ]


def _tie_row(found: Findings, tie: Tie, *, is_outward: bool) -> dict[str, Any]:
    return {
        "a": tie.person,
        "b": tie.other,
        "is_outward": is_outward,
        "strength": tie.strength,
        "points": round(tie.points),
        "computed": round(float(found.computed.shown[tie.row])),
        "points_then": round(tie.points_then),
        "trend": round(float(found.trend[tie.row])),
        "depth": round(float(found.depth[tie.row])),
        "band": tie.band,
        "status": tie.status,
        "alive": tie.alive,
        "risk": tie.risk,
        "confidence": tie.confidence,
        "doubts": "\n".join(found.doubts.of(tie)),
        "a_to_b": tie.sent,
        "b_to_a": tie.received,
        "undirected": tie.unsaid,
        "active_days": tie.active_days,
        "first_s": tie.first_s,
        "last_s": tie.last_s,
        "rhythm_days": tie.rhythm_days,
        "a_answers_h": _hours(found.reply_hours[0, tie.row]),
        "b_answers_h": _hours(found.reply_hours[1, tie.row]),
        "is_dormant_strong": tie.is_dormant_strong,
    }


def cards(found: Findings, people: Ints) -> Iterator[dict[str, Any]]:
    """One card for everybody of these who has a tie."""
    who = _Named(found.named)
    about = _advice_about(found, who)
    scores = found.scores
    outward = np.zeros(len(scores), dtype=np.bool_)
    outward[scores.outward_rows] = True
    outward &= scores.ties.is_personal
    for person in people.tolist():
        rows = scores.rows_of(person)
        if not len(rows):
            continue
        best = rows[outward[rows]]
        card = Card(
            person=who[person],
            as_of=found.as_of,
            model=engine.MODEL,
            best=_card_tie(found, person, int(best[0]), who) if len(best) else None,
            last_contact=_moment(int(scores.ties.last_s[best].max())) if len(best) else None,
            ties_in_all=len(rows),
            ties=[_card_tie(found, person, int(row), who) for row in rows[:TIES_ON_CARD]],
            recommendations=about.get(person, [])[:TIES_ON_CARD],
        )
        yield {"person_id": person, "body": card.model_dump_json()}


class _Named(dict[int, Named]):
    """Everybody by number, made when first asked for."""

    def __init__(self, named: Mapping[int, tuple[str, bool]]) -> None:
        super().__init__()
        self._named = named

    def __missing__(self, person: int) -> Named:
        name, is_colleague = self._named[person]
        self[person] = Named(id=person, name=name, is_colleague=is_colleague)
        return self[person]


def _advice_about(found: Findings, who: Mapping[int, Named]) -> dict[int, list[CardAdvice]]:
    about: dict[int, list[CardAdvice]] = {}
    for rule, one in found.advice:
        card_advice = CardAdvice(
            rule=rule,
            colleague=who[one.colleague],
            contact=who[one.contact],
            priority=one.priority,
            reason=one.reason,
            objective=one.objective,
            second_objective=one.second,
            due_on=(found.as_of + timedelta(days=one.due_days)).date(),
            evidence=dict(one.evidence),
        )
        about.setdefault(one.contact, []).append(card_advice)
        about.setdefault(one.colleague, []).append(card_advice)
    return about


def _card_tie(found: Findings, person: int, row: int, who: Mapping[int, Named]) -> CardTie:
    tie = found.scores.seen_by(person, row)
    computed, depth = round(float(found.computed.shown[row])), round(float(found.depth[row]))
    said = found.overrides.get(row)
    mine, theirs = found.reply_hours[:, row][:: 1 if person < tie.other else -1]
    return CardTie(
        other=who[tie.other],
        strength=round(tie.points),
        band=tie.band,
        status=tie.status,
        trend=round(float(found.trend[row])),
        depth=depth,
        momentum=computed - depth,
        alive=round(tie.alive, 2),
        confidence=round(tie.confidence, 2),
        doubts=found.doubts.of(tie),
        overlap=round(float(found.scores.overlap[row]), 2),
        is_personal=bool(found.scores.ties.is_personal[row]),
        sent=tie.sent,
        received=tie.received,
        undirected=tie.unsaid,
        active_days=tie.active_days,
        first_contact=_moment(tie.first_s),
        last_contact=_moment(tie.last_s),
        rhythm_days=tie.rhythm_days,
        answers_in_h=_hours(mine),
        answered_in_h=_hours(theirs),
        override=CardOverride.of(said, computed, BANDS[found.computed.band[row]]),
    )


def _hours(hours: float) -> float | None:
    return None if np.isnan(hours) else round(float(hours), 1)


def _moment(at_s: int) -> datetime:
    return datetime.fromtimestamp(at_s, UTC)
