"""HubSpot's limits and failures, as clients meet them."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from connectors import _levers
from connectors._sandbox import Clock
from connectors.hubspot.sandbox import facts, levers, state
from connectors.hubspot.sandbox.search import has_tokens
from tests.connectors.hubspot_fixtures import Portal, contacts
from tests.connectors.hubspot_sandbox.calls import made

CONTACTS, SEARCH = "/crm/v3/objects/contacts", "/crm/v3/objects/contacts/search"


class Stopped(Clock):
    """A clock that moves by hand only; it begins shortly before the portal's midnight."""

    def __init__(self) -> None:
        super().__init__()
        self.at = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


@pytest.fixture(name="clock")
def stopped(portal: Portal) -> Stopped:
    portal.sandbox.clock = clock = Stopped()
    levers.turn(portal.sandbox, "burst_limits", 1)
    return clock


def test_a_sixth_search_in_a_second_is_too_many(clock: Stopped, http: httpx.Client):
    answers = [http.post(SEARCH, json={}) for _ in range(facts.SEARCHES_A_SECOND + 1)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[-1].json()["policyName"] == "SECONDLY"
    assert answers[-1].json()["message"] == "You have reached your secondly limit."
    clock.at += timedelta(seconds=1)
    assert http.post(SEARCH, json={}).status_code == 200


def test_in_tests_nobody_waits_unless_thex(portal: Portal, http: httpx.Client):
    portal.sandbox.clock.stop()
    free = [http.post(SEARCH, json={}).status_code for _ in range(6)]
    portal.sandbox.is_alone = True
    paced = [http.post(SEARCH, json={}).status_code for _ in range(6)]
    levers.turn(portal.sandbox, "burst_limits", 0)
    freed = http.post(SEARCH, json={}).status_code
    assert (free, paced, freed) == ([200] * 6, [200] * 5 + [429], 200)


def test_searches_of_all_apps_count_together(clock: Stopped, http: httpx.Client):
    other = {"Authorization": f"Bearer {state.PRIVATE_APP_TOKEN}"}
    for _ in range(facts.SEARCHES_A_SECOND):
        http.post(SEARCH, json={})
    assert http.post(SEARCH, json={}, headers=other).json()["policyName"] == "SECONDLY"
    assert http.get(CONTACTS, headers=other).status_code == 200
    assert clock.at.second == 0


def test_ten_seconds_have_so_many_calls_and_roll(clock: Stopped, http: httpx.Client):
    answers = [http.get(CONTACTS) for _ in range(facts.BURST_LIMIT + 1)]
    assert [answer.status_code for answer in answers] == [200] * facts.BURST_LIMIT + [429]
    assert answers[0].headers["X-HubSpot-RateLimit-Remaining"] == str(facts.BURST_LIMIT - 1)
    assert answers[-1].headers["X-HubSpot-RateLimit-Remaining"] == "0"
    assert answers[-1].json()["policyName"] == "TEN_SECONDLY_ROLLING"
    clock.at += timedelta(seconds=10)
    assert http.get(CONTACTS).status_code == 200


@pytest.mark.usefixtures("clock")
def test_a_429_says_how_long_to_wait_only_if_asked_to(portal: Portal, http: httpx.Client):
    silent = [http.post(SEARCH, json={}) for _ in range(6)][-1]
    levers.turn(portal.sandbox, "retry_after", 1)
    told = http.post(SEARCH, json={})
    assert ("Retry-After" in silent.headers, told.headers["Retry-After"]) == (False, "1")


def test_the_day_ends_at_the_portals_midnight(clock: Stopped, portal: Portal, http: httpx.Client):
    levers.turn(portal.sandbox, "daily_limit", 1)
    answers = [http.get(CONTACTS) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[1].json()["policyName"] == "DAILY"
    clock.at += timedelta(hours=1)
    assert http.get(CONTACTS).status_code == 200


@pytest.mark.usefixtures("clock")
def test_the_days_calls_can_be_used_up(portal: Portal, http: httpx.Client):
    levers.turn(portal.sandbox, "daily_limit", 100)
    levers.use_calls(portal.sandbox, 99)
    answers = [http.get(CONTACTS) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[0].headers["X-HubSpot-RateLimit-Daily-Remaining"] == "0"


def test_the_usage_of_the_day_is_told(clock: Stopped, http: httpx.Client):
    http.get(CONTACTS)
    (usage,) = http.get("/account-info/2026-03/api-usage/daily/private-apps").json()["results"]
    assert (usage["currentUsage"], usage["usageLimit"]) == (2, facts.DAILY_LIMIT)
    assert usage["resetsAt"] == "2026-03-03T05:00:00.000Z"
    assert clock.at < datetime.fromisoformat(usage["resetsAt"])


def test_oauth_apps_have_no_daily_limit(portal: Portal, http: httpx.Client):
    portal.sandbox.db.execute("UPDATE tokens SET kind = 'oauth'")
    headers = http.get(CONTACTS).headers
    assert headers["X-HubSpot-RateLimit-Max"] == str(facts.OAUTH_BURST_LIMIT)
    assert "X-HubSpot-RateLimit-Daily" not in headers


def test_locked_records_are_not_written(portal: Portal, http: httpx.Client):
    portal.sandbox.faults.append(levers.locked("POST .*contacts"))
    answer = http.post(CONTACTS, json={"properties": {}})
    assert (answer.status_code, http.get(CONTACTS).json()["results"]) == (423, [])


def test_a_moving_portal_says_when_to_come_back(portal: Portal, http: httpx.Client):
    portal.sandbox.faults.append(levers.migrating(".*", 600))
    answer = http.get(CONTACTS)
    assert (answer.status_code, answer.headers["Retry-After"]) == (477, "600")


def test_the_edge_answers_with_a_page(portal: Portal, http: httpx.Client):
    portal.sandbox.faults.append(levers.broken_gateway(".*"))
    answer = http.get(CONTACTS)
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html")


def test_an_answer_may_be_lost_though_the_work_is_done(portal: Portal, http: httpx.Client):
    portal.sandbox.faults.append(levers.lost_answer("POST .*contacts"))
    assert http.post(CONTACTS, json={"properties": {}}).status_code == 524
    assert len(http.get(CONTACTS).json()["results"]) == 1


@pytest.mark.parametrize(
    ("filters", "matches"),
    [
        ([{"propertyName": "associations.company", "operator": "EQ", "value": "101"}], 1),
        ([{"propertyName": "email", "operator": "IN", "values": ["D@x.example"]}], 0),
        ([{"propertyName": "email", "operator": "EQ", "value": "D@x.example"}], 1),
        ([{"propertyName": "lifecyclestage", "operator": "EQ", "value": "LEAD"}], 0),
        ([{"propertyName": "createdate", "operator": "GT", "value": "2020-01-01"}], 2),
        ([{"propertyName": "associatedcompanyid", "operator": "LT", "value": "1000"}], 1),
    ],
)
def test_a_search_knows_cases_numbers_times_and_associations(
    http: httpx.Client, filters: list[dict[str, str]], matches: int
):
    made(http, "companies", name="Acme")
    made(http, "contacts", email="d@x.example", lifecyclestage="lead", associatedcompanyid="101")
    made(http, "contacts", firstname="Emil")
    found = http.post(SEARCH, json={"filterGroups": [{"filters": filters}]}).json()
    assert found["total"] == matches


@pytest.mark.parametrize(("words", "matches"), [("dora", 1), ("DORA acme", 1), ("dora emil", 0)])
def test_a_query_looks_for_all_its_words(http: httpx.Client, words: str, matches: int):
    made(http, "contacts", firstname="Dora", company="Acme")
    made(http, "contacts", firstname="Emil")
    assert http.post(SEARCH, json={"query": words}).json()["total"] == matches


def test_a_search_without_names_shows_the_usual_ones(http: httpx.Client):
    made(http, "contacts", firstname="Dora")
    (found,) = http.post(SEARCH, json={}).json()["results"]
    assert {"email", "firstname", "lastname", "lastmodifieddate"} <= found["properties"].keys()


def test_the_search_sees_changes_late(portal: Portal, http: httpx.Client):
    levers.turn(portal.sandbox, "index_lag_ms", 30_000)
    made(http, "contacts", firstname="Dora")
    assert http.post(SEARCH, json={}).json()["total"] == 0
    portal.sandbox.clock.advance(timedelta(seconds=31))
    assert http.post(SEARCH, json={}).json()["total"] == 1


@pytest.mark.parametrize(
    ("wanted", "matches"),
    [("acme", 2), ("ACME", 2), ("acm", 0), ("acm*", 2), ("*@acme.example", 1), ("acme paper", 1)],
)
def test_a_token_is_a_word_unless_a_star_stands_for_its_rest(wanted: str, matches: int):
    texts = ("clara@acme.example", "Acme, paper and more", "Other")
    assert sum(has_tokens(text, wanted) for text in texts) == matches


def test_pages_of_the_search_may_overlap(portal: Portal, http: httpx.Client):
    ids = [i.partition(":")[2] for i in portal.fill(*contacts(5)).values()]
    levers.turn(portal.sandbox, "pages_overlap", 1)
    first = http.post(SEARCH, json={"limit": 3}).json()
    rest = http.post(SEARCH, json={"limit": 3} | first["paging"]["next"]).json()
    pages = [[one["id"] for one in page["results"]] for page in (first, rest)]
    assert (pages, "paging" in rest) == ([ids[:3], ids[2:5]], False)


def test_the_search_goes_on_showing_what_was(portal: Portal, http: httpx.Client):
    number = made(http, "contacts", firstname="Dora")
    portal.sandbox.clock.advance(timedelta(minutes=1))
    levers.turn(portal.sandbox, "index_lag_ms", 30_000)
    for name in ("Dorothy", "Thea"):
        http.patch(f"{CONTACTS}/{number}", json={"properties": {"firstname": name}})
    assert names(http) == ["Dora"]
    portal.sandbox.clock.advance(timedelta(seconds=31))
    assert names(http) == ["Thea"]
    http.delete(f"{CONTACTS}/{number}")
    assert names(http) == ["Thea"]
    portal.sandbox.clock.advance(timedelta(seconds=31))
    assert names(http) == []


def names(http: httpx.Client) -> list[str]:
    found = http.post(SEARCH, json={"query": "", "sorts": ["createdate"]}).json()["results"]
    return [one["properties"]["firstname"] for one in found]


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ("locked", 423),
        ("migrating", 477),
        ("gateway", 502),
        ("lost_answer", 524),
        ("throttled", 429),
        ("cut", 200),
    ],
)
def test_calls_are_spoiled_from_the_door(portal: Portal, http: httpx.Client, how: str, status: int):
    lever = _levers.find("hubspot")["spoil"]
    _levers.pull(lever, portal.sandbox, {"how": how, "pattern": "GET .*contacts", "times": 2})
    answers = [http.get(CONTACTS) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [status, status, 200]
    assert answers[0].content != answers[2].content


@pytest.mark.parametrize("policy", ["TEN_SECONDLY_ROLLING", "SECONDLY", "DAILY"])
def test_others_may_use_a_limit_up(portal: Portal, http: httpx.Client, policy: str):
    portal.sandbox.faults.append(levers.throttled(".*", policy))
    answer = http.get(CONTACTS)
    assert (answer.status_code, answer.json()["policyName"]) == (429, policy)


def test_an_address_that_is_too_long_gets_a_page(http: httpx.Client):
    answer = http.get(CONTACTS, params={"properties": ",".join(["firstname"] * 2000)})
    assert (answer.status_code, answer.headers["Content-Type"]) == (414, "text/html")


def test_a_batch_may_answer_in_another_order(portal: Portal, http: httpx.Client):
    ids = [made(http, "contacts", firstname=name) for name in ("Dora", "Emil")]
    levers.turn(portal.sandbox, "batches_reversed", 1)
    wanted = {"inputs": [{"id": number} for number in ids]}
    found = http.post(f"{CONTACTS}/batch/read", json=wanted).json()["results"]
    assert [one["id"] for one in found] == ids[::-1]


def test_times_are_held_as_hubspot_writes_them(http: httpx.Client):
    note = made(http, "notes", hs_timestamp="1772443800000")
    found = http.get(f"/crm/v3/objects/notes/{note}?properties=hs_timestamp").json()
    assert found["properties"]["hs_timestamp"] == state.iso(1_772_443_800_000)
