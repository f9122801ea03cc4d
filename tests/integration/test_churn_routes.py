"""The churn workflow over HTTP, as a platform calls it."""

from __future__ import annotations

import gzip
import json
import math
import uuid
from typing import Any

import httpx
import pytest
from langserve import RemoteRunnable

from chains.churn.schema import FLAGSHIP_QUESTION, ChurnReport
from connectors.sample import SAMPLE_NOTE, Organisation

QUESTION = "Which enterprise customers in EMEA are at risk of churn this quarter?"


def ask(
    client: httpx.Client, question: str = QUESTION, *, payload: Any = None, thread: str = "", **extra: Any
) -> dict[str, Any]:
    body = {
        "input": {"question": question, "payload": payload or {}, **extra},
        "config": {"configurable": {"thread_id": thread}},
    }
    answer = client.post("/churn/invoke", json=body)
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()["output"]
    return report


def test_the_flagship_question_finds_active_enterprise_accounts_in_emea_and_drafts_for_each(
    client: httpx.Client, sample: Organisation
) -> None:
    report = ChurnReport.model_validate(ask(client, FLAGSHIP_QUESTION, payload=sample.payload()))
    active = {
        a.account_id
        for a in sample.accounts
        if a.status == "active" and a.segment == "Enterprise" and a.region == "EMEA"
    }
    assert report.accounts
    assert {account.account_id for account in report.accounts} <= active
    assert report.totals.at_risk >= 3
    scored = [account.churn_probability for account in report.accounts if not account.abstained]
    assert scored == sorted(scored, reverse=True)
    for account in report.accounts:
        assert account.drivers and account.reasoning and account.next_steps
        assert account.draft.status == "awaiting_approval", [
            check for check in account.draft.checks if not check.passed
        ]


def test_totals_add_up_and_the_arithmetic_of_the_probability_holds(client: httpx.Client, sample: Organisation) -> None:
    report = ChurnReport.model_validate(ask(client, payload=sample.payload()))
    totals = report.totals
    assert (
        totals.received
        == totals.rejected + sum(totals.excluded.values()) + totals.scored + totals.abstained
        == len(sample.accounts)
    )
    for account in report.accounts:
        log_odds = (
            account.base_log_odds + sum(driver.contribution for driver in account.drivers) + account.model_adjustment
        )
        assert math.isclose(1 / (1 + math.exp(-log_odds)), account.churn_probability, abs_tol=1e-9)
        assert account.interval.low <= account.churn_probability <= account.interval.high


def test_every_fact_points_at_a_record_of_the_payload(client: httpx.Client, sample: Organisation) -> None:
    report = ChurnReport.model_validate(ask(client, FLAGSHIP_QUESTION, payload=sample.payload()))
    accounts = {account.account_id: account for account in sample.accounts}
    for listed in report.accounts:
        account = accounts[listed.account_id]
        ids = {account.account_id} | {f"{account.account_id}/{week.week_start}" for week in account.usage}
        ids |= {ticket.ticket_id for ticket in account.tickets} | {invoice.invoice_id for invoice in account.invoices}
        ids |= {contact.contact_id for contact in account.contacts} | {
            activity.activity_id for activity in account.activities
        }
        ids |= {survey.survey_id for survey in account.surveys} | {
            f"{account.account_id}/{change.changed_on}" for change in account.changes
        }
        known = {fact.fact_id for fact in listed.facts}
        assert {fact.record_id for fact in listed.facts} <= ids
        assert {fact_id for driver in listed.drivers for fact_id in driver.fact_ids} <= known
        assert {fact_id for statement in listed.draft.statements for fact_id in statement.fact_ids} <= known


def test_a_question_without_a_payload_is_answered_from_the_sample_and_says_so(client: httpx.Client) -> None:
    assert ask(client)["warnings"][0] == SAMPLE_NOTE


def test_a_payload_without_accounts_means_zero_accounts(client: httpx.Client) -> None:
    report = ask(client, payload={"schema_version": "1", "accounts": []})
    assert report["totals"]["received"] == 0
    assert report["summary"] == "There were no accounts to look at."


def test_follow_up_questions_work_on_the_stored_payload_of_their_thread_alone(
    client: httpx.Client, sample: Organisation
) -> None:
    thread = f"t-{uuid.uuid4()}"
    first = ask(client, FLAGSHIP_QUESTION, payload=sample.payload(), thread=thread)
    december = ask(client, "only those renewing in December", thread=thread)
    assert december["warnings"] == []
    listed = [account["account_id"] for account in december["accounts"]]
    expected = [a["account_id"] for a in first["accounts"] if a["renewal_date"].startswith("2026-12")]
    assert listed == expected
    assert all(account["draft"]["draft_id"] for account in december["accounts"])

    why = ask(client, "why the first one?", thread=thread)
    assert [account["account_id"] for account in why["accounts"]] == listed[:1]
    assert why["plan"]["intent"] == "explain"

    again = ask(client, "make that e-mail shorter and in German", thread=thread)
    (only,) = again["accounts"]
    assert only["account_id"] == listed[0]
    assert only["draft"]["language"] == "de"
    assert len(only["draft"]["body"].split()) < 100

    amer = ask(client, "and in AMER?", thread=thread)
    assert amer["plan"]["filters"]["region"] == ["AMER"]

    elsewhere = ask(client, "why the first one?", payload=sample.payload(), thread=f"t-{uuid.uuid4()}")
    assert elsewhere["accounts"] == [] or elsewhere["plan"]["unanswered"]


def test_a_score_does_not_depend_on_who_else_was_asked_for(client: httpx.Client, sample: Organisation) -> None:
    everyone = ask(client, "rank all accounts by risk this quarter", payload=sample.payload())
    emea = ask(client, "rank all enterprise accounts in EMEA by risk this quarter", payload=sample.payload())
    scores = {account["account_id"]: account["churn_probability"] for account in everyone["accounts"]}
    assert emea["accounts"]
    assert all(scores[account["account_id"]] == account["churn_probability"] for account in emea["accounts"])


def test_a_batch_answers_each_item_and_a_failed_one_fails_alone(client: httpx.Client) -> None:
    good, bad = {"question": QUESTION}, {"question": QUESTION, "payload": {"schema_version": "9"}}
    answer = client.post("/churn/batch", json={"inputs": [good, bad, {"question": 5}]})
    first, second, third = answer.json()["output"]
    assert answer.status_code == 200
    assert first["accounts"] and not first["error"]["code"]
    assert (second["error"]["status"], second["error"]["errors"][0]["pointer"]) == (422, "/payload/schema_version")
    assert third["error"]["errors"][0]["pointer"] == "/question"


def test_streams_carry_stages_and_the_masked_report_and_nothing_else(
    client: httpx.Client, sample: Organisation
) -> None:
    body = {"input": {"question": FLAGSHIP_QUESTION, "payload": sample.payload()}}
    with client.stream("POST", "/churn/stream", json=body) as answer:
        data = [json.loads(line[6:]) for line in answer.iter_lines() if line.startswith("data: ")]
    chunks = [item for item in data if "stage" in item or "totals" in item]
    stages = list(dict.fromkeys(chunk["stage"] for chunk in chunks[:-1]))
    road = [
        "retrieve",
        "plan",
        "filter",
        "signals",
        "risk",
        "read_tickets",
        "reason",
        "next_steps",
        "draft",
        "check",
        "package",
    ]
    assert stages == road
    assert all(set(chunk) == {"stage", "done", "total"} for chunk in chunks[:-1])
    assert chunks[-1]["accounts"]


def persons_of(sample: Organisation) -> set[str]:
    people = [contact for account in sample.accounts for contact in account.contacts]
    values = {
        value
        for contact in people
        for value in (contact.email, contact.phone, f"{contact.first_name} {contact.last_name}", contact.last_name)
    }
    values |= {
        value for account in sample.accounts if account.owner for value in (account.owner.name, account.owner.email)
    }
    return {value for value in values if value}


@pytest.mark.parametrize("route", ["invoke", "batch", "stream", "stream_log", "stream_events"])
def test_no_value_of_a_person_stands_in_any_byte_of_a_route(
    client: httpx.Client, sample: Organisation, route: str
) -> None:
    import re

    request = {"question": FLAGSHIP_QUESTION, "payload": sample.payload()}
    body = {"inputs": [request]} if route == "batch" else {"input": request}
    text = client.post(f"/churn/{route}", json=body).text
    assert "[[contact_1." in text
    names = " ".join(account.name for account in sample.accounts)
    words = {value for value in persons_of(sample) if not re.search(rf"\b{re.escape(value)}\b", names)}
    pattern = re.compile(
        "|".join(rf"(?<!\w){re.escape(value)}(?!\w)" for value in sorted(words, key=len, reverse=True))
    )
    assert not pattern.findall(text)


def test_the_python_remote_client_invokes_and_streams(service: str) -> None:
    remote = RemoteRunnable(f"{service}/churn/")
    config = {"configurable": {"thread_id": f"remote-{uuid.uuid4()}"}}
    report = remote.invoke({"question": QUESTION}, config=config)
    assert report["accounts"] and report["thread_id"] == config["configurable"]["thread_id"]
    chunks = list(remote.stream({"question": QUESTION}))
    assert chunks[0]["stage"] == "retrieve"
    assert chunks[-1]["totals"]["received"] > 0


def test_drafts_of_a_run_can_be_listed_and_shown_and_a_newer_run_supersedes_them(
    client: httpx.Client, sample: Organisation
) -> None:
    first = ask(client, FLAGSHIP_QUESTION, payload=sample.payload())
    draft = first["accounts"][0]["draft"]
    shown = client.get(f"/v1/drafts/{draft['draft_id']}").json()
    assert (shown["digest"], shown["body"], shown["status"]) == (draft["digest"], draft["body"], "awaiting_approval")
    ask(client, FLAGSHIP_QUESTION, payload=sample.payload())
    assert client.get(f"/v1/drafts/{draft['draft_id']}").json()["status"] == "superseded"
    waiting = client.get(
        "/v1/drafts", params={"status": "awaiting_approval", "account_id": first["accounts"][0]["account_id"]}
    ).json()
    assert len(waiting["items"]) == 1


def test_pages_of_drafts_follow_each_other_without_loss(client: httpx.Client, sample: Organisation) -> None:
    ask(client, FLAGSHIP_QUESTION, payload=sample.payload())
    every = [item["draft_id"] for item in client.get("/v1/drafts", params={"limit": 200}).json()["items"]]
    paged, cursor = [], ""
    for _ in range(100):
        page = client.get("/v1/drafts", params={"limit": 3, "cursor": cursor}).json()
        paged += [item["draft_id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert paged == every


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 422, "invalid_json"),
        (b"[]", 422, "invalid_request"),
        (b"[" * 100_000, 422, "invalid_json"),
        (b'{"input": {"question": "' + b"x" * 100_000 + b'"}}', 422, "invalid_question"),
        (b'{"input": {"payload": []}}', 422, "invalid_request"),
        (b'{"input": {"payload": {"schema_version": "1", "accounts": 5}}}', 422, "invalid_payload"),
        (b'{"input": {"payload": {"schema_version": "2"}}}', 422, "invalid_request"),
        (b'{"input": {"as_of": "2026-02-30"}}', 422, "invalid_request"),
        (b'{"input": {"payload_id": "nope"}}', 404, "payload_unknown"),
        (b'{"input": {}, "config": {"configurable": {"thread_id": 5}}}', 422, "invalid_request"),
    ],
    ids=[
        "no json",
        "a list",
        "deep",
        "long question",
        "payload a list",
        "accounts a number",
        "unknown version",
        "no such day",
        "unknown payload id",
        "thread id a number",
    ],
)
def test_bad_bodies_are_problems_with_a_pointer_and_without_values(
    client: httpx.Client, body: bytes, status: int, code: str
) -> None:
    answer = client.post(
        "/churn/invoke", content=body, headers={"content-type": "application/json", "x-correlation-id": "abc-1"}
    )
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["correlation_id"] == answer.headers["x-correlation-id"] == "abc-1"
    assert "xxx" not in answer.text
    assert client.get("/livez").status_code == 200


def test_accounts_that_cannot_be_read_are_set_aside_and_the_rest_answered(
    client: httpx.Client, sample: Organisation
) -> None:
    payload = sample.payload()
    victim = next(a for a in payload["accounts"] if a["segment"] == "SMB")
    victim["usage"] = [{"week_start": "2026-02-30"}]
    report = ask(client, payload=payload)
    (rejected,) = report["rejected"]
    assert rejected["account_id"] == victim["account_id"]
    assert rejected["pointer"].endswith("/usage/0/week_start")
    assert report["totals"]["rejected"] == 1


def test_more_accounts_than_the_limit_are_refused(client: httpx.Client) -> None:
    payload = {"schema_version": "1", "accounts": [{"account_id": str(number)} for number in range(20_001)]}
    answer = client.post("/churn/invoke", json={"input": {"payload": payload}})
    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")


def test_a_body_may_be_gzip_and_neither_a_bomb_nor_too_long(client: httpx.Client) -> None:
    body = gzip.compress(json.dumps({"input": {"question": QUESTION}}).encode())
    headers = {"content-encoding": "gzip", "content-type": "application/json"}
    assert client.post("/churn/invoke", content=body, headers=headers).status_code == 200
    bomb = gzip.compress(b" " * (300 * 1024 * 1024), compresslevel=9)
    assert client.post("/churn/invoke", content=bomb, headers=headers).status_code == 413
    assert client.post("/churn/invoke", content=b" " * (33 * 1024 * 1024)).status_code == 413


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"origin": "null", "content-type": "text/plain"},
    ],
    ids=["origin", "fetch site", "opaque origin"],
)
@pytest.mark.parametrize("route", ["/churn/invoke", "/churn/stream", "/churn/batch", "/"])
def test_a_foreign_web_page_cannot_make_a_browser_ask(
    client: httpx.Client, route: str, headers: dict[str, str]
) -> None:
    answer = client.post(route, content=b'{"input": {}}', headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")


def test_a_batch_is_bounded(client: httpx.Client) -> None:
    assert client.post("/churn/batch", json={"inputs": [{}] * 21}).status_code == 413


@pytest.mark.parametrize(
    "payload", [{"Accounts": []}, {"schema_version": False}, {"schema_version": []}, {"note": "hello"}]
)
def test_a_payload_that_is_none_is_not_answered_from_the_sample(client: httpx.Client, payload: dict[str, Any]) -> None:
    if payload == {"Accounts": []}:
        payload = {"Accounts": [{"account_id": "A"}]}
    assert client.post("/churn/invoke", json={"input": {"payload": payload}}).status_code == 422


@pytest.mark.parametrize(
    "question", ["which customers are at risk after 9999-12-31", "9999-12-31 until 1 January 0001"]
)
def test_a_day_out_of_range_in_a_question_is_no_failure(client: httpx.Client, question: str) -> None:
    assert client.post("/churn/invoke", json={"input": {"question": question}}).status_code in (200, 422)


@pytest.mark.parametrize("route", ["invoke", "stream", "stream_events"])
@pytest.mark.parametrize(
    "body", [b'{"input": {"payload": {"schema_version": "1", "accounts": NaN}}}', b'{"input": {}, "config": null}']
)
def test_every_route_reads_json_alike(client: httpx.Client, route: str, body: bytes) -> None:
    answer = client.post(f"/churn/{route}", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == (422 if b"NaN" in body else 200)


@pytest.mark.parametrize("route", ["/churn/invoke", "/v1/churn/runs", "/v1/payloads/check"])
def test_a_body_may_begin_with_a_byte_order_mark(client: httpx.Client, route: str) -> None:
    payload = {"schema_version": "1", "accounts": [{"account_id": "A"}]}
    document = payload if route.endswith("check") else {"input": {"question": QUESTION, "payload": payload}}
    body = b"\xef\xbb\xbf" + json.dumps(document).encode()
    answer = client.post(route, content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (200, 202), answer.text
    assert route != "/v1/payloads/check" or answer.json()["received"] == 1


def test_a_foreign_host_name_is_refused(service: str) -> None:
    answer = httpx.get(f"{service}/livez", headers={"host": "evil.example"}, trust_env=False)
    assert answer.status_code == 400


@pytest.mark.parametrize("sent", ["", "x" * 200, "a\tb"])
def test_an_insane_correlation_id_is_replaced(client: httpx.Client, sent: str) -> None:
    given = client.get("/livez", headers={"x-correlation-id": sent}).headers["x-correlation-id"]
    assert given and given != sent


@pytest.mark.parametrize("route", ["feedback", "token_feedback", "c/N4XyA/invoke", "c/N4XyA/stream"])
def test_routes_that_leak_are_off(client: httpx.Client, route: str) -> None:
    assert client.post(f"/churn/{route}", json={}).status_code in (404, 405)


def test_schemas_are_typed_and_free_of_null(client: httpx.Client) -> None:
    for name in ("input_schema", "output_schema"):
        schema = client.get(f"/churn/{name}").json()
        assert schema["$defs"]
        assert "null" not in json.dumps(schema)


def test_documentation_needs_nothing_from_outside(client: httpx.Client) -> None:
    for page in ("/docs", "/churn/playground/", "/"):
        text = client.get(page).text
        assert "cdn" not in text
        assert "https://" not in text.replace("https://fastapi.tiangolo.com", "")
