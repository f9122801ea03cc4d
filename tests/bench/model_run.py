"""One payload through the graph with a chat model, in a process of its own; figures as JSON.

`python -m tests.bench.model_run turns FILE URL ROUNDS` takes turns with a bare client; `... memory FILE [URL]` looks at
the memory of one run.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.store.answers import SqlAnswers
from app.store.crypto import Vault
from app.store.database import migrate, open_database
from chains.churn.config import ChurnConfig
from chains.churn.graph import ChurnAnswers
from chains.churn.schema import ChurnReport
from chains.churn.workflow import WORKFLOW
from chains.context import RunContext
from chains.models import AnswerForm, ModelGateway, ModelRun, ModelsConfig, Route, single_route
from chains.models.client import Completion, Message
from connectors.decoding import decode_body
from tests.bench.payloads import AS_OF, payload_at_risk

QUESTION = "Which accounts are at risk of churn this quarter? Draft a retention email for each."
AT_ONCE = 32
_NAME, _KEY = "bench", "none"
_ENOUGH = 10**9
_WARM_UP = 40


@dataclass(frozen=True)
class Spent:
    """Wall and CPU seconds of this process."""

    wall: float
    cpu: float

    @classmethod
    def now(cls) -> Spent:
        """What was spent so far."""
        return cls(time.perf_counter(), time.process_time())

    def since(self, start: Spent) -> Spent:
        """What was spent since then."""
        return Spent(self.wall - start.wall, self.cpu - start.cpu)


class NotingGateway(ModelGateway):
    """The gateway; keeps what was asked, and what each call took in tokens."""

    def __init__(self, config: ModelsConfig) -> None:
        super().__init__(config)
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.asked: list[Sequence[Message]] = []
        self.input_tokens: list[int] = []

    async def complete(
        self, route: str, messages: Sequence[Message], form: type[AnswerForm], run: ModelRun
    ) -> Completion:
        """As the gateway does."""
        done = await super().complete(route, messages, form, run)
        self.asked.append(messages)
        self.input_tokens.append(done.input_tokens)
        return done


class Engine:
    """The graph with its models and its kept answers on disk, as the service has them."""

    def __init__(self, gateway: ModelGateway | None, store: SqlAnswers) -> None:
        self.gateway = gateway
        self._store = store
        self._answers = ChurnAnswers(None, ChurnConfig(max_drafts=_ENOUGH))

    async def answer(self, body: bytes, tenant: str) -> ChurnReport:
        """The report; a new tenant has no answers kept."""
        models = self.gateway.run(self._store.of(tenant), tenant) if self.gateway else None
        run = RunContext(run_id="run_bench", thread_id="", correlation_id="", today=AS_OF, models=models)
        request = {"question": QUESTION, "payload": decode_body(body), "as_of": "", "warnings": ()}
        return await self._answers(request, run, thread_key="bench")


@asynccontextmanager
async def engine(url: str, gateway_of: type[ModelGateway] = ModelGateway) -> AsyncIterator[Engine]:
    """The engine, warmed up as the service is and by one small run; without a URL the built-in one."""
    config = single_route(Route(model=_NAME, base_url=url, api_key=_KEY)).model_copy(
        update={"concurrency": AT_ONCE, "run_seconds": float(_ENOUGH), "run_tokens": _ENOUGH}
    )
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        database = open_database(f"sqlite:///{folder}/baton.db")
        migrate(database)
        store = SqlAnswers(
            database, Vault(bytes(32)), reuse_days=config.reuse_days, clock=lambda: dt.datetime.now(dt.UTC)
        )
        try:
            async with gateway_of(config) as gateway:
                made = Engine(gateway if url else None, store)
                WORKFLOW.warm()
                await made.answer(json.dumps(payload_at_risk(_WARM_UP, seed=2)).encode(), "warm-up")
                yield made
        finally:
            store.close()
            database.dispose()


async def turns(file: Path, url: str, rounds: int) -> dict[str, Any]:
    """The engine, then a bare `ChatOpenAI` gather of the very messages that it sent; as many times as asked."""
    body = file.read_bytes()
    async with engine(url, NotingGateway) as made:
        gateway: Any = made.gateway
        taken = []
        for number in range(rounds):
            gateway.forget()
            start = Spent.now()
            report = await made.answer(body, str(number))
            ours = Spent.now().since(start)
            bare = await bare_gather(gateway.asked, url)
            taken.append({"engine": ours.wall, "engine_cpu": ours.cpu, "bare": bare.wall, "bare_cpu": bare.cpu})
    return {
        "at_risk": report.totals.at_risk,
        "written": sum(one.draft.written_by != "rules" for one in report.accounts if one.draft),
        "degraded": len(report.engine.degraded),
        "calls": len(gateway.asked),
        "input_tokens": statistics.median(gateway.input_tokens),
        "most_input_tokens": max(gateway.input_tokens),
        "turns": taken,
    }


async def bare_gather(asked: Sequence[Sequence[Message]], url: str) -> Spent:
    """What the same messages cost a `ChatOpenAI` client without anything around it, as many at once."""
    from langchain_openai import ChatOpenAI

    slots = asyncio.Semaphore(AT_ONCE)
    model = ChatOpenAI(model=_NAME, base_url=url, api_key=_KEY, timeout=30, max_retries=0)

    async def call(messages: Sequence[Message]) -> str:
        async with slots:
            return str((await model.ainvoke(list(messages))).text)

    await asyncio.gather(*(call(messages) for messages in asked[:AT_ONCE]))
    gc.collect()
    gc.freeze()  # The collector need not walk through what the engine holds.
    start = Spent.now()
    await asyncio.gather(*(call(messages) for messages in asked))
    spent = Spent.now().since(start)
    gc.unfreeze()
    return spent


async def memory(file: Path, url: str) -> dict[str, float]:
    """Peak memory in MB of a process that makes one run, and the model calls of that run."""
    async with engine(url) as made:
        report = await made.answer(file.read_bytes(), "measured")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"calls": report.engine.llm_calls, "peak_mb": peak}


if __name__ == "__main__":
    what, path, *rest = sys.argv[1:]
    if what == "turns":
        print(json.dumps(asyncio.run(turns(Path(path), rest[0], int(rest[1])))))
    else:
        print(json.dumps(asyncio.run(memory(Path(path), rest[0] if rest else ""))))
