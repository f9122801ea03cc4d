"""Puts the report together from the run's state; everything in it is masked."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from hashlib import sha256

import numpy as np
import pandas as pd

from chains.churn.config import ChurnConfig
from chains.churn.drafting import could_be_long
from chains.churn.email.writer import WRITTEN_BY
from chains.churn.model.adjusting import shifted
from chains.churn.model.plan_form import repeats, words_of
from chains.churn.model.planning import NAMES_A_PERSON
from chains.churn.risk import band_of
from chains.churn.schema import (
    AccountRisk,
    ChurnReport,
    DataFinding,
    Degraded,
    Engine,
    Interval,
    MoneyAmount,
    Plan,
    RejectedAccount,
    Review,
    Totals,
)
from chains.churn.spoken import joined, spoken_day
from chains.churn.state import Case, ChurnContext, ChurnState, Memory, Ranking
from chains.churn.summary import summarise_answer
from chains.churn.unscored import why_unscored
from chains.churn.visibility import WITHHELD, is_limited, rights_in_words, told_findings
from chains.evidence import Draft
from chains.grounding import draft_digest
from chains.models import ModelRun
from chains.privacy.typed import without_typed_names
from connectors.quality import summarise
from connectors.records import Money

MOST_REJECTED_LISTED = 1_000
# A reason behind an unread phrase; a figure in brackets is the question's own.


def package_report(state: ChurnState, context: ChurnContext) -> ChurnReport:
    """The report of a run that has come to its end, or of a question outside the job."""
    retrieved, plan, run = state["retrieved"], state["plan"], context.run
    cases = state.get("cases", ())
    accounts = [_account(case, state, context) for case in cases]
    question, masked_plan = _asked(plan, state, rights_in_words(run.limits))
    limited = is_limited(run.limits)
    totals = _totals(state)
    listed = [account.account_id for account in accounts]
    return ChurnReport(
        run_id=run.run_id,
        thread_id=run.thread_id,
        correlation_id=run.correlation_id,
        as_of=str(retrieved.payload.as_of),
        question=question,
        plan=masked_plan,
        totals=totals,
        summary=plan.help_text
        if plan.intent == "help"
        else summarise_answer(
            plan,
            totals,
            accounts,
            retrieved.received,
            context.config.at_risk_from,
            why_unscored(plan, retrieved),
        ),
        accounts=accounts,
        rejected=[
            RejectedAccount(
                pointer=f"/payload{entry.pointer}",
                account_id="" if limited else entry.account_id,  # Nobody knows whose region it would be.
                message=entry.message,
            )
            for entry in retrieved.rejected[:MOST_REJECTED_LISTED]
        ],
        data_quality=[
            DataFinding(severity=finding.severity, scope=finding.scope, message=finding.message, count=finding.count)
            for finding in summarise(
                told_findings(retrieved.defects, retrieved.payload.accounts, run.limits), about=listed
            )
        ],
        engine=engine_of(cases, run.models),
        warnings=[*_warnings(state, cases, context.config), *(run.models.notes if run.models else ())],
    )


def remember(report: ChurnReport, earlier: Memory | None) -> Memory:
    """What the next question of the conversation needs; a question outside the job leaves the memory as it was."""
    if report.plan.intent == "help" and earlier is not None:
        return earlier
    return Memory(
        run_id=report.run_id,
        plan=report.plan.model_dump(mode="json"),
        account_ids=[account.account_id for account in report.accounts],
        drafted_ids=[account.account_id for account in report.accounts if account.draft.draft_id],
    )


def _asked(plan: Plan, state: ChurnState, rights: str) -> tuple[str, Plan]:
    """The question and the plan's own words, without persons however they were typed, and what the caller may see.

    Half a telephone number shows no masker what it is of: an unread part stays only where the masked question has it.
    """
    mask, accounts = state["retrieved"].masker.mask, state["retrieved"].everyone
    words = [state["request"]["question"], plan.horizon.label, *plan.assumptions, *plan.unanswered]
    question, label, *rest = without_typed_names([mask(text) for text in words], accounts)
    assumptions, unanswered = rest[: len(plan.assumptions)], rest[len(plan.assumptions) :]
    spoken = words_of(question)
    unanswered = list(dict.fromkeys(one if repeats(one, spoken) else NAMES_A_PERSON for one in unanswered))
    assumptions = [rights, *assumptions] if rights else assumptions
    horizon = plan.horizon.model_copy(update={"label": label})
    return question, plan.model_copy(update={"horizon": horizon, "assumptions": assumptions, "unanswered": unanswered})


def _totals(state: ChurnState) -> Totals:
    retrieved, scope, ranking = state["retrieved"], state.get("scope"), state.get("ranking")
    withheld = {WITHHELD: retrieved.withheld} if retrieved.withheld else {}
    if scope is None or ranking is None:
        counted = len(retrieved.payload.accounts)
        excluded = ({"not asked": counted} if counted else {}) | withheld
        return Totals(received=retrieved.received, rejected=len(retrieved.rejected), excluded=excluded)
    return Totals(
        received=retrieved.received,
        rejected=len(retrieved.rejected),
        excluded=dict(scope.excluded) | withheld,
        scored=ranking.scored,
        abstained=ranking.abstained,
        at_risk=len(ranking.at_risk),
        arr_at_risk=_revenue(scope.active[row].annual_recurring_revenue for row in ranking.at_risk),
    )


def _revenue(amounts: Iterable[Money | None]) -> list[MoneyAmount]:
    """Sums by currency, the largest first; nothing is converted."""
    sums: dict[str, float] = defaultdict(float)
    for money in amounts:
        if money is not None:
            sums[money.currency] += money.amount
    return [
        MoneyAmount(amount=round(total, 2), currency=currency)
        for currency, total in sorted(sums.items(), key=lambda item: -item[1])
    ]


def _account(case: Case, state: ChurnState, context: ChurnContext) -> AccountRisk:
    table, row, account = state["risks"], case.row, state["scope"].active[case.row]
    masker = state["retrieved"].masker
    abstained = bool(table.abstained[row])
    probability = float(table.churn_probability[row])
    renewal_on, days = table.renewals["renewal_on"].iloc[row], table.renewals["days_to_renewal"].iloc[row]
    money = account.annual_recurring_revenue

    def moved(value: float) -> float:
        return shifted(value, case.adjustment) if case.adjustment else value

    known = {
        "churn_probability": moved(probability),
        "computed_probability": probability,
        "model_adjustment": case.adjustment,
        "renewal_risk": moved(float(table.renewal_risk[row])),
        "early_warning": row in state["ranking"].early_warnings,
        "interval": Interval(low=moved(float(table.low[row])), high=moved(float(table.high[row]))),
        "base_log_odds": float(table.base_log_odds),
        "confidence": round(float(table.confidence[row]), 4),
        "drivers": list(case.drivers),
    }
    draft = _bound_draft(case, state["plan"], context.run.run_id)
    return AccountRisk(
        account_id=account.account_id,
        name=account.name,
        segment=account.segment,
        region=account.region,
        country=account.country,
        industry=account.industry,
        renewal_date="" if pd.isna(renewal_on) else str(np.datetime64(renewal_on, "D")),
        days_to_renewal=0 if pd.isna(days) else int(days),
        annual_recurring_revenue=MoneyAmount(amount=money.amount, currency=money.currency) if money else MoneyAmount(),
        band=band_of(moved(probability), context.config) if case.adjustment else str(table.band[row]),
        abstained=abstained,
        abstained_because=table.abstained_because[row],
        review=_review(case, state, abstained=abstained),
        facts=case.book.all(),
        reasoning=case.reasoning,
        next_steps=list(case.steps),
        draft=draft,
        placeholders=masker.placeholders(account.account_id),
        **({} if abstained else known),
    )


def engine_of(cases: Sequence[Case], models: ModelRun | None) -> Engine:
    """Which engine answered, what it cost, and where the built-in one had to step in."""
    if models is None:
        return Engine()
    usage = models.usage
    return Engine(
        assessor="model" if any(case.assessed_by for case in cases) else "rules",
        writer="model" if any(case.draft and case.draft.written_by != WRITTEN_BY for case in cases) else "rules",
        model_names=list(usage.model_names),
        prompt_versions=dict(usage.prompt_versions),
        llm_calls=usage.calls,
        reused_answers=usage.reused,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cost_usd=round(usage.cost_usd, 6),
        degraded=[
            Degraded(step=step, account_id=account_id, reason=reason)
            for step, account_id, reason in models.fallen_back()
        ],
    )


def _review(case: Case, state: ChurnState, *, abstained: bool) -> Review:
    reasons = ["Too little data to judge."] if abstained else []
    if disputed := state["readings"].disputed.get(case.row):
        reasons.append(_disputed_because(case, disputed, state["portfolio"].as_of))
    if notices := state["readings"].notices.get(case.row):
        reasons.append(_noticed_because(case, notices, state["portfolio"].as_of))
    reasons += [case.review] if case.review else []
    return Review(needed=bool(reasons), reason=" ".join(reasons))


def _disputed_because(case: Case, ticket_ids: Sequence[str], as_of: dt.date) -> str:
    return (
        f"The built-in reader hears the customer speak of leaving in the {_tickets_of(case, ticket_ids, as_of)}, "
        "the model does not; the score counts it."
    )


def _noticed_because(case: Case, ticket_ids: Sequence[str], as_of: dt.date) -> str:
    return (
        f"The model alone reads a notice of termination in the {_tickets_of(case, ticket_ids, as_of)}; "
        "see whether it is one before anybody confirms it."
    )


def _tickets_of(case: Case, ticket_ids: Sequence[str], as_of: dt.date) -> str:
    opened = {one.opened_at.date() for one in case.account.tickets if one.ticket_id in ticket_ids and one.opened_at}
    days = joined([spoken_day(day, as_of) for day in sorted(opened)]) if opened else "an unknown day"
    return f"ticket{'s' * (len(ticket_ids) > 1)} of {days}"


def _bound_draft(case: Case, plan: Plan, run_id: str) -> Draft:
    """The draft with its id and its digest, or an empty one with the check that failed."""
    if case.draft is None:
        return Draft(checks=list(case.checks))
    draft = case.draft.model_copy(update={"draft_id": f"{run_id.replace('run_', 'dft_', 1)}-{case.row:05d}"})
    cited = {fact_id for statement in draft.statements for fact_id in statement.fact_ids}
    facts = [fact for fact in case.book.all() if fact.fact_id in cited]
    digest = draft_digest(
        subject=draft.subject,
        body=draft.body,
        language=draft.language,
        to_contact_id=draft.to_contact_id,
        facts=facts,
        plan_digest=sha256(plan.model_dump_json().encode()).hexdigest(),
    )
    return draft.model_copy(update={"digest": digest})


def _warnings(state: ChurnState, cases: Sequence[Case], config: ChurnConfig) -> Iterable[str]:
    yield from state["request"].get("warnings", ())
    ranking: Ranking | None = state.get("ranking")
    if ranking is not None and ranking.left_out:
        yield f"{ranking.left_out} more accounts have too little data to be judged and are not listed."
    if state["plan"].want_drafts:
        drafted = sum(1 for case in cases if case.draft is not None)
        if drafted >= config.max_drafts and len(cases) > drafted:
            yield f"Only the first {config.max_drafts} accounts got a draft; narrow the question for the others."
        if state["plan"].length == "long" and not all(could_be_long(case, state) for case in cases if case.draft):
            yield "The built-in writer says what the facts support; a longer mail needs more facts."
    if len(state["retrieved"].rejected) > MOST_REJECTED_LISTED:
        unread = len(state["retrieved"].rejected)
        yield f"{unread:,} accounts could not be read; the first {MOST_REJECTED_LISTED:,} are listed."
