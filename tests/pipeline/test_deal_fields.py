"""Roll-ups: what deals and accounts show of the ties of the people on them."""

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, delete, select

from app.store import tables
from connectors import Account, Deal, DealContact, ExternalId, Person, StageChange, Target
from tests.conftest import Run
from tests.fakes import NOW, FakeConnector, colleague, contact, email

FAR, DEAL = ExternalId("Far"), ExternalId("D")
ON_DEAL = (Target.DEAL, DEAL)
BEGUN = NOW - timedelta(days=90)


def person(name: str, title: str = "") -> Person:
    return replace(contact(name, account="Far"), title=title or None)


def deal(*people: str, stage: str = "Negotiation", is_closed: bool = False) -> Deal:
    return Deal(
        DEAL,
        "Renewal",
        stage,
        is_closed=is_closed,
        account_id=FAR,
        owner_id=ExternalId("Ada"),
        created_at=BEGUN,
        contacts=tuple(DealContact(ExternalId(one)) for one in people),
        stages=(StageChange(stage, BEGUN),),
    )


def crm(*deals: Deal) -> FakeConnector:
    """Ada writes with Bo, a director, three times a month; nobody knows Di."""
    mails = [
        email(10 * n + way, *(("Ada", "Bo"), ("Bo", "Ada"))[way], days_ago=3 * n + 1)
        for n in range(30)
        for way in (0, 1)
    ]
    people = [colleague("Ada"), person("Bo", "Director"), person("Di", "CEO"), person("Ed")]
    return FakeConnector([Account(FAR, "Far"), *people, *deals, *mails])


def test_a_deal_that_hangs_on_one_is_told_so_on_its_own_page(run: Run):
    fake = crm(deal("Bo", "Di"))
    run(fake)
    held = fake.values[ON_DEAL]
    assert (held["selling_task"], held["threads"], held["risk"]) == ("Close", 1, "High")
    assert (held["coverage"], held["calibre"]) == (50, 80)
    assert (held["best_colleague"], held["best_contact"]) == ("Ada", "Bo")
    assert held["next_action"] == "Add a thread"
    reason = str(held["next_action_reason"])
    assert reason.startswith("Ada: ")
    assert "1 of 2 people" in reason


def test_a_deal_that_is_closed_shows_nothing_any_more(run: Run):
    fake = crm(deal("Bo", "Di"))
    run(fake)
    fake.records.append(replace(deal("Bo", stage="Won", is_closed=True), modified_at=NOW))
    run(fake)
    assert set(fake.values[ON_DEAL].values()) == {None}


def test_a_deal_is_written_once(run: Run):
    fake = crm(deal("Bo", "Di"))
    run(fake)
    before = len(fake.writes)
    run(fake)
    assert len(fake.writes) == before > 0


def test_a_deal_with_nobody_on_it_stands_by_its_account(run: Run):
    fake = crm(deal())
    run(fake)
    held = fake.values[ON_DEAL]
    assert (held["threads"], held.get("coverage"), held["best_contact"]) == (1, None, "Bo")


def test_an_account_tells_coverage_risk_and_what_it_is_worth(run: Run):
    fake = crm()
    run(fake)
    held = fake.values[Target.ACCOUNT, FAR]
    assert (held["coverage"], held["risk"], held["threads"]) == (33, "High", 1)
    assert held["network_value_limit"] == "Number of people"
    assert 0 < int(str(held["network_value"])) < 33


def test_a_contact_tells_by_when_to_reconnect_and_five_signs(run: Run):
    fake = crm()
    run(fake)
    held = fake.values[Target.CONTACT, ExternalId("Bo")]
    assert held["reconnect_by"] == date(2026, 12, 3)
    assert held["five_signs"] == 4
    assert str(held["five_signs_parts"]).startswith("title and company known +2")


def test_a_contact_tells_the_place_in_the_network_where_there_is_one(run: Run, database: Engine):
    fake = crm()
    run(fake, only=("pull", "resolve", "score"))
    with Session(database) as session, session.begin():
        person = session.exec(select(tables.Person.id).where(tables.Person.name == "Bo")).one()
        session.connection().execute(delete(tables.Position))
        session.add(at(person or 0))
    run(fake, only=("write back",))
    held = fake.values[Target.CONTACT, ExternalId("Bo")]
    assert (held["influencer"], held["bridge_to"]) == ("Awareness", "Far side")


def at(person: int) -> tables.Position:
    """A place of somebody who is an influencer and a bridge."""
    return tables.Position(
        person_id=person,
        degree=1,
        effective_size=1.0,
        constraint=1.0,
        betweenness=0.0,
        closeness=0.0,
        inward=0.0,
        participation=0.0,
        worlds=1,
        core=1,
        community=1,
        is_articulation=False,
        introductions=0.0,
        influencer="awareness",
        bridge_to="Far side",
    )
