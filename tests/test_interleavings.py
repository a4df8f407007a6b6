"""Whatever happens to a CRM while it is read, and to us, what it holds is what we have in the end.

Edits, deletions, merges, webhooks that come twice, late or never, expired tokens, outages, used-up
quotas, a search that lags, and runs and workers that are interrupted anywhere, in any order. The
long mode takes 10,000 steps: ``TIELINE_STEPS=10000 pytest tests/test_interleavings.py``.
"""

import contextlib
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.pipeline.follow import follow
from app.pipeline.link import Link
from app.pipeline.pull import pull
from app.pipeline.watch import Interrupted, Progress
from app.store import hints, tables
from app.store.database import migrate, open_database
from connectors import (
    Account,
    Activity,
    Channel,
    ConnectorError,
    ExternalId,
    Hint,
    Participant,
    Person,
    Record,
    Role,
    Stream,
    module,
)
from connectors._sandbox import Fault, Server, open_server, running
from tests.conftest import add_connection
from tests.fakes import colleague, contact, email
from tests.hands import HANDS, PAGES, SWEPT_PAGES
from tests.parties import parties

STEPS = int(os.environ.get("TIELINE_STEPS", "60"))
PAGE = 3
"""Rows of a page, so that a few records are many pages."""

REFUSED = [
    (503, b"<html>busy</html>"),
    (401, b'[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]'),
    (403, b'[{"message":"TotalRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]'),
    (429, b'{"status":"error","policyName":"DAILY","errorType":"RATE_LIMIT"}'),
    (200, b'{"half an ans'),
    (0, b""),
]


class Crash(Interrupted):
    """The process is gone."""


class Interleaving(RuleBasedStateMachine):
    """A CRM that people work in, and a store that follows it."""

    name: str
    server: Server

    def __init__(self) -> None:
        super().__init__()
        self.open = contextlib.ExitStack()
        for where, size in {PAGES[self.name], SWEPT_PAGES[self.name]}:
            self.open.callback(setattr, where, size, getattr(where, size))
            setattr(where, size, PAGE)
        self.crm = self.open.enter_context(running(self.name, server=self.server))
        self.crm.sandbox.clock.stop()
        self.hands = HANDS[self.name]
        self.database: Engine = open_database("sqlite://")
        migrate(self.database)
        self.connection_id = add_connection(self.database)
        self.alive: list[ExternalId] = []
        self.binned: list[ExternalId] = []
        self.mails: list[ExternalId] = []
        self.made = 0

    @initialize()
    def begin(self) -> None:
        self.crm.put([self._now(colleague("Ada"))])
        for _ in range(2 * PAGE):
            self.add()

    @rule()
    def add(self) -> None:
        self.made += 1
        name = f"Bo{self.made}"
        ids = self.crm.put([self._now(contact(name))])
        self.alive.append(ids[ExternalId(name)])
        self._tick()

    @precondition(lambda self: self.alive)
    @rule(data=st.data())
    def write_to(self, data: st.DataObject) -> None:
        self.made += 1
        whom = data.draw(st.sampled_from(self.alive))
        mail = self._now(email(self.made, self.crm.ids[ExternalId("Ada")], whom))
        self.mails.append(self.crm.put([mail])[mail.id])
        self._tick()

    @precondition(lambda self: self.alive)
    @rule(data=st.data())
    def meet(self, data: st.DataObject) -> None:
        """Meet: the CRM knows the guests by their records alone."""
        self.made += 1
        guests = data.draw(st.lists(st.sampled_from(self.alive), min_size=1, unique=True))
        people = [self.crm.ids[ExternalId("Ada")], *guests]
        talk = Activity(
            ExternalId(f"meeting {self.made}"),
            Channel.MEETING,
            self.crm.sandbox.clock.now(),
            tuple(Participant(Role.PARTY, one) for one in people),
            recipients=len(guests),
            duration_s=1800.0,
        )
        self.crm.put([self._now(talk)])
        self._tick()

    @precondition(lambda self: self.alive)
    @rule(data=st.data())
    def rename(self, data: st.DataObject) -> None:
        self.made += 1
        whom = data.draw(st.sampled_from(self.alive))
        self.hands.rename(self.crm.sandbox, whom, f"Again{self.made}")
        self._tick()

    @precondition(lambda self: len(self.alive) > 1)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        whom = data.draw(st.sampled_from(self.alive))
        self.hands.delete(self.crm.sandbox, whom)
        self.alive.remove(whom)
        self.binned.append(whom)
        self._tick()

    @precondition(lambda self: self.binned)
    @rule()
    def undelete(self) -> None:
        whom = self.binned.pop()
        self.hands.undelete(self.crm.sandbox, whom)
        self.alive.append(whom)
        self._tick()

    @precondition(lambda self: len(self.alive) > 1)
    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        loser, winner = data.draw(st.permutations(self.alive))[:2]
        survivor = self.hands.merge(self.crm.sandbox, loser, winner)
        self.alive = [one for one in self.alive if one not in {loser, winner}] + [survivor]
        self._tick()

    @rule(minutes=st.integers(1, 200))
    def wait(self, minutes: int) -> None:
        self.crm.sandbox.clock.advance(timedelta(minutes=minutes))

    @rule()
    def expire_tokens(self) -> None:
        self.hands.expire(self.crm.sandbox)

    @rule(seconds=st.sampled_from([0, 30, 1800]))
    def show_late(self, seconds: int) -> None:
        self.hands.lag(self.crm.sandbox, seconds)

    @rule(refused=st.sampled_from(REFUSED), skip=st.integers(0, 6), times=st.integers(1, 8))
    def refuse(self, refused: tuple[int, bytes], skip: int, times: int) -> None:
        status, body = refused
        self.crm.sandbox.faults.append(Fault(".", status, body, skip=skip, times=times))

    @rule(pages=st.integers(1, 12))
    def run(self, pages: int) -> None:
        """Read, and be killed behind so many pages."""
        left = [pages]

        def watch(_: Progress) -> None:
            left[0] -= 1
            if not left[0]:
                raise Crash

        with contextlib.suppress(ConnectorError, Crash):
            self._pull(watch)
        self._tick()

    @precondition(lambda self: self.alive)
    @rule(data=st.data())
    def announce(self, data: st.DataObject) -> None:
        """Have some of what there is, or was, told: too late, twice, and the rest not at all."""
        told = [Hint(Stream.CONTACTS, one) for one in (*self.alive, *self.binned)]
        told += [Hint(Stream.EMAILS, one) for one in self.mails]
        some = data.draw(st.lists(st.sampled_from(told), min_size=1, max_size=5))
        at = self.crm.sandbox.clock.now()
        with Session(self.database) as session, session.begin():
            hints.note(session, self.connection_id, some, at=at, due_at=at)

    @rule(is_killed=st.booleans())
    def act(self, is_killed: bool) -> None:
        """Read again what was told, or be killed while at it; another one takes it over later."""

        def watch(_: Progress) -> None:
            if is_killed:
                raise Crash

        at, lasts = self.crm.sandbox.clock.now(), timedelta(minutes=1)
        with Session(self.database) as session, session.begin():
            taken = hints.claim(session, hints.Work.RECORDS, at=at, for_=lasts)
        if taken is not None:
            with contextlib.suppress(ConnectorError, Crash):
                follow(self.database, self._link(), taken, now=lambda: at, watch=watch)
        self._tick()

    def teardown(self) -> None:
        with self.open:
            self.crm.sandbox.faults.clear()
            self.hands.lag(self.crm.sandbox, 0)
            for days in (1, 8):
                self.crm.sandbox.clock.advance(timedelta(days=days))
                self._pull(lambda _: None)
            assert self._mirror() == self._truth()
        self.database.dispose()

    def _link(self) -> Link:
        of = module(self.name)
        return Link(
            self.connection_id,
            "CRM",
            self.crm.connect(),
            of.STREAMS,
            of.TARGETS,
            of.SWEPT,
            own_name=of.own_name,
        )

    def _pull(self, watch: Callable[[Progress], None]) -> None:
        pull(self.database, self._link(), now=self.crm.sandbox.clock.now, watch=watch)

    def _tick(self) -> None:
        self.crm.sandbox.clock.advance(timedelta(seconds=1))

    def _now(self, record: Record) -> Any:  # noqa: ANN401 the same kind of record
        return replace(record, modified_at=self.crm.sandbox.clock.now())

    def _truth(self) -> set[tuple[object, ...]]:
        return {_essence(record) for record in self.crm.of.records(self.crm.sandbox)}

    def _mirror(self) -> set[tuple[object, ...]]:
        with Session(self.database) as session:
            there = select(tables.Profile).where(~col(tables.Profile.is_deleted))
            people = {p.external_id: p for p in session.exec(there)}
            mails = session.exec(select(tables.Activity).where(~col(tables.Activity.is_deleted)))
            return {
                *((p.external_id, p.kind, p.name, frozenset(p.addresses)) for p in people.values()),
                *((m.external_id, parties(session, m, people)) for m in mails),
            }


def _essence(record: Record) -> tuple[object, ...]:
    match record:
        case Person():
            return (record.id, record.kind.value, record.name, frozenset(record.addresses))
        case Activity():
            ids = frozenset(p.person_id for p in record.participants if p.person_id)
            return (record.id, ids)
        case Account():
            return (record.id, record.name)
    raise AssertionError("There is no other kind of record.")


@pytest.mark.parametrize("name", sorted(HANDS))
def test_what_the_crm_holds_is_what_we_have_in_the_end(name: str):
    with open_server() as server:
        machine = type(name, (Interleaving,), {"name": name, "server": server}).TestCase
        machine.settings = settings(
            max_examples=max(1, STEPS // 30),
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        machine("runTest").runTest()
