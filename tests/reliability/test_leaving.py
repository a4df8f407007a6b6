"""R14: deleted, brought back, merged, erased, purged; before, between and behind our pages."""

from collections.abc import Callable

import pytest

from tests.fakes import contact
from tests.reliability.following import Following, person

STAGES = ("pull", "resolve", "score")


def delete(following: Following) -> None:
    following.hands.delete(following.crm.sandbox, following.id_of("Bo1"))


def delete_and_undelete(following: Following) -> None:
    delete(following)
    following.pass_time(minutes=3)
    following.hands.undelete(following.crm.sandbox, following.id_of("Bo1"))


def merge(following: Following) -> None:
    bos = following.id_of("Bo1"), following.id_of("Bo2")
    following.hands.merge(following.crm.sandbox, *bos)


def merge_in_a_chain(following: Following) -> None:
    crm, merged = following.crm.sandbox, following.hands.merge
    second = merged(crm, following.id_of("Bo1"), following.id_of("Bo2"))
    following.pass_time(minutes=1)
    merged(crm, second, following.id_of("Bo3"))


def purge(following: Following) -> None:
    following.hands.purge(following.crm.sandbox, following.id_of("Bo1"))


HAPPENINGS = [delete, delete_and_undelete, merge, merge_in_a_chain, purge]


@pytest.mark.parametrize("happens", HAPPENINGS)
@pytest.mark.parametrize("pages", [0, 3, 99])
def test_r14_whoever_leaves_and_whenever_is_gone_in_the_end(
    following: Following, happens: Callable[[Following], None], pages: int
):
    if pages == 0:
        happens(following)
    left = [pages]

    def watch(_: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            happens(following)

    following.run(watch=watch)
    if left[0] > 0:
        happens(following)
    following.pass_time(days=8)
    following.check()


@pytest.mark.parametrize("happens", [merge, merge_in_a_chain])
def test_r14_what_was_written_to_the_merged_is_contact_with_who_lives_on(
    following: Following, happens: Callable[[Following], None]
):
    following.run(only=STAGES)
    ties = score(following)
    happens(following)
    following.pass_time(minutes=10)
    following.run(only=STAGES)
    assert score(following) == ties - (1 if happens is merge else 2)
    following.check()


def score(following: Following) -> int:
    """How many ties there are."""
    return [r for r in following.reports if r.stage == "score"][-1].counts["ties"]


@pytest.mark.parametrize("happens", [purge])
def test_r14_of_who_wants_to_be_forgotten_nothing_is_left(
    following_anywhere: Following, happens: Callable[[Following], None]
):
    following = following_anywhere
    following.run(only=STAGES)
    assert not following.erased("canary.bo1@", "canary bo1")
    happens(following)
    following.pass_time(days=8)
    following.run(only=STAGES)
    assert following.erased("canary.bo1@", "canary bo1")
    assert not following.erased("canary.bo2@", "canary bo2")
    following.check()


def test_r14_who_is_brought_back_is_whole_again(following: Following):
    following.put(person(contact, "Cy"))
    following.run(only=STAGES)
    delete(following)
    following.pass_time(days=8)
    following.run(only=STAGES)
    following.hands.undelete(following.crm.sandbox, following.id_of("Bo1"))
    following.run(only=STAGES)
    following.check()


def test_r14_who_is_brought_back_took_part_in_what_was_read_meanwhile(following: Following):
    following.run()
    following.write_to(following.id_of("Bo1"))
    _be_away(following)
    following.pass_time(days=8)
    following.check()


def test_r14_who_was_away_when_the_first_reading_was_took_part_too(following: Following):
    _be_away(following)
    following.check()


def test_r14_who_was_away_took_part_though_they_live_on_in_another(following: Following):
    _be_away(following)
    merge(following)
    following.check()


def _be_away(following: Following) -> None:
    """Have Bo1 be deleted for so long that nothing of it is read again by itself."""
    delete(following)
    for _ in range(3):
        following.run()
        following.pass_time(hours=5)
    following.hands.undelete(following.crm.sandbox, following.id_of("Bo1"))
    following.pass_time(minutes=1)
