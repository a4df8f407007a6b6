"""Scores -> advice: of all that the rules find, what a colleague is told, and how it is kept.

Nobody is nagged. A colleague is given at most `MOST_PER_WEEK` new pieces of advice a week (from
Monday, UTC), the most pressing first; about a contact there is one at a time, for one of us. It
stands for `STANDS_DAYS`, ends when the two are in touch or its rule finds it no more, and the same
is not given again before its rule's `AGAIN_DAYS` have passed.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session

from app.engine import Company, Scores, recommendations
from app.engine.recommendations import Advice
from app.pipeline.mailboxes import FREEMAIL
from app.store import advice as kept
from app.store import company
from app.store.advice import Key

MOST_PER_WEEK = 10
STANDS_DAYS = 14

Given = Mapping[Key, datetime]


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a rule recommends; its priority is comparable between rules."""

    rule: str
    advice: Advice

    @property
    def key(self) -> Key:
        """What makes it the same advice as another."""
        return self.rule, self.advice.colleague, self.advice.contact


def advise(
    session: Session, scores: Scores, *, at: datetime, per_week: int = MOST_PER_WEEK
) -> tuple[list[tuple[str, Advice]], Sequence[Candidate]]:
    """What colleagues are told now, the most pressing first; and what of it is new."""
    given = kept.given(session, at=at)
    known = company.company(session, scores, nobodys=FREEMAIL)
    standing, fresh = choose(_candidates(known), scores, given, at=at, per_week=per_week)
    told = [(one, given[one.key]) for one in standing] + [(one, at) for one in fresh]
    told.sort(key=lambda one: _order(one[0]))
    return [(one.rule, _due(one.advice, since, at)) for one, since in told], fresh


def note(session: Session, fresh: Sequence[Candidate], *, at: datetime) -> None:
    """Note that these are given now; and forget what may be given again."""
    kept.forget(session, at=at)
    kept.give(session, ((one.key, at + _again(one.rule)) for one in fresh), at=at)


def choose(
    candidates: Sequence[Candidate], scores: Scores, given: Given, *, at: datetime, per_week: int
) -> tuple[list[Candidate], list[Candidate]]:
    """Say which candidates go on standing, and which are given now.

    Args:
        candidates: The most pressing first.
        scores: Tell who has been in touch since.
        given: When what may not be given again yet was given.
        at: Now.
        per_week: How many a colleague is given in a week, those of earlier this week included.
    """
    monday = _monday(at)
    left = Counter(dict.fromkeys(scores.colleagues.tolist(), per_week))
    left.subtract(colleague for (_, colleague, _), since in given.items() if since >= monday)
    standing, fresh, busy = list[Candidate](), list[Candidate](), set[int]()
    for one in candidates:
        if _stands(one, scores, given, at) and one.advice.contact not in busy:
            standing.append(one)
            busy.add(one.advice.contact)
    for one in candidates:
        ours, contact = one.advice.colleague, one.advice.contact
        if one.key not in given and contact not in busy and left[ours] > 0:
            fresh.append(one)
            busy.add(contact)
            left[ours] -= 1
    return standing, fresh


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
        "deal_connection_id": advice.deal[0] if advice.deal else None,
        "deal_id": advice.deal[1] if advice.deal else None,
    }


def _candidates(known: Company) -> list[Candidate]:
    """All that the rules find, each once, the most pressing first."""
    found: dict[Key, Candidate] = {}
    for one in sorted(_found(known), key=_order):
        found.setdefault(one.key, one)
    return list(found.values())


def _found(known: Company) -> Iterator[Candidate]:
    for name in recommendations.names():
        rule = recommendations.rule(name)
        for one in rule.apply(known):
            yield Candidate(name, replace(one, priority=one.priority * rule.WORTH))


def _order(one: Candidate) -> tuple[float, Key, tuple[int, str]]:
    return -one.advice.priority, one.key, one.advice.deal or (0, "")


def _stands(one: Candidate, scores: Scores, given: Given, at: datetime) -> bool:
    """Whether advice that was given is still to be shown."""
    since = given.get(one.key)
    if since is None or at >= since + timedelta(days=STANDS_DAYS):
        return False
    row = scores.ties.find(one.advice.colleague, one.advice.contact)
    return row is None or int(scores.ties.last_s[row]) <= since.timestamp()


def _again(rule: str) -> timedelta:
    return timedelta(days=recommendations.rule(rule).AGAIN_DAYS)


def _due(advice: Advice, since: datetime, at: datetime) -> Advice:
    """The same advice, due so many days after it was given."""
    passed = (at.astimezone(UTC).date() - since.astimezone(UTC).date()).days
    return replace(advice, due_days=advice.due_days - passed)


def _monday(at: datetime) -> datetime:
    day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())
