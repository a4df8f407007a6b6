"""Recommendations: the rules are found, and each says what it should."""

import numpy as np
import pytest

from app.engine import DEFAULT, Company, Weights, score
from app.engine.recommendations import Advice, _candidates, names, rule
from tests.engine.histories import NOW, Event, columns, exchange

COLLEAGUES = np.array([1, 2], dtype=np.int64)


def reconnect(
    history: list[Event], *, seen_days_ago: float = 1, weights: Weights = DEFAULT
) -> list[Advice]:
    """Advise colleagues who were last in contact with somebody else so long ago."""
    elsewhere = [Event(colleague, 99, seen_days_ago) for colleague in (1, 2)]
    met = columns([*history, *elsewhere])
    scores = score(met, as_of_s=NOW, colleagues=COLLEAGUES, weights=weights)
    return list(rule("reconnect").apply(Company(scores)))


def weekly(a: int, b: int, silent_days: int) -> list[Event]:
    return exchange(a, b, [silent_days + 7 * week for week in range(12)])


def test_a_module_without_an_underscore_is_a_rule():
    assert "reconnect" in names()
    assert rule("reconnect").TITLE == "Reconnect"


@pytest.mark.parametrize("name", ["_rule", "nothing"])
def test_what_is_no_rule_is_not_loaded(name: str):
    with pytest.raises(KeyError):
        rule(name)


def test_a_strong_tie_that_fell_silent_is_advised_in_plain_words():
    (advice,) = reconnect(weekly(1, 9, 70))
    assert (advice.contact, advice.colleague) == (9, 1)
    assert advice.reason == (
        "Silent for 70 days where contact was usual every 7 days, after 24 contacts on 12 days."
    )


@pytest.mark.parametrize(("seen_days_ago", "expected"), [(29, 1), (31, 0)])
def test_a_colleague_who_has_perhaps_left_gets_no_advice(seen_days_ago: float, expected: int):
    assert len(reconnect(weekly(1, 9, 70), seen_days_ago=seen_days_ago)) == expected


def test_a_tie_within_its_rhythm_is_left_alone():
    assert reconnect(weekly(1, 9, 12)) == []


def test_a_tie_that_was_never_strong_is_left_alone():
    assert reconnect(exchange(1, 9, [70, 100, 130])) == []


@pytest.mark.parametrize(("strong", "expected"), [(60, 1), (65, 0)])
def test_strong_is_what_an_admin_says(strong: float, expected: int):
    once_of_63 = exchange(1, 9, [70 + 20 * n for n in range(6)])
    assert len(reconnect(once_of_63, weights=Weights(cuts=(2.0, 30.0, strong)))) == expected


def test_a_tie_of_four_days_is_left_alone():
    assert reconnect([Event(1, 9, d, "meeting", 1, 3600) for d in (70, 71, 72, 73)]) == []


def test_a_dormant_tie_is_left_to_its_own_list():
    assert reconnect(weekly(1, 9, 400)) == []


def test_the_colleague_who_knows_the_contact_best_is_advised():
    (advice,) = reconnect([*weekly(2, 9, 70), *weekly(1, 9, 60)])
    assert advice.colleague == 1


def test_colleagues_do_not_remind_each_other():
    assert reconnect(weekly(1, 2, 70)) == []


def test_the_greater_loss_comes_first_and_is_more_urgent():
    often = [*weekly(1, 9, 70), *weekly(1, 9, 71), *weekly(1, 9, 72)]
    first, second, third = reconnect([*weekly(1, 8, 70), *often, *weekly(2, 7, 70)])
    assert [(a.colleague, a.contact) for a in (first, second, third)] == [(1, 9), (1, 8), (2, 7)]
    assert 1 > first.priority > second.priority == third.priority > 0.6


def test_nobody_is_given_more_than_can_be_done(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(_candidates, "MOST_PER_COLLEAGUE", 2)
    history = [event for contact in range(10, 15) for event in weekly(1, contact, 70)]
    assert len(reconnect(history)) == 2


def test_a_reason_fits_a_text_field_of_a_crm():
    (advice,) = reconnect(weekly(1, 9, 364))
    assert len(advice.reason) <= 255
