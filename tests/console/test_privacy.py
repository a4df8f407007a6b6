"""Exclusions, objections and erasures, as an admin keeps them; and what is everybody's own."""

import json

import httpx
import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session, select

from app import signing_in
from app.privacy import retention
from app.security import Role
from app.store import tables
from tests.console.conftest import PASSWORD, PATIENCE_S, Served, sign_in

ADA = "ada@ours.example"


@pytest.fixture
def admin(page: Page, locked_console: Served) -> Page:
    """A browser in which an admin is signed in."""
    locked_console.user()
    sign_in(page, locked_console, locked_console.user(Role.ADMIN))
    expect(page.get_by_role("heading", name="Health")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    return page


def colleague(served: Served) -> str:
    """Have Ada sign in as a viewer; gives what her browser shows."""
    served.user()
    return signing_in.sign_in(served.database, served.user(Role.VIEWER, ADA), PASSWORD, "")


def rules(served: Served, colleague_id: int | None = None) -> list[tables.Exclusion]:
    with Session(served.database) as session:
        found = session.exec(select(tables.Exclusion).order_by("id")).all()
    return [one for one in found if one.colleague_id == colleague_id]


def test_an_exclusion_is_looked_at_first_and_holds_from_the_next_run(
    admin: Page, locked_console: Served
) -> None:
    admin.goto(f"{locked_console.url}/console/privacy")
    admin.get_by_label("Which").fill("acme.example")
    admin.get_by_role("button", name="Look what would go").click()
    expect(admin.get_by_role("status")).to_contain_text("2 people")
    admin.get_by_role("button", name="Put it on the list").click()
    expect(admin.get_by_text("from the next run on").first).to_be_visible()
    locked_console.filled.run()
    admin.goto(f"{locked_console.url}/console/people?search=Cleo")
    expect(admin.get_by_text("Nobody is found")).to_be_visible()
    admin.goto(f"{locked_console.url}/console/privacy/erasures?search=Cleo")
    expect(admin.get_by_role("row", name="Cleo")).to_contain_text("left out")


def test_what_is_no_rule_is_told_beside_what_was_typed(admin: Page, locked_console: Served) -> None:
    admin.goto(f"{locked_console.url}/console/privacy")
    admin.get_by_label("Which").fill("our lawyers")
    admin.get_by_role("button", name="Put it on the list").click()
    expect(admin.get_by_role("alert")).to_have_text("Give a domain like example.com.")
    expect(admin.get_by_label("Which")).to_have_value("our lawyers")


def test_what_we_suggest_is_switched_off_reason_by_reason(
    admin: Page, locked_console: Served
) -> None:
    admin.goto(f"{locked_console.url}/console/privacy")
    admin.get_by_role("button", name="Switch off").first.click()
    expect(admin.get_by_role("status")).to_contain_text("Human resources: switched off")
    assert {one.is_on for one in rules(locked_console) if one.reason == "Human resources."} == {
        False
    }


def test_activities_are_kept_as_long_as_an_admin_says(admin: Page, locked_console: Served) -> None:
    admin.goto(f"{locked_console.url}/console/privacy")
    admin.get_by_label("Keep activities one by one").select_option("90")
    admin.get_by_role("button", name="Keep them so long").click()
    expect(admin.get_by_role("status")).to_contain_text("kept so long")
    with Session(locked_console.database) as session:
        assert retention.days(session) == 90


def test_a_person_is_erased_by_their_name_and_certified(
    admin: Page, locked_console: Served
) -> None:
    admin.goto(f"{locked_console.url}/console/privacy/erasures?search=Cleo")
    admin.get_by_role("link", name="Look what would go of Cleo").click()
    admin.get_by_label("confirm").fill("Chloe")
    admin.get_by_role("button", name="Erase Cleo").click()
    expect(admin.get_by_role("alert")).to_contain_text("nothing is erased")
    admin.get_by_label("confirm").fill("Cleo")
    admin.get_by_label("Number of the request").fill("T-17")
    admin.get_by_role("button", name="Erase Cleo").click()
    expect(admin.get_by_text("waits for the next run")).to_be_visible()
    locked_console.filled.run()
    admin.reload()
    expect(admin.get_by_text("done", exact=True)).to_be_visible()
    with admin.expect_download() as waiting:
        admin.get_by_role("link", name="Download").click()
    text = waiting.value.path().read_text()
    assert json.loads(text)["reference"] == "T-17"
    assert "leo" not in text


def test_whoever_objects_is_erased_and_may_come_back(admin: Page, locked_console: Served) -> None:
    admin.goto(f"{locked_console.url}/console/privacy/objections")
    admin.get_by_label("Their email address").first.fill("Cleo+News@acme.example")
    admin.get_by_role("button", name="Note it, and erase").click()
    expect(admin.get_by_role("heading", name="Certificate of erasure")).to_be_visible()
    admin.goto(f"{locked_console.url}/console/privacy/objections")
    admin.get_by_label("Their email address").last.fill("cleo@acme.example")
    admin.get_by_role("button", name="Take it back").click()
    expect(admin.get_by_role("status")).to_contain_text("The objection is taken back.")


def test_a_colleague_keeps_somebody_to_themselves_and_no_more(
    page: Page, locked_console: Served
) -> None:
    locked_console.user()
    sign_in(page, locked_console, locked_console.user(Role.VIEWER, ADA))
    page.goto(f"{locked_console.url}/console/me")
    page.get_by_label("Which").fill("cleo@acme.example")
    page.get_by_role("button", name="Put it on the list").click()
    expect(page.get_by_role("row", name="cleo@acme.example")).to_be_visible()
    (rule,) = rules(locked_console, locked_console.filled.id_of("Ada"))
    assert (rule.value, rule.author) == ("cleo@acme.example", ADA)
    page.goto(f"{locked_console.url}/console/privacy")
    expect(page.get_by_text("this needs the role admin")).to_be_visible()


def test_nobody_changes_a_list_by_their_own_page_that_is_not_theirs(
    admin: Page, locked_console: Served
) -> None:
    admin.goto(f"{locked_console.url}/console/privacy")
    rule = rules(locked_console)[0]
    with httpx.Client(
        cookies={"tieline": colleague(locked_console)},
        headers={"Origin": locked_console.url},
        timeout=PATIENCE_S,
    ) as ada:
        ada.post(f"{locked_console.url}/console/me/exclusions/{rule.id}/remove")
    assert not rules(locked_console)[0].is_lifted


def test_a_password_is_changed_by_whoever_knows_it_and_signs_the_others_out(
    page: Page, locked_console: Served
) -> None:
    elsewhere = colleague(locked_console)
    sign_in(page, locked_console, ADA)
    page.goto(f"{locked_console.url}/console/me")
    page.get_by_label("Password until now").fill("wrong")
    page.get_by_label("New password").fill("staple battery horse")
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_role("alert")).to_contain_text("That is not your password")
    page.get_by_label("Password until now").fill(PASSWORD)
    page.get_by_label("New password").fill("staple battery horse")
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_role("status")).to_contain_text("The password is changed")
    assert signing_in.visitor(locked_console.database, elsewhere, "") is None
    assert signing_in.sign_in(locked_console.database, ADA, "staple battery horse", "")


def test_a_wrong_password_on_ones_own_page_locks_as_at_the_door(locked_console: Served) -> None:
    token = colleague(locked_console)
    visitor = signing_in.visitor(locked_console.database, token, "")
    assert visitor
    for tried in ["wrong"] * signing_in.TRIES + [PASSWORD]:
        with pytest.raises(signing_in.Forbidden):
            signing_in.change_password(
                locked_console.database, visitor, token, tried, "staple battery horse"
            )
