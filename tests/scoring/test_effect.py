"""What a trial of weights says, beside what a scoring with these weights says."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.engine import BANDS, BANDWIDTH, DEFAULT, PRESETS, Weights
from app.errors import Unreadable
from app.scoring import Effect, effect, read
from app.store import overrides, tables, weights
from tests.api.conftest import fill, migrated
from tests.api.filled import Filled
from tests.fakes import NOW


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """A small company, scored; only to be read."""
    with migrated(f"sqlite:///{tmp_path_factory.mktemp('scoring')}/tieline.db") as database:
        yield fill(database)


@pytest.fixture
def own(database: Engine) -> Filled:
    """The same, for one test alone."""
    return fill(database)


def tried(filled: Filled, others: Weights = BANDWIDTH, present: Weights = DEFAULT) -> Effect:
    with Session(filled.database) as session:
        return effect(session, present, others, at=NOW)


def shown(filled: Filled) -> dict[tuple[int, int], tables.Tie]:
    """The ties that are shown of a colleague and somebody outside."""
    with Session(filled.database) as session:
        found = session.exec(select(tables.Tie).where(col(tables.Tie.is_outward))).all()
        return {(one.a, one.b): one for one in found}


def score_by(filled: Filled, chosen: Weights) -> None:
    """Put weights in force, and score with them."""
    with Session(filled.database) as session, session.begin():
        weights.choose(session, chosen, author="Ada", at=datetime.now(UTC))
    filled.run()


def test_a_trial_says_what_a_scoring_with_these_weights_shows(own: Filled):
    found, before = tried(own), shown(own)
    score_by(own, BANDWIDTH)
    after = shown(own)
    moved = {
        (min(m.colleague_id, m.contact_id), max(m.colleague_id, m.contact_id)): m
        for m in found.moved
    }
    differ = {pair for pair, tie in after.items() if tie.points != before[pair].points}
    assert moved.keys() == differ
    assert differ
    for pair, one in moved.items():
        assert (one.before, one.band_before) == (before[pair].points, before[pair].band)
        assert (one.after, one.band_after) == (after[pair].points, after[pair].band)


def test_bands_are_counted_as_a_scoring_has_them(own: Filled):
    found, before = tried(own), shown(own)
    score_by(own, BANDWIDTH)
    for place, ties in enumerate((before, shown(own))):
        bands = [tie.band for tie in ties.values()]
        assert [found.bands[name][place] for name in BANDS] == [bands.count(n) for n in BANDS]


def test_every_tie_is_in_a_bar_or_in_band_none(filled: Filled):
    found = tried(filled)
    assert sum(found.before) + found.bands["none"][0] == found.ties
    assert sum(found.after) + found.bands["none"][1] == found.ties


def test_the_same_weights_change_nothing(filled: Filled):
    found = tried(filled, DEFAULT)
    assert (found.changed, found.people_moved, found.moved) == (0, 0, [])


def test_a_channel_that_weighs_nothing_keeps_its_ties_with_no_points(filled: Filled):
    found = tried(filled, weights.of_numbers({"email": 0.0}))
    assert [one.after for one in found.moved] == [0] * len(found.moved)
    assert found.bands["none"][1] == found.ties


def test_people_are_counted_by_their_strongest_tie(filled: Filled):
    found = tried(filled, weights.of_numbers({"email": 0.0}))
    known = sum(sum(row.values()) for row in found.people.values())
    assert found.people_moved == known == sum(row["none"] for row in found.people.values())


def test_what_a_person_says_of_a_tie_stays(own: Filled):
    ben, cleo = sorted((own.id_of("Ben"), own.id_of("Cleo")))
    said = tables.Override(
        a=ben,
        b=cleo,
        points=7,
        author="Ada",
        reason="Met twice.",
        set_at=NOW,
        expires_at=datetime(2099, 1, 1, tzinfo=UTC),
    )
    with Session(own.database) as session, session.begin():
        overrides.put(session, said)
    found = tried(own)
    assert found.overridden == 1
    assert all({one.colleague_id, one.contact_id} != {ben, cleo} for one in found.moved)


def typed_of(chosen: Weights) -> dict[str, str]:
    return {name: str(one) for name, one in weights.numbers_of(chosen).items()}


def test_typed_weights_are_read_and_a_preset_is_known_by_its_numbers():
    typed = typed_of(BANDWIDTH)
    assert weights.preset_of(read(typed)) == "bandwidth"
    assert weights.preset_of(read(typed | {"email": "0,5"})) == "own"
    assert weights.preset_of(read(typed | {"strong": "61"})) == "own"
    assert list(PRESETS) == ["default", "bandwidth"]


@pytest.mark.parametrize("typed", ["", "much", "-1", "101", "nan", "inf"])
def test_what_is_no_weight_is_refused(typed: str):
    with pytest.raises(Unreadable, match="weight of call"):
        read(typed_of(DEFAULT) | {"call": typed})


@pytest.mark.parametrize(
    ("name", "typed", "told"),
    [
        ("half_life_1", "0", "Half-life 1 must be a number from 0.1 to 3650."),
        ("half_life_5", "4000", "Half-life 5 must be a number from 0.1 to 3650."),
        ("half_life_2", "24", "Each half-life must be longer than the one before."),
        ("silence_half_life", "", "The half-life of silence must be a number from 0.1 to 3650."),
        ("weak", "0", "Bands must begin at points above 0"),
        ("moderate", "2.5", "moderate at least 1 above weak"),
        ("strong", "30", "each above the one before"),
        ("strong", "100", "below 100"),
        ("strong", "much", "Bands must begin"),
    ],
)
def test_what_cannot_be_set_is_refused(name: str, typed: str, told: str):
    with pytest.raises(Unreadable, match=re.escape(told)):
        read(typed_of(DEFAULT) | {name: typed})


def test_what_is_kept_of_weights_gives_them_back():
    chosen = replace(
        BANDWIDTH,
        kernel=tuple((2 * days, weight) for days, weight in DEFAULT.kernel),
        liveness_half_life_days=40.0,
        cuts=(5.0, 25.0, 70.0),
    )
    assert weights.of_numbers(weights.numbers_of(chosen)) == chosen
    assert weights.of_numbers({}) == DEFAULT


def test_bands_that_begin_elsewhere_change_words_and_no_points(own: Filled):
    chosen, before = weights.of_numbers({"moderate": 95, "strong": 99}), shown(own)
    found = tried(own, chosen)
    score_by(own, chosen)
    after = shown(own)
    assert {pair: tie.points for pair, tie in after.items()} == {
        pair: tie.points for pair, tie in before.items()
    }
    named = Counter(tie.band for tie in after.values())
    assert {name: then for name, (_, then) in found.bands.items() if then} == dict(named)
    assert named["weak"] == sum(2 <= tie.points < 95 for tie in after.values()) > 0
    assert found.changed == 0 < found.people_moved


def test_what_is_drawn_is_what_has_a_band(filled: Filled):
    found = tried(filled, weights.of_numbers({"weak": 40, "moderate": 60, "strong": 70}))
    drawn = [found.ties - one for one in found.bands["none"]]
    assert [sum(found.before), sum(found.after)] == drawn
    assert drawn[0] > drawn[1] > 0
    assert found.cuts == (40, 60, 70)


def test_contact_that_fades_faster_is_worth_less(own: Filled):
    chosen = weights.of_numbers({"half_life_4": 30, "half_life_5": 60, "silence_half_life": 7})
    found, before = tried(own, chosen), shown(own)
    score_by(own, chosen)
    after = shown(own)
    assert found.changed > 0
    assert all(after[pair].strength < tie.strength for pair, tie in before.items())
