"""SOQL's names for ranges of days: TODAY, LAST_N_DAYS:30, THIS_QUARTER.

Days are UTC's, weeks begin on Sunday, and the fiscal year is the calendar's.
"""

import re
from datetime import date, timedelta

_SIMPLE = {
    "YESTERDAY": ("DAY", -1, 1),
    "TODAY": ("DAY", 0, 1),
    "TOMORROW": ("DAY", 1, 1),
    "LAST_90_DAYS": ("DAY", -90, 91),
    "NEXT_90_DAYS": ("DAY", 1, 90),
}
_UNIT = r"(WEEK|MONTH|FISCAL_QUARTER|QUARTER|FISCAL_YEAR|YEAR)"
_NEAR = re.compile(rf"(LAST|THIS|NEXT)_{_UNIT}")
_COUNTED = re.compile(rf"(LAST|NEXT)_N_(DAY|{_UNIT[1:]}S")
_AGO = re.compile(rf"N_(DAY|{_UNIT[1:]}S_AGO")
_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}
_FIRST, _LAST = date(1700, 1, 1), date(4000, 1, 1)


def is_period(name: str) -> bool:
    """Tell whether a name is one of a range of days."""
    return name in _SIMPLE or bool(_NEAR.fullmatch(name)) or is_counted(name)


def is_counted(name: str) -> bool:
    """Tell whether a range's name is followed by a colon and a number."""
    return bool(_COUNTED.fullmatch(name) or _AGO.fullmatch(name))


def days(name: str, number: int, today: date) -> tuple[date, date]:
    """Give the first day of a range, and the first day behind it.

    Args:
        name: In upper case; `is_period`.
        number: What follows the colon; else anything.
        today: The day to count from.
    """
    unit, first, count = _range(name, number)
    return _start(unit, first, today), _start(unit, first + count, today)


def _range(name: str, number: int) -> tuple[str, int, int]:
    """Give the unit, how many units from the present one it begins, and how many it lasts."""
    if name in _SIMPLE:
        return _SIMPLE[name]
    if near := _NEAR.fullmatch(name):
        return near[2].removeprefix("FISCAL_"), {"LAST": -1, "THIS": 0, "NEXT": 1}[near[1]], 1
    if ago := _AGO.fullmatch(name):
        return ago[1].removeprefix("FISCAL_"), -number, 1
    counted = _COUNTED.fullmatch(name)
    if counted is None:
        raise ValueError(name)
    unit = counted[2].removeprefix("FISCAL_")
    if counted[1] == "NEXT":
        return unit, 1, number
    return unit, -number, number + (unit == "DAY")


def _start(unit: str, steps: int, today: date) -> date:
    try:
        if unit == "DAY":
            return today + timedelta(days=steps)
        if unit == "WEEK":
            return today - timedelta(days=today.isoweekday() % 7) + timedelta(weeks=steps)
        size = _MONTHS[unit]
        month = (today.year * 12 + today.month - 1) // size * size + steps * size
        return date(month // 12, month % 12 + 1, 1)
    except (ValueError, OverflowError):
        return _FIRST if steps < 0 else _LAST
