"""What a run sent, got back and cost, and two engines' mails, laid out for a person."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest
from pydantic import SecretStr

from chains.churn.evals.showing import (
    ShownRun,
    cost_by_step,
    mails_html,
    prompt_text,
    readings_frame,
    token_chart,
)
from chains.churn.evals.watching import Asked, Log, digest_of
from chains.churn.model.reading import READ_TICKETS
from chains.churn.schema import AccountRisk
from chains.errors import ModelError
from chains.evidence import Draft, Fact, Statement
from chains.models import ModelGateway, ModelsConfig, Question, Route
from tests.model_server import ModelServer

CONFIG = ModelsConfig(routes={"recorded": Route(model="recorded")}, default=["recorded"])
PRICED = Route(model="example", input_usd=1.0, output_usd=10.0)
LOG = Log(
    asked=[
        Asked("write_email", "a", 0, "{}", input_tokens=900, output_tokens=200),
        Asked("read_tickets", "b", 0, "{}", input_tokens=1_000, output_tokens=100),
        Asked("write_email", "a", 1, "{}", input_tokens=1_100, output_tokens=300),
        Asked("reason", "c", 0, malformed="no answer was recorded"),
    ]
)


def ticket(ref: str, subject: str, body: str = "") -> dict[str, str]:
    return {"ref": ref, "opened": "2026-11-02", "state": "open", "subject": subject, "body": body}


def asked_of(*tickets: dict[str, str]) -> Question[Any]:
    return READ_TICKETS.question(today="2026-11-16", tickets=list(tickets))


def note(ref: str, **fields: Any) -> dict[str, Any]:
    plain = {"language": "en", "topic": "other", "mood": 0.0, "leaving": "none", "fewer_seats": False}
    return {"ticket": ref, **plain, "no_calls": False, "gist": "", "asks": "", **fields}


def answer(*notes: dict[str, Any]) -> str:
    return json.dumps({"tickets": list(notes)})


def account(body: str, *statements: tuple[str, list[str]], subject: str = "Your message") -> AccountRisk:
    fact = Fact(fact_id="f", source="zendesk", record_id="17", field="opened_at", value="2026-11-02")
    other = Fact(fact_id="g", source="crm", record_id="9", field="seats", value="40", unit="seats")
    said = [Statement(text=text, fact_ids=ids) for text, ids in statements]
    return AccountRisk(
        account_id="1", facts=[fact, other], draft=Draft(subject=subject, body=body, statements=said, written_by="x")
    )


@pytest.mark.parametrize("recorded", [True, False], ids=["answered", "unanswered"])
def test_a_shown_run_keeps_every_question_under_the_key_of_its_answer(recorded: bool) -> None:
    question = asked_of(ticket("t1", "Slow"))
    key = (question.step, digest_of(question))
    answers = {(*key, 0): answer(note("t1"))} if recorded else {}

    async def run() -> ShownRun:
        async with ModelGateway(CONFIG) as gateway:
            shown = ShownRun(gateway, answers)
            if recorded:
                await shown.ask(question)
            else:
                with pytest.raises(ModelError):
                    await shown.ask(question)
            return shown

    shown = asyncio.run(run())
    assert shown.questions == {key: question}
    assert {(one.step, one.digest) for one in shown.log.asked} == {key}


async def test_a_shown_run_that_asks_on_keeps_the_question_of_a_live_model() -> None:
    question = asked_of(ticket("t1", "Slow"))
    with ModelServer(lambda request: answer(note("t1", gist="slow pages"))) as server:
        route = Route(model="reader", base_url=server.url, api_key=SecretStr("x"), method="json_schema")
        async with ModelGateway(ModelsConfig(routes={"live": route}, default=["live"])) as gateway:
            shown = ShownRun(gateway, {}, asks_on=True)
            reply = await shown.ask(question)
    assert reply.value.tickets[0].gist == "slow pages"
    assert prompt_text(shown.questions[question.step, digest_of(question)]) == server.requests[0].messages[1]["content"]


def test_a_prompt_is_shown_with_persons_numbered_as_they_leave_the_house() -> None:
    text = prompt_text(asked_of(ticket("t1", "Call [[contact_68.first_name]]")))
    assert "Subject: Call [[contact_1.first_name]]" in text
    assert "Fill in 1 record: t1." in text


def test_readings_stand_side_by_side_ticket_by_ticket() -> None:
    question = asked_of(
        ticket("t1", "Outage", "The whole system is down."),
        ticket("t2", "Cancellation", "We cancel our contract and will not renew."),
    )
    frame = readings_frame(question, answer(note("t2", leaving="notice", gist="the end"), note("t1", topic="outage")))
    assert list(frame["ticket", "subject"]) == ["Outage", "Cancellation"]
    assert list(frame["model", "leaving"]) == ["none", "notice"]
    assert list(frame["model", "gist"]) == ["", "the end"]
    assert frame["built-in", "topic"][0] == frame["model", "topic"][0] == "outage"
    assert frame["built-in", "leaving"][0] < 0.5 <= frame["built-in", "leaving"][1]


def test_a_ticket_that_the_model_left_out_stays_empty() -> None:
    frame = readings_frame(asked_of(ticket("t1", "Slow"), ticket("t2", "Down")), answer(note("t1")))
    assert list(frame["model", "leaving"]) == ["none", ""]


def test_readings_of_no_tickets_are_an_empty_frame() -> None:
    assert readings_frame(asked_of(), answer()).empty


def test_a_sentence_is_marked_with_the_numbers_of_the_facts_it_cites() -> None:
    mail = account("Dear X,\n\nYou wrote. Thanks. It is open.", ("You wrote.", ["f", "g"]), ("It is open.", ["f"]))
    html = mails_html({"built-in": mail})
    assert re.findall(r">([^<]*)</span><sup>([^<]*)</sup>", html) == [("You wrote.", "1 2"), ("It is open.", "1")]
    assert "1 zendesk 17: opened at = 2026-11-02" in html
    assert "2 crm 9: seats = 40 seats" in html


def test_a_sentence_without_facts_is_left_unmarked_and_nothing_is_lost() -> None:
    html = mails_html({"model": account("Thanks. You wrote.", ("Thanks.", []), ("You wrote.", ["f"]))})
    assert html.count("<sup>") == 1
    assert "Thanks. You wrote.1" in re.sub(r"<[^>]*>", "", html)


def test_a_fact_that_the_account_does_not_have_is_named_as_such() -> None:
    html = mails_html({"model": account("You wrote.", ("You wrote.", ["unknown:f99"]))})
    assert "unknown:f99: not a fact of this account" in html


@pytest.mark.parametrize("where", ["title", "subject", "sentence", "rest", "fact"])
def test_markup_in_a_mail_is_escaped(where: str) -> None:
    attack = "<script>alert(1)</script>"
    mail = {
        "title": account("Hi."),
        "subject": account("Hi.", subject=attack),
        "sentence": account(attack, (attack, ["f"])),
        "rest": account(attack),
        "fact": account("Hi.", ("Hi.", [attack])),
    }[where]
    html = mails_html({attack if where == "title" else "model": mail})
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_cost_is_summed_over_the_answers_of_each_step_in_the_order_of_a_run() -> None:
    costs = cost_by_step(LOG, PRICED)
    assert list(costs.index) == ["read_tickets", "write_email"]
    assert costs.loc["write_email"].to_dict() == pytest.approx(
        {"calls": 2, "repairs": 1, "input_tokens": 2_000, "output_tokens": 500, "cost_usd": 0.007}
    )
    assert costs["cost_usd"].sum() == pytest.approx(0.009)


def test_a_run_without_calls_costs_nothing_and_has_no_chart() -> None:
    costs = cost_by_step(Log(), PRICED)
    assert costs.empty
    assert token_chart(costs) == ""


def test_the_chart_names_each_step_and_both_kinds_of_tokens() -> None:
    svg = token_chart(cost_by_step(LOG, PRICED))
    assert svg.startswith("<svg")
    assert all(f">{word}<" in svg for word in ("read tickets", "write email", "sent", "answered"))
