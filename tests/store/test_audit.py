"""The audit log: whoever changes it is found out."""

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from app.store import audit
from app.store.audit import Actor

ADA = Actor("ada@x.example", "127.0.0.1")


@pytest.fixture
def kept(database: Engine) -> Engine:
    """A log of three entries."""
    for number in range(3):
        with Session(database) as session, session.begin():
            audit.keep(session, ADA, "weights.changed", str(number), after={"call": number})
    return database


def test_an_untouched_log_is_whole(kept: Engine):
    with Session(kept) as session:
        assert audit.broken(session) is None


@pytest.mark.parametrize(
    ("tampering", "first"),
    [
        ("UPDATE audit_entry SET actor = 'ben' WHERE id = 2", 2),
        ("UPDATE audit_entry SET at = '2020-01-01 00:00:00' WHERE id = 2", 2),
        ("DELETE FROM audit_entry WHERE id = 2", 3),
        ("DELETE FROM audit_entry WHERE id = 3", 3),
    ],
)
def test_what_was_changed_or_taken_out_is_found(kept: Engine, tampering: str, first: int):
    with Session(kept) as session, session.begin():
        session.connection().execute(text(tampering))
        assert audit.broken(session) == first


def test_what_is_rolled_back_is_not_in_the_log(kept: Engine):
    with Session(kept) as session:
        audit.keep(session, ADA, "weights.changed")
        session.rollback()
    with Session(kept) as session:
        assert len(list(audit.every(session))) == 3
        assert audit.broken(session) is None
