"""An org on loopback, what to put in it, and how to pull it."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote_plus

import httpx
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors import (
    START,
    Account,
    Activity,
    Bookmark,
    Channel,
    Connector,
    ExternalId,
    Page,
    Participant,
    Person,
    PersonKind,
    Record,
    Role,
    Stream,
)
from connectors._sandbox import Running, Server, running
from connectors.salesforce import sandbox as salesforce_sandbox
from connectors.salesforce.sandbox.signing_in import CLIENT_ID, CLIENT_SECRET

THEN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

ANNE, BORIS = ExternalId("anne"), ExternalId("boris")
CLARA, DAVID, LEA = ExternalId("clara"), ExternalId("david"), ExternalId("lea")
ACME = ExternalId("acme")

MOST_PAGES = 1000


@dataclass
class Org(Running):
    """An org being served, and what is Salesforce's alone."""

    bodies: list[str] = field(default_factory=list)

    def fill(self, records: Iterable[Record]) -> Mapping[ExternalId, ExternalId]:
        """Put records into the org."""
        return salesforce_sandbox.fill(self.sandbox, records)

    def queries(self) -> list[str]:
        """Give every SOQL statement asked so far."""
        asked = (call.query for call in self.sandbox.calls if call.query.startswith("q="))
        return [unquote_plus(query.removeprefix("q=")) for query in asked]

    def statements(self) -> list[str]:
        """Give every SOQL statement asked so far, those inside of composite calls too."""
        parts = [part for body in self.bodies for part in body.split('"url":') if "/?q=" in part]
        inside = [part.split("/?q=")[1].split('"')[0] for part in parts]
        return [*self.queries(), *map(unquote_plus, inside)]

    def http(self) -> httpx.Client:
        """Give a signed-in client of the bare API, without any of our code."""
        client = httpx.Client(base_url=self.url, trust_env=False)
        self.open.callback(client.close)
        form = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        answer = client.post(
            "/services/oauth2/token", data=form | {"grant_type": "client_credentials"}
        )
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return client


@contextmanager
def open_org(server: Server) -> Iterator[Org]:
    """Open an empty org on a server."""
    with running("salesforce", server=server) as found:
        org = Org(**vars(found))
        server.app = _Heard(server.app, org.bodies)
        yield org


class _Heard:
    """Notes what was posted to an app."""

    def __init__(self, app: ASGIApp, bodies: list[str]) -> None:
        self._app = app
        self._bodies = bodies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def heard() -> Message:
            message = await receive()
            if message.get("body"):
                self._bodies.append(message["body"].decode("utf-8", "replace"))
            return message

        await self._app(scope, heard, send)


def colleague(person_id: ExternalId, name: str = "Anne Abel") -> Person:
    """A colleague with everything that Salesforce holds of one."""
    return Person(
        person_id,
        PersonKind.COLLEAGUE,
        name,
        (f"{person_id}@ours.com",),
        title="Account Executive",
        department="Sales",
        modified_at=THEN,
    )


def contact(person_id: ExternalId, name: str = "Clara Stone", at: datetime = THEN) -> Person:
    """A contact with an address of its own."""
    return Person(person_id, PersonKind.CONTACT, name, (f"{person_id}@acme.com",), modified_at=at)


def contacts(count: int, *, step: timedelta = timedelta()) -> Iterator[Person]:
    """Many contacts, each modified a step after the one before."""
    for number in range(count):
        yield contact(ExternalId(f"c{number}"), f"Carl Number{number}", THEN + number * step)


def people() -> list[Record]:
    """An account, two colleagues, two contacts and a lead."""
    lead = Person(LEA, PersonKind.LEAD, "Lea Dunn", ("lea@new.com",), "CTO", modified_at=THEN)
    return [
        Account(ACME, "Acme", "acme.com", modified_at=THEN, industry="Banking"),
        colleague(ANNE),
        colleague(BORIS, "Boris Bell"),
        contact(CLARA),
        contact(DAVID, "David Small"),
        lead,
    ]


def activity(
    name: str, channel: Channel, *who: ExternalId, role: Role = Role.PARTY, length_s: float = 0.0
) -> Activity:
    """What people did together a day after they were made."""
    at = THEN + timedelta(days=1)
    parties = tuple(Participant(role, person_id=person) for person in who)
    return Activity(
        ExternalId(name),
        channel,
        at,
        parties,
        recipients=max(1, len(who) - 1),
        duration_s=length_s,
        modified_at=at,
    )


def pull(
    connector: Connector, stream: Stream, bookmark: Bookmark = START
) -> tuple[list[Record], Bookmark]:
    """Read a stream to its end; give its records and the bookmark of the next pull."""
    records: list[Record] = []
    for page in pages(connector, stream, bookmark):
        records += page.records
        bookmark = page.bookmark
    return records, bookmark


def pull_all(
    connector: Connector, bookmarks: Mapping[Stream, Bookmark]
) -> tuple[list[Record], dict[Stream, Bookmark]]:
    """Read streams to their end, together; give their records and the bookmarks behind them."""
    records: list[Record] = []
    done: dict[Stream, Bookmark] = {}
    pending = dict(bookmarks)
    for _ in range(MOST_PAGES):
        found = connector.read(pending)
        records += [record for page in found for record in page.records]
        done |= {page.stream: page.bookmark for page in found}
        pending = {page.stream: page.bookmark for page in found if not page.is_last}
        if not pending:
            return records, done
    raise AssertionError("The streams have no end.")


def pages(connector: Connector, stream: Stream, bookmark: Bookmark = START) -> Iterator[Page]:
    """Read a stream page by page to its end."""
    for _ in range(MOST_PAGES):
        (page,) = connector.read({stream: bookmark})
        yield page
        bookmark = page.bookmark
        if page.is_last:
            return
    raise AssertionError("The stream has no end.")


def one(connector: Connector, stream: Stream) -> Record:
    """Read the only record of a stream."""
    (record,), _ = pull(connector, stream)
    return record
