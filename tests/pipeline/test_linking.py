"""Lists of connections on LinkedIn: whose they are, whom they name, and what follows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import Engine
from sqlmodel import Session, select

from app.engine.topology.evidence import ASSUMED, LINKEDIN
from app.store import networks, tables
from connectors import Account, Acquaintance, ExternalId, Person, Record
from tests.api.filled import company
from tests.conftest import Run
from tests.fakes import FakeConnector, contact

SINCE = date(2021, 3, 5)
NAME = "connected on LinkedIn"


def on_list(record: Person, *colleagues: str) -> Person:
    """A record that is on the lists of some colleagues."""
    return replace(record, linked=tuple(Acquaintance(ExternalId(one), SINCE) for one in colleagues))


def row(name: str, address: str = "", account: str | None = None) -> Person:
    """A row of Ada's list."""
    own = (address,) if address else ()
    return replace(on_list(contact("row", account=account), "Ada"), name=name, addresses=own)


def linked(database: Engine) -> set[tuple[str, str]]:
    """Who is connected with whom."""
    with Session(database) as session:
        names = dict(session.exec(select(tables.Person.id, tables.Person.name)).all())
        told = session.exec(select(tables.Link)).all()
    return {(names[one.colleague_id], names[one.person_id]) for one in told}


def people_linked(database: Engine) -> set[int]:
    with Session(database) as session:
        return set(session.exec(select(tables.Link.person_id)))


def behind(database: Engine, record: str) -> set[int | None]:
    with Session(database) as session:
        query = select(tables.Profile.person_id)
        return set(session.exec(query.where(tables.Profile.external_id == record)))


def after(run: Run, *records: Record) -> Sequence[Record]:
    """Everything that there was to run, after running it."""
    every = [*company(), *records]
    run(FakeConnector(every))
    return every


def test_a_connection_is_evidence_and_its_chance_is_assumed(run: Run, database: Engine):
    after(run, on_list(contact("Zoe", "zoe@far.example"), "Ada"))
    with Session(database) as session:
        assert networks.network(session).edges[NAME] == {
            "edges": 1,
            "confidence": ASSUMED[LINKEDIN],
        }
        (link,) = session.exec(select(tables.Link))
        assert link.since == SINCE
    assert linked(database) == {("Ada", "Zoe")}


def test_a_connection_makes_no_tie(run: Run, database: Engine):
    after(run, on_list(contact("Zoe", "zoe@far.example"), "Ada"))
    with Session(database) as session:
        ends = {end for one in session.exec(select(tables.Tie)) for end in (one.a, one.b)}
    assert not people_linked(database) & ends


def test_a_connection_of_a_known_address_is_with_whoever_has_it(run: Run, database: Engine):
    after(run, row("C. L.", "cleo@acme.example"))
    assert people_linked(database) == behind(database, "Cleo")


def two_words() -> list[Record]:
    return [
        Account(ExternalId("far"), "Far, Inc."),
        Account(ExternalId("listed"), "FAR INC"),
        replace(contact("Bo", "bo@far.example", "far"), name="Bo Holm"),
    ]


def test_without_an_address_name_and_company_tell_who_it_is(run: Run, database: Engine):
    far, *others = two_words()
    after(run, replace(far, name="Far inc"), *others, row("Holm Bo", account="listed"))
    assert people_linked(database) == behind(database, "Bo")
    assert behind(database, "row") != behind(database, "Bo")


def test_a_name_alone_tells_nobody(run: Run, database: Engine):
    after(run, *two_words(), row("Bo Holm"))
    assert people_linked(database) == behind(database, "row") != behind(database, "Bo")


def test_of_two_namesakes_at_a_company_it_is_neither(run: Run, database: Engine):
    far, *others = two_words()
    second = replace(contact("Bo2", "b.h@far.example", "far"), name="Bo Holm", id=ExternalId("Bo2"))
    other = replace(second, addresses=("holm2@far.example",))
    after(run, replace(far, name="Far Inc"), *others, other, row("Bo Holm", account="listed"))
    assert people_linked(database) == behind(database, "row")


def test_whoever_is_taken_off_a_list_is_linked_no_more(run: Run, database: Engine):
    fake = FakeConnector([*company(), on_list(contact("Zoe", "zoe@far.example"), "Ada")])
    run(fake)
    fake.records.append(contact("Zoe", "zoe@far.example"))
    with Session(database) as session, session.begin():
        networks.forget(session)
    run(fake)
    assert linked(database) == set()
