"""Sets of public keys (JWKS) by URL or file: read when needed, kept for a while, renewed when a key is missing."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from connectors.toolkit.tokens import KeysUnavailableError

RENEWED_AFTER_SECONDS = 600.0
"""How long a key set is used before it is read again, so that a withdrawn key ends."""
LEAST_PAUSE_SECONDS = 30.0
USABLE_FOR_SECONDS = 86_400.0
"""How long the last key set is used while nothing newer can be had."""
LARGEST_SET_BYTES = 512 * 1024
MOST_KEYS = 100
_TIMEOUT_SECONDS = 10.0
_LEAST_RSA_BITS = 2048
_log = logging.getLogger("baton.keys")


class KeySource(Protocol):
    """Reads the newest key set."""

    async def read(self) -> bytes:
        """The set's JSON.

        Raises:
            KeysUnavailableError: It cannot be had now.
        """
        ...

    def has_changed(self) -> bool:
        """Whether a cheap look says that the set is another than the one read last."""
        ...


class UrlKeys:
    """A key set served by the issuer over https (or http on loopback); redirects are not followed."""

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        if not is_safe_url(url):
            raise ValueError("a key set is read over https, or over http from this machine alone")
        self._url = url
        self._client = client

    async def read(self) -> bytes:
        """The set's JSON."""
        chunks, size = [], 0
        try:
            async with (
                asyncio.timeout(_TIMEOUT_SECONDS),
                self._client.stream(
                    "GET", self._url, follow_redirects=False, headers={"Accept": "application/json"}
                ) as answer,
            ):
                if answer.status_code != httpx.codes.OK:
                    raise KeysUnavailableError(f"The key set was answered with status {answer.status_code}.")
                async for chunk in answer.aiter_bytes():
                    chunks.append(chunk)
                    size += len(chunk)
                    if size > LARGEST_SET_BYTES:
                        raise KeysUnavailableError(f"The key set is larger than {LARGEST_SET_BYTES // 1024} kB.")
        except (httpx.HTTPError, TimeoutError) as error:
            raise KeysUnavailableError(f"The key set cannot be read ({type(error).__name__}).") from None
        return b"".join(chunks)

    def has_changed(self) -> bool:
        """Never known without asking."""
        return False


class FileKeys:
    """A key set in a file, read again when it was written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = (0, 0)

    async def read(self) -> bytes:
        """The set's JSON."""
        try:
            self._seen = self._stamp()
            if self._seen[1] > LARGEST_SET_BYTES:
                raise KeysUnavailableError(f"The key set is larger than {LARGEST_SET_BYTES // 1024} kB.")
            return await asyncio.to_thread(self._path.read_bytes)
        except OSError as error:
            raise KeysUnavailableError(f"The key set cannot be read ({type(error).__name__}).") from None

    def has_changed(self) -> bool:
        """Whether the file's time or size is another."""
        try:
            return self._stamp() != self._seen
        except OSError:
            return False

    def _stamp(self) -> tuple[int, int]:
        status = self._path.stat()
        return status.st_mtime_ns, status.st_size


class CachedKeys:
    """The usable keys of a source; read anew when old, when changed, and once in a while when a key is missing."""

    def __init__(self, source: KeySource, *, algorithms: Sequence[str], clock: Callable[[], float]) -> None:
        self._source = source
        self._algorithms = frozenset(algorithms)
        self._clock = clock
        self._keys: tuple[PyJWK, ...] = ()
        self._read_at = float("-inf")
        self._tried_at = float("-inf")
        self._attempts = 0
        self._failure: KeysUnavailableError | None = None
        self._one_reader = asyncio.Lock()

    async def matching(self, key_id: str | None, algorithm: str) -> PyJWK | None:
        """The key of that id and algorithm; without an id the only key of the algorithm.

        Raises:
            KeysUnavailableError: It is not known whether there is one.
        """
        if self._is_due():
            await self._renew()
        found = self._find(key_id, algorithm)
        if found is None and (self._may_try() or self._one_reader.locked()):
            await self._renew()
            found = self._find(key_id, algorithm)
        if found is None and self._failure is not None:
            raise self._failure
        return found

    async def read(self) -> int:
        """Read the set now; how many usable keys it has.

        Raises:
            KeysUnavailableError: It cannot be had, or has none.
        """
        await self._renew()
        if self._failure is not None:
            raise self._failure
        return len(self._keys)

    def _find(self, key_id: str | None, algorithm: str) -> PyJWK | None:
        if self._age(self._read_at) > USABLE_FOR_SECONDS:
            return None
        fitting = [key for key in self._keys if key.algorithm_name == algorithm]
        if key_id is None:
            return fitting[0] if len(fitting) == 1 else None
        return next((key for key in fitting if key.key_id == key_id), None)

    def _is_due(self) -> bool:
        if self._source.has_changed():
            return True
        return self._age(self._read_at) > RENEWED_AFTER_SECONDS and self._may_try()

    def _may_try(self) -> bool:
        return self._age(self._tried_at) >= LEAST_PAUSE_SECONDS

    def _age(self, instant: float) -> float:
        """Seconds since then; a clock that was set back makes everything old."""
        age = self._clock() - instant
        return age if age >= 0 else float("inf")

    async def _renew(self) -> None:
        """Read the source, one reader at a time; who waited meanwhile takes what was read."""
        before = self._attempts
        async with self._one_reader:
            if self._attempts != before:
                return
            self._tried_at = self._clock()
            try:
                self._keys = usable_keys(await self._source.read(), self._algorithms)
                self._read_at, self._failure = self._clock(), None
            except KeysUnavailableError as error:
                _log.warning("%s The keys known before stay in use for a day.", error)
                self._failure = error
            self._attempts += 1


def usable_keys(text: bytes, algorithms: frozenset[str]) -> tuple[PyJWK, ...]:
    """The public signature keys of a set whose algorithm is one of those allowed; every other entry is passed over.

    Raises:
        KeysUnavailableError: The text is no key set, or holds no such key.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise KeysUnavailableError("The key set is not JSON.") from None
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise KeysUnavailableError("The key set has no list `keys`.")
    keys = tuple(key for entry in entries[:MOST_KEYS] if (key := _key(entry)) and key.algorithm_name in algorithms)
    if not keys:
        raise KeysUnavailableError("The key set has no usable key.")
    return keys


def _key(entry: Any) -> PyJWK | None:
    """The entry as a public key for signatures; nothing when it is another, a weak or a published private one."""
    if not isinstance(entry, dict) or not all(isinstance(entry.get(name, ""), str) for name in ("kid", "alg", "kty")):
        return None
    operations = entry.get("key_ops", ["verify"])
    if entry.get("use", "sig") != "sig" or "d" in entry or not isinstance(operations, list):
        return None
    if "verify" not in operations:
        return None
    try:
        key = PyJWK(entry)
    except (PyJWTError, ValueError, TypeError, RecursionError):
        return None
    return None if isinstance(key.key, RSAPublicKey) and key.key.key_size < _LEAST_RSA_BITS else key


def is_safe_url(url: str) -> bool:
    """Whether keys may be read from there: https, or http on loopback."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(host)
    return parts.scheme == "http" and (host == "localhost" or _is_loopback(host))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
