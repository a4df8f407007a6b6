"""Compressed rows: what a sort of all ends would give, without the sort."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.engine.compressed import both_ways, is_sorted, numbered

numbers = st.integers(0, 12) | st.sampled_from((-5, 10**15))
pairs = st.sets(st.tuples(numbers, numbers).filter(lambda pair: pair[0] < pair[1]))
nodes = st.integers(0, 12)
edges = st.sets(st.tuples(nodes, nodes).filter(lambda pair: pair[0] < pair[1]))


def columns(rows: set[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    a, b = np.array(sorted(rows), dtype=np.int64).reshape(-1, 2).T
    return a, b


@given(pairs)
def test_everybody_has_the_place_that_sorting_gives(rows: set[tuple[int, int]]):
    a, b = columns(rows)
    people, one, other = numbered(a, b)
    assert people.tolist() == sorted({end for pair in rows for end in pair})
    assert (people[one].tolist(), people[other].tolist()) == (a.tolist(), b.tolist())


@given(edges)
def test_every_pair_stands_in_the_rows_of_both_its_ends(rows: set[tuple[int, int]]):
    a, b = columns(rows)
    starts, neighbours, pair = both_ways(a, b, 13)
    ends, others = np.concatenate([a, b]), np.concatenate([b, a])
    order = np.lexsort((others, ends))
    assert neighbours.tolist() == others[order].tolist()
    assert pair.tolist() == np.tile(np.arange(len(a)), 2)[order].tolist()
    assert starts.tolist() == np.searchsorted(ends[order], np.arange(14)).tolist()


@given(st.lists(st.tuples(nodes, nodes), max_size=5))
def test_pairs_are_sorted_if_each_comes_once_in_order(rows: list[tuple[int, int]]):
    a, b = np.array(rows, dtype=np.int64).reshape(-1, 2).T
    in_order = rows == sorted(set(rows)) and all(one < other for one, other in rows)
    assert is_sorted(a, b) == in_order
