"""Coming in: invitations, passwords, sessions; and forms that other sites send."""

import httpx
import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session

from app import signing_in
from app.security import Role
from app.store import audit
from app.store.audit import COMMAND_LINE
from tests.console.conftest import PASSWORD, PATIENCE_S, Served, sign_in


def test_an_invitation_sets_a_password_and_lets_its_owner_in(
    page: Page, locked_console: Served
) -> None:
    token = signing_in.invite(locked_console.database, COMMAND_LINE, "ada@x.example", Role.OWNER)
    page.goto(f"{locked_console.url}/console/invitation/{token}")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_role("heading", name="Health")).to_be_visible()


def test_an_invitation_is_good_once(locked_console: Served) -> None:
    token = signing_in.invite(locked_console.database, COMMAND_LINE, "ada@x.example", Role.OWNER)
    signing_in.take_up(locked_console.database, token, PASSWORD, "")
    again = httpx.get(f"{locked_console.url}/console/invitation/{token}", timeout=PATIENCE_S)
    assert again.status_code == 404
    assert "was used" in again.text


def test_somebody_signs_in_and_out(page: Page, locked_console: Served) -> None:
    sign_in(page, locked_console, locked_console.user())
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    page.goto(f"{locked_console.url}/console")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_wrong_password_says_nothing_of_who_is_there(page: Page, locked_console: Served) -> None:
    sign_in(page, locked_console, locked_console.user(), "wrong")
    known = page.get_by_role("alert").inner_text()
    sign_in(page, locked_console, "nobody@x.example", "wrong")
    assert page.get_by_role("alert").inner_text() == known


def test_after_five_wrong_passwords_the_right_one_waits(locked_console: Served) -> None:
    email = locked_console.user()
    for _ in range(signing_in.TRIES):
        with pytest.raises(signing_in.Forbidden):
            signing_in.sign_in(locked_console.database, email, "wrong", "")
    with pytest.raises(signing_in.Forbidden):
        signing_in.sign_in(locked_console.database, email, PASSWORD, "")


def test_a_forged_session_shows_nothing(locked_console: Served) -> None:
    locked_console.user()
    answer = httpx.get(
        f"{locked_console.url}/console", cookies={"tieline": "forged"}, timeout=PATIENCE_S
    )
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/console/sign-in")


def test_a_form_that_another_site_sends_does_nothing(locked_console: Served) -> None:
    token = signing_in.sign_in(locked_console.database, locked_console.user(), PASSWORD, "")
    for headers in (
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Origin": locked_console.url},
        {},
    ):
        answer = httpx.post(
            f"{locked_console.url}/console/connections/1/pause",
            cookies={"tieline": token},
            headers=headers,
            timeout=PATIENCE_S,
        )
        assert answer.status_code == 403


def test_a_viewer_is_told_that_pausing_needs_an_operator(locked_console: Served) -> None:
    email = locked_console.user(Role.VIEWER)
    token = signing_in.sign_in(locked_console.database, email, PASSWORD, "")
    answer = httpx.post(
        f"{locked_console.url}/console/connections/1/pause",
        cookies={"tieline": token},
        headers={"Origin": locked_console.url},
        timeout=PATIENCE_S,
    )
    assert answer.status_code == 403
    assert "needs the role operator" in answer.text


def test_nobody_is_sent_to_another_site_after_signing_in(
    page: Page, locked_console: Served
) -> None:
    email = locked_console.user()
    page.goto(f"{locked_console.url}/console/sign-in?to=https://evil.example/console")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    assert page.url == f"{locked_console.url}/console"


def test_the_open_console_is_not_shown_by_another_name_of_this_machine(
    open_console: Served,
) -> None:
    answer = httpx.get(
        f"{open_console.url}/console", headers={"Host": "evil.example"}, timeout=PATIENCE_S
    )
    assert answer.status_code == 403


def test_a_password_leaves_an_entry_in_the_audit_log_and_not_itself(
    locked_console: Served,
) -> None:
    locked_console.user()
    with Session(locked_console.database) as session:
        entries = list(audit.every(session))
    assert [entry.what for entry in entries] == ["user.invited", "user.password_set"]
    assert PASSWORD not in repr(entries)
