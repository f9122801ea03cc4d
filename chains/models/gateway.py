"""The process's models: one client a route, one concurrency limit, one retry layer."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt

from chains.errors import BusyModelError, ModelError
from chains.models.answers import AnswerStore, KeptAnswer
from chains.models.client import Completion, Message, ModelClient
from chains.models.config import ModelsConfig
from chains.models.run import ModelRun
from chains.models.structured import AnswerForm, holds

_FIRST_WAIT_SECONDS = 0.5
_LONGEST_WAIT_SECONDS = 8.0


class Greeting(AnswerForm):
    """The answer to a probe."""

    word: str


@dataclass(frozen=True)
class RouteFinding:
    """What trying a route showed; `seconds` of the one call, `method` how answers get their form."""

    route: str
    model: str
    ok: bool
    message: str
    method: str = ""
    seconds: float = 0.0


class ModelGateway:
    """Every configured model, within one event loop; close it when done.

    Args:
        config: The model engine's settings.
        clock: Monotonic seconds.
    """

    def __init__(self, config: ModelsConfig, clock: Callable[[], float] = time.monotonic) -> None:
        self.config = config
        self.under_way: dict[tuple[str, str], asyncio.Task[KeptAnswer]] = {}
        self._clock = clock
        self._clients = {
            name: ModelClient(route, clock, config.longest_wait_seconds) for name, route in config.routes.items()
        }
        self._slots = asyncio.Semaphore(config.concurrency)

    async def __aenter__(self) -> Self:
        """The gateway; clients connect when they are first needed."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give up what is under way, and close every client."""
        calls = list(self.under_way.values())
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        await asyncio.gather(*(client.aclose() for client in self._clients.values()))

    def run(self, store: AnswerStore, scope: str = "") -> ModelRun:
        """A run's own budgets and bill; its time starts now."""
        return ModelRun(self, store, scope, self._clock)

    async def complete(
        self, route: str, messages: Sequence[Message], form: type[AnswerForm], run: ModelRun
    ) -> Completion:
        """One answer of a route within the concurrency limit, tried again where the server is busy.

        Raises:
            ModelError: It did not answer, or the wait it asks for is too long.
        """
        client = self._clients[route]
        async with self._slots:
            try:
                done = await client.complete(messages, form)
            except BusyModelError as error:
                done = await self._again(client, messages, form, run, error)
        run.bill(route, done)
        return done

    async def _again(
        self,
        client: ModelClient,
        messages: Sequence[Message],
        form: type[AnswerForm],
        run: ModelRun,
        failed: BusyModelError,
    ) -> Completion:
        """The answer after waiting; the attempt that failed counts as the first of them.

        Retrying is set up only once it is needed, as it costs about as much as the call itself.
        """
        before = [failed]

        async def ask() -> Completion:
            if before:
                raise before.pop()
            return await client.complete(messages, form)

        retrying = AsyncRetrying(
            retry=retry_if_exception(lambda error: self._may_help(error, run)),
            wait=_wait_seconds,
            stop=stop_after_attempt(self.config.attempts),
            reraise=True,
        )
        return await retrying(ask)

    async def probe(self) -> list[RouteFinding]:
        """Ask every route in use one small question, and say what was found; for operators."""
        used = dict.fromkeys(name for names in (self.config.default, *self.config.steps.values()) for name in names)
        return list(await asyncio.gather(*(self._probed(name) for name in used)))

    async def _probed(self, name: str) -> RouteFinding:
        client, model = self._clients[name], self.config.routes[name].name
        started = self._clock()
        try:
            done = await client.complete(
                [("system", 'Answer with the word "ready".'), ("user", "Are you there?")], Greeting
            )
        except ModelError as error:
            return RouteFinding(name, model, False, error.message)
        if not holds(done.text, Greeting):
            return RouteFinding(name, model, False, "it answers, but never in the form asked for")
        return RouteFinding(name, model, True, "", client.method or "", self._clock() - started)

    def _may_help(self, error: BaseException, run: ModelRun) -> bool:
        if not isinstance(error, BusyModelError):
            return False
        wait = error.retry_after_seconds or 0.0
        return wait <= min(self.config.longest_wait_seconds, run.seconds_left())


def _wait_seconds(state: RetryCallState) -> float:
    """What the server asks for, else twice as long each time, with some chance so that not all come back at once."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, BusyModelError) and error.retry_after_seconds is not None:
        return error.retry_after_seconds + random.uniform(0, 0.1)
    return min(_LONGEST_WAIT_SECONDS, _FIRST_WAIT_SECONDS * 2.0 ** (state.attempt_number - 1)) * random.uniform(0.5, 1)
