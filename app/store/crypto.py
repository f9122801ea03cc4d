"""Encryption at rest: AES-256-GCM with the tenant and the row's id as associated data."""

from __future__ import annotations

import base64
import binascii
import os
import zlib
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.errors import ConfigurationError

_NONCE_BYTES = 12
_KEY_BYTES = 32
_FAST = 1


class Vault:
    """Compresses and encrypts bytes; what was sealed for one row opens for that row alone."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, data: bytes, *, row: str) -> bytes:
        """The bytes, compressed and encrypted for `row`."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, zlib.compress(data, _FAST), row.encode())

    def open(self, sealed: bytes, *, row: str) -> bytes:
        """The bytes again.

        Raises:
            ConfigurationError: The key is another one, or the row was changed.
        """
        try:
            return zlib.decompress(self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], row.encode()))
        except InvalidTag:
            raise ConfigurationError("A stored payload does not open with this encryption key.") from None


def key_from_text(text: str) -> bytes:
    """The 32 bytes of a base64 key.

    Raises:
        ConfigurationError: It is not base64 of 32 bytes.
    """
    try:
        key = base64.b64decode(text, altchars=b"-_" if "-" in text or "_" in text else None, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise ConfigurationError("BATON_ENCRYPTION_KEY must be base64 of 32 bytes (openssl rand -base64 32).")
    return key


def key_from_file(path: Path) -> bytes:
    """The key kept in a file that only its owner reads, made on first use."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return key_from_text(path.read_text(encoding="ascii").strip())
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(base64.b64encode(os.urandom(_KEY_BYTES)).decode())
        file.flush()
        os.fsync(file.fileno())
    return key_from_text(path.read_text(encoding="ascii").strip())
