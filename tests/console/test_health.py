"""Health and runs, as somebody uses them who is called because a field is wrong."""

import csv
import io

import httpx
import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session, select

from app.console.sheets import FORMULA, lines
from app.security import Role
from app.store import tables
from app.store.asked import ASKED
from connectors import ExternalId
from tests.api.filled import exchange
from tests.console.conftest import PATIENCE_S, Served, sign_in


@pytest.fixture
def admin(page: Page, locked_console: Served) -> Page:
    """A browser in which an admin is signed in."""
    locked_console.user()
    sign_in(page, locked_console, locked_console.user(Role.ADMIN))
    expect(page.get_by_role("heading", name="Health")).to_be_visible()
    return page


def refuse(served: Served) -> None:
    """Have the CRM refuse what is written to Cleo, who was just written to."""
    served.filled.fake.refused = {ExternalId("Cleo")}
    served.filled.fake.records += exchange(9000, "Ada", "Cleo", (1, 0.5))
    served.filled.run()


def test_a_refused_record_is_tried_again_and_taken(admin: Page, locked_console: Served) -> None:
    refuse(locked_console)
    admin.goto(f"{locked_console.url}/console")
    admin.get_by_role("link", name="See why, and try again").click()
    locked_console.filled.fake.refused = set()
    admin.get_by_role("button", name="Try these again").click()
    expect(admin.get_by_role("status")).to_contain_text("1 record is tried again")
    locked_console.filled.run()
    admin.reload()
    expect(admin.get_by_text("Nothing: every record was taken.")).to_be_visible()


def test_writing_is_paused_alone_and_goes_on(admin: Page, locked_console: Served) -> None:
    admin.goto(f"{locked_console.url}/console/connections/1")
    admin.get_by_role("button", name="Pause writing").click()
    expect(admin.get_by_text("not written", exact=True)).to_be_visible()
    admin.get_by_role("button", name="Resume writing").click()
    expect(admin.get_by_text("working", exact=True)).to_be_visible()


def test_all_writing_is_stopped_at_once(admin: Page, locked_console: Served) -> None:
    admin.on("dialog", lambda dialog: dialog.accept())
    admin.get_by_role("button", name="Stop all writing").click()
    expect(admin.get_by_text("not written", exact=True)).to_be_visible()
    writes = len(locked_console.filled.fake.writes)
    locked_console.filled.fake.records += exchange(9000, "Ada", "Cleo", (1, 0.5))
    locked_console.filled.run()
    assert len(locked_console.filled.fake.writes) == writes


def test_a_run_is_taken_back(admin: Page, locked_console: Served) -> None:
    admin.on("dialog", lambda dialog: dialog.accept())
    admin.goto(f"{locked_console.url}/console/runs?stage=write+back")
    admin.get_by_role("link", name="write back").first.click()
    admin.get_by_role("button", name="Take it back").click()
    expect(admin.get_by_role("status")).to_contain_text("It is being taken back")
    locked_console.app.state.schedule.run(only=(ASKED,))
    expect(admin.get_by_text("Taken back")).to_be_visible()
    values = locked_console.filled.fake.values.values()
    assert {value for record in values for value in record.values()} == {None}


def test_the_page_of_a_first_reading_moves_by_itself(admin: Page, locked_console: Served) -> None:
    with Session(locked_console.database) as session, session.begin():
        row = session.exec(select(tables.StreamBookmark)).first()
        assert row
        row.is_caught_up, row.done, row.left = False, 25, 75
    admin.goto(f"{locked_console.url}/console/connections/1")
    expect(admin.get_by_text("25 read, about 75 to go")).to_be_visible()
    with Session(locked_console.database) as session, session.begin():
        row = session.exec(select(tables.StreamBookmark)).first()
        assert row
        row.done, row.left = 60, 40
    expect(admin.get_by_text("60 read, about 40 to go")).to_be_visible()


def test_refused_records_come_as_a_file(locked_console: Served, admin: Page) -> None:
    refuse(locked_console)
    cookies = {one["name"]: one["value"] for one in admin.context.cookies()}
    answer = httpx.get(
        f"{locked_console.url}/console/connections/1/refused.csv",
        cookies=cookies,
        timeout=PATIENCE_S,
    )
    (row,) = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert (row["kind"], row["record"], row["attempts"]) == ("contact", "Cleo", "1")


@pytest.mark.parametrize("begin", FORMULA)
def test_no_cell_of_a_file_is_a_formula(begin: str) -> None:
    (_, line) = lines(["name"], [[f"{begin}HYPERLINK(1)"]])
    assert next(csv.reader([line]))[0].startswith("'")
