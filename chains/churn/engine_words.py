"""Which engine answered, in the words of the report's readers."""

from __future__ import annotations

from chains.churn.schema import AccountRisk, ChurnReport, Engine

_STEPS = {
    "plan": "the question was read",
    "read_tickets": "tickets were read",
    "reason": "the risk was explained",
    "write_email": "the mail was written",
    "summarise": "the summary was written",
}


def answered_by(engine: Engine) -> str:
    """Who answered, and what it took."""
    if not engine.model_names:
        return "the built-in engine"
    if engine.assessor == engine.writer == "rules" and engine.llm_calls:
        asked = f"{engine.llm_calls:,} time{'' if engine.llm_calls == 1 else 's'}"
        return (
            f"the built-in engine ({', '.join(engine.model_names)} was asked {asked} and gave next to nothing of use)"
        )
    calls = f"{engine.llm_calls:,} call{'' if engine.llm_calls == 1 else 's'}"
    reused = f", {engine.reused_answers:,} answers known from before" if engine.reused_answers else ""
    tokens = f"{engine.input_tokens + engine.output_tokens:,} tokens"
    cost = f", ${engine.cost_usd:,.2f}" if engine.cost_usd >= 0.01 else ""
    return f"the built-in engine, with words by {', '.join(engine.model_names)} ({calls}{reused}, {tokens}{cost})"


def stepped_in(report: ChurnReport) -> list[str]:
    """Where the built-in engine stepped in for the model, a line each, accounts by name."""
    names = {account.account_id: account.name or account.account_id for account in report.accounts}
    return [
        f"Without the model, {_STEPS.get(one.step, one.step)}"
        f"{f' for {names.get(one.account_id, one.account_id)}' if one.account_id else ''}: {one.reason}"
        for one in report.engine.degraded
    ]


def written_by(account: AccountRisk) -> str:
    """Who wrote the account's draft."""
    return "the built-in writer" if account.draft.written_by == "rules" else account.draft.written_by
