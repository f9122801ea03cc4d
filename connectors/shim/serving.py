"""Runs ASGI applications: the shim until it is interrupted, others in a thread for as long as a block lasts."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

_START_SECONDS = 15.0


@contextmanager
def served(app: Any, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve an application in a thread and give its URL; port 0 takes a free one. It stops with the block.

    Raises:
        OSError: The port is taken.
        RuntimeError: The application did not start.
    """
    with socket.create_server((host, port), reuse_port=False) as listener:
        config = uvicorn.Config(app, ws="none", log_level="warning", timeout_graceful_shutdown=2)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True, name="served")
        thread.start()
        try:
            _await_start(server, thread)
            yield f"http://{host}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=5)


def _await_start(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the server did not start")
        time.sleep(0.005)
