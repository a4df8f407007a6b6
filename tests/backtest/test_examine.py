"""A back-test of histories whose truth is known."""

import dataclasses

import numpy as np
import pytest

from app.backtest import Findings, Proposed, examine, in_short, to_html, to_json
from app.backtest.measures import Estimate
from app.backtest.walk import cut_offs, past, strength_at, strength_without
from app.engine import BANDWIDTH, CHANNELS, DEFAULT, Interactions, came_alive, fold
from tests.engine.histories import DAY, NOW, Event, columns, exchange
from tests.engine.planted import AS_OF_S, Planted, planted_company

EMAIL, MEETING = CHANNELS.index("email"), CHANNELS.index("meeting")


@pytest.fixture(scope="module")
def company() -> Planted:
    return planted_company(200, 1)


@pytest.fixture(scope="module")
def found(company: Planted) -> Findings:
    return examine(company.interactions, as_of_s=AS_OF_S, proposed=Proposed("bandwidth", BANDWIDTH))


def shuffled(interactions: Interactions) -> Interactions:
    order = np.random.default_rng(3).permutation(len(interactions))
    return Interactions(
        **{f.name: getattr(interactions, f.name)[order] for f in dataclasses.fields(Interactions)}
    )


def test_the_planted_company_is_foretold_better_than_by_counting_or_recency(found: Findings):
    assert found.is_enough
    assert [one.days for one in found.horizons] == [30, 60, 90, 180]
    quarter = found.horizon(90)
    assert quarter
    assert quarter.areas["tieline"].low > 0.85
    assert quarter.gains["count"].is_above_0
    assert quarter.gains["recency"].is_above_0


def test_every_channel_is_left_out_once(company: Planted, found: Findings):
    counts = np.bincount(company.interactions.channel).tolist()
    used = {CHANNELS[channel]: count for channel, count in enumerate(counts) if count}
    assert {one.channel: one.contacts for one in found.channels} == used
    gains = {one.channel: one.gain for one in found.channels}
    assert gains["email"].is_above_0


def test_who_is_ranked_first_is_in_touch_far_more_often(found: Findings):
    times = {one.by: one.times for one in found.top}
    assert times["tieline"] > 5
    assert times["tieline"] > max(times["count"], times["recency"])


def test_chances_are_laid_beside_the_base_rate(found: Findings):
    used = [one for one in found.reliability if one.by == "tieline" and one.is_used]
    assert len(used) == 1
    assert used[0].brier < used[0].base_brier
    assert sum(one.pairs for one in used[0].bins) == used[0].pairs


def test_the_history_says_how_many_cut_offs_it_allows(found: Findings):
    assert found.history.days == 1038
    assert found.history.cut_offs_allowed == (1038 - 90) // 90
    assert found.history.cut_offs == len(found.cut_offs) == 8


def test_other_weights_are_laid_beside_the_present_ones(found: Findings):
    proposal = found.proposal
    assert proposal
    assert ("channels: meeting", "3.0", "1.0") in map(dataclasses.astuple, proposal.changes)
    present, then = (sum(side) for side in zip(*proposal.bands.values(), strict=True))
    assert present == then > 0
    assert proposal.moved > 0


def test_the_same_weights_change_nothing(company: Planted):
    same = examine(company.interactions, as_of_s=AS_OF_S, proposed=Proposed("same", DEFAULT))
    assert same.proposal
    assert (same.proposal.changes, same.proposal.moved) == ((), 0)
    assert same.proposal.gain
    assert (same.proposal.gain.low, same.proposal.gain.high) == (0, 0)
    assert in_short(same)[-1].startswith("This history cannot tell the proposed weights")


def test_the_same_history_gives_the_same_bytes_in_any_order(company: Planted, found: Findings):
    other = examine(
        shuffled(company.interactions), as_of_s=AS_OF_S, proposed=Proposed("bandwidth", BANDWIDTH)
    )
    for written in (to_json, to_html):
        assert written(found, in_short(found)) == written(other, in_short(other))


def test_what_comes_after_the_end_changes_nothing_but_its_count(company: Planted, found: Findings):
    end = AS_OF_S - 200 * DAY
    known = company.interactions.where(company.interactions.at_s <= end)
    all_of_it = examine(company.interactions, as_of_s=end)
    alone = examine(known, as_of_s=end)
    assert all_of_it.history.later == len(company.interactions) - len(known)
    assert dataclasses.replace(all_of_it, history=alone.history) == alone
    assert all_of_it.horizons != found.horizons


def test_a_cut_off_knows_nothing_of_what_comes(company: Planted):
    cut = cut_offs(company.interactions, AS_OF_S)[3]
    then = past(company.interactions, cut, until_s=AS_OF_S, weights=DEFAULT)
    alone = company.interactions.where(company.interactions.at_s <= cut)
    blind = past(alone, cut, until_s=AS_OF_S, weights=DEFAULT)
    assert strength_at(then, DEFAULT).tolist() == strength_at(blind, DEFAULT).tolist()
    assert not blind.came[90].any()
    assert then.came[90].any()


def test_a_horizon_that_has_not_passed_is_not_asked_about():
    history = columns(exchange(1, 2, range(0, 300, 7)))
    last = past(history, NOW - 90 * DAY, until_s=NOW, weights=DEFAULT)
    assert sorted(last.came) == [30, 60, 90]


@pytest.mark.parametrize(("horizon_days", "is_alive"), [(30, False), (60, True), (90, True)])
def test_who_comes_alive_depends_on_how_far_one_looks(horizon_days: int, *, is_alive: bool):
    history = columns([*exchange(1, 2, [100]), *exchange(1, 2, [45])])
    then = fold(history, as_of_s=NOW - 90 * DAY)
    assert came_alive(history, then, horizon_days=horizon_days).tolist() == [is_alive]


def test_without_a_channel_pairs_known_by_it_alone_have_nothing():
    history = columns([*exchange(1, 2, [100]), Event(3, 4, 100, "meeting"), Event(1, 4, 99)])
    then = past(history, NOW - 90 * DAY, until_s=NOW, weights=DEFAULT)
    assert [(a, b) for a, b in zip(then.ties.a, then.ties.b, strict=True)] == [
        (1, 2),
        (1, 4),
        (3, 4),
    ]
    without = strength_without(then, MEETING, DEFAULT)
    assert without[2] == 0 < without[0]
    assert strength_without(then, EMAIL, DEFAULT)[:2].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("history", "told"),
    [
        ([], "there is no contact in it."),
        ([Event(1, 1, 400)], "there is no contact in it."),
        (exchange(1, 2, [100, 5]), "it is 100 days long, and 180 are needed"),
        (
            exchange(1, 2, range(1, 400, 9)),
            "asked about at 3 cut-offs, 3 were in touch within 90 days and 0 were not",
        ),
    ],
)
def test_too_little_history_is_told_in_both_formats(history: list[Event], told: str):
    found = examine(columns(history), as_of_s=NOW)
    short = in_short(found)
    assert not found.is_enough
    assert short[0].startswith("There is too little history to judge by: ")
    assert not any("come true" in sentence or "taken at" in sentence for sentence in short)
    assert told in short[0]
    assert told in to_html(found, short)
    assert told in to_json(found, short)


def test_a_moment_outside_the_calendar_is_no_obstacle():
    found = examine(columns([Event(1, 2, 1e9), Event(2, 1, 3)]), as_of_s=NOW)
    assert found.history.first == "0001-01-01T12:00:00+00:00"
    assert found.history.cut_offs == 8


def test_how_far_it_is_is_told(company: Planted):
    steps: list[tuple[int, int]] = []
    examine(
        company.interactions,
        as_of_s=AS_OF_S,
        tell=lambda done, of: steps.append((done, of)),
    )
    assert steps == [(n, 9) for n in range(10)]


def test_where_counting_is_better_the_report_says_so(found: Findings):
    quarter = found.horizon(90)
    assert quarter
    gain = quarter.gains["count"]
    lost = Estimate(-gain.value, -gain.high, -gain.low)
    worse = dataclasses.replace(quarter, gains={**quarter.gains, "count": lost})
    short = in_short(dataclasses.replace(found, horizons=(worse,)))
    assert "Tieline is worse here; find out why before you rely on its scores." in short[1]
