"""A service whose store was filled by the pipeline, from a CRM that is a list."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations

from pydantic import SecretStr
from sqlalchemy import Engine
from sqlmodel import Session, select

from app import pipeline
from app.lease import LEASE
from app.pipeline import Link
from app.settings import Settings
from app.store import connections, tables
from connectors import Account, ExternalId, Record, Stream
from tests.fakes import NOW, FakeConnector, colleague, contact, email

STREAMS = tuple(Stream)


def exchange(first: int, a: str, b: str, days: Iterable[float]) -> list[Record]:
    """A mail each way on each of these days."""
    return [
        mail
        for i, day in enumerate(days)
        for mail in (
            email(first + 2 * i, a, b, days_ago=day),
            email(first + 2 * i + 1, b, a, days_ago=day - 0.1),
        )
    ]


def company() -> list[Record]:
    """Ada knows Cleo a little; Ben knows Cleo and Dan well; Ada and Ben write daily."""
    acme = Account(ExternalId("acme"), "Acme Corp", "acme.example")
    return [
        colleague("Ada"),
        colleague("Ben"),
        acme,
        contact("Cleo", "cleo@acme.example", "acme"),
        contact("Dan", "dan@acme.example", "acme"),
        contact("Eve"),
        *exchange(1000, "Ada", "Ben", range(1, 60)),
        *exchange(2000, "Ben", "Cleo", range(1, 60, 2)),
        *exchange(3000, "Ben", "Dan", range(2, 60, 3)),
        email(4000, "Ada", "Cleo", days_ago=50),
    ]


def two_offices() -> list[Record]:
    """Six people at each of two accounts, who all write to each other, and a tie between two.

    Ana, our colleague, looks after the first account; Bob, our other one, after the second. Ana
    writes to Bob now and then, and once wrote to Ivo in the second office, who answered.
    """
    north = Account(ExternalId("north"), "North Ltd", "north.example")
    south = Account(ExternalId("south"), "South Inc", "south.example")
    records: list[Record] = [colleague("Ana"), colleague("Bob"), north, south]
    for account, names in (("north", "Cem Dua Eli Fay Gus"), ("south", "Hal Ivo Jan Kim Liv")):
        records += [
            contact(name, f"{name.lower()}@{account}.example", account) for name in names.split()
        ]
    for office, names in enumerate(("Ana Cem Dua Eli Fay Gus", "Bob Hal Ivo Jan Kim Liv")):
        for pair, (one, other) in enumerate(combinations(names.split(), 2)):
            records += exchange(10_000 * office + 100 * pair, one, other, range(1, 50, 4))
    records += exchange(30_000, "Ana", "Bob", (20, 60, 100))
    return [*records, *exchange(40_000, "Ana", "Ivo", (45,))]


@dataclass
class Filled:
    """A service and what it was filled from."""

    database: Engine
    link: Link
    fake: FakeConnector

    def run(self, at: datetime = NOW) -> None:
        """Run the whole pipeline."""
        pipeline.run(self.database, [self.link], now=lambda: at)

    def make_quiet(self) -> None:
        """Let so much time pass without contact that ties fall off the radar."""
        self.run(NOW + timedelta(days=120))

    def hold_lease(self) -> None:
        """Be the other replica that is running."""
        with Session(self.database) as session, session.begin():
            at, for_ = datetime.now(UTC), timedelta(hours=1)
            assert connections.take_lease(session, LEASE, "elsewhere", at=at, for_=for_)

    @contextmanager
    def links(self) -> Iterator[list[Link]]:
        """The connection, open."""
        yield [self.link]

    @contextmanager
    def open_one(self, connection_id: int) -> Iterator[Link]:
        """One connection, open.

        Raises:
            NotFound: If it is another one.
        """
        with Session(self.database) as session:
            connections.get(session, connection_id)
        yield self.link

    def id_of(self, name: str) -> int:
        """The id of a person."""
        with Session(self.database) as session:
            found = session.exec(select(tables.Person.id).where(tables.Person.name == name)).one()
        return found or 0


def link(database: Engine, fake: FakeConnector) -> Link:
    """A connection to a fake CRM."""
    with Session(database) as session, session.begin():
        row = tables.Connection(
            crm="fake", title="Fake CRM", tenant="fake", credentials=b"", created_at=NOW
        )
        return Link(connections.add(session, row), "Fake CRM", fake, STREAMS)


def settings(database: Engine, *, api_key: str = "") -> Settings:
    """Settings of a service on this database, without a schedule."""
    return Settings(
        _env_file=None,
        database_url=database.url.render_as_string(hide_password=False),
        api_key=SecretStr(api_key),
        pull_every_minutes=0,
    )
