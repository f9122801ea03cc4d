"""A report's accounts as flat rows, for platforms that show tables and loop over records."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import Engine, select

from app.errors import RejectedError
from app.security.principal import Principal
from app.store.tables import drafts

MOST_AT_ONCE = 500
_TOP_REASONS = 3
_LONGEST_CURSOR = 9
ROW_CURSOR = f"^[0-9]{{0,{_LONGEST_CURSOR}}}$"


class _Money(msgspec.Struct):
    amount: float = 0.0
    currency: str = ""


class _Interval(msgspec.Struct):
    low: float = 0.0
    high: float = 0.0


class _Review(msgspec.Struct):
    needed: bool = False
    reason: str = ""


class _Driver(msgspec.Struct):
    direction: str = ""
    statement: str = ""


class _NextStep(msgspec.Struct):
    action: str = ""
    why: str = ""
    owner_role: str = ""
    due_on: str = ""


class _Draft(msgspec.Struct):
    draft_id: str = ""
    subject: str = ""
    body: str = ""
    language: str = ""
    to_contact_id: str = ""
    status: str = ""
    digest: str = ""


class _Account(msgspec.Struct):
    """What a row needs of a report's account; all else is skipped unread."""

    account_id: str = ""
    name: str = ""
    segment: str = ""
    region: str = ""
    country: str = ""
    industry: str = ""
    renewal_date: str = ""
    days_to_renewal: int = 0
    annual_recurring_revenue: _Money = msgspec.field(default_factory=_Money)
    churn_probability: float = 0.0
    renewal_risk: float = 0.0
    early_warning: bool = False
    interval: _Interval = msgspec.field(default_factory=_Interval)
    band: str = ""
    confidence: float = 0.0
    abstained: bool = False
    abstained_because: str = ""
    review: _Review = msgspec.field(default_factory=_Review)
    drivers: list[_Driver] = []
    reasoning: str = ""
    next_steps: list[_NextStep] = []
    draft: _Draft = msgspec.field(default_factory=_Draft)


class _Report(msgspec.Struct):
    accounts: list[_Account] = []


@dataclass(frozen=True)
class FlatAccount:
    """One account of a report, of plain values alone; texts are masked as the report's are."""

    account_id: str
    name: str
    segment: str
    region: str
    country: str
    industry: str
    renewal_date: str
    days_to_renewal: int
    arr_amount: float
    arr_currency: str
    churn_probability: float
    low: float
    high: float
    renewal_risk: float
    band: str
    confidence: float
    early_warning: bool
    abstained: bool
    abstained_because: str
    review_needed: bool
    review_reason: str
    reasons: str
    reasoning: str
    next_step: str
    next_step_why: str
    next_step_due_on: str
    owner_role: str
    draft_id: str
    draft_subject: str
    draft_body: str
    draft_language: str
    draft_status: str
    digest: str
    to_contact_id: str


def account_page(report: bytes, *, cursor: str, limit: int) -> tuple[list[FlatAccount], str]:
    """A page of the report's accounts in their order, and the cursor of the next page ("" at the end).

    Raises:
        RejectedError: The cursor is none of ours.
    """
    if cursor and not (cursor.isascii() and cursor.isdecimal() and len(cursor) <= _LONGEST_CURSOR):
        raise RejectedError("The cursor is not one that a page gave.", errors=[("/cursor", "unknown cursor")])
    start = int(cursor or 0)
    accounts = msgspec.json.decode(report, type=_Report).accounts
    following = str(start + limit) if start + limit < len(accounts) else ""
    return [_flat(account) for account in accounts[start : start + limit]], following


def draft_statuses(engine: Engine, principal: Principal, draft_ids: Collection[str]) -> Mapping[str, str]:
    """How these drafts of the tenant stand now; one that was not kept is not there."""
    query = select(drafts.c.draft_id, drafts.c.status).where(
        drafts.c.tenant == principal.tenant, drafts.c.draft_id.in_(sorted(draft_ids))
    )
    with engine.connect() as connection:
        return {str(draft_id): str(status) for draft_id, status in connection.execute(query)}


def _flat(account: _Account) -> FlatAccount:
    step = account.next_steps[0] if account.next_steps else _NextStep()
    return FlatAccount(
        account_id=account.account_id,
        name=account.name,
        segment=account.segment,
        region=account.region,
        country=account.country,
        industry=account.industry,
        renewal_date=account.renewal_date,
        days_to_renewal=account.days_to_renewal,
        arr_amount=account.annual_recurring_revenue.amount,
        arr_currency=account.annual_recurring_revenue.currency,
        churn_probability=account.churn_probability,
        low=account.interval.low,
        high=account.interval.high,
        renewal_risk=account.renewal_risk,
        band=account.band,
        confidence=account.confidence,
        early_warning=account.early_warning,
        abstained=account.abstained,
        abstained_because=account.abstained_because,
        review_needed=account.review.needed,
        review_reason=account.review.reason,
        reasons=_reasons(account.drivers),
        reasoning=account.reasoning,
        next_step=step.action,
        next_step_why=step.why,
        next_step_due_on=step.due_on,
        owner_role=step.owner_role,
        draft_id=account.draft.draft_id,
        draft_subject=account.draft.subject,
        draft_body=account.draft.body,
        draft_language=account.draft.language,
        draft_status=account.draft.status,
        digest=account.draft.digest,
        to_contact_id=account.draft.to_contact_id,
    )


def _reasons(drivers: Sequence[_Driver]) -> str:
    raising = [driver.statement for driver in drivers if driver.direction == "raises"]
    return " ".join(raising[:_TOP_REASONS])
