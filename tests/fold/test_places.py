"""Whoever adds contact up, ties are those of the engine's own fold, to a relative 1e-9."""

import os
from dataclasses import fields, replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.engine import BANDWIDTH, DEFAULT, Interactions, Ties, Weights, assess, fold
from app.errors import NotReady
from app.fold import opened
from app.pipeline import STAGES, Memory
from app.pipeline.score import score
from app.store import tables
from tests.conftest import Run
from tests.engine.histories import DAY, NOBODY, NOW, Event, columns, events
from tests.fakes import NOW as TODAY
from tests.fakes import FakeConnector, colleague, contact, email

EXAMPLES = int(os.environ.get("TIELINE_STEPS", "5"))
DURATIONS_S = (0.0, -5.0, 30.0, 600.0, 5400.0, 1e6, np.nan, np.inf)


def drawn(seed: int, contacts: int = 3_000, people: int = 40) -> Interactions:
    """Contact of every kind, some of it odd, in the future or long ago."""
    draw = np.random.default_rng(seed)
    ages_s = draw.integers(-3 * DAY, 900 * DAY, contacts) + draw.choice([0, 60_000 * DAY], contacts)
    crowds = draw.choice([-1, 1, 2, 5, 30, 5_000, 2**31 - 1], contacts)
    return Interactions(
        source=draw.integers(0, people, contacts),
        target=draw.integers(0, people, contacts),
        at_s=NOW - ages_s,
        channel=draw.integers(-1, 9, contacts).astype(np.int8),
        recipients=crowds.astype(np.int32),
        duration_s=draw.choice(DURATIONS_S, contacts),
        is_directed=draw.random(contacts) < 0.6,
    )


def assert_alike(found: Ties, expected: Ties) -> None:
    for name in (one.name for one in fields(Ties)):
        got, wanted = np.asarray(getattr(found, name)), np.asarray(getattr(expected, name))
        assert (got.dtype, got.shape) == (wanted.dtype, wanted.shape), name
        if got.dtype != object:
            # The atol is what an engine may keep of 2^-40,000, and no more.
            np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-200, err_msg=name)
    assert found.ignored == expected.ignored


def shown(ties: Ties) -> list[tuple[float, int, int]]:
    """What people see: points, band and status."""
    scores = assess(ties, colleagues=NOBODY)
    seen = np.round(scores.shown), scores.band, scores.status
    return list(zip(*(column.tolist() for column in seen), strict=True))


@pytest.mark.parametrize("weights", [DEFAULT, BANDWIDTH], ids=["default", "bandwidth"])
def test_ties_are_those_of_the_engines_own_fold(engine_url: str, weights: Weights):
    met = drawn(seed=1)
    with opened(engine_url) as there:
        found = there(met, as_of_s=NOW, weights=weights)
    expected = fold(met, as_of_s=NOW, weights=weights)
    assert_alike(found, expected)
    assert shown(found) == shown(expected)


def test_nobody_met_nobody_is_no_ties(engine_url: str):
    met = columns([Event(1, 1), Event(1, 2, days_ago=-1)])
    with opened(engine_url) as there:
        found = there(met, as_of_s=NOW, weights=DEFAULT)
    assert len(found) == 0
    assert_alike(found, fold(met, as_of_s=NOW))


@settings(max_examples=EXAMPLES)
@given(st.lists(events(people=4), min_size=1, max_size=30))
def test_of_any_history_ties_are_those_of_the_engine(history: list[Event]):
    met = columns(history)
    with opened("duckdb") as there:
        assert_alike(there(met, as_of_s=NOW, weights=DEFAULT), fold(met, as_of_s=NOW))


def test_contact_before_1970_lies_on_the_day_it_was(engine_url: str):
    met = columns([Event(1, 2), Event(2, 1, days_ago=2)])
    met = replace(met, at_s=np.array([-1, -86_401]))
    with opened(engine_url) as there:
        found = there(met, as_of_s=0, weights=DEFAULT)
    assert found.active_days.tolist() == [2]
    assert_alike(found, fold(met, as_of_s=0))


def strengths(database: Engine) -> list[float]:
    with Session(database) as session:
        return list(session.exec(select(tables.Tie.strength)))


def test_the_store_is_scored_on_another_engine_as_here(run: Run, database: Engine):
    pairs = [("Ada", "Bo"), ("Bo", "Ada")] * 9
    mails = [email(n, *pair, days_ago=n * 11) for n, pair in enumerate(pairs)]
    run(FakeConnector([colleague("Ada"), contact("Bo"), *mails]), only=STAGES[:3])
    here = strengths(database)
    with opened("duckdb") as there:
        found = score(database, at=TODAY + timedelta(hours=1), memory=Memory(fold=there))
    assert found["ties"] == 1
    assert strengths(database) == pytest.approx(here, rel=1e-9)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("abacus://here", "abacus is no engine"),
        ("sqlite:///none.db", "there is no none.db"),
        ("postgresql://nobody@127.0.0.1:1/none", "postgresql cannot be reached"),
        ("spark://127.0.0.1:1", "spark cannot be reached"),
        ("duckdb://?memory_limit=much", "duckdb cannot be reached"),
    ],
)
def test_an_engine_that_cannot_be_opened_is_told(url: str, said: str):
    with pytest.raises(NotReady, match=said), opened(url):
        pass
