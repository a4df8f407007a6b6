"""The atlas: one chart per snapshot, made once."""

import asyncio

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from app.api.atlas import Atlas, Chart
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
