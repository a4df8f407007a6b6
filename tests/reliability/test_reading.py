"""R1-R4, R16: what moves, comes late, is the same, or is told by another clock."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes import contact
from tests.hands import PAGES
from tests.reliability.following import Following, person

SAME = 12
"""Times as many records of one moment as a page has rows."""


def test_r1_rows_that_change_behind_us_lose_no_other(following: Following):
    bos = [following.id_of(f"Bo{n}") for n in range(5)]
    following.put(*(person(contact, f"Cy{n}") for n in range(10)))
    following.crash(pages=3)
    for number, bo in enumerate(bos):
        following.hands.rename(following.crm.sandbox, bo, f"Canary Again{number}")
    assert following.run().status == "ok"
    following.check(settled_in=1)


def test_r1_rows_that_change_while_changes_are_read_lose_no_other(following: Following):
    following.run()
    cys = following.put(*(person(contact, f"Cy{n}") for n in range(20)))
    following.crash(pages=len(following.bookmarks()) + 1)
    for number, cy in enumerate(cys[:5]):
        following.hands.rename(following.crm.sandbox, cy, f"Canary Again{number}")
    following.check(settled_in=1)


def test_r2_however_many_rows_of_one_moment_are_read_to_their_end(following: Following):
    rows = SAME * int(getattr(*PAGES[following.crm.name]))
    following.run()
    before = len(following.crm.sandbox.calls)
    following.put(*(person(contact, f"Cy{n}") for n in range(rows)))
    assert following.run().counts["changed"] == rows
    assert len(following.crm.sandbox.calls) - before <= SAME + 2 + 10
    following.check(settled_in=1)


LATEST = {"salesforce": timedelta(minutes=8), "hubspot": timedelta(minutes=40)}
"""How much later than it was made a record may be shown, for us to find it by ourselves."""


def test_r3_what_is_shown_late_is_found_and_counted(following: Following):
    following.run()
    following.pass_time(hours=1)
    following.run()
    at = following.crm.sandbox.clock.now() - LATEST[following.crm.name]
    following.pass_time(minutes=2)
    following.crm.put([replace(person(contact, "Late"), modified_at=at)])
    late = []
    for _ in range(13):
        late.append(following.run().counts["late"])
        following.pass_time(minutes=10)
    assert sum(late) == 1
    following.check(settled_in=0)


def test_r4_reading_the_same_again_changes_and_writes_nothing(following: Following):
    stages = ("pull", "resolve", "score", "write back")
    following.run(only=stages)
    following.pass_time(minutes=10)
    following.run(only=stages)
    before = len(following.reports)
    for _ in range(3):
        following.pass_time(minutes=10)
        following.run(only=stages)
    again = [r for r in following.reports[before:] if r.stage == "write back"]
    assert [r.counts["written"] for r in again] == [0, 0, 0]
    following.check()


@pytest.mark.parametrize("minutes", [-15, 15, 60])
def test_r16_our_own_clock_decides_nothing(following: Following, minutes: int):
    following.skew = timedelta(minutes=minutes)
    following.run()
    bo = following.id_of("Bo1")
    for number in range(4):
        following.hands.rename(following.crm.sandbox, bo, f"Canary Again{number}")
        following.write_to(bo)
        following.skew = -following.skew
        assert following.run().counts["changed"] == 2
    following.check()
