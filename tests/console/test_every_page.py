"""What holds for every page: who may see it, what a browser is told of it, that all can read it.

A page is added to `PAGES` here, and to nothing else, to be looked at in both schemes, at three
widths, and by axe. `TIELINE_SHOTS=folder` keeps the pictures.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi.routing import APIRoute
from playwright.sync_api import Browser, Page

from app import console
from app.console.deps import cookie
from app.security import Role
from app.signing_in import sign_in
from tests.console.conftest import PASSWORD, PATIENCE_S, Served

PAGES = (
    "",
    "/set-up",
    "/set-up/connect/hubspot",
    "/set-up/connect/salesforce?way=signature",
    "/fields",
    "/connections/1",
    "/runs",
    "/scoring",
    "/scoring/trials/1",
    "/scoring/overrides",
    "/runs/1",
    "/runs/4",
    "/records/1/Cleo",
    "/people",
    "/people?search=Cle",
    "/people/3?asker=1",
    "/people/3/ties/2",
    "/accounts",
    "/accounts/1?asker=1",
    "/lists",
    "/lists?show=weak-ties",
    "/team",
    "/subscribers",
    "/audit",
    "/audit/check",
    "/privacy",
    "/privacy?colleague=1",
    "/privacy/objections",
    "/privacy/erasures?search=Cle",
    "/privacy/erasures/of/3",
    "/me",
)
"""Behind /console, as a person opens them."""

OWN = "/me/"
"""What is everybody's own: a viewer changes nothing else."""

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PHONE, DESK, WALL = 360, 1280, 2200

LONGEST_LINE = 5
"""Pixels by which a page may be wider than its window: scroll bars round."""


def routes() -> list[APIRoute]:
    return [
        route for router in console.PAGES for route in router.routes if isinstance(route, APIRoute)
    ]


def needed(route: APIRoute) -> Role | None:
    """The role that a route asks for, as its dependencies say."""
    asked = [d.call.needs for d in route.dependant.dependencies if hasattr(d.call, "needs")]
    return Role(asked[0]) if asked else None


def test_every_page_says_which_role_it_needs() -> None:
    assert [route.path for route in routes() if needed(route) is None] == []


def test_what_changes_something_needs_more_than_to_look_and_is_sent_from_here() -> None:
    changing = [route for route in routes() if route.methods - {"GET", "HEAD"}]
    open_to_all = {route.path for route in changing if needed(route) is Role.VIEWER}
    assert {path for path in open_to_all if not path.startswith(OWN)} == set()
    guards = [{d.call.__name__ for d in r.dependant.dependencies if d.call} for r in changing]
    assert all("same_site" in names for names in guards)


@pytest.mark.parametrize("role", list(Role))
def test_a_route_answers_whoever_has_its_role_and_nobody_else(
    locked_console: Served, role: Role
) -> None:
    token = sign_in(locked_console.database, locked_console.user(role), PASSWORD, "")
    with httpx.Client(
        base_url=locked_console.url,
        cookies={cookie(locked_console.settings): token},
        headers={"Origin": locked_console.url},
        timeout=PATIENCE_S,
    ) as client:
        for route in routes():
            path = route.path_format.replace("{", "").replace("}", "")
            for method in route.methods:
                answer = client.request(method, f"/console{path}")
                is_refused = answer.status_code == 403
                assert is_refused is not role.may(needed(route) or Role.OWNER), route.path


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[Page]:
    """One window for all pages: a new one for each takes longer than to look at it."""
    with browser.new_context() as context:
        yield context.new_page()


@pytest.mark.parametrize("path", PAGES)
def test_everybody_can_read_a_page(window: Page, open_console: Served, path: str) -> None:
    window.set_viewport_size({"width": DESK, "height": 900})
    window.goto(f"{open_console.url}/console{path}")
    for scheme in SCHEMES:
        window.emulate_media(color_scheme=scheme)
        keep(window, path, scheme)
        found = Axe().run(window).response["violations"]
        assert [(scheme, one["id"], one["nodes"][0]["html"]) for one in found] == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_no_wider_than_its_window(window: Page, open_console: Served, path: str) -> None:
    window.goto(f"{open_console.url}/console{path}")
    for width in (PHONE, DESK, WALL):
        window.set_viewport_size({"width": width, "height": 800})
        wide = window.evaluate("document.documentElement.scrollWidth")
        assert wide <= width + LONGEST_LINE, width


@pytest.mark.parametrize("path", PAGES)
def test_a_page_runs_no_script_but_ours_and_is_shown_in_no_frame(
    open_console: Served, path: str
) -> None:
    headers = httpx.get(f"{open_console.url}/console{path}", timeout=PATIENCE_S).headers
    rules = headers["content-security-policy"]
    assert "script-src 'self'" in rules
    assert "unsafe" not in rules
    assert "frame-ancestors 'none'" in rules


def keep(window: Page, path: str, scheme: str) -> None:
    """Keep a picture of a page, if somebody wants to look at them."""
    folder = os.environ.get("TIELINE_SHOTS")
    if folder:
        name = path.strip("/").replace("/", "-").partition("?")[0] or "health"
        Path(folder).mkdir(parents=True, exist_ok=True)
        window.screenshot(full_page=True, path=Path(folder, f"{name}-{scheme}.png"))
