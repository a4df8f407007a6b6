"""The web server flow: an admin lets the app in at the org, and the code becomes credentials."""

import contextlib
from collections.abc import Mapping
from urllib.parse import urlencode

import httpx
from pydantic import BaseModel

from connectors._errors import AuthenticationFailed, Misconfigured, Unavailable
from connectors._transport import BUSY, Transport, ask_once
from connectors._ways import Consent, Errand
from connectors.salesforce.client import hosts_of
from connectors.salesforce.credentials import Credentials
from connectors.salesforce.signing_in import TOKEN_PATH, read

SCOPE = "api refresh_token"

REVOKE_PATH = "/services/oauth2/revoke"


def address(given: Mapping[str, str], errand: Errand) -> str:
    """Give the org's own page that asks; see `Consent.address`."""
    hosts_of(given["instance_url"])
    asked = {
        "response_type": "code",
        "client_id": given["client_id"],
        "redirect_uri": errand.redirect,
        "scope": SCOPE,
        "state": errand.state,
        "code_challenge": errand.challenge,
        "code_challenge_method": "S256",
    }
    return f"{given['instance_url'].rstrip('/')}/services/oauth2/authorize?{urlencode(asked)}"


def exchange(given: Mapping[str, str], errand: Errand, code: str) -> Credentials:
    """Trade the code; the org that answers is the one that is connected."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": errand.redirect,
        "client_id": given["client_id"],
        "client_secret": given["client_secret"],
        "code_verifier": errand.verifier,
    }
    base = given["instance_url"].rstrip("/")
    transport = Transport("Salesforce", hosts_of(base))
    with contextlib.closing(transport):
        response = transport.send(
            httpx.Request(
                "POST", base + TOKEN_PATH, data=form, headers={"Accept": "application/json"}
            )
        )
    answer = read(response)
    _check(response, answer)
    org = str(answer.get("instance_url") or base).rstrip("/")
    hosts_of(org)
    return Credentials.model_validate(
        {**given, "instance_url": org, "refresh_token": answer["refresh_token"]}
    )


def revoke(credentials: BaseModel) -> str:
    """Give the refresh token back; see `Module.revoke`."""
    if not isinstance(credentials, Credentials) or credentials.refresh_token is None:
        return (
            "The app still lets us in: take it away in Salesforce (Setup, External Client App "
            "Manager or App Manager)."
        )
    base = credentials.instance_url.rstrip("/")
    form = {"token": credentials.refresh_token.get_secret_value()}
    transport = Transport("Salesforce", hosts_of(base), sleep=ask_once("Salesforce"))
    with contextlib.closing(transport):
        response = transport.send(httpx.Request("POST", base + REVOKE_PATH, data=form))
    if not response.is_success and read(response).get("error") != "invalid_token":
        raise Misconfigured(
            f"Salesforce answered {response.status_code} when asked to forget our access."
        )
    return ""


def _check(response: httpx.Response, answer: Mapping[str, object]) -> None:
    if response.status_code in BUSY:
        raise Unavailable("Salesforce cannot let us in now: try again in a moment.")
    if response.status_code != httpx.codes.OK:
        raise AuthenticationFailed(
            "Salesforce did not take what you came back with: begin again, and check that the "
            "consumer secret and the callback address are those of the app."
        )
    if not isinstance(answer.get("refresh_token"), str):
        raise Misconfigured(
            "Salesforce gave no refresh token: add the scope Perform requests at any time "
            "(refresh_token, offline_access) to the app, and begin again."
        )


CONSENT = Consent(address, exchange)
