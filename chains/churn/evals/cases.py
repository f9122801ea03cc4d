"""The cases that a model is tried on: an organisation, a question, and what must and must not come out."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field

from chains.churn.config import ChurnConfig
from chains.churn.evals.watching import Log, WatchedRun
from chains.churn.graph import ChurnAnswers
from chains.churn.schema import ChurnReport
from chains.context import RunContext


class Expected(BaseModel):
    """What must and must not come out for one account; `never` are texts that an attack wants to see somewhere."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: str = ""
    never: list[str] = Field(default_factory=list)


class Cases(BaseModel):
    """An organisation as a payload, the question asked of it, and what is expected by account."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    question: str
    as_of: str
    payload: dict[str, Any]
    expected: dict[str, Expected] = Field(default_factory=dict)


def read_cases(file: Path) -> Cases:
    """Cases out of a JSON file, gzip or not."""
    raw = file.read_bytes()
    return Cases.model_validate(orjson.loads(gzip.decompress(raw) if file.suffix == ".gz" else raw))


async def answered(cases: Cases, run: WatchedRun) -> tuple[ChurnReport, Log]:
    """The report on the cases' question by a watched run, and the log of what it asked."""
    context = RunContext(
        run_id="run_evals",
        thread_id="",
        correlation_id="",
        today=dt.date.fromisoformat(cases.as_of),
        models=run,
    )
    request = {"question": cases.question, "payload": cases.payload, "as_of": cases.as_of, "warnings": ()}
    config = ChurnConfig(max_drafts=max(1, len(cases.payload["accounts"])))
    report = await ChurnAnswers(None, config)(request, context, thread_key="evals")
    return report, run.log
