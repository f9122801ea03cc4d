"""Every caller has a minute's worth of requests; where counting fails, requests pass."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from connectors.toolkit.rate_limits import RateLimit

_REDIS = shutil.which("redis-server")


async def waits(limit: RateLimit, *callers: tuple[str, ...]) -> list[int]:
    """The seconds that each caller in turn has to wait."""
    return [await limit.seconds_to_wait(*caller) for caller in callers]


async def test_requests_beyond_the_limit_wait_and_no_other_caller_does() -> None:
    limit = RateLimit(3)
    ada, eve = ("caller", "acme", "ada", "crm"), ("caller", "acme", "eve", "crm")
    assert await waits(limit, ada, ada, ada) == [0, 0, 0]
    assert 1 <= await limit.seconds_to_wait(*ada) <= 60
    assert await waits(limit, eve, eve, eve) == [0, 0, 0]


async def test_callers_whose_names_run_together_are_counted_apart() -> None:
    limit = RateLimit(1)
    assert await waits(limit, ("a", "bc"), ("ab", "c"), ("a/bc",), ("x" * 10_000,)) == [0, 0, 0, 0]


async def test_at_once_no_more_than_the_limit_pass() -> None:
    limit = RateLimit(5)
    told = await asyncio.gather(*(limit.seconds_to_wait("ada") for _ in range(50)))
    assert told.count(0) == 5


async def test_no_limit_counts_nothing() -> None:
    assert await waits(RateLimit(0), *[("ada",)] * 500) == [0] * 500


@pytest.mark.parametrize("uri", ["", "memory", "mongodb://127.0.0.1", "redis://:secret@127.0.0.1:port", "file:///x"])
def test_an_unknown_storage_is_refused_without_its_address(uri: str) -> None:
    with pytest.raises(ValueError, match="redis://") as caught:
        RateLimit(3, storage=uri)
    assert "secret" not in str(caught.value)


async def test_a_storage_that_does_not_answer_lets_requests_pass(caplog: pytest.LogCaptureFixture) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as gone:
        port = gone.getsockname()[1]
    limit = RateLimit(1, storage=f"redis://127.0.0.1:{port}")
    assert await waits(limit, ("ada",), ("ada",), ("ada",)) == [0, 0, 0]
    assert len([line for line in caplog.messages if "not counted" in line]) == 1
    await limit.close()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    """The URL of a Redis server of this test's own."""
    if _REDIS is None:
        pytest.skip("redis-server is not installed (apt-get install redis-server)")
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    arguments = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    with subprocess.Popen([_REDIS, *arguments], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            for line in server.stdout:
                if "Ready to accept connections" in line:
                    break
            yield f"redis://127.0.0.1:{port}"
        finally:
            server.terminate()


async def test_two_processes_count_together_in_redis(redis: str) -> None:
    here, there = RateLimit(2, storage=redis), RateLimit(2, storage=redis)
    assert await waits(here, ("ada",)) + await waits(there, ("ada",)) == [0, 0]
    assert 1 <= await here.seconds_to_wait("ada") <= 60
    assert 1 <= await there.seconds_to_wait("ada") <= 60
    await here.close()
    await there.close()
