"""One tie explained: what each contact adds, what would change it, and how it went."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from markupsafe import Markup
from sqlmodel import Session

from app.atlas import Chart, contacts_of
from app.console import plots
from app.console.deps import SightDep, ViewerDep
from app.console.pages import page
from app.deps import AtlasDep, SessionDep
from app.engine import (
    Contribution,
    Contributions,
    Outlook,
    Tie,
    course,
    explain,
    in_words,
    outlook,
)
from app.errors import NotFound
from app.store import lookups, overrides, scores
from app.store.cards import Named

router = APIRouter()

PARTS = 40
COURSE_DAYS = tuple(range(0, 721, 60))
"""Each costs a fold of all contact of the two: a busy colleague has tens of thousands."""

PersonId = Annotated[int, Query(ge=1, le=2**53 - 1)]


@dataclass(frozen=True, slots=True)
class Part:
    """What one contact adds; `source` is None where the CRM does not say who it was from."""

    at: datetime
    channel: str
    source: str | None
    recipients: int
    points: float


@dataclass(frozen=True, slots=True)
class Why:
    """All that follows from the contacts of the two.

    Attributes:
        channels: The share that each channel makes, 0 to 1.
        reply_from: Who would have to answer.
        parts: The newest first; `left_out` older ones are not listed.
    """

    tie: Tie
    factors: Contributions
    channels: Mapping[str, float]
    coming: Outlook
    reply_from: str
    line: str
    parts: tuple[Part, ...]
    left_out: int
    plot: Markup


@router.get("/people/{person_id}/ties/{other_id}")
def show_tie(
    request: Request,
    session: SessionDep,
    _: ViewerDep,
    sight: SightDep,
    atlas: AtlasDep,
    person_id: int,
    other_id: int,
) -> Response:
    """Explain the tie of two people."""
    pair = (person_id, other_id)
    kept, who = scores.tie(session, *pair), lookups.named(session, pair)
    if kept is None or not set(pair) <= sight.people(session, pair) & who.keys():
        raise NotFound("These two people never met, as far as we know.")
    chart = atlas.at_hand(session)
    said = overrides.of_tie(session, *pair, at=scores.snapshot(session).scored_at)
    return page(
        request,
        "tie.html",
        person=who[person_id],
        other=who[other_id],
        kept=kept,
        said=said,
        why=_why(session, chart, pair, who) if chart else None,
        sent=kept.a_to_b if kept.a == person_id else kept.b_to_a,
        received=kept.b_to_a if kept.a == person_id else kept.a_to_b,
        answers=kept.a_answers_h if kept.a == person_id else kept.b_answers_h,
        answered=kept.b_answers_h if kept.a == person_id else kept.a_answers_h,
        first_at=datetime.fromtimestamp(kept.first_s, UTC),
        last_at=datetime.fromtimestamp(kept.last_s, UTC),
    )


def _why(
    session: Session, chart: Chart, pair: tuple[int, int], who: Mapping[int, Named]
) -> Why | None:
    """Explain a tie; None where the chart does not know it yet."""
    tie = chart.scores.between(*pair)
    theirs = contacts_of(session, chart, pair)
    factors = explain(theirs, chart.scores, pair, weights=chart.weights)
    coming = outlook(theirs, chart.scores, pair, weights=chart.weights)
    if tie is None or factors is None or coming is None:
        return None
    points = course(theirs, chart.scores, pair, days=COURSE_DAYS, weights=chart.weights)
    whole = max(factors.strength, 1e-9)
    return Why(
        tie=tie,
        factors=factors,
        channels={name: part / whole for name, part in factors.by_channel().items()},
        coming=coming,
        reply_from=who[coming.reply_from].name,
        line=in_words(tie, factors, coming),
        parts=tuple(_part(one, tie.points / whole, who) for one in factors.events[:PARTS]),
        left_out=max(len(factors.events) - PARTS, 0),
        plot=plots.draw_course(
            points,
            COURSE_DAYS,
            chart.as_of.date() + timedelta(days=1),
            cuts=chart.weights.cuts,
        ),
    )


def _part(event: Contribution, scale: float, who: Mapping[int, Named]) -> Part:
    return Part(
        at=datetime.fromtimestamp(event.at_s, UTC),
        channel=event.channel,
        source=None if event.source is None else who[event.source].name,
        recipients=event.recipients,
        points=event.strength * scale,
    )
