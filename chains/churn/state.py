"""The graph's state: values that live for one run, and the small memory that a conversation keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, TypedDict

import numpy as np
import numpy.typing as npt
import pandas as pd
from langgraph.channels import UntrackedValue

from chains.churn.config import ChurnConfig
from chains.churn.facts import FactBook
from chains.churn.findings import Finding
from chains.churn.next_steps import PlayMatch
from chains.churn.portfolio import Portfolio
from chains.churn.reasoning import Weighing
from chains.churn.risk import RiskTable
from chains.churn.schema import ChurnReport, Driver, NextStep, Plan
from chains.churn.scorecard import Scorecard
from chains.churn.tickets import TicketReading
from chains.context import RunContext
from chains.evidence import Check, Draft
from chains.privacy import Masker
from chains.steps import Allowance
from connectors.records import Account, Payload, Rejected
from connectors.records import Finding as DataDefect

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ChurnContext:
    """What the nodes are lent: the run, the settings, the scorecard, and what takes persons out of texts."""

    run: RunContext
    config: ChurnConfig
    scorecard: Scorecard
    masker: Callable[[Sequence[Account]], Masker] = Masker


@dataclass(frozen=True)
class Retrieved:
    """The payload as of its day, what was set aside, and what is wrong with the data.

    The payload holds what the caller may see. `everyone` adds the accounts that are withheld, for what must never be
    said: their persons are masked and their names kept out of texts like all others'. `set_aside` are ids and names of
    accounts that could not be read, for a caller who may see every account.
    """

    payload: Payload
    rejected: tuple[Rejected, ...]
    defects: tuple[DataDefect, ...]
    received: int
    masker: Masker
    everyone: Sequence[Account]
    withheld: int = 0
    set_aside: Sequence[tuple[str, str]] = ()

    @property
    def systems(self) -> dict[str, str]:
        """Name of the source by kind of system."""
        return {source.kind: source.name for source in self.payload.sources if source.kind and source.name}


@dataclass(frozen=True)
class Scope:
    """The accounts that are scored at all, which of them the question is about, and why the others are not."""

    active: Sequence[Account]
    rows: Rows
    excluded: Mapping[str, int]


@dataclass(frozen=True)
class Readings:
    """What the tickets said: a frame for the signals, and the readings by row.

    `disputed` names the tickets over which the built-in reader and the model part, `notices` those in which the model
    alone reads a notice of termination, `allowances` the repairs that an
    account may still cost.
    """

    frame: pd.DataFrame
    by_row: Mapping[int, Sequence[TicketReading]]
    disputed: Mapping[int, Sequence[str]] = field(default_factory=dict)
    notices: Mapping[int, Sequence[str]] = field(default_factory=dict)
    allowances: dict[int, Allowance] = field(default_factory=dict)


@dataclass(frozen=True)
class Ranking:
    """The accounts that answer the question, in the order asked for; `at_risk` counts before any cut by number."""

    rows: Sequence[int]
    early_warnings: frozenset[int]
    at_risk: Sequence[int]
    scored: int
    abstained: int
    left_out: int = 0


@dataclass(frozen=True)
class Case:
    """One listed account on its way through reasoning, next steps, draft and check; texts are masked.

    What a model made of it stands in `adjustment` (log-odds, applied), `chosen` and `whys` (plays in its order, reasons
    by play) and `assessed_by`; `review` says why a person should look.
    """

    row: int
    account: Account
    book: FactBook
    drivers: Sequence[Driver]
    readings: Sequence[TicketReading]
    found: Sequence[Finding] = ()
    weighed: Weighing = field(default_factory=Weighing)
    reasoning: str = ""
    plays: Sequence[PlayMatch] = ()
    steps: Sequence[NextStep] = ()
    draft: Draft | None = None
    variant: int = 0
    checks: Sequence[Check] = ()
    adjustment: float = 0.0
    review: str = ""
    chosen: Sequence[PlayMatch] = ()
    whys: Mapping[str, str] = field(default_factory=dict)
    assessed_by: str = ""


class Memory(TypedDict):
    """What a conversation keeps from its last answer; the only part of the state that is checkpointed."""

    run_id: str
    plan: dict[str, Any]
    account_ids: list[str]
    drafted_ids: list[str]


class ChurnState(TypedDict, total=False):
    """One run's values. Everything but `memory` is dropped when the run ends."""

    request: Annotated[Mapping[str, Any], UntrackedValue]
    retrieved: Annotated[Retrieved, UntrackedValue]
    plan: Annotated[Plan, UntrackedValue]
    scope: Annotated[Scope, UntrackedValue]
    portfolio: Annotated[Portfolio, UntrackedValue]
    signals: Annotated[pd.DataFrame, UntrackedValue]
    screened: Annotated[RiskTable, UntrackedValue]
    readings: Annotated[Readings, UntrackedValue]
    risks: Annotated[RiskTable, UntrackedValue]
    ranking: Annotated[Ranking, UntrackedValue]
    cases: Annotated[Sequence[Case], UntrackedValue]
    report: Annotated[ChurnReport, UntrackedValue]
    memory: Memory
