"""The portal itself: who it is, its owners, and the tokens of OAuth."""

import json
import secrets
from collections.abc import Mapping
from typing import Any

from connectors.hubspot.sandbox import facts, state
from connectors.hubspot.sandbox.answers import Refused, bad_request, error
from connectors.hubspot.sandbox.request import Asked, limit, need

CLIENT_ID, CLIENT_SECRET = "sandbox-client", "sandbox-secret"  # the sandbox's own


def details(_: Asked) -> tuple[int, Mapping[str, Any]]:
    """Answer ``GET /account-info/details``."""
    return 200, {
        "portalId": facts.PORTAL_ID,
        "accountType": "STANDARD",
        "timeZone": "US/Eastern",
        "companyCurrency": "USD",
        "additionalCurrencies": [],
        "utcOffset": "-05:00",
        "utcOffsetMilliseconds": -18_000_000,
        "uiDomain": facts.UI_DOMAIN,
        "dataHostingLocation": "na1",
    }


def list_owners(asked: Asked) -> tuple[int, Mapping[str, Any]]:
    """Answer ``GET /crm/owners``."""
    need(asked, facts.OWNER_SCOPE)
    wanted, after = limit(asked, facts.OWNER_LIMIT), asked.query.get("after", "0")
    if not after.isdigit():
        raise bad_request("after is no cursor.")
    rows = asked.db.execute(
        "SELECT id, email, first_name, last_name, team, modified, archived FROM owners "
        "WHERE archived = ? AND id > ? ORDER BY id LIMIT ?",
        (int(asked.is_archived), int(after), wanted + 1),
    ).fetchall()
    found: dict[str, Any] = {"results": [_owner(row) for row in rows[:wanted]]}
    if len(rows) > wanted:
        found["paging"] = {"next": {"after": str(rows[wanted - 1][0])}}
    return 200, found


def make_token(asked: Asked) -> tuple[int, Mapping[str, Any]]:
    """Answer ``POST /oauth/token`` for ``refresh_token`` grants."""
    form = asked.body
    if form.get("grant_type") != "refresh_token":
        raise _refused("unsupported_grant_type", "BAD_GRANT_TYPE", "grant_type is not supported")
    if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
        raise _refused("invalid_client", "BAD_CLIENT_SECRET", "missing or invalid client secret")
    refresh = str(form.get("refresh_token"))
    query = "SELECT 1 FROM refresh_tokens WHERE token = ?"
    if asked.db.execute(query, (refresh,)).fetchone() is None:
        raise _refused("invalid_grant", "BAD_REFRESH_TOKEN", "missing or invalid refresh token")
    if state.setting(asked.db, "rotate_refresh_tokens", 0):
        asked.db.execute("DELETE FROM refresh_tokens WHERE token = ?", (refresh,))
        refresh = f"na1-{secrets.token_hex(8)}"
        asked.db.execute("INSERT INTO refresh_tokens VALUES (?)", (refresh,))
    token, scopes = f"sandbox-{secrets.token_hex(24)}", sorted(facts.ALL_SCOPES)
    expires = asked.now_ms + facts.TOKEN_LIFE_S * 1000
    asked.db.execute("INSERT INTO tokens VALUES (?, ?, ?, 1)", (token, json.dumps(scopes), expires))
    return 200, {
        "token_type": "bearer",
        "access_token": token,
        "refresh_token": refresh,
        "expires_in": facts.TOKEN_LIFE_S,
        "hub_id": facts.PORTAL_ID,
        "scopes": scopes,
    }


def _owner(row: tuple[Any, ...]) -> dict[str, Any]:
    number, email, first, last, team, modified, archived = row
    return {
        "id": str(number),
        "email": email,
        "firstName": first,
        "lastName": last,
        "type": "PERSON",
        "userId": None if archived else number + 9_000,
        "userIdIncludingInactive": number + 9_000,
        "teams": [{"id": "1", "name": team, "primary": True}] if team else [],
        "archived": bool(archived),
        "createdAt": state.iso(modified),
        "updatedAt": state.iso(modified),
    }


def _refused(name: str, status: str, message: str) -> Refused:
    body = error(message) | {"error": name, "error_description": message, "status": status}
    return Refused(400, body)
