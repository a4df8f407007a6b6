"""Keeping secrets: credentials at rest, passwords, tokens; and what each role may do."""

import base64
import binascii
import hashlib
import hmac
import secrets
from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.errors import NotReady

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""The names a machine has for itself: whoever asks by another one may be led here by its owner."""

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


class Role(StrEnum):
    """What somebody may do here; each may do what those before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"
    OWNER = "owner"

    def may(self, needed: "Role") -> bool:
        """Whether this role is enough for what needs another."""
        return _ROLES.index(self) >= _ROLES.index(needed)


_ROLES = tuple(Role)


def new_token() -> str:
    """Draw what a browser, an invitation or a program shows: 32 random bytes."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What is kept of a token: enough to know it again, and of no use to whoever reads it."""
    return hashlib.sha256(token.encode()).hexdigest()


class Passwords:
    """Keeps passwords as argon2id does, slow to guess; one that nobody has takes as long."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._nobodys = self._hasher.hash(new_token())

    def keep(self, password: str) -> str:
        """What is kept of a password."""
        return self._hasher.hash(password)

    def is_right(self, kept: str, password: str) -> bool:
        """Whether this is the password; "" is kept of somebody who has none."""
        try:
            self._hasher.verify(kept or self._nobodys, password)
        except (VerificationError, InvalidHashError):
            return False
        return bool(kept)
