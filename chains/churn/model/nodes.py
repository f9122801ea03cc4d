"""What a model adds to the nodes of the churn graph; each runs after the built-in engine, on the same typed values.

A node here reads the state that the built-in engine has filled, asks a model account by account, and replaces what
came out well. Where nothing did, the built-in value stands and the run notes why.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from langgraph.runtime import Runtime

from chains.churn.drafting import brief_of, checks_of, draft_case, minutes_of, options_of
from chains.churn.email import tell
from chains.churn.model.adjusting import bounded_adjustment, shifted
from chains.churn.model.planning import planned
from chains.churn.model.reading import Read, read_by_model
from chains.churn.model.reasoning import Reasoned, Risks, reason_by_model
from chains.churn.model.summarising import summarise_by_model
from chains.churn.model.writing import Letter, write_by_model
from chains.churn.next_steps import default_playbook, matched_plays
from chains.churn.nodes import as_of_day, computed_risk, tell_progress
from chains.churn.planner import vocabulary_of
from chains.churn.reading import reading_frame
from chains.churn.report import engine_of
from chains.churn.schema import Driver
from chains.churn.signals import add_readings
from chains.churn.state import Case, ChurnContext, ChurnState, Readings
from chains.churn.visibility import earlier
from chains.evidence import Check, Draft, Fact
from chains.grounding.names import NameIndex
from chains.models import ModelRun
from chains.steps import Allowance, Outcome, each

ADJUSTMENT = "model_adjustment"
# How many accounts may still come into a list of the first few once their tickets are read.
_LIKELY, _MORE = 2, 3


async def plan(state: ChurnState, runtime: Runtime[ChurnContext]) -> ChurnState:
    """Have a model read what the built-in planner left unread."""
    retrieved, run = state["retrieved"], runtime.context.run
    previous, previous_ids = earlier(state.get("memory"), retrieved.payload.accounts, run.limits)
    outcome = await planned(
        state["request"]["question"],
        vocabulary_of(retrieved.payload.accounts, run.owner_ids, retrieved.set_aside),
        as_of=as_of_day(state),
        config=runtime.context.config,
        previous=previous,
        previous_account_ids=previous_ids,
        masker=retrieved.masker,
        accounts=retrieved.everyone,
        models=_models(runtime),
    )
    return {"plan": outcome.value}


async def read_tickets(state: ChurnState, runtime: Runtime[ChurnContext]) -> ChurnState:
    """Read the tickets of the accounts that may be at risk once more, with a model."""
    models, scope, readings = _models(runtime), state["scope"], state["readings"]
    masker, as_of = state["retrieved"].masker, as_of_day(state)
    allowances: dict[int, Allowance] = {}

    async def read(row: int) -> Outcome[Read]:
        allowances[row] = Allowance()
        return await read_by_model(scope.active[row], readings.by_row[row], masker, as_of, models, allowances[row])

    rows = _worth_a_model(state, runtime)
    outcomes = await each(rows, read, at_once=_at_once(models), done=_telling(runtime, "read_tickets", rows))
    read_rows = {row: outcome.value for row, outcome in zip(rows, outcomes, strict=True)}
    by_row = {
        row: read_rows[row].readings if row in read_rows else built_in for row, built_in in readings.by_row.items()
    }
    counted = {
        row: read_rows[row].counted if row in read_rows else built_in for row, built_in in readings.by_row.items()
    }
    disputed = {row: read.disputed for row, read in read_rows.items() if read.disputed}
    frame = reading_frame(scope.active, counted)
    notices = {row: read.notices for row, read in read_rows.items() if read.notices}
    return {"readings": Readings(frame, by_row, disputed, notices, allowances)}


async def reason(state: ChurnState, runtime: Runtime[ChurnContext]) -> ChurnState:
    """Have a model weigh each listed account: explain it, choose among the fitting plays, correct within the bound."""
    models, as_of, masker = _models(runtime), as_of_day(state), state["retrieved"].masker
    names, playbook = NameIndex(state["retrieved"].everyone), default_playbook()
    allowances = state["readings"].allowances

    async def reasoned(case: Case) -> Case:
        if not _is_worth_a_model(case, state, models):
            return case
        outcome = await reason_by_model(
            case,
            _risks(case, state),
            matched_plays(case.found, case.account, as_of, playbook),
            state["readings"].disputed.get(case.row, ()),
            as_of=as_of,
            masker=masker,
            names=names,
            models=models,
            allowance=allowances.setdefault(case.row, Allowance()),
        )
        return _with_reasoning(case, outcome, state, runtime)

    cases = state["cases"]
    done = await each(cases, reasoned, at_once=_at_once(models), done=_telling(runtime, "reason", cases))
    return {"cases": _in_order(done, state)}


async def write_emails(state: ChurnState, runtime: Runtime[ChurnContext]) -> ChurnState:
    """Have a model write each mail; what does not stand on its facts after two repairs is written by the rules."""
    if not state["plan"].want_drafts:
        return {"cases": state["cases"]}
    models, names = _models(runtime), NameIndex(state["retrieved"].everyone)
    letters = _letters(state, runtime.context.config.max_drafts)

    async def written(entry: tuple[Case, Letter | Check | None]) -> Case:
        case, letter = entry
        if letter is None:
            return case
        if isinstance(letter, Check):
            return replace(case, checks=(letter,))
        if not _is_worth_a_model(case, state, models):
            return _by_rules(case, letter, state)
        return await _written(case, letter, state, names, models)

    telling = _telling(runtime, "draft", letters)
    return {"cases": await each(letters, written, at_once=_at_once(models), done=telling)}


def _letters(state: ChurnState, most: int) -> list[tuple[Case, Letter | Check | None]]:
    """What each case's mail is written from, in the order of the list; nothing beyond so many mails.

    The variant of a story is counted here, before any mail is begun, so that a run repeated varies alike.
    """
    alike: Counter[str] = Counter()
    playbook, options = default_playbook(), options_of(state["plan"])

    def letter(case: Case) -> Letter | Check | None:
        if not case.drivers or alike.total() >= most:
            return None
        brief = brief_of(case, state)
        if isinstance(brief, Check):
            return brief
        story = tell(brief, minutes_of(playbook))
        alike[story.key] += 1
        return Letter(brief, story, options, playbook, alike[story.key] - 1)

    return [(case, letter(case)) for case in state["cases"]]


async def summarise(state: ChurnState, runtime: Runtime[ChurnContext]) -> ChurnState:
    """Have a model write the paragraph above the list, on the built-in one's figures."""
    models, report, retrieved = _models(runtime), state["report"], state["retrieved"]
    outcome = await summarise_by_model(
        report.plan,
        report.totals,
        report.accounts,
        report.summary,
        models=models,
        as_of=as_of_day(state),
        mask=retrieved.masker.mask,
        names=NameIndex(retrieved.everyone),
    )
    engine = engine_of(state.get("cases", ()), models)
    return {"report": report.model_copy(update={"summary": outcome.value, "engine": engine})}


def _models(runtime: Runtime[ChurnContext]) -> ModelRun:
    models = runtime.context.run.models
    if models is None:
        raise ValueError("this run has no models")
    return models


def _at_once(models: ModelRun) -> int:
    """Twice as many accounts as calls: while the calls of some wait, others are made ready and checked."""
    return 2 * models.config.concurrency


def _telling(runtime: Runtime[ChurnContext], stage: str, items: Sequence[object]) -> Callable[[int], None]:
    return lambda done: tell_progress(runtime, stage, done, len(items))


def _worth_a_model(state: ChurnState, runtime: Runtime[ChurnContext]) -> list[int]:
    """The rows whose tickets a model reads: asked about, with tickets, not plainly healthy, and likely to be listed."""
    plan, by_row = state["plan"], state["readings"].by_row
    table = computed_risk(state, runtime, add_readings(state["signals"], state["readings"].frame, as_of_day(state)))
    least = 0.0 if plan.intent == "explain" else _models(runtime).config.read_from
    highest = np.maximum(table.churn_probability, table.renewal_risk)
    rows = [row for row, read in by_row.items() if read and highest[row] >= least and not table.abstained[row]]
    if plan.top_n and plan.sort == "risk":
        likely = sorted(rows, key=lambda row: -float(table.churn_probability[row]))[: _LIKELY * plan.top_n + _MORE]
        return [row for row in rows if row in set(likely)]
    return rows


def _is_worth_a_model(case: Case, state: ChurnState, models: ModelRun) -> bool:
    """Whether a model is asked about the account: it is judged, and not plainly healthy unless it is asked about."""
    risks = _risks(case, state)
    least = 0.0 if state["plan"].intent == "explain" else models.config.read_from
    return bool(case.drivers) and max(risks.probability, risks.renewal_risk) >= least


def _by_rules(case: Case, letter: Letter, state: ChurnState) -> Case:
    return draft_case(case, state, Counter({letter.story.key: letter.variant}))


def _risks(case: Case, state: ChurnState) -> Risks:
    table, row = state["risks"], case.row
    renewal_on = table.renewals["renewal_on"].iloc[row]
    return Risks(
        probability=float(table.churn_probability[row]),
        renewal_risk=float(table.renewal_risk[row]),
        horizon_to=table.horizon_to,
        renewal_on=None if pd.isna(renewal_on) else dt.date.fromisoformat(str(np.datetime64(renewal_on, "D"))),
    )


def _with_reasoning(case: Case, outcome: Outcome[Reasoned], state: ChurnState, runtime: Runtime[ChurnContext]) -> Case:
    if not outcome.model:
        return case
    reasoned, risks = outcome.value, _risks(case, state)
    adjustment = bounded_adjustment(
        reasoned.adjustment,
        risks.probability,
        risks.renewal_risk,
        bound=_models(runtime).config.adjustment_bound,
        edge=state["plan"].min_probability or runtime.context.config.at_risk_from,
    )
    drivers = case.drivers
    if adjustment.applied:
        drivers = [*drivers, _adjustment_driver(case, reasoned, adjustment.applied)]
    return replace(
        case,
        reasoning=reasoned.explanation,
        drivers=sorted(drivers, key=lambda driver: (-abs(driver.contribution), driver.signal)),
        adjustment=adjustment.applied,
        review=f"{adjustment.review} {reasoned.because}".strip() if adjustment.review else "",
        chosen=reasoned.plays,
        whys=reasoned.whys or {},
        assessed_by=outcome.model,
    )


def _adjustment_driver(case: Case, reasoned: Reasoned, applied: float) -> Driver:
    for fact_id in reasoned.fact_ids:
        kind, _, rest = fact_id.partition(":")
        ticket_id, _, field = rest.rpartition(":")
        ticket = next((one for one in case.account.tickets if one.ticket_id == ticket_id), None)
        if kind == "ticket" and field == "opened_at" and ticket is not None:
            case.book.cite("ticket", ticket_id, "opened_at", ticket.opened_at)
    known = {fact.fact_id for fact in case.book.all()}
    return Driver(
        signal=ADJUSTMENT,
        label="Judgement of the model",
        direction="raises" if applied > 0 else "lowers",
        contribution=applied,
        statement=reasoned.because,
        fact_ids=[fact_id for fact_id in reasoned.fact_ids if fact_id in known],
    )


def _in_order(cases: Sequence[Case], state: ChurnState) -> Sequence[Case]:
    """The cases by their corrected risk where the list is ordered by risk; those not judged stay last."""
    if state["plan"].sort != "risk" or not any(case.adjustment for case in cases):
        return cases
    table = state["risks"]
    warned = state["ranking"].early_warnings

    def key(case: Case) -> tuple[bool, bool, float]:
        risk = table.renewal_risk[case.row] if case.row in warned else table.churn_probability[case.row]
        corrected = shifted(float(risk), case.adjustment) if case.drivers else 0.0
        return not case.drivers, case.row in warned, -corrected

    return sorted(cases, key=key)


async def _written(case: Case, letter: Letter, state: ChurnState, names: NameIndex, models: ModelRun) -> Case:
    def built_in() -> Draft:
        return _by_rules(case, letter, state).draft or Draft()

    def checked(draft: Draft, facts: Mapping[str, Fact]) -> Sequence[Check]:
        return checks_of(case, draft, state, names, facts, letter.story)

    outcome = await write_by_model(
        letter,
        case.book,
        mask=lambda text: state["retrieved"].masker.mask(text, case.account.account_id),
        built_in=built_in,
        checked=checked,
        models=models,
        allowance=state["readings"].allowances.setdefault(case.row, Allowance()),
    )
    return replace(case, draft=outcome.value, variant=letter.variant)
