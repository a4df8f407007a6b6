"""Signs of a useful contact: five signs, and calibre by title."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.asking import Ask, carries, most
from app.engine.calibre import ASSISTS, DECIDES, DOES, HEADS, LEADS, calibre
from app.engine.signs import LEAST, MOST, Contact, signs

BEST = Contact(days_a_year=30, balance=0.9, overlap=0.25)


@pytest.mark.parametrize(
    ("title", "value"),
    [
        ("Chief Financial Officer", DECIDES),
        ("CTO", DECIDES),
        ("Geschäftsführerin", DECIDES),
        ("Vice President, Sales", HEADS),
        ("Head of Purchasing", HEADS),
        ("Managing Director", DECIDES),
        ("Senior Buyer", LEADS),
        ("Product Manager", LEADS),
        ("Product Owner", DOES),
        ("Software Engineer", DOES),
        ("Assistant to the CEO", ASSISTS),
        ("Assistant Director", HEADS),
        ("Wizard of Light Bulb Moments", None),
        ("", None),
        (None, None),
    ],
)
def test_a_title_tells_how_far_somebody_decides(title: str | None, value: float | None):
    assert calibre(title) == value


def test_a_word_within_a_word_tells_nothing():
    assert calibre("Overheader") is None


def test_what_no_record_tells_is_said_and_adds_nothing():
    found = signs(has_title=True, has_account=True, contact=BEST)
    assert (found.total, found.appreciated, found.friend) == (6, None, None)
    assert "friend not on record" in found.in_words


@pytest.mark.parametrize(
    ("overlap", "points"), [(0.0, 0), (0.2, 2), (0.3, 2), (0.5, 0), (0.51, -1), (0.81, -2)]
)
def test_a_circle_in_common_is_good_up_to_a_point(overlap: float, points: int):
    assert signs(has_title=False, has_account=False, contact=_of(overlap=overlap)).shared == points


@pytest.mark.parametrize(
    ("days_a_year", "balance", "points"), [(30, 0.9, 2), (1, 0.9, 0), (30, 0.1, -2), (30, None, 2)]
)
def test_regular_contact_counts_if_both_take_part(
    days_a_year: float, balance: float | None, points: int
):
    told = Contact(days_a_year, balance, 0.0)
    assert signs(has_title=False, has_account=False, contact=told).regular == points


@given(st.floats(0, 366), st.none() | st.floats(0, 1), st.floats(0, 1))
def test_five_signs_keep_their_range_and_fit_a_field(
    days_a_year: float, balance: float | None, overlap: float
):
    found = signs(has_title=True, has_account=False, contact=Contact(days_a_year, balance, overlap))
    assert LEAST <= found.total <= MOST
    assert len(found.in_words) <= 255


def test_the_more_is_asked_the_more_alive_a_tie_must_be():
    assert [most(alive) for alive in (0.1, 0.2, 0.4, 0.6, 0.8)] == [None, *Ask]
    assert carries(0.5, Ask.INTRODUCTION)


def _of(*, overlap: float) -> Contact:
    return Contact(days_a_year=0, balance=None, overlap=overlap)
