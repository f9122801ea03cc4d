"""Judges records as of a day: hides what lies after it, and names what cannot be right."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from connectors.as_of import NOT_WEEKLY, account_as_of
from connectors.records import Account, Finding, Payload

STALE_AFTER_DAYS = 7
STALE_USAGE_AFTER_DAYS = 21
_PENALTY = {"info": 0.0, "warning": 0.05, "error": 0.15}
_LARGEST_PENALTY = 0.5
_SHOWN_ACCOUNTS = 20
# What a source sends amiss for every account alike is told once, whoever is looked at.
_OF_THE_SOURCE = frozenset({"account.usage_daily"})


@dataclass(frozen=True)
class Assessed:
    """The payload as it stood on `as_of`, and what was found wrong with it."""

    payload: Payload
    findings: tuple[Finding, ...]


def assess(payload: Payload, as_of: dt.date) -> Assessed:
    """Trim every account to `as_of` and collect the defects of the data, account by account."""
    findings: list[Finding] = list(source_findings(payload, as_of))
    accounts = []
    for account in payload.accounts:
        seen, notes = account_as_of(account, as_of)
        accounts.append(seen)
        findings.extend(notes)
    findings.extend(_stale_usage(accounts, as_of))
    return Assessed(msgspec.structs.replace(payload, as_of=as_of, accounts=accounts), tuple(findings))


def confidence_penalty(findings: Iterable[Finding], account_ids: Iterable[str] = ()) -> dict[str, float]:
    """How much confidence each account loses, in [0, 0.5]; absent means none.

    An account's own findings weigh on it alone; those of a source that touch any record kind weigh on every one of
    `account_ids`.
    """
    own: dict[str, float] = defaultdict(float)
    shared = 0.0
    for finding in findings:
        lost = _PENALTY[finding.severity]
        if lost and finding.code.startswith("account."):
            own[finding.scope] += lost
        elif lost and finding.touches:
            shared += lost
    accounts = {*own, *(account_ids if shared else ())}
    return {account_id: min(_LARGEST_PENALTY, own[account_id] + shared) for account_id in accounts}


def summarise(findings: Sequence[Finding], *, about: Iterable[str] | None = None) -> list[Finding]:
    """The findings, worst first, with those of many accounts drawn into one.

    Args:
        about: The accounts a reader looks at: theirs are shown one by one, those of all others as counts.
            None shows every account's, up to twenty of a kind.
    """
    wanted = None if about is None else frozenset(about)
    shared = Counter(finding.code for finding in findings)
    shown: list[Finding] = []
    folded: Counter[tuple[str, str]] = Counter()
    for finding in findings:
        of_account = finding.code.startswith("account.")
        many = shared[finding.code] > _SHOWN_ACCOUNTS if wanted is None else finding.scope not in wanted
        if of_account and (many or (finding.code in _OF_THE_SOURCE and shared[finding.code] > 1)):
            folded[(finding.code, finding.severity)] += 1
        else:
            shown.append(finding)
    for (code, severity), count in folded.items():
        others = "other accounts" if wanted and code not in _OF_THE_SOURCE else "accounts"
        whose = others.removesuffix("s") if count == 1 else others
        message = f"{_SUMMARIES[code]} ({count:,} {whose})."
        shown.append(Finding(severity=severity, scope="payload", code=code, count=count, message=message))
    order = {"error": 0, "warning": 1, "info": 2}
    return sorted(shown, key=lambda finding: order[finding.severity])


_SUMMARIES: Mapping[str, str] = {
    "account.future": "Records dated after the as-of date were ignored",
    "account.renewal_derived": "The renewal date was derived from start and term",
    "account.duplicates": "Records that stand twice were taken once",
    "account.contacts_share_id": "Contacts share an id",
    "account.order": "Dates stand out of order",
    "account.impossible": "Counts, amounts or scores cannot be right",
    "account.currencies": "Amounts are in several currencies",
    "account.missing_weeks": "Usage weeks are missing",
    "account.no_usage": "There is no usage data",
    "account.status_unknown": "The status is a word that is not known here and is read as that of an active customer",
    "account.priority_unknown": "Priorities of tickets are words that are not known here",
    "account.usage_daily": f"{NOT_WEEKLY} and are not scored; send one row a week",
    "account.no_id": "Records have no id",
    "account.match_ambiguous": "Another system's customers may belong to them or to others, and were left out",
    "account.duplicate_customer": "The customer may stand twice",
}


_RECORDS_OF: Mapping[str, str] = {
    "crm": "contract, contacts", "usage": "usage", "billing": "invoices", "support": "tickets", "survey": "surveys",
}  # fmt: skip


def source_findings(payload: Payload, as_of: dt.date) -> Iterator[Finding]:
    """Sources whose data is older than their limit."""
    for source in payload.sources:
        if source.extracted_at is None:
            continue
        age = (as_of - source.extracted_at.date()).days
        if age > (STALE_AFTER_DAYS if source.max_age_days is None else source.max_age_days):
            yield Finding(
                severity="warning",
                scope=source.name,
                code="stale_source",
                message=f"The data is {age} days older than the as-of date.",
                count=age,
                touches=_RECORDS_OF.get(source.kind, "records"),
            )


def _stale_usage(accounts: Sequence[Account], as_of: dt.date) -> Iterator[Finding]:
    """Usage that ends early for most accounts is the store's delay, not the customers' silence."""
    last = sorted(account.usage[-1].week_start for account in accounts if account.usage)
    if not last:
        return
    age = (as_of - last[int(len(last) * 0.9)]).days
    if age > STALE_USAGE_AFTER_DAYS:
        yield Finding(
            severity="warning",
            scope="usage",
            code="stale_usage",
            message=f"The newest usage week began {age} days before the as-of date.",
            count=age,
            touches="usage",
        )
