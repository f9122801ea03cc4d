"""`baton serve` and `baton shim`: run until interrupted."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

from app.cli.processes import taken
from app.errors import RejectedError
from app.settings import Settings, load_settings
from chains.registry import workflows

if TYPE_CHECKING:
    from connectors.shim.settings import ShimSettings

_LOG = logging.getLogger(__name__)


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
    """Run the service; models that do not answer are said once in the log, while the service starts."""
    from app.bootstrap import open_store
    from app.main import create_app

    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for chatty in ("aiosqlite", "alembic", "httpx2", "httpcore2", "openai", "sse_starlette", "urllib3"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    for workflow in workflows().values():
        workflow.check()
    open_store(settings)[0].dispose()  # A wrong store is said in one line, not by the server's traceback.
    if settings.model_engine.enabled:
        threading.Thread(target=report_models, args=(settings,), name="models", daemon=True).start()
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_level=settings.log_level,
        server_header=False,
        date_header=False,
    )


def report_models(settings: Settings) -> None:
    """Ask every model in use one small question, and log which of them do not work."""
    from app.bootstrap import probed_routes

    for finding in asyncio.run(probed_routes(settings.model_engine)).values():
        if not finding.ok:
            _LOG.warning(
                "The model %s (route %s) does not work: %s. The next route of a step answers instead, or the built-in "
                "rules; see `baton doctor`.",
                finding.model,
                finding.route,
                finding.message,
            )


def shim_forever(*, config: Path | None, host: str, port: int | None, service: str, environ: Mapping[str, str]) -> None:
    """Run the shim as configured, or beside the sample organisation's systems; what is given wins over the file."""
    from connectors.shim.running import run
    from connectors.shim.settings import ShimSettings
    from connectors.shim.settings import load_settings as load_shim_settings

    if config is not None:
        run(_given(load_shim_settings(config, environ=environ), host=host, port=port, service=service))
        return
    from connectors.shim.demo_systems import demo_systems

    with (
        tempfile.TemporaryDirectory(prefix="baton-systems-") as systems_folder,
        demo_systems(Path(systems_folder), dt.datetime.now(dt.UTC).date()) as systems,
    ):
        settings = ShimSettings(systems.sources(), data_dir=load_settings().data_dir / "shim")
        run(_given(settings, host=host, port=port, service=service))


def _given(settings: ShimSettings, *, host: str, port: int | None, service: str) -> ShimSettings:
    """The settings with what the command line says in their places."""
    called = replace(settings.service, url=service.rstrip("/")) if service else settings.service
    return replace(
        settings,
        host=host or settings.host,
        port=settings.port if port is None else port,
        service=called,
    )
