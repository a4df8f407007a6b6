"""An org that refuses, is busy or is not there: one sentence that says what to do."""

import contextlib
import threading

import pytest
from pydantic import BaseModel, SecretStr

from connectors import (
    START,
    AuthenticationFailed,
    ConnectorError,
    Misconfigured,
    PermissionMissing,
    Quota,
    RateLimited,
    Stream,
    TryLater,
    Unavailable,
    salesforce,
)
from connectors._sandbox import Fault
from connectors.salesforce import sandbox as salesforce_sandbox
from connectors.salesforce.credentials import Credentials
from connectors.salesforce.sandbox import levers
from tests.connectors.salesforce_fixtures import Org, people


def consented(org: Org) -> Credentials:
    """Give credentials with a refresh token, as after a user's consent."""
    token = SecretStr(levers.issue_refresh_token(org.sandbox))
    return salesforce_sandbox.credentials(org.url).model_copy(update={"refresh_token": token})


def refusal(org: Org, credentials: Credentials | None = None) -> ConnectorError:
    """Read a stream and give what is said against it."""
    with pytest.raises(ConnectorError) as caught:
        org.connect(credentials).read({Stream.CONTACTS: START})
    return caught.value


def test_the_org_is_known_by_its_id_and_name(org: Org):
    connector = org.connect()
    identity = connector.identify()
    assert (identity.tenant, identity.name) == ("00D5e0000000001EAA", "Sandbox")
    assert connector.quota == Quota(limit=15_000, used=1)


@pytest.mark.parametrize("tenant", ["00D5e0000000001EAA", "00D5e0000000001"])
def test_the_org_that_was_connected_is_known_again(org: Org, tenant: str):
    known = salesforce_sandbox.credentials(org.url).model_copy(update={"tenant": tenant})
    assert org.connect(known).identify().tenant == "00D5e0000000001EAA"


def test_another_org_than_was_connected_is_refused_before_anything_is_read(org: Org):
    other = {"tenant": "00D5e0000000002EAA"}
    known = salesforce_sandbox.credentials(org.url).model_copy(update=other)
    error = refusal(org, known)
    assert isinstance(error, Misconfigured)
    assert "no longer 00D5e0000000002EAA" in str(error)
    assert org.sandbox.count("/services/data") == 0


def test_a_rotated_token_is_stored_even_if_the_org_is_another(org: Org):
    levers.rotate_refresh_tokens(org.sandbox)
    known = consented(org).model_copy(update={"tenant": "00D5e0000000002EAA"})
    refusal(org, known)
    assert len(org.refreshed) == 1


def test_nothing_is_called_before_the_first_use(org: Org):
    connector = org.connect()
    assert (connector.calls, org.sandbox.calls) == (0, [])


def test_every_call_is_counted(org: Org):
    connector = org.connect()
    connector.read({Stream.CONTACTS: START, Stream.LEADS: START})
    assert connector.calls == len(org.sandbox.calls) == 2


def test_an_expired_token_is_renewed_once_and_nothing_is_lost(org: Org):
    org.fill(people())
    connector = org.connect()
    connector.identify()
    levers.expire_tokens(org.sandbox)
    found = connector.read({Stream.CONTACTS: START, Stream.LEADS: START})
    assert [len(page.records) for page in found] == [2, 1]
    assert org.sandbox.count("POST /services/oauth2/token") == 2


def test_a_refresh_token_signs_in(org: Org):
    assert org.connect(consented(org)).identify().name == "Sandbox"
    assert org.refreshed == []


def test_a_rotated_refresh_token_is_stored_before_the_new_token_is_used(org: Org):
    levers.rotate_refresh_tokens(org.sandbox)
    calls_when_stored: list[int] = []
    connector = salesforce.connect(
        consented(org), on_refresh=lambda _: calls_when_stored.append(len(org.sandbox.calls))
    )
    org.open.callback(connector.close)
    connector.identify()
    assert calls_when_stored == [org.sandbox.count("token")] == [1]


def test_a_rotated_refresh_token_signs_in_the_next_connector(org: Org):
    levers.rotate_refresh_tokens(org.sandbox)
    org.connect(consented(org)).identify()
    (stored,) = org.refreshed
    assert org.connect(stored).identify().name == "Sandbox"


def test_rotation_goes_on_within_one_connector(org: Org):
    levers.rotate_refresh_tokens(org.sandbox)
    connector = org.connect(consented(org))
    connector.identify()
    levers.expire_tokens(org.sandbox)
    assert connector.identify().name == "Sandbox"
    assert len(org.refreshed) == 2


def test_a_dead_refresh_token_asks_to_reconnect(org: Org):
    credentials = consented(org)
    levers.forget_refresh_tokens(org.sandbox)
    error = refusal(org, credentials)
    assert isinstance(error, AuthenticationFailed)
    assert str(error) == "Salesforce refused the refresh token: reconnect it."


def test_a_wrong_secret_is_told_as_such(org: Org):
    wrong = salesforce_sandbox.credentials(org.url).model_copy(
        update={"client_secret": SecretStr("canary-secret")}
    )
    error = refusal(org, wrong)
    assert isinstance(error, AuthenticationFailed)
    assert "consumer key and secret" in str(error)
    assert "canary" not in f"{error!r} {wrong!r}"


def test_a_token_that_is_refused_twice_is_not_renewed_for_ever(org: Org):
    body = b'[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]'
    org.sandbox.faults.append(Fault("queryAll", 401, body, times=50))
    assert isinstance(refusal(org), AuthenticationFailed)
    assert org.sandbox.count("queryAll") == 2


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_busy_answer_is_asked_for_again(org: Org, status: int):
    org.fill(people())
    org.sandbox.faults.append(Fault("queryAll", status, b"<html>busy</html>", times=2))
    (page,) = org.connect().read({Stream.CONTACTS: START})
    assert len(page.records) == 2
    assert len(org.waits) == 2


def test_the_wait_that_salesforce_asks_for_is_kept(org: Org):
    org.sandbox.faults.append(Fault("queryAll", 503, headers=(("Retry-After", "7"),)))
    org.connect().read({Stream.CONTACTS: START})
    assert 7 <= org.waits[0] <= 8


def test_an_org_that_stays_busy_is_tried_later(org: Org):
    org.sandbox.faults.append(Fault("queryAll", 503, b"<html>maintenance</html>", times=50))
    assert isinstance(refusal(org), Unavailable)
    assert org.sandbox.count("queryAll") == 5


def test_a_sign_in_that_stays_busy_is_tried_later(org: Org):
    org.sandbox.faults.append(Fault("oauth2/token", 503, times=50))
    assert isinstance(refusal(org), Unavailable)


def test_a_connection_that_breaks_is_made_again(org: Org):
    org.sandbox.faults.append(Fault("queryAll", 0, times=2))
    org.connect().read({Stream.CONTACTS: START})
    assert len(org.waits) == 2


def test_the_daily_limit_is_not_knocked_at(org: Org):
    levers.allow_calls(org.sandbox, 0)
    error = refusal(org)
    assert isinstance(error, RateLimited)
    assert "24 hours" in str(error)
    assert org.sandbox.count("queryAll") == 1


def test_too_many_calls_at_once_are_no_daily_limit(org: Org):
    text = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
    body = f'[{{"message":"{text}","errorCode":"REQUEST_LIMIT_EXCEEDED"}}]'.encode()
    org.sandbox.faults.append(Fault("queryAll", 403, body))
    error = refusal(org)
    assert isinstance(error, RateLimited)
    assert "24 hours" not in str(error)


def test_a_lock_on_the_whole_call_is_tried_later(org: Org):
    body = b'[{"message":"unable to obtain exclusive access","errorCode":"UNABLE_TO_LOCK_ROW"}]'
    org.sandbox.faults.append(Fault("queryAll", 400, body))
    assert isinstance(refusal(org), TryLater)


def test_a_disabled_api_is_a_missing_permission(org: Org):
    body = b'[{"message":"The REST API is not enabled","errorCode":"API_DISABLED_FOR_ORG"}]'
    org.sandbox.faults.append(Fault("queryAll", 403, body))
    assert isinstance(refusal(org), PermissionMissing)


@pytest.mark.parametrize("body", [b"<html></html>", b"[]", b'{"records":7}', b"\xff\xfe"])
def test_an_answer_that_is_none_is_tried_later(org: Org, body: bytes):
    org.sandbox.faults.append(Fault("queryAll", 200, body))
    assert isinstance(refusal(org), Unavailable)


def test_an_unknown_api_version_is_told_as_such(org: Org):
    old = salesforce_sandbox.credentials(org.url).model_copy(update={"api_version": "7.0"})
    error = refusal(org, old)
    assert isinstance(error, Misconfigured)
    assert "API version" in str(error)


def test_a_redirect_is_not_followed(org: Org):
    elsewhere = (("Location", f"{org.url}/services/data"),)
    org.sandbox.faults.append(Fault("queryAll", 302, headers=elsewhere))
    assert isinstance(refusal(org), Misconfigured)
    assert org.sandbox.count("GET /services/data$") == 0


def test_a_site_that_is_no_salesforce_is_told_as_such(org: Org):
    org.sandbox.faults.append(Fault("oauth2/token", 200, b"<html>Hello</html>"))
    error = refusal(org)
    assert isinstance(error, Misconfigured)
    assert "My Domain" in str(error)


def test_an_unreachable_host_is_one_sentence(org: Org):
    error = refusal(org, salesforce_sandbox.credentials("http://127.0.0.1:9"))
    assert isinstance(error, Unavailable)
    assert "does not answer at 127.0.0.1" in str(error)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "https://my.salesforce.com.example.com",
        "https://evilsalesforce.com",
        "http://acme.my.salesforce.com",
        "http://10.0.0.1",
        "acme.my.salesforce.com",
        "",
    ],
)
def test_an_address_that_cannot_be_salesforces_is_refused(url: str):
    with pytest.raises(Misconfigured, match="use the My Domain address"):
        salesforce.connect(salesforce_sandbox.credentials(url), on_refresh=print)


def test_an_address_of_salesforces_is_taken():
    credentials = salesforce_sandbox.credentials("https://acme.my.salesforce.com/")
    with contextlib.closing(salesforce.connect(credentials, on_refresh=print)) as connector:
        assert connector.calls == 0


class OtherCredentials(BaseModel):
    token: str = ""


def test_credentials_of_another_crm_are_refused():
    with pytest.raises(Misconfigured):
        salesforce.connect(OtherCredentials(), on_refresh=print)


def test_credentials_keep_their_secrets_to_themselves():
    shown = repr(salesforce_sandbox.credentials("https://acme.my.salesforce.com"))
    assert salesforce_sandbox.CLIENT_SECRET not in shown


def test_threads_that_find_the_token_expired_renew_it_once(org: Org):
    connector = org.connect()
    connector.identify()
    levers.expire_tokens(org.sandbox)
    threads = [threading.Thread(target=connector.identify) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert org.sandbox.count("POST /services/oauth2/token") == 2
