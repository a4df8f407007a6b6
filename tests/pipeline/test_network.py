"""The day's network: found with the first scores of a day, and kept until the next."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, select

from app.pipeline.network import network
from app.pipeline.score import score
from app.store import networks, tables
from connectors import Account
from tests.api.filled import exchange, two_offices
from tests.conftest import Run
from tests.fakes import NOW, FakeConnector, contact

DAY = timedelta(days=1)


def rows(database: Engine) -> dict[str, list[dict[str, object]]]:
    every: tuple[type[SQLModel], ...] = networks.PARTS
    with Session(database) as session:
        return {
            str(table.__tablename__): [one.model_dump() for one in session.exec(select(table))]
            for table in every
        }


def test_a_days_network_is_found_once(run: Run, database: Engine):
    fake = FakeConnector(two_offices())
    (first,) = [report for report in run(fake) if report.stage == "score"]
    (second,) = [report for report in run(fake) if report.stage == "score"]
    assert (first.counts["firm ties"], first.counts["communities"]) == (31, 2)
    assert first.counts["bridges"] == 1
    assert "bridges" not in second.counts
    assert network(database, at=NOW) == {}


def test_the_next_day_it_is_found_anew_and_communities_keep_their_numbers(
    run: Run, database: Engine
):
    fake = FakeConnector(two_offices())
    run(fake)
    before = rows(database)
    fake.records += [contact("Zoe"), *exchange(50_000, "Zoe", "Bob", range(1, 30, 3))]
    run(fake)
    assert rows(database) == before
    score(database, at=NOW + DAY)
    assert network(database, at=NOW + DAY)["firm ties"] == 32
    names = {one["number"]: one["name"] for one in rows(database)["community"]}
    assert names == {one["number"]: one["name"] for one in before["community"]}


def test_communities_of_nameless_accounts_are_called_after_their_industry(
    run: Run, database: Engine
):
    nameless = [
        replace(one, name="", industry="Banking") if isinstance(one, Account) else one
        for one in two_offices()
    ]
    run(FakeConnector(nameless))
    assert {one["name"] for one in rows(database)["community"]} == {"Banking"}


def test_the_same_records_give_the_same_network(run: Run, database: Engine):
    run(FakeConnector(two_offices()))
    before = rows(database)
    with Session(database) as session, session.begin():
        session.delete(session.get_one(tables.Network, networks.IN_FORCE))
    network(database, at=NOW)
    assert rows(database) == before


def test_an_address_that_is_no_persons_joins_nothing(run: Run, database: Engine):
    desk = contact("Desk", "info@north.example", "north")
    written = [*exchange(60_000, "Desk", "Ana", range(1, 40, 3))]
    written += exchange(70_000, "Desk", "Bob", range(1, 40, 3))
    run(FakeConnector([*two_offices(), desk, *written]))
    with Session(database) as session:
        place = select(tables.Person.id).where(tables.Person.name == "Desk")
        assert session.get(tables.Position, session.exec(place).one()) is None
        assert len(networks.bridges(session, limit=9)) == 1
