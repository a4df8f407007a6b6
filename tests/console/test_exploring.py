"""Exploring: from a search to a person and why a tie is what it is; accounts; lists."""

import html
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.atlas import Atlas, contacts_of
from app.console import lists, plots
from app.console.introducing import Asker, introduced
from app.console.pages import STATIC
from app.pictures import PALETTE
from app.rights import EVERYTHING
from app.store import acquaintances, audit, favours, tables
from tests.api.conftest import fill, migrated
from tests.api.filled import Filled
from tests.console.conftest import PATIENCE_S, Served, sign_in


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Filled]:
    """A small company in a store of its own, without a service."""
    with migrated(f"sqlite:///{tmp_path}/tieline.db") as database:
        yield fill(database)


def ids(database: Engine) -> dict[str, int]:
    with Session(database) as session:
        return {one.name: one.id or 0 for one in session.exec(select(tables.Person))}


def test_from_a_search_to_why_a_tie_is_as_strong_as_it_is(page: Page, open_console: Served) -> None:
    page.goto(f"{open_console.url}/console/people")
    page.get_by_label("Name, email address or domain").fill("cle")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Cleo").click()
    expect(page.get_by_role("group", name="Whom Cleo knows")).to_be_visible()
    page.get_by_role("link", name="Why the tie with Ben").click()
    expect(page.get_by_role("heading", name="What would change it")).to_be_visible()
    expect(page.get_by_role("img", name="Strength over time")).to_be_visible()


def test_somebody_who_wants_to_be_introduced_is_told_whom_to_ask(
    page: Page, open_console: Served
) -> None:
    dan = ids(open_console.database)["Dan"]
    page.goto(f"{open_console.url}/console/people/{dan}")
    page.get_by_label("For").select_option(label="Ada")
    page.get_by_role("button", name="Find routes").click()
    expect(page.get_by_role("heading", name="Route 1: ask Ben")).to_be_visible()


def test_the_map_of_an_account_is_told_in_a_table_too(page: Page, open_console: Served) -> None:
    page.goto(f"{open_console.url}/console/accounts")
    page.get_by_role("link", name="Acme Corp").click()
    expect(page.get_by_role("group", name="Who knows whom at Acme Corp")).to_be_visible()
    page.get_by_text("The same as a table").click()
    row = page.get_by_role("region", name="Ties of the picture").get_by_role("row", name="Dan")
    expect(row).to_contain_text("Ben")


@pytest.mark.parametrize("show", lists.LISTS)
def test_every_list_is_shown_and_saved_as_a_sheet(open_console: Served, show: str) -> None:
    shown = httpx.get(f"{open_console.url}/console/lists?show={show}", timeout=PATIENCE_S)
    assert lists.LISTS[show].lead in html.unescape(shown.text)
    saved = httpx.get(f"{open_console.url}/console/lists/{show}.csv", timeout=PATIENCE_S)
    assert saved.text.startswith("\ufeffperson,title,account,other,strength,why")


def test_a_list_says_why_somebody_is_on_it(own: Filled) -> None:
    own.make_quiet()
    with Session(own.database) as session:
        found = lists.LISTS["off-radar"].read(session, 0)
    assert {one.contact for one in found} == {own.id_of("Cleo"), own.id_of("Dan")}
    assert all("Silent for" in one.why for one in found)


def test_weeks_count_what_went_each_way(own: Filled) -> None:
    chart, dan = Atlas(own.database).refresh(), own.id_of("Dan")
    with Session(own.database) as session:
        weeks = plots.weeks_of(contacts_of(session, chart, [dan]), chart.scores, dan)
    ways = {way: sum(week) for way, week in weeks.counts["email"].items()}
    assert ways == {"out": 20, "back": 20, "unsaid": 0}
    told = sum(ways["out"] for _, of in weeks.quarters for ways in of.values())
    assert told == 20


def test_the_people_of_an_account_and_whose_best_ties_they_have(own: Filled) -> None:
    with Session(own.database) as session:
        acme = session.exec(select(tables.Account)).one().id or 0
        there = acquaintances.members(session, [acme])[acme]
        assert there == {own.id_of("Cleo"), own.id_of("Dan")}
        best = acquaintances.best_of(session, there)
    assert {one.other for one in best.values()} == {own.id_of("Ben")}


def test_the_style_sheet_has_the_colours_of_the_pictures() -> None:
    style = (STATIC / "console.css").read_text().replace("\n", "")
    assert PALETTE.replace("\n", "") in style


def test_setting_a_record_apart_is_kept_in_the_audit_log(
    page: Page, locked_console: Served
) -> None:
    cleo = ids(locked_console.database)["Cleo"]
    page.on("dialog", lambda dialog: dialog.accept())
    sign_in(page, locked_console, locked_console.user())
    page.goto(f"{locked_console.url}/console/people/{cleo}")
    page.get_by_role("button", name="Set apart").click()
    expect(page.get_by_text("stands by itself")).to_be_visible()
    with Session(locked_console.database) as session:
        assert list(audit.every(session))[-1].what == "record.set_apart"


@pytest.mark.parametrize(("most", "introducers"), [(0, {"Ben"}), (2, {"Ben"}), (1, {"Cleo"})])
def test_who_was_asked_enough_is_on_no_route_of_a_page(
    own: Filled, most: int, introducers: set[str]
) -> None:
    ada, ben, dan = (own.id_of(name) for name in ("Ada", "Ben", "Dan"))
    asked = tables.Request(
        asker_id=ada, introducer_id=ben, target_id=dan, asked_at=datetime.now(UTC)
    )
    chart = Atlas(own.database).refresh()
    with Session(own.database) as session:
        favours.ask(session, asked)
        found = introduced(session, EVERYTHING, chart, Asker(ada, most), {dan})
    assert {way.steps[0].target.name for way in found.ways} == introducers


def test_an_address_that_is_no_persons_is_on_no_route_of_a_page(own: Filled) -> None:
    ada, ben, dan = (own.id_of(name) for name in ("Ada", "Ben", "Dan"))
    chart = replace(Atlas(own.database).refresh(), nobody=frozenset({ben}))
    with Session(own.database) as session:
        assert introduced(session, EVERYTHING, chart, Asker(ada, 0), {dan}).ways == ()
