"""The outbox: what was refused is tried again, later each time."""

from datetime import timedelta

from sqlalchemy import Engine
from sqlmodel import Session

from app.store import outbox, tables
from app.store.owed import Known
from connectors import ExternalId, Target, WriteResult
from tests.fakes import NOW

BO = ExternalId("Bo")


def waits(database: Engine, connection_id: int, *, is_final: bool) -> list[timedelta]:
    """How long the same record waits after each of three refusals."""
    refusal = WriteResult(Target.CONTACT, BO, ok=False, code="LOCKED", is_final=is_final)
    found = []
    with Session(database) as session:
        outbox.want(session, connection_id, "contact", {BO: Known(wanted={"strength": 1})})
        for _ in range(3):
            outbox.acknowledge(session, connection_id, [refusal], dues={}, at=NOW)
            owed = session.get_one(tables.Owed, (connection_id, "contact", BO))
            assert owed.next_try_at is not None
            found.append(owed.next_try_at - NOW)
    return found


def test_what_may_pass_is_tried_again_soon_and_then_later(database: Engine, connection_id: int):
    minutes = [
        wait / timedelta(minutes=1) for wait in waits(database, connection_id, is_final=False)
    ]
    assert minutes == [5, 10, 20]


def test_what_will_not_pass_is_tried_again_in_a_week(database: Engine, connection_id: int):
    assert waits(database, connection_id, is_final=True) == [timedelta(days=7)] * 3
