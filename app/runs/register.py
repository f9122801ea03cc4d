"""The register of runs: what the desk writes and reads, in threads of its own, so that busy runs do not hold it up."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from app.runs import states
from app.runs.repeats import Repeat, claim, forget, known_run
from app.runs.rows import stored_report
from app.runs.states import RunState, Status
from app.security.principal import Principal
from app.security.row_limits import sees
from app.store.crypto import Vault

T = TypeVar("T")


class Register:
    """Runs of every state, and the keys that stand for them.

    Args:
        engine: A migrated database, SQLite or PostgreSQL.
        clock: Gives the present instant, aware.
        keep_keys: How long an idempotency key stands for its run.
    """

    def __init__(
        self, engine: Engine, vault: Vault, *, clock: Callable[[], dt.datetime], keep_keys: dt.timedelta
    ) -> None:
        self._engine = engine
        self._vault = vault
        self._clock = clock
        self._keep_keys = keep_keys
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="runs")

    def now(self) -> dt.datetime:
        """The present instant."""
        return self._clock()

    async def announce(self, state: RunState, repeat: Repeat | None) -> str:
        """Write the run and its key in one transaction; the run that the key stands for, which may be another.

        Raises:
            ConflictError: The key came with another request before.
        """

        def write(connection: Connection) -> str:
            if repeat is not None:
                now = self._clock()
                standing = claim(connection, repeat, state.run_id, now=now, since=now - self._keep_keys)
                if standing != state.run_id:
                    return standing
            states.announce(connection, state)
            return state.run_id

        return await self._do(write)

    async def known(self, repeat: Repeat) -> str:
        """The run that the key stands for, or "".

        Raises:
            ConflictError: The key came with another request before.
        """
        return await self._do(lambda connection: known_run(connection, repeat, since=self._clock() - self._keep_keys))

    async def release(self, repeat: Repeat, run_id: str) -> None:
        """Let the key stand for no run, unless it stands for another by now."""
        await self._do(lambda connection: forget(connection, repeat, run_id))

    async def find(self, whose: Principal | RunState, run_id: str) -> RunState | None:
        """The person's run, or nothing; one asked under wider limits than a caller has now is none of theirs."""
        state = await self._do(
            lambda connection: states.find(connection, run_id, tenant=whose.tenant, person=whose.person)
        )
        hidden = state is not None and isinstance(whose, Principal) and not sees(whose, state.limits)
        return None if hidden else state

    async def report(self, principal: Principal, run_id: str) -> bytes | None:
        """The JSON of the run's report, or nothing."""
        return await self._in_thread(lambda: stored_report(self._engine, self._vault, principal, run_id))

    async def end(self, run_id: str, status: Status, error: Mapping[str, Any], last: RunState | None = None) -> str:
        """End a run unless it has ended; when it did by this, else "". `last` is how it stood, where that is known."""
        return await self._do(
            lambda connection: states.end(connection, run_id, status=status, error=error, now=self._clock(), last=last)
        )

    async def renew(self, changed: Sequence[RunState], working: Collection[str]) -> set[str]:
        """Write these states; which of the runs at work somebody else has ended."""

        def write(connection: Connection) -> set[str]:
            if changed:
                states.renew(connection, changed, self._clock())
            return states.given_up(connection, working)

        return await self._do(write)

    async def abandon(self, *, older: dt.timedelta, error: Mapping[str, Any]) -> int:
        """Mark as failed what nobody has renewed for so long; how many there were."""
        now = self._clock()
        return await self._do(lambda connection: states.abandon(connection, before=now - older, error=error, now=now))

    async def note_callback(self, run_id: str, callback: Mapping[str, Any]) -> None:
        """Keep what became of the notice of a run's end."""
        await self._do(lambda connection: states.note_callback(connection, run_id, callback))

    def close(self) -> None:
        """End the threads once what they are at is done."""
        self._threads.shutdown(wait=True)

    async def _do(self, work: Callable[[Connection], T]) -> T:
        def transaction() -> T:
            with self._engine.begin() as connection:
                return work(connection)

        return await self._in_thread(transaction)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)
