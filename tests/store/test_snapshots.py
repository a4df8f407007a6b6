"""A scoring is kept by what differs of it, and a card says which snapshot changed it last."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, select

from app.store import snapshots, tables
from app.store.snapshots import Scored, Written
from tests.fakes import NOW


def keep(
    database: Engine, cards: Mapping[int, str], *, people: set[int] | None = None, weights: int = 0
) -> Written:
    snapshot = tables.Snapshot(
        as_of=NOW, scored_at=NOW, model="2", ties=0, weights=weights, alive={"curve": [1.5]}
    )
    rows: list[dict[str, Any]] = [{"person_id": i, "body": body} for i, body in cards.items()]
    with Session(database) as session, session.begin():
        return snapshots.keep(session, snapshot, Scored([], people, [], rows, [], []))


def kept(database: Engine) -> dict[int, tuple[str | None, int]]:
    with Session(database) as session:
        found = session.exec(select(tables.ScoreCard))
        return {card.person_id: (card.body, card.changed_seq) for card in found}


def snapshot(database: Engine) -> tables.Snapshot:
    with Session(database) as session:
        return session.get_one(tables.Snapshot, 1)


def test_a_card_says_which_snapshot_changed_it_last(database: Engine):
    keep(database, {1: "one", 2: "two"})
    keep(database, {1: "one", 2: "other", 3: "three"})
    assert kept(database) == {1: ("one", 1), 2: ("other", 2), 3: ("three", 2)}


def test_a_scoring_that_says_the_same_leaves_the_snapshot_as_it_is(database: Engine):
    keep(database, {1: "one"})
    before = snapshot(database)
    assert keep(database, {1: "one"}) == Written(ties=0, cards=0, is_new=False)
    assert snapshot(database) == before


def test_who_loses_the_last_tie_keeps_an_empty_card_that_changed(database: Engine):
    keep(database, {1: "one", 2: "two"})
    keep(database, {1: "one"})
    assert kept(database) == {1: ("one", 1), 2: (None, 2)}
    assert not keep(database, {1: "one"}).is_new


def test_who_was_not_looked_at_keeps_the_card(database: Engine):
    keep(database, {1: "one", 2: "two"})
    keep(database, {1: "uno"}, people={1})
    assert kept(database) == {1: ("uno", 2), 2: ("two", 1)}


def test_the_digest_is_the_same_whichever_way_it_was_reached(database: Engine):
    keep(database, {1: "one"})
    straight = snapshot(database).digest
    keep(database, {2: "two"})
    keep(database, {1: "one"}, weights=1)
    assert snapshot(database).digest != straight
    keep(database, {1: "one"})
    assert snapshot(database).digest == straight
