"""How soon two people answer each other."""

from collections.abc import Sequence
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine import Threaded, fold, reply_hours
from tests.engine.histories import NOW, Event, columns

Message = tuple[int, int, int, float]
"""Thread, source, target, and how many hours ago."""


def hours(messages: Sequence[Message], pairs: Sequence[tuple[int, int]] = ((1, 2),)) -> np.ndarray:
    ties = fold(columns([Event(a, b) for a, b in pairs]), as_of_s=NOW)
    thread, source, target = (
        np.array([m[part] for m in messages], dtype=np.int64) for part in range(3)
    )
    at_s = np.array([NOW - round(m[3] * 3600) for m in messages], dtype=np.int64)
    return reply_hours(Threaded(thread, source, target, at_s), ties)


def test_the_median_of_each_direction_is_told():
    talk = [(7, 1, 2, 100), (7, 2, 1, 97), (7, 1, 2, 96), (8, 1, 2, 50), (8, 2, 1, 45)]
    assert hours(talk)[:, 0].tolist() == [1, 4]


def test_two_mails_in_a_row_are_answered_from_the_first_on():
    assert hours([(7, 1, 2, 100), (7, 1, 2, 90), (7, 2, 1, 80), (7, 2, 1, 70)])[1, 0] == 20


def test_a_mail_in_another_thread_is_no_reply():
    assert np.isnan(hours([(7, 1, 2, 100), (8, 2, 1, 99)])).all()


def test_a_third_persons_answer_is_not_the_pairs():
    talk = [(7, 1, 2, 100), (7, 1, 3, 100), (7, 3, 1, 98), (7, 3, 2, 98)]
    found = hours(talk, [(1, 2), (1, 3), (2, 3)])
    assert found[1].tolist() == pytest.approx([np.nan, 2, np.nan], nan_ok=True)
    assert np.isnan(found[0]).all()


def test_what_is_to_come_and_who_has_no_tie_are_passed_over():
    assert np.isnan(hours([(7, 1, 2, 5), (7, 2, 1, -5), (7, 1, 9, 4), (7, 9, 1, 3)])).all()
    assert hours([], []).shape == (2, 0)


messages = st.lists(
    st.tuples(
        st.integers(0, 2), st.sampled_from([1, 2]), st.just(0), st.integers(0, 40).map(float)
    ).map(lambda m: (m[0], m[1], 3 - m[1], m[3])),
    max_size=20,
)


@given(messages, st.randoms(use_true_random=False))
def test_the_order_of_messages_leaves_no_trace(talk: list[Message], random: Random):
    shuffled = random.sample(talk, len(talk))
    assert hours(talk).tobytes() == hours(shuffled).tobytes()
    assert not (hours(talk) < 0).any()
