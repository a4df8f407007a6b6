"""What is left of the APIs before v3: clients by others still ask for it."""

from typing import Any

import httpx

from connectors import Channel, ExternalId, Record, Role
from connectors.hubspot.sandbox import facts, levers
from tests.connectors.hubspot_fixtures import ANNE, CLARA, Portal, activity, people

MODIFIED = "/engagements/v1/engagements/modified/after"


def pages(http: httpx.Client, **params: object) -> list[dict[str, Any]]:
    """Read the engagements page by page."""
    found, place = [], params.pop("after", 0)
    for _ in range(20):
        body = http.get(MODIFIED, params={**params, "after": place}).json()
        found += body["results"]
        place = body["after"]
        if not body["hasMore"]:
            return found
    raise AssertionError("The engagements have no end.")


def talks(number: int) -> list[Record]:
    mail = [
        activity(Channel.EMAIL, (Role.FROM, ANNE), (Role.TO, CLARA), record_id=f"m{n}")
        for n in range(number)
    ]
    return [*people(), *mail]


def test_engagements_of_one_moment_come_once_each(portal: Portal, http: httpx.Client):
    portal.fill(*talks(25))
    found = pages(http, limit=10)
    assert len({one["engagement"]["id"] for one in found}) == len(found) == 25


def test_an_engagement_tells_its_kind_and_its_contacts(portal: Portal, http: httpx.Client):
    ids = portal.fill(*talks(1))
    (found,) = pages(http)
    number = int(ids[CLARA].partition(":")[2])
    assert found["engagement"]["type"] == "EMAIL"
    assert found["associations"]["contactIds"] == [number]


def test_engagements_that_did_not_change_since_are_left_out(portal: Portal, http: httpx.Client):
    changed = portal.fill(*talks(3))[ExternalId("m1")]
    now = round(portal.sandbox.clock.now().timestamp() * 1000) - 1
    levers.touch(portal.sandbox, changed, hs_timestamp="2026-01-01T00:00:00.000Z")
    (found,) = pages(http, after=now)
    assert changed == f"0-49:{found['engagement']['id']}"


def test_a_page_of_engagements_has_its_limits(http: httpx.Client):
    answers = [http.get(MODIFIED, params={"limit": limit}) for limit in (0, 1000, 1001)]
    assert [answer.status_code for answer in answers] == [400, 200, 400]


def test_the_old_properties_are_the_new_ones_as_a_list(http: httpx.Client):
    old = http.get("/properties/v2/contact/properties").json()
    assert old == http.get("/crm/v3/properties/contacts").json()["results"]


def test_a_portal_has_no_objects_of_its_own_making(http: httpx.Client):
    assert http.get("/crm/v3/schemas").json() == {"results": []}


def test_objects_that_the_sandbox_does_not_have_are_out_of_scope(http: httpx.Client):
    answer = http.get("/crm/v3/objects/products")
    assert answer.status_code == 403
    assert answer.json()["errors"][0]["context"] == {
        "requiredGranularScopes": [facts.OUT_OF_SCOPE["products"]]
    }
