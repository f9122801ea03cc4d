"""The answer in a paragraph, as one colleague would tell another."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence

from babel.dates import format_date

from chains.churn.config import ChurnConfig
from chains.churn.schema import AccountRisk, MoneyAmount, Plan, Totals
from chains.churn.spoken import joined

_NAMED = 3
_REASONS = 3
_WEIGHTIEST = 5
_TELLING = 0.15

# What a signal that raises the risk means, as a reason among others; signals that mean the same share their words.
# What an account simply is (segment, age, term) explains nothing that happened, so it is no reason.
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
    "notice_passed": "they can still give notice",
}
_MILLION = 1_000_000


def summarise_answer(
    plan: Plan,
    totals: Totals,
    accounts: Sequence[AccountRisk],
    received: int,
    at_risk_from: float = ChurnConfig.model_fields["at_risk_from"].default,
    unscored: Sequence[str] = (),
) -> str:
    """Who is at risk, of how many, what is at stake, why mostly, and what waits for a person.

    Args:
        at_risk_from: The probability that counts as at risk where the plan names none.
        unscored: Why accounts that the question names have no score.
    """
    if received == 0:
        return "There were no accounts to look at."
    if totals.rejected >= received:
        none = f"None of the {received:,} accounts could be read."
        return "The one account could not be read." if received == 1 else none
    if plan.intent == "explain":
        return _explained(accounts, plan, unscored)
    edge = plan.min_probability or at_risk_from
    scored = [account for account in accounts if not account.abstained]
    risky = sorted((a for a in scored if a.churn_probability >= edge), key=lambda a: -a.churn_probability)
    sentences = [
        *([] if unscored and not accounts else [_counted(plan, totals, accounts, risky)]),
        *unscored,
        *_why([*risky, *(account for account in scored if account.early_warning)]),
        *_unknown(totals),
        *_drafted(plan, accounts),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _explained(accounts: Sequence[AccountRisk], plan: Plan, unscored: Sequence[str]) -> str:
    if not accounts and not unscored:
        return "None of the accounts received is the one asked about."
    told = [
        f"{_name(account)} is not judged: {account.abstained_because}" if account.abstained
        else f"{_standing(account, plan)} {account.reasoning}"
        for account in accounts[:_NAMED]
    ]  # fmt: skip
    return " ".join([*told, *unscored])


def _standing(account: AccountRisk, plan: Plan) -> str:
    by = (
        f"For {_name(account)} the chance of leaving by {_day(plan.horizon.to)} is {percent(account.churn_probability)}"
    )
    if account.renewal_risk - account.churn_probability < 0.01:  # They show the same.
        return f"{by}."
    return f"{by}, and {percent(account.renewal_risk)} by the renewal on {_day(account.renewal_date)}."


def _counted(plan: Plan, totals: Totals, accounts: Sequence[AccountRisk], risky: Sequence[AccountRisk]) -> str:
    looked_at = totals.scored + totals.abstained
    if not looked_at:
        return f"No account fits the question's filters.{_unread(totals)}"
    by = f"by {_day(plan.horizon.to)}" if plan.horizon.to else "soon"
    warned = sum(1 for account in accounts if account.early_warning)
    if not totals.at_risk:
        return _calm(looked_at, warned, by)
    verb = "is" if totals.at_risk == 1 else "are"
    first = f"{_of_all(totals.at_risk, looked_at)} looked at {verb} at risk of leaving {by}"
    early = f" {warned} of the others {_early(warned, 'only at')}." if warned else ""
    return f"{first}{_named(plan, totals, risky)}.{_worth(totals)}{early}"


def _worth(totals: Totals) -> str:
    if not totals.arr_at_risk:
        return ""
    return f" {'It is' if totals.at_risk == 1 else 'Together they are'} worth {_amounts(totals.arr_at_risk)} a year."


def _of_all(at_risk: int, looked_at: int) -> str:
    if looked_at == 1:
        return "The one account"
    if at_risk == looked_at:
        return "Both accounts" if looked_at == 2 else f"All {looked_at:,} accounts"
    return f"{at_risk:,} of the {looked_at:,} accounts"


def _calm(looked_at: int, warned: int, by: str) -> str:
    """That nobody is likely to leave within the period; an early warning is among those looked at."""
    if looked_at == 1:
        later = f", but it {_early(1, 'at')}" if warned else ""
        return f"The one account looked at is not likely to leave {by}{later}."
    later = f", but {warned:,} of them {_early(warned, 'at')}" if warned else ""
    return f"None of the {looked_at:,} accounts looked at is likely to leave {by}{later}."


def _early(warned: int, when: str) -> str:
    if warned == 1:
        return f"is at risk {when} a later renewal and is listed as an early warning"
    return f"are at risk {when} a later renewal and are listed as early warnings"


def _named(plan: Plan, totals: Totals, risky: Sequence[AccountRisk]) -> str:
    """Those most at risk by name, whatever the order of the list; a list cut by another order may miss the first."""
    named = risky[:_NAMED]
    if not named:
        return ""
    names = joined([f"{_name(account)} ({percent(account.churn_probability)})" for account in named])
    if totals.at_risk == len(named):
        return f": {names}"
    return f", {names} first" if plan.sort == "risk" or totals.at_risk == len(risky) else f", among them {names}"


def _why(judged: Sequence[AccountRisk]) -> list[str]:
    reasons: Counter[str] = Counter()
    for account in judged:
        reasons.update(dict.fromkeys(_reasons_of(account), 1))
    common = [reason for reason, _ in reasons.most_common(_REASONS)]
    if len(judged) < 2 or not common:
        return []
    return [f"The commonest reasons: {joined(common)}."]


def _reasons_of(account: AccountRisk) -> list[str]:
    reasons = [
        _REASON_OF_SIGNAL[driver.signal]
        for driver in account.drivers
        if driver.contribution >= _TELLING and driver.signal in _REASON_OF_SIGNAL
    ]
    return reasons[:_WEIGHTIEST]


def _unread(totals: Totals) -> str:
    if not totals.rejected:
        return ""
    return f" {totals.rejected:,} account{'' if totals.rejected == 1 else 's'} could not be read."


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


def span(low: float, high: float) -> str:
    """A range of probabilities as a reader writes it; one whose ends show the same is no range."""
    first, last = percent(low), percent(high)
    return f"about {first}" if first == last else f"{first}–{last}"


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
