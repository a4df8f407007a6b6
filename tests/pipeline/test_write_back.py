"""Write-back: every record accounted for, nothing written twice, nothing called done too early."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.pipeline.fields import COLUMNS, PERSON, fields
from app.pipeline.owing import settle
from app.store import tables
from connectors import ExternalId, Target
from tests.conftest import Run
from tests.fakes import colleague, contact, email
from tests.pipeline.crms import BO, FAR, crm


def test_scores_stand_in_the_custom_fields(run: Run):
    fake = crm()
    run(fake)
    values = fake.values[BO]
    assert values["best_colleague"] == "Ada"
    assert values["last_touch"] == date(2026, 11, 19)
    assert values["band"] == "Strong"
    assert fake.values[FAR]["best_contact"] == "Bo"
    assert fake.values[FAR]["strength"] == values["strength"]


def test_a_trend_stands_in_its_field_and_small_changes_are_not_written(run: Run):
    fake = crm()
    run(fake)
    assert fake.values[BO]["trend"] == fake.values[BO]["strength"]
    fresh, kept = {c.name: None for c in PERSON} | {"trend": -3}, {"trend": 1}
    assert settle(PERSON, fresh, kept)["trend"] == 1


def test_a_route_leads_over_colleagues_only(run: Run):
    fake = crm()
    fake.records.append(contact("Cy"))
    fake.records += [email(200 + n, "Cy", "Bo", days_ago=n + 1) for n in range(20)]
    fake.records += [email(300 + n, "Bo", "Cy", days_ago=n + 1) for n in range(20)]
    run(fake)
    assert str(fake.values[BO]["route"]).startswith("Ask Ada (")
    assert "Cy" not in str(fake.values[BO]["route"])


def test_a_second_run_calls_nothing_and_writes_nothing(run: Run):
    fake = crm()
    run(fake)
    written = len(fake.writes)
    *_, report = run(fake)
    assert (report.counts["written"], report.counts["calls"]) == (0, 0)
    assert len(fake.writes) == written


def test_a_record_nobody_knows_is_not_written(run: Run):
    fake = crm()
    run(fake)
    assert (Target.CONTACT, ExternalId("Stranger")) not in fake.values


def test_missing_fields_are_created_before_the_first_value(run: Run):
    fake = crm()
    run(fake)
    assert {name for _, name in fake.fields} == {c.name for t in COLUMNS for c in COLUMNS[t]}


def test_only_the_fields_that_differ_are_written(run: Run):
    fake = crm()
    run(fake)
    fake.writes.clear()
    fake.records.append(replace(colleague("Ada"), name="Ada Lund"))
    run(fake)
    written = {update.id: set(update.values) for update in fake.writes}
    assert written == {"Bo": {"best_colleague", "route"}, "Far": {"best_colleague"}}


def test_a_refused_record_is_told_and_not_called_written(database: Engine, run: Run):
    fake = crm()
    fake.refused = {ExternalId("Bo")}
    *_, report = run(fake)
    assert (report.status, report.reason) == ("partial", "1 refused.")
    with Session(database) as session:
        owed = session.exec(select(tables.Owed).where(tables.Owed.external_id == "Bo")).one()
    assert (owed.is_due, owed.code, owed.acknowledged) == (True, "LOCKED", {})


def test_silence_about_a_record_is_no_success(run: Run):
    fake = crm()
    fake.ignored = {ExternalId("Bo")}
    *_, report = run(fake)
    assert (report.counts["written"], report.counts["refused"]) == (1, 1)


def test_a_refused_record_is_not_tried_again_before_its_time(run: Run):
    fake = crm()
    fake.refused = {ExternalId("Bo")}
    run(fake)
    fake.refused = set()
    *_, report = run(fake)
    assert report.counts["written"] == 0


def test_an_outage_between_two_batches_loses_no_answer_and_repeats_none(run: Run):
    fake = crm()
    fake.batch_size = 1
    run(fake, only=("pull", "resolve", "score"))
    fake.answers_left = 8  # three looks at the fields, twice, making them, and one of two records
    *_, report = run(fake, only=("write back",))
    assert (report.status, report.reason) == ("paused", "The CRM does not answer.")
    fake.answers_left = None
    run(fake, only=("write back",))
    assert sorted(update.id for update in fake.writes) == ["Bo", "Far"]


def test_fields_of_a_contact_whose_ties_are_gone_are_emptied(run: Run):
    fake = crm()
    run(fake)
    fake.records += [replace(r, is_deleted=True) for r in crm().records if r.id.startswith("email")]
    run(fake)
    assert set(fake.values[BO].values()) == {None}


def test_nothing_is_written_to_a_deleted_record(run: Run):
    fake = crm()
    run(fake, only=("pull", "resolve", "score"))
    fake.records.append(replace(contact("Bo"), is_deleted=True))
    run(fake)
    assert BO not in fake.values


def test_a_number_within_its_dead_band_stays_as_it_is():
    empty = {column.name: None for column in PERSON}
    fresh, known = empty | {"strength": 51}, empty | {"strength": 50}
    assert settle(PERSON, fresh, known)["strength"] == 50


def test_a_number_outside_its_dead_band_is_written():
    empty = {column.name: None for column in PERSON}
    fresh, known = empty | {"strength": 52}, empty | {"strength": 50}
    assert settle(PERSON, fresh, known)["strength"] == 52


def test_a_reason_alone_is_no_reason_to_write():
    empty = {column.name: None for column in PERSON}
    fresh, known = (
        empty | {"next_action_reason": "9 days"},
        empty | {"next_action_reason": "8 days"},
    )
    assert settle(PERSON, fresh, known) == known


@pytest.mark.parametrize("target", list(Target))
def test_every_field_has_a_description_and_a_name_of_its_own(target: Target):
    names = [field.name for field in fields(target)]
    assert len(set(names)) == len(names)
    assert all(field.description.endswith(".") for field in fields(target))


def test_what_a_colleague_is_advised_is_not_told_of_their_own_record(run: Run):
    fake = crm(emails=0)
    fake.records.append(replace(contact("Ada, too"), addresses=("ada@ours.example",)))
    days = [100 + 3 * n for n in range(20)]
    fake.records += [email(400 + n, "Ada", "Bo", days_ago=day) for n, day in enumerate(days)]
    fake.records += [email(500 + n, "Bo", "Ada", days_ago=day) for n, day in enumerate(days)]
    fake.records += [email(600 + n, "Cy", "Ada", days_ago=n + 1) for n in range(4)]
    fake.records += [email(700 + n, "Ada", "Cy", days_ago=n + 1) for n in range(4)]
    fake.records.append(colleague("Cy"))
    run(fake)
    own = fake.values[Target.CONTACT, ExternalId("Ada, too")]
    assert fake.values[BO]["next_action"] == "Reconnect"
    assert own["strength"]
    assert own.get("next_action") is None
