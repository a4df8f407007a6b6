"""Day cells: what passed between two people on one day in one direction.

They are the smallest thing the model needs: strength follows from them alone, and an activity that
comes late, changes or goes only touches one of them.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from app.engine.interactions import Interactions, days
from app.engine.weights import Floats, Ints

WAYS: Final = ("from a", "from b", "not known")
FROM_A, FROM_B, NOT_KNOWN = range(len(WAYS))


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """The day cells of some interactions, sorted by (tie, way, day).

    Attributes:
        a: The lower person number of each tie, (n_ties,), ties sorted by (a, b).
        b: The higher person number of each tie, (n_ties,).
        tie: Each cell's tie, (n_cells,), as a row of `a` and `b`.
        way: Each cell's direction, (n_cells,), an index into `WAYS`.
        day: Each cell's day since 1970 (UTC), (n_cells,).
        volume: What the day's interactions weigh together, (n_cells,), above 0.
        row: Each interaction's tie, (n_interactions,).
        event_way: Each interaction's direction, (n_interactions,).
        cell: Each interaction's cell, (n_interactions,).
    """

    a: Ints
    b: Ints
    tie: Ints
    way: Ints
    day: Ints
    volume: Floats
    row: Ints
    event_way: Ints
    cell: Ints


def gather(interactions: Interactions, volume: Floats) -> Cells:
    """Sum up interactions by pair, direction and day.

    Args:
        interactions: Clean ones, in any order.
        volume: What each weighs, (n,).

    Returns:
        The same bytes for the same interactions in any order.
    """
    low = np.minimum(interactions.source, interactions.target)
    high = np.maximum(interactions.source, interactions.target)
    people, index = np.unique(np.concatenate([low, high]), return_inverse=True)
    pair = index[: len(low)] * len(people) + index[len(low) :]
    pairs, row = np.unique(pair, return_inverse=True)
    is_from_b = interactions.source > interactions.target
    way = np.where(interactions.is_directed, np.where(is_from_b, FROM_B, FROM_A), NOT_KNOWN)
    day = days(interactions.at_s)
    order = np.lexsort((volume, day, way, row))
    changes = np.zeros(len(order), dtype=np.bool_)
    changes[:1] = True
    for column in (row, way, day):
        changes[1:] |= column[order][1:] != column[order][:-1]
    starts = np.flatnonzero(changes)
    cell = np.empty(len(order), dtype=np.int64)
    cell[order] = np.cumsum(changes) - 1
    first = order[starts]
    summed = np.add.reduceat(volume[order], starts) if len(starts) else np.zeros(0)
    return Cells(
        a=people[pairs // max(len(people), 1)],
        b=people[pairs % max(len(people), 1)],
        tie=row[first],
        way=way[first],
        day=day[first],
        volume=summed,
        row=row,
        event_way=way,
        cell=cell,
    )
