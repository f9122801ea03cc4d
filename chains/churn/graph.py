"""The churn graph: retrieve, plan, filter, signals, risk, read tickets, reason, next steps, draft, check, package."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping
from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from chains.churn import nodes
from chains.churn.config import ChurnConfig
from chains.churn.schema import ChurnReport
from chains.churn.scorecard import default_scorecard
from chains.churn.state import ChurnContext, ChurnState
from chains.context import RunContext
from connectors.decoding import paused_collector

SMALL = 100
"""Accounts up to which a node is quicker than the hop to a thread (a few milliseconds on the event loop)."""

SMALL_RECORDS = 10_000

ROAD = (
    ("retrieve", nodes.retrieve),
    ("plan", nodes.plan),
    ("filter", nodes.filter_accounts),
    ("signals", nodes.signals),
    ("risk", nodes.risk),
    ("read_tickets", nodes.read_ticket_texts),
    ("reason", nodes.reason),
    ("next_steps", nodes.plan_next_steps),
    ("draft", nodes.draft),
    ("check", nodes.check),
    ("package", nodes.package),
)


def churn_graph(checkpointer: Any = None) -> CompiledStateGraph[Any, Any, Any, Any]:
    """The compiled graph; with a checkpointer a thread keeps its memory and nothing else."""
    graph = StateGraph(ChurnState, context_schema=ChurnContext)
    for name, node in ROAD:
        graph.add_node(name, _yielding(node))
    names = [name for name, _ in ROAD]
    graph.add_edge(START, names[0])
    for before, after in itertools.pairwise(names):
        if before != "plan":
            graph.add_edge(before, after)
    graph.add_conditional_edges("plan", _after_plan, ["filter", "package"])
    graph.add_edge(names[-1], END)
    return graph.compile(checkpointer=checkpointer)


def _yielding(node: Callable[[ChurnState, Runtime[ChurnContext]], ChurnState]) -> Any:
    """The node, run in a thread when its portfolio is large, so that it does not hold up the event loop."""

    async def run(state: ChurnState, runtime: Runtime[ChurnContext]) -> ChurnState:
        if _is_small(state["request"]["payload"].get("accounts")):
            return node(state, runtime)
        return await asyncio.to_thread(node, state, runtime)

    return run


def _is_small(accounts: Any) -> bool:
    """Whether so few records came that a node takes milliseconds."""
    if not isinstance(accounts, list) or len(accounts) > SMALL:
        return False
    parts = (part for account in accounts if isinstance(account, dict) for part in account.values())
    return sum(len(part) for part in parts if isinstance(part, list | str)) <= SMALL_RECORDS


def _after_plan(state: ChurnState, runtime: Runtime[ChurnContext]) -> str:
    """A question outside the job needs no account scored."""
    return "package" if state["plan"].intent == "help" else "filter"


class ChurnAnswers:
    """Answers churn questions with one compiled graph."""

    def __init__(self, checkpointer: Any, config: ChurnConfig) -> None:
        self._graph = churn_graph(checkpointer)
        self._config = config
        self._scorecard = default_scorecard()
        # Only the end of a run is worth a checkpoint: it holds the memory and nothing else.
        self._saving: dict[str, Any] = {"durability": "exit"} if checkpointer else {}

    async def __call__(self, request: Mapping[str, Any], run: RunContext, *, thread_key: str) -> ChurnReport:
        """The report on one request; the conversation under `thread_key` remembers its plan and its accounts."""
        context = ChurnContext(run=run, config=self._config, scorecard=self._scorecard)
        # A run makes millions of small objects and no garbage worth looking for before it ends.
        with paused_collector():
            state = await self._graph.ainvoke(
                {"request": request},
                config={"configurable": {"thread_id": thread_key}},
                context=context,
                **self._saving,
            )
        report: ChurnReport = state["report"]
        return report
