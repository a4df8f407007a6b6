"""Signing what is sent. Source: the Standard Webhooks specification, version 1.0.0, `v1`."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

PREFIX, SECRET_BYTES = "whsec_", 32


def new_secret() -> str:
    """Draw a secret, as subscribers are shown it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def headers(key: str, at: datetime, body: bytes, signers: Sequence[str]) -> Mapping[str, str]:
    """Prove whose a body is: its key and the moment are signed with it, by each secret."""
    at_s = str(int(at.timestamp()))
    said = b".".join((key.encode(), at_s.encode(), body))
    return {
        "webhook-id": key,
        "webhook-timestamp": at_s,
        "webhook-signature": " ".join(_signature(said, secret) for secret in signers),
    }


def _signature(said: bytes, secret: str) -> str:
    raw = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.new(raw, said, hashlib.sha256).digest()).decode()
