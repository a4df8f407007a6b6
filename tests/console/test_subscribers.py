"""Programs that are told what happens, as an admin adds, tries and ends them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pydantic import SecretStr
from sqlmodel import Session

from app.security import new_key
from app.store import audit, events
from app.store.database import migrate, open_database
from app.store.events import EventType, Happened
from tests.api.conftest import fill
from tests.api.filled import settings
from tests.console.conftest import Served, serving, sign_in
from tests.messenger.receivers import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A service that may tell programs on this machine."""
    database = open_database(f"sqlite:///{tmp_path}/tieline.db")
    migrate(database)
    wanted = {"secret_key": SecretStr(new_key()), "loopback_subscribers": True}
    with serving(settings(database).model_copy(update=wanted), fill(database)) as served:
        yield served
    database.dispose()


@pytest.fixture
def at_subscribers(page: Page, served: Served) -> Page:
    sign_in(page, served, served.user())
    page.goto(f"{served.url}/console/subscribers")
    return page


def add(page: Page, url: str) -> None:
    page.get_by_label("Address").fill(url)
    page.get_by_label("a tie is cooling").check()
    page.get_by_role("button", name="Add", exact=True).click()


def test_a_program_is_added_and_tried(at_subscribers: Page, receiver: Receiver) -> None:
    add(at_subscribers, receiver.url)
    secret = at_subscribers.get_by_role("status").locator("pre").inner_text()
    at_subscribers.get_by_role("button", name="Test").click()
    expect(at_subscribers.get_by_role("status")).to_contain_text("answered 204")
    expect(at_subscribers.get_by_text(secret)).to_have_count(0)
    assert [one.told["type"] for one in receiver.heard] == ["events.test"]


def test_what_was_given_up_is_told_again(
    at_subscribers: Page, receiver: Receiver, served: Served
) -> None:
    receiver.answers = [500]
    add(at_subscribers, receiver.url)
    at_subscribers.get_by_role("button", name="Test").click()
    expect(at_subscribers.get_by_role("alert")).to_contain_text("It was not told")
    at_subscribers.get_by_role("link", name="Given up").click()
    at_subscribers.get_by_role("button", name="Tell again").click()
    expect(at_subscribers.get_by_role("status")).to_contain_text("told again")
    with Session(served.database) as session:
        assert audit.latest(session, limit=1)[0].what == "delivery.replayed"


@pytest.mark.parametrize("url", ["ftp://acme.example/hook", "https://ada:key@acme.example/hook"])
def test_what_is_no_address_of_a_program_is_not_added(at_subscribers: Page, url: str) -> None:
    add(at_subscribers, url)
    expect(at_subscribers.get_by_role("alert")).to_contain_text("A subscriber's address")
    expect(at_subscribers.get_by_text("Nobody is told anything yet.")).to_be_visible()


def test_nothing_is_sent_to_a_private_network(at_subscribers: Page) -> None:
    add(at_subscribers, "https://10.0.0.1/hook")
    at_subscribers.get_by_role("button", name="Test").click()
    expect(at_subscribers.get_by_role("alert")).to_contain_text("It was not told")


def test_who_is_removed_is_told_nothing_more(
    at_subscribers: Page, receiver: Receiver, served: Served
) -> None:
    at_subscribers.on("dialog", lambda dialog: dialog.accept())
    add(at_subscribers, receiver.url)
    at_subscribers.get_by_role("button", name="Remove").click()
    expect(at_subscribers.get_by_text("It is told nothing any more.")).to_be_visible()
    with Session(served.database) as session:
        cooling = [Happened(EventType.TIE_COOLING, {"contact": 1})]
        assert events.note(session, cooling, at=datetime.now(UTC)) == 0
