"""A dry run: what would be written, to the record, and nothing touched."""

from dataclasses import replace

from sqlalchemy import Engine
from sqlmodel import Session, select

from app import writing
from app.pipeline import Link
from app.pipeline.planning import plan
from app.store import chosen, plans, tables
from app.store.asked import ASKED
from app.store.plans import Plan, PlannedField, Sample
from connectors import ExternalId, FieldState, Target
from tests.conftest import Run
from tests.fakes import NOW, STREAMS, FakeConnector, colleague, contact
from tests.pipeline.crms import crm


def planned(database: Engine, fake: FakeConnector) -> Plan:
    return plan(database, Link(1, "Fake", fake, STREAMS), now=lambda: NOW)


def of(found: Plan, target: str, name: str) -> PlannedField:
    return next(one for one in found.fields if (one.target, one.name) == (target, name))


def scored(run: Run) -> FakeConnector:
    fake = crm()
    run(fake, only=("pull", "resolve", "score"))
    return fake


def owed(database: Engine) -> list[tables.Owed]:
    with Session(database) as session:
        return list(session.exec(select(tables.Owed)))


def test_a_first_plan_creates_everything_and_touches_nothing(run: Run, database: Engine):
    fake = scored(run)
    found = planned(database, fake)
    assert found.records == {"contact": 1, "account": 1}
    band = of(found, "contact", "band")
    assert (band.is_to_be_created, band.created, band.changed) == (True, 1, 0)
    assert band.samples == [Sample(external_id="Bo", before=None, after="Strong")]
    assert (fake.fields, fake.writes, owed(database)) == ({}, [], [])


def test_a_plan_says_how_many_calls_the_run_then_takes(run: Run, database: Engine):
    fake = crm()
    run(fake)
    fake.records.append(replace(colleague("Ada"), name="Ada Lund"))
    run(fake, only=("pull", "resolve", "score"))
    found = planned(database, fake)
    assert run(fake, only=("write back",))[-1].counts["calls"] == found.calls == 4 + 1


def test_a_plan_of_nothing_takes_no_call(run: Run, database: Engine):
    fake = crm()
    run(fake)
    found = planned(database, fake)
    assert (found.records, found.calls) == ({}, 0)
    assert of(found, "contact", "band").left == 1


def test_a_plan_tells_changed_and_cleared_values_with_what_is_there(run: Run, database: Engine):
    fake = crm()
    run(fake)
    fake.records += [replace(r, is_deleted=True) for r in crm().records if r.id.startswith("email")]
    run(fake, only=("pull", "resolve", "score"))
    band = of(planned(database, fake), "contact", "band")
    assert (band.cleared, band.left) == (1, 0)
    assert band.samples == [Sample(external_id="Bo", before="Strong", after=None)]


def test_a_plan_tells_what_is_refused_and_waits(run: Run, database: Engine):
    fake = crm()
    fake.refused = {ExternalId("Bo")}
    run(fake)
    found = planned(database, fake)
    assert (of(found, "contact", "band").blocked, found.records) == (1, {})


def test_a_plan_tells_what_is_left_to_people(run: Run, database: Engine):
    fake = scored(run)
    with Session(database) as session, session.begin():
        chosen.keep(session, 1, ("contact", "band"), policy="respect")
    fake.values[Target.CONTACT, ExternalId("Bo")] = {"band": "Best friends"}
    band = of(planned(database, fake), "contact", "band")
    assert (band.edited, band.created) == (1, 0)


def test_a_plan_tells_which_fields_cannot_be_written(run: Run, database: Engine):
    fake = crm()
    run(fake)
    fake.states[Target.CONTACT, "band"] = FieldState.HIDDEN
    found = planned(database, fake)
    assert [(one.name, one.reason) for one in found.not_written] == [
        ("band", "band is hidden: mend it.")
    ]


def test_a_plan_that_is_asked_for_is_kept(run: Run, database: Engine):
    fake = scored(run)
    writing.ask_plan(database, 1)
    writing.ask_plan(database, 1)
    (report,) = run(fake, only=(ASKED,))
    assert (report.stage, report.status, report.counts["records"]) == ("plan", "ok", 2)
    with Session(database) as session:
        kept = plans.last(session, 1)
    assert kept is not None
    assert kept.records == {"contact": 1, "account": 1}


def test_a_shadow_adds_up_differences_and_writes_when_it_ends(run: Run, database: Engine):
    fake = crm()
    run(fake)
    writes = len(fake.writes)
    writing.write_so(database, 1, is_shadow=True)
    for name in ("Ada Lund", "Ada Holm"):
        fake.records.append(replace(colleague("Ada"), name=name))
        report = run(fake)[-1]
    assert (report.stage, report.status, report.counts["records"]) == ("write back", "ok", 2)
    assert len(fake.writes) == writes
    with Session(database) as session:
        kept = plans.last(session, 1)
    assert kept is not None
    assert kept.shadow_since is not None
    sample = Sample(external_id="Bo", before="Ada", after="Ada Holm")
    assert of(kept, "contact", "best_colleague").samples == [sample]
    writing.write_so(database, 1, is_shadow=False)
    assert run(fake)[-1].counts["written"] == 2


def test_as_many_samples_are_shown_as_asked_for(run: Run, database: Engine):
    fake = crm()
    fake.records += [replace(r, account_id=None) for r in [contact("Cy")]]
    run(fake, only=("pull", "resolve", "score"))
    link = Link(1, "Fake", fake, STREAMS)
    found = plan(database, link, now=lambda: NOW, samples=0)
    assert all(one.samples == [] for one in found.fields)
