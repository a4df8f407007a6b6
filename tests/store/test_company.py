"""What rules may look at beside the scores, as it is read from the store."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.engine import Company, Involved, score
from app.store import company, interactions, tables
from connectors import Account, Deal, DealContact, ExternalId, StageChange
from tests.conftest import Run
from tests.fakes import NOW, FakeConnector, colleague, contact, email

BEGUN = NOW - timedelta(days=90)


def crm() -> FakeConnector:
    bo = replace(contact("Bo", account="Far"), title="Head of Purchasing")
    deal = Deal(
        ExternalId("D"),
        "Renewal",
        "Proposal",
        account_id=ExternalId("Far"),
        owner_id=ExternalId("Ada"),
        created_at=BEGUN,
        contacts=(DealContact(ExternalId("Bo"), "Decision Maker", is_primary=True),),
        stages=(StageChange("Proposal", BEGUN),),
    )
    accounts = [Account(ExternalId(name), name, "far.example") for name in ("Far", "Far again")]
    gone = replace(colleague("Cy"), is_active=False)
    there = [colleague("Ada"), gone, bo, contact("Di", account="Far again")]
    return FakeConnector([*accounts, *there, deal, email(1, "Ada", "Bo")])


def known(database: Engine, at: datetime = NOW) -> tuple[Company, dict[str, int]]:
    with Session(database) as session:
        met = interactions.every(session, until_s=int(at.timestamp()))
        found = score(met, as_of_s=int(at.timestamp()), colleagues=np.zeros(0, dtype=np.int64))
        ids = {row.name: row.id or 0 for row in session.exec(select(tables.Person))}
        return company.company(session, found, nobodys=()), ids


@pytest.fixture
def read(run: Run, database: Engine) -> tuple[Company, dict[str, int]]:
    run(crm())
    return known(database)


def test_records_with_one_domain_are_one_account(read: tuple[Company, dict[str, int]]):
    found, who = read
    assert found.account_of[who["Bo"]] == found.account_of[who["Di"]]
    assert found.members[found.account_of[who["Bo"]]] == tuple(sorted([who["Bo"], who["Di"]]))


def test_titles_are_known_and_so_is_who_has_left(read: tuple[Company, dict[str, int]]):
    found, who = read
    assert found.titles == {who["Bo"]: "Head of Purchasing"}
    assert found.left == {who["Cy"]}


def test_a_deal_names_people_and_its_account(read: tuple[Company, dict[str, int]]):
    found, who = read
    (deal,) = found.open_deals
    assert (deal.owner, deal.account) == (who["Ada"], found.account_of[who["Bo"]])
    assert deal.involved == (Involved(who["Bo"], "Decision Maker", is_primary=True),)
    assert deal.stages == (("Proposal", int(BEGUN.timestamp())),)
