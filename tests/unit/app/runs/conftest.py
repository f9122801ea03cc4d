"""A desk over a real database, SQLite and PostgreSQL, and a workflow that answers when it is told to."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field
from sqlalchemy import Engine, delete

from app.api.problems import problem_of
from app.runs.addresses import CallRules
from app.runs.callbacks import CallbackRules, Notices, Outside
from app.runs.desk import Desk, Order
from app.runs.executor import TaskExecutor
from app.runs.register import Register
from app.runs.repeats import repeat_of
from app.runs.service import RunService
from app.security.principal import LOCAL, Principal
from app.store.crypto import Vault
from app.store.database import migrate, open_database
from app.store.tables import metadata
from chains.context import Progress, RunContext
from chains.registry import ProposedDraft, Workflow
from tests.postgres import new_database, postgres_server  # noqa: F401 - a fixture

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
PAYLOAD = {"schema_version": "1", "accounts": [{"account_id": "1"}]}
HOUR = dt.timedelta(hours=1)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> dt.datetime:
        return self.now


class Report(BaseModel):
    """A report with one account."""

    as_of: str = "2026-11-20"
    accounts: list[dict[str, Any]] = Field(default_factory=lambda: [{"account_id": "1"}])


@dataclass
class Answering:
    """A workflow's answers: each waits until it is released, and may fail."""

    release: asyncio.Event = field(default_factory=asyncio.Event)
    fails: Exception | None = None
    runs: list[RunContext] = field(default_factory=list)
    remembered: list[bool] = field(default_factory=list)

    async def __call__(
        self, request: Mapping[str, Any], run: RunContext, *, thread_key: str, remember: bool = True
    ) -> Report:
        self.runs.append(run)
        self.remembered.append(remember)
        run.on_event(Progress("risk", 1, 2))
        await self.release.wait()
        if self.fails is not None:
            raise self.fails
        run.on_event(Progress("package", 2, 2))
        return Report()


def drafts_of(_report: Any) -> list[ProposedDraft]:
    content = {"account_name": "A", "draft": {}, "facts": [], "placeholders": []}
    return [ProposedDraft(f"dft_{os.urandom(4).hex()}", "1", "retention", "awaiting_approval", "0" * 64, content)]


@dataclass
class Parts:
    desk: Desk
    register: Register
    executor: TaskExecutor


OpenDesk = Callable[..., AbstractAsyncContextManager[Parts]]


@pytest.fixture(scope="module")
def postgres_engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A migrated PostgreSQL database for the module's tests, who leave it empty."""
    with new_database(request.getfixturevalue("postgres_server")) as url:
        engine = open_database(url)
        migrate(engine)
        yield engine
        engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A migrated, empty database."""
    if request.param == "postgresql":
        engine = request.getfixturevalue("postgres_engine")
        yield engine
        with engine.begin() as connection:
            for table in metadata.sorted_tables:
                connection.execute(delete(table))
        return
    engine = open_database(f"sqlite:///{tmp_path / 'baton.db'}")
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_desk(engine: Engine, clock: Clock) -> OpenDesk:
    """Opens a desk as one process of the service has it; several share the database."""
    vault = Vault(bytes(32))

    @asynccontextmanager
    async def opened(answers: Answering, *, most: int = 100, concurrent: int = 8) -> AsyncIterator[Parts]:
        workflow = Workflow("churn", BaseModel, Report, lambda: None, lambda *_: answers, drafts_of, lambda: None)
        service = RunService(workflow, answers, engine, vault, clock=clock, reader=None, concurrent_runs=concurrent)
        register = Register(engine, vault, clock=clock, keep_keys=24 * HOUR)
        rules = CallbackRules(key=b"", calls=CallRules())
        notices = Notices(rules, register, clock=clock, outside=Outside())
        executor = TaskExecutor(register, most=most, on_end=notices.ended)
        executor.open()
        try:
            desk = Desk({"churn": service}, register, executor, notices, explain=problem_of, most_accounts=2)
            yield Parts(desk, register, executor)
        finally:
            await executor.close()
            await notices.close()
            register.close()

    return opened


def order(principal: Principal = LOCAL, *, key: str = "", payload: Any = None, **more: Any) -> Order:
    """An order of the same small question."""
    body = {"payload": PAYLOAD if payload is None else payload}
    repeat = repeat_of(principal, "/v1/churn/runs", key, body) if key else None
    return Order("churn", body, principal, "corr-1", repeat=repeat, **more)
