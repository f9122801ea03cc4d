"""Exits 0 when a path of this container answers 200: `healthcheck.py PATH [PORT]`, the service's port by default."""

from __future__ import annotations

import http.client
import os
import sys


def main(path: str, port: str = "") -> int:
    """0 for a 200 within three seconds, else 1."""
    connection = http.client.HTTPConnection("127.0.0.1", int(port or os.environ.get("BATON_PORT", "8000")), timeout=3)
    try:
        connection.request("GET", path)
        return int(connection.getresponse().status != 200)
    except (OSError, http.client.HTTPException):
        return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
