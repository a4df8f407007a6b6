"""One activity, all the way round: from the CRM to its custom field, over HTTP, with the real SDKs.

Runs once per CRM and database. What is asserted is what the CRM holds, not what we believe.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from app import connections, pipeline
from app.connections import Offer
from app.pipeline import Report
from app.security import Vault, new_key
from connectors import Activity, Deal, DealContact, ExternalId, Record, Target
from connectors._sandbox import Running, Sandbox, running, sandbox_names
from tests.fakes import colleague, contact, email

CONTACT = ExternalId("Bo")


@dataclass
class Tenant:
    """A company with one CRM, and Tieline beside it."""

    database: Engine
    vault: Vault
    crm: Running

    @property
    def sandbox(self) -> Sandbox:
        return self.crm.sandbox

    def run(self) -> dict[str, Report]:
        """Run the pipeline once, as the schedule does; gives the report of each stage."""
        with connections.opened(self.database, self.vault) as links:
            reports = pipeline.run(self.database, links, now=self.sandbox.clock.now)
        return {report.stage: report for report in reports}

    def holds(self, record: str, target: Target = Target.CONTACT) -> dict[str, object]:
        """What the CRM holds in our fields on a record."""
        record_id = self.crm.ids[ExternalId(record)]
        held = self.crm.of.custom_values(self.sandbox, target, record_id)
        return {name: value for name, value in held.items() if value is not None}

    def mail(self, sender: str, to: str, *, minutes_ago: int) -> Activity:
        """An email of today."""
        now = self.sandbox.clock.now().replace(microsecond=0)
        at = now - timedelta(minutes=minutes_ago)
        sent = email(minutes_ago, sender, to)
        return replace(sent, id=ExternalId(f"new {at}"), at=at, modified_at=at)

    def happen(self, *activities: Activity) -> None:
        """Let something happen in the CRM between people who are there."""
        for activity in activities:
            named = tuple(
                replace(p, person_id=self.crm.ids[p.person_id]) if p.person_id else p
                for p in activity.participants
            )
            self.crm.put([replace(activity, participants=named)])


def be_noon(sandbox: Sandbox) -> None:
    """Turn the clock to the next day's noon: some hours more or less are on that day too."""
    now = sandbox.clock.now()
    noon = (now + timedelta(days=1)).replace(hour=12, minute=0, second=0)
    sandbox.clock.advance(noon - now)


def history() -> Iterator[Record]:
    now = datetime.now(UTC).replace(microsecond=0)
    for person in (colleague("Ada Lund"), colleague("Cy Ode"), contact("Bo Holm")):
        short = ExternalId(person.name.split()[0])
        domain = person.addresses[0].partition("@")[2]
        address = (f"{short.lower()}@{domain}",)
        yield replace(person, id=short, addresses=address, modified_at=now - timedelta(days=90))
    for number in range(8):
        for sender, to in (("Ada", "Bo"), ("Bo", "Ada")):
            sent = email(number, sender, to)
            at = now - timedelta(days=9 * number + 3)
            yield replace(sent, id=ExternalId(f"{sender} {number}"), at=at, modified_at=at)


@pytest.fixture(params=sandbox_names())
def tenant(request: pytest.FixtureRequest, database: Engine) -> Iterator[Tenant]:
    vault = Vault(new_key())
    with running(request.param, history()) as crm:
        be_noon(crm.sandbox)
        connections.connect(database, vault, Offer(crm.name, crm.of.credentials(crm.url)))
        yield Tenant(database, vault, crm)


def test_one_email_reaches_the_custom_field(tenant: Tenant):
    assert tenant.run()["write back"].status == "ok"
    assert tenant.holds("Bo")["best_colleague"] == "Ada Lund"
    tenant.happen(*(tenant.mail("Cy", "Bo", minutes_ago=n) for n in range(3)))
    reports = tenant.run()
    assert reports["pull"].counts["changed"] == 3
    assert reports["write back"].counts["written"] == 1
    held = tenant.holds("Bo")
    assert held["last_touch"] == tenant.sandbox.clock.now().date()
    assert "Cy Ode" in str(held["route"])


def test_a_deal_shows_what_the_ties_of_the_whole_team_come_to(tenant: Tenant):
    at = tenant.sandbox.clock.now() - timedelta(days=30)
    bo, ada = (tenant.crm.ids[ExternalId(name)] for name in ("Bo", "Ada"))
    involved = (DealContact(bo, "Decision Maker", is_primary=True),)
    deal = Deal(ExternalId("Mill"), "Mill", "Proposal", owner_id=ada, contacts=involved)
    tenant.crm.put([replace(deal, created_at=at, modified_at=at)])
    assert tenant.run()["write back"].status == "ok"
    held = tenant.holds("Mill", Target.DEAL)
    assert (held["threads"], held["best_colleague"]) == (1, "Ada Lund")
    assert held["strength"] == tenant.holds("Bo")["strength"]


def test_a_second_run_writes_nothing(tenant: Tenant):
    tenant.run()
    calls = len(tenant.sandbox.calls)
    second = tenant.run()["write back"]
    assert (second.counts["written"], second.counts["calls"]) == (0, 0)
    wrote = [c for c in tenant.sandbox.calls[calls:] if c.method in ("PATCH", "PUT", "DELETE")]
    assert wrote == []


def test_our_own_writes_cause_no_further_write(tenant: Tenant):
    tenant.run()
    written = []
    for _ in range(5):
        tenant.sandbox.clock.advance(timedelta(minutes=15))
        written.append(tenant.run()["write back"].counts["written"])
    assert sum(written) == 0


def test_an_expired_token_is_renewed_and_the_run_goes_on(tenant: Tenant):
    tenant.run()
    tenant.sandbox.clock.advance(timedelta(hours=13))
    assert tenant.run()["pull"].status == "ok"
