"""The workflows there are: every folder of this room that has a `workflow.py` with a `WORKFLOW`."""

from __future__ import annotations

import datetime as dt
import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import BaseModel

import chains
from chains.context import RunContext


class Answers(Protocol):
    """A compiled graph: answers one run, keeping its thread's memory under `thread_key`."""

    async def __call__(
        self, request: Mapping[str, Any], run: RunContext, *, thread_key: str, remember: bool = True
    ) -> BaseModel:
        """The report on one request; with `remember` off the thread's memory is read and stays as it was."""
        ...


@dataclass(frozen=True)
class Places:
    """Regions and segments in canonical words; empty means all."""

    regions: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()


EVERYTHING = Places()


@dataclass(frozen=True)
class ProposedDraft:
    """A draft that a report proposes, with what a person needs to decide on it; `content` is JSON-ready."""

    draft_id: str
    account_id: str
    purpose: str
    status: str
    digest: str
    content: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Workflow:
    """A plug-in: typed request and report, and how to build what turns one into the other.

    `check()` holds the prompts against the code; `check_request(request, config)` refuses what can never be answered;
    `build(checkpointer, config)` compiles the graph; `proposed_drafts(report)` lists what waits for a person; `warm()`
    loads tables that the first question would otherwise wait for; `account_rows(report)` are a stored report's
    accounts, each with the fields of `AccountRow`; `narrow(question, known, today, config)` says which places a first
    question asks about.
    """

    name: str
    request_type: type[BaseModel]
    report_type: type[BaseModel]
    check: Callable[[], None]
    build: Callable[[Any, Any], Answers]
    proposed_drafts: Callable[[Any], Sequence[ProposedDraft]]
    warm: Callable[[], None]
    check_request: Callable[[Mapping[str, Any], Any], None] = lambda _request, _config: None
    account_rows: Callable[[bytes], list[dict[str, Any]]] = lambda _report: []
    narrow: Callable[[str, Places, dt.date, Any], Places] = lambda *_: EVERYTHING


def workflows() -> dict[str, Workflow]:
    """Every workflow by name."""
    found: dict[str, Workflow] = {}
    for package in pkgutil.iter_modules(chains.__path__):
        if package.ispkg and importlib.util.find_spec(f"chains.{package.name}.workflow"):
            workflow: Workflow = importlib.import_module(f"chains.{package.name}.workflow").WORKFLOW
            found[workflow.name] = workflow
    return found
