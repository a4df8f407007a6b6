"""A sandbox CRM that tells Tieline over HTTP what changes, and a worker that acts on it."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from app import connections
from app.connections import Time
from app.hooks import Hooks, Wish
from app.main import create_app
from app.pipeline import Report
from app.settings import plain_settings
from app.store import hints, tables
from app.worker import Worker
from connectors._sandbox import Sandbox, served
from connectors._sending import Delivery
from connectors.hubspot.sandbox import levers as hubspot
from connectors.hubspot.sandbox.signing_in import CLIENT_SECRET
from connectors.salesforce.sandbox import levers as salesforce
from tests.fakes import contact, email
from tests.reliability.following import CANARY, Following

LONG_S = 60.0
"""Time enough for a machine that is busy with other tests."""

OBJECTS = ("0-1", "0-2", "0-47", "0-48", "0-49")
ACTIONS = ("creation", "deletion", "restore", "merge", "propertyChange", "associationChange")
SOBJECTS = ("Account", "Contact", "Event", "EmailMessage", "Task")


@dataclass(frozen=True)
class Telling:
    """How a CRM tells what changes.

    Attributes:
        secret: What it signs with, if it is its own.
        subscribe: Has it tell everything to an address.
        deliver: Has it deliver what is due.
        disturb: Has it deliver everything twice and in disorder.
        waiting: The table of what is still to be told.
    """

    secret: str | None
    subscribe: Callable[[Sandbox, str], None]
    deliver: Callable[[Sandbox], Sequence[Delivery]]
    disturb: Callable[[Sandbox], None]
    waiting: str


def _subscribe_in_hubspot(crm: Sandbox, url: str) -> None:
    for type_id in OBJECTS:
        hubspot.subscribe(crm, url, [f"object.{action}" for action in ACTIONS], type_id)
    hubspot.subscribe(crm, url, ["contact.privacyDeletion"])


def _subscribe_in_salesforce(crm: Sandbox, url: str) -> None:
    for sobject in SOBJECTS:
        salesforce.send_outbound(crm, sobject, url, [])


def _disturb_hubspot(crm: Sandbox) -> None:
    hubspot.turn(crm, "webhook_duplicates", 1)
    hubspot.turn(crm, "webhook_disorder", 1)


TELLING = {
    "hubspot": Telling(
        CLIENT_SECRET, _subscribe_in_hubspot, hubspot.deliver, _disturb_hubspot, "events"
    ),
    "salesforce": Telling(
        None,
        _subscribe_in_salesforce,
        salesforce.deliver_outbound,
        lambda crm: salesforce.disturb_outbound(crm, is_twice=True, is_shuffled=True),
        "outbound_notification",
    ),
}


@dataclass
class Announcing:
    """A CRM that tells what changes, and whoever acts on it."""

    following: Following
    hooks: Hooks
    telling: Telling
    worker: Worker

    @property
    def crm(self) -> Sandbox:
        return self.following.crm.sandbox

    def deliver(self) -> list[int]:
        """Have the CRM deliver what is due; gives what it was answered."""
        found = [one.status for one in self.telling.deliver(self.crm)]
        self.following.pass_time(seconds=2)
        return found

    def work(self) -> list[Report]:
        """Do what is due, until nothing is."""
        reports: list[Report] = []
        while done := self.worker.step():
            reports += done
        return reports

    def meet(self, times: int = 6) -> None:
        """Have Ada and Dee, who is of another company, write to each other: so often it shows."""
        ada, other = self.following.id_of("Ada"), self.following.id_of("Dee")
        for day in range(times):
            self.following.made += 2
            first = self.following.made
            mails = [email(first, ada, other), email(first - 1, other, ada)]
            at = self.crm.clock.now() - timedelta(days=day + 1)
            self.following.put(*(replace(mail, at=at) for mail in mails))

    def lose(self, every: int) -> None:
        """Have a part of what is to be told never arrive."""
        table = self.telling.waiting
        self.crm.db.execute(f"DELETE FROM {table} WHERE rowid % ? = 0", (every,))  # noqa: S608 ours

    def untold(self) -> int:
        """How much the CRM has still to tell."""
        query = f"SELECT count(*) FROM {self.telling.waiting}"  # noqa: S608 ours
        return int(self.crm.db.execute(query).fetchone()[0])

    def queued(self) -> int:
        with Session(self.following.database) as session:
            return hints.waiting(session, self.following.connection_id)[0]

    def hook(self) -> tables.Hook:
        with Session(self.following.database) as session:
            return session.get_one(tables.Hook, self.following.connection_id)


def stages(reports: Sequence[Report]) -> set[str]:
    return {report.stage for report in reports}


@contextlib.contextmanager
def announcing(following: Following) -> Iterator[Announcing]:
    """Serve the service, have the CRM tell it everything, and read once what is there."""
    database, telling = following.database, TELLING[following.crm.name]
    url = database.url.render_as_string(hide_password=False)
    app: Any = create_app(plain_settings(database_url=url, pull_every_minutes=0))
    worker = Worker(
        database,
        lambda: connections.opened(database, following.vault, Time(following.now, lambda _: None)),
        now=following.now,
    )
    with served(app) as base, contextlib.closing(worker):
        hooks = Hooks(database, following.vault, base, following.now)
        hooks.answered_within_s = LONG_S
        app.state.hooks = hooks
        setup = hooks.set_up(following.connection_id, Wish(telling.secret))
        telling.subscribe(following.crm.sandbox, setup.url)
        dee = contact("Dee", f"{CANARY}.dee@elsewhere.example")
        following.put(replace(dee, name="Canary Dee"))
        following.run(only=("pull", "resolve", "score", "write back"))
        found = Announcing(following, hooks, telling, worker)
        found.lose(1)
        yield found
        hooks.close()
