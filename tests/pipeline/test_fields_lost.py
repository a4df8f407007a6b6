"""Drift: a field that is lost in the CRM is paused alone, and filled again when it is back."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from app import connections
from app.store import chosen, tables
from connectors import (
    ExternalId,
    Field,
    FieldsRefused,
    FieldState,
    FieldUpdate,
    Misconfigured,
    PermissionMissing,
    Record,
    Target,
    WriteResult,
)
from tests.conftest import Run
from tests.fakes import FakeConnector, colleague, contact, email
from tests.pipeline.crms import BO, crm

BAND = (Target.CONTACT, "band")


def rename(fake: FakeConnector, name: str) -> None:
    """Have something to write: the best colleague is called otherwise."""
    fake.records.append(replace(colleague("Ada"), name=name))


@pytest.mark.parametrize("state", [s for s in FieldState if s is not FieldState.READY])
def test_a_lost_field_is_paused_and_the_others_are_written(run: Run, state: FieldState):
    fake = crm()
    run(fake)
    fake.states[BAND] = state
    rename(fake, "Ada Lund")
    *_, report = run(fake)
    assert (report.status, report.reason) == ("partial", "fields not written: contact band.")
    assert report.counts["refused"] == 0
    assert fake.values[BO]["best_colleague"] == "Ada Lund"


def test_a_field_that_was_deleted_is_not_made_anew_by_itself(run: Run, database: Engine):
    fake = crm()
    run(fake)
    del fake.fields[BAND]
    rename(fake, "Ada Lund")
    run(fake)
    assert BAND not in fake.fields
    with Session(database) as session:
        (row,) = chosen.paused(session, 1)
    assert (row.name, row.state, row.paused) == ("band", "missing", "band is missing: mend it.")


def test_a_field_that_is_back_is_filled_again_although_nothing_else_changed(run: Run):
    fake = crm()
    run(fake)
    lost = fake.fields.pop(BAND)
    rename(fake, "Ada Lund")
    run(fake)
    fake.fields[BAND] = lost
    del fake.values[BO]["band"]
    *_, report = run(fake)
    assert (report.status, fake.values[BO]["band"]) == ("ok", "Strong")


def test_a_field_that_was_hidden_for_a_while_is_not_written_again(run: Run):
    fake = crm()
    run(fake)
    fake.states[BAND] = FieldState.HIDDEN
    rename(fake, "Ada Lund")
    run(fake)
    fake.states.clear()
    fake.writes.clear()
    assert run(fake)[-1].status == "ok"
    assert fake.writes == []


def test_a_lost_field_that_an_admin_resumes_is_made_anew_and_filled(run: Run, database: Engine):
    fake = crm()
    run(fake)
    del fake.fields[BAND], fake.values[BO]["band"]
    rename(fake, "Ada Lund")
    run(fake)
    connections.resume(database, 1)
    rename(fake, "Ada Holm")
    assert run(fake)[-1].counts["created"] == 1
    assert fake.values[BO]["band"] == "Strong"


def test_a_paused_field_costs_a_look_and_no_write(run: Run):
    fake = crm()
    run(fake)
    fake.states[BAND] = FieldState.READ_ONLY
    rename(fake, "Ada Lund")
    run(fake)
    report = run(fake)[-1]
    assert (report.status, report.counts["calls"], report.counts["written"]) == ("partial", 4, 0)


class Forbidding(FakeConnector):
    """A CRM in which fields may not be created."""

    def create_fields(self, fields: Sequence[Field]) -> Sequence[Field]:  # noqa: ARG002
        raise PermissionMissing("You may not: ask your admin.")


def test_fields_that_may_not_be_created_pause_themselves_and_not_the_connection(
    run: Run, database: Engine
):
    fake = Forbidding(crm().records)
    named = "account band, account best_colleague, account best_contact, account coverage"
    assert run(fake)[-1].reason.startswith(f"fields not written: {named}, account network_value, ")
    with Session(database) as session:
        assert session.get_one(tables.Connection, 1).paused == ""
        assert {row.paused for row in chosen.paused(session, 1)} == {"You may not: ask your admin."}


class Losing(FakeConnector):
    """A CRM in which a field is deleted while it is written."""

    def write(self, updates: Sequence[FieldUpdate]) -> Iterator[Sequence[WriteResult]]:
        if any("band" in update.values for update in updates if update.target is Target.CONTACT):
            self.states[BAND] = FieldState.MISSING
            raise FieldsRefused("band is gone.", [BAND])
        return super().write(updates)


def test_a_field_that_is_lost_midway_is_left_out_of_the_rest_of_the_run(run: Run):
    fake = Losing(crm().records)
    report = run(fake)[-1]
    assert (report.status, report.counts["written"]) == ("partial", 2)
    assert "band" not in fake.values[BO]
    assert fake.values[BO]["best_colleague"] == "Ada"


class Picky(FakeConnector):
    """A CRM that refuses every record with a value in one field.

    Attributes:
        hated: That field; "" for every field.
    """

    hated = "status"

    def _write(self, update: FieldUpdate) -> WriteResult:
        if update.target is Target.CONTACT and (not self.hated or self.hated in update.values):
            self.writes.append(update)
            return WriteResult(
                update.target, update.id, ok=False, code="BAD", reason="No: mend it."
            )
        return super()._write(update)


def many(number: int = 30) -> list[Record]:
    names = [f"C{n}" for n in range(number)]
    mails = [email(n, "Ada", name, days_ago=3) for n, name in enumerate(names)]
    return [colleague("Ada"), *(contact(name) for name in names), *mails]


def test_a_field_that_every_record_is_refused_for_is_stopped_after_one_batch(
    run: Run, database: Engine
):
    fake = Picky(many(), batch_size=10)
    report = run(fake)[-1]
    tried = [update for update in fake.writes if "status" in update.values]
    assert len(tried) == 10 + 1
    assert (report.counts["written"], report.counts["refused"]) == (30, 0)
    with Session(database) as session:
        (row,) = chosen.paused(session, 1)
    assert (row.name, row.paused) == ("status", "No: mend it.")


def test_a_field_that_was_stopped_stays_so_until_an_admin_resumes(run: Run, database: Engine):
    fake = Picky(many(), batch_size=10)
    run(fake)
    fake.hated = "nothing"
    assert run(fake)[-1].status == "partial"
    connections.resume(database, 1)
    assert run(fake)[-1].status == "ok"
    assert all("status" in fake.values[Target.CONTACT, ExternalId(f"C{n}")] for n in range(30))


def test_a_kind_of_record_that_is_refused_whatever_is_written_is_not_tried_further(run: Run):
    fake = Picky(many(), batch_size=10)
    fake.hated = ""
    report = run(fake)[-1]
    assert (report.counts["written"], report.counts["refused"]) == (0, 10)
    assert report.counts["not tried"] == 20
    assert len(fake.writes) < 30


class Breaking(FakeConnector):
    """A CRM that refuses a field that nobody knows of."""

    def write(self, updates: Sequence[FieldUpdate]) -> Iterator[Sequence[WriteResult]]:  # noqa: ARG002
        raise FieldsRefused("x is gone.", [(Target.CONTACT, "x")])


def test_a_refusal_of_a_field_that_is_not_ours_ends_the_run(run: Run):
    assert run(Breaking(crm().records))[-1].status == "failed"


def test_what_a_connection_was_told_wrongly_still_pauses_it(run: Run):
    fake = crm()
    run(fake, only=("pull", "resolve", "score"))
    fake.failures = [Misconfigured("There is no such org.")]
    assert run(fake, only=("write back",))[-1].status == "failed"
