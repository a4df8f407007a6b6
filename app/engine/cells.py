"""Day cells: what passed between two people on one day, in one direction, over one channel.

They are the smallest thing the model needs: every score follows from them alone, and an activity
that comes late, changes or goes is a matter of the cells of one pair on one day. They do not depend
on when is scored, nor on what a channel weighs.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from app.engine.compressed import changes, numbered
from app.engine.interactions import Interactions, amounts, is_small, mended, spoken
from app.engine.weights import CHANNELS, DAY_S, DEFAULT, Flags, Floats, Ints, Weights

WAYS: Final = ("from a", "from b", "not known")
FROM_A, FROM_B, NOT_KNOWN = range(len(WAYS))

ROOM: Final = 2**62
"""Below it, a pair, a half of a day, a way and a channel are one number."""

Indexes = npt.NDArray[np.int8]
Column = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Day cells, sorted by (a, b, half, way, channel), each once; every array is (n,).

    Attributes:
        cut_s: The second of the day at which a day is cut in two, so that what had happened by that
            time of any day can be told from what had not.
        a: The lower person number.
        b: The higher one.
        half: Twice the day since 1970 (UTC), and one more for what is after the cut.
        way: An index into `WAYS`.
        channel: An index into `CHANNELS`.
        volume: What the contacts weigh together where a message or a minute weighs 1, above 0.
        small_volume: The same of those within the caps.
        contacts: How many there are; `small` those within the caps, `spoken` those of them that are
            two-way by themselves.
        first_s: The first contact, seconds since 1970 (UTC); `last_s` the last one.
        lengthless: Talks of a length that cannot be; `nameless` those of an unknown channel.
    """

    cut_s: int
    a: Ints
    b: Ints
    half: Ints
    way: Indexes
    channel: Indexes
    volume: Floats
    small_volume: Floats
    contacts: Ints
    small: Ints
    spoken: Ints
    first_s: Ints
    last_s: Ints
    lengthless: Ints
    nameless: Ints

    def __len__(self) -> int:
        return len(self.a)

    @property
    def day(self) -> Ints:
        """Days since 1970 (UTC), (n,)."""
        return self.half >> 1

    @property
    def pair_starts(self) -> Ints:
        """The first cell of each pair, (n_pairs,)."""
        return np.flatnonzero(changes(self.a, self.b))

    def where(self, mask: Flags | Ints | slice) -> "Cells":
        """Those for which the mask is true, or those at these places, which are in order."""
        return Cells(self.cut_s, **{name: getattr(self, name)[mask] for name in COLUMNS})

    def until(self, moment_s: int) -> "Cells":
        """What had happened by a moment, which is at the cut of some day."""
        there = self.half <= halves(moment_s)
        return self if there.all() else self.where(there)

    def without(self, people: Collection[int]) -> "Cells":
        """Those of nobody of these people."""
        left = np.fromiter(sorted(people), dtype=np.int64)
        return self.where(~(np.isin(self.a, left) | np.isin(self.b, left)))

    def put_in_order(self) -> "Cells":
        """The same, sorted."""
        return self.where(np.lexsort((self.channel, self.way, self.half, self.b, self.a)))


COLUMNS: Final = tuple(one.name for one in fields(Cells) if one.name != "cut_s")


def halves(moment_s: int) -> int:
    """The last half of a day that is over at a moment which is at the cut."""
    return 2 * (moment_s // DAY_S)


def joined(parts: Sequence[Cells]) -> Cells:
    """The cells of all, of which no two are of one place; there is one part at least."""
    columns = {name: np.concatenate([getattr(one, name) for one in parts]) for name in COLUMNS}
    return Cells(parts[0].cut_s, **columns).put_in_order()


def gather(interactions: Interactions, *, cut_s: int, weights: Weights = DEFAULT) -> Cells:
    """Sum up interactions by pair, day, direction and channel.

    Args:
        interactions: In any order, of nobody with themself; the same ones give the same bytes.
        cut_s: The second of the day at which it is cut in two.
        weights: The constants of the model; those of the channels do not matter.
    """
    met = mended(interactions)
    low, high = np.minimum(met.source, met.target), np.maximum(met.source, met.target)
    is_from_b = met.source > met.target
    way = np.where(met.is_directed, np.where(is_from_b, FROM_B, FROM_A), NOT_KNOWN)
    half: Ints = 2 * (met.at_s // DAY_S) + (met.at_s % DAY_S > cut_s)
    volume, small = amounts(met, weights), is_small(met, weights)
    kind = way.astype(np.int64) * len(CHANNELS) + met.channel
    code = _coded(low, high, half, kind)
    order = np.lexsort((volume, code))
    starts = np.flatnonzero(changes(code[order]))
    first = order[starts]

    def summed(column: Column) -> Column:
        kept: Column = np.add.reduceat(column[order], starts) if len(starts) else column[:0]
        return kept

    at_s = met.at_s[order]
    return Cells(
        cut_s=cut_s,
        a=low[first],
        b=high[first],
        half=half[first],
        way=way[first].astype(np.int8),
        channel=met.channel[first],
        volume=summed(volume),
        small_volume=summed(np.where(small, volume, 0.0)),
        contacts=np.diff(np.append(starts, len(order))),
        small=summed(small.astype(np.int64)),
        spoken=summed((small & spoken(met)).astype(np.int64)),
        first_s=np.minimum.reduceat(at_s, starts) if len(starts) else at_s,
        last_s=np.maximum.reduceat(at_s, starts) if len(starts) else at_s,
        lengthless=summed(interactions.is_lengthless.astype(np.int64)),
        nameless=summed(interactions.is_nameless.astype(np.int64)),
    )


def _coded(low: Ints, high: Ints, half: Ints, kind: Ints) -> Ints:
    """One number for each pair, half of a day and kind of contact, in their order, (n,)."""
    if not len(low):
        return low
    people, one, other = numbered(low, high)
    pair, pairs = one * len(people) + other, len(people) ** 2
    begin, kinds = int(half.min()), len(WAYS) * len(CHANNELS)
    span = int(half.max()) - begin + 1
    if pairs * span * kinds >= ROOM:
        pair = np.unique(pair, return_inverse=True)[1]
    found: Ints = (pair * span + (half - begin)) * kinds + kind
    return found
