"""What a report says of wishes that the built-in writer can meet only in part."""

from __future__ import annotations

import copy
import datetime as dt
from typing import Any

import pytest

from chains.churn.config import ChurnConfig
from chains.churn.graph import ChurnAnswers
from chains.churn.schema import ChurnReport
from chains.context import RunContext
from connectors.sample import organisation

TODAY = dt.date(2026, 11, 20)
LONG = "Which customers are at risk this quarter? Draft a long email to the top 3"
MORE_FACTS = "The built-in writer says what the facts support; a longer mail needs more facts."
NOTICE = "Hiermit kündigen wir den Vertrag fristgerecht. Bitte rufen Sie uns nicht an."


@pytest.fixture(scope="module")
def payload() -> dict[str, Any]:
    return organisation(TODAY).payload()


async def answer(question: str, payload: dict[str, Any]) -> ChurnReport:
    run = RunContext(run_id="run_1", thread_id="t", correlation_id="c", today=TODAY, on_event=lambda _: None)
    request = {"question": question, "payload": payload, "as_of": "", "warnings": ()}
    return await ChurnAnswers(None, ChurnConfig())(request, run, thread_key="t")


async def test_a_long_mail_that_the_facts_do_not_carry_is_said_to_be_normal(payload: dict[str, Any]) -> None:
    young = copy.deepcopy(payload)
    for account in young["accounts"]:
        account["contract"].pop("start_date", None)
    assert MORE_FACTS in (await answer(LONG, young)).warnings
    assert MORE_FACTS not in (await answer(LONG, payload)).warnings


async def test_a_notice_without_calls_shapes_reasoning_steps_and_mail(payload: dict[str, Any]) -> None:
    changed = copy.deepcopy(payload)
    first = (await answer("Which customers are at risk this quarter? Draft an email to the top 1", payload)).accounts[0]
    account = next(a for a in changed["accounts"] if a["account_id"] == first.account_id)
    account["tickets"] = [{**account["tickets"][0], "subject": "Kündigung", "body": NOTICE, "closed_at": None,
                           "opened_at": "2026-11-12T09:00:00Z"}]  # fmt: skip
    told = (await answer(f"Why is {first.name} at risk? Draft an email", changed)).accounts[0]
    assert "gave notice of termination on 12 November" in told.reasoning
    assert {step.playbook for step in told.next_steps} == {"notice_confirmation", "notice_contact", "notice_handover"}
    assert not any("Call" in step.action for step in told.next_steps)
