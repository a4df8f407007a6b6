"""Writing to both CRMs as an admin sees it: foretold, taken back, and people's edits left alone.

Over HTTP, with the real SDKs; what is asserted is what the CRM holds.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from app import connections, pipeline, writing
from app.connections import Offer
from app.pipeline import Report
from app.pipeline.choosing import Policy
from app.security import Vault, new_key
from app.store import tables
from app.store.asked import ASKED
from app.store.database import migrate, open_database
from app.writing import Said
from connectors import ExternalId
from connectors._sandbox import Sandbox, Server, open_server, running, sandbox_names
from connectors.hubspot.sandbox import levers as hubspot
from connectors.salesforce.sandbox import levers as salesforce
from tests.reliability.following import WRITES
from tests.test_path import Tenant, be_noon, history

CYCLES = 10
TOUCH = ("contact", "last_touch")
LONG_AGO = date(2020, 2, 1)

EDIT: dict[str, Callable[[Sandbox, ExternalId, str], object]] = {
    "salesforce": lambda crm, one, day: crm.db.execute(
        'UPDATE "Contact" SET "Tieline_Last_Touch__c" = ? WHERE "Id" = ?', (day, one)
    ),
    "hubspot": lambda crm, one, day: hubspot.touch(crm, one, tieline_last_touch=day),
}
LOSE: dict[str, Callable[[Sandbox], None]] = {
    "salesforce": lambda crm: salesforce.delete_field(crm, "Contact.Tieline_Band__c"),
    "hubspot": lambda crm: hubspot.archive_property(crm, "0-1", "tieline_band"),
}


class Admin(Tenant):
    """A company whose admin looks at what is written."""

    @property
    def bo(self) -> ExternalId:
        """The record of a contact."""
        return self.crm.ids[ExternalId("Bo")]

    def with_link(self, do: Callable[[writing.Link], object]) -> object:
        with connections.opened_one(self.database, self.vault, 1) as link:
            return do(link)

    def some(self, *only: str) -> list[Report]:
        """Run some stages."""
        with connections.opened(self.database, self.vault) as links:
            return pipeline.run(self.database, links, only=only, now=self.sandbox.clock.now)

    def talk(self, *, to: str = "Bo", by: str = "Cy") -> None:
        """Let somebody and a contact write to each other today."""
        self.sandbox.clock.advance(timedelta(minutes=15))
        mails = [(by, to), (to, by)] * 12
        self.happen(*(self.mail(a, b, minutes_ago=n + 1) for n, (a, b) in enumerate(mails)))

    def edit(self) -> None:
        """Have somebody in the CRM know better when a contact was last in touch."""
        EDIT[self.crm.name](self.sandbox, self.bo, LONG_AGO.isoformat())

    def writes(self, since: int = 0) -> list[str]:
        """The calls that write since so many calls."""
        told = [f"{call.method} {call.path}" for call in self.sandbox.calls[since:]]
        return [call for call in told if re.search(WRITES, call) and "/read" not in call]

    def last_written(self) -> int:
        with Session(self.database) as session:
            query = select(tables.Written.run_id).order_by(col(tables.Written.id).desc())
            return session.exec(query).first() or 0


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with open_server() as server:
        yield server


@pytest.fixture(params=sandbox_names())
def admin(request: pytest.FixtureRequest, server: Server, tmp_path: Path) -> Iterator[Admin]:
    database, vault = open_database(f"sqlite:///{tmp_path}/tieline.db"), Vault(new_key())
    migrate(database)
    with running(request.param, history(), server=server) as crm:
        be_noon(crm.sandbox)
        connections.connect(database, vault, Offer(crm.name, crm.of.credentials(crm.url)))
        yield Admin(database, vault, crm)
    database.dispose()


def test_ten_cycles_write_once_and_score_once(admin: Admin):
    admin.run()
    calls = len(admin.sandbox.calls)
    changed = []
    for _ in range(CYCLES):
        admin.sandbox.clock.advance(timedelta(minutes=5))
        changed.append(admin.run()["score"].counts["written"])
    assert sum(changed) == 0
    assert admin.writes(calls) == []


def test_a_plan_foretells_the_calls_of_the_run(admin: Admin):
    admin.run()
    admin.talk()
    admin.some("pull", "resolve", "score")
    now = admin.sandbox.clock.now
    plan = admin.with_link(lambda link: writing.plan(admin.database, link, now=now))
    assert isinstance(plan, writing.Plan)
    assert plan.records["contact"] == 1
    (report,) = admin.some("write back")
    assert report.counts["written"] == sum(plan.records.values())
    assert report.counts["calls"] == plan.calls


def test_a_run_is_taken_back_and_stays_so(admin: Admin):
    admin.run()
    before = admin.holds("Bo")
    admin.talk()
    admin.run()
    assert admin.holds("Bo") != before
    writing.ask_undo(admin.database, admin.last_written())
    (report,) = admin.some(ASKED)
    assert (report.status, report.counts["refused"]) == ("ok", 0)
    assert admin.holds("Bo") == before
    calls = len(admin.sandbox.calls)
    admin.run()
    assert admin.writes(calls) == []


def test_what_a_person_edited_since_is_not_taken_back(admin: Admin):
    admin.run()
    admin.talk()
    admin.run()
    admin.edit()
    writing.ask_undo(admin.database, admin.last_written())
    (report,) = admin.some(ASKED)
    assert report.counts["respected"] == 1
    assert admin.holds("Bo")["last_touch"] == LONG_AGO


def test_what_a_person_edited_is_respected_and_the_rest_is_written(admin: Admin):
    admin.run()
    said = Said(policy=Policy.RESPECT)
    admin.with_link(lambda link: writing.choose(admin.database, link, TOUCH, said))
    admin.edit()
    admin.talk()
    report = admin.run()["write back"]
    assert (report.status, report.counts["respected"]) == ("ok", 1)
    assert admin.holds("Bo")["last_touch"] == LONG_AGO
    assert report.counts["written"] == 1


def test_nothing_is_taken_for_an_edit_that_is_none(admin: Admin):
    """What a CRM gives back must be what it was given, whatever the kind of field."""
    admin.run()
    fields = admin.with_link(lambda link: writing.fields(admin.database, link))
    assert isinstance(fields, tuple)
    said = Said(policy=Policy.ALERT)
    for one in fields:
        choose = partial(writing.choose, admin.database, name=one.key, said=said)
        admin.with_link(lambda link, choose=choose: choose(link=link))
    admin.talk()
    report = admin.run()["write back"]
    assert (report.status, report.counts.get("edited", 0)) == ("ok", 0)
    assert report.counts["written"] >= 1


def test_a_field_that_is_deleted_is_paused_and_the_rest_is_written(admin: Admin):
    admin.run()
    LOSE[admin.crm.name](admin.sandbox)
    admin.talk()
    report = admin.run()["write back"]
    assert (report.status, report.reason) == ("partial", "fields not written: contact band.")
    assert report.counts["refused"] == 0
    assert admin.holds("Bo")["last_touch"] == admin.sandbox.clock.now().date()


def test_a_field_that_was_deleted_is_created_anew_and_filled(admin: Admin):
    admin.run()
    LOSE[admin.crm.name](admin.sandbox)
    admin.talk()
    admin.run()
    admin.with_link(lambda link: writing.create(admin.database, link, [("contact", "band")]))
    assert admin.run()["write back"].status == "ok"
    assert "band" in admin.holds("Bo")
