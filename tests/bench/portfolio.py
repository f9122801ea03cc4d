"""One payload through the graph in a process of its own: seconds for parse, score and package, and peak memory."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from pathlib import Path

from chains.churn.config import ChurnConfig
from chains.churn.graph import ChurnAnswers
from chains.churn.workflow import WORKFLOW
from chains.context import Progress, RunContext
from connectors.decoding import decode_body
from tests.bench.payloads import AS_OF, payload

QUESTION = "Which accounts are at risk of churn this quarter?"
_SCORED_AT, _PARSED_AT = "read_tickets", "retrieve"


def measure(file: Path) -> dict[str, float]:
    """Seconds by stage; the file is read from disk, and the report ends as JSON bytes."""
    answers = ChurnAnswers(None, ChurnConfig())  # type: ignore[call-arg]
    WORKFLOW.warm()  # As the service does when it starts; then one small question, so that every module is loaded.
    asyncio.run(_answer(answers, json.dumps(payload(50, seed=2)).encode(), {}))
    body = file.read_bytes()
    ended: dict[str, float] = {}
    start = time.perf_counter()
    report = asyncio.run(_answer(answers, body, ended))
    size = len(report.model_dump_json())
    end = time.perf_counter()
    return {
        "parse": ended[_PARSED_AT] - start,
        "score": ended[_SCORED_AT] - ended[_PARSED_AT],
        "package": end - ended[_SCORED_AT],
        "total": end - start,
        "listed": len(report.accounts),
        "report_kb": size / 1000,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


async def _answer(answers: ChurnAnswers, body: bytes, ended: dict[str, float]):  # type: ignore[no-untyped-def]
    def note(progress: Progress) -> None:
        ended[progress.stage] = time.perf_counter()

    document = decode_body(body)
    run = RunContext(run_id="run_bench", thread_id="", correlation_id="", today=AS_OF, on_event=note)
    request = {"question": QUESTION, "payload": document, "as_of": "", "warnings": ()}
    del document
    return await answers(request, run, thread_key="bench")


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]))))
