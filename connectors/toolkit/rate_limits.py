"""Counts a caller's requests, a minute at a time; where counting fails, requests pass."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from hashlib import sha256
from importlib.util import find_spec

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import ConfigurationError, StorageError

_WINDOW_SECONDS = 60
_TIMEOUT_SECONDS = 1.0
_PAUSE_SECONDS = 5.0
_MEMORY, _REDIS = "memory://", ("redis://", "rediss://")
_log = logging.getLogger("baton.rate")


class RateLimit:
    """So many requests a minute for every caller; a caller's minute begins with the first request.

    Args:
        requests_a_minute: 0 lifts the limit.
        storage: `memory://`, or `redis://host:6379` (`rediss://` with TLS) for several processes.

    Raises:
        ValueError: The storage is unknown, or the Redis client is not installed.
    """

    def __init__(self, requests_a_minute: int, *, storage: str = _MEMORY) -> None:
        self._item = RateLimitItemPerMinute(requests_a_minute) if requests_a_minute else None
        self._storage = _opened(storage)
        self._windows = FixedWindowRateLimiter(self._storage)
        self._counts_again_at = float("-inf")

    async def seconds_to_wait(self, *caller: str) -> int:
        """Count a request of the caller: 0 when it is within the limit, else after how many seconds one will be."""
        if self._item is None or time.monotonic() < self._counts_again_at:
            return 0
        # Callers are of any length and may hold what storages use between parts.
        key = sha256("\x1f".join(caller).encode()).hexdigest()
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                if await self._windows.hit(self._item, key):
                    return 0
                window = await self._windows.get_window_stats(self._item, key)
        except (StorageError, TimeoutError) as error:
            self._counts_again_at = time.monotonic() + _PAUSE_SECONDS
            _log.warning("Requests are not counted for now: the storage fails (%s).", type(error).__name__)
            return 0
        return min(_WINDOW_SECONDS, max(1, math.ceil(window.reset_time - time.time())))

    async def close(self) -> None:
        """Let go of connections."""
        if isinstance(self._storage, RedisStorage):
            await self._storage.bridge.storage.aclose()  # type: ignore[attr-defined]  # of its subclasses


def _opened(uri: str) -> MemoryStorage | RedisStorage:
    if uri == _MEMORY:
        return MemoryStorage(wrap_exceptions=True)
    if not uri.startswith(_REDIS):
        raise ValueError(f"requests are counted in {_MEMORY} or {' or '.join(_REDIS)}…")
    if find_spec("redis") is None:
        raise ValueError("counting in Redis needs the package redis (pip install redis)")
    try:
        return RedisStorage(f"async+{uri}", wrap_exceptions=True, implementation="redispy")
    except (ConfigurationError, ValueError):  # Their messages may repeat the address, with its password.
        raise ValueError("the address of the Redis storage is wrong; write redis://host:6379") from None
