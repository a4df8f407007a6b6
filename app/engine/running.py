"""Running scores: a company's, kept in memory, of which only what changed is scored again.

A change takes the contacts that some pairs had on some days, as they are known now, so it does not
matter whether a contact is new, came late, was changed or deleted, or comes twice. It is summed up
to day cells; of the pairs, all cells are summed up once more, and the ties of their people are
looked at. Nothing else is: neither older contacts nor the other ties. A difference of decayed sums
would be quicker still for pairs of thousands of days, but rounds otherwise than a sum, and what is
left here are the same bytes as after scoring everything.

Between two days everything decays: then `move_to` sums up all cells, which are held in memory.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Final, Protocol

import numpy as np

from app.engine import rows as of
from app.engine.alive import DEFAULT_CURVE, Curve
from app.engine.calendars import Calendars
from app.engine.cells import Cells
from app.engine.held import Days, Held, Replaced
from app.engine.history import DEPTH_DAYS, TREND_DAYS
from app.engine.moment import Change, Moment, Pairs
from app.engine.near import Near
from app.engine.replies import Threaded, reply_hours
from app.engine.rows import NEW, Column, Move
from app.engine.scores import Scores, assess
from app.engine.ties import Ties, fold_cells
from app.engine.weights import DAY_S, DEFAULT, Flags, Floats, Ints, Weights

BEFORE_DAYS: Final = (TREND_DAYS, *DEPTH_DAYS)
"""How far back trend and depth look."""

NO_DAY: Final = int(np.iinfo(np.int64).max)

NOBODY: Final = np.zeros(0, dtype=np.int64)

SCORED: Final = tuple(
    one.name for one in fields(Scores) if one.name not in ("ties", "colleagues", "cuts")
)
COUNTED: Final = ("contacts", "first_s", "last_s", "active_days", "gap_days", "two_way")
"""Of ties, what is told of them."""

Told = Mapping[str, Column]
"""What is told of some rows; the last axis of each column has one number per row."""


class FoldCells(Protocol):
    """Whatever gives the ties of all cells as `ties.fold_cells` does, to a relative 1e-9."""

    def __call__(self, cells: Cells, *, as_of_s: int, weights: Weights) -> Ties:
        """Give one tie per pair that met by `as_of_s`."""


@dataclass(frozen=True, slots=True, eq=False)
class Rescored:
    """What a change did.

    Attributes:
        looked_at: How many ties were scored again.
        rows: Those that are new or say something else now, sorted.
        gone: Pairs that have no tie any more, (a, b).
        move: Which row is which.
        cells: What became of the day cells.
    """

    looked_at: int
    rows: Ints
    gone: tuple[Ints, Ints]
    move: Move
    cells: Replaced


class Running:
    """The scores of a company at the end of a day, and what they follow from.

    Args:
        cells: All that happened by now.
        messages: Those of them that belong to threads.
        as_of_s: The moment to score at, at the cut of the cells.
        weights: The constants of the model.
        curve: From strength to the chance that a tie is alive.
        fold: Who sums up all cells; a change is small, and summed up here.
        before_days: How far to look back; of those who ask for neither trend nor depth, nowhere.
    """

    def __init__(
        self,
        cells: Cells,
        messages: Threaded,
        *,
        as_of_s: int,
        weights: Weights = DEFAULT,
        curve: Curve = DEFAULT_CURVE,
        fold: FoldCells = fold_cells,
        before_days: Sequence[int] = BEFORE_DAYS,
    ) -> None:
        self._before_days = before_days
        self._held, self._calendars = Held(cells), Calendars(cells)
        starts = cells.pair_starts
        self._near = Near(cells.a[starts], cells.b[starts])
        self._score(as_of_s, weights, curve, fold)
        self._reply_hours = reply_hours(messages, self._now.ties)

    def __len__(self) -> int:
        return len(self._now.ties)

    def move_to(self, as_of_s: int, *, weights: Weights, curve: Curve) -> None:
        """Score everything at another moment, or otherwise, from the cells that are held.

        Args:
            as_of_s: At the cut of the cells, and not before any of them.
            weights: What an admin can set may be other; what cells follow from is as it was.
            curve: From strength to the chance that a tie is alive.
        """
        self._score(as_of_s, weights, curve, fold_cells)

    def _score(self, as_of_s: int, weights: Weights, curve: Curve, fold: FoldCells) -> None:
        cells = self._held.every()
        self.weights, self.curve = weights, curve
        self._now, *self._past = (
            Moment(fold(cells, as_of_s=as_of_s - ago * DAY_S, weights=weights), weights)
            for ago in (0, *self._before_days)
        )
        ties = self._now.ties
        self._scores = assess(ties, colleagues=NOBODY, weights=weights, curve=curve)
        self._points = np.zeros((len(self._before_days), len(ties)))
        for points, then in zip(self._points, self._past, strict=True):
            points[of.of_pairs(ties, then.ties.a, then.ties.b)] = then.shown()
        self._told: Scores | None = None

    @property
    def cells(self) -> Cells:
        """All that happened by now."""
        return self._held.every()

    def of_people(self, people: Ints) -> Cells:
        """All that these people had with anybody."""
        return self._held.of_pairs(*self._near.pairs(people))

    @property
    def scores(self) -> Scores:
        """As of the last change; without colleagues, for no number depends on who is one.

        They stay as they are when something changes after that.
        """
        if self._told is None:
            ties = of.take(self._now.ties, slice(None))
            columns = {name: getattr(self._scores, name).copy() for name in SCORED}
            self._told = Scores(ties=ties, colleagues=NOBODY, cuts=self.weights.cuts, **columns)
        return self._told

    @property
    def as_of_s(self) -> int:
        """The moment of scoring, seconds since 1970 (UTC)."""
        return self._now.ties.as_of_s

    @property
    def reply_hours(self) -> Floats:
        """Median hours until each one's a and b answer, (2, n_ties), or nan."""
        return self._reply_hours.copy()

    @property
    def before(self) -> Floats:
        """Points that each tie had so many days ago, (len(before_days), n_ties)."""
        return self._points.copy()

    @property
    def trend(self) -> Floats:
        """Points gained in 30 days, (n_ties,), as `history.trend`."""
        gained: Floats = self._scores.shown - self._points[0]
        return gained

    @property
    def depth(self) -> Floats:
        """Points on average before the last quarter, (n_ties,), as `history.depth`."""
        return np.asarray(np.mean(list(self._points[1:]), axis=0), dtype=np.float64)

    def change(self, days: Days, cells: Cells, messages: Threaded) -> Rescored:
        """Replace what is known of some days of some pairs.

        Args:
            days: Which, each once.
            cells: What happened on them by now.
            messages: Those of all days of these pairs that belong to threads.
        """
        pairs = Pairs(*days.pairs())
        people = np.unique(np.concatenate(pairs))
        old = of.of_pairs(self._now.ties, *self._near.pairs(people))
        told = self._tell(old)
        replaced = self._held.replace(days, cells)
        less, more, whole = replaced
        self._calendars.change(less, more)
        self._near.change(_pairs(less) - _pairs(whole), _pairs(more))
        near = Pairs(*self._near.pairs(people))
        change = self._changed(pairs, near, whole)
        self._pace(people, change.rows)
        self._assess(change)
        self._look_back(days, near, whole, change)
        self._ask(messages, change)
        self._told = None
        rows, move = change.rows, change.move
        place = np.searchsorted(old, move.was(rows))
        is_new = move.was(rows) == NEW
        differs = is_new | _unlike(told, self._tell(rows), np.where(is_new, 0, place))
        return Rescored(len(rows), rows[differs], change.gone, move, replaced)

    def _changed(self, pairs: Pairs, near: Pairs, cells: Cells) -> Change:
        found = self._now.change(pairs, cells, near)
        rows = of.of_pairs(self._now.ties, *near)
        if found is None:
            fresh = of.of_pairs(self._now.ties, *pairs)
            return Change(Move(None), rows, fresh, Pairs(NOBODY, NOBODY))
        return replace(found, rows=rows)

    def _pace(self, people: Ints, rows: Ints) -> None:
        """Write the pace of some people; `rows` are all their ties."""
        ties = self._now.ties
        found = self._calendars.paces(people, ties.as_of_s)
        for side, end in enumerate((ties.a[rows], ties.b[rows])):
            one = np.isin(end, people)
            ties.pace[side, rows[one]] = found[np.searchsorted(people, end[one])]

    def _assess(self, change: Change) -> None:
        """Score the ties that a change touches."""
        some = assess(
            of.take(self._now.ties, change.rows),
            colleagues=NOBODY,
            weights=self.weights,
            curve=self.curve,
            around=self._now.around,
        )
        columns: dict[str, Column] = {}
        for name in SCORED:
            columns[name] = column = change.move.carry(getattr(self._scores, name))
            column[change.rows] = getattr(some, name)
        self._scores = Scores(
            ties=self._now.ties, colleagues=NOBODY, cuts=self.weights.cuts, **columns
        )

    def _look_back(self, days: Days, near: Pairs, cells: Cells, change: Change) -> None:
        """Write the points of earlier; of most changes the past knows nothing."""
        points = self._points = change.move.carry(self._points)
        if change.move.origin is not None:
            points[:, change.move.origin == NEW] = 0.0
        first, pairs = int(days.day.min(initial=NO_DAY)), Pairs(*days.pairs())
        for place, then in enumerate(self._past):
            if first * DAY_S > then.ties.as_of_s:
                continue  # nothing that old has changed
            if then.change(pairs, cells, near) is not None:
                points[place, change.rows] = 0.0
                rows = of.of_pairs(then.ties, *near)
                at = of.of_pairs(self._now.ties, then.ties.a[rows], then.ties.b[rows])
                points[place, at] = then.shown(rows)

    def _ask(self, messages: Threaded, change: Change) -> None:
        """Write how soon people of the pairs that changed answer."""
        self._reply_hours = change.move.carry(self._reply_hours)
        fresh = of.take(self._now.ties, change.fresh)
        self._reply_hours[:, change.fresh] = reply_hours(messages, fresh)

    def _tell(self, rows: Ints) -> Told:
        """All that is told of some rows; importance is kept from nobody, but told to none."""
        told = {name: getattr(self._scores, name)[rows] for name in SCORED if name != "importance"}
        told |= {name: getattr(self._now.ties, name)[..., rows] for name in COUNTED}
        told["points"], told["hours"] = self._points[:, rows], self._reply_hours[:, rows]
        return told


def _pairs(cells: Cells) -> set[tuple[int, int]]:
    starts = cells.pair_starts
    return set(zip(cells.a[starts].tolist(), cells.b[starts].tolist(), strict=True))


def _unlike(old: Told, new: Told, place: Ints) -> Flags:
    """Which rows say something else than those at some places of the old ones did."""
    found = np.zeros(len(place), dtype=np.bool_)
    for name, now in new.items():
        if old[name].size:
            was = old[name][..., place]
            unlike = (was != now) & ~((was != was) & (now != now))  # noqa: PLR0124 - nan is not itself
            found |= unlike if unlike.ndim == 1 else unlike.any(axis=0)
    return found
