"""What other weights would change of what is shown today: ties, bands and people."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import numpy as np
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from app import engine
from app.engine import BANDS, Scores, Weights
from app.engine.strength import Cuts, Indexes, band
from app.engine.weights import Floats
from app.store import interactions, overrides, people, scores
from app.store.overrides import Pair

BIN: Final = 5
"""Points that a bar of the distribution is wide."""

MOST: Final = 20
"""Ties that are named one by one."""

NONE: Final = BANDS[0]


class Moved(BaseModel):
    """A tie of a colleague and a contact that would be shown otherwise."""

    model_config = ConfigDict(frozen=True)

    colleague_id: int
    contact_id: int
    before: int = Field(description="Points now.")
    after: int
    band_before: str
    band_after: str


class Effect(BaseModel):
    """What would change, of ties between a colleague and somebody outside."""

    model_config = ConfigDict(frozen=True)

    as_of: datetime
    ties: int
    changed: int = Field(description="Ties that would be shown with other points.")
    overridden: int = Field(description="Ties that stay as a person says.")
    before: list[int] = Field(
        description="Ties by points with those in force, in bars of `BIN`; band none left out."
    )
    after: list[int] = Field(description="The same with those that are tried.")
    cuts: Cuts = Field(description="Where bands begin with those that are tried, in points.")
    bands: dict[str, tuple[int, int]] = Field(description="Ties by band: before and after.")
    people: dict[str, dict[str, int]] = Field(
        description="Contacts by the band of their strongest tie: before, then after."
    )
    moved: list[Moved] = Field(description="The ties that change most, those first.")

    @property
    def people_moved(self) -> int:
        """How many contacts would change their band."""
        return sum(
            number
            for before, row in self.people.items()
            for after, number in row.items()
            if after != before
        )


def effect(session: Session, present: Weights, tried: Weights, *, at: datetime) -> Effect:
    """Score what the snapshot in force was made of with two sets of weights.

    Args:
        session: Nothing is changed.
        present: The weights in force.
        tried: Those to lay beside them.
        at: Now: which overrides hold.

    Raises:
        NotReady: If nothing was ever scored.
    """
    snapshot = scores.snapshot(session)
    met = interactions.every(session, until_s=int(snapshot.scored_at.timestamp()))
    ours = [one for one, (_, is_ours) in people.named(session).items() if is_ours]
    said = {pair: row.points for pair, row in overrides.in_force(session, at=at).items()}
    as_of_s, colleagues = int(snapshot.as_of.timestamp()), np.array(ours, dtype=np.int64)
    now, then = (
        _as_said(engine.score(met, as_of_s=as_of_s, colleagues=colleagues, weights=one), said)
        for one in (present, tried)
    )
    return compare(now, then, overridden=said)


def compare(now: Scores, then: Scores, *, overridden: Mapping[Pair, int]) -> Effect:
    """Lay two scorings of the same contacts side by side."""
    rows = now.outward_rows
    before, after = now.shown[rows], then.shown[rows]
    bands = [_by_band(one.band[rows]) for one in (now, then)]
    return Effect(
        as_of=datetime.fromtimestamp(now.as_of_s, UTC),
        ties=len(rows),
        changed=int((np.rint(before) != np.rint(after)).sum()),
        overridden=sum(now.ties.find(*pair) is not None for pair in overridden),
        before=_bars(before, now.cuts),
        after=_bars(after, then.cuts),
        cuts=then.cuts,
        bands={name: (bands[0][name], bands[1][name]) for name in BANDS},
        people=_people(now, then),
        moved=_moved(now, then),
    )


def _as_said(computed: Scores, said: Mapping[Pair, int]) -> Scores:
    """Show what people say in the place of what is computed, as a scoring does."""
    shown = computed.shown.copy()
    for pair, points in said.items():
        row = computed.ties.find(*pair)
        if row is not None:
            shown[row] = points
    return replace(computed, shown=shown, band=band(shown, computed.cuts))


def _bars(points: Floats, cuts: Cuts) -> list[int]:
    weak, *_ = cuts
    shown = np.minimum(points[points >= weak], 100)
    counts, _ = np.histogram(shown, bins=np.arange(0, 100 + BIN, BIN))
    return [int(one) for one in counts]


def _by_band(found: Indexes) -> dict[str, int]:
    return dict(zip(BANDS, np.bincount(found, minlength=len(BANDS)).tolist(), strict=True))


def _people(now: Scores, then: Scores) -> dict[str, dict[str, int]]:
    """How many contacts go from each band to each."""
    was, will = ({one: BANDS[s.band[row]] for one, row in s.best.items()} for s in (now, then))
    counts = Counter((was.get(one, NONE), will.get(one, NONE)) for one in was.keys() | will.keys())
    return {before: {after: counts[before, after] for after in BANDS} for before in BANDS}


def _moved(now: Scores, then: Scores) -> list[Moved]:
    rows = now.outward_rows
    before, after = np.rint(now.shown[rows]), np.rint(then.shown[rows])
    order = np.lexsort((rows, -now.shown[rows], -np.abs(after - before)))[:MOST]
    ours = now.is_colleague(now.ties.a)
    found = []
    for place in order.tolist():
        row = int(rows[place])
        a, b = int(now.ties.a[row]), int(now.ties.b[row])
        if before[place] != after[place]:
            one = Moved(
                colleague_id=a if ours[row] else b,
                contact_id=b if ours[row] else a,
                before=int(before[place]),
                after=int(after[place]),
                band_before=BANDS[now.band[row]],
                band_after=BANDS[then.band[row]],
            )
            found.append(one)
    return found
