"""When Tieline runs, said in the console: quiet hours, and what is told of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlmodel import Session, select

from app.pipeline import Link
from app.schedule import Schedule
from app.security import Role
from app.signing_in import sign_in
from app.store import tables, timetable
from tests.console.conftest import PASSWORD, Place, client
from tests.console.test_every_page import LONGEST_LINE, PHONE, keep

PATH = "/console/set-up/1/schedule"
WORK = {"days": [0, 1, 2, 3, 4], "begins": "08:00", "ends": "18:00", "zone": "Europe/Berlin"}


@contextmanager
def no_links() -> Iterator[list[Link]]:
    yield []


@pytest.fixture
def scheduled(known_org: Place) -> Place:
    """The service, with a schedule that is not going on."""
    known_org.app.state.schedule = Schedule(known_org.database, no_links, every_minutes=60)
    return known_org


def said(place: Place) -> dict[str, object]:
    with Session(place.database) as session:
        return dict(timetable.quiet(session))


def be_quiet_now(place: Place) -> datetime:
    """Have quiet hours that began an hour ago; gives their end."""
    end = (datetime.now(UTC) + timedelta(hours=3)).replace(second=0, microsecond=0)
    hours = {"begins": f"{end - timedelta(hours=4):%H:%M}", "ends": f"{end:%H:%M}"}
    with Session(place.database) as session, session.begin():
        timetable.say_quiet(session, {"days": list(range(7)), "zone": "UTC", **hours})
    return end


def test_an_admin_keeps_working_hours_quiet(page: Page, scheduled: Place) -> None:
    token = sign_in(scheduled.database, scheduled.user(), PASSWORD, "")
    page.context.add_cookies([{"name": "tieline", "value": token, "url": scheduled.url}])
    page.goto(f"{scheduled.url}/console")  # the script tells the zone of the browser
    page.goto(f"{scheduled.url}{PATH}")
    page.get_by_label("From").fill("08:00")
    page.get_by_label("To", exact=True).fill("18:00")
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Berlin")
    page.get_by_role("button", name="Keep quiet hours").click()
    told = "Monday to Friday, 08:00 to 18:00 (Europe/Berlin)"
    expect(page.get_by_role("status")).to_contain_text(told)
    assert said(scheduled) == WORK
    page.get_by_role("button", name="No quiet hours").click()
    expect(page.get_by_role("status")).to_contain_text("There are no quiet hours")
    assert said(scheduled) == {}


def test_hours_that_cannot_be_are_told_and_stay_in_the_form(scheduled: Place) -> None:
    with client(scheduled) as admin:
        typed = {"days": ["2"], "begins": "08:00", "ends": "18:00", "zone": "Berlin"}
        refused = admin.post(f"{PATH}/quiet", data=typed)
    assert refused.status_code == 422
    assert "There is no time zone &#39;Berlin&#39;" in refused.text
    assert 'value="2" checked' in refused.text
    assert 'value="Berlin"' in refused.text
    assert said(scheduled) == {}


def test_who_said_it_is_in_the_audit_log(scheduled: Place) -> None:
    with client(scheduled) as admin:
        admin.post(f"{PATH}/quiet", data=WORK)
    with Session(scheduled.database) as session:
        entry = session.exec(select(tables.AuditEntry)).all()[-1]
    assert (entry.what, entry.actor, entry.after) == (
        "schedule.changed",
        "admin@tieline.example",
        WORK,
    )


def test_health_says_why_the_next_run_waits_even_before_its_replica_knows(
    scheduled: Place,
) -> None:
    end = be_quiet_now(scheduled)
    with client(scheduled, Role.VIEWER) as viewer:
        page, step = viewer.get("/console").text, viewer.get(PATH).text
    assert "it waits for the end of the quiet hours" in step
    assert f'datetime="{end.isoformat(timespec="seconds")}"' in page
    assert "no run begins by the clock at the" in page
    assert "every day," in page


def test_health_says_nothing_of_quiet_hours_that_put_nothing_off(scheduled: Place) -> None:
    with client(scheduled, Role.VIEWER) as viewer:
        page = viewer.get("/console").text
    assert "The next one is due" in page
    assert "quiet hours" not in page


def test_a_run_that_is_asked_for_begins_at_quiet_hours(scheduled: Place) -> None:
    be_quiet_now(scheduled)
    with client(scheduled, Role.OPERATOR) as operator:
        answer: httpx.Response = operator.post("/console/run")
    assert answer.status_code == 303
    assert scheduled.app.state.schedule._is_whole.is_set()


def test_everybody_can_read_it_and_on_a_phone(browser: Browser, scheduled: Place) -> None:
    be_quiet_now(scheduled)
    with browser.new_context(viewport={"width": PHONE, "height": 800}) as context:
        token = sign_in(scheduled.database, scheduled.user(), PASSWORD, "")
        context.add_cookies([{"name": "tieline", "value": token, "url": scheduled.url}])
        page = context.new_page()
        for path in (PATH, "/console"):
            page.goto(f"{scheduled.url}{path}")
            keep(page, f"{path}-quiet", "phone")
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE + LONGEST_LINE
            assert [one["id"] for one in Axe().run(page).response["violations"]] == []
