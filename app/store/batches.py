"""Collects what many coroutines ask at once and does it together in one thread hop."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")


class Batches(Generic[ItemT, ResultT]):
    """Group commit: while one batch is at work in its thread, the next one gathers.

    Args:
        work: Does a batch and gives one result an item, in order; runs in a thread of its own, one batch at a time.
        most: The largest batch.
        name: Of the thread.
    """

    def __init__(self, work: Callable[[Sequence[ItemT]], Sequence[ResultT]], *, most: int, name: str) -> None:
        self._work = work
        self._most = most
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        # Event loops come and go within a process; each one's items are gathered apart.
        self._gathering: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Gathering[ItemT, ResultT]]
        self._gathering = weakref.WeakKeyDictionary()

    async def ask(self, item: ItemT) -> ResultT:
        """The item's result, once its batch is done.

        Raises:
            Exception: Whatever the batch raised.
        """
        loop = asyncio.get_running_loop()
        gathering = self._gathering.get(loop)
        if gathering is None:
            gathering = self._gathering[loop] = _Gathering()
        answer: asyncio.Future[ResultT] = loop.create_future()
        gathering.waiting.append((item, answer))
        if gathering.task is None:
            gathering.task = loop.create_task(self._drain(gathering))
        return await answer

    def close(self) -> None:
        """End the thread when its batch is done."""
        self._thread.shutdown(wait=True)

    async def _drain(self, gathering: _Gathering[ItemT, ResultT]) -> None:
        try:
            while gathering.waiting:
                batch = gathering.waiting[: self._most]
                del gathering.waiting[: self._most]
                await self._settle(batch)
        finally:
            gathering.task = None

    async def _settle(self, batch: Sequence[tuple[ItemT, asyncio.Future[ResultT]]]) -> None:
        """Do a batch; somebody who gave up waiting gets no result, but what was to be kept is kept."""
        loop = asyncio.get_running_loop()
        results: Sequence[ResultT] = ()
        failure: Exception | None = None
        try:
            results = await loop.run_in_executor(self._thread, self._work, [item for item, _ in batch])
        except Exception as error:
            failure = error
        waiting = [answer for _, answer in batch]
        for number, answer in enumerate(waiting):
            if answer.done():
                continue
            if failure is not None:
                answer.set_exception(failure)
            else:
                answer.set_result(results[number])


class _Gathering(Generic[ItemT, ResultT]):
    """What one event loop has waiting, and the task that takes it away."""

    def __init__(self) -> None:
        self.waiting: list[tuple[ItemT, asyncio.Future[ResultT]]] = []
        self.task: asyncio.Task[None] | None = None
