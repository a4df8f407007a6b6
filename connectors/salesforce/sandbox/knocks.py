"""A request of somebody who is not signed in yet: to the OAuth addresses."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from fastapi import Request

from connectors.salesforce.sandbox.errors import GrantRefusal
from connectors.salesforce.sandbox.org import Org

CLIENT_ID = "3MVG9.sandbox.consumer.key"
CLIENT_SECRET = "sandbox-consumer-secret"  # noqa: S105 opens nothing but a sandbox

_LOGIN_HOSTS = ("login.", "test.")


@dataclass(frozen=True, slots=True)
class Knock:
    """A request, read: what it says in its address, then what it says in its body.

    Attributes:
        form: The parameters of both, by name.
    """

    org: Org
    request: Request
    form: Mapping[str, str]

    @property
    def is_at_login(self) -> bool:
        """Whether it came to a host for all orgs, as login.salesforce.com is, not to My Domain."""
        host = self.request.headers.get("Host", "")
        return host.startswith(_LOGIN_HOSTS) or self.org.setting("is_login", default=False)

    @property
    def url(self) -> str:
        """The org's own address: what the caller called, unless that is a host for all orgs."""
        base = self.request.base_url
        if self.request.headers.get("Host", "").startswith(_LOGIN_HOSTS):
            host, port = self.request.scope["server"]
            return f"{base.scheme}://{host}:{port}"
        return str(base).rstrip("/")

    @property
    def token(self) -> str:
        """The bearer's token, or the one in the form."""
        scheme, _, token = self.request.headers.get("Authorization", "").partition(" ")
        return token if scheme in {"Bearer", "OAuth"} else self.form.get("access_token", "")


def read(org: Org, request: Request, body: bytes) -> Knock:
    """Read a request."""
    sent = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    return Knock(org, request, {**request.query_params, **dict(sent)})


def check_client(knock: Knock, *, needs_secret: bool = True) -> None:
    """Check who the app is, by form or by HTTP Basic.

    Raises:
        GrantRefusal: As Salesforce words it.
    """
    client_id, secret = _basic(knock) or (
        knock.form.get("client_id", ""),
        knock.form.get("client_secret", ""),
    )
    if client_id != CLIENT_ID:
        raise GrantRefusal("invalid_client_id", "client identifier invalid")
    is_right = hmac.compare_digest(secret.encode(), CLIENT_SECRET.encode())
    if not is_right and (needs_secret or secret):
        raise GrantRefusal("invalid_client", "invalid client credentials")


def _basic(knock: Knock) -> tuple[str, str] | None:
    scheme, _, given = knock.request.headers.get("Authorization", "").partition(" ")
    if scheme != "Basic":
        return None
    try:
        name, _, secret = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return name, secret
