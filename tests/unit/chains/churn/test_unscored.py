"""Asked about an account without a score, the answer says why, and never explains others with like names instead."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from chains.churn.config import ChurnConfig
from chains.churn.graph import ChurnAnswers
from chains.churn.schema import ChurnReport
from chains.context import RowLimits, RunContext

TODAY = dt.date(2026, 11, 20)
UNKNOWN = "None of the accounts received is the one asked about."


def _account(account_id: str, name: str, **fields: Any) -> dict[str, Any]:
    return {"account_id": account_id, "name": name, "region": "EMEA", "status": "active", **fields}


PAYLOAD = {
    "schema_version": "1",
    "accounts": [
        _account("K1", "Donaustauf Logistik GmbH"),
        _account("K2", "Donaustauf Pharma SE"),
        _account("K103", "Donaustauf Bau GmbH", invoices=[{"invoice_id": "R1", "amount": "abc"}]),
        _account("K4", "Kranich Versicherung AG", status="churned"),
        _account("K5", "Kranich Pharma SE", status="trial"),
        _account("K6", "Steinhuder Handel GmbH & Co. KG", status="churned"),
        _account("K7", "Donaustauf Stahl AG", region="APAC"),
        _account("K1", "Donaustauf Logistik GmbH"),
    ],
}
SET_ASIDE = (
    "Donaustauf Bau GmbH (K103) was set aside, so it has no score: its invoice's amount cannot be read "
    "(expected a number, found text)."
)


async def _ask(question: str, limits: RowLimits | None = None) -> ChurnReport:
    run = RunContext(run_id="run_1", thread_id="t", correlation_id="c", today=TODAY, limits=limits or RowLimits())
    request = {"question": question, "payload": PAYLOAD, "as_of": "", "warnings": (), "findings": ()}
    return await ChurnAnswers(None, ChurnConfig())(request, run, thread_key="t")


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("Why is K103 at risk?", SET_ASIDE),
        ("Why is Donaustauf Bau GmbH at risk?", SET_ASIDE),
        ("Why is Donaustauf Bau at risk?", SET_ASIDE),
        ("Draft an email for Donaustauf Bau GmbH", SET_ASIDE),
        ("Why is Kranich Versicherung AG at risk?", "Kranich Versicherung AG is no longer a customer, so it has no score."),
        ("Why is Kranich Pharma at risk?", "Kranich Pharma SE is in trial, so it has no score."),
        ("Why is Steinhuder Handel GmbH & Co. KG at risk?",
         "Steinhuder Handel GmbH & Co. KG is no longer a customer, so it has no score."),
        ("Why is Donaustauf Maschinenbau GmbH at risk?", UNKNOWN),
    ],
)  # fmt: skip
async def test_why_an_account_has_no_score_is_said_and_no_other_is_explained(question: str, told: str) -> None:
    report = await _ask(question)
    assert report.accounts == []
    assert report.summary == told


async def test_of_several_accounts_meant_those_without_a_score_are_told_beside_the_others() -> None:
    report = await _ask("Why is Donaustauf at risk?")
    assert {account.account_id for account in report.accounts} == {"K1", "K2", "K7"}
    assert SET_ASIDE in report.summary


@pytest.mark.parametrize("name", ["Donaustauf Bau GmbH", "Donaustauf Stahl AG", "Donaustauf Maschinenbau GmbH"])
async def test_to_a_caller_with_limits_an_account_set_aside_or_withheld_is_as_unknown_as_none(name: str) -> None:
    report = await _ask(f"Why is {name} at risk?", RowLimits(regions=("EMEA",)))
    assert (report.accounts, report.summary) == ([], UNKNOWN)
    assert report.plan.unanswered == [name]
