"""R15, R17, O4, O5: what admins take away, end, use up or remove while a run goes on."""

from collections.abc import Callable

import pytest

from app import connections
from connectors._sandbox import Fault, Sandbox
from connectors.hubspot.sandbox import levers as hubspot
from connectors.salesforce.sandbox import levers as salesforce
from tests.fakes import contact
from tests.reliability.following import Following, person

JSON = (("content-type", "application/json"),)
STAGES = ("pull", "resolve", "score", "write back")


def after(pages: int, happens: Callable[[], object]) -> Callable[[object], None]:
    """Have something happen behind so many pages."""
    left = [pages]

    def watch(_: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            happens()

    return watch


TAKEN = {
    "salesforce": [
        (lambda crm: salesforce.hide(crm, "Contact.Title"), "Contact.Title"),
        (lambda crm: salesforce.hide(crm, "Lead"), "Lead"),
    ],
    "hubspot": [
        (lambda crm: hubspot.revoke_scope(crm, "sales-email-read"), "sales-email-read"),
        (lambda crm: hubspot.archive_property(crm, "0-1", "jobtitle"), "jobtitle"),
    ],
}
GIVEN = {"salesforce": ["Contact.Title", "Lead"], "hubspot": []}


@pytest.mark.parametrize("which", [0, 1])
def test_r15_what_is_taken_within_a_run_is_told_and_the_rest_is_read(
    following: Following, which: int
):
    take, what = TAKEN[following.crm.name][which]
    following.put(*(person(contact, f"Cy{n}") for n in range(12)))
    following.run(watch=after(4, lambda: take(following.crm.sandbox)))
    following.put(person(contact, "New"))
    following.pass_time(minutes=10)
    report = following.run()
    assert (report.status, what in report.reason) == ("partial", True)
    assert people(following.mirror()) == people(following.truth())


def people(held: set[tuple[object, ...]]) -> set[tuple[object, ...]]:
    return {one for one in held if one[1:2] in {("contact",), ("colleague",)}}


def test_r15_contacts_taken_within_a_run_stop_it_and_lose_nothing(following: Following):
    following.put(*(person(contact, f"Cy{n}") for n in range(12)))
    refused = {
        "salesforce": b'[{"message":"sObject type \'Contact\' is not supported.","errorCode":'
        b'"INVALID_TYPE"}]',
        "hubspot": b'{"status":"error","category":"MISSING_SCOPES"}',
    }[following.crm.name]
    pattern = "0-1/search|contacts/search|composite$|queryAll|describe"
    fault = Fault(pattern, 403, refused, JSON, times=99)
    run = following.run(watch=after(8, lambda: following.crm.sandbox.faults.append(fault)))
    assert run.status == "failed"
    following.crm.sandbox.faults.clear()
    connections.resume(following.database, following.connection_id)
    following.check()


def test_r15_nothing_shown_where_something_is_is_not_believed(following: Following):
    following.run()
    before = following.mirror()
    nothing = b'{"results":[],"total":0,"records":[],"done":true,"totalSize":0}'
    following.crm.sandbox.faults.append(Fault("search$|queryAll", 200, nothing, JSON, times=50))
    following.pass_time(days=8)
    report = following.run()
    assert report.counts.get("vanished", 0) == 0
    assert following.mirror() == before
    following.check()


@pytest.mark.parametrize("status", [404, 410])
def test_r17_a_version_that_has_ended_is_told_and_not_asked_for_again(
    following: Following, status: int
):
    gone = Fault("/services/data/|/crm/", status, b"[]", JSON, times=999)
    following.crm.sandbox.faults.append(gone)
    first = following.run()
    assert (first.status, "version" in first.reason) == ("failed", True)
    calls = len(following.crm.sandbox.calls)
    assert following.run().status == "paused"
    assert len(following.crm.sandbox.calls) == calls
    following.crm.sandbox.faults.clear()
    connections.resume(following.database, following.connection_id)
    following.check()


def used_up(following: Following) -> None:
    """Have nearly all of the day's calls be used, by whomever."""
    crm = following.crm.sandbox
    if following.crm.name == "salesforce":
        salesforce.allow_calls(crm, len(crm.calls) + 2)
    else:
        hubspot.turn(crm, "daily_limit", len(crm.calls) + 2)


def given_back(crm: Sandbox, name: str) -> None:
    if name == "salesforce":
        salesforce.allow_calls(crm, 15_000)
    else:
        hubspot.turn(crm, "daily_limit", 250_000)


@pytest.mark.parametrize("already", [False, True])
def test_o4_a_run_that_finds_the_day_used_up_goes_on_by_itself(following: Following, already: bool):
    if already:
        following.run()
    following.put(*(person(contact, f"Cy{n}") for n in range(30)))
    used_up(following)
    following.pass_time(minutes=10)
    assert following.run().status == "paused"
    given_back(following.crm.sandbox, following.crm.name)
    following.pass_time(days=1)
    assert following.run().status == "ok"
    following.check(settled_in=0)


USAGE = {
    "salesforce": [
        (("Sforce-Limit-Info", "api-usage=14850/15000"),),
        (("Sforce-Limit-Info", "api-usage=14850/15000; per-app-api-usage=9/250(appName=x)"),),
    ],
    "hubspot": [
        (
            ("X-HubSpot-RateLimit-Daily", "15000"),
            ("X-HubSpot-RateLimit-Daily-Remaining", "150"),
        )
    ]
    * 2,
}


@pytest.mark.parametrize("form", [0, 1])
def test_o4_the_last_hundredth_of_a_day_is_left_to_others(following: Following, form: int):
    following.put(*(person(contact, f"Cy{n}") for n in range(30)))
    headers = (*USAGE[following.crm.name][form], *JSON)
    where = {"salesforce": "recordCount", "hubspot": "owners"}[following.crm.name]
    body = {"salesforce": b'{"sObjects":[]}', "hubspot": b'{"results":[]}'}[following.crm.name]
    following.crm.sandbox.faults.append(Fault(where, 200, body, headers))
    report = following.run()
    assert (report.status, "by all apps together" in report.reason) == ("paused", True)
    calls = len(following.crm.sandbox.calls)
    assert following.run().status == "paused"
    assert len(following.crm.sandbox.calls) == calls
    following.pass_time(hours=2)
    assert following.run().status == "ok"
    following.check()


def test_o4_our_own_allowance_is_kept_and_goes_on_after_midnight(following: Following):
    following.put(*(person(contact, f"Cy{n}") for n in range(30)))
    connections.allow(following.database, following.connection_id, 12)
    report = following.run()
    assert (report.status, "allowance" in report.reason) == ("paused", True)
    assert report.seconds >= 0
    connections.allow(following.database, following.connection_id, 1000)
    following.pass_time(days=1)
    following.check()


@pytest.mark.parametrize("pages", [1, 12])
def test_o5_a_connection_paused_within_a_run_stops_behind_its_page(
    following_anywhere: Following, pages: int
):
    following = following_anywhere
    following.put(*(person(contact, f"Cy{n}") for n in range(12)))
    pause = lambda: connections.pause(following.database, following.connection_id, "By an admin.")  # noqa: E731 short
    report = following.run(watch=after(pages, pause))
    assert (report.status, "By an admin." in report.reason) == ("paused", True)
    assert sum(row.done for row in following.bookmarks().values()) < len(following.truth())
    assert following.run().status == "paused"
    connections.resume(following.database, following.connection_id)
    following.check()


@pytest.mark.parametrize("pages", [1, 12])
def test_o5_a_connection_removed_within_a_run_leaves_nothing(
    following_anywhere: Following, pages: int
):
    following = following_anywhere
    following.put(*(person(contact, f"Cy{n}") for n in range(12)))
    remove = lambda: connections.disconnect(following.database, following.connection_id)  # noqa: E731 short
    report = following.run(only=STAGES, watch=after(pages, remove))
    assert (report.status, report.reason) == ("paused", "The connection has been removed.")
    assert following.erased("canary")
    following.connect()
    following.check()


def test_o5_new_credentials_within_a_run_are_those_of_the_next(following: Following):
    def reconnect() -> None:
        before = len(following.crm.sandbox.calls)
        following.connect(following.hands.rotating(following.crm))
        following.others = len(following.crm.sandbox.calls) - before

    assert following.run(watch=after(3, reconnect)).status == "ok"
    following.check(settled_in=0)
