"""Every way into the org: consent, renewal, assertions and machines, and what each is refused."""

import base64
import hashlib
import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed

from connectors.salesforce.sandbox import levers
from connectors.salesforce.sandbox.knocks import CLIENT_ID, CLIENT_SECRET
from connectors.salesforce.sandbox.org import ORG_ID, USER_ID
from tests.connectors.salesforce_fixtures import Org
from tests.connectors.salesforce_sdk import road

APP = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
CALLBACK = "http://127.0.0.1:1/back"
VERIFIER = "a-verifier-of-at-least-43-characters-0123456789"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode()
ASKED = {"response_type": "code", "client_id": CLIENT_ID, "redirect_uri": CALLBACK, "state": "s"}
PROVEN = {"code_challenge": CHALLENGE.rstrip("="), "code_challenge_method": "S256"}
LIMITS = "/services/data/v67.0/limits"
USERNAME = "integration@example.com"
JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def post(org: Org, name: str, **form: str) -> httpx.Response:
    return httpx.post(f"{org.url}/services/oauth2/{name}", data=form)


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error_description"]


def consent(org: Org, **asked: str) -> dict[str, str]:
    """Ask for consent, which is given at once; give what the callback is told."""
    levers.approve_by_itself(org.sandbox)
    answer = httpx.get(f"{org.url}/services/oauth2/authorize", params={**ASKED, **asked})
    told = parse_qs(urlsplit(answer.headers["Location"]).query)
    return {name: values[0] for name, values in told.items()}


def trade(org: Org, code: str, **form: str) -> httpx.Response:
    kind = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, "code": code}
    return post(org, "token", **{**APP, **kind, **form})


def renew(org: Org, token: str) -> httpx.Response:
    return post(org, "token", **APP, grant_type="refresh_token", refresh_token=token)


def can_call(org: Org, token: str) -> bool:
    signed = {"Authorization": f"Bearer {token}"}
    return httpx.get(org.url + LIMITS, headers=signed).status_code == 200


def public(key: rsa.RSAPrivateKey) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def private(key: rsa.RSAPrivateKey) -> str:
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, plain).decode()


def claims(org: Org, **changed: object) -> dict[str, Any]:
    expiry = int(org.sandbox.clock.now().timestamp()) + 180
    right = {"iss": CLIENT_ID, "sub": USERNAME, "aud": "https://login.salesforce.com"}
    return {**right, "exp": expiry, **changed}


def assert_by(org: Org, key: rsa.RSAPrivateKey, **changed: object) -> httpx.Response:
    assertion = jwt.encode(claims(org, **changed), private(key), algorithm="RS256")
    return post(org, "token", grant_type=JWT, assertion=assertion)


def test_consent_gives_a_code_and_the_code_gives_tokens(org: Org):
    told = consent(org, **PROVEN)
    answer = trade(org, told["code"], code_verifier=VERIFIER).json()
    assert told["state"] == "s"
    assert can_call(org, answer["access_token"])
    assert renew(org, answer["refresh_token"]).status_code == 200


def test_a_browser_clicks_the_page_through(org: Org):
    with httpx.Client(base_url=org.url) as browser:
        page = browser.get("/services/oauth2/authorize", params=ASKED).text
        fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
        answer = browser.post("/services/oauth2/authorize", data={**fields, "save": "Allow"})
    assert "code" in parse_qs(urlsplit(answer.headers["Location"]).query)


def test_a_denial_is_told_to_the_callback(org: Org):
    denied = {**ASKED, "cancel": "Deny"}
    answer = httpx.post(f"{org.url}/services/oauth2/authorize", data=denied)
    told = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert (told["error"], told["state"]) == (["access_denied"], ["s"])


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"client_id": "x"}, "invalid_client_id"),
        ({"redirect_uri": "http://evil.example/"}, "redirect_uri_mismatch"),
    ],
)
def test_nothing_is_sent_to_a_callback_that_is_not_the_apps(
    org: Org, changed: dict[str, str], error: str
):
    answer = httpx.get(f"{org.url}/services/oauth2/authorize", params={**ASKED, **changed})
    assert answer.status_code == 400
    assert error in answer.text


def test_an_app_that_needs_pkce_gets_no_code_without_a_challenge(org: Org):
    levers.shape_app(org.sandbox, needs_pkce=True)
    assert consent(org)["error_description"] == "missing required code challenge"


@pytest.mark.parametrize("verifier", ["", "too short", VERIFIER + "x"])
def test_a_code_is_worthless_without_its_verifier(org: Org, verifier: str):
    code = consent(org, **PROVEN)["code"]
    answer = trade(org, code, code_verifier=verifier)
    assert refused(answer) == (400, "invalid code verifier")


def test_a_code_works_once(org: Org):
    code = consent(org)["code"]
    assert trade(org, code).status_code == 200
    assert refused(trade(org, code)) == (400, "invalid authorization code")


def test_a_code_lives_for_a_quarter_of_an_hour(org: Org):
    code = consent(org)["code"]
    org.sandbox.clock.advance(timedelta(minutes=15))
    assert refused(trade(org, code)) == (400, "expired authorization code")


def test_a_code_is_traded_by_the_callback_it_was_given_to(org: Org):
    answer = trade(org, consent(org)["code"], redirect_uri="http://127.0.0.1:2/")
    assert answer.json()["error"] == "redirect_uri_mismatch"


def test_a_public_app_needs_no_secret_and_may_send_no_wrong_one(org: Org):
    levers.shape_app(org.sandbox, needs_pkce=True, needs_secret=False)
    form = {"client_secret": "", "code_verifier": VERIFIER}
    codes = [consent(org, **PROVEN)["code"] for _ in range(2)]
    assert trade(org, codes[0], **form).status_code == 200
    assert refused(trade(org, codes[1], **{**form, "client_secret": "x"}))[0] == 400


def test_without_its_scope_no_refresh_token_is_given(org: Org):
    answer = trade(org, consent(org, scope="api id")["code"]).json()
    assert answer["scope"] == "api id"
    assert "refresh_token" not in answer


def test_a_refresh_token_is_good_for_many_renewals(org: Org):
    token = levers.issue_refresh_token(org.sandbox)
    assert [renew(org, token).status_code for _ in range(3)] == [200, 200, 200]
    assert "refresh_token" not in renew(org, token).json()


def test_with_rotation_the_old_refresh_token_is_dead_at_once(org: Org):
    levers.rotate_refresh_tokens(org.sandbox)
    old = levers.issue_refresh_token(org.sandbox)
    new = renew(org, old).json()["refresh_token"]
    assert refused(renew(org, old)) == (400, "expired access/refresh token")
    assert renew(org, new).status_code == 200


def test_a_refresh_token_dies_of_thirty_idle_days_counted_from_its_last_use(org: Org):
    token = levers.issue_refresh_token(org.sandbox)
    statuses = []
    for days in (29, 29, 30):
        org.sandbox.clock.advance(timedelta(days=days))
        statuses.append(renew(org, token).status_code)
    assert statuses == [200, 200, 400]


def test_a_session_lives_as_long_as_it_is_used(org: Org):
    token = renew(org, levers.issue_refresh_token(org.sandbox)).json()["access_token"]
    seen = []
    for minutes in (119, 119, 120):
        org.sandbox.clock.advance(timedelta(minutes=minutes))
        seen.append(can_call(org, token))
    assert seen == [True, True, False]


def test_an_assertion_signs_in_with_no_refresh_token(org: Org, key: rsa.RSAPrivateKey):
    levers.register_certificate(org.sandbox, public(key))
    answer = assert_by(org, key).json()
    assert can_call(org, answer["access_token"])
    assert "refresh_token" not in answer


def test_an_assertions_expiry_may_be_text(org: Org, key: rsa.RSAPrivateKey):
    levers.register_certificate(org.sandbox, public(key))
    expiry = str(int(org.sandbox.clock.now().timestamp()) + 60)
    signed = {"iss": CLIENT_ID, "sub": USERNAME, "aud": org.url}
    body = jwt.api_jws.encode(
        httpx.Request("POST", org.url, json={**signed, "exp": expiry}).content,
        private(key),
        algorithm="RS256",
    )
    assert post(org, "token", grant_type=JWT, assertion=body).status_code == 200


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"iss": "x"}, "client identifier invalid"),
        ({"aud": "https://evil.example"}, "audience is invalid"),
        ({"exp": 1}, "expired authorization code"),
        ({"sub": "nobody@example.com"}, "user hasn't approved this consumer"),
    ],
)
def test_an_assertion_is_refused_for_each_wrong_claim(
    org: Org, key: rsa.RSAPrivateKey, changed: dict[str, Any], problem: str
):
    levers.register_certificate(org.sandbox, public(key))
    assert refused(assert_by(org, key, **changed)) == (400, problem)


def test_an_assertion_of_another_key_proves_nothing(org: Org, key: rsa.RSAPrivateKey):
    levers.register_certificate(org.sandbox, public(rsa.generate_private_key(65537, 2048)))
    assert refused(assert_by(org, key)) == (400, "invalid assertion")


@pytest.mark.parametrize("assertion", ["", "x", "a.b", "a.b.c", "é.é.é"])
def test_what_is_no_assertion_is_refused(org: Org, assertion: str):
    answer = post(org, "token", grant_type=JWT, assertion=assertion)
    assert refused(answer) == (400, "invalid assertion")


def test_a_machine_may_prove_itself_in_a_header(org: Org):
    form = {"grant_type": "client_credentials"}
    url = f"{org.url}/services/oauth2/token"
    answers = [httpx.post(url, data=form, auth=(CLIENT_ID, s)) for s in (CLIENT_SECRET, "x")]
    assert [answer.status_code for answer in answers] == [200, 400]


def test_a_machine_is_not_let_in_by_the_host_for_all_orgs(org: Org):
    levers.pose_as_login_host(org.sandbox)
    answer = post(org, "token", **APP, grant_type="client_credentials")
    assert refused(answer) == (400, "request not supported on this domain")


def test_a_machine_needs_a_user_to_run_as(org: Org):
    levers.shape_app(org.sandbox, has_run_as_user=False)
    answer = post(org, "token", **APP, grant_type="client_credentials")
    assert refused(answer) == (400, "no client credentials user enabled")


def test_introspection_tells_how_long_a_token_lives(org: Org):
    token = renew(org, levers.issue_refresh_token(org.sandbox)).json()["access_token"]
    told = post(org, "introspect", **APP, token=token).json()
    assert (told["active"], told["username"], told["exp"] - told["iat"]) == (True, USERNAME, 7200)
    assert post(org, "introspect", **APP, token="x").json() == {"active": False}


def test_revoking_a_refresh_token_ends_its_sessions_too(org: Org):
    refresh_token = levers.issue_refresh_token(org.sandbox)
    token = renew(org, refresh_token).json()["access_token"]
    assert post(org, "revoke", token=refresh_token).status_code == 200
    assert not can_call(org, token)
    assert post(org, "revoke", token=refresh_token).json()["error"] == "invalid_token"


def test_revoking_an_access_token_leaves_the_refresh_token_alive(org: Org):
    refresh_token = levers.issue_refresh_token(org.sandbox)
    token = renew(org, refresh_token).json()["access_token"]
    post(org, "revoke", token=token)
    assert not can_call(org, token)
    assert renew(org, refresh_token).status_code == 200


def test_the_identity_url_and_userinfo_tell_the_same_user(org: Org):
    client = org.http()
    told = client.get("/services/oauth2/userinfo").json()
    shown = client.get(urlsplit(told["sub"]).path).json()
    assert told["sub"].endswith(f"/id/{ORG_ID}/{USER_ID}")
    assert shown["username"] == told["preferred_username"] == USERNAME


@pytest.mark.parametrize("path", ["services/oauth2/userinfo", f"id/{ORG_ID}/{USER_ID}"])
def test_a_dead_token_is_nobody(org: Org, path: str):
    answer = httpx.get(f"{org.url}/{path}", headers={"Authorization": "Bearer old"})
    assert (answer.status_code, answer.text) == (403, "Bad_OAuth_Token")


def test_every_address_that_is_advertised_answers(org: Org):
    told = httpx.get(f"{org.url}/.well-known/openid-configuration").json()
    addresses = [url for name, url in told.items() if name.endswith("_endpoint")]
    assert len(addresses) == 5
    assert 404 not in {httpx.post(url).status_code for url in addresses}


def test_simple_salesforce_signs_in_with_an_assertion(org: Org, key: rsa.RSAPrivateKey):
    levers.register_certificate(org.sandbox, public(key))
    with road(org) as session:
        client = Salesforce(
            username=USERNAME, consumer_key=CLIENT_ID, privatekey=private(key), session=session
        )
        assert client.query("SELECT Id FROM User")["totalSize"] == 1


def test_simple_salesforce_signs_in_as_a_machine_by_my_domain_only(org: Org):
    app = {"consumer_key": CLIENT_ID, "consumer_secret": CLIENT_SECRET}
    with road(org) as session:
        client = Salesforce(**app, domain="acme.my", session=session)
        assert client.limits()["DailyApiRequests"]["Max"] > 0
        levers.pose_as_login_host(org.sandbox)
        with pytest.raises(SalesforceAuthenticationFailed):
            Salesforce(**app, domain="acme.my", session=session)
