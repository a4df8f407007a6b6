"""What a trial of weights says, beside what a scoring with these weights says."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.engine import BANDS, BANDWIDTH, CHANNELS, DEFAULT, PRESETS, Weights
from app.errors import Unreadable
from app.scoring import Effect, effect, preset_of, read
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
    channels = dict(zip(CHANNELS, chosen.channels, strict=True))
    with Session(filled.database) as session, session.begin():
        weights.choose(session, "own", channels, author="Ada", at=datetime.now(UTC))
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
    found = tried(filled, weights.of_channels({"email": 0.0}))
    assert [one.after for one in found.moved] == [0] * len(found.moved)
    assert found.bands["none"][1] == found.ties


def test_people_are_counted_by_their_strongest_tie(filled: Filled):
    found = tried(filled, weights.of_channels({"email": 0.0}))
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


def test_typed_weights_are_read_and_a_preset_is_known_by_its_numbers():
    typed = {name: str(one) for name, one in zip(CHANNELS, BANDWIDTH.channels, strict=True)}
    assert preset_of(read(typed)) == "bandwidth"
    assert preset_of(read(typed | {"email": "0,5"})) == "own"
    assert list(PRESETS) == ["default", "bandwidth"]


@pytest.mark.parametrize("typed", ["", "much", "-1", "101", "nan", "inf"])
def test_what_is_no_weight_is_refused(typed: str):
    usual = dict.fromkeys(CHANNELS, "1")
    with pytest.raises(Unreadable, match="weight of call"):
        read(usual | {"call": typed})


def test_weights_that_are_all_0_are_refused():
    with pytest.raises(Unreadable, match="At least one"):
        read(dict.fromkeys(CHANNELS, "0"))
