"""Answers of models, sealed and kept by tenant and by digest of the masked request."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, Engine, Executable, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from app.errors import ConfigurationError
from app.store.batches import Batches
from app.store.crypto import Vault
from app.store.database import now_text
from app.store.tables import model_answers
from chains.models.answers import AnswerStore, KeptAnswer

_LOG = logging.getLogger(__name__)
_MOST_AT_ONCE = 500
REST_SECONDS = 30.0
"""How long nothing is reused or kept after the database failed."""

_INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(KeptAnswer)
ResultT = TypeVar("ResultT")


@dataclass(frozen=True)
class _Put:
    tenant: str
    key: str
    body: bytes


class SqlAnswers:
    """Kept answers of every tenant; `of(tenant)` is what a run may see of them.

    Reads and writes each have a thread, in which all that waits is done in one transaction. A database that fails or
    is slow never fails a run: it is said once, and for a while nothing is reused or kept.

    Args:
        engine: A migrated database, SQLite or PostgreSQL.
        vault: Seals every answer for its row.
        reuse_days: Answers older than this are not seen; 0 keeps nothing.
        clock: Gives the present instant, aware.
        seconds: Monotonic seconds.
        patience_seconds: How long a run waits for the database before it goes on without.
    """

    def __init__(
        self,
        engine: Engine,
        vault: Vault,
        *,
        reuse_days: int,
        clock: Callable[[], dt.datetime],
        seconds: Callable[[], float] = time.monotonic,
        patience_seconds: float = 5.0,
    ) -> None:
        self._engine = engine
        self._vault = vault
        self._reuse = dt.timedelta(days=reuse_days)
        self._clock = clock
        self._seconds = seconds
        self._patience_seconds = patience_seconds
        self._rests_until = float("-inf")
        self._warned = False
        self._gets = Batches(self._read, most=_MOST_AT_ONCE, name="answers-read")
        self._puts = Batches(self._write, most=_MOST_AT_ONCE, name="answers-write")

    def of(self, tenant: str) -> AnswerStore:
        """The tenant's own answers."""
        return _TenantAnswers(self, tenant)

    def close(self) -> None:
        """End the threads once what they are at is done."""
        self._gets.close()
        self._puts.close()

    async def get(self, tenant: str, key: str) -> KeptAnswer | None:
        """The answer, when there is one that is young enough and the database answers in time."""
        return await self._tried(lambda: self._gets.ask((tenant, key)))

    async def put(self, tenant: str, key: str, answer: KeptAnswer) -> None:
        """Keep the answer; it is committed when this returns, unless the database fails."""
        try:
            body = _ENCODER.encode(answer)
        except UnicodeEncodeError:  # Half a surrogate pair; one bad answer must not spoil the batch.
            return
        await self._tried(lambda: self._puts.ask(_Put(tenant, key, body)))

    async def _tried(self, ask: Callable[[], Awaitable[ResultT]]) -> ResultT | None:
        if not self._reuse or self._seconds() < self._rests_until:
            return None
        try:
            async with asyncio.timeout(self._patience_seconds):
                result = await ask()
        except (SQLAlchemyError, OSError) as error:  # A TimeoutError is an OSError.
            self._rest(error)
            return None
        self._warned = False
        return result

    def _rest(self, error: Exception) -> None:
        self._rests_until = self._seconds() + REST_SECONDS
        if not self._warned:
            self._warned = True
            _LOG.warning(
                "Answers of models are neither reused nor kept for now: the database failed (%s).", type(error).__name__
            )

    def _read(self, asked: Sequence[tuple[str, str]]) -> list[KeptAnswer | None]:
        found: dict[tuple[str, str], KeptAnswer] = {}
        oldest = now_text(self._clock() - self._reuse)
        with self._engine.connect() as connection:
            for tenant in {tenant for tenant, _ in asked}:
                query = select(model_answers.c.key, model_answers.c.body).where(
                    model_answers.c.tenant == tenant,
                    model_answers.c.key.in_(sorted({key for whose, key in asked if whose == tenant})),
                    model_answers.c.created_at >= oldest,
                )
                rows = connection.execute(query).all()
                found |= {(tenant, key): kept for key, body in rows if (kept := self._opened(tenant, key, body))}
        return [found.get(item) for item in asked]

    def _write(self, puts: Sequence[_Put]) -> list[None]:
        now = now_text(self._clock())
        bodies = {(put.tenant, put.key): put.body for put in puts}
        # In one order, so that two processes that write the same rows never wait for each other in a circle.
        rows = [
            {
                "tenant": tenant,
                "key": key,
                "created_at": now,
                "body": self._vault.seal(bodies[tenant, key], row=_row(tenant, key)),
            }
            for tenant, key in sorted(bodies)
        ]
        with self._engine.begin() as connection:
            connection.execute(upsert(self._engine.dialect.name), rows)
        return [None] * len(puts)

    def _opened(self, tenant: str, key: str, body: bytes) -> KeptAnswer | None:
        try:
            return _DECODER.decode(self._vault.open(body, row=_row(tenant, key)))
        except (ConfigurationError, msgspec.MsgspecError):  # Sealed with another key, or by another version.
            return None


class _TenantAnswers:
    """One tenant's share of the kept answers."""

    def __init__(self, answers: SqlAnswers, tenant: str) -> None:
        self._answers = answers
        self._tenant = tenant

    async def get(self, key: str) -> KeptAnswer | None:
        """The answer kept under that digest."""
        return await self._answers.get(self._tenant, key)

    async def put(self, key: str, answer: KeptAnswer) -> None:
        """Keep the answer."""
        await self._answers.put(self._tenant, key, answer)


def upsert(dialect: str) -> Executable:
    """Keeps a row; one that is there already is too old, or sealed with another key, or as good as this one."""
    insert: Any = _INSERTS[dialect](model_answers)
    fresh = {"created_at": insert.excluded.created_at, "body": insert.excluded.body}
    statement: Executable = insert.on_conflict_do_update(index_elements=["tenant", "key"], set_=fresh)
    return statement


def purge_answers(connection: Connection, before: dt.datetime) -> int:
    """Forget answers older than `before`; how many there were."""
    done = connection.execute(delete(model_answers).where(model_answers.c.created_at < now_text(before)))
    return int(done.rowcount)


def _row(tenant: str, key: str) -> str:
    return f"{tenant}/answer/{key}"
