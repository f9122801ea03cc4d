"""Packs the service's report for the caller: what reading the systems found, and persons where they may be seen."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from connectors.errors import SourceRefusedError, SourceUnavailableError
from connectors.records import Finding
from connectors.shim.people import filled, people_in
from connectors.shim.sending import Persons
from connectors.shim.visits import Visit


def add_findings(report: dict[str, Any], findings: Iterable[Finding]) -> None:
    """Say in the report what was wrong on this side of the service, a missing source also as a warning."""
    quality = report.setdefault("data_quality", [])
    warnings = report.setdefault("warnings", [])
    for finding in findings:
        quality.append({name: getattr(finding, name) for name in ("severity", "scope", "message", "count")})
        if finding.code == "source_unavailable":
            warnings.append(f"{finding.scope}: {finding.message} The answer was made without its data.")


async def with_persons(
    report: dict[str, Any],
    document: Mapping[str, Any] | None,
    held: frozenset[str] | None,
    visit: Visit,
    persons: Persons,
) -> dict[str, Any]:
    """The report with persons in place of placeholders: those of accounts that the caller may see now, and no others.

    Args:
        document: The payload as it was read for this caller, before masking. Without it persons are read anew: nothing
            personal is kept between questions, so that what changed meanwhile counts and any process can answer.
        held: The accounts that the run's payload held; None where that is not known.
    """
    accounts = report.get("accounts") or ()
    if not any(account.get("placeholders") for account in accounts):
        return report
    if document is None:
        try:
            document = await persons.read(visit)
        except (SourceUnavailableError, SourceRefusedError) as error:
            add_findings(report, [Finding(severity="warning", scope="persons", message=error.message)])
            document = {}
    named = {str(account.get("account_id") or "") for account in accounts}
    people = people_in(document, named if held is None else named & held)
    packed, unfilled = await asyncio.to_thread(filled, report, people)
    if unfilled:
        said = f"{len(unfilled)} personal values could not be filled in and stand as placeholders."
        packed.setdefault("warnings", []).append(said)
    return packed
