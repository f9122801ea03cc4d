"""The composition root: the only place that wires the parts together."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from sqlalchemy import Engine

from app.errors import ConfigurationError
from app.runs.service import RunService
from app.settings import Settings
from app.store.crypto import Vault, key_from_file, key_from_text
from app.store.database import migrate, open_database
from chains.registry import workflows
from connectors.sample import organisation


def utc_now() -> dt.datetime:
    """The present instant."""
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True)
class Parts:
    """What the doors need: the settings, the store and a run service by workflow name."""

    settings: Settings
    engine: Engine
    vault: Vault
    clock: Callable[[], dt.datetime]
    services: Mapping[str, RunService]


def open_store(settings: Settings) -> tuple[Engine, Vault]:
    """The migrated database and the key that seals payloads and reports.

    Raises:
        ConfigurationError: The data directory cannot be written, or the key is unusable.
    """
    folder = settings.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigurationError(f"The data directory {folder} cannot be made: {error.strerror}.") from None
    text = settings.encryption_key.get_secret_value()
    key = key_from_text(text) if text else key_from_file(folder / "encryption.key")
    engine = open_database(settings.database_url or f"sqlite:///{(folder / 'baton.db').absolute()}")
    migrate(engine)
    return engine, Vault(key)


def sample_source(settings: Settings) -> Callable[[dt.date], Mapping[str, Any]] | None:
    """The sample organisation's payload by day, made once a day; None where it is switched off."""
    if not settings.sample.enabled:
        return None
    seed = settings.sample.seed

    @lru_cache(maxsize=2)
    def payload(as_of: dt.date) -> Mapping[str, Any]:
        document: Mapping[str, Any] = organisation(as_of, seed=seed).payload()
        return document

    return payload


@asynccontextmanager
async def open_parts(settings: Settings, *, clock: Callable[[], dt.datetime] = utc_now) -> AsyncIterator[Parts]:
    """Open the store and the conversation memory, and build a service for every workflow."""
    engine, vault = open_store(settings)
    memory: Path = settings.data_dir / "threads.db"
    async with AsyncSqliteSaver.from_conn_string(str(memory)) as saver:
        services = {
            name: RunService(
                workflow,
                workflow.build(saver, getattr(settings, name)),
                engine,
                vault,
                clock=clock,
                sample=sample_source(settings),
                concurrent_runs=settings.limits.concurrent_runs,
            )
            for name, workflow in workflows().items()
        }
        try:
            yield Parts(settings=settings, engine=engine, vault=vault, clock=clock, services=services)
        finally:
            engine.dispose()
