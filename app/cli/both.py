"""`make serve`: the service and the shim side by side, until interrupted."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from app.cli.processes import running, taken
from app.settings import load_settings
from connectors.shim.running import token_advice

SHIM_PORT = 8081


def main() -> None:
    """Run both; the logs stand in the data directory."""
    settings = load_settings()
    logs: Path = settings.data_dir
    logs.mkdir(parents=True, exist_ok=True)
    for port in (settings.port, SHIM_PORT):
        if taken(port):
            mend = "end what listens there" + (", or set BATON_PORT" if port == settings.port else "")
            print(f"Port {port} is taken; {mend}.", file=sys.stderr)
            sys.exit(1)
    service, shim = f"http://127.0.0.1:{settings.port}", f"http://127.0.0.1:{SHIM_PORT}"
    with (
        running(
            ["serve", "--port", str(settings.port)], url=f"{service}/readyz", log=logs / "service.log", settings={}
        ) as served,
        running(
            ["shim", "--port", str(SHIM_PORT), "--service", service],
            url=f"{shim}/livez",
            log=logs / "shim.log",
            settings={},
        ) as shimmed,
    ):
        for name, where in (
            ("dashboard", f"{service}/"),
            ("playground", f"{service}/churn/playground/"),
            ("API docs", f"{service}/docs"),
            ("shim", f"{shim}/ask (asks for a token)"),
        ):
            print(f"{name:<12}{where}")
        print(token_advice(shim, settings.data_dir / "shim"))
        print(f"Ctrl-C ends both; logs stand in {logs}/.", flush=True)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        try:
            served.wait()
            shimmed.wait()
        except KeyboardInterrupt:
            print("\nending", flush=True)


if __name__ == "__main__":
    main()
