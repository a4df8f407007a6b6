"""The atlas: one chart per snapshot, made once."""

import asyncio

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from app.atlas import Atlas, Chart
from app.errors import NotReady
from app.store import scores
from tests.api.filled import Filled
from tests.fakes import email


def chart(atlas: Atlas, filled: Filled) -> Chart:
    with Session(filled.database) as session:
        return asyncio.run(atlas.chart(session))


def test_a_chart_is_made_once_per_snapshot(own: Filled):
    atlas = Atlas(own.database)
    first = chart(atlas, own)
    own.run()
    assert chart(atlas, own) is first


def test_a_chart_is_made_anew_for_another_snapshot(own: Filled):
    atlas = Atlas(own.database)
    first = chart(atlas, own)
    own.fake.records.append(email(9000, "Ada", "Eve", days_ago=0.5))
    own.run()
    assert len(chart(atlas, own).scores) == len(first.scores) + 1


def test_a_chart_holds_the_strengths_of_the_store(filled: Filled):
    found = chart(Atlas(filled.database), filled).scores
    with Session(filled.database) as session:
        kept = {(t.a, t.b): t.strength for t in scores.strongest(session, limit=100)}
    assert kept
    assert {pair: found.strength[found.ties.find(*pair)] for pair in kept} == kept


def test_without_a_snapshot_there_is_no_chart(empty: Engine):
    with pytest.raises(NotReady):
        Atlas(empty).refresh()


def test_the_last_chart_is_at_hand_while_a_newer_one_is_made(own: Filled):
    atlas = Atlas(own.database)
    first = atlas.refresh()
    own.fake.records.append(email(9000, "Ada", "Eve", days_ago=0.5))
    own.run()
    with Session(own.database) as session:
        assert atlas.at_hand(session) in {first, atlas.refresh()}
        assert len(atlas.at_hand(session).scores) == len(first.scores) + 1


def test_somebody_who_looks_at_a_page_first_waits_a_moment_for_a_chart(own: Filled):
    atlas = Atlas(own.database)
    with Session(own.database) as session:
        assert any(atlas.at_hand(session) for _ in range(100))
