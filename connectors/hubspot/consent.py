"""OAuth: an admin installs the app in their portal, and the code becomes credentials."""

import contextlib
from collections.abc import Mapping
from urllib.parse import quote, urlencode

import httpx
from pydantic import BaseModel

from connectors._errors import AuthenticationFailed
from connectors._transport import LOOPBACK, Transport, ask_once
from connectors._ways import Consent, Errand
from connectors.hubspot.client import FIRST_WITH_OAUTH, hosts_of
from connectors.hubspot.credentials import BASE_URL, OLDEST, Credentials
from connectors.hubspot.refusals import body_of, refusal
from connectors.hubspot.scopes import READS, WRITES

_REFUSED = frozenset({400, 401, 403})


def address(given: Mapping[str, str], errand: Errand) -> str:
    """Give HubSpot's page that asks; see `Consent.address`.

    HubSpot documents no PKCE for apps with a secret: the secret proves who trades the code.
    """
    asked = {
        "client_id": given["client_id"],
        "redirect_uri": errand.redirect,
        "scope": " ".join(("oauth", *READS, *WRITES)),
        "state": errand.state,
    }
    return f"{_app_url(_base(given))}/oauth/authorize?{urlencode(asked, quote_via=quote)}"


def exchange(given: Mapping[str, str], errand: Errand, code: str) -> Credentials:
    """Trade the code for a refresh token."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": errand.redirect,
        "client_id": given["client_id"],
        "client_secret": given["client_secret"],
    }
    base = _base(given)
    transport = Transport("HubSpot", hosts_of(base))
    with contextlib.closing(transport):
        response = transport.send(httpx.Request("POST", base + _token_path(given), data=form))
    if response.status_code in _REFUSED:
        raise AuthenticationFailed(
            "HubSpot did not take what you came back with: begin again, and check that the client "
            "secret and the redirect URL are those of the app."
        )
    token = body_of(response).get("refresh_token")
    if not response.is_success or not isinstance(token, str):
        raise refusal(response)
    return Credentials.model_validate({**given, "refresh_token": token})


def revoke(credentials: BaseModel) -> str:
    """Give the refresh token back; see `Module.revoke`. Access tokens live on for half an hour."""
    if not isinstance(credentials, Credentials) or credentials.refresh_token is None:
        return "The key is still good: delete it in HubSpot, where it was made (Development, Keys)."
    secret, token = credentials.client_secret, credentials.refresh_token.get_secret_value()
    form = {
        "client_id": credentials.client_id or "",
        "client_secret": secret.get_secret_value() if secret else "",
        "token_type_hint": "refresh_token",
        "token": token,
        "refresh_token": token,
    }
    given = {"base_url": credentials.base_url, "api_version": credentials.api_version}
    base = _base(given)
    transport = Transport("HubSpot", hosts_of(base), sleep=ask_once("HubSpot"))
    with contextlib.closing(transport):
        url = f"{base}{_token_path(given)}/revoke"
        response = transport.send(httpx.Request("POST", url, data=form))
    if not response.is_success:
        raise refusal(response)
    return ""


def _base(given: Mapping[str, str]) -> str:
    base = given.get("base_url", BASE_URL).rstrip("/")
    hosts_of(base)
    return base


def _app_url(base: str) -> str:
    """Where HubSpot's people sign in, by where its API is."""
    url = httpx.URL(base)
    if url.host in LOOPBACK:
        return base
    region = url.host.removesuffix(".hubapi.com").removeprefix("api")
    return f"https://app{region}.hubspot.com"


def _token_path(given: Mapping[str, str]) -> str:
    version = given.get("api_version", Credentials.model_fields["api_version"].default)
    is_dated = version != OLDEST and version >= FIRST_WITH_OAUTH
    return f"/oauth/{version if is_dated else OLDEST}/token"


CONSENT = Consent(address, exchange)
