"""Quiet hours, by the clock on the wall: over midnight, and where the clock is changed."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Unreadable
from app.quiet import DAYS, kept_hours, quiet_hours

BERLIN = ZoneInfo("Europe/Berlin")
WORK = quiet_hours(range(5), "08:00", "18:00", "Europe/Berlin")
NIGHT = quiet_hours(range(7), "22:00", "06:00", "Europe/Berlin")
HALF_PAST_TWO = quiet_hours(range(7), "02:30", "08:00", "Europe/Berlin")
FRIDAY_NIGHT = quiet_hours([4], "22:00", "06:00", "Europe/Berlin")
WEEKEND = quiet_hours([5, 6], "00:00", "00:00", "Europe/Berlin")
HOURS = ("00:00", "00:30", "01:59", "02:00", "02:30", "03:00", "08:00", "23:30", "23:59", "00:00")
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def at(text: str) -> datetime:
    """A moment, as the clock in Berlin shows it."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("moment", "is_quiet"),
    [
        ("2026-11-20 07:59", False),
        ("2026-11-20 08:00", True),
        ("2026-11-20 17:59", True),
        ("2026-11-20 18:00", False),
        ("2026-11-21 12:00", False),
    ],
)
def test_working_hours_are_quiet_on_working_days(moment: str, *, is_quiet: bool) -> None:
    assert WORK.holds(at(moment)) is is_quiet


def test_the_hours_are_those_of_their_zone_and_not_of_the_machine() -> None:
    assert WORK.holds(datetime(2026, 11, 20, 7, 0, tzinfo=UTC))
    assert not WORK.holds(datetime(2026, 7, 17, 16, 0, tzinfo=UTC))


def test_a_window_over_midnight_belongs_to_the_day_it_begins_on() -> None:
    assert FRIDAY_NIGHT.holds(at("2026-11-21 05:59"))
    assert not FRIDAY_NIGHT.holds(at("2026-11-20 05:59"))
    assert FRIDAY_NIGHT.over(at("2026-11-20 23:00")) == at("2026-11-21 06:00")


def test_days_without_a_pause_between_them_are_one() -> None:
    assert WEEKEND.over(at("2026-11-21 00:00")) == at("2026-11-23 00:00")


def test_what_is_not_quiet_waits_for_nothing() -> None:
    assert WORK.over(at("2026-11-20 18:00")) == at("2026-11-20 18:00")
    assert not WORK.puts_off(at("2026-11-20 18:01"))
    assert WORK.puts_off(at("2026-11-20 18:00"))


def test_a_night_in_which_the_clock_is_put_forward_is_an_hour_shorter() -> None:
    begun = at("2026-03-28 22:00")
    assert NIGHT.over(begun) - begun.astimezone(UTC) == timedelta(hours=7)


def test_a_night_in_which_the_clock_is_put_back_is_an_hour_longer() -> None:
    begun = at("2026-10-24 22:00")
    assert NIGHT.over(begun) - begun.astimezone(UTC) == timedelta(hours=9)


def test_hours_that_begin_at_a_time_that_does_not_exist_have_begun_behind_it() -> None:
    assert HALF_PAST_TWO.holds(at("2026-03-29 03:00"))
    assert HALF_PAST_TWO.over(at("2026-03-29 03:00")) == at("2026-03-29 08:00")
    assert not HALF_PAST_TWO.holds(at("2026-03-29 01:00"))


def test_hours_that_end_at_a_time_that_does_not_exist_end_behind_it() -> None:
    to = quiet_hours(range(7), "22:00", "02:30", "Europe/Berlin")
    assert to.over(at("2026-03-29 01:59")) == at("2026-03-29 03:30")


def test_hours_that_begin_or_end_at_a_time_that_comes_twice_have_both_of_it() -> None:
    to = quiet_hours(range(7), "22:00", "02:30", "Europe/Berlin")
    second = at("2026-10-25 02:30").replace(fold=1).astimezone(UTC)
    assert to.over(at("2026-10-25 02:00")) == second
    assert HALF_PAST_TWO.holds(at("2026-10-25 02:15").replace(fold=1))


@given(
    days=st.sets(st.integers(0, 6), min_size=1),
    hours=st.sampled_from([*pairwise(HOURS), *pairwise(reversed(HOURS))]),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns"]),
    moment=st.integers(0, 2 * 366 * 24 * 60).map(lambda n: NEW_YEAR + timedelta(minutes=n)),
)
def test_they_are_over_in_the_end_and_never_before(
    days: set[int], hours: tuple[str, str], zone: str, moment: datetime
) -> None:
    quiet = quiet_hours(days, *hours, zone)
    over = quiet.over(moment)
    assert not quiet.holds(over)
    assert moment <= over <= moment + timedelta(days=8)
    assert over == moment or quiet.puts_off(over)


def test_they_are_kept_as_they_were_said() -> None:
    assert kept_hours(NIGHT.kept()) == NIGHT
    assert kept_hours({}) is None


def test_people_are_told_them_in_words() -> None:
    assert WORK.told() == "Monday to Friday, 08:00 to 18:00 (Europe/Berlin)"
    assert FRIDAY_NIGHT.told() == "Friday, 22:00 to 06:00 of the day after (Europe/Berlin)"
    assert NIGHT.told().startswith("every day,")


@pytest.mark.parametrize(
    ("days", "begins", "ends", "zone", "told"),
    [
        ([], "08:00", "18:00", "UTC", "Choose the days"),
        ([7], "08:00", "18:00", "UTC", "Choose the days"),
        ([0], "8 o'clock", "18:00", "UTC", "is no time"),
        ([0], "08:00", "24:00", "UTC", "is no time"),
        ([0], "08:00", "18:00", "Berlin", "There is no time zone 'Berlin'"),
        (range(len(DAYS)), "08:00", "08:00", "UTC", "no run would ever begin"),
    ],
)
def test_what_cannot_be_is_told(
    days: Collection[int], begins: str, ends: str, zone: str, told: str
) -> None:
    with pytest.raises(Unreadable, match=told):
        quiet_hours(days, begins, ends, zone)
