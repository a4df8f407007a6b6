"""Users, keys and the audit log, as an owner keeps them."""

import httpx
from playwright.sync_api import Page, expect
from sqlalchemy import text

from app import signing_in
from app.security import Role
from tests.console.conftest import PASSWORD, PATIENCE_S, Served, sign_in


def as_owner(page: Page, served: Served, path: str = "/team") -> None:
    sign_in(page, served, served.user())
    page.goto(f"{served.url}/console{path}")


def test_somebody_is_invited_comes_in_and_may_do_no_more_than_their_role(
    page: Page, locked_console: Served
) -> None:
    as_owner(page, locked_console)
    page.get_by_label("Email address").fill("Vi@x.example")
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_text("/console/invitation/").inner_text()
    page.get_by_role("button", name="Sign out").last.click()
    page.goto(link)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Set the password").click()
    page.goto(f"{locked_console.url}/console/team")
    expect(
        page.get_by_text("You are signed in as viewer; this needs the role admin.")
    ).to_be_visible()


def test_the_last_owner_stays_one(page: Page, locked_console: Served) -> None:
    as_owner(page, locked_console)
    page.get_by_label("Role of owner@tieline.example").select_option("viewer")
    page.get_by_role("button", name="Change").click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody has to stay an owner")


def test_whoever_is_switched_off_is_out_at_once(page: Page, locked_console: Served) -> None:
    email = locked_console.user(Role.VIEWER)
    token = signing_in.sign_in(locked_console.database, email, PASSWORD, "")
    page.on("dialog", lambda dialog: dialog.accept())
    as_owner(page, locked_console)
    page.get_by_role("row", name=email).get_by_role("button", name="Switch off").click()
    expect(page.get_by_text("They are signed out")).to_be_visible()
    answer = httpx.get(
        f"{locked_console.url}/console", cookies={"tieline": token}, timeout=PATIENCE_S
    )
    assert answer.status_code == 303


def test_a_key_opens_the_api_for_its_role_until_it_is_removed(
    page: Page, locked_console: Served
) -> None:
    as_owner(page, locked_console)
    page.get_by_label("What it is for").fill("Our warehouse")
    page.get_by_role("button", name="Make a key").click()
    key = page.get_by_role("status").locator("pre").inner_text()
    bearer, api = {"Authorization": f"Bearer {key}"}, f"{locked_console.url}/v1"
    assert httpx.get(f"{api}/people", headers=bearer, timeout=PATIENCE_S).status_code == 200
    assert (
        httpx.put(f"{api}/weights", headers=bearer, json={}, timeout=PATIENCE_S).status_code == 403
    )
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("The key opens nothing any more.")).to_be_visible()
    assert httpx.get(f"{api}/people", headers=bearer, timeout=PATIENCE_S).status_code == 401


def test_a_log_that_somebody_changed_is_told_from_a_whole_one(
    page: Page, locked_console: Served
) -> None:
    as_owner(page, locked_console, "/audit/check")
    expect(page.get_by_text("whole", exact=True)).to_be_visible()
    with locked_console.database.begin() as connection:
        connection.execute(text("UPDATE audit_entry SET actor = 'nobody' WHERE id = 1"))
    page.reload()
    expect(page.get_by_text("From entry 1 on")).to_be_visible()
