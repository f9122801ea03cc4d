"""One account as it stood on a day: what lies after it is hidden, what cannot be right is named."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeVar

import msgspec
from dateutil.relativedelta import relativedelta

from connectors.plausibility import LONGEST_NOTICE_DAYS, LONGEST_TERM_MONTHS, doubts, note
from connectors.records import Account, Contract, Finding, Invoice, Ticket, UsageWeek

_T = TypeVar("_T")
EARLIEST_YEAR = 1900
NOT_WEEKLY = "Usage rows are not weekly"
_DAYS_A_WEEK = 7


def account_as_of(account: Account, as_of: dt.date) -> tuple[Account, list[Finding]]:
    """The account without anything dated after `as_of`, and the defects of its data."""
    end = dt.datetime(as_of.year, as_of.month, as_of.day, tzinfo=dt.UTC) + dt.timedelta(days=1)
    notes: list[Finding] = []
    changed: dict[str, Any] = {}

    usage, gaps, doubled = _weeks(account.usage, as_of)
    tickets = [t for t in account.tickets if t.opened_at is None or t.opened_at < end]
    invoices = [i for i in account.invoices if i.issued_on is None or i.issued_on <= as_of]
    changes = [c for c in account.changes if c.changed_on is None or c.changed_on <= as_of]
    activities = [a for a in account.activities if a.occurred_at is None or a.occurred_at < end]
    surveys = [s for s in account.surveys if s.answered_on is None or s.answered_on <= as_of]
    before = sum(len(getattr(account, name)) for name in _DATED)
    after = len(usage) + doubled + len(tickets) + len(invoices) + len(changes) + len(activities) + len(surveys)
    if before > after:
        notes.append(
            note(
                account, "future", "info", f"{before - after} records dated after {as_of} were ignored.", before - after
            )
        )
    if usage != account.usage:
        changed["usage"] = usage
    kept_by_name: dict[str, list[Any]] = dict(
        zip(_DATED[1:], (tickets, invoices, changes, activities, surveys), strict=True)
    )
    changed.update({name: kept for name, kept in kept_by_name.items() if len(kept) != len(getattr(account, name))})
    if any(
        (t.closed_at and t.closed_at >= end) or (t.first_response_at and t.first_response_at >= end) for t in tickets
    ):
        changed["tickets"] = tickets = [_open_again(t, end) for t in tickets]
    if any(i.paid_on and i.paid_on > as_of for i in invoices):
        changed["invoices"] = invoices = [_unpaid_again(i, as_of) for i in invoices]
    if any(c.left_on and c.left_on > as_of for c in account.contacts):
        changed["contacts"] = [
            msgspec.structs.replace(c, left_on=None) if c.left_on and c.left_on > as_of else c for c in account.contacts
        ]
    contract = _with_renewal(_plausible(account.contract), as_of)
    if contract is not None and contract is not account.contract:
        changed["contract"] = contract
    if contract is not None and account.contract is not None and contract.renewal_date != account.contract.renewal_date:
        notes.append(
            note(
                account,
                "renewal_derived",
                "info",
                f"The renewal date {contract.renewal_date} was derived from start and term.",
                touches="contract",
            )
        )
    twice = {"usage": doubled} if doubled else {}
    kept_by_name.update(tickets=tickets, invoices=invoices)
    for name, records in kept_by_name.items():
        kept_by_name[name], more = _unique(records, _ID_OF.get(name, ""))
        if more:
            changed[name], twice[name] = kept_by_name[name], more
    if twice:
        notes.append(
            note(
                account,
                "duplicates",
                "warning",
                f"Records that stand twice were taken once: {', '.join(twice)}.",
                sum(twice.values()),
                ", ".join(twice),
            )
        )
    if usage and _are_not_weekly(usage):
        changed["usage"] = []
        notes.append(
            note(
                account,
                "usage_daily",
                "error",
                f"{NOT_WEEKLY}: several rows stand in one week, so usage is not scored; send one row a week.",
                len(usage),
                "usage",
            )
        )
    elif gaps:
        notes.append(
            note(
                account,
                "missing_weeks",
                "warning",
                f"{gaps} usage weeks are missing in between; they are not read as zero.",
                gaps,
                "usage",
            )
        )
    notes.extend(doubts(account, usage, kept_by_name["tickets"], kept_by_name["invoices"], kept_by_name["surveys"]))
    return (msgspec.structs.replace(account, **changed) if changed else account), notes


_DATED = ("usage", "tickets", "invoices", "changes", "activities", "surveys")
_ID_OF: Mapping[str, str] = {
    "tickets": "ticket_id", "invoices": "invoice_id", "activities": "activity_id", "surveys": "survey_id",
}  # fmt: skip


def _weeks(usage: Sequence[UsageWeek], as_of: dt.date) -> tuple[list[UsageWeek], int, int]:
    """Past weeks in order, each once; how many are missing in between; how many stood twice."""
    weeks = [week for week in usage if week.week_start <= as_of]
    starts = [week.week_start for week in weeks]
    doubled = 0
    if any(later <= earlier for earlier, later in pairwise(starts)):
        by_start = {week.week_start: week for week in weeks}
        doubled = len(weeks) - len(by_start)
        weeks = [by_start[start] for start in sorted(by_start)]
    if len(weeks) < 2:
        return weeks, 0, doubled
    span = (weeks[-1].week_start - weeks[0].week_start).days // 7 + 1
    return weeks, max(0, span - len(weeks)), doubled


def _are_not_weekly(weeks: Sequence[UsageWeek]) -> bool:
    """Whether most weeks hold several rows: days, of which no week's users can be told."""
    ordinals = [week.week_start.toordinal() for week in weeks]
    if all(later - earlier >= _DAYS_A_WEEK for earlier, later in pairwise(ordinals)):
        return False
    rows = Counter((ordinal - 1) // _DAYS_A_WEEK for ordinal in ordinals)
    return 2 * sum(count > 1 for count in rows.values()) > len(rows)


def _open_again(ticket: Ticket, end: dt.datetime) -> Ticket:
    return msgspec.structs.replace(
        ticket,
        closed_at=None if ticket.closed_at and ticket.closed_at >= end else ticket.closed_at,
        first_response_at=None
        if ticket.first_response_at and ticket.first_response_at >= end
        else ticket.first_response_at,
    )


def _unpaid_again(invoice: Invoice, as_of: dt.date) -> Invoice:
    if not invoice.paid_on or invoice.paid_on <= as_of:
        return invoice
    late = invoice.due_on is not None and invoice.due_on < as_of
    return msgspec.structs.replace(invoice, paid_on=None, status="overdue" if late else "open")


def _plausible(contract: Contract | None) -> Contract | None:
    """The contract without a notice period longer than any; it is found as impossible."""
    if contract is None or contract.notice_days is None or 0 <= contract.notice_days <= LONGEST_NOTICE_DAYS:
        return contract
    return msgspec.structs.replace(contract, notice_days=None)


def _with_renewal(contract: Contract | None, as_of: dt.date) -> Contract | None:
    """The contract with its renewal date, derived where start and term are known; terms roll on."""
    if contract is None or contract.renewal_date or not contract.start_date or not contract.term_months:
        return contract
    if not 1 <= contract.term_months <= LONGEST_TERM_MONTHS or contract.start_date.year < EARLIEST_YEAR:
        return contract
    months = (as_of.year - contract.start_date.year) * 12 + as_of.month - contract.start_date.month
    terms = max(1, months // contract.term_months)
    renewal = contract.start_date + relativedelta(months=terms * contract.term_months)
    if renewal < as_of:
        renewal = contract.start_date + relativedelta(months=(terms + 1) * contract.term_months)
    return msgspec.structs.replace(contract, renewal_date=renewal)


def _unique(records: list[_T], key: str) -> tuple[list[_T], int]:
    """The records, each id once (each content, where the kind has no id), and how many were left out."""
    if len(records) < 2:
        return records, 0
    ids = [getattr(record, key) for record in records] if key else list(records)
    if len(set(ids)) == len(ids):
        return records, 0
    seen: dict[object, _T] = {}
    for position, (record, record_id) in enumerate(zip(records, ids, strict=True)):
        seen[record_id or position] = record
    return list(seen.values()), len(records) - len(seen)
