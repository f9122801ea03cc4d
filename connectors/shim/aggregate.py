"""Joins what the three systems know into one payload: customers matched, records mapped, doubts said."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from connectors.matching import Matches, Party, match
from connectors.records import Finding, Payload, SourceInfo
from connectors.shim import mapping
from connectors.shim.exports import BillingExport, UsageExport
from connectors.shim.mapping import Row, text

RecordT = TypeVar("RecordT")
_NAMED_IDS = 5


@dataclass(frozen=True)
class SystemsRead:
    """What the systems gave; an unreachable one is None and has its reason in `failures` (kind, message)."""

    crm: dict[str, list[Row]]
    usage: UsageExport | None
    billing: BillingExport | None
    read_at: dt.datetime
    failures: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Aggregated:
    """The joined payload and what is not certain about it."""

    payload: Payload
    findings: list[Finding]


def aggregate(systems: SystemsRead, as_of: dt.date) -> Aggregated:
    """One payload of all CRM accounts, with usage and billing of the customers that match."""
    crm = systems.crm
    owners = {text(row, "Id"): mapping.to_owner(row) for row in crm["User"]}
    accounts = [mapping.to_account(row, owners.get(text(row, "OwnerId"))) for row in crm["Account"] if text(row, "Id")]
    parties = [Party(account.account_id, account.name, account.domain) for account in accounts]
    findings = [_failure(kind, message) for kind, message in systems.failures]

    parts: dict[str, dict[str, list[Any]]] = {
        "contacts": _grouped(crm["Contact"], "AccountId", mapping.to_contact),
        "tickets": _grouped(crm["Case"], "AccountId", mapping.to_ticket),
        "activities": _grouped(crm["Task"], "AccountId", mapping.to_activity),
        "surveys": _grouped(crm["Survey_Response__c"], "Account__c", mapping.to_survey),
    }
    if systems.usage:
        tenants = match(map(_tenant, systems.usage.tenants), parties)
        findings += _doubts(tenants, "product-usage", "tenant(s)", "usage")
        parts["usage"] = _joined(systems.usage.weeks, "tenant_slug", mapping.to_usage_week, tenants)
    if systems.billing:
        customers = match(map(_customer, systems.billing.customers), parties, many_to_one=True)
        findings += _doubts(customers, "billing", "customer(s)", "invoices")
        parts["invoices"] = _joined(systems.billing.invoices, "customer_id", mapping.to_invoice, customers)
        parts["changes"] = _joined(systems.billing.changes, "customer_id", mapping.to_change, customers)
    findings += _orphans(parts, {account.account_id for account in accounts})
    payload = Payload(
        schema_version="1",
        as_of=as_of,
        sources=_sources(systems),
        accounts=[
            msgspec.structs.replace(account, **{kind: rows.get(account.account_id, []) for kind, rows in parts.items()})
            for account in accounts
        ],
    )
    return Aggregated(payload, findings)


def _tenant(row: Row) -> Party:
    slug = text(row, "tenant_slug")
    return Party(slug, slug.replace("-", " "), text(row, "domain"))


def _customer(row: Row) -> Party:
    return Party(
        key=text(row, "customer_id"),
        name=text(row, "legal_name"),
        domain=text(row, "billing_email"),
        reference=text(row, "crm_account_id"),
    )


def _grouped(rows: Iterable[Row], key: str, to_record: Callable[[Row], RecordT | None]) -> dict[str, list[RecordT]]:
    groups: defaultdict[str, list[RecordT]] = defaultdict(list)
    for row in rows:
        if (record := to_record(row)) is not None:
            groups[text(row, key)].append(record)
    return dict(groups)


def _joined(
    rows: Iterable[Row], key: str, to_record: Callable[[Row], RecordT | None], matches: Matches
) -> dict[str, list[RecordT]]:
    """The records by account instead of by the other system's key; those of unmatched customers are left out."""
    account_of = matches.right_of()
    joined: defaultdict[str, list[RecordT]] = defaultdict(list)
    for other_key, records in _grouped(rows, key, to_record).items():
        if other_key in account_of:
            joined[account_of[other_key]] += records
    return dict(joined)


def _sources(systems: SystemsRead) -> list[SourceInfo]:
    """The systems that were read, each with the age of its data."""
    sources = [SourceInfo(name="salesforce", kind="crm", extracted_at=systems.read_at)]
    if systems.usage:
        loaded_at = mapping.instant({"at": systems.usage.loaded_at}, "at")
        sources.append(SourceInfo(name="product-usage", kind="usage", extracted_at=loaded_at))
    if systems.billing:
        exported_at = mapping.instant({"at": systems.billing.exported_at}, "at")
        sources.append(SourceInfo(name="billing", kind="billing", extracted_at=exported_at))
    synced = [moment for row in systems.crm["Survey_Response__c"] if (moment := mapping.instant(row, "Synced_At__c"))]
    if synced:
        sources.append(SourceInfo(name="survey-tool", kind="survey", extracted_at=max(synced)))
    return sources


def _failure(kind: str, message: str) -> Finding:
    touches = {"billing": "invoices"}.get(kind, kind)
    return Finding(severity="error", scope=kind, message=message, code="source_unavailable", touches=touches)


def _doubts(matches: Matches, scope: str, noun: str, touches: str) -> list[Finding]:
    """What the matching left open, with the first few ids."""
    open_keys = [ambiguity.left for ambiguity in matches.ambiguous]
    kinds = (
        ("warning", "match_ambiguous", "may be one of several accounts and were left out", open_keys),
        ("info", "match_missing", "belong to no CRM account and were left out", matches.unmatched_left),
    )
    return [
        Finding(
            severity=severity,
            scope=scope,
            message=f"{len(keys)} {noun} {said}: {', '.join(keys[:_NAMED_IDS])}{', …' if keys[_NAMED_IDS:] else ''}",
            count=len(keys),
            code=code,
            touches=touches,
        )
        for severity, code, said, keys in kinds
        if keys
    ]


def _orphans(parts: dict[str, dict[str, list[Any]]], known: set[str]) -> list[Finding]:
    """Records of the CRM whose account it does not have."""
    return [
        Finding(
            severity="warning",
            scope="salesforce",
            message=f"{count} {kind} belong to an account the CRM did not return",
            count=count,
            code="orphan_records",
            touches=kind,
        )
        for kind, rows in parts.items()
        if (count := sum(len(records) for key, records in rows.items() if key not in known))
    ]
