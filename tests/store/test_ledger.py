"""The ledger: what a run wrote to a record, in however many goes."""

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from app.store import connections, ledger
from app.store.outbox import Due
from connectors import ExternalId, Target, WriteResult
from tests.fakes import NOW


def note(session: Session, run_id: int, one: str, before: int | None, after: int) -> None:
    due = Due("contact", one, {"strength": after}, {"strength": before}, {})
    result = WriteResult(Target.CONTACT, ExternalId(one), ok=True)
    ledger.note(session, (run_id, 1), [result], dues={due.key: due}, at=NOW)


@pytest.mark.parametrize("page", [2, 3, 100])
def test_what_is_written_in_several_goes_is_told_as_one(
    database: Engine, connection_id: int, monkeypatch: pytest.MonkeyPatch, page: int
):
    monkeypatch.setattr(ledger, "PAGE", page)
    with Session(database) as session:
        run_id = connections.begin_run(session, "write back", connection_id, at=NOW)
        for one in ("Bo", "Cy", "Di"):
            note(session, run_id, one, None, 1)
            note(session, run_id, one, 1, 2)
        told = [found for some in ledger.of_run(session, run_id) for found in some.items()]
    assert told == [
        (("contact", one), ({"strength": None}, {"strength": 2})) for one in ("Bo", "Cy", "Di")
    ]
