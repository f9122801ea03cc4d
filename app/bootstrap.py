"""The composition root: the only place that wires the parts together."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from app.errors import ConfigurationError
from app.runs.reading import Reader, SampleReader
from app.runs.rows import purge_payloads
from app.runs.service import RunModels, RunService
from app.settings import Settings
from app.store.answers import SqlAnswers, purge_answers
from app.store.crypto import Vault, key_from_file, key_from_text
from app.store.database import migrate, open_database
from chains.models import ModelGateway, ModelsConfig, RouteFinding
from chains.registry import workflows
from connectors.sample import organisation

_LOG = logging.getLogger(__name__)


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


def reader_of(settings: Settings) -> Reader | None:
    """What gathers accounts where a request brings none: the sample organisation, or None where it is switched off."""
    if not settings.sample.enabled:
        return None
    seed = settings.sample.seed

    @lru_cache(maxsize=2)
    def payload(as_of: dt.date) -> Mapping[str, Any]:
        document: Mapping[str, Any] = organisation(as_of, seed=seed).payload()
        return document

    return SampleReader(payload)


def purge(settings: Settings, engine: Engine, now: dt.datetime) -> None:
    """Forget payloads and kept answers that are older than the settings allow."""
    try:
        purge_payloads(engine, before=now - dt.timedelta(days=settings.retention.payload_days))
        with engine.begin() as connection:
            purge_answers(connection, now - dt.timedelta(days=settings.models.reuse_days))
    except SQLAlchemyError as error:
        _LOG.warning("Old payloads could not be purged (%s); the next start tries again.", type(error).__name__)


@asynccontextmanager
async def open_models(
    settings: Settings, engine: Engine, vault: Vault, clock: Callable[[], dt.datetime]
) -> AsyncIterator[RunModels | None]:
    """What gives each run its models, its tenant's kept answers beside them; None where no model is configured."""
    config = settings.model_engine
    if not config.enabled:
        yield None
        return
    answers = SqlAnswers(engine, vault, reuse_days=config.reuse_days, clock=clock)
    try:
        async with ModelGateway(config) as gateway:
            yield lambda tenant: gateway.run(answers.of(tenant), tenant)
    finally:
        answers.close()


async def probed_routes(config: ModelsConfig) -> dict[str, RouteFinding]:
    """What each route in use answers to one small question, by its name; nothing where no model is configured."""
    if not config.enabled:
        return {}
    async with ModelGateway(config) as gateway:
        return {finding.route: finding for finding in await gateway.probe()}


@asynccontextmanager
async def open_parts(settings: Settings, *, clock: Callable[[], dt.datetime] = utc_now) -> AsyncIterator[Parts]:
    """Open the store, the conversation memory and the models, and build a service for every workflow."""
    engine, vault = open_store(settings)
    memory: Path = settings.data_dir / "threads.db"
    purging = asyncio.create_task(asyncio.to_thread(purge, settings, engine, clock()))
    try:
        async with (
            AsyncSqliteSaver.from_conn_string(str(memory)) as saver,
            open_models(settings, engine, vault, clock) as models,
        ):
            services = {
                name: RunService(
                    workflow,
                    workflow.build(saver, getattr(settings, name)),
                    engine,
                    vault,
                    clock=clock,
                    reader=reader_of(settings),
                    models=models,
                    concurrent_runs=settings.limits.concurrent_runs,
                )
                for name, workflow in workflows().items()
            }
            yield Parts(settings=settings, engine=engine, vault=vault, clock=clock, services=services)
    finally:
        await purging
        engine.dispose()
