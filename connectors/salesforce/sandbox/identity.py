"""Who a token is: userinfo, the identity URL, introspection, revocation, discovery."""

from datetime import datetime
from typing import Any

from fastapi import Response

from connectors.salesforce.sandbox import sessions
from connectors.salesforce.sandbox.errors import GrantRefusal
from connectors.salesforce.sandbox.knocks import CLIENT_ID, Knock, check_client
from connectors.salesforce.sandbox.org import ORG_ID
from connectors.salesforce.sandbox.sessions import Session

_ENDPOINTS = {
    "authorization_endpoint": "/services/oauth2/authorize",
    "token_endpoint": "/services/oauth2/token",
    "revocation_endpoint": "/services/oauth2/revoke",
    "userinfo_endpoint": "/services/oauth2/userinfo",
    "introspection_endpoint": "/services/oauth2/introspect",
}
_URLS = {
    "rest": "/services/data/v{version}/",
    "sobjects": "/services/data/v{version}/sobjects/",
    "query": "/services/data/v{version}/query/",
    "search": "/services/data/v{version}/search/",
    "recent": "/services/data/v{version}/recent/",
    "tooling_rest": "/services/data/v{version}/tooling/",
    "profile": "/{user}",
}
_USER = (
    'SELECT "Username", "Name", "FirstName", "LastName", "Email", "IsActive", "UserType", '
    '"LastModifiedDate" FROM "User" WHERE "Id" = ?'
)


def userinfo(knock: Knock) -> dict[str, Any] | Response:
    """Answer ``/services/oauth2/userinfo``."""
    session = sessions.find_session(knock.org, knock.token)
    if session is None:
        return _bad_token(knock)
    username, name, first, last, email, is_active, kind, modified = _user(knock, session)
    return {
        "sub": f"{knock.url}/id/{ORG_ID}/{session.user_id}",
        "user_id": session.user_id,
        "organization_id": ORG_ID,
        "preferred_username": username,
        "nickname": username.partition("@")[0],
        "name": name,
        "given_name": first,
        "family_name": last,
        "email": email,
        "email_verified": True,
        "zoneinfo": "GMT",
        "locale": "en_US",
        "language": "en_US",
        "user_type": kind,
        "active": bool(is_active),
        "updated_at": modified,
        "urls": _urls(knock, session),
    }


def identity(knock: Knock) -> dict[str, Any] | Response:
    """Answer ``/id/{org}/{user}``: the token response's ``id``."""
    session = sessions.find_session(knock.org, knock.token)
    asked = knock.request.path_params
    if session is None:
        return _bad_token(knock)
    if (asked["org"], asked["user"]) != (ORG_ID, session.user_id):
        return Response("Wrong_Org" if asked["org"] != ORG_ID else "Bad_Id", status_code=403)
    username, name, first, last, email, is_active, kind, modified = _user(knock, session)
    return {
        "id": f"{knock.url}/id/{ORG_ID}/{session.user_id}",
        "asserted_user": True,
        "user_id": session.user_id,
        "organization_id": ORG_ID,
        "username": username,
        "nick_name": username.partition("@")[0],
        "display_name": name,
        "email": email,
        "email_verified": True,
        "first_name": first,
        "last_name": last,
        "timezone": "GMT",
        "active": bool(is_active),
        "user_type": kind,
        "language": "en_US",
        "locale": "en_US",
        "utcOffset": 0,
        "last_modified_date": modified,
        "urls": _urls(knock, session),
    }


def introspect(knock: Knock) -> dict[str, Any]:
    """Answer ``POST /services/oauth2/introspect``; times are seconds since 1970.

    Raises:
        GrantRefusal: If the app does not say who it is.
    """
    check_client(knock)
    token = knock.form.get("token", "")
    session = sessions.find_session(knock.org, token)
    kind = "access_token"
    if session is None:
        session, kind = sessions.find_refresh_token(knock.org, token), "refresh_token"
    if session is None:
        return {"active": False}
    issued = _seconds(session.issued_at)
    return {
        "active": True,
        "scope": session.scope,
        "client_id": CLIENT_ID,
        "username": _user(knock, session)[0],
        "sub": f"{knock.url}/id/{ORG_ID}/{session.user_id}",
        "token_type": kind,
        "exp": _seconds(session.expires_at),
        "iat": issued,
        "nbf": issued,
    }


def revoke(knock: Knock) -> Response:
    """Answer ``/services/oauth2/revoke``.

    Raises:
        GrantRefusal: If there is no such token.
    """
    token = knock.form.get("token", "")
    if not token:
        raise GrantRefusal("unsupported_token_type", "this token type is not supported")
    if not sessions.revoke(knock.org, token):
        raise GrantRefusal("invalid_token", "invalid token: " + token)
    return Response(status_code=200)


def discovery(knock: Knock) -> dict[str, Any]:
    """Answer ``/.well-known/openid-configuration``, as far as it is emulated: no ID tokens."""
    return {
        "issuer": knock.url,
        **{name: knock.url + path for name, path in _ENDPOINTS.items()},
        "scopes_supported": ["api", "full", "id", "offline_access", "refresh_token", "web"],
        "response_types_supported": ["code"],
        "grant_types_supported": [
            "authorization_code",
            "refresh_token",
            "client_credentials",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
        ],
        "code_challenge_methods_supported": ["S256"],
        "subject_types_supported": ["public"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
    }


def _bad_token(knock: Knock) -> Response:
    word = "Bad_OAuth_Token" if knock.token else "Missing_OAuth_Token"
    return Response(word, status_code=403, media_type="text/html;charset=UTF-8")


def _user(knock: Knock, session: Session) -> tuple[Any, ...]:
    row: tuple[Any, ...] = knock.org.db.execute(_USER, (session.user_id,)).fetchone()
    return row


def _urls(knock: Knock, session: Session) -> dict[str, str]:
    named = {name: path.replace("{user}", session.user_id) for name, path in _URLS.items()}
    return {name: knock.url + path for name, path in named.items()} | {
        "custom_domain": knock.url,
    }


def _seconds(at: str) -> int:
    return int(datetime.fromisoformat(at).timestamp())
