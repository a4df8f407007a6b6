"""The JWT bearer flow: an app proves who it is with its key, and names the user it acts as."""

import base64
import binascii
import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate

from connectors.salesforce.sandbox.errors import GrantRefusal
from connectors.salesforce.sandbox.knocks import CLIENT_ID, Knock
from connectors.salesforce.sandbox.org import Org

AUDIENCES = ("https://login.salesforce.com", "https://test.salesforce.com")


def user_of(knock: Knock) -> str:
    """Give the id of the user that an assertion is for.

    Raises:
        GrantRefusal: If it proves nothing, is too old, or its user has not approved the app.
    """
    org = knock.org
    claims = _claims(org, knock.form.get("assertion", ""))
    if claims.get("iss") != CLIENT_ID:
        raise GrantRefusal("invalid_client_id", "client identifier invalid")
    if str(claims.get("aud", "")).rstrip("/") not in {*AUDIENCES, knock.url}:
        raise GrantRefusal("invalid_grant", "audience is invalid")
    if not _is_ahead(org, claims.get("exp")):
        raise GrantRefusal("invalid_grant", "expired authorization code")
    return _approved(org, str(claims.get("sub", "")))


def check_certificate(pem: str) -> None:
    """Check that a text is an RSA certificate or public key.

    Raises:
        ValueError: If it is not.
    """
    _key(pem)


def _claims(org: Org, assertion: str) -> dict[str, Any]:
    signed, _, signature = assertion.rpartition(".")
    try:
        header, claims = (json.loads(_decoded(part)) for part in signed.split("."))
        key = _key(org.setting("certificate", ""))
        key.verify(_decoded(signature), signed.encode(), PKCS1v15(), SHA256())
        return dict(claims) if header["alg"] == "RS256" else {}
    except (ValueError, TypeError, KeyError, InvalidSignature) as error:
        raise GrantRefusal("invalid_grant", "invalid assertion") from error


def _is_ahead(org: Org, expiry: object) -> bool:
    """Tell whether an assertion still counts; clients send the seconds as number or as text."""
    try:
        return float(str(expiry)) > org.clock.now().timestamp()
    except ValueError:
        return False


def _approved(org: Org, username: str) -> str:
    row = org.db.execute(
        'SELECT "Id", "IsActive" FROM "User" WHERE "Username" = ?', (username,)
    ).fetchone()
    if row is None or username not in org.setting("approved", ["integration@example.com"]):
        raise GrantRefusal("invalid_grant", "user hasn't approved this consumer")
    if not row[1]:
        raise GrantRefusal("inactive_user", "user is inactive")
    return str(row[0])


def _key(pem: str) -> RSAPublicKey:
    is_certificate = "BEGIN CERTIFICATE" in pem
    load = (
        load_pem_x509_certificate(pem.encode()).public_key()
        if is_certificate
        else load_pem_public_key(pem.encode())
    )
    if not isinstance(load, RSAPublicKey):
        raise ValueError("The certificate holds no RSA key.")  # noqa: TRY004 a wrong value it is
    return load


def _decoded(part: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error as error:
        raise ValueError from error
