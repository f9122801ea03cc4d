"""The nodes of the churn graph: each reads the state, does one thing, and returns only what changed.

Nodes are plain functions; the graph runs them in a worker thread when the portfolio is large.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import msgspec
import pandas as pd
from langgraph.runtime import Runtime

from chains.churn.case import assess_case
from chains.churn.config import ChurnConfig
from chains.churn.drafting import check_case, draft_case
from chains.churn.drivers import Explainer
from chains.churn.next_steps import default_playbook, matched_plays, next_steps
from chains.churn.planner import plan_question, vocabulary_of
from chains.churn.portfolio import build_portfolio
from chains.churn.reading import read_recent, reading_frame, reads_since
from chains.churn.report import package_report, remember
from chains.churn.risk import RiskTable, score, worth_reading
from chains.churn.scoring import penalty_by_row
from chains.churn.selection import in_scope, rank, scope_of
from chains.churn.signals import add_readings, compute_signals
from chains.churn.state import Case, ChurnContext, ChurnState, Readings, Retrieved
from chains.churn.unscored import set_aside
from chains.churn.visibility import earlier, is_limited, seen_by
from chains.context import Progress
from chains.errors import InvalidQuestionError
from chains.grounding.names import NameIndex
from connectors.payload import read_payload
from connectors.quality import assess, confidence_penalty

CHUNK = 100
_T = TypeVar("_T")
_R = TypeVar("_R")


def check_request(request: Mapping[str, Any], config: ChurnConfig) -> None:
    """Refuse what can never be answered.

    Raises:
        InvalidQuestionError: The question is too long.
    """
    if len(str(request.get("question") or "")) > config.max_question_chars:
        raise InvalidQuestionError(f"The question is longer than {config.max_question_chars:,} characters; shorten it.")


def retrieve(state: ChurnState, runtime: Runtime[ChurnContext]) -> ChurnState:
    """Read the payload leniently and judge it as of its day."""
    request, context = state["request"], runtime.context
    check_request(request, context.config)
    read = read_payload(request["payload"], max_accounts=context.config.max_accounts)
    as_of = dt.date.fromisoformat(request["as_of"]) if request.get("as_of") else read.payload.as_of or context.run.today
    seen = seen_by(read.payload.accounts, context.run.limits)
    assessed = assess(msgspec.structs.replace(read.payload, accounts=seen.accounts), as_of)
    everyone = [*assessed.payload.accounts, *seen.withheld]
    tell_progress(runtime, "retrieve", read.received, read.received)
    return {
        "retrieved": Retrieved(
            payload=assessed.payload,
            rejected=read.rejected,
            defects=(*read.findings, *assessed.findings, *request.get("findings", ())),
            received=read.received,
            masker=context.masker(everyone),
            everyone=everyone,
            withheld=len(seen.withheld),
            # Nobody knows whose region an unread account would be.
            set_aside=()
            if is_limited(context.run.limits)
            else set_aside(request["payload"], read.rejected, read.payload.accounts),
        )
    }


def plan(state: ChurnState, runtime: Runtime[ChurnContext]) -> ChurnState:
    """Turn the question, and what the conversation remembers, into a typed plan."""
    retrieved, run = state["retrieved"], runtime.context.run
    accounts = retrieved.payload.accounts
    previous, previous_ids = earlier(state.get("memory"), accounts, run.limits)
    try:
        planned = plan_question(
            state["request"]["question"],
            vocabulary_of(accounts, run.owner_ids, retrieved.set_aside),
            as_of=as_of_day(state),
            config=runtime.context.config,
            previous=previous,
            previous_account_ids=previous_ids,
        )
    except (OverflowError, ValueError) as error:
        raise InvalidQuestionError("The question names a day out of range; name one between 2000 and 2100.") from error
    tell_progress(runtime, "plan", 1, 1)
    return {"plan": planned}


def filter_accounts(state: ChurnState, runtime: Runtime[ChurnContext]) -> ChurnState:
    """Find the accounts that the plan is about, and count why the others are not."""
    scope = scope_of(state["retrieved"].payload.accounts, state["plan"], runtime.context.config)
    tell_progress(runtime, "filter", len(scope.rows), len(scope.active))
    return {"scope": scope}


def signals(state: ChurnState, runtime: Runtime[ChurnContext]) -> ChurnState:
    """Compute every signal over all active accounts, so that a score does not depend on who else was asked for."""
    portfolio = build_portfolio(state["scope"].active, as_of_day(state))
    computed = compute_signals(portfolio)
    tell_progress(runtime, "signals", portfolio.size, portfolio.size)
    return {"portfolio": portfolio, "signals": computed}


def risk(state: ChurnState, runtime: Runtime[ChurnContext]) -> ChurnState:
    """Score every active account before any ticket is read."""
    table = computed_risk(state, runtime, state["signals"])
    tell_progress(runtime, "risk", len(state["scope"].rows), len(state["scope"].rows))
    return {"screened": table}


def read_ticket_texts(state: ChurnState, runtime: Runtime[ChurnContext]) -> ChurnState:
    """Read the recent tickets of the accounts that could still reach the threshold; nobody is lost by screening."""
    scope, threshold = state["scope"], state["plan"].min_probability
    worth = worth_reading(state["screened"], runtime.context.scorecard, threshold or 0.0)
    rows = in_scope(scope.rows, worth)
    since = reads_since(as_of_day(state))
    readings = dict(
        zip(rows, _each(rows, lambda row: read_recent(scope.active[row], since), runtime, "read_tickets"), strict=True)
    )
    return {"readings": Readings(reading_frame(scope.active, readings), readings)}


def reason(state: ChurnState, runtime: Runtime[ChurnContext]) -> ChurnState:
    """Weigh what the tickets say with usage, billing and renewal; rank, and explain every account that is listed."""
    weighed = add_readings(state["signals"], state["readings"].frame, as_of_day(state))
    table = computed_risk(state, runtime, weighed)
    ranking = rank(state["scope"], table, state["plan"], runtime.context.config)
    judged: ChurnState = {**state, "signals": weighed, "risks": table, "ranking": ranking}
    explainer = Explainer(state["portfolio"], weighed, table, runtime.context.scorecard)
    cases = _each(ranking.rows, lambda row: assess_case(row, judged, explainer), runtime, "reason")
    return {"signals": weighed, "risks": table, "ranking": ranking, "cases": cases}


def plan_next_steps(state: ChurnState, runtime: Runtime[ChurnContext]) -> ChurnState:
    """Find what to do for each account: the plays that a model chose among those that fit, else the most urgent."""
    playbook, as_of = default_playbook(), as_of_day(state)

    def advised(case: Case) -> Case:
        if not case.drivers:
            return case
        plays = matched_plays(case.found, case.account, as_of, playbook)
        return replace(case, plays=plays, steps=next_steps(case.chosen or plays, case.whys))

    return {"cases": _each(state["cases"], advised, runtime, "next_steps")}


def draft(state: ChurnState, runtime: Runtime[ChurnContext]) -> ChurnState:
    """Write an e-mail for each account where the question wants one, unless a model does."""
    models = runtime.context.run.models
    if not state["plan"].want_drafts or (models is not None and models.serves("write_email")):
        return {"cases": state["cases"]}
    alike: Counter[str] = Counter()
    most = runtime.context.config.max_drafts

    def written(case: Case) -> Case:
        return draft_case(case, state, alike) if alike.total() < most else case

    return {"cases": _each(state["cases"], written, runtime, "draft")}


def check(state: ChurnState, runtime: Runtime[ChurnContext]) -> ChurnState:
    """Hold every draft against its facts and the policy; what is not supported blocks it."""
    if not state["plan"].want_drafts:
        return {"cases": state["cases"]}
    names = NameIndex(state["retrieved"].everyone)
    return {"cases": _each(state["cases"], lambda case: check_case(case, state, names), runtime, "check")}


def package(state: ChurnState, runtime: Runtime[ChurnContext]) -> ChurnState:
    """Put the report together, and keep what a follow-up question needs."""
    report = package_report(state, runtime.context)
    tell_progress(runtime, "package", len(report.accounts), len(report.accounts))
    return {"report": report, "memory": remember(report, state.get("memory"))}


def computed_risk(state: ChurnState, runtime: Runtime[ChurnContext], frame: pd.DataFrame) -> RiskTable:
    """The risk of every active account by these signals."""
    as_of, accounts = as_of_day(state), state["scope"].active
    horizon = state["plan"].horizon.to
    return score(
        frame,
        accounts=state["portfolio"].accounts,
        as_of=as_of,
        horizon_to=max(as_of, dt.date.fromisoformat(horizon)) if horizon else as_of,
        config=runtime.context.config,
        scorecard=runtime.context.scorecard,
        quality_penalty=penalty_by_row(
            accounts, confidence_penalty(state["retrieved"].defects, [account.account_id for account in accounts])
        ),
    )


def as_of_day(state: ChurnState) -> dt.date:
    """The day the payload was judged as of."""
    as_of = state["retrieved"].payload.as_of
    if as_of is None:
        raise ValueError("the payload was not judged as of a day")
    return as_of


def _each(items: Sequence[_T], work: Callable[[_T], _R], runtime: Runtime[ChurnContext], stage: str) -> list[_R]:
    """The work on every item in order, telling progress a chunk at a time."""
    done: list[_R] = []
    for start in range(0, len(items), CHUNK):
        done.extend(work(item) for item in items[start : start + CHUNK])
        tell_progress(runtime, stage, len(done), len(items))
    if not items:
        tell_progress(runtime, stage, 0, 0)
    return done


def tell_progress(runtime: Runtime[ChurnContext], stage: str, done: int, total: int) -> None:
    """Tell whoever listens how far a stage has come."""
    runtime.context.run.on_event(Progress(stage, done, total))
