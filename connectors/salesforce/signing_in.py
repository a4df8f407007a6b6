"""Access tokens for a Salesforce org: by client credentials, a refresh token or a signature."""

import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx

from connectors._contract import Renewing, alone
from connectors._errors import AuthenticationFailed, Misconfigured, RateLimited, Unavailable
from connectors._transport import BUSY, Transport
from connectors.salesforce.assertion import GRANT, assertion
from connectors.salesforce.credentials import Credentials

TOKEN_PATH = "/services/oauth2/token"  # noqa: S105 an address
_WRONG_APP = frozenset({"invalid_client", "invalid_client_id", "invalid_client_credentials"})
_REFUSED = frozenset({"invalid_grant", "inactive_user", "inactive_org", "access_denied"})
_TOO_MANY = 429
SURE_S = 600.0
"""How long a token is good at least, unless it is revoked: no session ends within 15 minutes."""

_ID_LENGTH = 15
"""Characters of an id that tell records apart; what follows them is a check sum."""


class Grant:
    """The app's grant, and who it makes us.

    A new refresh token is handed to `on_refresh` before the access token that came with it is
    used: Salesforce has forgotten the old one already.

    Attributes:
        tenant: The org's id, once signed in.
        user_id: Of the user we act as, once signed in.
    """

    def __init__(
        self,
        credentials: Credentials,
        transport: Transport,
        on_refresh: Callable[[Credentials], None],
        renewing: Renewing = alone,
    ) -> None:
        self.tenant = ""
        self.user_id = ""
        self._credentials = credentials
        self._transport = transport
        self._on_refresh = on_refresh
        self._renewing = renewing
        self._last = ""

    def fetch(self) -> str:
        """Get a new access token; a refresh token is used up by nobody else meanwhile.

        Raises:
            AuthenticationFailed: If the app or its grant is refused.
            Misconfigured: If there is no Salesforce at the address, or another org.
            TryLater: If Salesforce is busy.
        """
        if self._credentials.refresh_token is None:
            return self._taken(self._exchange())
        with self._renewing() as renewal:
            if isinstance(renewal.credentials, Credentials):
                self._credentials = renewal.credentials
            if renewal.answer.get("access_token") in {None, self._last}:
                renewal.answer, renewal.life_s = self._exchange(), SURE_S
            return self._taken(renewal.answer)

    def _exchange(self) -> Mapping[str, Any]:
        """Ask for a token; gives what of the answer others need who use it."""
        request = httpx.Request(
            "POST",
            self._credentials.instance_url.rstrip("/") + TOKEN_PATH,
            content=urlencode(self._form()),
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "Accept": "application/json",
            },
        )
        response = self._transport.send(request)
        answer = read(response)
        if response.status_code != httpx.codes.OK:
            raise self._refusal(response, answer)
        token = answer.get("access_token")
        if not isinstance(token, str) or not token:
            raise self._misplaced()
        self._keep(answer.get("refresh_token"))
        return {"access_token": token, "id": str(answer.get("id", ""))}

    def _taken(self, answer: Mapping[str, Any]) -> str:
        """Take the token of an answer, ours or another's, and note who it makes us."""
        parts = urlsplit(str(answer.get("id", ""))).path.strip("/").split("/")
        if len(parts) == len(("id", "org", "user")):
            self._check_tenant(parts[1])
            self.tenant, self.user_id = parts[1], parts[2]
        self._last = str(answer["access_token"])
        return self._last

    def _form(self) -> dict[str, str]:
        if self._credentials.private_key is not None:
            signed = assertion(self._credentials, now_s=time.time())
            return {"grant_type": GRANT, "assertion": signed}
        known = self._credentials.client_secret
        form = {
            "client_id": self._credentials.client_id,
            "client_secret": known.get_secret_value() if known else "",
        }
        if self._credentials.refresh_token is None:
            return form | {"grant_type": "client_credentials"}
        secret = self._credentials.refresh_token.get_secret_value()
        return form | {"grant_type": "refresh_token", "refresh_token": secret}

    def _keep(self, rotated: object) -> None:
        """Have a new refresh token stored before anything can go wrong."""
        known = self._credentials.refresh_token
        if isinstance(rotated, str) and known and rotated != known.get_secret_value():
            changed = {**self._credentials.model_dump(), "refresh_token": rotated}
            self._credentials = Credentials.model_validate(changed)
            self._on_refresh(self._credentials)

    def _check_tenant(self, tenant: str) -> None:
        """See that it is still the org that this connection was made for.

        Raises:
            Misconfigured: If not: nothing of it may be mixed with what is known of the other.
        """
        known = self._credentials.tenant
        if known and known[:_ID_LENGTH] != tenant[:_ID_LENGTH]:
            raise Misconfigured(
                f"This is the org {tenant} and no longer {known}, as after a sandbox was "
                "refreshed: connect it anew, or correct the address."
            )

    def _refusal(self, response: httpx.Response, answer: dict[str, Any]) -> Exception:
        error = str(answer.get("error", ""))
        if response.status_code in BUSY - {_TOO_MANY}:
            return Unavailable("Salesforce cannot sign us in now; Tieline tries again by itself.")
        if response.status_code == _TOO_MANY or error == "rate_limit_exceeded":
            return RateLimited("Salesforce gets too many sign-ins; Tieline comes back later.")
        if error in _WRONG_APP | _REFUSED:
            return AuthenticationFailed(self._what_to_do(error))
        if error:
            return Misconfigured(
                f"Salesforce refused the way the app signs in ({error}): "
                "check the OAuth settings of the app."
            )
        return self._misplaced()

    def _what_to_do(self, error: str) -> str:
        if self._credentials.private_key is not None:
            return (
                "Salesforce refused the app's signature: check the consumer key, the username, and "
                "that the app has the key's certificate and lets admin approved users in."
            )
        if error in _WRONG_APP:
            return "Salesforce refused the app: check the consumer key and secret."
        if self._credentials.refresh_token is not None:
            return "Salesforce refused the refresh token: reconnect it."
        return (
            "Salesforce refused the app's sign-in: enable the client credentials flow with a "
            "run-as user and use the My Domain address, then reconnect it."
        )

    def _misplaced(self) -> Misconfigured:
        host = urlsplit(self._credentials.instance_url).hostname
        return Misconfigured(f"There is no Salesforce org at {host}: check the My Domain address.")


def read(response: httpx.Response) -> dict[str, Any]:
    """Give the JSON of an answer; nothing if it is none."""
    try:
        answer = response.json()
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
