"""The JWT bearer flow: what an app signs with its private key, to act as a user who approved it."""

import base64
import json

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from connectors._errors import Misconfigured
from connectors.salesforce.credentials import Credentials

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LASTS_S = 180
"""Salesforce takes none that lasts longer than five minutes; clocks differ."""


def assertion(credentials: Credentials, *, now_s: float) -> str:
    """Sign that the app acts as its user, for three minutes.

    Raises:
        Misconfigured: If the private key is none that can sign.
    """
    claims = {
        "iss": credentials.client_id,
        "sub": credentials.username,
        "aud": _audience(credentials.instance_url),
        "exp": int(now_s) + LASTS_S,
    }
    signed = f"{_encoded({'alg': 'RS256'})}.{_encoded(claims)}"
    signature = _key(credentials).sign(signed.encode(), PKCS1v15(), SHA256())
    return f"{signed}.{_base64(signature)}"


def _audience(instance_url: str) -> str:
    """Whom it is for: sandbox orgs sign in elsewhere."""
    is_sandbox = ".sandbox.my.salesforce.com" in instance_url
    return f"https://{'test' if is_sandbox else 'login'}.salesforce.com"


def _key(credentials: Credentials) -> RSAPrivateKey:
    secret = credentials.private_key
    try:
        found = load_pem_private_key(
            (secret.get_secret_value() if secret else "").encode(), password=None
        )
    except (ValueError, TypeError):  # no PEM, or one that wants a password; never show why
        found = None
    if not isinstance(found, RSAPrivateKey):
        raise Misconfigured(
            "The private key is no RSA key in PEM form without a password: enter the whole file, "
            "with its first and last line."
        )
    return found


def _encoded(part: dict[str, object]) -> str:
    return _base64(json.dumps(part, separators=(",", ":")).encode())


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
