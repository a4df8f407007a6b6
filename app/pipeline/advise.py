"""Scores -> advice: what the rules recommend, and how it is kept."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from app.engine import Scores, recommendations
from app.engine.recommendations import Advice
from app.pipeline.mailboxes import FREEMAIL
from app.store import company


def advise(session: Session, scores: Scores) -> list[tuple[str, Advice]]:
    """What the rules recommend, each with the name of its rule; those of a rule together."""
    return list(_candidates(session, scores))


def row(rule: str, advice: Advice, as_of: datetime) -> dict[str, Any]:
    """One piece of advice as it is kept; `as_of` is the day whose end ages are measured from."""
    return {
        "rule": rule,
        "colleague_id": advice.colleague,
        "contact_id": advice.contact,
        "priority": advice.priority,
        "reason": advice.reason,
        "objective": advice.objective,
        "second_objective": advice.second,
        "due_on": (as_of + timedelta(days=advice.due_days)).date(),
        "evidence": dict(advice.evidence),
    }


def _candidates(session: Session, scores: Scores) -> Iterator[tuple[str, Advice]]:
    known = company.company(session, scores, nobodys=FREEMAIL)
    for name in recommendations.names():
        for advice in recommendations.rule(name).apply(known):
            yield name, advice
