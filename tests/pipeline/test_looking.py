"""Looking again: what a worker's turn writes is what looking at everybody would."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, delete, select, update

from app import pipeline, writing
from app.pipeline import Link, Memory, Report
from app.pipeline.fields import COLUMNS
from app.pipeline.looking import Look
from app.pipeline.owing import owe
from app.store import tables
from connectors import Account, Deal, DealContact, ExternalId, FieldState, PersonKind, Target
from tests.fakes import NOW, STREAMS, FakeConnector, colleague, contact, email
from tests.pipeline.crms import BO, FAR

ON_DEAL = (Target.DEAL, ExternalId("D"))
TURN = ("resolve", "score", "write back")

Settle = Callable[[], list[Report]]


def crm() -> FakeConnector:
    """Ada knows Bo of Far, Cy of Near and Di of nowhere; Bo and Ed, whom nobody knows, are on D."""
    deal = Deal(
        ExternalId("D"),
        "Renewal",
        "Negotiation",
        account_id=ExternalId("Near"),
        created_at=NOW,
        contacts=tuple(DealContact(ExternalId(one)) for one in ("Bo", "Ed")),
    )
    people = [
        colleague("Ada"),
        contact("Bo", account="Far"),
        contact("Cy", account="Near"),
        contact("Di"),
        contact("Ed", account="Far"),
    ]
    names = ("Bo", "Cy", "Di")
    mails = [
        email(100 * n + 10 * day + way, *(("Ada", one), (one, "Ada"))[way], days_ago=day + 3)
        for n, one in enumerate(names)
        for day in range(5)
        for way in (0, 1)
    ]
    accounts = [Account(ExternalId("Far"), "Far"), Account(ExternalId("Near"), "Near")]
    return FakeConnector([*accounts, *people, deal, *mails])


class Told:
    """A CRM that was read and written once, and the process that did it."""

    def __init__(self, database: Engine, connection_id: int) -> None:
        self.database, self.connection_id = database, connection_id
        self.fake, self.memory, self.at = crm(), Memory(), NOW
        self.turn("pull", *TURN)
        self.fake.writes.clear()

    def turn(self, *stages: str) -> list[Report]:
        link = Link(self.connection_id, "Fake", self.fake, STREAMS)
        return pipeline.run(
            self.database, [link], only=stages, now=lambda: self.at, memory=self.memory
        )

    def happen(self, *records: object) -> list[Report]:
        """Have records come in, and a worker's turn settle them."""
        self.fake.records += records
        self.turn("pull")
        return self.turn(*TURN)

    def left(self) -> dict[str, dict[str, object]]:
        """What looking at everybody would have records hold otherwise."""
        with Session(self.database) as session:
            before = _wanted(session)
            owe(session, self.connection_id, COLUMNS)
            after = _wanted(session)
            session.rollback()
        return {key: value for key, value in after.items() if before.get(key) != value}


def _wanted(session: Session) -> dict[str, dict[str, object]]:
    rows = session.exec(select(tables.Owed).execution_options(populate_existing=True))
    return {f"{row.target} {row.external_id}": row.wanted for row in rows}


@pytest.fixture
def told(database: Engine, connection_id: int) -> Told:
    return Told(database, connection_id)


def written(told: Told) -> set[tuple[Target, str]]:
    return {(one.target, one.id) for one in told.fake.writes}


def test_a_mail_reaches_the_contact_the_account_and_the_deal(told: Told):
    told.happen(*(email(900 + n, "Bo", "Ada", days_ago=0.5) for n in range(9)))
    assert {BO, FAR, ON_DEAL} <= written(told)
    assert told.left() == {}


def test_a_card_that_did_not_change_is_not_looked_at(told: Told, database: Engine):
    with Session(database) as session, session.begin():
        query = update(tables.ScoreCard).where(col(tables.ScoreCard.body).contains('"Di"'))
        session.connection().execute(query.values(body="no card"))
    reports = told.happen(email(900, "Cy", "Ada", days_ago=0.5))
    assert {report.status for report in reports} == {"ok"}


def test_a_run_of_the_schedule_looks_at_everybody(told: Told, database: Engine):
    with Session(database) as session, session.begin():
        session.connection().execute(update(tables.Owed).values(wanted={}))
    told.turn(*TURN)
    assert told.left()
    told.turn("pull", *TURN)
    assert told.left() == {}


@pytest.mark.parametrize(
    "change",
    [
        replace(contact("Bo", account="Near")),
        replace(contact("Bo", account="Far"), is_deleted=True),
        replace(contact("Bo", account="Far"), title="CEO"),
        contact("Fay", account="Far"),
        replace(contact("Cy", account="Near"), kind=PersonKind.LEAD),
        replace(colleague("Ada"), name="Ada Lund"),
        Account(ExternalId("Far"), "Far", is_deleted=True),
        replace(crm().records[7], stage="Discovery"),
        replace(crm().records[7], is_closed=True),
        replace(crm().records[7], is_deleted=True),
        replace(crm().records[7], contacts=()),
        replace(crm().records[7], account_id=ExternalId("Far")),
    ],
)
def test_whatever_changes_a_turn_owes_what_a_whole_run_would(told: Told, change: object):
    told.happen(change)
    assert told.left() == {}


def test_fields_that_are_chosen_meanwhile_are_filled(told: Told, connection_id: int):
    few = {Target.CONTACT: COLUMNS[Target.CONTACT][:1]}
    with Session(told.database) as session:
        look = owe(session, connection_id, few)
        session.connection().execute(update(tables.Owed).values(wanted={}))
        owe(session, connection_id, COLUMNS, look)
        assert all(_wanted(session).values())


def test_others_may_write_while_much_is_owed(told: Told, connection_id: int):
    owed: list[int] = []
    with Session(told.database) as session:
        session.connection().execute(delete(tables.Owed))
        owe(session, connection_id, COLUMNS, commit=lambda: owed.append(len(_wanted(session))))
    assert 0 < owed[0] < owed[-1]


class TestFields:
    """How often a worker's turns look how the custom fields stand."""

    @pytest.fixture
    def hidden(self, told: Told) -> Told:
        """A field that nobody may write any more, of which a look would tell."""
        told.fake.states[Target.CONTACT, "band"] = FieldState.HIDDEN
        return told

    def turn(self, told: Told) -> str:
        """Have a turn write something; gives what it left out."""
        change = replace(colleague("Ada"), name=f"Ada {len(told.fake.records)}")
        return told.happen(change)[-1].reason

    def test_a_turn_asks_for_nothing_but_to_write(self, told: Told):
        told.fake.records.append(replace(colleague("Ada"), name="Ada Lund"))
        told.turn("pull")
        assert told.turn(*TURN)[-1].counts["calls"] == 1

    def test_a_look_holds_for_a_day(self, hidden: Told):
        hidden.at += timedelta(hours=23)
        assert self.turn(hidden) == ""
        hidden.at += timedelta(hours=2)
        assert self.turn(hidden) == "fields not written: contact band."

    def test_a_field_that_is_paused_is_not_looked_at_each_turn(self, hidden: Told):
        hidden.turn("pull", *TURN)
        hidden.at += timedelta(days=2)
        self.turn(hidden)
        hidden.fake.states.clear()
        assert self.turn(hidden) == "fields not written: contact band."
        assert hidden.turn("pull", *TURN)[-1].reason == ""

    def test_a_run_of_the_schedule_looks_again(self, hidden: Told):
        hidden.fake.records.append(replace(colleague("Ada"), name="Ada Lund"))
        assert hidden.turn("pull", *TURN)[-1].status == "partial"

    def test_a_value_that_is_refused_has_the_next_turn_look(self, hidden: Told):
        hidden.fake.refused = {BO[1]}
        assert self.turn(hidden) == "1 refused."
        assert "contact band" in self.turn(hidden)

    def test_what_an_admin_changes_has_the_next_turn_look(self, hidden: Told, connection_id: int):
        link = Link(connection_id, "Fake", hidden.fake, STREAMS)
        writing.choose(hidden.database, link, ("contact", "status"), writing.Said(is_on=False))
        assert "contact band" in self.turn(hidden)


def test_nothing_is_new_between_two_looks(told: Told, connection_id: int):
    with Session(told.database) as session:
        looks = [Look.of(session, connection_id, COLUMNS) for _ in range(2)]
    news = looks[1].since(looks[0])
    assert (news.people, news.accounts, news.deals) == (frozenset(), [], [])
    assert len(looks[0]) == 7
