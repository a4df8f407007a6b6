"""Change events, listened to: what they name, where to go on, and what breaks."""

import base64
import contextlib
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from app import connections as life
from app import listening as listening_app
from app.connections import Offer
from app.hooks import Hooks, Wish
from app.schedule import run_alone
from app.security import Vault, new_key
from app.store import hints, tables
from app.store.database import migrate, open_database
from app.worker import Worker
from connectors import (
    ConnectorError,
    FieldUpdate,
    Heard,
    Listening,
    Misconfigured,
    Target,
    Unavailable,
)
from connectors.salesforce.sandbox import levers
from tests.connectors.pubsub_fixtures import Listener
from tests.connectors.salesforce_fixtures import ACME, CLARA, Org, Server, open_org, people


@pytest.fixture
def org(server: Server) -> Iterator[Org]:
    with open_org(server) as opened:
        opened.put(people())
        levers.select_change_events(opened.sandbox, "Contact", "Account")
        yield opened


@pytest.fixture
def listening(org: Org) -> Listening:
    credentials = org.of.credentials(org.url)
    address = {"pubsub_address": org.beside()["pubsub"]}
    found = org.connect(credentials.model_copy(update=address))
    assert isinstance(found, Listening)
    return found


def edit(org: Org, title: str) -> None:
    levers.edit(org.sandbox, org.ids[CLARA], Title=title)


def begin(org: Org) -> str:
    """Give a place right behind an event."""
    edit(org, "first")
    (heard,) = Listener(org).hear(1)
    return base64.b64encode(heard.replay).decode()


def first(told: Iterator[Heard]) -> Heard:
    """The first that names something, or says that something has to be read."""
    return next(heard for heard in told if heard.hints != type(heard.hints)())


def test_a_change_names_its_row_and_the_place_to_go_on_from(org: Org, listening: Listening):
    place = begin(org)
    edit(org, "second")
    heard = first(listening.listen(place))
    assert [(hint.stream.value, hint.id) for hint in heard.hints.hints] == [
        ("contacts", org.ids[CLARA])
    ]
    levers.delete(org.sandbox, org.ids[CLARA])
    assert "DELETE" in first(listening.listen(heard.place)).hints.events[0]


def test_what_we_wrote_is_an_echo(org: Org, listening: Listening):
    place = begin(org)
    connector = org.connect()
    update = FieldUpdate(Target.CONTACT, org.ids[CLARA], {"Title": "ours"})
    assert [result.ok for results in connector.write([update]) for result in results] == [True]
    found = first(listening.listen(place)).hints
    assert (found.hints, found.echoes) == ((), 1)


def test_a_gap_names_its_rows_and_an_overflow_has_what_changed_read(org: Org, listening: Listening):
    place = begin(org)
    levers.send_gap_event(org.sandbox, str(org.ids[CLARA]))
    heard = first(listening.listen(place))
    assert [hint.id for hint in heard.hints.hints] == [org.ids[CLARA]]
    levers.send_overflow_event(org.sandbox, "Contact")
    assert first(listening.listen(heard.place)).hints.must_poll


def test_a_place_that_is_too_old_has_what_changed_read_and_goes_on_from_now(
    org: Org, listening: Listening
):
    place = begin(org)
    org.sandbox.clock.advance(timedelta(days=4))
    heard = first(listening.listen(place))
    assert (heard.hints.must_poll, heard.place) == (True, "")


def test_an_expired_session_is_renewed(org: Org, listening: Listening):
    place = begin(org)
    levers.expire_tokens(org.sandbox)
    edit(org, "second")
    assert first(listening.listen(place)).hints.hints


def test_a_stream_that_breaks_off_is_told(org: Org, listening: Listening):
    place = begin(org)
    levers.take_pubsub_down(org.sandbox)
    with pytest.raises(Unavailable, match="UNAVAILABLE"):
        next(listening.listen(place))


def test_an_error_does_not_hold_on_to_the_one_before(org: Org, listening: Listening):
    place = begin(org)
    levers.select_change_events(org.sandbox)
    first_time, second_time = refused(listening, place), refused(listening, place)
    assert first_time is not second_time


def refused(listening: Listening, place: str) -> ConnectorError:
    with pytest.raises(Misconfigured) as found:
        next(listening.listen(place))
    return found.value


def test_without_a_place_what_changed_is_read_first(listening: Listening):
    assert next(listening.listen("")).hints.must_poll


@pytest.fixture
def store(tmp_path: object) -> Iterator[Engine]:
    database = open_database(f"sqlite:///{tmp_path}/tieline.db")
    migrate(database)
    yield database
    database.dispose()


def test_what_is_heard_is_queued_with_the_place_behind_it(org: Org, store: Engine):
    vault = Vault(new_key())
    given = org.of.credentials(org.url).model_copy(
        update={"pubsub_address": org.beside()["pubsub"]}
    )
    connection_id = life.connect(store, vault, Offer("salesforce", given))
    Hooks(store, vault, "https://tieline.example").set_up(connection_id, Wish(is_listening=True))
    listener = listening_app.Listener(store, partial(life.opened_one, store, vault))
    place = begin(org)
    with Session(store) as session, session.begin():
        session.get_one(tables.Hook, connection_id).place = place
    edit(org, "second")
    listener.start()
    wait_for(store)
    listener.stop()
    with Session(store) as session:
        assert session.exec(select(tables.Hint.external_id)).all() == [org.ids[CLARA]]
        assert session.get_one(tables.Hook, connection_id).place != place


def test_an_overflow_has_read_what_no_event_told_of(org: Org, store: Engine):
    vault, nowhere = Vault(new_key()), {"pubsub_address": org.beside()["pubsub"]}
    given = org.of.credentials(org.url).model_copy(update=nowhere)
    connection_id = life.connect(store, vault, Offer("salesforce", given))
    Hooks(store, vault, "https://tieline.example").set_up(connection_id, Wish(is_listening=True))
    open_links = partial(life.opened, store, vault)
    run_alone(store, open_links, only=("pull",))
    place = begin(org)
    with Session(store) as session, session.begin():
        session.get_one(tables.Hook, connection_id).place = place
    levers.select_change_events(org.sandbox, "Contact")  # and so no accounts
    levers.edit(org.sandbox, org.ids[ACME], Name="Ackerman")
    levers.send_overflow_event(org.sandbox, "Contact")
    listener = listening_app.Listener(store, partial(life.opened_one, store, vault))
    listener.start()
    wait_for(store)
    listener.stop()
    with contextlib.closing(Worker(store, open_links)) as worker:
        assert next(report.stage for report in worker.step()) == "pull"
    with Session(store) as session:
        assert "Ackerman" in session.exec(select(tables.Account.name)).all()


def test_a_stream_that_was_never_heard_is_not_said_to_have_been(org: Org, store: Engine):
    levers.take_pubsub_down(org.sandbox)
    vault = Vault(new_key())
    nowhere = {"pubsub_address": org.beside()["pubsub"]}
    given = org.of.credentials(org.url).model_copy(update=nowhere)
    connection_id = life.connect(store, vault, Offer("salesforce", given))
    Hooks(store, vault, "https://tieline.example").set_up(connection_id, Wish(is_listening=True))
    listener = listening_app.Listener(store, partial(life.opened_one, store, vault))
    with pytest.raises(Unavailable):
        listener.listen(connection_id)
    with Session(store) as session:
        assert session.exec(select(tables.Hint.stream)).all() == [hints.POLL]
        assert session.get_one(tables.Hook, connection_id).seen_at is None


def test_why_nobody_can_listen_is_kept_for_the_admin(org: Org, store: Engine):
    levers.select_change_events(org.sandbox)
    vault = Vault(new_key())
    given = org.of.credentials(org.url).model_copy(
        update={"pubsub_address": org.beside()["pubsub"]}
    )
    connection_id = life.connect(store, vault, Offer("salesforce", given))
    Hooks(store, vault, "").set_up(connection_id, Wish(is_listening=True))
    listener = listening_app.Listener(store, partial(life.opened_one, store, vault))
    listener.start()
    assert "select them in Setup, Change Data Capture" in trouble(store)
    listener.stop()


def trouble(store: Engine) -> str:
    """Wait until it is known why nobody can listen."""
    for _ in range(500):
        with Session(store) as session:
            if found := session.exec(select(tables.Hook.trouble)).one():
                return found
        time.sleep(0.02)
    return ""


def wait_for(store: Engine) -> None:
    """Wait until something is queued."""
    for _ in range(500):
        with Session(store) as session:
            if session.exec(select(tables.Hint)).first() is not None:
                return
        time.sleep(0.02)
