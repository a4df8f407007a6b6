"""Setting a CRM up, from an invitation to the first value in it, as an admin would."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from pydantic import SecretStr
from sqlmodel import Session

from app import connections as life
from app import signing_in, writing
from app.console import set_up
from app.security import Role, Vault, new_key
from app.signing_in import sign_in
from app.store import audit, connections, examined, plans
from app.store.audit import COMMAND_LINE
from app.store.database import migrate, open_database
from connectors import Finding, Record, Right, Target, Verdict
from connectors._sandbox import Running, running
from connectors.hubspot.sandbox import state
from connectors.salesforce.sandbox.knocks import CLIENT_ID, CLIENT_SECRET
from tests.api.filled import company, settings
from tests.console.conftest import PASSWORD, PATIENCE_S, Place, client, placed
from tests.console.test_every_page import LONGEST_LINE, PHONE, keep

FOUND = (
    Finding("Sign-in", Verdict.GOOD, "Connected to portal 1."),
    Finding("Contacts", Verdict.GOOD, "Readable: 3 records.", "", "contacts", Right.READ),
    Finding("Contacts", Verdict.WARNING, "Hidden.", "Show it.", "contacts", Right.READ),
    Finding("Fields", Verdict.BAD, "Not granted.", "Add it.", "contacts", Right.WRITE),
)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Place]:
    """A service that knows no CRM, with a key and a schedule, on a store of its own."""
    database = open_database(f"sqlite:///{tmp_path}/tieline.db")
    migrate(database)
    given = {"secret_key": SecretStr(new_key()), "pull_every_minutes": 60}
    with placed(settings(database).model_copy(update=given), database) as found:
        yield found
    database.dispose()


@pytest.fixture
def crms() -> Iterator[ExitStack]:
    """Closes the sandboxes of a test."""
    with ExitStack() as stack:
        yield stack


def take_up_invitation(page: Page, served: Place) -> None:
    token = signing_in.invite(served.database, COMMAND_LINE, "ada@x.example", Role.OWNER)
    page.goto(f"{served.url}/console/invitation/{token}")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Set the password").click()
    page.get_by_role("link", name="Connect a CRM").click()


def connect_salesforce(page: Page, crm: Running) -> None:
    page.get_by_role("link", name="Connect Salesforce").click()
    page.get_by_label("My Domain address").fill(crm.url)
    page.get_by_label("Consumer key").fill(CLIENT_ID)
    page.get_by_label("Consumer secret").fill(CLIENT_SECRET)
    page.get_by_role("button", name="Connect Salesforce").click()


def connect_hubspot(page: Page, crm: Running) -> None:
    page.get_by_role("link", name="Connect HubSpot").click()
    page.get_by_label("Service key or app token").fill(state.STATIC_TOKEN)
    page.get_by_text("More").click()
    page.get_by_label("Address").fill(crm.url)
    page.get_by_role("button", name="Connect HubSpot").click()


def from_rights_to_live(page: Page, url: str) -> None:
    """Go through the steps behind connecting; each page is left and taken up again."""
    expect(page.get_by_role("heading", name="Rights", exact=True)).to_be_visible()
    page.get_by_role("button", name="Look now").click()
    expect(page.get_by_role("row", name="Contacts")).to_contain_text("yes")
    page.goto(f"{url}/console/set-up")
    page.get_by_role("link", name="Go on with the set-up").click()
    expect(page.get_by_role("heading", name="Fields", exact=True)).to_be_visible()
    page.get_by_label("Write Tie strength of contacts").uncheck()
    page.get_by_role("button", name="Save what is written").click()
    expect(page.get_by_text("1 changed.")).to_be_visible()
    page.get_by_role("button", name="Create what is missing").click()
    expect(page.get_by_text("All fields that are wanted are there.")).to_be_visible()
    page.get_by_role("link", name="Next: exclusions").click()
    page.get_by_role("link", name="Next: dry run").click()
    expect(page.get_by_role("heading", name="Field by field")).to_be_visible()
    page.get_by_role("link", name="Next:").click()
    page.get_by_label("Run", exact=True).select_option("every 30 minutes")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Tieline runs every 30 minutes.")).to_be_visible()
    page.goto(f"{url}/console/set-up/1")


def changed_today() -> list[Record]:
    """A small company, as a CRM has it whose search knows when each record was changed."""
    now = datetime.now(UTC)
    return [replace(record, modified_at=now) for record in company()]


def values_in(crm: Running) -> list[object]:
    """What Tieline's fields hold of all contacts."""
    ids = [crm.ids[name] for name in ("Cleo", "Dan", "Eve") if name in crm.ids]
    found = [crm.of.custom_values(crm.sandbox, Target.CONTACT, each) for each in ids]
    return [value for one in found for value in one.values() if value is not None]


@pytest.mark.parametrize(
    ("name", "connect"), [("salesforce", connect_salesforce), ("hubspot", connect_hubspot)]
)
def test_an_admin_comes_from_an_invitation_to_the_first_values_in_a_crm(
    page: Page, served: Place, crms: ExitStack, name: str, connect: object
) -> None:
    crm = crms.enter_context(running(name, changed_today()))
    page.on("dialog", lambda dialog: dialog.accept())
    take_up_invitation(page, served)
    assert callable(connect)
    connect(page, crm)
    from_rights_to_live(page, served.url)
    assert values_in(crm) == []
    page.get_by_role("button", name="Go live").click()
    expect(page.get_by_text("This connection is live")).to_be_visible()
    for _ in range(300):
        if values_in(crm):
            break
        page.wait_for_timeout(100)
    assert values_in(crm)


@pytest.fixture
def connected(served: Place, crms: ExitStack) -> Place:
    """The service, whose set-up of a CRM was left behind the rights and a dry run."""
    crm = crms.enter_context(running("hubspot", changed_today()))
    vault = Vault(served.settings.secret_key.get_secret_value())
    offer = life.Offer("hubspot", crm.of.credentials(crm.url), is_shadow=True)
    connection_id = life.connect(served.database, vault, offer)
    with life.opened_one(served.database, vault, connection_id) as link:
        plan = writing.plan(served.database, link, now=lambda: datetime.now(UTC))
    with Session(served.database) as session, session.begin():
        examined.keep(session, connection_id, FOUND, at=datetime.now(UTC))
        plans.keep(session, connection_id, plan)
    return served


STEPS = ("connection", "rights", "exclusions", "dry-run", "schedule", "webhooks", "live")
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PATHS = (*(f"/set-up/1/{step}" for step in STEPS), "/fields/1", "/fields/1/contact/strength")


def test_everybody_can_read_the_steps_and_on_a_phone(browser: Browser, connected: Place) -> None:
    with browser.new_context(viewport={"width": PHONE, "height": 800}) as context:
        token = sign_in(connected.database, connected.user(), PASSWORD, "")
        context.add_cookies([{"name": "tieline", "value": token, "url": connected.url}])
        page = context.new_page()
        for path in PATHS:
            page.goto(f"{connected.url}/console{path}")
            keep(page, path, "phone")
            assert page.title() != "404 · Tieline", path
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= PHONE + LONGEST_LINE, path
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                assert [one["id"] for one in Axe().run(page).response["violations"]] == [], path


def form(served: Place, path: str, role: Role = Role.ADMIN, **typed: str) -> httpx.Response:
    """Send a form as somebody with a role would."""
    token = sign_in(served.database, served.user(role), PASSWORD, "")
    return httpx.post(
        f"{served.url}/console{path}",
        data=typed,
        cookies={"tieline": token},
        headers={"Origin": served.url},
        timeout=PATIENCE_S,
    )


def test_a_wrong_secret_is_told_and_not_shown_again(served: Place, crms: ExitStack) -> None:
    crm = crms.enter_context(running("salesforce"))
    typed = {"instance_url": crm.url, "client_id": CLIENT_ID, "client_secret": "canary-secret"}
    answer = form(served, "/set-up/connect/salesforce/machine", **typed)
    assert "check the consumer key and secret" in answer.text
    assert crm.url in answer.text
    assert "canary-secret" not in answer.text


def test_what_is_missing_is_asked_for_by_its_name(served: Place) -> None:
    answer = form(served, "/set-up/connect/salesforce/machine", client_id="key")
    assert answer.status_code == 422
    assert "Enter the my domain address." in answer.text


def test_a_connection_made_here_writes_nothing_yet_and_says_who_made_it(
    served: Place, crms: ExitStack
) -> None:
    crm = crms.enter_context(running("hubspot"))
    typed = {"access_token": state.STATIC_TOKEN, "base_url": crm.url}
    answer = form(served, "/set-up/connect/hubspot/key", **typed)
    assert answer.headers["location"] == "/console/set-up/1"
    with Session(served.database) as session:
        assert connections.get(session, 1).shadow_since is not None
        entry = audit.latest(session, limit=1)[0]
    assert (entry.what, entry.actor) == ("connection.connected", "admin@tieline.example")
    assert state.STATIC_TOKEN not in repr(entry)


def test_connecting_once_more_leaves_a_live_connection_live(
    connected: Place, crms: ExitStack
) -> None:
    crm = crms.enter_context(running("hubspot"))
    form(connected, "/set-up/1/live")
    typed = {"access_token": state.STATIC_TOKEN, "base_url": crm.url}
    form(connected, "/set-up/connect/hubspot/key", Role.OWNER, **typed)
    with Session(connected.database) as session:
        (row,) = connections.every(session)
        assert row.shadow_since is None


@pytest.mark.parametrize("part", ["writing", "both"])
def test_going_live_says_that_writing_is_held_before_and_after(connected: Place, part: str) -> None:
    reason = "Paused by Eve: she looks into it."
    if part == "both":
        life.pause(connected.database, 1, reason)
    else:
        life.pause_part(connected.database, 1, writing=reason)
    answer = form(connected, "/set-up/1/live")
    assert "as%20soon%20as%20writing%20is%20resumed" in answer.headers["set-cookie"]
    live = shown(connected, "/set-up/1/live")
    assert "writes nothing now" in live
    assert reason in live
    assert "Every run writes what differs." not in live
    form(connected, "/set-up/1/shadow", Role.OWNER)
    assert "writing is held" in shown(connected, "/set-up/1/live")


def test_who_is_live_is_said_to_write(connected: Place) -> None:
    form(connected, "/set-up/1/live")
    live = shown(connected, "/set-up/1/live")
    assert "Every run writes what differs." in live
    assert "writes nothing now" not in live


def shown(served: Place, path: str) -> str:
    """A page, as somebody sees it who may do everything but decide who comes in."""
    with client(served, Role.OPERATOR) as operator:
        return operator.get(f"/console{path}").text


def test_the_worst_of_what_was_found_stands_for_a_right() -> None:
    (line,) = set_up.lines(FOUND)
    assert list(line.verdicts) == [Verdict.WARNING, None, Verdict.BAD]
    assert line.findings[0].told == "Not granted."


def test_who_disconnects_is_told_what_is_left_to_do_in_the_crm(connected: Place) -> None:
    answer = form(connected, "/set-up/1/disconnect")
    assert answer.headers["location"] == "/console/set-up"
    assert "what%20was%20read%20from%20it%20is%20gone" in answer.headers["set-cookie"]
    assert "still" in answer.headers["set-cookie"]
    with Session(connected.database) as session:
        assert connections.every(session) == []
        entry = audit.latest(session, limit=1)[0]
    assert (entry.what, entry.subject) == ("connection.removed", "1")
