"""Apps are installed, get tokens, lose them; fixed tokens have scopes."""

from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from hubspot import HubSpot
from hubspot.oauth.exceptions import ApiException

from connectors.hubspot.sandbox import facts, levers, state
from connectors.hubspot.sandbox.signing_in import CLIENT_ID, CLIENT_SECRET
from tests.connectors.hubspot_fixtures import Portal

BACK = "https://tieline.example/back"
APP = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
WANTED = {"client_id": CLIENT_ID, "redirect_uri": BACK, "scope": "oauth crm.objects.contacts.read"}


def install(http: httpx.Client, **query: str) -> dict[str, str]:
    """Open the authorize page and give the query that the app gets back."""
    answer = http.get("/oauth/authorize", params=WANTED | query)
    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"].startswith(BACK)
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))


def tokens(http: httpx.Client, version: str = "v3", **form: str) -> httpx.Response:
    return http.post(f"/oauth/{version}/token", data=APP | form)


def by_code(http: httpx.Client, code: str, back: str = BACK) -> httpx.Response:
    return tokens(http, grant_type="authorization_code", code=code, redirect_uri=back)


def with_token(http: httpx.Client, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return http.get("/crm/v3/objects/contacts", headers=headers).status_code


def test_an_app_is_installed_and_reads_with_the_scopes_it_asked_for(http: httpx.Client):
    back = install(http, state="xyz")
    got = by_code(http, back["code"]).json()
    assert (back["state"], got["hub_id"], got["expires_in"]) == ("xyz", facts.PORTAL_ID, 1800)
    assert got["scopes"] == ["crm.objects.contacts.read", "oauth"]
    assert with_token(http, got["access_token"]) == 200


def test_a_code_works_once_and_only_for_its_redirect_uri(http: httpx.Client):
    code = install(http)["code"]
    assert by_code(http, code).status_code == 200
    assert by_code(http, code).json()["status"] == "BAD_AUTH_CODE"
    other = by_code(http, install(http)["code"], "https://other.example")
    assert other.json()["status"] == "BAD_REDIRECT_URI"


def test_an_admin_may_refuse(portal: Portal, http: httpx.Client):
    levers.turn(portal.sandbox, "deny_installs", 1)
    assert install(http)["error"] == "access_denied"


@pytest.mark.parametrize(
    "wrong", [{"client_id": "x"}, {"redirect_uri": "http://tieline.example"}, {"scope": "magic"}]
)
def test_a_wrong_authorize_address_ends_on_a_page(http: httpx.Client, wrong: dict[str, str]):
    answer = http.get("/oauth/authorize", params=WANTED | wrong)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("text/html")


def test_the_client_refreshes_and_asks_about_tokens(sdk: HubSpot):
    got = sdk.oauth.tokens_api.create(
        grant_type="refresh_token", refresh_token=state.REFRESH_TOKEN, **APP
    )
    about = sdk.oauth.access_tokens_api.get(got.access_token)
    assert (about.hub_id, about.app_id) == (facts.PORTAL_ID, facts.APP_ID)
    assert set(about.scopes) == facts.ALL_SCOPES
    assert sdk.oauth.refresh_tokens_api.get(got.refresh_token).client_id == CLIENT_ID


def test_a_dropped_refresh_token_is_terminal(sdk: HubSpot, http: httpx.Client):
    sdk.oauth.refresh_tokens_api.archive(state.REFRESH_TOKEN)
    answer = tokens(http, grant_type="refresh_token", refresh_token=state.REFRESH_TOKEN)
    assert (answer.status_code, answer.json()["status"]) == (400, "BAD_REFRESH_TOKEN")
    with pytest.raises(ApiException):
        sdk.oauth.refresh_tokens_api.get(state.REFRESH_TOKEN)


@pytest.mark.parametrize("version", ["v1", "v3", "2026-03", "2026-09"])
def test_every_version_of_the_token_endpoint_refreshes(http: httpx.Client, version: str):
    answer = tokens(
        http, version, grant_type="refresh_token", refresh_token=state.REFRESH_TOKEN
    ).json()
    assert with_token(http, answer["access_token"]) == 200
    assert ("hub_id" in answer) == (version != "v1")


def test_the_newest_version_has_no_client_credentials(http: httpx.Client):
    versions = ("2026-03", "2026-09")
    found = [tokens(http, v, grant_type="client_credentials").status_code for v in versions]
    assert found == [200, 400]


@pytest.mark.parametrize("version", ["2026-03", "2026-09"])
def test_a_token_is_introspected_and_revoked(http: httpx.Client, version: str):
    about = {"token": state.REFRESH_TOKEN, "token_type_hint": "refresh_token"}
    path = f"/oauth/{version}/token"
    assert http.post(f"{path}/introspect", data=APP | about).json()["active"]
    assert http.post(f"{path}/revoke", data=APP | about).status_code == 200
    assert not http.post(f"{path}/introspect", data=APP | about).json()["active"]


def test_an_access_token_outlives_its_refresh_token_but_not_its_half_hour(
    portal: Portal, http: httpx.Client
):
    got = by_code(http, install(http)["code"]).json()
    http.post("/oauth/2026-03/token/revoke", data=APP | {"token": got["refresh_token"]})
    assert with_token(http, got["access_token"]) == 200
    portal.sandbox.clock.advance(timedelta(minutes=30))
    assert with_token(http, got["access_token"]) == 401


def test_a_private_apps_token_tells_whose_it_is(http: httpx.Client):
    path = "/oauth/v2/private-apps/get/access-token-info"
    about = http.post(path, json={"tokenKey": state.PRIVATE_APP_TOKEN}).json()
    assert (about["hubId"], about["appId"]) == (facts.PORTAL_ID, facts.APP_ID)


def test_a_service_key_has_the_scopes_it_was_given(portal: Portal, http: httpx.Client):
    key = "pat-eu1-aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
    levers.grant(portal.sandbox, key, ["crm.objects.companies.read"])
    http.headers["Authorization"] = f"Bearer {key}"
    paths = ("companies", "contacts", "emails")
    found = [http.get(f"/crm/v3/objects/{path}").status_code for path in paths]
    assert found == [200, 403, 403]


def test_writing_and_defining_need_scopes_of_their_own(portal: Portal, http: httpx.Client):
    key = "pat-eu1-aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
    levers.grant(portal.sandbox, key, ["crm.objects.contacts.read", "crm.objects.contacts.write"])
    http.headers["Authorization"] = f"Bearer {key}"
    assert http.post("/crm/v3/objects/contacts", json={"properties": {}}).status_code == 201
    answer = http.post("/crm/v3/properties/contacts", json={})
    context = answer.json()["errors"][0]["context"]
    assert context == {"requiredGranularScopes": ["crm.schemas.contacts.write"]}


@pytest.mark.parametrize("token", ["pat-xx9-aaaa", "cut off", "quote'"])
def test_a_token_that_names_no_data_centre_is_lost_at_the_edge(http: httpx.Client, token: str):
    assert with_token(http, token) == 530
