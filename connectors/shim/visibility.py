"""What a caller may see of the systems, and which findings about them may be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.narrowing import Narrowing
from connectors.records import Finding
from connectors.shim.callers import Caller

_NAMES_NOBODY = frozenset(
    ("source_unavailable", "row_collapse", "schema_drift", "orphan_records", "unknown_words", "question_redacted")
)


def limits_of(caller: Caller) -> Narrowing:
    """The only accounts that are read for the caller."""
    return Narrowing(regions=caller.regions, segments=caller.segments)


def account_ids(document: Mapping[str, Any]) -> frozenset[str]:
    """The ids of a payload's accounts."""
    accounts = document.get("accounts") or ()
    return frozenset(str(account.get("account_id") or "") for account in accounts if isinstance(account, dict))


def told_findings(findings: Sequence[Finding], kept: frozenset[str], limits: Narrowing) -> tuple[Finding, ...]:
    """The findings about whole tables and about kept accounts; the others are counted in one, as they may name more."""
    if not limits:
        return tuple(findings)
    told = tuple(
        one for one in findings if one.code in _NAMES_NOBODY or (one.code.startswith("account.") and one.scope in kept)
    )
    if len(told) == len(findings):
        return told
    message = "Findings that may name accounts outside your rights are not shown."
    untold = Finding(
        severity="info", scope="payload", code="withheld", message=message, count=len(findings) - len(told)
    )
    return *told, untold
