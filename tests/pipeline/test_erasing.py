"""Whom the CRM has deleted is gone from what was written, is owed and was planned, too."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, select

from app import writing
from app.store import asked, tables
from connectors import ExternalId
from tests.conftest import Run
from tests.fakes import FakeConnector, contact
from tests.pipeline.crms import BO, FAR, crm

NAME = "Zoë Canary"


def named() -> FakeConnector:
    """Bo of Far under a name that is found wherever it stands."""
    fake = crm()
    fake.records.append(replace(contact("Bo", account="Far"), name=NAME))
    return fake


def erase(fake: FakeConnector) -> None:
    fake.records.append(replace(contact("Bo"), is_deleted=True))


def stored(database: Engine) -> str:
    """All that is in the store."""
    with Session(database) as session:
        names = sorted(SQLModel.metadata.tables)
        rows = [session.connection().execute(SQLModel.metadata.tables[n].select()) for n in names]
        told = json.dumps([[tuple(row) for row in some] for some in rows], default=str)
    return json.dumps(json.loads(told), ensure_ascii=False).replace('\\"', '"')


def test_the_name_of_an_erased_contact_is_nowhere(run: Run, database: Engine):
    fake = named()
    run(fake)
    assert fake.values[FAR]["best_contact"] == NAME
    assert NAME in stored(database)
    erase(fake)
    run(fake)
    assert NAME not in stored(database)


def test_the_account_no_longer_names_an_erased_contact_in_the_crm(run: Run):
    fake = named()
    run(fake)
    erase(fake)
    run(fake)
    assert not fake.values[FAR]["best_contact"]


@pytest.mark.parametrize("table", [tables.Owed, tables.Written])
def test_nothing_of_an_erased_contact_is_kept_where_nothing_is_written(
    run: Run, database: Engine, connection_id: int, table: type[tables.Owed] | type[tables.Written]
):
    fake = named()
    run(fake)
    writing.write_so(database, connection_id, is_shadow=True)
    erase(fake)
    run(fake)
    with Session(database) as session:
        left = session.exec(select(table).where(table.external_id == ExternalId("Bo"))).all()
    assert left == []


def test_a_plan_that_shows_an_erased_contact_is_forgotten(run: Run, database: Engine):
    fake = named()
    run(fake, only=("pull", "resolve", "score"))
    with Session(database) as session, session.begin():
        link = session.exec(select(tables.Connection)).one().id or 0
    writing.ask_plan(database, link)
    run(fake, only=(asked.ASKED,))
    assert NAME in stored(database)
    erase(fake)
    run(fake, only=("pull", "resolve"))
    with Session(database) as session:
        assert session.exec(select(tables.KeptPlan)).all() == []


def test_a_run_that_wrote_an_erased_name_can_be_taken_back(run: Run, database: Engine):
    fake = named()
    run(fake)
    erase(fake)
    run(fake)
    with Session(database) as session:
        query = select(tables.Run.id).where(tables.Run.stage == "write back")
        last = max(one or 0 for one in session.exec(query))
    writing.ask_undo(database, last)
    (report,) = run(fake, only=(asked.ASKED,))
    assert report.is_done
    assert not fake.values[FAR]["best_contact"]
    assert BO in fake.values
