"""Webhooks, set up in the console: what is to be copied is shown once, and what comes is seen."""

import re

import httpx
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlmodel import Session, select

from app import connections as life
from app.hooks import Hooks, Wish
from app.security import Role
from app.signing_in import sign_in
from app.store import hooks, tables
from connectors._sandbox import running
from connectors.hubspot.sandbox import levers
from connectors.hubspot.sandbox.signing_in import CLIENT_SECRET
from tests.console.conftest import PASSWORD, PATIENCE_S, Place, client, vault
from tests.console.test_every_page import LONGEST_LINE, PHONE, keep
from tests.fakes import contact


def shown(page: str, box: str) -> str:
    """What a box to be copied holds; "" if there is none."""
    found = re.search(rf'id="{box}" value="([^"]*)"', page)
    return found[1] if found else ""


PATH = "/console/set-up/1/webhooks"


def test_an_admin_has_a_portal_tell_what_changes(page: Page, known_org: Place) -> None:
    with running("hubspot", [contact("Cleo")]) as crm:
        offer = life.Offer("hubspot", crm.of.credentials(crm.url), is_shadow=True)
        connection_id = life.connect(known_org.database, vault(known_org), offer)
        token = sign_in(known_org.database, known_org.user(), PASSWORD, "")
        page.context.add_cookies([{"name": "tieline", "value": token, "url": known_org.url}])
        page.goto(f"{known_org.url}/console/set-up/{connection_id}/schedule")
        page.get_by_role("link", name="Next: webhooks").click()
        page.get_by_label("client secret").fill(CLIENT_SECRET)
        page.get_by_role("button", name="Keep it, and show the address").click()
        address = page.get_by_label("Address").input_value()
        levers.subscribe(crm.sandbox, address, ["object.creation"], "0-1")
        crm.put([contact("Dan", "dan@x.example")])
        assert levers.deliver(crm.sandbox)
        page.goto(f"{known_org.url}/console/set-up/{connection_id}/webhooks")
        expect(page.get_by_text("heard", exact=True)).to_be_visible()
        page.get_by_text("The latest deliveries").click()
        expect(page.get_by_role("cell", name="taken")).to_be_visible()
        assert not {address, CLIENT_SECRET} & set(re.split(r"[\s\"<>]", page.content()))


def test_an_address_and_a_secret_are_shown_once_and_a_new_one_can_be_made(known_org: Place) -> None:
    with client(known_org) as admin:
        made = admin.post(PATH, data={"way": "flows"}).text
        address, first = shown(made, "address"), shown(made, "made-secret")
        later = admin.get(f"{PATH}?way=flows").text
        renewed = admin.post(PATH, data={"way": "flows", "renews": "true"}).text
        again = admin.post(f"{PATH}/show", data={"way": "flows"}).text
    second = shown(renewed, "made-secret")
    assert address.startswith(f"{known_org.url}/hooks/")
    assert len({first, second, ""}) == 3
    assert not [text for text in (address, first) if text in later]
    assert (shown(again, "address"), shown(again, "made-secret")) == (address, "")


def test_what_was_set_up_is_in_the_audit_log_and_no_secret_is(known_org: Place) -> None:
    with client(known_org) as admin:
        made = admin.post(PATH, data={"way": "flows"}).text
        admin.post(f"{PATH}/listening", data={"way": "events", "is_on": "true"})
        admin.post(f"{PATH}/end")
    with Session(known_org.database) as session:
        found = session.exec(select(tables.AuditEntry)).all()
    kept = [one.what for one in found if one.what.startswith("hook.")]
    assert kept == ["hook.set_up", "hook.set_up", "hook.ended"]
    secrets = (shown(made, "address").rpartition("/")[2], shown(made, "made-secret"))
    assert not [secret for secret in secrets if secret in repr(found)]


def test_an_outbound_message_is_told_the_address_alone(known_org: Place) -> None:
    with client(known_org) as admin:
        made = admin.post(PATH, data={"way": "messages"}).text
    assert shown(made, "address")
    assert not shown(made, "made-secret")


def test_events_are_listened_to_without_any_address(known_org: Place) -> None:
    known_org.app.state.hooks = Hooks(known_org.database, vault(known_org), "")
    with client(known_org) as admin:
        admin.post(f"{PATH}/listening", data={"way": "events", "is_on": "true"})
        page = admin.get(PATH).text
    with Session(known_org.database) as session:
        assert list(hooks.listening(session)) == [1]
    assert "Stop listening" in page


def test_why_events_cannot_be_listened_to_is_told_on_health_and_here(known_org: Place) -> None:
    Hooks(known_org.database, vault(known_org), "").set_up(1, Wish(is_listening=True))
    with Session(known_org.database) as session, session.begin():
        hooks.note_trouble(session, 1, "Install it first.")
    with client(known_org, Role.VIEWER) as viewer:
        assert "cannot be listened to: Install it first." in viewer.get("/console").text
        assert "Install it first." in viewer.get(PATH).text


def test_without_a_public_address_the_page_says_how_to_have_one(known_org: Place) -> None:
    known_org.app.state.hooks = Hooks(known_org.database, vault(known_org), "")
    with client(known_org) as admin:
        assert "set TIELINE_PUBLIC_URL" in admin.get(f"{PATH}?way=flows").text
        refused = admin.post(PATH, data={"way": "flows"})
    assert (refused.status_code, "Set TIELINE_PUBLIC_URL" in refused.text) == (503, True)


def test_an_address_that_was_taken_away_is_none(known_org: Place) -> None:
    with client(known_org) as admin:
        address = shown(admin.post(PATH, data={"way": "messages"}).text, "address")
        admin.post(f"{PATH}/end")
        assert "not set up" in admin.get(PATH).text
    assert httpx.post(address, content=b"", timeout=PATIENCE_S).status_code == 404


def test_who_may_only_look_is_shown_how_it_stands_and_no_form(known_org: Place) -> None:
    with client(known_org, Role.OPERATOR) as operator:
        page = operator.get(f"{PATH}?way=flows").text
    assert "Setting webhooks up needs the role admin." in page
    assert f'action="{PATH}"' not in page


def test_everybody_can_read_each_way_and_on_a_phone(browser: Browser, known_org: Place) -> None:
    with browser.new_context(viewport={"width": PHONE, "height": 800}) as context:
        token = sign_in(known_org.database, known_org.user(), PASSWORD, "")
        context.add_cookies([{"name": "tieline", "value": token, "url": known_org.url}])
        page = context.new_page()
        for way in ("events", "messages", "flows"):
            page.goto(f"{known_org.url}{PATH}?way={way}")
            check(page, way)
        page.get_by_role("button", name="Make an address and a secret").click()
        expect(page.get_by_label("Secret")).to_be_visible()
        check(page, "made")


def check(page: Page, name: str) -> None:
    """See that a page can be read by everybody, in both schemes."""
    keep(page, f"webhooks-{name}", "phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE + LONGEST_LINE
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # it is one of its words
        assert [one["id"] for one in Axe().run(page).response["violations"]] == []
