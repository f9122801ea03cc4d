"""Reads all sources at once, each in a thread of its own, and joins them into one payload."""

from __future__ import annotations

import asyncio
import contextvars
import datetime as dt
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from connectors.errors import ConnectorError, SourceRefusedError, SourceUnavailableError
from connectors.joining import Joined, Matching, join
from connectors.narrowing import Narrowing
from connectors.ports import ReadHistory
from connectors.reading import SourceRead, account_key, read_source
from connectors.records import Finding
from connectors.source_config import SourceConfig, leading_source
from connectors.source_quality import (
    duplicate_findings,
    joining_findings,
    matching_findings,
    reading_findings,
    unavailable,
)

_T = TypeVar("_T")
Clock = Callable[[], dt.datetime]
_EVERYTHING = Narrowing()


@dataclass(frozen=True)
class Failure:
    """A source that gave nothing, and why."""

    config: SourceConfig
    error: ConnectorError


@dataclass(frozen=True)
class Pulled:
    """A payload document from the sources; its text form shows no record, as task and log messages may hold it.

    Attributes:
        document: A UnifiedPayload, JSON-ready, for `connectors.payload.read_payload`.
        findings: What is doubtful about the reading itself; the age of the data is judged with the payload.
        failed: Names of the sources that gave nothing.
        reads: What each of the others gave.
        matchings: How other systems' customers found their accounts.
    """

    document: dict[str, Any] = field(repr=False)
    findings: tuple[Finding, ...]
    failed: tuple[str, ...]
    reads: tuple[SourceRead, ...] = field(default=(), repr=False)
    matchings: tuple[Matching, ...] = field(default=(), repr=False)


async def pull(
    sources: Sequence[SourceConfig],
    *,
    as_of: dt.date,
    clock: Clock,
    timeout_seconds: float,
    narrowing: Narrowing = _EVERYTHING,
    history: ReadHistory | None = None,
) -> Pulled:
    """Read the sources and join them; all of it ends within about `timeout_seconds`.

    A source that fails is left out and told, unless it holds the accounts.

    Raises:
        SourceUnavailableError: The system that holds the accounts does not answer.
        SourceRefusedError: It answers no.
    """
    leading = leading_source(sources)
    tasks = _started(sources, leading, narrowing, clock, timeout_seconds)
    try:
        first = await tasks[sources.index(leading)]
        if isinstance(first, Failure):
            raise first.error
        results = await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
    return await asyncio.to_thread(joined_up, results, as_of=as_of, read_at=clock(), history=history)


async def read_all(
    sources: Sequence[SourceConfig], *, clock: Clock, timeout_seconds: float
) -> list[SourceRead | Failure]:
    """What each source gave, or why it gave nothing, in their order."""
    return await asyncio.gather(*_started(sources, leading_source(sources), _EVERYTHING, clock, timeout_seconds))


def joined_up(
    results: Sequence[SourceRead | Failure], *, as_of: dt.date, read_at: dt.datetime, history: ReadHistory | None
) -> Pulled:
    """The payload of readings of which the leading one succeeded."""
    reads = [result for result in results if isinstance(result, SourceRead)]
    failures = [result for result in results if isinstance(result, Failure)]
    name = leading_source([result.config for result in results]).name
    leading = next(read for read in reads if read.config.name == name)
    joined = join(reads, leading)
    kept = {account_key(account) for account in joined.accounts}
    findings = [
        *(unavailable(failure.config, failure.error.message) for failure in failures),
        *(
            finding
            for finding in _findings(reads, leading, joined, history, read_at)
            if finding.scope in kept or not finding.code.startswith("account.")
        ),
    ]
    document = {
        "schema_version": "1",
        "as_of": as_of.isoformat(),
        "sources": [_described(read, read_at) for read in reads],
        "accounts": joined.accounts,
    }
    failed = tuple(failure.config.name for failure in failures)
    return Pulled(document, tuple(findings), failed, tuple(reads), tuple(joined.matchings))


def _started(
    sources: Sequence[SourceConfig], leading: SourceConfig, narrowing: Narrowing, clock: Clock, timeout_seconds: float
) -> list[asyncio.Task[SourceRead | Failure]]:
    async def outcome(config: SourceConfig) -> SourceRead | Failure:
        wanted = narrowing if config is leading else _EVERYTHING

        def read() -> SourceRead:
            with closing(config.open(timeout_seconds=timeout_seconds, clock=clock)) as source:
                return read_source(config, source, wanted)

        try:
            return await asyncio.wait_for(_in_own_thread(read, f"source {config.name}"), timeout_seconds)
        except TimeoutError:
            message = f"{config.name} did not answer within {timeout_seconds:g} seconds: repeat later."
            return Failure(config, SourceUnavailableError(message))
        except (SourceUnavailableError, SourceRefusedError) as error:
            return Failure(config, error)
        except Exception as error:  # A plug-in may raise anything; one source's bug must not take the answer away.
            message = f"{config.name} failed unexpectedly ({type(error).__name__})."
            failure = SourceUnavailableError(message)
            failure.__cause__ = error
            return Failure(config, failure)

    return [asyncio.create_task(outcome(config)) for config in sources]


def _in_own_thread(work: Callable[[], _T], name: str) -> asyncio.Future[_T]:
    """The work in a thread that neither waits for others nor keeps the process from ending."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[_T] = loop.create_future()

    def settle(result: _T | None, error: Exception | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, failed = None, None
        try:
            result = work()
        except Exception as error:
            failed = error
        with suppress(RuntimeError):  # The loop may have ended before a late source.
            loop.call_soon_threadsafe(settle, result, failed)

    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(run,), name=name, daemon=True).start()
    return future


def _findings(
    reads: Sequence[SourceRead], leading: SourceRead, joined: Joined, history: ReadHistory | None, read_at: dt.datetime
) -> Iterator[Finding]:
    configs = {read.config.name: read.config for read in reads}
    for read in reads:
        yield from reading_findings(read, history, read_at)
        yield from duplicate_findings(read, read.parties, leading=read is leading)
        yield from duplicate_findings(read, read.customers, leading=False)
    for matching in joined.matchings:
        yield from matching_findings(matching, configs[matching.source])
    yield from joining_findings(joined, leading.config, configs)


def _described(read: SourceRead, read_at: dt.datetime) -> dict[str, Any]:
    """A source as the payload's envelope names it; one that is read live was extracted now."""
    extracted_at = (read.extracted_at or read_at).astimezone(dt.UTC)
    return {
        "name": read.config.name,
        "kind": read.config.kind,
        "extracted_at": extracted_at.replace(tzinfo=None).isoformat(timespec="seconds") + "Z",
        "max_age_days": read.config.max_age_days,
    }
