"""What a run lends its nodes: identity, clock, and the port through which progress leaves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from chains.models.run import ModelRun


@dataclass(frozen=True)
class Progress:
    """How far a stage has come: `done` of `total` items."""

    stage: str
    done: int
    total: int


def nobody_listens(_progress: Progress) -> None:
    """The event port of a run that nobody watches."""


@dataclass(frozen=True)
class RowLimits:
    """The only regions and segments a caller may see, in any case of letters; empty means no limit."""

    regions: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunContext:
    """One run: its ids, the day it runs on, whose accounts "mine" are, what its caller may see, who hears of its
    progress, and its models.

    Without models every step is answered by the built-in engine.
    """

    run_id: str
    thread_id: str
    correlation_id: str
    today: dt.date
    owner_ids: tuple[str, ...] = ()
    limits: RowLimits = RowLimits()
    on_event: Callable[[Progress], None] = nobody_listens
    models: ModelRun | None = None
