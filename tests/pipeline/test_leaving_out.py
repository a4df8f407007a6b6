"""Who is excluded takes part in nothing from the next run on; lifting that brings them back."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.store import exclusions, tables
from connectors import Account, ExternalId, Person, PersonKind
from tests.conftest import Run
from tests.fakes import NOW, FakeConnector, colleague, contact, email
from tests.pipeline.crms import BO, FAR, crm


def exclude(database: Engine, kind: str, value: str, **more: object) -> int:
    said = {"reason": "Asked for.", "author": "Eva", "set_at": NOW, **more}
    with Session(database) as session, session.begin():
        row = tables.Exclusion(kind=kind, value=value, **said)
        return exclusions.add(session, row).id or 0


def lift(database: Engine, exclusion_id: int) -> None:
    with Session(database) as session, session.begin():
        row = exclusions.get(session, exclusion_id)
        row.is_lifted, row.is_settled = True, False


def pairs(database: Engine) -> set[tuple[str, str]]:
    """Who met whom, by name, each pair in alphabetical order."""
    met = tables.Interaction
    with Session(database) as session:
        names = dict(session.exec(select(tables.Person.id, tables.Person.name)).all())
        found = session.exec(select(met.source, met.target)).all()
    return {(min(a, b), max(a, b)) for a, b in ((names[s], names[t]) for s, t in found)}


def ties(database: Engine) -> int:
    with Session(database) as session:
        return len(session.exec(select(tables.Tie)).all())


def test_an_excluded_contact_has_no_tie_and_their_fields_are_cleared(run: Run, database: Engine):
    fake = crm()
    run(fake)
    assert fake.values[BO]["strength"]
    exclude(database, "address", "bo@fake.example")
    run(fake)
    assert ties(database) == 0
    assert set(fake.values[BO].values()) == {None}
    assert set(fake.values[FAR].values()) == {None}


def test_lifting_an_exclusion_brings_everything_back(run: Run, database: Engine):
    fake = crm()
    run(fake)
    before = dict(fake.values[BO]), dict(fake.values[FAR])
    one = exclude(database, "domain", "example")
    run(fake)
    assert pairs(database) == set()
    lift(database, one)
    run(fake)
    assert (fake.values[BO], fake.values[FAR]) == before


def test_what_is_excluded_from_the_beginning_is_never_written(run: Run, database: Engine):
    exclude(database, "domain", "fake.example")
    fake = crm()
    run(fake)
    assert fake.writes == []


def test_who_is_excluded_is_so_with_all_their_records(run: Run, database: Engine):
    fake = crm()
    other = ("bo@fake.example", "bo@other.example")
    fake.records.append(replace(contact("Bo"), id=ExternalId("Bo 2"), addresses=other))
    fake.records.append(email(90, "Ada", "Bo 2"))
    exclude(database, "address", "bo@other.example")
    run(fake)
    assert pairs(database) == set()


def test_without_its_sender_a_mail_is_nobodys(run: Run, database: Engine):
    fake = FakeConnector(
        [colleague("Ada"), contact("Bo"), contact("Cy"), email(1, "Bo", "Ada", "Cy")]
    )
    exclude(database, "address", "bo@fake.example")
    run(fake)
    assert pairs(database) == set()


def test_the_others_of_a_mail_have_met_all_the_same(run: Run, database: Engine):
    fake = FakeConnector(
        [colleague("Ada"), contact("Bo"), contact("Cy"), email(1, "Ada", "Bo", "Cy")]
    )
    exclude(database, "address", "bo@fake.example")
    run(fake)
    assert pairs(database) == {("Ada", "Cy")}


def test_a_rule_can_take_the_whole_activity(run: Run, database: Engine):
    fake = FakeConnector(
        [colleague("Ada"), contact("Bo"), contact("Cy"), email(1, "Ada", "Bo", "Cy")]
    )
    exclude(database, "address", "bo@fake.example", takes_activity=True)
    run(fake)
    assert pairs(database) == set()


def test_the_works_council_is_left_out_without_asking(run: Run, database: Engine):
    council = Person(
        ExternalId("Council"), PersonKind.COLLEAGUE, "Council", ("betriebsrat@ours.example",)
    )
    mail = email(1, "Ada", "Bo", "Council")
    run(FakeConnector([colleague("Ada"), council, contact("Bo"), mail, email(2, "Bo", "Ada")]))
    with Session(database) as session:
        counted = session.exec(select(tables.Interaction.activity_id)).all()
    assert counted == ["email 2"]


def test_an_own_list_keeps_somebody_from_its_colleague_only(run: Run, database: Engine):
    fake = FakeConnector([colleague("Ada"), colleague("Cy"), contact("Bo")])
    fake.records += [email(1, "Ada", "Bo"), email(2, "Cy", "Bo")]
    run(fake)
    with Session(database) as session:
        ada = session.exec(select(tables.Person.id).where(tables.Person.name == "Ada")).one()
    exclude(database, "address", "bo@fake.example", colleague_id=ada)
    run(fake)
    assert pairs(database) == {("Bo", "Cy")}


def test_a_colleague_who_is_out_is_no_way_to_anybody(run: Run, database: Engine):
    fake = crm()
    exclude(database, "colleague", "ada@ours.example")
    run(fake)
    assert fake.writes == []


def test_who_comes_to_have_an_excluded_address_is_left_out(run: Run, database: Engine):
    fake = crm()
    exclude(database, "domain", "secret.example")
    run(fake)
    assert ties(database) == 1
    fake.records.append(contact("Bo", "bo@secret.example", account="Far"))
    run(fake)
    assert ties(database) == 0
    fake.records.append(contact("Bo", account="Far"))
    run(fake)
    assert ties(database) == 1


def test_who_is_excluded_does_not_count_among_the_people_of_an_account(run: Run, database: Engine):
    fake = crm()
    fake.records.append(contact("Al", account="Far"))
    exclude(database, "address", "al@fake.example")
    run(fake)
    assert fake.values[FAR]["coverage"] == 100


@pytest.mark.parametrize("address", ["bo@fake.example", "BO+news@fake.example"])
def test_an_address_that_only_an_activity_names_is_left_out(
    run: Run, database: Engine, address: str
):
    mail = email(1, "Ada", "Cy")
    (sender, to) = mail.participants
    mail = replace(mail, participants=(sender, to, replace(to, person_id=None, address=address)))
    exclude(database, "address", "bo@fake.example")
    run(FakeConnector([Account(ExternalId("Far"), "Far"), colleague("Ada"), contact("Cy"), mail]))
    with Session(database) as session:
        names = set(session.exec(select(tables.Person.name)).all())
    assert names == {"Ada", "Cy"}
