"""What subscribers are told of a run: what is otherwise than it was, once, and nothing at first."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app import connections, pipeline
from app.pipeline import Interrupted, Link, Progress, notify
from app.pipeline.score import score
from app.store import subscribers, tables
from app.store.events import EventType
from app.store.snapshots import Written
from connectors import AuthenticationFailed, Record
from tests.conftest import Run
from tests.fakes import NOW, STREAMS, FakeConnector, colleague, contact, email

PEOPLE = [colleague("Ada"), colleague("Ben"), contact("Cleo"), contact("Dan")]


def weekly(first: int, ours: str, theirs: str, since: int, until: int = 1) -> list[Record]:
    """A mail each way every week."""
    return [
        mail
        for n, day in enumerate(range(until, since, 7))
        for mail in (
            email(first + 2 * n, ours, theirs, days_ago=day),
            email(first + 2 * n + 1, theirs, ours, days_ago=day - 0.2),
        )
    ]


def killed_before_the_commit(progress: Progress) -> None:
    if progress.about == "ties":
        raise Interrupted


@pytest.fixture
def told(database: Engine) -> Callable[..., list[dict[str, Any]]]:
    """Subscribe, and give what was noted of a type, with names for ids."""
    with Session(database) as session, session.begin():
        row = tables.Subscriber(url="https://x.example", sealed=b"", types=[], made_at=NOW)
        subscribers.add(session, row)

    def told(type_: EventType) -> list[dict[str, Any]]:
        with Session(database) as session:
            names = {p.id: p.name for p in session.exec(select(tables.Person))}
            query = select(tables.Event).where(tables.Event.type == type_.value)
            found = session.exec(query.order_by(col(tables.Event.id))).all()
            people = ("colleague", "contact", "colleague_before")
            return [
                {k: names.get(v, v) if k in people else v for k, v in event.told.items()}
                for event in found
            ]

    return told


Told = Callable[[EventType], Sequence[dict[str, Any]]]


def test_the_first_scoring_tells_nothing_of_ties(run: Run, told: Told):
    run(FakeConnector([*PEOPLE, *weekly(1, "Ada", "Cleo", 300)]))
    scored = set(EventType) - {EventType.RUN_FINISHED, EventType.CONNECTION_PAUSED}
    assert [one for type_ in scored for one in told(type_)] == []


def test_a_tie_that_crosses_a_band_is_told_once(run: Run, told: Told):
    fake = FakeConnector([*PEOPLE, email(1, "Ada", "Cleo", days_ago=9)])
    run(fake)
    fake.records += weekly(10, "Ada", "Cleo", 300)
    run(fake)
    run(fake)
    (one,) = told(EventType.TIE_BAND_CHANGED)
    assert (one["colleague"], one["contact"]) == ("Ada", "Cleo")
    assert one["before"] != one["after"]
    assert one["strength"] > one["strength_before"]


def test_a_new_tie_is_no_change(run: Run, told: Told):
    fake = FakeConnector([*PEOPLE, email(1, "Ada", "Cleo", days_ago=9)])
    run(fake)
    fake.records += weekly(10, "Ben", "Dan", 300)
    run(fake)
    assert told(EventType.TIE_BAND_CHANGED) == []


def test_a_tie_that_loses_its_rhythm_cools_and_then_is_off_the_radar(
    run: Run, told: Told, database: Engine
):
    run(FakeConnector([*PEOPLE, *weekly(1, "Ada", "Cleo", 300)]))
    for days in range(1, 80):
        score(database, at=NOW + timedelta(days=days))
    (cooling,), (off,) = told(EventType.TIE_COOLING), told(EventType.TIE_OFF_RADAR)
    assert (cooling["contact"], cooling["before"]) == ("Cleo", "active")
    assert (off["contact"], off["before"]) == ("Cleo", "cooling")
    assert off["strength"] < off["strength_then"]
    assert datetime.fromisoformat(off["last_contact"]) < NOW


def test_who_knows_a_contact_best_now_is_told(run: Run, told: Told):
    fake = FakeConnector(
        [*PEOPLE, *weekly(1, "Ada", "Cleo", 60), email(900, "Ben", "Cleo", days_ago=9)]
    )
    run(fake)
    fake.records += weekly(1000, "Ben", "Cleo", 300)
    run(fake)
    (one,) = told(EventType.ROUTE_NEW_BEST_INTRODUCER)
    assert (one["contact"], one["colleague_before"], one["colleague"]) == ("Cleo", "Ada", "Ben")


def test_what_another_model_or_other_weights_change_is_not_told(
    run: Run, told: Told, database: Engine
):
    fake = FakeConnector([*PEOPLE, email(1, "Ada", "Cleo", days_ago=9)])
    run(fake)
    with Session(database) as session, session.begin():
        session.get_one(tables.Snapshot, 1).model = "another"
    fake.records += weekly(10, "Ada", "Cleo", 300)
    run(fake)
    assert told(EventType.TIE_BAND_CHANGED) == []


def advised(contact: int, deal: str | None, rule: str = notify.SINGLE_THREAD) -> dict[str, Any]:
    evidence = {"threads": 1, "on_the_deal": 3, "without_tie": 2}
    who = {"rule": rule, "colleague_id": 1, "contact_id": contact, "evidence": evidence}
    return who | {"deal_id": deal, "deal_connection_id": 5 if deal else None}


def test_a_deal_that_hangs_on_one_tie_is_told(told: Told, database: Engine):
    changes = [
        (None, advised(2, "D1")),
        (None, advised(3, "D2")),
        (advised(4, "D2"), None),  # about somebody else, but told before
        (None, advised(5, "D3", rule="meet")),
        (None, advised(6, None)),
    ]
    written = Written(0, 0, is_new=True, is_comparable=True, advice_changed=changes)
    with Session(database) as session, session.begin():
        notify.scored(session, written, {}, at=NOW)
    assert [one["deal"] for one in told(EventType.DEAL_SINGLE_THREAD_RISK)] == ["D1"]


def test_what_is_not_committed_with_the_snapshot_is_not_told(
    run: Run, told: Told, database: Engine
):
    fake = FakeConnector([*PEOPLE, email(1, "Ada", "Cleo", days_ago=9)])
    run(fake)
    fake.records += weekly(10, "Ada", "Cleo", 300)
    run(fake, only=("pull", "resolve"))

    with pytest.raises(Interrupted):
        score(database, at=NOW, watch=killed_before_the_commit)
    assert told(EventType.TIE_BAND_CHANGED) == []
    score(database, at=NOW)
    assert len(told(EventType.TIE_BAND_CHANGED)) == 1


def test_every_stage_of_a_whole_run_is_told(run: Run, told: Told):
    run(FakeConnector([*PEOPLE, *weekly(1, "Ada", "Cleo", 60)]))
    found = told(EventType.RUN_FINISHED)
    assert [one["stage"] for one in found] == ["pull", "resolve", "score", "write back"]
    assert {one["status"] for one in found} == {"ok"}
    assert found[0]["counts"]["changed"] > 0


def test_of_the_stages_that_follow_an_announcement_only_trouble_is_told(
    database: Engine, connection_id: int, told: Told
):
    fake = FakeConnector([*PEOPLE, *weekly(1, "Ada", "Cleo", 60)])
    link = Link(connection_id, "Fake", fake, STREAMS)
    pipeline.run(database, [link], now=lambda: NOW)
    before = len(told(EventType.RUN_FINISHED))
    settling = ("resolve", "score", "write back")
    pipeline.run(database, [link], only=settling, now=lambda: NOW)
    assert len(told(EventType.RUN_FINISHED)) == before


def test_a_connection_that_is_paused_is_told_with_its_reason(run: Run, told: Told):
    fake = FakeConnector(PEOPLE)
    fake.failures = [AuthenticationFailed("The CRM refused the token: reconnect it.")]
    run(fake)
    run(fake)
    (one,) = told(EventType.CONNECTION_PAUSED)
    assert one["reason"] == "The CRM refused the token: reconnect it."


def test_a_connection_that_an_admin_pauses_is_told_too(
    database: Engine, connection_id: int, told: Told
):
    connections.pause(database, connection_id, "An admin has paused it.")
    assert told(EventType.CONNECTION_PAUSED) == [
        {"connection": connection_id, "reason": "An admin has paused it."}
    ]
