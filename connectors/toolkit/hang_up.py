"""Hangs up on a server that has fallen silent or trickles, where a driver would wait for ever."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class HangUp:
    """Shuts a connection's line down when its time is over, unless it is stopped before.

    It holds a duplicate of the line, so that it can never meet another one that was given the same number since.
    """

    def __init__(self, descriptor: int, seconds: float) -> None:
        self._line = socket.fromfd(descriptor, socket.AF_UNIX, socket.SOCK_STREAM)
        self._timer = threading.Timer(seconds, self._hang_up)
        self._timer.daemon = True
        self._timer.start()

    def stop(self) -> None:
        """Let the line be; may be called twice."""
        self._timer.cancel()
        self._timer.join()
        self._line.close()

    def _hang_up(self) -> None:
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)
        self._line.close()
