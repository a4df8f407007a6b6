"""OAuth in the sandbox: tokens for client credentials and for refresh tokens, and who they are."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import parse_qs

from connectors.salesforce.sandbox.errors import GrantRefusal, Refusal
from connectors.salesforce.sandbox.org import ORG_ID, USER_ID, Org, stamp

CLIENT_ID = "3MVG9.sandbox.consumer.key"
CLIENT_SECRET = "sandbox-consumer-secret"  # noqa: S105 opens nothing but a sandbox

_SESSION = timedelta(hours=2)


def grant(org: Org, body: bytes, url: str) -> dict[str, str]:
    """Answer ``POST /services/oauth2/token``.

    Raises:
        GrantRefusal: As Salesforce words it.
    """
    form = {key: values[0] for key, values in parse_qs(body.decode()).items()}
    _check_client(form)
    match form.get("grant_type"):
        case "client_credentials":
            return _token(org, url)
        case "refresh_token":
            return _token(org, url) | _rotated(org, form.get("refresh_token", ""))
    raise GrantRefusal("unsupported_grant_type", "grant type not supported")


def issue_refresh_token(org: Org) -> str:
    """Give a refresh token, as a user's consent would."""
    token = "5Aep861" + secrets.token_urlsafe(40)
    org.db.execute("INSERT INTO refresh_token VALUES (?)", (token,))
    return token


def check_session(org: Org, authorization: str) -> None:
    """Check the access token of a request.

    Raises:
        Refusal: 401, as Salesforce words it.
    """
    scheme, _, token = authorization.partition(" ")
    if scheme not in {"Bearer", "OAuth"} or not token:
        raise Refusal(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE")
    row = org.db.execute(
        "SELECT 1 FROM access_token WHERE token = ? AND expires_at > ?", (token, org.now())
    ).fetchone()
    if row is None:
        raise Refusal(401, "INVALID_SESSION_ID", "Session expired or invalid")


def userinfo(url: str) -> dict[str, object]:
    """Give ``/services/oauth2/userinfo``."""
    return {
        "sub": f"{url}/id/{ORG_ID}/{USER_ID}",
        "user_id": USER_ID,
        "organization_id": ORG_ID,
        "preferred_username": "integration@example.com",
        "name": "Tieline Integration",
        "active": True,
    }


def _check_client(form: Mapping[str, str]) -> None:
    if form.get("client_id") != CLIENT_ID:
        raise GrantRefusal("invalid_client_id", "client identifier invalid")
    if form.get("client_secret") != CLIENT_SECRET:
        raise GrantRefusal("invalid_client", "invalid client credentials")


def _rotated(org: Org, token: str) -> dict[str, str]:
    """Spend a refresh token: with rotation it is used up and another takes its place."""
    known = org.db.execute("SELECT 1 FROM refresh_token WHERE token = ?", (token,)).fetchone()
    if known is None:
        raise GrantRefusal("invalid_grant", "expired access/refresh token")
    if not org.setting("is_rotating", default=False):
        return {}
    org.db.execute("DELETE FROM refresh_token WHERE token = ?", (token,))
    return {"refresh_token": issue_refresh_token(org)}


def _token(org: Org, url: str) -> dict[str, str]:
    now = org.clock.now()
    token = f"{ORG_ID[:15]}!{secrets.token_urlsafe(48)}"
    org.db.execute("INSERT INTO access_token VALUES (?, ?)", (token, stamp(now + _SESSION)))
    identity = f"{url}/id/{ORG_ID}/{USER_ID}"
    issued_at = str(int(now.timestamp() * 1000))
    key, message = CLIENT_SECRET.encode(), (identity + issued_at).encode()
    signature = hmac.new(key, message, hashlib.sha256).digest()
    return {
        "access_token": token,
        "signature": base64.b64encode(signature).decode(),
        "scope": "api refresh_token",
        "instance_url": url,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued_at,
    }
