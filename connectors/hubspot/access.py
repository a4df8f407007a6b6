"""The token of a connection: a fixed one, or one renewed over OAuth before it runs out."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from connectors._contract import Renewal, Renewing, alone
from connectors._errors import AuthenticationFailed, ConnectorError, Misconfigured
from connectors._transport import Tokens, Transport
from connectors.hubspot.credentials import Credentials
from connectors.hubspot.refusals import body_of, refusal

EARLY_S = 180.0
"""A token is renewed so long before it runs out: HubSpot asks clients not to wait for a 401."""


KEPT = ("access_token", "hub_id", "scopes")
"""What of an answer others need who use its token."""


@dataclass(frozen=True, slots=True)
class _Due:
    """A token, and when it should be replaced on the caller's clock, in seconds."""

    token: str
    at: float


class Access:
    """Signs calls; hands changed credentials to `on_refresh` before the new token is used.

    Attributes:
        portal: The portal's id, as the last token came with it; None if it came without.
        scopes: What the last token may do; None if it came without.

    Args:
        token_url: Where OAuth tokens are renewed.
        renewing: Entered to use a refresh token up.
        clock: Seconds that only ever grow.
    """

    def __init__(
        self,
        credentials: Credentials,
        transport: Transport,
        token_url: str,
        *,
        on_refresh: Callable[[Credentials], None],
        renewing: Renewing = alone,
        clock: Callable[[], float],
    ) -> None:
        self._credentials = credentials
        self._transport = transport
        self._token_url = token_url
        self._on_refresh = on_refresh
        self._renewing = renewing
        self._clock = clock
        self._due = _Due("", math.inf)
        self._last = ""
        self.portal: str | None = None
        self.scopes: frozenset[str] | None = None
        fixed = credentials.access_token
        self._tokens = Tokens(self._fetch, fixed.get_secret_value() if fixed else None)

    def tokens(self) -> Tokens:
        """Give the tokens to sign the next call with, renewed if they are about to run out."""
        due = self._due
        if self._clock() >= due.at:
            self._tokens.renew(due.token)
        return self._tokens

    def _fetch(self) -> str:
        fixed = self._credentials.access_token
        if fixed is not None:  # nothing to renew: the transport tries it once more
            return fixed.get_secret_value()
        with self._renewing() as renewal:
            if isinstance(renewal.credentials, Credentials):
                self._credentials = renewal.credentials
            if renewal.answer.get("access_token") in {None, self._last}:
                renewal.answer, renewal.life_s = self._exchange()
            return self._taken(renewal)

    def _exchange(self) -> tuple[Mapping[str, Any], float]:
        """Use the refresh token up; gives the answer, and for how long its token is good."""
        response = self._transport.send(
            httpx.Request("POST", self._token_url, data=_form(self._credentials))
        )
        if not response.is_success:
            raise _refused(response)
        body = body_of(response)
        if not isinstance(body.get("access_token"), str):
            raise refusal(response)
        self._note(body.get("hub_id"))
        self._keep(body.get("refresh_token"))
        life_s = body.get("expires_in")
        kept = {name: body[name] for name in KEPT if name in body}
        return kept, life_s if isinstance(life_s, int | float) else 0.0

    def _taken(self, renewal: Renewal) -> str:
        """Take the token of an answer, ours or another's."""
        token, life_s = str(renewal.answer["access_token"]), renewal.life_s
        self._note(renewal.answer.get("hub_id"))
        self.scopes = scopes_in(renewal.answer.get("scopes"))
        at = self._clock() + max(life_s - EARLY_S, life_s / 2) if life_s else math.inf
        self._last, self._due = token, _Due(token, at)
        return token

    def _note(self, portal: object) -> None:
        """Keep the portal in mind.

        Raises:
            Misconfigured: If it is another than before; nothing may be read from that one.
        """
        if isinstance(portal, bool) or not isinstance(portal, int | str):
            return
        if self.portal not in {None, str(portal)}:
            raise Misconfigured(
                f"HubSpot's token is now for portal {portal}, not {self.portal}: reconnect the "
                "OAuth app in the right portal."
            )
        self.portal = str(portal)

    def _keep(self, refresh_token: object) -> None:
        """Have a new refresh token stored; without that, a crash would lose the connection."""
        if not isinstance(refresh_token, str):
            return
        changed = Credentials.model_validate(
            self._credentials.model_dump() | {"refresh_token": refresh_token}
        )
        if changed != self._credentials:
            self._on_refresh(changed)
            self._credentials = changed


def scopes_in(listed: object) -> frozenset[str] | None:
    """Read a list of scopes; None if it is none."""
    if not isinstance(listed, list):
        return None
    return frozenset(scope for scope in listed if isinstance(scope, str))


def _form(credentials: Credentials) -> dict[str, str]:
    secret, token = credentials.client_secret, credentials.refresh_token
    return {
        "grant_type": "refresh_token",
        "client_id": credentials.client_id or "",
        "client_secret": secret.get_secret_value() if secret else "",
        "refresh_token": token.get_secret_value() if token else "",
    }


def _refused(response: httpx.Response) -> ConnectorError:
    if response.status_code not in {400, 401, 403}:
        return refusal(response)
    if body_of(response).get("status") == "BAD_REFRESH_TOKEN":
        return AuthenticationFailed(
            "HubSpot refused the refresh token: install the app in the portal again "
            "and enter the new one."
        )
    return AuthenticationFailed(
        "HubSpot refused the OAuth app: check its client ID and client secret."
    )
