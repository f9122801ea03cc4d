"""What a caller may see: accounts of other regions and segments leave before anything is scored, named or planned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from chains.churn.planner.territories import region_name
from chains.churn.schema import Plan
from chains.churn.spoken import joined
from chains.churn.state import Memory
from chains.context import RowLimits
from connectors.canonical import SEGMENT, canonical
from connectors.records import Account, Finding

WITHHELD = "outside your rights"
_NAMES_NOBODY = frozenset(
    {
        "unknown_keys", "unsafe_characters", "duplicate_accounts", "stale_source", "stale_usage", "source_unavailable",
        "row_collapse", "schema_drift", "orphan_records",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """The accounts a caller may see, and those withheld."""

    accounts: list[Account]
    withheld: list[Account]


def seen_by(accounts: Iterable[Account], limits: RowLimits) -> Seen:
    """Split the accounts; one without a region (or segment) is withheld from a caller limited to some."""
    regions = frozenset(map(_region, limits.regions))
    segments = frozenset(map(_segment, limits.segments))
    seen = Seen([], [])
    for account in accounts:
        within = _within(_region(account.region), regions) and _within(_segment(account.segment), segments)
        (seen.accounts if within else seen.withheld).append(account)
    return seen


def is_limited(limits: RowLimits) -> bool:
    """Whether the caller may not see every account."""
    return bool(limits.regions or limits.segments)


def rights_in_words(limits: RowLimits) -> str:
    """What the caller sees, as an assumption of the plan; "" without limits."""
    if not is_limited(limits):
        return ""
    kind = f"{joined(list(limits.segments))} accounts" if limits.segments else "accounts"
    where = f" in {joined(list(limits.regions))}" if limits.regions else ""
    return f"You see {kind}{where} only, as your rights say."


def told_findings(findings: Sequence[Finding], accounts: Sequence[Account], limits: RowLimits) -> tuple[Finding, ...]:
    """The findings about whole tables and about accounts seen; the others are counted in one, as they may name more."""
    if not is_limited(limits):
        return tuple(findings)
    visible = frozenset(account.account_id for account in accounts)
    told = tuple(one for one in findings if one.code in _NAMES_NOBODY or (_is_of_account(one) and one.scope in visible))
    untold = len(findings) - len(told)
    if not untold:
        return told
    message = "Findings that may name accounts outside your rights are not shown."
    return *told, Finding(severity="info", scope="payload", code="withheld", message=message, count=untold)


def _is_of_account(finding: Finding) -> bool:
    return finding.code.startswith("account.")


def earlier(memory: Memory | None, accounts: Sequence[Account], limits: RowLimits) -> tuple[Plan | None, Sequence[str]]:
    """The plan and the accounts of the conversation's last answer, without accounts that a caller no longer sees."""
    if not memory:
        return None, ()
    plan, listed = Plan.model_validate(memory["plan"]), memory["account_ids"]
    if not is_limited(limits):
        return plan, listed
    visible = frozenset(account.account_id for account in accounts)
    named = plan.filters.account_ids
    kept = [account_id for account_id in named if account_id in visible]
    if named and not kept:  # An emptied filter would mean every account.
        return None, ()
    filters = plan.filters.model_copy(update={"account_ids": kept})
    return plan.model_copy(update={"filters": filters}), [one for one in listed if one in visible]


def _within(value: str, allowed: frozenset[str]) -> bool:
    return not allowed or (bool(value) and value in allowed)


@lru_cache(maxsize=4096)
def _region(text: str) -> str:
    return region_name(text).casefold()


@lru_cache(maxsize=4096)
def _segment(text: str) -> str:
    return " ".join(canonical(text, SEGMENT).casefold().split())
