"""The token endpoint: how an app gets an access token, by each of the four grants."""

import base64
import hashlib
import hmac

from connectors.salesforce.sandbox import assertions, consent, sessions
from connectors.salesforce.sandbox.errors import GrantRefusal
from connectors.salesforce.sandbox.knocks import CLIENT_ID, CLIENT_SECRET, Knock, check_client
from connectors.salesforce.sandbox.org import ORG_ID, USER_ID
from connectors.salesforce.sandbox.sessions import SCOPE

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "grant"]

_JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_NOT_FOR_MACHINES = frozenset({"refresh_token", "offline_access", "full", "web"})


def grant(knock: Knock) -> dict[str, str]:
    """Answer ``POST /services/oauth2/token``.

    Raises:
        GrantRefusal: As Salesforce words it.
    """
    needs_secret = knock.org.setting("needs_secret", default=True)
    match knock.form.get("grant_type"):
        case "client_credentials":
            check_client(knock)
            return _as_machine(knock)
        case "refresh_token":
            check_client(knock, needs_secret=needs_secret)
            return _renewed(knock)
        case "authorization_code":
            check_client(knock, needs_secret=needs_secret)
            return _traded(knock)
        case kind if kind == _JWT:
            return _answer(knock, assertions.user_of(knock), SCOPE)
    check_client(knock)
    raise GrantRefusal("unsupported_grant_type", "grant type not supported")


def _as_machine(knock: Knock) -> dict[str, str]:
    if knock.is_at_login:
        raise GrantRefusal("invalid_grant", "request not supported on this domain")
    if not knock.org.setting("has_run_as_user", default=True):
        raise GrantRefusal("invalid_grant", "no client credentials user enabled")
    scope = " ".join(word for word in SCOPE.split() if word not in _NOT_FOR_MACHINES)
    return _answer(knock, USER_ID, scope)


def _renewed(knock: Knock) -> dict[str, str]:
    spent = knock.form.get("refresh_token", "")
    holder, alive = sessions.spend(knock.org, spent)
    rotated = {} if alive == spent else {"refresh_token": alive}
    return _answer(knock, holder.user_id, holder.scope, alive) | rotated


def _traded(knock: Knock) -> dict[str, str]:
    user_id, scope = consent.trade(knock)
    if not {"refresh_token", "offline_access", "full"} & set(scope.split()):
        return _answer(knock, user_id, scope)
    token = sessions.issue_refresh_token(knock.org, user_id, scope)
    return _answer(knock, user_id, scope, token) | {"refresh_token": token}


def _answer(knock: Knock, user_id: str, scope: str, refresh_token: str = "") -> dict[str, str]:
    knock.org.set("host", knock.url)
    identity = f"{knock.url}/id/{ORG_ID}/{user_id}"
    issued_at = str(int(knock.org.clock.now().timestamp() * 1000))
    key, message = CLIENT_SECRET.encode(), (identity + issued_at).encode()
    signature = hmac.new(key, message, hashlib.sha256).digest()
    return {
        "access_token": sessions.open_session(knock.org, user_id, scope, refresh_token),
        "signature": base64.b64encode(signature).decode(),
        "scope": scope,
        "instance_url": knock.url,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued_at,
    }
