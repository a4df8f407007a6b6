"""Resolve: who is who, and who met whom."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.pipeline.resolve import met
from app.store import tables
from app.store.identity import set_apart
from connectors import Activity, Channel, ExternalId, Participant, Role
from tests.conftest import Run
from tests.fakes import NOW, FakeConnector, colleague, contact, email

RESOLVE = ("pull", "resolve")


def people(database: Engine) -> dict[str, set[str]]:
    """The records of each person, by the name Tieline calls them."""
    with Session(database) as session:
        names = {p.id: p.name for p in session.exec(select(tables.Person))}
        found: dict[str, set[str]] = {}
        for profile in session.exec(select(tables.Profile)):
            found.setdefault(names[profile.person_id], set()).add(profile.external_id)
        return found


def pairs(database: Engine) -> set[tuple[str, str, bool]]:
    """Who met whom, by name."""
    with Session(database) as session:
        names = {p.id: p.name for p in session.exec(select(tables.Person))}
        found = session.exec(select(tables.Interaction).order_by(col(tables.Interaction.at_s)))
        return {(names[i.source], names[i.target], i.is_directed) for i in found}


def test_records_with_one_address_in_two_crms_are_one_person(database: Engine, run: Run):
    first = FakeConnector([contact("Bo", "bo@far.example")])
    second = FakeConnector([contact("Bo Lund", "bo@far.example")])
    run(first, second, only=RESOLVE)
    assert len(people(database)) == 1


def test_records_on_one_page_with_one_address_are_one_person(database: Engine, run: Run):
    run(FakeConnector([contact("Bo", "bo@far.example"), contact("B", "bo@far.example")]))
    assert len(people(database)) == 1


def test_nobody_is_joined_by_name_alone(database: Engine, run: Run):
    twins = [replace(contact("Bo"), id=ExternalId(f"Bo {n}"), addresses=()) for n in range(2)]
    run(FakeConnector(twins), only=RESOLVE)
    with Session(database) as session:
        assert len(session.exec(select(tables.Person)).all()) == 2


def test_a_colleague_who_is_a_contact_elsewhere_stays_a_colleague(database: Engine, run: Run):
    ours, theirs = (
        FakeConnector([colleague("Ada")]),
        FakeConnector([contact("A", "ada@ours.example")]),
    )
    run(ours, theirs, only=RESOLVE)
    theirs.records.append(replace(contact("A", "ada@ours.example"), title="Buyer"))
    run(ours, theirs, only=RESOLVE)
    with Session(database) as session:
        (person,) = session.exec(select(tables.Person)).all()
    assert (person.name, person.is_colleague) == ("Ada", True)


def test_a_merged_record_belongs_to_the_person_who_lives_on(database: Engine, run: Run):
    fake = FakeConnector([colleague("Ada"), contact("Bo"), contact("Old"), email(1, "Ada", "Old")])
    run(fake, only=RESOLVE)
    lost = replace(contact("Old"), is_deleted=True, merged_into=ExternalId("Bo"))
    fake.records.append(lost)
    run_again(run, fake)
    assert people(database)["Bo"] == {"Bo", "Old"}
    assert pairs(database) == {("Ada", "Bo", True)}


def test_a_contact_named_before_it_is_shown_gets_its_name_later(database: Engine, run: Run):
    fake = FakeConnector([colleague("Ada"), email(1, "Ada", "Bo")])
    run(fake, only=RESOLVE)
    assert pairs(database) == {("Ada", "", True)}
    fake.records.append(contact("Bo"))
    run_again(run, fake)
    assert pairs(database) == {("Ada", "Bo", True)}


def test_a_contact_shown_late_whose_address_is_known_joins_that_person(database: Engine, run: Run):
    by_address = Activity(
        id=ExternalId("email 2"),
        channel=Channel.EMAIL,
        at=NOW,
        participants=(
            Participant(Role.FROM, ExternalId("Ada")),
            Participant(Role.TO, address="bo@fake.example"),
        ),
    )
    fake = FakeConnector([colleague("Ada"), by_address])
    run(fake, only=RESOLVE)
    fake.records.append(contact("Bo"))
    run_again(run, fake)
    assert pairs(database) == {("Ada", "Bo", True)}


def test_a_changed_activity_replaces_its_interactions(database: Engine, run: Run):
    fake = FakeConnector([colleague("Ada"), contact("Bo"), contact("Cy"), email(1, "Ada", "Bo")])
    run(fake, only=RESOLVE)
    fake.records.append(email(1, "Ada", "Cy"))
    run_again(run, fake)
    assert pairs(database) == {("Ada", "Cy", True)}


@pytest.mark.parametrize("change", [{"is_deleted": True}, {"happened": False}])
def test_what_did_not_happen_is_no_interaction(database: Engine, run: Run, change: dict[str, bool]):
    fake = FakeConnector([colleague("Ada"), contact("Bo"), email(1, "Ada", "Bo")])
    run(fake, only=RESOLVE)
    fake.records.append(replace(email(1, "Ada", "Bo"), **change))
    run_again(run, fake)
    assert pairs(database) == set()


def test_what_is_resolved_is_not_looked_at_again(run: Run):
    fake = FakeConnector([colleague("Ada"), contact("Bo"), email(1, "Ada", "Bo")])
    run(fake, only=RESOLVE)
    *_, resolved = run_again(run, fake)
    assert set(resolved.counts.values()) == {0}


def test_a_sender_met_each_recipient_and_recipients_did_not_meet():
    parts = [(Role.FROM, 1), (Role.TO, 2), (Role.CC, 3)]
    assert set(met("email", parts)) == {(1, 2, True), (1, 3, True)}


def test_without_a_sender_the_first_participant_met_the_others():
    parts = [(Role.PARTY, 9), (Role.PARTY, 2), (Role.PARTY, 3)]
    assert set(met("email", parts)) == {(2, 9, False), (3, 9, False)}


def test_everybody_in_a_small_meeting_met_everybody():
    parts = [(Role.PARTY, n) for n in (3, 1, 2)]
    assert set(met("meeting", parts)) == {(1, 2, False), (1, 3, False), (2, 3, False)}


def test_in_a_large_meeting_only_the_first_met_the_others():
    parts = [(Role.PARTY, n) for n in range(13)]
    assert len(set(met("meeting", parts))) == 12


def test_nobody_meets_themself():
    assert list(met("email", [(Role.FROM, 1), (Role.TO, 1)])) == []


def run_again(run: Run, fake: FakeConnector):
    return run(fake, only=RESOLVE)


def test_of_two_records_of_one_event_the_one_that_tells_more_counts(database: Engine, run: Run):
    task = replace(email(1, "Ada", "Bo"), id=ExternalId("task"))
    mail = replace(email(2, "Bo", "Ada"), id=ExternalId("mail"), supersedes=task.id)
    fake = FakeConnector([colleague("Ada"), contact("Bo"), task])
    run(fake, only=RESOLVE)
    assert pairs(database) == {("Ada", "Bo", True)}
    fake.records.append(mail)
    run(fake, only=RESOLVE)
    assert pairs(database) == {("Bo", "Ada", True)}


def test_the_one_that_tells_less_counts_again_when_the_other_is_deleted(database: Engine, run: Run):
    task = replace(email(1, "Ada", "Bo"), id=ExternalId("task"))
    mail = replace(email(2, "Bo", "Ada"), id=ExternalId("mail"), supersedes=task.id)
    fake = FakeConnector([colleague("Ada"), contact("Bo"), task, mail])
    run(fake, only=RESOLVE)
    fake.records.append(replace(mail, is_deleted=True))
    run(fake, only=RESOLVE)
    assert pairs(database) == {("Ada", "Bo", True)}


def test_what_was_sent_to_many_alike_is_no_contact(database: Engine, run: Run):
    bulk = replace(email(1, "Ada", "Bo"), is_bulk=True)
    run(FakeConnector([colleague("Ada"), contact("Bo"), bulk]), only=RESOLVE)
    assert pairs(database) == set()


def reasons(database: Engine) -> dict[str, str]:
    """What joined each record to others."""
    with Session(database) as session:
        return {p.external_id: p.joined_because for p in session.exec(select(tables.Profile))}


def test_every_record_says_what_joined_it(database: Engine, run: Run):
    smith, again = contact("Anna Smith", "a.smith@far.example"), contact("Anna  Smith")
    again = replace(again, addresses=("anna.smith@far.example",))
    run(FakeConnector([smith, again]), only=RESOLVE)
    assert reasons(database) == {
        "Anna  Smith": "",
        "Anna Smith": "the same name, of which an address at far.example is made",
    }


def test_a_record_that_is_set_apart_is_nobody_else_until_that_is_undone(
    database: Engine, run: Run, connection_id: int
):
    fake = FakeConnector(
        [colleague("Ada"), contact("Bo"), contact("B", "bo@fake.example"), email(1, "Ada", "B")]
    )
    run(fake, only=RESOLVE)
    assert len(people(database)) == 2
    for is_apart, found in ((True, 3), (False, 2)):
        with Session(database) as session, session.begin():
            set_apart(session, connection_id, "B", is_apart=is_apart)
        run(fake, only=RESOLVE)
        run(fake, only=RESOLVE)
        assert len(people(database)) == found
        assert len(pairs(database)) == 1


def test_a_record_that_links_two_people_makes_them_one(database: Engine, run: Run):
    fake = FakeConnector(
        [
            colleague("Ada"),
            contact("Bo", "bo@far.example"),
            contact("Bo B", "bo@home.example"),
            email(1, "Ada", "Bo"),
            email(2, "Ada", "Bo B"),
        ]
    )
    run(fake, only=RESOLVE)
    assert len(people(database)) == 3
    both = replace(contact("Bo Lund"), addresses=("bo@far.example", "bo@home.example"))
    fake.records.append(both)
    run(fake, only=RESOLVE)
    assert sorted(map(len, people(database).values())) == [1, 3]
    assert len(pairs(database)) == 1


def test_who_shares_an_address_and_not_a_letter_of_the_name_is_another(database: Engine, run: Run):
    fake = FakeConnector([contact("Bo Lund", "x@far.example"), contact("Eve", "x@far.example")])
    run(fake, only=RESOLVE)
    assert len(people(database)) == 2


def test_people_who_are_reached_at_a_shared_mailbox_are_not_one(database: Engine, run: Run):
    desks = [contact(name, "info@far.example") for name in ("Bo Lund", "Bo Lunde", "Info far")]
    run(FakeConnector(desks), only=RESOLVE)
    assert len(people(database)) == 3
    with Session(database) as session:
        found = {p.name: p.mailbox for p in session.exec(select(tables.Person))}
    assert found["Info far"] == "shared"


@pytest.mark.parametrize("address", ["noreply@far.example", "newsletter@far.example"])
def test_nobody_meets_a_machine_or_a_list(database: Engine, run: Run, address: str):
    machine = contact("Far", address)
    run(FakeConnector([colleague("Ada"), machine, email(1, "Far", "Ada")]), only=RESOLVE)
    assert pairs(database) == set()


def test_who_has_an_address_of_ours_is_a_colleague(database: Engine, run: Run):
    fake = FakeConnector(
        [
            replace(colleague("Ada"), addresses=("ada@ours.com",)),
            contact("Bo", "bo@ours.com"),
            contact("Cy", "cy@theirs.com"),
        ]
    )
    run(fake, only=RESOLVE)
    with Session(database) as session:
        found = {p.name: p.is_colleague for p in session.exec(select(tables.Person))}
    assert found == {"Ada": True, "Bo": True, "Cy": False}


def test_a_provider_that_gives_addresses_to_anybody_is_not_ours(database: Engine, run: Run):
    fake = FakeConnector(
        [replace(colleague("Ada"), addresses=("ada@gmail.com",)), contact("Bo", "bo@gmail.com")]
    )
    run(fake, only=RESOLVE)
    with Session(database) as session:
        found = {p.name: p.is_colleague for p in session.exec(select(tables.Person))}
    assert found["Bo"] is False
