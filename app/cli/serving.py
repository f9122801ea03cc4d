"""`baton serve` and `baton shim`: run until interrupted."""

from __future__ import annotations

import datetime as dt
import logging
import tempfile
from pathlib import Path

import uvicorn

from app.cli.processes import taken
from app.errors import RejectedError
from app.settings import Settings, load_settings


def serve_forever(*, host: str, port: int | None) -> None:
    """Run the service on the host and port given, else on the configured ones."""
    given: dict[str, object] = {}
    if host:
        given["host"] = host
    if port is not None:
        given["port"] = port
    settings = load_settings(**given)
    if settings.port and taken(settings.port):
        raise RejectedError(f"Port {settings.port} is taken; give another with --port.")
    serve(settings)


def serve(settings: Settings) -> None:
    """Run the service."""
    from app.main import create_app

    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_level=settings.log_level,
        server_header=False,
        date_header=False,
    )


def shim_forever(*, host: str, port: int, service: str) -> None:
    """Run the shim beside the sample organisation's systems."""
    from connectors.shim.demo_systems import demo_systems
    from connectors.shim.serving import run

    with (
        tempfile.TemporaryDirectory(prefix="baton-systems-") as folder,
        demo_systems(Path(folder), dt.datetime.now(dt.UTC).date()) as systems,
    ):
        run(systems.shim_settings(service), host=host, port=port)
