"""The churn graph: retrieve, plan, filter, signals, risk, read tickets, reason, next steps, draft, check, package."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from chains.churn import nodes
from chains.churn.config import ChurnConfig
from chains.churn.model import nodes as model_nodes
from chains.churn.model.steps import check_steps
from chains.churn.schema import ChurnReport
from chains.churn.scorecard import default_scorecard
from chains.churn.state import ChurnContext, ChurnState
from chains.context import RunContext
from chains.privacy import Masker
from connectors.decoding import paused_collector
from connectors.records import Account

SMALL = 100
"""Accounts up to which a node is quicker than the hop to a thread (a few milliseconds on the event loop)."""

SMALL_RECORDS = 10_000

Node = Callable[[ChurnState, Runtime[ChurnContext]], ChurnState]
ModelNode = Callable[[ChurnState, Runtime[ChurnContext]], Awaitable[ChurnState]]


@dataclass(frozen=True)
class Stage:
    """One node: the built-in engine, and what a model adds where one is meant for the step named."""

    name: str
    built_in: Node
    step: str = ""
    by_model: ModelNode | None = None


ROAD = (
    Stage("retrieve", nodes.retrieve),
    Stage("plan", nodes.plan, "plan", model_nodes.plan),
    Stage("filter", nodes.filter_accounts),
    Stage("signals", nodes.signals),
    Stage("risk", nodes.risk),
    Stage("read_tickets", nodes.read_ticket_texts, "read_tickets", model_nodes.read_tickets),
    Stage("reason", nodes.reason, "reason", model_nodes.reason),
    Stage("next_steps", nodes.plan_next_steps),
    Stage("draft", nodes.draft, "write_email", model_nodes.write_emails),
    Stage("check", nodes.check),
    Stage("package", nodes.package, "summarise", model_nodes.summarise),
)


def churn_graph(checkpointer: Any = None) -> CompiledStateGraph[Any, Any, Any, Any]:
    """The compiled graph; with a checkpointer a thread keeps its memory and nothing else."""
    graph = StateGraph(ChurnState, context_schema=ChurnContext)
    for stage in ROAD:
        graph.add_node(stage.name, _yielding(stage))
    names = [stage.name for stage in ROAD]
    graph.add_edge(START, names[0])
    for before, after in itertools.pairwise(names):
        if before != "plan":
            graph.add_edge(before, after)
    graph.add_conditional_edges("plan", _after_plan, ["filter", "package"])
    graph.add_edge(names[-1], END)
    return graph.compile(checkpointer=checkpointer)


def _yielding(stage: Stage) -> Any:
    """The stage, its built-in engine in a thread when the portfolio is large, so that the event loop is not held up."""

    async def run(state: ChurnState, runtime: Runtime[ChurnContext]) -> ChurnState:
        small = _is_small(state["request"]["payload"].get("accounts"))
        update = stage.built_in(state, runtime) if small else await asyncio.to_thread(stage.built_in, state, runtime)
        models = runtime.context.run.models
        if stage.by_model is None or models is None or not models.serves(stage.step):
            return update
        return {**update, **await stage.by_model({**state, **update}, runtime)}

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
    """Answers churn questions with one compiled graph.

    Args:
        checkpointer: Keeps each conversation's memory, or None.
        config: The workflow's settings.
        masker: Makes what takes the persons of these accounts out of any text.
    """

    def __init__(
        self,
        checkpointer: Any,
        config: ChurnConfig,
        *,
        masker: Callable[[Sequence[Account]], Masker] = Masker,
    ) -> None:
        check_steps()
        self._graph = churn_graph(checkpointer)
        self._unsaved_graph = churn_graph() if checkpointer else self._graph
        self._config = config
        self._masker = masker
        self._scorecard = default_scorecard()
        # Only the end of a run is worth a checkpoint: it holds the memory and nothing else.
        self._saving: dict[str, Any] = {"durability": "exit"} if checkpointer else {}

    async def __call__(
        self, request: Mapping[str, Any], run: RunContext, *, thread_key: str, remember: bool = True
    ) -> ChurnReport:
        """The report on one request; the conversation under `thread_key` remembers its plan and its accounts.

        With `remember` off the conversation is known and stays as it was.
        """
        context = ChurnContext(run=run, config=self._config, scorecard=self._scorecard, masker=self._masker)
        config: Any = {"configurable": {"thread_id": thread_key}}
        # A run makes millions of small objects and no garbage worth looking for before it ends.
        with paused_collector():
            if remember:
                state = await self._graph.ainvoke({"request": request}, config=config, context=context, **self._saving)
            else:
                known = await self._memory(config)
                state = await self._unsaved_graph.ainvoke({"request": request, **known}, context=context)
        report: ChurnReport = state["report"]
        return report

    async def _memory(self, config: Any) -> dict[str, Any]:
        """What the conversation remembers, as the state that a run begins with."""
        if self._unsaved_graph is self._graph:
            return {}
        memory = (await self._graph.aget_state(config)).values.get("memory")
        return {"memory": memory} if memory else {}
