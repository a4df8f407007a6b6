"""A console to look at: a real browser, a real service on a port, and its store."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pydantic import SecretStr
from sqlalchemy import Engine
from sqlmodel import Session

from app import signing_in
from app.engine import BANDWIDTH
from app.hooks import Hooks
from app.main import create_app
from app.schedule import Schedule
from app.scoring import work_out
from app.security import Role, Vault, new_key
from app.settings import Settings
from app.store import connections, tables, trials
from app.store.audit import COMMAND_LINE
from app.store.database import migrate, open_database
from tests.api.conftest import fill
from tests.api.filled import Filled, settings
from tests.fakes import NOW

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PASSWORD = "correct horse battery"
PATIENCE_S = 60
"""How long a service may take to answer: on a busy machine none that does is given up."""

PATIENCE_MS = 1000 * PATIENCE_S
ORG = "00D5e0000000001EAA"


@dataclass(frozen=True)
class Place:
    """A service that answers on a port of this machine."""

    url: str
    database: Engine
    settings: Settings
    app: FastAPI

    def user(self, role: Role = Role.OWNER, email: str = "") -> str:
        """Have somebody who can sign in with `PASSWORD`; gives their address."""
        email = email or f"{role}@tieline.example"
        token = signing_in.invite(self.database, COMMAND_LINE, email, role)
        signing_in.take_up(self.database, token, PASSWORD, "127.0.0.1")
        return email


@dataclass(frozen=True)
class Served(Place):
    """A service about a small company, whose CRM is a list."""

    filled: Filled


@contextmanager
def placed(asked: Settings, database: Engine) -> Iterator[Place]:
    """Serve a store on a free port, as `tieline serve` does."""
    app = create_app(asked)
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, log_config=None, access_log=False, timeout_graceful_shutdown=1)
    )
    started = threading.Event()
    startup = server.startup

    async def tell(*given: object, **named: object) -> None:
        await startup(*given, **named)  # type: ignore[arg-type]
        started.set()

    server.startup = tell  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert started.wait(30)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Place(f"http://127.0.0.1:{port}", database, asked, app)
    server.should_exit = True
    thread.join(10)


@contextmanager
def serving(asked: Settings, filled: Filled) -> Iterator[Served]:
    """Serve a small company; its runs are made by hand."""
    with placed(asked, filled.database) as at:
        at.app.state.schedule = Schedule(filled.database, filled.links, every_minutes=60)
        yield Served(at.url, at.database, at.settings, at.app, filled)
        at.app.state.schedule = None


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, as the system has it; closed behind each module: it keeps a loop running."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("no Chromium here: install your system's package `chromium`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def open_console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service about a small company, at whose console nobody signs in; only to be read."""
    yield from _served(tmp_path_factory.mktemp("console"), is_open=True)


@pytest.fixture
def locked_console(tmp_path: Path) -> Iterator[Served]:
    """The same, where people have to sign in; for one test alone."""
    yield from _served(tmp_path, is_open=False)


@pytest.fixture
def known_org(tmp_path: Path) -> Iterator[Place]:
    """A service with a key, which knows an org, and knows where CRMs reach it."""
    database = open_database(f"sqlite:///{tmp_path}/tieline.db")
    migrate(database)
    row = tables.Connection(
        crm="salesforce", title="Acme", tenant=ORG, credentials=b"", created_at=NOW
    )
    with Session(database) as session, session.begin():
        connections.add(session, row)
    given = {"secret_key": SecretStr(new_key()), "pull_every_minutes": 0}
    with placed(settings(database).model_copy(update=given), database) as found:
        found.app.state.hooks = Hooks(database, vault(found), found.url)
        found.app.state.hooks.answered_within_s = 60.0
        yield found
    database.dispose()


@pytest.fixture(autouse=True)
def patience() -> None:
    """Wait as long for what is expected on a page as for the page itself."""
    expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A window of a browser that nobody has used; whatever its console says is an error."""
    with browser.new_context(timezone_id="Europe/Berlin") as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        told: list[str] = []
        page.on("console", lambda message: told.append(message.text))
        page.on("pageerror", lambda error: told.append(str(error)))
        yield page
        assert [text for text in told if "status of" not in text] == []


def sign_in(page: Page, served: Place, email: str, password: str = PASSWORD) -> None:
    """Sign in as somebody would."""
    page.goto(f"{served.url}/console")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def vault(place: Place) -> Vault:
    """What a service keeps secrets with."""
    return Vault(place.settings.secret_key.get_secret_value())


def client(place: Place, role: Role = Role.ADMIN) -> httpx.Client:
    """What somebody with a role sends forms with."""
    token = signing_in.sign_in(place.database, place.user(role), PASSWORD, "")
    return httpx.Client(
        base_url=place.url,
        cookies={"tieline": token},
        headers={"Origin": place.url},
        timeout=PATIENCE_S,
    )


def try_weights(database: Engine) -> int:
    """Have a preset tried, with its back-test; gives the id of the trial."""
    with Session(database) as session, session.begin():
        at = datetime.now(UTC)
        trial = trials.ask(session, BANDWIDTH, author="ada@x.example", at=at, wants_back_test=True)
        trial_id = trial.id or 0
        assert trials.claim(session, at=at)
    work_out(database, trial_id)
    return trial_id


def _served(folder: Path, *, is_open: bool) -> Iterator[Served]:
    database = open_database(f"sqlite:///{folder}/tieline.db")
    migrate(database)
    filled = fill(database)
    if is_open:
        try_weights(database)
    asked = settings(database).model_copy(update={"open_console": is_open})
    with serving(asked, filled) as served:
        yield served
    database.dispose()
