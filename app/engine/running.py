"""Running scores: a company's, kept in memory, of which only what changed is scored again.

A change takes all that is known of some pairs, so it does not matter whether a contact is new, came
late, was changed or deleted, or comes twice. It touches the rows of these pairs and of the ties of
their people, and leaves the same bytes as scoring everything. Between two days everything decays:
then `move_to` makes it anew, from what is held in memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np

from app.engine import rows as of
from app.engine.alive import DEFAULT_CURVE, Curve
from app.engine.held import Held
from app.engine.history import DEPTH_DAYS, TREND_DAYS
from app.engine.interactions import Interactions, clean, days
from app.engine.moment import Change, Fold, Moment
from app.engine.replies import Threaded, reply_hours
from app.engine.rows import NEW, Move
from app.engine.scores import Scores, assess
from app.engine.ties import fold, paces
from app.engine.weights import DAY_S, DEFAULT, Flags, Floats, Ints, Weights

BEFORE_DAYS: Final = (TREND_DAYS, *DEPTH_DAYS)
"""How far back trend and depth look."""

NOBODY: Final = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Rescored:
    """What a change did.

    Attributes:
        looked_at: How many ties were scored again.
        rows: Those that are new or say something else now, sorted.
        gone: Pairs that have no tie any more, (a, b).
        move: Which row is which.
    """

    looked_at: int
    rows: Ints
    gone: tuple[Ints, Ints]
    move: Move


class Running:
    """The scores of a company at the end of a day, and what they follow from.

    Args:
        interactions: All there are up to now, in any order.
        messages: Those of them that belong to threads.
        as_of_s: The moment to score at.
        weights: The constants of the model.
        curve: From strength to the chance that a tie is alive.
        fold: Who groups everything by pair; a change is small, and grouped here.
        before_days: How far to look back; of those who ask for neither trend nor depth, nowhere.

    Attributes:
        scores: As of the last change; without colleagues, for no number depends on who is one.
        reply_hours: Median hours until each one's a and b answer, (2, n_ties), or nan.
        before: Points that each tie had so many days ago, (len(before_days), n_ties).
    """

    def __init__(
        self,
        interactions: Interactions,
        messages: Threaded,
        *,
        as_of_s: int,
        weights: Weights = DEFAULT,
        curve: Curve = DEFAULT_CURVE,
        fold: Fold = fold,
        before_days: Sequence[int] = BEFORE_DAYS,
    ) -> None:
        self._before_days = before_days
        self.held = Held(interactions)
        self._fold = fold
        self.move_to(as_of_s, weights=weights, curve=curve)
        self.reply_hours = reply_hours(messages, self.scores.ties)

    def move_to(self, as_of_s: int, *, weights: Weights, curve: Curve) -> None:
        """Score everything at another moment, or otherwise, from what is held in memory.

        Args:
            as_of_s: Not before any interaction that is held.
            weights: The constants of the model.
            curve: From strength to the chance that a tie is alive.
        """
        met = self.held.every()
        self.weights, self.curve = weights, curve
        self._now, *self._past = (
            Moment.of(met, as_of_s=as_of_s - ago * DAY_S, weights=weights, fold=self._fold)
            for ago in (0, *self._before_days)
        )
        self.scores = self._assess(None)
        self.before = np.zeros((len(self._before_days), len(self.scores)))
        everything = np.arange(len(self.scores))
        for points, then in zip(self.before, self._past, strict=True):
            rows = np.arange(len(then.ties))
            points[_where(then, rows, self._now, everything)] = then.shown(weights)

    @property
    def as_of_s(self) -> int:
        """The moment of scoring, seconds since 1970 (UTC)."""
        return self.scores.as_of_s

    @property
    def trend(self) -> Floats:
        """Points gained in 30 days, (n_ties,), as `history.trend`."""
        gained: Floats = self.scores.shown - self.before[0]
        return gained

    @property
    def depth(self) -> Floats:
        """Points on average before the last quarter, (n_ties,), as `history.depth`."""
        return np.asarray(np.mean(list(self.before[1:]), axis=0), dtype=np.float64)

    def change(self, a: Ints, b: Ints, met: Interactions, messages: Threaded) -> Rescored:
        """Replace all that is known of some pairs.

        Args:
            a: The lower person number of each pair, without repetition.
            b: The higher one.
            met: All interactions of these pairs up to now.
            messages: Those of them that belong to threads.
        """
        self.held.replace(a, b, met)
        self._now, change = self._changed(a, b, met)
        old, old_before, old_hours = self.scores, self.before, self.reply_hours
        self.scores = self._assess(change)
        self.before = self._before(a, b, met, change)
        self.reply_hours = change.move.carry(old_hours)
        fresh = of.take(self.scores.ties, change.fresh)
        self.reply_hours[:, change.fresh] = reply_hours(messages, fresh)
        rows, move = change.rows, change.move
        differs = _differ(old, self.scores, rows, move)
        for was, now in ((old_before, self.before), (old_hours, self.reply_hours)):
            differs |= _unlike(was, now, rows, move)
        return Rescored(len(rows), rows[differs], change.gone, move)

    def _changed(self, a: Ints, b: Ints, met: Interactions) -> tuple[Moment, Change]:
        """The present with other contacts of some pairs, their people's pace with it."""
        people = np.unique(np.concatenate([a, b]))
        found = self._now.changed(a, b, met, self.weights)
        if found is None:
            moment, nothing = self._now, Move(np.arange(len(self._now.ties)), is_same=True)
            rows = of.of_people(moment.ties, people)
            fresh = of.of_pairs(moment.ties, a, b)
            change = Change(nothing, rows, fresh, (NOBODY, NOBODY))
        else:
            moment, change = found
            change = replace(change, rows=of.of_people(moment.ties, people))
        return self._paced(moment, people, change.rows), change

    def _paced(self, moment: Moment, people: Ints, rows: Ints) -> Moment:
        ties = moment.ties
        met, _ = clean(self.held.of_people(people), as_of_s=ties.as_of_s)
        ends = np.concatenate([met.source, met.target])
        is_theirs = np.isin(ends, people)
        person = np.searchsorted(people, ends[is_theirs])
        day = np.tile(days(met.at_s), 2)[is_theirs]
        found = paces(person, day, len(people), ties.as_of_s)
        pace = ties.pace.copy()
        for side, end in enumerate((ties.a[rows], ties.b[rows])):
            one = np.isin(end, people)
            pace[side, rows[one]] = found[np.searchsorted(people, end[one])]
        return Moment(replace(ties, pace=pace), moment.around)

    def _assess(self, change: Change | None) -> Scores:
        """Score every tie, or those that a change touches."""
        ties = self._now.ties if change is None else of.take(self._now.ties, change.rows)
        some = assess(
            ties,
            colleagues=NOBODY,
            weights=self.weights,
            curve=self.curve,
            around=self._now.around,
        )
        if change is None:
            return some
        columns: dict[str, of.Column] = {}
        for name in _SCORED:
            column = change.move.carry(getattr(self.scores, name))
            column[change.rows] = getattr(some, name)
            columns[name] = column
        return Scores(ties=self._now.ties, colleagues=NOBODY, **columns)

    def _before(self, a: Ints, b: Ints, met: Interactions, change: Change) -> Floats:
        """The points of earlier, after a change; of most changes the past knows nothing."""
        before = np.asarray(change.move.carry(self.before), dtype=np.float64)
        before[:, change.move.origin == NEW] = 0.0
        for place, moment in enumerate(self._past):
            found = moment.changed(a, b, met, self.weights)
            if found is not None:
                then = self._past[place] = found[0]
                before[place, change.rows] = 0.0
                rows = of.of_people(then.ties, np.concatenate([a, b]))
                at = _where(then, rows, self._now, change.rows)
                before[place, at] = then.shown(self.weights, rows)
        return before


_SCORED = tuple(one.name for one in fields(Scores) if one.name not in ("ties", "colleagues"))


def _where(past: Moment, rows: Ints, now: Moment, among: Ints) -> Ints:
    """The rows of now that some rows of the past are, all of which are among some."""
    firsts, seconds = now.ties.a[among], now.ties.b[among]
    known = of.keys(firsts, seconds, firsts, seconds)
    sought = of.keys(past.ties.a[rows], past.ties.b[rows], firsts, seconds)
    return among[np.searchsorted(known, sought)]


def _differ(old: Scores, new: Scores, rows: Ints, move: Move) -> Flags:
    """Which of some rows say something else than before, or are new; importance aside."""
    differs = np.zeros(len(rows), dtype=np.bool_)
    for name in _SCORED:
        if name != "importance":
            differs |= _unlike(getattr(old, name), getattr(new, name), rows, move)
    for name in ("contacts", "first_s", "last_s", "active_days", "gap_days", "two_way"):
        differs |= _unlike(getattr(old.ties, name), getattr(new.ties, name), rows, move)
    return differs


def _unlike(old: of.Column, new: of.Column, rows: Ints, move: Move) -> Flags:
    """Which of some rows hold another value than they did; a new one holds another always."""
    origin = move.origin[rows]
    is_new: Flags = origin == NEW
    if not len(old) or not old.shape[-1]:
        return is_new
    was, now = old[..., origin], new[..., rows]
    unlike: Flags = (was != now) & ~((was != was) & (now != now))  # noqa: PLR0124 - nan is not itself
    found: Flags = is_new | (unlike if unlike.ndim == 1 else unlike.any(axis=0))
    return found
