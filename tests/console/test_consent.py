"""Being let in by a CRM that asks its admin: what comes back has to be what left."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine
from sqlmodel import Session, select

from app import errands
from app.errands import Wish, come_back, send
from app.errors import Conflict, Unreadable
from app.security import Vault, new_key
from app.store import connections, tables
from app.store.database import migrate, open_database
from connectors import AuthenticationFailed
from connectors._sandbox import Running, running
from connectors.hubspot.sandbox import signing_in as hubspot
from connectors.salesforce.credentials import Credentials
from connectors.salesforce.sandbox import levers
from connectors.salesforce.sandbox.knocks import CLIENT_ID, CLIENT_SECRET
from tests.console.conftest import PATIENCE_S, Place, sign_in
from tests.console.test_set_up import served

__all__ = ["served"]

REDIRECT = "http://127.0.0.1:1/console/connected"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Engine]:
    """An empty store."""
    database = open_database(f"sqlite:///{tmp_path}/tieline.db")
    migrate(database)
    yield database
    database.dispose()


@pytest.fixture
def vault() -> Vault:
    """Opens what it sealed in this test."""
    return Vault(new_key())


@pytest.fixture
def org() -> Iterator[Running]:
    """An org whose user lets every app in at once, if it proves that it left."""
    with running("salesforce") as found:
        levers.approve_by_itself(found.sandbox)
        levers.shape_app(found.sandbox, needs_pkce=True)
        yield found


def left(store: Engine, vault: Vault, org: Running) -> tuple[str, str, str]:
    """Leave, and be let in: what the browser shows, and the state and code that came back."""
    given = {"instance_url": org.url, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    sent = send(store, vault, Wish("salesforce", "consent", given, REDIRECT, "ada@x.example"))
    answer = httpx.get(sent.address, timeout=PATIENCE_S)
    told = parse_qs(urlsplit(answer.headers["location"]).query)
    return sent.shown, told["state"][0], told["code"][0]


def back(
    store: Engine, vault: Vault, state: str, shown: str, code: str, name: str = "ada@x.example"
) -> Credentials:
    crm, found = come_back(store, vault, state, shown=shown, name=name, code=code)
    assert crm == "salesforce"
    assert isinstance(found, Credentials)
    return found


def test_whoever_left_comes_back_with_a_refresh_token(
    store: Engine, vault: Vault, org: Running
) -> None:
    shown, state, code = left(store, vault, org)
    found = back(store, vault, state, shown, code)
    assert found.refresh_token
    assert org.connect(found).identify().tenant


def test_what_came_back_counts_once(store: Engine, vault: Vault, org: Running) -> None:
    shown, state, code = left(store, vault, org)
    back(store, vault, state, shown, code)
    with pytest.raises(Conflict):
        back(store, vault, state, shown, code)


def test_another_browser_cannot_bring_it_back(store: Engine, vault: Vault, org: Running) -> None:
    _, state, code = left(store, vault, org)
    other, _, _ = left(store, vault, org)
    for shown in ("", other):
        with pytest.raises(Conflict):
            back(store, vault, state, shown, code)


def test_another_user_cannot_bring_it_back(store: Engine, vault: Vault, org: Running) -> None:
    shown, state, code = left(store, vault, org)
    with pytest.raises(Conflict):
        back(store, vault, state, shown, code, name="mallory@x.example")


def test_a_state_that_nobody_left_with_counts_for_nothing(
    store: Engine, vault: Vault, org: Running
) -> None:
    shown, state, code = left(store, vault, org)
    with pytest.raises(Conflict):
        back(store, vault, state[:-1] + ("A" if state[-1] != "A" else "B"), shown, code)


def test_after_ten_minutes_it_counts_no_more(
    store: Engine, vault: Vault, org: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errands, "LASTS", -errands.LASTS)
    shown, state, code = left(store, vault, org)
    with pytest.raises(Conflict):
        back(store, vault, state, shown, code)


def test_a_code_is_of_no_use_to_whoever_did_not_leave_for_it(
    store: Engine, vault: Vault, org: Running
) -> None:
    _, _, theirs = left(store, vault, org)
    shown, state, _ = left(store, vault, org)
    with pytest.raises(AuthenticationFailed):  # the verifier is another
        back(store, vault, state, shown, theirs)


def test_what_is_kept_of_a_way_shows_neither_state_nor_secret(
    store: Engine, vault: Vault, org: Running
) -> None:
    shown, state, _ = left(store, vault, org)
    with Session(store) as session:
        row = session.exec(select(tables.Errand)).one()
    kept = repr(row).encode() + row.sealed
    assert all(secret.encode() not in kept for secret in (shown, state, CLIENT_SECRET))


def test_who_says_no_is_told_that_nobody_was_let_in(
    store: Engine, vault: Vault, org: Running
) -> None:
    shown, state, _ = left(store, vault, org)
    with pytest.raises(Unreadable, match="was not told to let Tieline in"):
        back(store, vault, state, shown, "")


def choose_oauth(page: Page, served: Place, title: str, **typed: str) -> None:
    sign_in(page, served, served.user())
    page.get_by_role("link", name="Connect a CRM").click()
    page.get_by_role("link", name=f"Connect {title}").click()
    page.get_by_role("link", name="OAuth").click()
    for label, value in typed.items():
        if label == "Address":
            page.get_by_text("More").click()
        page.get_by_label(label.replace("_", " ")).fill(value)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("link", name=f"Go to {title}").click()


def tenants(served: Place) -> list[str]:
    with Session(served.database) as session:
        return [row.tenant for row in connections.every(session)]


def test_an_admin_lets_tieline_into_an_org_by_oauth(page: Page, served: Place) -> None:
    with ExitStack() as stack:
        org = stack.enter_context(running("salesforce"))
        typed = {"Consumer_key": CLIENT_ID, "Consumer_secret": CLIENT_SECRET}
        choose_oauth(page, served, "Salesforce", My_Domain_address=org.url, **typed)
        page.get_by_role("button", name="Allow").click()
        expect(page.get_by_role("heading", name="Rights", exact=True)).to_be_visible()
    assert len(tenants(served)) == 1


def test_an_admin_lets_tieline_into_a_portal_by_oauth(page: Page, served: Place) -> None:
    with ExitStack() as stack:
        portal = stack.enter_context(running("hubspot"))
        typed = {"Client_ID": hubspot.CLIENT_ID, "Client_secret": hubspot.CLIENT_SECRET}
        choose_oauth(page, served, "HubSpot", Address=portal.url, **typed)
        expect(page.get_by_role("heading", name="Rights", exact=True)).to_be_visible()
    assert len(tenants(served)) == 1


def test_a_link_that_somebody_was_sent_connects_nothing(page: Page, served: Place) -> None:
    sign_in(page, served, served.user())
    page.goto(f"{served.url}/console/connected?state=theirs&code=theirs")
    expect(page.get_by_role("alert")).to_contain_text("not what you left for")
    assert tenants(served) == []
