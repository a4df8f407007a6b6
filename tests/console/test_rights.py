"""A rep sees what their CRM lets them see; other viewers see nobody unless an owner says so."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from app import signing_in
from app.console.lists import LISTS
from app.main import create_app
from app.rights import EVERYTHING, HOLDS_S, NOTHING, Rights
from app.security import Role
from app.signing_in import Visitor
from app.store import audit, tables, users
from app.store.audit import COMMAND_LINE
from tests.api.asking import asking
from tests.api.conftest import fill, migrated
from tests.api.filled import Filled, settings
from tests.console.conftest import PASSWORD
from tests.fakes import NOW

ADA = "ada@ours.example"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Filled]:
    """A small company in which the CRM keeps Dan from Ada."""
    with migrated(f"sqlite:///{tmp_path}/rights.db") as database:
        filled = fill(database)
        filled.fake.kept_from = {("Ada", "Dan")}
        yield filled


@contextmanager
def seen_by(
    own: Filled, email: str, *, sees_people: bool = False
) -> Iterator[tuple[Rights, Visitor, Session]]:
    with Session(own.database) as session:
        user = tables.User(email=email, role=Role.VIEWER, made_at=NOW, sees_people=sees_people)
        users.add(session, user)
        yield Rights(own.open_one), Visitor(Role.VIEWER, email, "", user.id), session


def test_a_rep_sees_those_whom_the_crm_shows_them(own: Filled) -> None:
    ids = {name: own.id_of(name) for name in ("Ada", "Ben", "Cleo", "Dan")}
    with seen_by(own, ADA) as (rights, ada, session):
        seen = rights.sight(session, ada).people(session, ids.values())
    assert seen == set(ids.values()) - {ids["Dan"]}


def test_a_rep_whom_the_crm_says_nothing_sees_those_they_know(own: Filled) -> None:
    own.fake.says_nothing = True
    with seen_by(own, ADA) as (rights, ada, session):
        sight = rights.sight(session, ada)
        everybody = set(session.exec(select(tables.Person.id)))
        assert sight.people(session, everybody) == {own.id_of(n) for n in ("Ada", "Ben", "Cleo")}
        assert sight.accounts(session, [1]) == {1}


def test_what_the_crm_said_is_asked_again_after_ten_minutes(own: Filled) -> None:
    now = [0.0]
    with seen_by(own, ADA) as (_, ada, session):
        rights, before = Rights(own.open_one, clock=lambda: now[0]), own.fake.calls
        for now[0] in (0.0, HOLDS_S - 1, HOLDS_S + 1):
            rights.sight(session, ada).people(session, [own.id_of("Cleo")])
    assert own.fake.calls - before == 2


def test_a_viewer_who_is_no_colleague_sees_nobody_unless_an_owner_says_so(own: Filled) -> None:
    with seen_by(own, "guest@x.example") as (rights, guest, session):
        assert rights.sight(session, guest) is NOTHING
    with seen_by(own, "board@x.example", sees_people=True) as (rights, board, session):
        assert rights.sight(session, board) is EVERYTHING


def test_those_who_look_after_tieline_see_everybody(own: Filled) -> None:
    with Session(own.database) as session:
        operator = Visitor(Role.OPERATOR, "op@x.example", "", 1)
        assert Rights(None).sight(session, operator) is EVERYTHING


@pytest.fixture
def ada(own: Filled) -> Iterator[TestClient]:
    """Ada's browser, signed in."""
    token = signing_in.invite(own.database, COMMAND_LINE, ADA, Role.VIEWER)
    shown = signing_in.take_up(own.database, token, PASSWORD, "")
    app = create_app(settings(own.database))
    with asking(app, cookies={"tieline": shown}) as client:
        app.state.rights = Rights(own.open_one)
        yield client


def test_a_contact_whom_a_rep_has_no_right_to_is_on_no_page_of_theirs(
    own: Filled, ada: TestClient
) -> None:
    ben, cleo = own.id_of("Ben"), own.id_of("Cleo")
    pages = (
        "people",
        "people?search=Da",
        f"people/{ben}",
        f"people/{cleo}?asker={ben}",
        "accounts",
        f"accounts/1?asker={ben}",
        *(f"lists?show={name}" for name in LISTS),
        *(f"lists/{name}.csv" for name in LISTS),
    )
    answers = [ada.get(f"/console/{one}") for one in pages]
    assert [one.status_code for one in answers] == [200] * len(pages)
    assert [
        one for one, found in zip(pages, answers, strict=True) if re.search(r"\bDan\b", found.text)
    ] == []


def test_the_page_of_somebody_whom_a_rep_may_not_see_is_not_there(
    own: Filled, ada: TestClient
) -> None:
    dan, ben = own.id_of("Dan"), own.id_of("Ben")
    assert ada.get(f"/console/people/{dan}").status_code == 404
    assert ada.get(f"/console/people/{dan}/ties/{ben}").status_code == 404
    assert ada.get(f"/console/people/{own.id_of('Cleo')}").status_code == 200


def test_a_rep_finds_people_counted_without_those_they_may_not_see(ada: TestClient) -> None:
    shown = ada.get("/console/accounts/1").text
    assert "<dt>People there</dt><dd>1" in shown


def test_that_an_owner_lets_somebody_see_people_is_in_the_audit_log(own: Filled) -> None:
    signing_in.invite(own.database, COMMAND_LINE, "board@x.example", Role.VIEWER)
    with Session(own.database) as session:
        user = users.by_email(session, "board@x.example")
        assert user is not None
    owner = Visitor(Role.OWNER, "owner@x.example")
    signing_in.let_see(own.database, owner, user.id or 0, sees_people=True)
    with Session(own.database) as session:
        assert users.get(session, user.id or 0).sees_people
        assert list(audit.every(session))[-1].after == {"sees_people": True}
