"""What would change a score: scored once more, and told in one line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine import Outlook, explain, in_words, outlook, score
from tests.engine.histories import DAY, NOBODY, NOW, Event, columns, events, exchange


def coming(history: list[Event], a: int = 1, b: int = 2) -> tuple[Outlook, float]:
    """What would become of a tie, and what it is."""
    interactions = columns(history)
    scores = score(interactions, as_of_s=NOW, colleagues=NOBODY)
    found, tie = outlook(interactions, scores, (a, b)), scores.between(a, b)
    assert found is not None
    assert tie is not None
    return found, tie.points


def points(history: list[Event], *, as_of_s: int = NOW) -> float:
    tie = score(columns(history), as_of_s=as_of_s, colleagues=NOBODY).between(1, 2)
    assert tie is not None
    return tie.points


HISTORY = [*exchange(1, 2, [3, 9, 40]), Event(1, 2, 1), *exchange(1, 3, [2]), *exchange(2, 3, [5])]
SECOND = 1 / DAY


def test_one_more_meeting_is_what_it_gives_once_it_is_held():
    found, now = coming(HISTORY)
    assert found.meeting == pytest.approx(points([*HISTORY, Event(1, 2, SECOND, "meeting")]))
    assert found.meeting > now


def test_a_reply_comes_from_who_wrote_less_and_is_what_it_gives_once_it_is_there():
    found, now = coming(HISTORY)
    assert found.reply_from == 2
    assert found.reply == pytest.approx(points([*HISTORY, Event(2, 1, SECOND)]))
    assert now < found.reply < found.meeting


def test_a_month_of_silence_is_what_it_gives_though_both_go_on_with_others():
    found, now = coming(HISTORY)
    later = [Event(1, 3, 2 - 30), Event(2, 3, 5 - 30)]
    assert found.silence == pytest.approx(points([*HISTORY, *later], as_of_s=NOW + 30 * DAY))
    assert found.silence < now


def test_two_who_know_nobody_else_are_silent_altogether():
    history = exchange(1, 2, [3, 9, 40])
    found, _ = coming(history)
    assert found.silence == pytest.approx(points(history, as_of_s=NOW + 30 * DAY))


def test_the_first_answer_lifts_a_tie_above_weak():
    found, now = coming([Event(1, 2, day) for day in range(1, 60)])
    assert now <= 29 < found.reply
    assert found.reply_from == 2


@settings(max_examples=60)
@given(st.lists(events(people=3), min_size=1, max_size=25))
def test_contact_never_lowers_and_silence_never_raises_a_score(history: list[Event]):
    interactions = columns(history)
    scores = score(interactions, as_of_s=NOW, colleagues=NOBODY)
    for a, b in zip(scores.ties.a.tolist(), scores.ties.b.tolist(), strict=True):
        found, now = coming(history, b, a)
        assert found.silence <= now + 1e-9
        assert min(found.meeting, found.reply) >= now - 1e-9


def told(history: list[Event]) -> str:
    interactions = columns(history)
    scores = score(interactions, as_of_s=NOW, colleagues=NOBODY)
    tie, parts = scores.between(1, 2), explain(interactions, scores, (1, 2))
    assert tie is not None
    assert parts is not None
    return in_words(tie, parts, coming(history)[0])


def test_all_of_it_is_told_in_one_line():
    assert told([*exchange(1, 2, [4, 11]), Event(1, 2, 2, "meeting", duration_s=1800)]) == (
        "Strong, 75 of 100: 5 contacts on 3 days, 2 out and 2 in; last 2 days ago, 84 % of it by "
        "meeting. One meeting makes it 89, one reply 79, 30 days of silence 27."
    )


def test_a_line_says_what_holds_a_one_sided_tie_down():
    assert "Never both ways, so weak at most." in told([Event(1, 2, 5)])


def test_a_line_fits_a_text_field_of_a_crm():
    long = [Event(1, 2, n / 9 + 1) for n in range(5000)]
    assert len(told([*long, Event(2, 1, 700)])) <= 255
    assert told(long).endswith(".")


def test_two_who_never_met_have_no_outlook():
    interactions = columns([Event(1, 2)])
    scores = score(interactions, as_of_s=NOW, colleagues=NOBODY)
    assert outlook(interactions, scores, (1, 3)) is None
