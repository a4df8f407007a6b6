"""OAuth: an app is installed, gets tokens, asks about them, and gives them up; and fixed tokens.

One OAuth app exists, and whoever opens the authorize page is the admin who installs it at once.
"""

import json
import urllib.parse
from collections.abc import Mapping
from typing import Any

from connectors.hubspot.sandbox import facts, state
from connectors.hubspot.sandbox.answers import Refused, error, not_found, unauthorized
from connectors.hubspot.sandbox.request import Asked, Reply

CLIENT_ID, CLIENT_SECRET = "sandbox-client", "sandbox-secret"  # the sandbox's own
CODE_LIFE_MS = 60_000
GRANTS = ("authorization_code", "refresh_token", "client_credentials")


def authorize(asked: Asked) -> Reply:
    """Answer ``GET /oauth/authorize``: back to the app, with a code or with the refusal."""
    query = asked.query
    target = query.get("redirect_uri", "")
    scopes = set(query.get("scope", "").split())
    wrong = _wrong_request(query, target, scopes)
    if wrong:
        page = f"<!DOCTYPE html><html><body><h1>{wrong}</h1></body></html>".encode()
        raise Refused(400, page, {"Content-Type": "text/html;charset=utf-8"})
    back = {"state": query["state"]} if "state" in query else {}
    if state.setting(asked.db, "deny_installs", 0):
        back |= {"error": "access_denied", "error_description": "User denied access"}
        raise _redirect(target, back)
    granted = sorted((scopes | set(query.get("optional_scope", "").split())) & facts.ALL_SCOPES)
    code = f"na1-{state.mint(asked.db)[:32]}"
    asked.db.execute(
        "INSERT INTO codes VALUES (?, ?, ?, ?)",
        (code, target, json.dumps(granted), asked.now_ms + CODE_LIFE_MS),
    )
    raise _redirect(target, {"code": code} | back)


def make_token(asked: Asked) -> Reply:
    """Answer ``POST /oauth/token``: parameters in the body, and in the query in v1."""
    form = (dict(asked.query) if asked.version == "v1" else {}) | dict(asked.body)
    grant = form.get("grant_type")
    if grant not in GRANTS or (grant == "client_credentials" and asked.is_newest):
        raise _refused("unsupported_grant_type", "BAD_GRANT_TYPE", "grant_type is not supported")
    _check_client(form)
    if grant == "client_credentials":
        return 200, _token(asked, sorted(str(form.get("scope") or "").split()), None)
    refresh, scopes = _from_code(asked, form) if grant == GRANTS[0] else _refreshed(asked, form)
    body = _token(asked, scopes, refresh)
    if asked.version == "v1":
        return 200, {name: body[name] for name in body if name not in {"hub_id", "scopes"}}
    return 200, body


def introspect(asked: Asked) -> Reply:
    """Answer ``POST /oauth/token/introspect``."""
    _check_client(asked.body)
    hint = str(asked.body.get("token_type_hint") or "access_token")
    token = str(asked.body.get("token") or asked.body.get(hint) or "")
    found = _known(asked, token)
    if found is None:
        return 200, {"active": False, "token": token}
    return 200, {"active": True, "client_id": CLIENT_ID} | found


def revoke(asked: Asked) -> Reply:
    """Answer ``POST /oauth/token/revoke``: of a refresh token; access tokens live on."""
    _check_client(asked.body)
    token = str(asked.body.get("token") or asked.body.get("refresh_token") or "")
    asked.db.execute("DELETE FROM refresh_tokens WHERE token = ?", (token,))
    return 200, {}


def show_access_token(asked: Asked) -> Reply:
    """Answer ``GET /oauth/v1/access-tokens/{token}``."""
    found = _known(asked, asked.path["token"])
    if found is None or found["token_use"] != "access_token":  # noqa: S105  # a kind of token
        raise not_found("The access token is unknown or has expired.")
    return 200, found | {"token_type": "access"}


def show_refresh_token(asked: Asked) -> Reply:
    """Answer ``GET /oauth/v1/refresh-tokens/{token}``."""
    found = _known(asked, asked.path["token"])
    if found is None or found["token_use"] != "refresh_token":  # noqa: S105  # a kind of token
        raise not_found("The refresh token is unknown.")
    return 200, found | {"token_type": "refresh", "client_id": CLIENT_ID}


def drop_refresh_token(asked: Asked) -> Reply:
    """Answer ``DELETE /oauth/v1/refresh-tokens/{token}``: uninstalls nothing, ends refreshing."""
    asked.db.execute("DELETE FROM refresh_tokens WHERE token = ?", (asked.path["token"],))
    return 204, {}


def show_private_token(asked: Asked) -> Reply:
    """Answer ``POST /oauth/v2/private-apps/get/access-token-info``."""
    found = _known(asked, str(asked.body.get("tokenKey")))
    if found is None or found["token_type"] == "bearer":  # noqa: S105  # a kind of token
        raise unauthorized(is_expired=False)
    return 200, {
        "userId": found["user_id"],
        "hubId": found["hub_id"],
        "appId": found["app_id"],
        "scopes": found["scopes"],
    }


def _wrong_request(query: Mapping[str, str], target: str, scopes: set[str]) -> str | None:
    url = urllib.parse.urlsplit(target)
    is_safe = url.scheme == "https" or (
        url.scheme == "http" and url.hostname in {"localhost", "127.0.0.1"}
    )
    if query.get("client_id") != CLIENT_ID:
        return "Authorization failed: the client ID is unknown."
    if not is_safe:
        return "Authorization failed: the redirect URL must be https."
    if not scopes or not scopes <= facts.ALL_SCOPES:
        return "Authorization failed: the requested scopes do not fit the app."
    return None


def _redirect(target: str, query: Mapping[str, str]) -> Refused:
    joint = "&" if urllib.parse.urlsplit(target).query else "?"
    return Refused(302, b"", {"Location": f"{target}{joint}{urllib.parse.urlencode(query)}"})


def _check_client(form: Mapping[str, Any]) -> None:
    if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
        raise _refused("invalid_client", "BAD_CLIENT_SECRET", "missing or invalid client secret")


def _from_code(asked: Asked, form: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Trade a code, which works once, for a refresh token and its scopes."""
    code = str(form.get("code"))
    row = asked.db.execute(
        "SELECT redirect_uri, scopes, expires FROM codes WHERE code = ?", (code,)
    ).fetchone()
    asked.db.execute("DELETE FROM codes WHERE code = ?", (code,))
    if row is None or row[2] <= asked.now_ms:
        raise _refused("invalid_grant", "BAD_AUTH_CODE", "missing or unknown auth code")
    if row[0] != form.get("redirect_uri"):
        message = "redirect URI does not match the one used at authorization"
        raise _refused("invalid_grant", "BAD_REDIRECT_URI", message)
    refresh = f"na1-{state.mint(asked.db)[:32]}"
    asked.db.execute("INSERT INTO refresh_tokens VALUES (?, ?)", (refresh, row[1]))
    return refresh, json.loads(row[1])


def _refreshed(asked: Asked, form: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Give the refresh token to go on with, and its scopes."""
    refresh = str(form.get("refresh_token"))
    row = asked.db.execute(
        "SELECT scopes FROM refresh_tokens WHERE token = ?", (refresh,)
    ).fetchone()
    if row is None:
        raise _refused("invalid_grant", "BAD_REFRESH_TOKEN", "missing or invalid refresh token")
    if state.setting(asked.db, "rotate_refresh_tokens", 0):
        asked.db.execute("DELETE FROM refresh_tokens WHERE token = ?", (refresh,))
        refresh = f"na1-{state.mint(asked.db)[:32]}"
        asked.db.execute("INSERT INTO refresh_tokens VALUES (?, ?)", (refresh, row[0]))
    return refresh, json.loads(row[0])


def _token(asked: Asked, scopes: list[str], refresh: str | None) -> dict[str, Any]:
    token = f"sandbox-{state.mint(asked.db)}"
    expires = asked.now_ms + facts.TOKEN_LIFE_S * 1000
    asked.db.execute(
        "INSERT INTO tokens VALUES (?, ?, ?, 'oauth')", (token, json.dumps(scopes), expires)
    )
    body: dict[str, Any] = {"token_type": "bearer", "access_token": token}
    body |= {"refresh_token": refresh} if refresh else {}
    return body | {
        "expires_in": facts.TOKEN_LIFE_S,
        "hub_id": facts.PORTAL_ID,
        "scopes": scopes,
    }


def _known(asked: Asked, token: str) -> dict[str, Any] | None:
    """Give what there is to say about a token that works."""
    row = asked.db.execute(
        "SELECT scopes, expires, kind FROM tokens WHERE token = ?", (token,)
    ).fetchone()
    use, kind = "access_token", "bearer"
    if row is None:
        use = "refresh_token"
        row = asked.db.execute(
            "SELECT scopes, NULL, 'oauth' FROM refresh_tokens WHERE token = ?", (token,)
        ).fetchone()
    if row is None or (row[1] is not None and row[1] <= asked.now_ms):
        return None
    if row[2] != "oauth":
        kind = str(row[2])
    life_ms = row[1] - asked.now_ms if row[1] is not None else 0
    return {
        "token": token,
        "token_use": use,
        "token_type": kind,
        "user": facts.USER_EMAIL,
        "user_id": facts.USER_ID,
        "hub_id": facts.PORTAL_ID,
        "hub_domain": "sandbox.example",
        "app_id": facts.APP_ID,
        "scopes": json.loads(row[0]),
        "expires_in": life_ms // 1000,
        "is_private_distribution": True,
    }


def _refused(name: str, status: str, message: str) -> Refused:
    body = error(message) | {"error": name, "error_description": message, "status": status}
    return Refused(400, body)
