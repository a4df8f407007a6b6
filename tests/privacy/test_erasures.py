"""Whoever is erased is nowhere, and stays out whatever the CRM does."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, func, or_, select

from app.errors import NotFound, Unreadable
from app.pipeline.choosing import Policy
from app.privacy import erasures
from app.store import chosen, tables
from app.store.audit import Actor
from connectors import Acquaintance, ExternalId, Record, Target
from tests.conftest import Run
from tests.fakes import FakeConnector, colleague, contact, email
from tests.pipeline.crms import BO, FAR, crm

NAME, ADDRESS, SECOND = "Zoë Canary", "zoe@canary.example", "z.canary@private.example"
CANARIES = ("Zoë", "Canary", "canary")
EVA = Actor("Eva")


def zoe(**more: object) -> Record:
    person = replace(contact("Bo", ADDRESS, "Far"), name=NAME, addresses=(ADDRESS, SECOND))
    return replace(person, **more)  # type: ignore[arg-type]


@pytest.fixture
def fake() -> FakeConnector:
    """Ada and Zoë know each other well; Zoë's address stands in mails by itself, too."""
    fake = crm()
    fake.records.append(zoe())
    mail = email(90, "Ada", "Stranger", "Bo")
    sender, stranger, bo = mail.participants
    by_address = replace(bo, person_id=None, address=f"Zoe+News@{ADDRESS.partition('@')[2]}")
    fake.records.append(replace(mail, participants=(sender, stranger, by_address)))
    fake.records.append(email(91, "Bo", "Stranger"))
    return fake


def person(database: Engine, name: str = NAME) -> int:
    with Session(database) as session:
        return session.exec(select(tables.Person.id).where(tables.Person.name == name)).one() or 0


def erase(database: Engine) -> str:
    with Session(database) as session, session.begin():
        return erasures.erase(session, person(database), actor=EVA, reference="T-17").id


def stored(database: Engine) -> str:
    """All that is in the store, as one text."""
    with Session(database) as session:
        every = SQLModel.metadata.tables
        rows = [session.connection().execute(every[name].select()) for name in sorted(every)]
        told = json.dumps([[tuple(row) for row in some] for some in rows], default=str)
    return json.dumps(json.loads(told), ensure_ascii=False).replace('\\"', '"')


def left(database: Engine) -> Iterator[str]:
    found = stored(database)
    return (word for word in CANARIES if word in found)


def certificate(database: Engine, erasure: str) -> tables.Erasure:
    with Session(database, expire_on_commit=False) as session, session.begin():
        return erasures.certificate(session, erasure)


def test_nothing_of_who_is_erased_is_left_in_the_store(
    run: Run, database: Engine, fake: FakeConnector
):
    run(fake)
    assert list(left(database)) == list(CANARIES)
    erase(database)
    run(fake)
    assert list(left(database)) == []


def test_the_fields_of_who_is_erased_are_blanked_and_confirmed(
    run: Run, database: Engine, fake: FakeConnector
):
    run(fake)
    held = [value for value in fake.values[BO].values() if value is not None]
    one = erase(database)
    assert certificate(database, one).done_at is None
    run(fake)
    assert set(fake.values[BO].values()) == {None}
    assert not fake.values[FAR]["best_contact"]
    told = certificate(database, one)
    assert (told.fields, told.confirmed) == ({"1": len(held)}, {"1": len(held)})
    assert told.done_at
    assert told.waiting == []


@pytest.mark.parametrize("policy", [Policy.RESPECT, Policy.ALERT])
def test_what_we_wrote_of_them_is_not_taken_for_a_persons_edit(
    run: Run, database: Engine, fake: FakeConnector, connection_id: int, policy: Policy
):
    with Session(database) as session, session.begin():
        for target, name in ((Target.CONTACT, "route"), (Target.ACCOUNT, "best_contact")):
            said = {"called": "", "policy": policy.value, "is_on": True}
            chosen.keep(session, connection_id, (target.value, name), **said)
    run(fake)
    erase(database)
    run(fake)
    run(fake)
    held = json.dumps([list(values.values()) for values in fake.values.values()], default=str)
    assert [word for word in CANARIES if word in held] == []


def test_a_certificate_tells_how_much_there_was(run: Run, database: Engine, fake: FakeConnector):
    run(fake)
    with Session(database) as session:
        ties = len(session.exec(select(tables.Tie)).all())
    told = certificate(database, erase(database))
    assert (told.counts["profile"], told.counts["person"]) == (1, 1)
    assert told.counts["activity"] == 14
    assert told.counts["tie"] == ties - 1
    assert told.reference == "T-17"


def test_a_preview_erases_nothing(run: Run, database: Engine, fake: FakeConnector):
    run(fake)
    before = stored(database)
    with Session(database) as session:
        counts = erasures.preview(session, person(database))
    assert stored(database) == before
    one = certificate(database, erase(database))
    assert counts == {**one.counts, "record to blank": 1}


BACK = [
    zoe(),
    zoe(title="Chief"),
    zoe(addresses=("new@other.example",)),
    zoe(id=ExternalId("Zo 2"), addresses=(ADDRESS,)),
    zoe(id=ExternalId("Zo 2"), addresses=("Z.Canary+x@private.example",)),
]


@pytest.mark.parametrize("again", BACK, ids=range(len(BACK)))
def test_who_is_erased_does_not_come_back(
    run: Run, database: Engine, fake: FakeConnector, again: Record
):
    run(fake)
    erase(database)
    fake.records += [again, *(email(100 + n, "Ada", str(again.id)) for n in range(5))]
    run(fake)
    run(fake)
    assert list(left(database)) == []
    assert not any((fake.values.get((BO[0], again.id)) or {}).values())


def test_a_record_that_theirs_is_merged_into_is_theirs(
    run: Run, database: Engine, fake: FakeConnector
):
    run(fake)
    erase(database)
    into = ExternalId("Into")
    fake.records.append(zoe(id=into, addresses=("new@canary.example",)))
    fake.records.append(zoe(is_deleted=True, merged_into=into))
    run(fake)
    assert list(left(database)) == []


def days_of(database: Engine, who: int) -> int:
    row = tables.DayCell
    query = select(func.count()).select_from(row).where(or_(row.a == who, row.b == who))
    with Session(database) as session:
        return session.exec(query).one()


def test_no_day_is_left_of_who_is_erased(run: Run, database: Engine, fake: FakeConnector):
    run(fake)
    who = person(database)
    before = days_of(database, who)
    erase(database)
    assert (before > 0, days_of(database, who)) == (True, 0)


def test_what_others_had_to_do_with_each_other_stays(
    run: Run, database: Engine, fake: FakeConnector
):
    run(fake)
    erase(database)
    run(fake)
    met = tables.Interaction
    with Session(database) as session:
        kept = session.exec(select(met.activity_id).distinct()).all()
    assert kept == ["email 90"]


def test_the_reference_must_not_name_who_is_erased(run: Run, database: Engine, fake: FakeConnector):
    run(fake)
    with Session(database) as session, pytest.raises(Unreadable):
        erasures.erase(session, person(database), actor=EVA, reference=f"Of {NAME}.")


def test_who_is_not_there_cannot_be_erased(database: Engine):
    with Session(database) as session, pytest.raises(NotFound):
        erasures.preview(session, 4711)


def test_who_objects_before_anything_is_read_never_comes_in(
    run: Run, database: Engine, fake: FakeConnector
):
    with Session(database) as session, session.begin():
        assert erasures.object_(session, SECOND.upper(), actor=EVA) is None
    run(fake)
    assert [word for word in ("Zoë", "Canary") if word in stored(database)] == []


def test_a_colleague_who_objects_is_erased(run: Run, database: Engine, fake: FakeConnector):
    fake.records.append(colleague("Zed Canary", ADDRESS.replace("zoe", "zed")))
    fake.records.append(email(95, "Zed Canary", "Stranger"))
    run(fake)
    with Session(database) as session, session.begin():
        found = erasures.object_(session, "zed@canary.example", actor=EVA)
        assert found is not None
        assert found.counts["person"] == 1
    run(fake)
    assert "Zed" not in stored(database).replace('"Zed Canary"', "").replace("zed", "Zed")


def test_a_colleague_who_is_erased_is_on_nobodys_record(
    run: Run, database: Engine, fake: FakeConnector
):
    by = Acquaintance(ExternalId("zed@canary.example"), date(2021, 3, 5))
    zed = replace(colleague("Zed", "zed@canary.example"), id=by.colleague_id)
    known = replace(contact("Known", "known@far.example"), linked=(by,))
    fake.records += [zed, known]
    run(fake)
    with Session(database) as session, session.begin():
        erasures.object_(session, "zed@canary.example", actor=EVA)
    fake.records.append(replace(known, title="Director"))
    run(fake)
    with Session(database) as session:
        lists = session.exec(select(tables.Profile.linked)).all()
    assert [one for one in lists if one] == []


def test_an_objection_that_is_taken_back_lets_them_in_again(
    run: Run, database: Engine, fake: FakeConnector
):
    run(fake)
    before = dict(fake.values[BO])
    with Session(database) as session, session.begin():
        erasures.object_(session, ADDRESS, actor=EVA)
    run(fake)
    assert fake.values[BO] != before
    with Session(database) as session, session.begin():
        erasures.lift(session, SECOND, actor=EVA)
    run(fake)
    assert fake.values[BO] == before


def test_nobody_can_take_back_what_nobody_said(database: Engine):
    with Session(database) as session, pytest.raises(NotFound):
        erasures.lift(session, ADDRESS, actor=EVA)


def test_hashes_are_keyed_with_the_stores_own_salt(database: Engine):
    with Session(database) as session, session.begin():
        erasures.object_(session, ADDRESS, actor=EVA)
        (row,) = session.exec(select(tables.Suppressed)).all()
        state = session.exec(select(tables.Privacy)).one()
        assert (len(row.digest), len(state.salt)) == (64, 64)
