"""Baton's own processes, started and ended together: the service and the shim."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from app.errors import UnavailableError

START_SECONDS = 60.0


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def taken(port: int) -> bool:
    """Whether something listens on the loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(
    arguments: list[str], *, url: str, log: Path, settings: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `baton …` until the block ends; it counts as started once `url` answers.

    Raises:
        UnavailableError: It did not start; the log's last line says why.
    """
    environment = {**os.environ, **settings}
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command with our own arguments
            [sys.executable, "-m", "app.cli.main", *arguments], stdout=output, stderr=subprocess.STDOUT, env=environment
        )
    try:
        _await(process, url, log)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            if httpx.get(url, timeout=2.0, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    raise UnavailableError(f"A process did not start: {lines[-1] if lines else 'no output'}")
