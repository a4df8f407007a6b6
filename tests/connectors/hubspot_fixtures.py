"""A portal on loopback, what to put in it, and how to pull it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from connectors import (
    START,
    Account,
    Activity,
    Bookmark,
    Channel,
    Connector,
    ExternalId,
    Malformed,
    Page,
    Participant,
    Person,
    PersonKind,
    Record,
    Role,
    Stream,
    hubspot,
)
from connectors._sandbox import Running, Server, running
from connectors.hubspot import sandbox as hubspot_sandbox
from connectors.hubspot.client import Client

THEN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

ANNE, BORIS = ExternalId("anne"), ExternalId("boris")
CLARA, DAVID = ExternalId("clara"), ExternalId("david")
ACME = ExternalId("acme")

MOST_PAGES = 1000


class Portal(Running):
    """A portal being served, and what is HubSpot's alone."""

    def client(
        self,
        *,
        clock: Callable[[], float] = lambda: 0.0,
        searches_a_second: int | None = None,
    ) -> Client:
        """Make an OAuth client below the contract, for what an admin cannot choose."""
        credentials = hubspot.Credentials.model_validate(
            hubspot_sandbox.oauth_credentials(self.url).model_dump()
        )
        client = Client(
            credentials,
            on_refresh=self.refreshed.append,
            sleep=self.waits.append,
            clock=clock,
            searches_a_second=searches_a_second,
        )
        self.open.callback(client.transport.close)
        return client

    def fill(self, *records: Record) -> Mapping[ExternalId, ExternalId]:
        """Put records into the portal."""
        return hubspot_sandbox.fill(self.sandbox, records)


@dataclass
class Pull:
    """Everything one pull brought."""

    records: list[Record] = field(default_factory=list)
    malformed: list[Malformed] = field(default_factory=list)
    marks: dict[Stream, Bookmark] = field(default_factory=dict)
    pages: list[Page] = field(default_factory=list)

    def one(self, record_id: ExternalId) -> Record:
        """Give the only record with this id."""
        (found,) = (record for record in self.records if record.id == record_id)
        return found


def pull(
    connector: Connector,
    streams: Iterable[Stream] = hubspot.STREAMS,
    marks: Mapping[Stream, Bookmark] | None = None,
    between: Callable[[Page], None] = lambda _: None,
) -> Pull:
    """Read streams to their ends, one after the other; `between` happens behind each page."""
    got = Pull(marks={stream: (marks or {}).get(stream, START) for stream in streams})
    for stream in got.marks:
        for _ in range(MOST_PAGES):
            (page,) = connector.read({stream: got.marks[stream]})
            got.pages.append(page)
            got.records.extend(page.records)
            got.malformed.extend(page.malformed)
            got.marks[stream] = page.bookmark
            between(page)
            if page.is_last:
                break
    return got


def colleague(record_id: ExternalId, name: str = "Anne Aster") -> Person:
    address = f"{record_id}@ours.example"
    return Person(
        record_id, PersonKind.COLLEAGUE, name, (address,), department="Sales", modified_at=THEN
    )


def contact(record_id: ExternalId, name: str = "Clara Crow", *more_addresses: str) -> Person:
    addresses = (f"{record_id}@acme.example", *more_addresses)
    return Person(record_id, PersonKind.CONTACT, name, addresses, modified_at=THEN)


def contacts(number: int, begin: int = 0) -> list[Person]:
    return [contact(ExternalId(f"c{n}")) for n in range(begin, begin + number)]


def activity(
    channel: Channel,
    *people: tuple[Role, ExternalId],
    record_id: str = "activity",
    duration_s: float = 0.0,
    happened: bool = True,
) -> Activity:
    return Activity(
        ExternalId(record_id),
        channel,
        THEN,
        tuple(Participant(role, person) for role, person in people),
        recipients=max(len(people) - 1, 1),
        duration_s=duration_s,
        happened=happened,
        modified_at=THEN,
    )


def people() -> list[Record]:
    account = Account(ACME, "Acme", "acme.example", THEN)
    return [account, colleague(ANNE), colleague(BORIS, "Boris"), contact(CLARA), contact(DAVID)]


@contextmanager
def open_portal(server: Server) -> Iterator[Portal]:
    """Open an empty portal on a server."""
    with running("hubspot", server=server) as found:
        yield Portal(**vars(found))
