"""Weighing the channels otherwise, as an admin does who wants to see first what it changes."""

import re

import httpx
import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session

from app.console import histogram, plots
from app.engine import BAND_CUTS
from app.security import Role
from app.signing_in import sign_in as signed_in
from app.store import audit, overrides, tables, trials, weights
from tests.console.conftest import PASSWORD, PATIENCE_S, Served, sign_in, try_weights
from tests.fakes import NOW


@pytest.fixture
def admin(page: Page, locked_console: Served) -> Page:
    """A browser in which an admin is signed in."""
    sign_in(page, locked_console, locked_console.user(Role.ADMIN))
    expect(page.get_by_role("heading", name="Health")).to_be_visible()
    return page


def in_force(served: Served) -> tables.Weighting:
    with Session(served.database) as session:
        found = weights.latest(session)
    assert found
    return found


def test_weights_are_tried_saved_and_taken_back(admin: Page, locked_console: Served) -> None:
    admin.on("dialog", lambda dialog: dialog.accept())
    admin.goto(f"{locked_console.url}/console/scoring?start=bandwidth")
    admin.get_by_label("Meeting").fill("5")
    admin.get_by_label("Silence").fill("30")
    admin.get_by_label("Strong").fill("50")
    admin.get_by_role("button", name="Try these weights").click()
    expect(admin.get_by_role("heading", name="What would change")).to_be_visible()
    expect(admin.get_by_role("row", name="Cleo Ben")).to_be_visible()
    admin.get_by_role("button", name="Back-test these weights").click()
    expect(admin.get_by_text("There is too little history")).to_be_visible()
    admin.get_by_role("button", name="Save these weights").click()
    expect(admin.get_by_text("Version 1 is in force. All scores follow")).to_be_visible()
    numbers, preset = in_force(locked_console).numbers, in_force(locked_console).preset
    named = (numbers["meeting"], numbers["silence_half_life"], numbers["strong"])
    assert (named, preset) == ((5, 30, 50), "own")
    expect(admin.get_by_text("Silence halves in 30 days, Strong from 50").first).to_be_visible()
    admin.get_by_role("button", name="Go back to version 0").click()
    expect(admin.get_by_text("Version 2 is in force, equal to version 0")).to_be_visible()
    assert (in_force(locked_console).preset, in_force(locked_console).author) == (
        "default",
        "admin@tieline.example",
    )


def form(served: Served, path: str, role: Role = Role.ADMIN, **typed: str) -> httpx.Response:
    """Send a form as somebody with a role would."""
    token = signed_in(served.database, served.user(role), PASSWORD, "")
    return httpx.post(
        f"{served.url}/console/scoring{path}",
        data=typed,
        cookies={"tieline": token},
        headers={"Origin": served.url},
        timeout=PATIENCE_S,
    )


def test_saving_leaves_an_entry_in_the_audit_log(locked_console: Served) -> None:
    trial_id = try_weights(locked_console.database)
    form(locked_console, f"/trials/{trial_id}/save")
    with Session(locked_console.database) as session:
        entry = audit.latest(session, limit=1)[0]
    assert (entry.what, entry.subject) == ("weights.changed", "1")
    assert (entry.before["meeting"], entry.after["email"]) == (3.0, 0.07)


def test_weights_that_were_tried_beside_others_are_not_saved(locked_console: Served) -> None:
    trial_id = try_weights(locked_console.database)
    with Session(locked_console.database) as session, session.begin():
        weights.choose(session, weights.of_numbers({"email": 2.0}), author="Ben", at=NOW)
    answer = form(locked_console, f"/trials/{trial_id}/save")
    assert answer.headers["location"].endswith(f"/trials/{trial_id}")
    assert in_force(locked_console).author == "Ben"


def test_what_is_no_weight_is_told_and_not_forgotten(locked_console: Served) -> None:
    answer = form(locked_console, "/trials", email="lots", call="2", strong="90")
    assert answer.status_code == 422
    assert "The weight of email must be a number from 0 to 100." in answer.text
    assert 'value="lots"' in answer.text
    assert 'value="90"' in answer.text
    with Session(locked_console.database) as session:
        assert trials.latest(session, limit=1) == []


def test_somebody_knows_better_what_a_tie_is_worth(admin: Page, locked_console: Served) -> None:
    admin.goto(f"{locked_console.url}/console/scoring/overrides")
    admin.get_by_label("Person", exact=True).fill("ada")
    admin.get_by_label("Other person").fill("cleo@acme.example")
    admin.get_by_label("Strength").fill("80")
    admin.get_by_label("Reason").fill("They were at school together.")
    admin.get_by_role("button", name="Override").click()
    row = admin.get_by_role("row", name="Ada and Cleo")
    expect(row).to_contain_text("80")
    row.get_by_role("button", name="End").click()
    expect(admin.get_by_text("Nothing is overridden.")).to_be_visible()


def test_of_a_name_that_fits_several_one_is_chosen(locked_console: Served) -> None:
    typed = {"one": "ada", "other": "acme.example", "points": "80", "reason": "School."}
    answer = form(locked_console, "/overrides", **typed, until="2099-01-31")
    assert answer.status_code == 422
    assert "choose the second person" in answer.text
    assert "Dan (dan@acme.example)" in answer.text
    with Session(locked_console.database) as session:
        assert overrides.in_force(session, at=NOW) == {}


def test_whom_nobody_can_find_is_told(locked_console: Served) -> None:
    typed = {"one": "zoe", "other": "dan", "points": "80", "reason": "School."}
    answer = form(locked_console, "/overrides", **typed, until="2099-01-31")
    assert "Nobody fits “zoe”" in answer.text
    assert 'value="zoe"' in answer.text


@pytest.mark.parametrize("until", ["", "tomorrow", "2020-01-31", "9999-12-31"])
def test_an_override_ends_on_a_day_to_come(locked_console: Served, until: str) -> None:
    typed = {"one": "ada", "other": "dan", "points": "80", "reason": "School."}
    assert form(locked_console, "/overrides", **typed, until=until).status_code == 422


def test_a_report_is_a_file_and_runs_nothing(open_console: Served) -> None:
    answer = httpx.get(f"{open_console.url}/console/scoring/trials/1/report", timeout=PATIENCE_S)
    assert "attachment" in answer.headers["content-disposition"]
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "Back-test" in answer.text


def test_a_plot_of_nothing_is_a_plot() -> None:
    assert "NaN" not in histogram.draw([0] * 20, [0] * 20, width=5, cuts=BAND_CUTS)


def test_bands_are_drawn_where_they_begin() -> None:
    def lines(picture: str) -> list[str]:
        return re.findall(r'class="cut" x1="([\d.]+)"', picture)

    usual, own = (
        lines(str(histogram.draw([1], [1], width=5, cuts=cuts)))
        for cuts in (BAND_CUTS, (2.0, 30.0, 80.0))
    )
    assert usual[:2] == own[:2]
    assert float(own[2]) > float(usual[2])


def test_bands_begin_where_they_are_said_to_on_the_course_of_a_tie() -> None:
    def heights(*cuts: float) -> list[float]:
        weak, moderate, strong = cuts
        picture = str(plots.draw_course([9], [1], NOW.date(), cuts=(weak, moderate, strong)))
        return [float(y) for y in re.findall(r'y="([\d.]+)" text-anchor="end"', picture)]

    (nothing, usual, *_), (same, lower, *_) = heights(2, 30, 60), heights(2, 20, 60)
    assert (nothing == same, lower > usual) == (True, True)


@pytest.mark.parametrize(("most", "step"), [(1, 1), (7, 2), (100, 50), (900, 500), (11_452, 5_000)])
def test_lines_across_stand_at_round_numbers(most: int, step: int) -> None:
    picture = str(histogram.draw([most], [0], width=5, cuts=BAND_CUTS))
    assert f">{step:,}</text>" in picture
