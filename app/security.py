"""Keeping secrets: credentials at rest, and the key that callers of the API show."""

import base64
import binascii
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.errors import NotReady

KEY_BYTES, NONCE_BYTES = 32, 12
_HOW = "run `tieline new-key` and set TIELINE_SECRET_KEY to what it prints"


def new_key() -> str:
    """Draw a new key for `Vault`: 32 random bytes as base64."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


class Vault:
    """Encrypts with AES-256-GCM; what is encrypted for one place cannot be read in another.

    Args:
        key: As `new_key` draws it.

    Raises:
        NotReady: If the key is missing or is no key.
    """

    def __init__(self, key: str) -> None:
        if not key:
            raise NotReady(f"TIELINE_SECRET_KEY is not set: {_HOW}.")
        try:
            raw = base64.b64decode(key, validate=True)
        except binascii.Error:
            raw = b""
        if len(raw) != KEY_BYTES:
            raise NotReady(f"TIELINE_SECRET_KEY is no key: {_HOW}.")
        self._cipher = AESGCM(raw)

    def seal(self, secret: bytes, place: str) -> bytes:
        """Encrypt a secret for one place (a table, a row and a column, say)."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """Decrypt what was sealed for this place.

        Raises:
            NotReady: If it was sealed with another key, for another place, or was changed.
        """
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())
        except InvalidTag as error:
            raise NotReady(
                "The stored credentials were encrypted with another key: "
                "set TIELINE_SECRET_KEY to the one they were stored with, or connect again."
            ) from error


def is_same(shown: str, expected: str) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(shown.encode(), expected.encode())
