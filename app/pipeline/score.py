"""Store -> engine -> store: one snapshot replaces the last."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Engine
from sqlmodel import Session

from app import engine
from app.engine import Scores, Tie, recommendations
from app.engine.recommendations import Advice
from app.pipeline.coverage import Covered, cover, share
from app.pipeline.watch import Progress, Watch, unwatched
from app.store import interactions, people, scores, tables
from app.store.cards import Card, CardAdvice, CardTie, Named

TIES_ON_CARD = 10


def score(database: Engine, *, at: datetime, watch: Watch = unwatched) -> Counter[str]:
    """Score every tie and replace the snapshot; a snapshot that would be the same stays.

    Ages are measured from the end of the day, so scores move when contact happens or a day passes
    and not from run to run. What lies in the future is not counted before it has happened.

    Returns:
        How many interactions, ties and recommendations there are, and of ties how many are new
        to the snapshot (all, or none if it stayed).
    """
    as_of = end_of_day(at)
    with Session(database) as session, session.begin():
        met = interactions.every(session, until_s=int(at.timestamp()))
        named = people.named(session)
        watch(Progress("score", "interactions", len(met), len(met)))
        ours = [person for person, (_, is_colleague) in named.items() if is_colleague]
        as_of_s = int(as_of.timestamp())
        covered = cover(session, met, as_of_s=as_of_s)
        found = _less_sure(
            engine.score(met, as_of_s=as_of_s, colleagues=np.array(ours, dtype=np.int64)),
            share(covered),
        )
        advice = [
            (n, a) for n in recommendations.names() for a in recommendations.rule(n).apply(found)
        ]
        counts = Counter(interactions=len(met), ties=len(found), recommendations=len(advice))
        digest = _digest(found, named, advice, covered)
        if digest != scores.digest(session):
            snapshot = tables.Snapshot(
                id=scores.IN_FORCE,
                as_of=as_of,
                scored_at=at,
                model=engine.MODEL,
                ties=len(found),
                digest=digest,
            )
            scores.replace(
                session,
                snapshot,
                ties=_tie_rows(found),
                cards=list(_cards(found, named, advice, as_of)),
                advice=[_advice_row(rule, a) for rule, a in advice],
                coverage=[_coverage_row(one) for one in covered],
            )
            counts["replaced"] = len(found)
        watch(Progress("score", "ties", len(found), len(found)))
    return counts


def end_of_day(at: datetime) -> datetime:
    """The first moment of the day (UTC) after the one `at` lies in."""
    midnight = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1)


def _less_sure(found: Scores, shares: Mapping[int, float]) -> Scores:
    """Make the scores of colleagues of whom little reaches us less sure, and no smaller."""
    known = np.array([shares.get(person, 0.0) for person in found.people.tolist()])
    of_a, of_b = (
        known[np.searchsorted(found.people, ends)] for ends in (found.ties.a, found.ties.b)
    )
    return replace(found, confidence=found.confidence * np.maximum(of_a, of_b))


def _digest(
    found: Scores,
    named: Mapping[int, tuple[str, bool]],
    advice: Sequence[tuple[str, Advice]],
    covered: Sequence[Covered],
) -> str:
    """A fingerprint of all that a snapshot is made of, the shape of its cards included."""
    seal = hashlib.sha256(f"{engine.MODEL} {found.as_of_s} {Card.model_json_schema()}".encode())
    ties = found.ties
    for column in (ties.a, ties.b, found.strength, found.status, found.risk, found.confidence):
        seal.update(np.ascontiguousarray(column).tobytes())
    seal.update(repr(sorted(named.items())).encode())
    seal.update(repr(advice).encode())
    seal.update(repr([(one.person, one.channel, one.state) for one in covered]).encode())
    return seal.hexdigest()


def _tie_rows(found: Scores) -> list[dict[str, Any]]:
    outward = set(found.outward_rows.tolist())
    return [
        _tie_row(found.seen_by(int(found.ties.a[row]), row), is_outward=row in outward)
        for row in range(len(found))
    ]


def _tie_row(tie: Tie, *, is_outward: bool) -> dict[str, Any]:
    return {
        "a": tie.person,
        "b": tie.other,
        "is_outward": is_outward,
        "strength": tie.strength,
        "points": round(tie.points),
        "points_then": round(tie.points_then),
        "band": tie.band,
        "status": tie.status,
        "alive": tie.alive,
        "importance": tie.importance,
        "risk": tie.risk,
        "confidence": tie.confidence,
        "a_to_b": tie.sent,
        "b_to_a": tie.received,
        "undirected": tie.unsaid,
        "active_days": tie.active_days,
        "first_s": tie.first_s,
        "last_s": tie.last_s,
        "rhythm_days": tie.rhythm_days,
        "is_dormant_strong": tie.is_dormant_strong,
    }


def _cards(
    found: Scores,
    named: Mapping[int, tuple[str, bool]],
    advice: Sequence[tuple[str, Advice]],
    as_of: datetime,
) -> Iterator[dict[str, Any]]:
    """One card for everybody who has a tie."""
    who = {i: Named(id=i, name=name, is_colleague=ours) for i, (name, ours) in named.items()}
    about: dict[int, list[CardAdvice]] = {}
    for rule, one in advice:
        card_advice = CardAdvice(
            rule=rule,
            colleague=who[one.colleague],
            contact=who[one.contact],
            priority=one.priority,
            reason=one.reason,
        )
        about.setdefault(one.contact, []).append(card_advice)
        about.setdefault(one.colleague, []).append(card_advice)
    outward = np.zeros(len(found), dtype=np.bool_)
    outward[found.outward_rows] = True
    outward &= found.ties.is_personal
    for person in found.people.tolist():
        rows = found.rows_of(person)
        best = rows[outward[rows]]
        card = Card(
            person=who[person],
            as_of=as_of - timedelta(days=1),
            model=engine.MODEL,
            best=_card_tie(found.seen_by(person, int(best[0])), who) if len(best) else None,
            last_contact=_moment(int(found.ties.last_s[best].max())) if len(best) else None,
            ties_in_all=len(rows),
            ties=[_card_tie(found.seen_by(person, int(r)), who) for r in rows[:TIES_ON_CARD]],
            recommendations=about.get(person, [])[:TIES_ON_CARD],
        )
        yield {"person_id": person, "body": card.model_dump_json()}


def _card_tie(tie: Tie, who: Mapping[int, Named]) -> CardTie:
    return CardTie(
        other=who[tie.other],
        strength=round(tie.points),
        band=tie.band,
        status=tie.status,
        alive=round(tie.alive, 2),
        confidence=round(tie.confidence, 2),
        sent=tie.sent,
        received=tie.received,
        undirected=tie.unsaid,
        first_contact=_moment(tie.first_s),
        last_contact=_moment(tie.last_s),
        rhythm_days=tie.rhythm_days,
    )


def _moment(at_s: int) -> datetime:
    return datetime.fromtimestamp(at_s, UTC)


def _coverage_row(covered: Covered) -> dict[str, Any]:
    return {
        "person_id": covered.person,
        "channel": covered.channel,
        "contacts": covered.contacts,
        "last_s": covered.last_s,
        "state": covered.state,
    }


def _advice_row(rule: str, advice: Advice) -> dict[str, Any]:
    return {
        "rule": rule,
        "colleague_id": advice.colleague,
        "contact_id": advice.contact,
        "priority": advice.priority,
        "reason": advice.reason,
    }
