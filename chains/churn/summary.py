"""The answer in a paragraph, as one colleague would tell another."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from babel.dates import format_date

from chains.churn.risk import HORIZON
from chains.churn.schema import AccountRisk, MoneyAmount, Plan, Totals

_NAMED = 3
_REASONS = 3
_TELLING = 0.15


def summarise_answer(plan: Plan, totals: Totals, accounts: Sequence[AccountRisk], received: int) -> str:
    """Who is at risk, of how many, what is at stake, why mostly, and what waits for a person."""
    if received == 0:
        return "There were no accounts to look at."
    if plan.intent == "explain":
        return _explained(accounts, plan)
    sentences = [
        _counted(plan, totals, accounts),
        *_early(accounts),
        *_why(accounts),
        *_unknown(totals),
        *_drafted(plan, accounts),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _explained(accounts: Sequence[AccountRisk], plan: Plan) -> str:
    if not accounts:
        return "None of the accounts received is the one asked about."
    return " ".join(
        f"{_name(account)}: {account.abstained_because}" if account.abstained
        else f"{_name(account)}: {_standing(account, plan)} {account.reasoning}"
        for account in accounts[:_NAMED]
    )  # fmt: skip


def _standing(account: AccountRisk, plan: Plan) -> str:
    by = f"{percent(account.churn_probability)} to leave by {_day(plan.horizon.to)}"
    if account.renewal_risk - account.churn_probability < 0.01:  # noqa: PLR2004 - they show the same
        return f"{by}."
    return f"{by}, {percent(account.renewal_risk)} to leave at the renewal on {_day(account.renewal_date)}."


def _counted(plan: Plan, totals: Totals, accounts: Sequence[AccountRisk]) -> str:
    looked_at = totals.scored + totals.abstained
    if not looked_at:
        return "No account fits the question's filters."
    whose = "account" if looked_at == 1 else "accounts"
    by = f"by {_day(plan.horizon.to)}" if plan.horizon.to else "soon"
    if not totals.at_risk:
        return f"None of the {looked_at} {whose} looked at is likely to leave {by}."
    risky = [account for account in accounts if not account.abstained and not account.early_warning][:_NAMED]
    named = ", ".join(f"{_name(account)} ({percent(account.churn_probability)})" for account in risky)
    verb = "is" if totals.at_risk == 1 else "are"
    worth = f", worth {_amounts(totals.arr_at_risk)} a year" if totals.arr_at_risk else ""
    first = f"{totals.at_risk} of {looked_at} {whose} looked at {verb} at risk of leaving {by}{worth}"
    return f"{first}: {'first ' if totals.at_risk > len(risky) else ''}{named}." if named else f"{first}."


def _early(accounts: Sequence[AccountRisk]) -> list[str]:
    warned = sum(1 for account in accounts if account.early_warning)
    if not warned:
        return []
    look = "looks" if warned == 1 else "look"
    return [
        f"{warned} more {look} at risk only at a later renewal and {'is' if warned == 1 else 'are'} listed as early warning."
    ]


def _why(accounts: Sequence[AccountRisk]) -> list[str]:
    labels = Counter(
        driver.label
        for account in accounts
        for driver in account.drivers[:4]
        if driver.contribution >= _TELLING and driver.signal != HORIZON
    )
    common = [label[:1].lower() + label[1:] for label, _ in labels.most_common(_REASONS)]
    if len(accounts) < 2 or not common:
        return []
    return [f"The commonest reasons are {_joined(common)}."]


def _unknown(totals: Totals) -> list[str]:
    if not totals.abstained:
        return []
    return [f"{totals.abstained} {'has' if totals.abstained == 1 else 'have'} too little data to be judged."]


def _drafted(plan: Plan, accounts: Sequence[AccountRisk]) -> list[str]:
    if not plan.want_drafts:
        return []
    waiting = sum(1 for account in accounts if account.draft.status == "awaiting_approval" and account.draft.draft_id)
    blocked = sum(1 for account in accounts if account.draft.status == "blocked" and account.draft.draft_id)
    text = f"{waiting} {'draft waits' if waiting == 1 else 'drafts wait'} for approval"
    return [text + (f"; {blocked} blocked by checks." if blocked else ".")]


def percent(value: float) -> str:
    """A probability as a reader writes it; never 0% or 100%, which no estimate is."""
    return f"{min(99, max(1, round(value * 100)))}%"


def headline(account: AccountRisk) -> str:
    """An account's risk in a few words: within the period asked about, or at its later renewal."""
    if account.abstained:
        return "not scored"
    if account.early_warning:
        return f"early warning: {percent(account.renewal_risk)} at its renewal on {_day(account.renewal_date)}"
    return f"{percent(account.churn_probability)} ({account.band})"


def _amounts(amounts: Sequence[MoneyAmount]) -> str:
    return " and ".join(f"{money.amount:,.0f} {money.currency}".strip() for money in amounts)


def _day(text: str) -> str:
    return format_date(dt.date.fromisoformat(text), "d MMMM yyyy", locale="en") if text else "the horizon"


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _name(account: AccountRisk) -> str:
    return account.name or account.account_id
