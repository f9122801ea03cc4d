"""The answer in a paragraph, as one colleague would tell another."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence

from babel.dates import format_date

from chains.churn.risk import HORIZON
from chains.churn.schema import AccountRisk, MoneyAmount, Plan, Totals
from chains.churn.spoken import joined

_NAMED = 3
_REASONS = 3
_WEIGHTIEST = 5
_TELLING = 0.15

# What a signal that raises the risk means, as a reason among others; signals that mean the same share their words.
_REASON_OF_SIGNAL: Mapping[str, str] = {
    **dict.fromkeys(("usage_trend", "usage_year", "usage_momentum"), "fewer people use the product"),
    "dormant": "nobody has opened the product for weeks",
    "licence_use": "many paid seats are not used",
    **dict.fromkeys(("breadth", "breadth_trend"), "they use few features"),
    "depth_trend": "users do less than they did",
    "api_trend": "their systems call the API less",
    "ticket_load": "they open more tickets than usual",
    "severe_tickets": "they had serious incidents",
    **dict.fromkeys(("open_time", "unanswered_time"), "cases wait too long"),
    "resolution_time": "cases take long to close",
    "ticket_mood": "their tickets sound unhappy",
    "leave_intent": "they speak of leaving",
    "champion_gone": "their champion left",
    "contacts_gone": "their contacts left",
    "sponsor_silent": "their sponsor has been silent",
    "nps": "their survey answers are low",
    "payment": "they pay later than they used to",
    "dispute": "they dispute invoices",
    "contraction": "they gave back seats or spend",
    "auto_renewal": "their contract does not renew by itself",
    "notice_passed": "they can still give notice",
    "tenure": "they are young customers",
    "term": "a long term comes to its end",
}
_MILLION = 1_000_000


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
        f"{_name(account)} is not judged: {account.abstained_because}" if account.abstained
        else f"{_standing(account, plan)} {account.reasoning}"
        for account in accounts[:_NAMED]
    )  # fmt: skip


def _standing(account: AccountRisk, plan: Plan) -> str:
    by = (
        f"For {_name(account)} the chance of leaving by {_day(plan.horizon.to)} is {percent(account.churn_probability)}"
    )
    if account.renewal_risk - account.churn_probability < 0.01:  # They show the same.
        return f"{by}."
    return f"{by}, and {percent(account.renewal_risk)} by the renewal on {_day(account.renewal_date)}."


def _counted(plan: Plan, totals: Totals, accounts: Sequence[AccountRisk]) -> str:
    looked_at = totals.scored + totals.abstained
    if not looked_at:
        return "No account fits the question's filters."
    among = "The one account looked at" if looked_at == 1 else f"None of the {looked_at:,} accounts looked at"
    by = f"by {_day(plan.horizon.to)}" if plan.horizon.to else "soon"
    if not totals.at_risk:
        return f"{among} is {'not ' if looked_at == 1 else ''}likely to leave {by}."
    of_all = "The one account" if looked_at == 1 else f"{totals.at_risk:,} of the {looked_at:,} accounts"
    verb = "is" if totals.at_risk == 1 else "are"
    first = f"{of_all} looked at {verb} at risk of leaving {by}"
    named = _named(totals, accounts)
    worth = f"Together they are worth {_amounts(totals.arr_at_risk)} a year."
    if totals.at_risk == 1:
        worth = f"It is worth {_amounts(totals.arr_at_risk)} a year."
    return f"{first}{named}.{f' {worth}' if totals.arr_at_risk else ''}"


def _named(totals: Totals, accounts: Sequence[AccountRisk]) -> str:
    risky = [account for account in accounts if not account.abstained and not account.early_warning][:_NAMED]
    if not risky:
        return ""
    names = joined([f"{_name(account)} ({percent(account.churn_probability)})" for account in risky])
    return f", {names} first" if totals.at_risk > len(risky) else f": {names}"


def _early(accounts: Sequence[AccountRisk]) -> list[str]:
    warned = sum(1 for account in accounts if account.early_warning)
    if not warned:
        return []
    if warned == 1:
        return ["1 more is at risk only at a later renewal and is listed as an early warning."]
    return [f"{warned} more are at risk only at a later renewal and are listed as early warnings."]


def _why(accounts: Sequence[AccountRisk]) -> list[str]:
    judged = [account for account in accounts if account.early_warning or account.band in ("high", "critical")]
    reasons: Counter[str] = Counter()
    for account in judged:
        reasons.update(dict.fromkeys(_reasons_of(account), 1))
    common = [reason for reason, _ in reasons.most_common(_REASONS)]
    if len(judged) < 2 or not common:
        return []
    return [f"The commonest reasons: {joined(common)}."]


def _reasons_of(account: AccountRisk) -> list[str]:
    return [
        _REASON_OF_SIGNAL.get(driver.signal, driver.label[:1].lower() + driver.label[1:])
        for driver in account.drivers[:_WEIGHTIEST]
        if driver.contribution >= _TELLING and driver.signal != HORIZON
    ]


def _unknown(totals: Totals) -> list[str]:
    if not totals.abstained:
        return []
    return [f"{totals.abstained:,} {'has' if totals.abstained == 1 else 'have'} too little data to be judged."]


def _drafted(plan: Plan, accounts: Sequence[AccountRisk]) -> list[str]:
    if not plan.want_drafts or not accounts:
        return []
    waiting = sum(1 for account in accounts if account.draft.status == "awaiting_approval" and account.draft.draft_id)
    blocked = sum(1 for account in accounts if account.draft.status == "blocked" and account.draft.draft_id)
    text = f"{waiting or 'No'} {'draft waits' if waiting in (0, 1) else 'drafts wait'} for approval"
    if blocked:
        text += f", and {blocked} {'was' if blocked == 1 else 'were'} blocked by checks"
    return [f"{text}."]


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
    """The amounts by currency; nothing is converted, so the order says nothing of their worth."""
    return joined([f"{money.currency} {_rounded(money.amount)}".strip() for money in amounts])


def _rounded(amount: float) -> str:
    return f"{amount / _MILLION:,.2f} million" if amount >= _MILLION else f"{amount:,.0f}"


def _day(text: str) -> str:
    return format_date(dt.date.fromisoformat(text), "d MMMM yyyy", locale="en") if text else "the horizon"


def _name(account: AccountRisk) -> str:
    return account.name or account.account_id
