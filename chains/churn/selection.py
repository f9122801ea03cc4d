"""Which accounts a plan is about, and which of them answer it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from chains.churn.config import ChurnConfig
from chains.churn.risk import RiskTable
from chains.churn.schema import Plan, PlanFilters
from chains.churn.state import Ranking, Rows, Scope
from connectors.records import Account

MOST_ABSTAINED_LISTED = 25


def scope_of(accounts: Sequence[Account], plan: Plan, config: ChurnConfig) -> Scope:
    """Split the accounts into those that are scored, those the filters name, and a reason for each of the others."""
    excluded: Counter[str] = Counter()
    active: list[Account] = []
    rows: list[int] = []
    tests = _tests(plan.filters, config)
    if plan.intent == "explain" and plan.unanswered and not plan.filters.account_ids:
        tests.insert(0, ("unknown account", lambda _account: False))
    for account in accounts:
        if account.status in ("churned", "trial"):
            excluded[account.status] += 1
            continue
        reason = next((name for name, passes in tests if not passes(account)), "")
        if reason:
            excluded[reason] += 1
        else:
            rows.append(len(active))
        active.append(account)
    return Scope(active, np.array(rows, dtype=np.int64), dict(excluded))


def _tests(filters: PlanFilters, config: ChurnConfig) -> list[tuple[str, Callable[[Account], bool]]]:
    """The filters that are set, in the order in which a reader would name them."""
    tests: list[tuple[str, Callable[[Account], bool]]] = []
    if filters.account_ids:
        ids = frozenset(filters.account_ids)
        tests.append(("account", lambda account: account.account_id in ids))
    if filters.owner:
        owners = frozenset(filters.owner)
        tests.append(("owner", lambda account: account.owner is not None and account.owner.owner_id in owners))
    for name in ("segment", "region", "country", "industry"):
        wanted = frozenset(value.casefold() for value in getattr(filters, name))
        if wanted:
            tests.append((name, lambda account, name=name, wanted=wanted: getattr(account, name).casefold() in wanted))  # type: ignore[misc]
    if filters.renewal_from or filters.renewal_to:
        first = dt.date.fromisoformat(filters.renewal_from) if filters.renewal_from else dt.date.min
        last = dt.date.fromisoformat(filters.renewal_to) if filters.renewal_to else dt.date.max
        tests.append(("renewal", lambda account: _renews_within(account, first, last)))
    if filters.min_arr or filters.max_arr:
        tests.append(("revenue", lambda account: _revenue_within(account, filters, config.rates)))
    return tests


def _renews_within(account: Account, first: dt.date, last: dt.date) -> bool:
    renewal = account.contract.renewal_date if account.contract else None
    return renewal is not None and first <= renewal <= last


def _revenue_within(account: Account, filters: PlanFilters, rates: Mapping[str, float]) -> bool:
    """Whether the revenue lies between the bounds; amounts of another currency compare only by configured rates."""
    money = account.annual_recurring_revenue
    if money is None:
        return False
    amount, wanted = money.amount, filters.arr_currency
    if wanted and money.currency and money.currency != wanted:
        if money.currency not in rates or wanted not in rates:
            return False
        amount = amount / rates[money.currency] * rates[wanted]
    return amount >= filters.min_arr and (not filters.max_arr or amount <= filters.max_arr)


def rank(scope: Scope, table: RiskTable, plan: Plan, config: ChurnConfig) -> Ranking:
    """The accounts in scope that answer the plan, in its order; those without enough data come last."""
    threshold = plan.min_probability
    edge = threshold or config.at_risk_from
    within, at_renewal = table.churn_probability, table.renewal_risk
    scored = [int(row) for row in scope.rows if not table.abstained[row]]
    abstained = [int(row) for row in scope.rows if table.abstained[row]]
    at_risk = [row for row in scored if within[row] >= edge]
    early = frozenset(row for row in scored if within[row] < edge <= at_renewal[row])
    listed = [row for row in scored if not threshold or within[row] >= threshold or row in early]
    listed.sort(key=_order(plan, scope, table))
    left_out = 0
    if plan.top_n:
        listed, unknown = listed[: plan.top_n], []
    else:
        unknown = abstained[:MOST_ABSTAINED_LISTED]
        left_out = len(abstained) - len(unknown)
    return Ranking([*listed, *unknown], early, at_risk, len(scored), len(abstained), left_out)


def _order(plan: Plan, scope: Scope, table: RiskTable) -> Callable[[int], tuple[object, ...]]:
    within, at_renewal = table.churn_probability, table.renewal_risk

    def revenue(row: int) -> float:
        money = scope.active[row].annual_recurring_revenue
        return money.amount if money else 0.0

    def by_risk(row: int) -> tuple[object, ...]:
        return -within[row], -at_renewal[row], -revenue(row), scope.active[row].account_id

    def renewal(row: int) -> dt.date:
        contract = scope.active[row].contract
        return (contract.renewal_date if contract else None) or dt.date.max

    orders: Mapping[str, Callable[[int], tuple[object, ...]]] = {
        "risk": by_risk,
        "arr": lambda row: (-revenue(row), *by_risk(row)),
        "renewal": lambda row: (renewal(row), *by_risk(row)),
        "arr_at_risk": lambda row: (-revenue(row) * within[row], *by_risk(row)),
        "name": lambda row: (scope.active[row].name.casefold(), *by_risk(row)),
    }
    return orders[plan.sort]


def in_scope(rows: Rows, mask: npt.NDArray[np.bool_]) -> list[int]:
    """The rows of the scope that the mask allows."""
    return [int(row) for row in rows if mask[row]]
