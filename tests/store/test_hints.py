"""The queue of hints: nothing is lost, nothing is done twice, everybody has a turn."""

from collections.abc import Callable, Iterable
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from app.store import connections, hints
from app.store.hints import Claim, Superseded, Work
from connectors import ExternalId, Hint, Stream
from tests.conftest import add_connection
from tests.fakes import NOW

FOR = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def named(*names: str) -> list[Hint]:
    return [Hint(Stream.EMAILS, ExternalId(name)) for name in names]


def note(database: Engine, connection_id: int, *names: str, after: timedelta = timedelta()) -> None:
    with Session(database) as session, session.begin():
        hints.note(session, connection_id, named(*names), at=NOW, due_at=NOW + after)


def claim(database: Engine, after: int = 0, later: timedelta = timedelta()) -> Claim | None:
    with Session(database) as session, session.begin():
        return hints.claim(session, Work.RECORDS, at=NOW + later, for_=FOR, after=after)


def take(database: Engine, after: int = 0, later: timedelta = timedelta()) -> Claim:
    found = claim(database, after, later)
    assert found is not None
    return found


def finish(database: Engine, claim: Claim) -> None:
    with Session(database) as session, session.begin():
        hints.finish(session, claim, at=NOW)


def ids(claim: Claim | None) -> Iterable[str]:
    return {hint.id for hint in claim.hints} if claim else set()


def test_what_is_finished_is_gone(database: Engine, connection_id: int):
    note(database, connection_id, "a", "b")
    taken = take(database)
    assert ids(taken) == {"a", "b"}
    finish(database, taken)
    assert claim(database, later=2 * FOR) is None


def test_asking_twice_is_asking_once(database: Engine, connection_id: int):
    note(database, connection_id, "a", "a")
    note(database, connection_id, "a", after=2 * SECOND)
    assert ids(take(database)) == {"a"}


def test_what_is_asked_for_is_gathered_for_a_while(database: Engine, connection_id: int):
    note(database, connection_id, "a", after=SECOND)
    assert claim(database) is None
    note(database, connection_id, "a", "b", after=SECOND)
    assert ids(claim(database, later=SECOND)) == {"a", "b"}


def test_what_is_gathered_goes_with_what_is_due(database: Engine, connection_id: int):
    note(database, connection_id, "a")
    note(database, connection_id, "b", after=2 * SECOND)
    assert ids(take(database)) == {"a", "b"}


def test_what_is_put_off_does_not_go_with_what_is_due(database: Engine, connection_id: int):
    note(database, connection_id, "a")
    with Session(database) as session, session.begin():
        hints.put_off(session, take(database), "Away.", until=NOW + FOR)
    note(database, connection_id, "b")
    assert ids(take(database)) == {"b"}


def test_what_is_being_done_is_nobody_elses(database: Engine, connection_id: int):
    note(database, connection_id, "a")
    take(database)
    note(database, connection_id, "b")
    assert ids(take(database)) == {"b"}
    assert claim(database) is None


def test_what_is_asked_for_while_it_is_done_is_done_again(database: Engine, connection_id: int):
    note(database, connection_id, "a", "b")
    taken = take(database)
    note(database, connection_id, "a")
    finish(database, taken)
    assert ids(take(database)) == {"a"}


def test_the_work_of_a_dead_worker_is_taken_over(database: Engine, connection_id: int):
    note(database, connection_id, "a")
    take(database)
    assert claim(database, later=FOR - SECOND) is None
    again = take(database, later=FOR)
    assert (ids(again), again.attempts) == ({"a"}, 2)


def test_who_was_overtaken_finishes_nothing(database: Engine, connection_id: int):
    note(database, connection_id, "a", "b")
    stale = take(database)
    other = take(database, later=FOR)
    with pytest.raises(Superseded):
        finish(database, stale)
    finish(database, other)
    with pytest.raises(Superseded):
        finish(database, stale)


def test_what_is_put_off_is_due_later(database: Engine, connection_id: int):
    note(database, connection_id, "a")
    taken = take(database)
    with Session(database) as session, session.begin():
        hints.put_off(session, taken, "Busy.", until=NOW + SECOND)
    assert claim(database) is None
    assert ids(claim(database, later=SECOND)) == {"a"}


def test_what_is_put_off_is_due_when_it_is_asked_for_again(database: Engine, connection_id: int):
    note(database, connection_id, "a", "b")
    with Session(database) as session, session.begin():
        hints.put_off(session, take(database), "Away.", until=NOW + 2 * FOR)
    note(database, connection_id, "a", after=SECOND)
    assert claim(database) is None
    assert ids(claim(database, later=SECOND)) == {"a"}


def test_what_is_given_back_was_never_begun(database: Engine, connection_id: int):
    note(database, connection_id, "a")
    taken = take(database)
    with Session(database) as session, session.begin():
        hints.give_back(session, [taken])
    again = take(database)
    assert (ids(again), again.attempts) == ({"a"}, 1)
    with pytest.raises(Superseded):
        finish(database, taken)


def test_every_connection_has_its_turn(database: Engine, connection_id: int):
    other = add_connection(database, "Other")
    note(database, connection_id, *(f"{n:04}" for n in range(2 * hints.AT_ONCE)))
    note(database, other, "a")
    first = take(database)
    second = take(database, after=first.connection_id)
    third = take(database, after=second.connection_id)
    assert [c.number for c in (first, second, third)] == [hints.AT_ONCE, 1, hints.AT_ONCE]
    assert [c.connection_id for c in (first, second, third)] == [
        connection_id,
        other,
        connection_id,
    ]


def test_nothing_is_due_for_a_connection_that_is_left_alone(database: Engine, connection_id: int):
    note(database, connection_id, "a")
    with Session(database) as session, session.begin():
        connections.get(session, connection_id).resumes_at = NOW + SECOND
    assert claim(database) is None
    assert ids(claim(database, later=SECOND)) == {"a"}
    with Session(database) as session, session.begin():
        connections.get(session, connection_id).paused = "Wait."
    assert claim(database, later=FOR * 2) is None


@pytest.mark.parametrize(
    ("note_it", "work"),
    [(hints.note_poll, Work.POLL), (hints.note_settling, Work.SETTLE)],
)
def test_what_is_to_be_done_beside_reading_is_claimed_by_itself(
    database: Engine, connection_id: int, note_it: Callable[..., None], work: Work
):
    note(database, connection_id, "a")
    with Session(database) as session, session.begin():
        note_it(session, connection_id, at=NOW)
    assert ids(take(database)) == {"a"}
    with Session(database) as session, session.begin():
        taken = hints.claim(session, work, at=NOW, for_=FOR)
        assert taken is not None
        assert (taken.number, taken.hints) == (1, ())
        hints.finish(session, taken, at=NOW)
        assert hints.claim(session, work, at=NOW + FOR, for_=FOR) is None


def test_how_much_waits_and_since_when_is_told(database: Engine, connection_id: int):
    note(database, connection_id, "a", "b")
    with Session(database) as session:
        assert hints.waiting(session, connection_id) == (2, NOW)
