"""Access and refresh tokens: whose they are, how long they live, and what ends them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.salesforce.sandbox.errors import GrantRefusal, Refusal
from connectors.salesforce.sandbox.org import ORG_ID, USER_ID, Org, stamp

IDLE_SESSION = timedelta(hours=2)
"""A session ends after so long without a call."""

IDLE_REFRESH_TOKEN = timedelta(days=30)
"""A refresh token dies after so long without a renewal."""

SCOPE = "api refresh_token"

_DEAD = "expired access/refresh token"


@dataclass(frozen=True, slots=True)
class Session:
    """What an access token stands for; times are as the org stamps them."""

    token: str
    user_id: str
    scope: str
    issued_at: str
    expires_at: str


def open_session(org: Org, user_id: str, scope: str, refresh_token: str = "") -> str:
    """Give a new access token; it ends with the refresh token that it came from, if any."""
    token = f"{ORG_ID[:15]}!{org.secret('session', 64)}"
    org.db.execute(
        "INSERT INTO session VALUES (?, ?, ?, ?, ?, ?)",
        (token, user_id, scope, refresh_token, org.now(), _in(org, IDLE_SESSION)),
    )
    return token


def check_session(org: Org, authorization: str) -> Session:
    """Check the access token of a request, and keep its session open for two hours more.

    Raises:
        Refusal: 401, as Salesforce words it.
    """
    scheme, _, token = authorization.partition(" ")
    if scheme not in {"Bearer", "OAuth"} or not token:
        raise Refusal(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE")
    session = find_session(org, token)
    if session is None:
        raise Refusal(401, "INVALID_SESSION_ID", "Session expired or invalid")
    org.db.execute(
        "UPDATE session SET expires_at = ? WHERE token = ?", (_in(org, IDLE_SESSION), token)
    )
    return session


def find_session(org: Org, token: str) -> Session | None:
    """Look up an access token that is still alive."""
    row = org.db.execute(
        "SELECT token, user_id, scope, issued_at, expires_at FROM session "
        "WHERE token = ? AND expires_at > ?",
        (token, org.now()),
    ).fetchone()
    return Session(*row) if row else None


def issue_refresh_token(org: Org, user_id: str = USER_ID, scope: str = SCOPE) -> str:
    """Give a refresh token, as a user's consent would."""
    token = "5Aep861" + org.secret("refresh token", 54)
    org.db.execute(
        "INSERT INTO refresh_token_of VALUES (?, ?, ?, ?)", (token, user_id, scope, org.now())
    )
    return token


def find_refresh_token(org: Org, token: str) -> Session | None:
    """Look up a refresh token that is still alive: when it was last used, and until when it is."""
    row = org.db.execute(
        "SELECT token, user_id, scope, used_at FROM refresh_token_of WHERE token = ?", (token,)
    ).fetchone()
    if row is None:
        return None
    token, user_id, scope, used_at = row
    dies_at = stamp(datetime.fromisoformat(used_at) + IDLE_REFRESH_TOKEN)
    is_alive = dies_at > org.now()
    return Session(token, user_id, scope, used_at, dies_at) if is_alive else None


def spend(org: Org, token: str) -> tuple[Session, str]:
    """Use a refresh token: it lives on for 30 days, or with rotation another takes its place.

    Returns:
        Whose it is, and the refresh token that is alive from now on.

    Raises:
        GrantRefusal: If it is dead: rotated away, idle for too long, or withdrawn.
    """
    found = find_refresh_token(org, token)
    if found is None:
        raise GrantRefusal("invalid_grant", _DEAD)
    if not org.setting("is_rotating", default=False):
        org.db.execute(
            "UPDATE refresh_token_of SET used_at = ? WHERE token = ?", (org.now(), token)
        )
        return found, token
    org.db.execute("DELETE FROM refresh_token_of WHERE token = ?", (token,))
    return found, issue_refresh_token(org, found.user_id, found.scope)


def revoke(org: Org, token: str) -> bool:
    """End an access token alone, or a refresh token with all its access tokens."""
    ended = org.db.execute("DELETE FROM session WHERE token = ?", (token,)).rowcount
    ended += org.db.execute("DELETE FROM refresh_token_of WHERE token = ?", (token,)).rowcount
    org.db.execute("DELETE FROM session WHERE refresh_token = ?", (token,))
    return ended > 0


def _in(org: Org, period: timedelta) -> str:
    return stamp(org.clock.now() + period)
