"""The composition root: the only place that wires the parts together."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from app.api.problems import problem_of
from app.errors import ConfigurationError
from app.runs.addresses import CallRules
from app.runs.callbacks import CallbackRules, Notices, Outside, signing_key
from app.runs.desk import Desk
from app.runs.executor import TaskExecutor
from app.runs.payloads import Uploads
from app.runs.reading import Reader, SampleReader
from app.runs.register import Register
from app.runs.repeats import purge_repeats
from app.runs.rows import purge_payloads, purge_runs
from app.runs.service import RunModels, RunService
from app.runs.sources_reader import SourcesReader
from app.security.principal import LOCAL
from app.settings import Settings
from app.source_settings import configured_sources
from app.store.answers import SqlAnswers, purge_answers
from app.store.crypto import Vault, key_from_file, key_from_text
from app.store.database import migrate, open_database
from app.store.source_reads import SqlReadHistory
from chains.models import ModelGateway, ModelsConfig, RouteFinding
from chains.registry import Places, Workflow, workflows
from connectors.sample import organisation

_LOG = logging.getLogger(__name__)
_PURGE_SECONDS = 3600.0


def utc_now() -> dt.datetime:
    """The present instant."""
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True)
class Parts:
    """What the doors need: the settings, the store, a run service by workflow name, and the desk over all of them."""

    settings: Settings
    engine: Engine
    vault: Vault
    clock: Callable[[], dt.datetime]
    services: Mapping[str, RunService]
    desk: Desk
    uploads: Uploads


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


def readers_of(
    settings: Settings, engine: Engine, clock: Callable[[], dt.datetime]
) -> Callable[[Workflow], Reader | None]:
    """What gathers a workflow's accounts where a request brings none.

    The configured sources do; without any the sample organisation, and nothing where that is switched off.

    Raises:
        InvalidSourceConfigError: The file that configures the sources is wrong.
    """
    if sources := configured_sources(settings):
        tenants = settings.pull.tenants or (settings.jwt.tenant or LOCAL.tenant,)

        def sources_reader(workflow: Workflow) -> Reader:
            def narrow(question: str, known: Places, today: dt.date) -> Places:
                return workflow.narrow(question, known, today, getattr(settings, workflow.name))

            return SourcesReader(
                sources,
                clock=clock,
                timeout_seconds=settings.pull.timeout_seconds,
                history=SqlReadHistory(engine),
                tenants=frozenset(tenants),
                narrow=narrow if settings.pull.filters_first else None,
            )

        return sources_reader
    sample = sample_reader(settings) if settings.sample.enabled else None
    return lambda _workflow: sample


def sample_reader(settings: Settings) -> Reader:
    """The sample organisation by day, made once a day."""
    seed = settings.sample.seed

    @lru_cache(maxsize=2)
    def payload(as_of: dt.date) -> Mapping[str, Any]:
        document: Mapping[str, Any] = organisation(as_of, seed=seed).payload()
        return document

    return SampleReader(payload)


def purge(settings: Settings, engine: Engine, now: dt.datetime) -> None:
    """Forget payloads, runs with their drafts, kept answers and idempotency keys older than the settings allow."""
    try:
        purge_payloads(engine, before=now - dt.timedelta(days=settings.retention.payload_days))
        with engine.begin() as connection:
            purge_runs(connection, before=now - dt.timedelta(days=settings.retention.report_days))
            purge_answers(connection, now - dt.timedelta(days=settings.models.reuse_days))
            purge_repeats(connection, now - dt.timedelta(hours=settings.retention.idempotency_hours))
    except SQLAlchemyError as error:
        _LOG.warning("Old data could not be purged (%s); it is tried again within the hour.", type(error).__name__)


@asynccontextmanager
async def purging(settings: Settings, engine: Engine, clock: Callable[[], dt.datetime]) -> AsyncIterator[None]:
    """Forget what is old, now and every hour."""
    stop = asyncio.Event()

    async def hourly() -> None:
        while not stop.is_set():
            await asyncio.to_thread(purge, settings, engine, clock())
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _PURGE_SECONDS)

    task = asyncio.create_task(hourly())
    try:
        yield
    finally:
        stop.set()
        await task


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


def callback_rules(settings: Settings) -> CallbackRules:
    """How notices of runs are signed and sent; an empty key sends none.

    Raises:
        ConfigurationError: The secret is not what it says it is.
    """
    callbacks = settings.callbacks
    hosts = frozenset(host.lower().rstrip(".") for host in callbacks.allow_hosts)
    return CallbackRules(
        key=signing_key(callbacks.secret.get_secret_value()),
        calls=CallRules(allow_private=callbacks.allow_private, allow_hosts=hosts),
        timeout_seconds=callbacks.timeout_seconds,
        attempts=callbacks.attempts,
    )


@asynccontextmanager
async def open_desk(
    settings: Settings,
    engine: Engine,
    vault: Vault,
    services: Mapping[str, RunService],
    *,
    clock: Callable[[], dt.datetime],
    outside: Outside,
) -> AsyncIterator[Desk]:
    """The desk at work; at the end its runs are marked as interrupted, never left as running."""
    limits = settings.limits
    keep_keys = dt.timedelta(hours=settings.retention.idempotency_hours)
    register = Register(engine, vault, clock=clock, keep_keys=keep_keys)
    notices = Notices(callback_rules(settings), register, clock=clock, outside=outside)
    executor = TaskExecutor(register, most=limits.concurrent_runs + limits.queued_runs, on_end=notices.ended)
    executor.open()
    try:
        yield Desk(services, register, executor, notices, explain=problem_of, most_accounts=limits.accounts)
    finally:
        await executor.close()
        await notices.close()
        await asyncio.to_thread(register.close)


@asynccontextmanager
async def open_parts(
    settings: Settings, *, clock: Callable[[], dt.datetime] = utc_now, outside: Outside | None = None
) -> AsyncIterator[Parts]:
    """Open the store, the conversation memory and the models, and build a service for every workflow.

    Args:
        clock: Gives the present instant, aware.
        outside: What callbacks use of the world; None is the real one.
    """
    engine, vault = open_store(settings)
    memory: Path = settings.data_dir / "threads.db"
    limits = settings.limits
    keep = dt.timedelta(days=settings.retention.payload_days)
    uploads = Uploads(engine, vault, clock=clock, most_accounts=limits.accounts, keep=keep)
    try:
        async with (
            purging(settings, engine, clock),
            AsyncSqliteSaver.from_conn_string(str(memory)) as saver,
            open_models(settings, engine, vault, clock) as models,
        ):
            reader = readers_of(settings, engine, clock)
            services = {
                name: RunService(
                    workflow,
                    workflow.build(saver, getattr(settings, name)),
                    engine,
                    vault,
                    clock=clock,
                    reader=reader(workflow),
                    models=models,
                    config=getattr(settings, name),
                    concurrent_runs=limits.concurrent_runs,
                )
                for name, workflow in workflows().items()
            }
            async with open_desk(settings, engine, vault, services, clock=clock, outside=outside or Outside()) as desk:
                yield Parts(
                    settings=settings,
                    engine=engine,
                    vault=vault,
                    clock=clock,
                    services=services,
                    desk=desk,
                    uploads=uploads,
                )
    finally:
        engine.dispose()
