"""What reading the sources found reaches the report and the confidence of the accounts it touches."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from chains.churn.config import ChurnConfig
from chains.churn.graph import ChurnAnswers
from chains.churn.schema import ChurnReport
from chains.context import RunContext
from connectors.quality import confidence_penalty
from connectors.records import Finding
from connectors.sample import organisation

TODAY = dt.date(2026, 11, 20)
UNAVAILABLE = Finding(
    severity="error", scope="billing", code="source_unavailable", message="It was not read.", touches="invoices"
)


@pytest.fixture(scope="module")
def payload() -> dict[str, Any]:
    return organisation(TODAY).payload()


async def report(payload: dict[str, Any], *findings: Finding) -> ChurnReport:
    run = RunContext(run_id="r", thread_id="t", correlation_id="c", today=TODAY)
    request = {"question": "Rank all customers by risk", "payload": payload, "as_of": "", "warnings": ()}
    return await ChurnAnswers(None, ChurnConfig())({**request, "findings": findings}, run, thread_key="t")


def confidence(found: ChurnReport) -> dict[str, float]:
    return {account.account_id: account.confidence for account in found.accounts}


async def test_a_source_s_finding_is_told_and_lowers_the_confidence_of_all_it_touches(payload: dict[str, Any]) -> None:
    before, after = await report(payload), await report(payload, UNAVAILABLE)
    assert ("error", "billing") in {(one.severity, one.scope) for one in after.data_quality}
    assert confidence(before).keys() == confidence(after).keys()
    for account_id, sure in confidence(after).items():
        assert sure < confidence(before)[account_id]
    assert [one.churn_probability for one in after.accounts] == [one.churn_probability for one in before.accounts]


async def test_an_account_s_finding_lowers_its_own_confidence_alone(payload: dict[str, Any]) -> None:
    before = await report(payload)
    first = before.accounts[0].account_id
    doubt = Finding(severity="warning", scope=first, code="account.match_ambiguous", message="It may be another's.")
    changed = {
        account_id
        for account_id, sure in confidence(await report(payload, doubt)).items()
        if sure != confidence(before)[account_id]
    }
    assert changed == {first}


@pytest.mark.parametrize(
    ("finding", "lost"),
    [
        (UNAVAILABLE, {"A": 0.15, "B": 0.15}),
        (Finding(severity="warning", scope="crm", code="orphan_records", message="m"), {}),
        (Finding(severity="info", scope="crm", code="schema_drift", message="m", touches="usage"), {}),
        (Finding(severity="warning", scope="A", code="account.order", message="m"), {"A": 0.05}),
    ],
    ids=["touches a kind", "touches nothing", "only told", "an account's own"],
)
def test_what_touches_records_weighs_and_what_is_only_told_does_not(finding: Finding, lost: dict[str, float]) -> None:
    assert confidence_penalty([finding], ["A", "B"]) == lost


def test_no_account_loses_more_than_half_its_confidence() -> None:
    assert confidence_penalty([UNAVAILABLE] * 9, ["A"]) == {"A": 0.5}
