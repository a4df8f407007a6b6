"""The web server flow: a user lets an app in, and the app trades the code for tokens, once."""

import base64
import hashlib
import hmac
import html
import re
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from fastapi import Response
from fastapi.responses import HTMLResponse, RedirectResponse

from connectors.salesforce.sandbox.errors import GrantRefusal
from connectors.salesforce.sandbox.knocks import CLIENT_ID, Knock
from connectors.salesforce.sandbox.org import USER_ID, Org, stamp
from connectors.salesforce.sandbox.sessions import SCOPE

CODE_LIFE = timedelta(minutes=15)

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
# Salesforce asks for 128 random bytes, which its own clients write in 171 characters of base64.
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,171}")
_KEPT = ("client_id", "redirect_uri", "scope", "state", "code_challenge", "response_type")

_PAGE = """<!doctype html><html lang="en"><head><title>Allow Access? | Salesforce</title></head>
<body><h1>Allow Access?</h1><p>Tieline is asking to access your Salesforce data: {scope}.</p>
<form method="post" action="/services/oauth2/authorize">{fields}
<button id="oaapprove" name="save" value="Allow">Allow</button>
<button id="oadeny" name="cancel" value="Deny">Deny</button></form></body></html>"""
_BROKEN = "<html><body><p>error={}&amp;error_description={}</p></body></html>"


def authorize(knock: Knock) -> Response:
    """Answer ``/services/oauth2/authorize``: the page (GET), or what was clicked on it (POST)."""
    form = knock.form
    if form.get("client_id") != CLIENT_ID:
        return _broken("invalid_client_id", "client identifier invalid")
    if not _is_registered(knock.org, form.get("redirect_uri", "")):
        return _broken("redirect_uri_mismatch", "redirect_uri must match configuration")
    refused = _refused(knock)
    if refused:
        return _back(knock, error=refused[0], error_description=refused[1])
    if knock.org.setting("approves_by_itself", default=False) or "save" in form:
        return _back(knock, code=_new_code(knock))
    return HTMLResponse(_page(knock))


def _refused(knock: Knock) -> tuple[str, str] | None:
    if knock.form.get("response_type") != "code":
        return "unsupported_response_type", "response type not supported"
    if not knock.form.get("code_challenge") and knock.org.setting("needs_pkce", default=False):
        return "invalid_request", "missing required code challenge"
    if "cancel" in knock.form:
        return "access_denied", "end-user denied authorization"
    return None


def trade(knock: Knock) -> tuple[str, str]:
    """Use a code up and give whose it is, and its scope.

    Raises:
        GrantRefusal: If it is used, older than 15 minutes, or another app's or caller's.
    """
    row = knock.org.db.execute(
        "DELETE FROM auth_code WHERE code = ? RETURNING user_id, scope, redirect_uri, challenge, "
        "expires_at",
        (knock.form.get("code", ""),),
    ).fetchone()
    if row is None:
        raise GrantRefusal("invalid_grant", "invalid authorization code")
    user_id, scope, redirect_uri, challenge, expires_at = row
    if expires_at <= knock.org.now():
        raise GrantRefusal("invalid_grant", "expired authorization code")
    if knock.form.get("redirect_uri") != redirect_uri:
        raise GrantRefusal("redirect_uri_mismatch", "redirect_uri must match configuration")
    _check_verifier(challenge, knock.form.get("code_verifier", ""))
    return user_id, scope


def _check_verifier(challenge: str, verifier: str) -> None:
    if not challenge and not verifier:
        return
    digest = hashlib.sha256(verifier.encode()).digest()
    proven = base64.urlsafe_b64encode(digest).rstrip(b"=")
    is_proven = hmac.compare_digest(proven, challenge.rstrip("=").encode())
    if not _VERIFIER.fullmatch(verifier) or not is_proven:
        raise GrantRefusal("invalid_grant", "invalid code verifier")


def _new_code(knock: Knock) -> str:
    code = "aPrx" + knock.org.secret("code", 64)
    form = knock.form
    kept = (form.get("scope") or SCOPE, form["redirect_uri"], form.get("code_challenge", ""))
    expires_at = stamp(knock.org.clock.now() + CODE_LIFE)
    knock.org.db.execute(
        "INSERT INTO auth_code VALUES (?, ?, ?, ?, ?, ?)", (code, USER_ID, *kept, expires_at)
    )
    return code


def _is_registered(org: Org, callback: str) -> bool:
    known = org.setting("callbacks", [])
    parts = urlsplit(callback)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    return callback in known if known else is_safe


def _back(knock: Knock, **answer: str) -> Response:
    state = {"state": knock.form["state"]} if "state" in knock.form else {}
    callback = knock.form["redirect_uri"]
    glue = "&" if urlsplit(callback).query else "?"
    return RedirectResponse(callback + glue + urlencode(answer | state), status_code=302)


def _page(knock: Knock) -> str:
    fields = "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(knock.form[name])}">'
        for name in _KEPT
        if name in knock.form
    )
    return _PAGE.format(scope=html.escape(knock.form.get("scope") or SCOPE), fields=fields)


def _broken(error: str, description: str) -> Response:
    return HTMLResponse(_BROKEN.format(error, description), status_code=400)
