"""Tokens, waits and refusals: what HubSpot may answer, and what an admin is told."""

import contextlib
import re
import socket
from datetime import timedelta

import pytest
from pydantic import SecretStr, ValidationError

from connectors import (
    START,
    AuthenticationFailed,
    ConnectorError,
    Misconfigured,
    PermissionMissing,
    Quota,
    RateLimited,
    Stream,
    Unavailable,
    hubspot,
)
from connectors._sandbox import Fault
from connectors.hubspot import sandbox as hubspot_sandbox
from connectors.hubspot.access import EARLY_S
from connectors.hubspot.sandbox import facts, levers
from tests.connectors.hubspot_fixtures import (
    Portal,
    contacts,
    people,
    pull,
)

ANY = r"GET /account-info"
TOKEN = r"POST /oauth/[^/]+/token"
CONTACTS = (Stream.CONTACTS,)


def oauth(portal: Portal) -> hubspot.Credentials:
    given = hubspot_sandbox.oauth_credentials(portal.url)
    return hubspot.Credentials.model_validate(given.model_dump())


def spoil(portal: Portal, status: int, body: bytes = b"{}", times: int = 1, **headers: str):
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    portal.sandbox.faults.append(Fault(ANY, status, body, named, times=times))


def test_we_are_told_which_portal_this_is_and_how_many_calls_are_left(portal: Portal):
    connector = portal.connect()
    assert connector.identify().tenant == str(facts.PORTAL_ID)
    assert connector.quota == Quota(limit=facts.DAILY_LIMIT, used=1)


def test_a_token_that_runs_out_between_pages_is_renewed_once(portal: Portal):
    ids = portal.fill(*contacts(450))
    connector = portal.connect(oauth(portal))
    (first,) = connector.read({Stream.CONTACTS: START})
    portal.sandbox.clock.advance(timedelta(minutes=31))
    rest = pull(connector, CONTACTS, {Stream.CONTACTS: first.bookmark})
    assert len(first.records) + len(rest.records) == len(ids)
    assert portal.sandbox.count(TOKEN) == 2


def test_a_token_is_renewed_before_it_runs_out(portal: Portal):
    now = [0.0]
    client = portal.client(clock=lambda: now[0])
    client.get("/account-info/v3/details")
    now[0] = facts.TOKEN_LIFE_S - EARLY_S
    client.get("/account-info/v3/details")
    assert [call.status for call in portal.sandbox.calls] == [200] * 4
    assert portal.sandbox.count(TOKEN) == 2


def test_a_token_is_kept_while_it_is_good(portal: Portal):
    now = [0.0]
    client = portal.client(clock=lambda: now[0])
    client.get("/account-info/v3/details")
    now[0] = facts.TOKEN_LIFE_S - EARLY_S - 1
    client.get("/account-info/v3/details")
    assert portal.sandbox.count(TOKEN) == 1


def test_a_new_refresh_token_is_stored_before_the_new_token_is_used(portal: Portal):
    levers.turn(portal.sandbox, "rotate_refresh_tokens", 1)
    seen: list[int] = []
    connector = hubspot.connect(
        oauth(portal), on_refresh=lambda _: seen.append(len(portal.sandbox.calls))
    )
    portal.open.callback(connector.close)
    connector.identify()
    assert seen == [1]
    assert portal.sandbox.calls[0].path == "/oauth/2026-03/token"


def test_a_refresh_token_that_works_once_is_replaced_each_time(portal: Portal):
    levers.turn(portal.sandbox, "rotate_refresh_tokens", 1)
    connector = portal.connect(oauth(portal))
    connector.identify()
    levers.revoke_tokens(portal.sandbox)
    connector.identify()
    assert len({c.refresh_token for c in portal.refreshed}) == 2
    portal.connect(portal.refreshed[-1]).identify()


def test_a_token_for_another_portal_is_not_used(portal: Portal):
    connector = portal.connect(oauth(portal))
    connector.identify()
    body = b'{"access_token":"other","expires_in":1800,"hub_id":7}'
    portal.sandbox.faults.append(Fault(TOKEN, 200, body))
    levers.revoke_tokens(portal.sandbox)
    with pytest.raises(Misconfigured, match="portal 7"):
        connector.identify()


def test_another_portal_than_the_tokens_may_not_answer(portal: Portal):
    spoil(portal, 200, b'{"portalId":7}')
    with pytest.raises(Misconfigured, match="portal 7"):
        portal.connect(oauth(portal)).identify()


def test_an_unchanged_refresh_token_is_not_stored_again(portal: Portal):
    portal.connect(oauth(portal)).identify()
    assert portal.refreshed == []


def test_a_revoked_refresh_token_asks_for_a_new_installation(portal: Portal):
    wrong = oauth(portal).model_copy(update={"refresh_token": SecretStr("revoked")})
    with pytest.raises(AuthenticationFailed, match="install the app"):
        portal.connect(wrong).identify()
    assert len(portal.sandbox.calls) == 1


def test_a_wrong_client_secret_is_said_to_be_that(portal: Portal):
    wrong = oauth(portal).model_copy(update={"client_secret": SecretStr("guess")})
    with pytest.raises(AuthenticationFailed, match="client ID and client secret"):
        portal.connect(wrong).identify()


def test_a_refused_service_key_asks_for_a_new_one_without_repeating_it(portal: Portal):
    levers.revoke_tokens(portal.sandbox)
    with pytest.raises(AuthenticationFailed, match="make a new service key") as refused:
        portal.connect().identify()
    assert "pat-" not in str(refused.value)
    assert len(portal.sandbox.calls) == 2


def test_a_service_key_refused_once_is_tried_once_more(portal: Portal):
    spoil(portal, 401, times=1)
    assert portal.connect().identify().tenant
    assert [call.status for call in portal.sandbox.calls] == [401, 200]


def test_the_wait_that_hubspot_asks_for_is_waited(portal: Portal):
    spoil(portal, 429, times=2, Retry_After="7")
    portal.connect().identify()
    assert [int(wait) for wait in portal.waits] == [7, 7]


def test_without_a_wait_asked_for_waits_grow(portal: Portal):
    spoil(portal, 429, b'{"policyName":"TEN_SECONDLY_ROLLING"}', times=3)
    portal.connect().identify()
    assert len(portal.waits) == 3
    assert portal.waits == sorted(portal.waits)


def test_a_burst_limit_that_does_not_end_is_to_be_tried_later(portal: Portal):
    spoil(portal, 429, times=99, Retry_After="3")
    with pytest.raises(RateLimited) as limited:
        portal.connect().identify()
    assert limited.value.retry_after_s == 3.0


def test_the_daily_limit_is_final(portal: Portal):
    levers.turn(portal.sandbox, "daily_limit", 1)
    connector = portal.connect()
    connector.identify()
    with pytest.raises(RateLimited, match="midnight"):
        connector.identify()
    assert (len(portal.sandbox.calls), portal.waits) == (2, [])


def test_a_page_of_html_from_a_proxy_is_tried_again(portal: Portal):
    spoil(portal, 502, b"<html>Bad Gateway \xff</html>", times=2)
    assert portal.connect().identify().tenant == str(facts.PORTAL_ID)
    assert len(portal.waits) == 2


def test_an_answer_that_is_no_json_is_no_answer(portal: Portal):
    spoil(portal, 200, b'{"portalId": 5012')
    with pytest.raises(Unavailable):
        portal.connect().identify()


def test_a_connection_that_is_dropped_is_tried_again(portal: Portal):
    spoil(portal, 0)
    assert portal.connect().identify().tenant == str(facts.PORTAL_ID)


def test_a_host_that_cannot_be_reached_is_unavailable(portal: Portal):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(Unavailable, match=r"does not answer at 127\.0\.0\.1"):
            portal.connect(hubspot_sandbox.credentials(nowhere)).identify()


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Misconfigured),
        (403, PermissionMissing),
        (404, Misconfigured),
        (423, Unavailable),
        (477, Unavailable),
        (503, Unavailable),
        (530, AuthenticationFailed),
    ],
)
def test_each_refusal_says_what_to_do_about_it(
    portal: Portal, status: int, kind: type[ConnectorError]
):
    spoil(portal, status, b'{"message":"secret@person.example is wrong"}', times=99)
    with pytest.raises(kind) as refused:
        portal.connect().identify()
    assert "person" not in str(refused.value)


def test_a_missing_scope_says_where_to_add_it(portal: Portal):
    portal.fill(*people())
    levers.revoke_scope(portal.sandbox, "crm.objects.contacts.read")
    with pytest.raises(PermissionMissing) as missing:
        portal.connect().read({Stream.CONTACTS: START})
    assert str(missing.value) == (
        "HubSpot asks for the scope crm.objects.contacts.read: add it to the service key or app "
        "in HubSpot, then test the connection."
    )


@pytest.mark.parametrize("version", sorted(facts.VERSIONS))
def test_a_dated_version_is_a_setting(portal: Portal, version: str):
    portal.fill(*people())
    given = oauth(portal).model_copy(update={"api_version": version})
    pages = portal.connect(given).read(dict.fromkeys(hubspot.STREAMS, START))
    assert sum(len(page.records) for page in pages) == 5
    assert all(version in call.path for call in portal.sandbox.calls if "oauth" not in call.path)


def test_the_paths_before_dates_are_a_setting_too(portal: Portal):
    portal.fill(*people())
    given = oauth(portal).model_copy(update={"api_version": "v3"})
    pages = portal.connect(given).read(dict.fromkeys(hubspot.STREAMS, START))
    assert sum(len(page.records) for page in pages) == 5
    assert {re.search(r"/(v3|v4)/", call.path) is not None for call in portal.sandbox.calls} == {
        True
    }


@pytest.mark.parametrize("status", [404, 410])
def test_a_version_that_hubspot_has_ended_is_to_be_changed(portal: Portal, status: int):
    portal.sandbox.faults.append(Fault("/search", status, b"<html>Gone</html>"))
    with pytest.raises(Misconfigured, match="choose another API version"):
        portal.connect().read({Stream.CONTACTS: START})


@pytest.mark.parametrize("version", ["v4", "latest", "2026-3", "2026-03/../.."])
def test_a_version_that_cannot_be_is_refused(version: str):
    with pytest.raises(ValidationError, match="api_version"):
        hubspot.Credentials(access_token=SecretStr("key"), api_version=version)


@pytest.mark.parametrize(
    "address",
    ["https://hubapi.com.evil.example", "http://api.hubapi.com", "https://10.0.0.1", "https://["],
)
def test_no_other_host_is_ever_called(address: str):
    given = hubspot.Credentials(access_token=SecretStr("key"), base_url=address)
    with pytest.raises(Misconfigured, match=r"https://api\.hubapi\.com"):
        hubspot.connect(given, on_refresh=lambda _: None)


@pytest.mark.parametrize("address", ["https://api.hubapi.com", "https://api-eu1.hubapi.com/"])
def test_a_portal_may_be_hosted_elsewhere(address: str):
    given = hubspot.Credentials(access_token=SecretStr("key"), base_url=address)
    connector = hubspot.connect(given, on_refresh=lambda _: None)
    with contextlib.closing(connector):
        assert connector.calls == 0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Enter a service key"),
        ({"access_token": " "}, "Enter a service key"),
        ({"client_id": "a"}, "client secret and the refresh token"),
        ({"access_token": "key", "client_id": "a"}, "not both"),
    ],
)
def test_credentials_say_what_is_missing(given: dict[str, str], said: str):
    with pytest.raises(ValidationError, match=said):
        hubspot.Credentials.model_validate(given)


def test_credentials_do_not_show_their_secrets(portal: Portal):
    shown = repr(oauth(portal)) + repr(hubspot_sandbox.credentials(portal.url))
    assert "sandbox-secret" not in shown
    assert "pat-" not in shown
    assert "refresh-token" not in shown
