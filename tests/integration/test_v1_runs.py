"""Runs and payloads over `/v1`, as a platform uses them: start, wait, poll, page, watch, cancel, repeat, upload."""

from __future__ import annotations

import gzip
import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.main import create_app
from app.settings import Limits, load_settings
from chains.churn.schema import FLAGSHIP_QUESTION, ChurnReport
from connectors.sample import Organisation
from connectors.shim.serving import served
from tests.bench.payloads import payload
from tests.integration.conftest import fixed_clock

QUESTION = "Which enterprise customers in EMEA are at risk of churn this quarter?"
RUN_FIELDS = {
    "run_id",
    "workflow",
    "status",
    "stage",
    "done",
    "total",
    "created_at",
    "started_at",
    "finished_at",
    "status_url",
    "retry_after_seconds",
    "correlation_id",
    "thread_id",
    "dry_run",
    "callback_status",
    "result_omitted",
}


def start(client: httpx.Client, *, key: str = "", question: str = QUESTION, payload: Any = None, **more: Any) -> Any:
    given = more.pop("input", {})
    body = {"input": {"question": question, **({} if payload is None else {"payload": payload}), **given}, **more}
    return client.post("/v1/churn/runs", json=body, headers={"Idempotency-Key": key} if key else {})


def finished(client: httpx.Client, url: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        run: dict[str, Any] = client.get(url).json()
        if run["status"] not in ("queued", "running"):
            return run
        time.sleep(0.05)
    raise AssertionError("the run did not end")


def events(client: httpx.Client, url: str) -> list[tuple[str, dict[str, Any]]]:
    told = []
    with client.stream("GET", f"{url}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        name = ""
        for line in stream.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                told.append((name, json.loads(line.removeprefix("data: "))))
    return told


def test_a_run_that_ends_in_time_is_answered_with_its_report(client: httpx.Client, sample: Organisation) -> None:
    answer = start(client, question=FLAGSHIP_QUESTION, payload=sample.payload())
    assert answer.status_code == 200
    run = answer.json()
    assert set(run) == RUN_FIELDS | {"result"}
    assert (run["workflow"], run["status"], run["retry_after_seconds"]) == ("churn", "succeeded", 0)
    report = ChurnReport.model_validate(run["result"])
    assert (report.run_id, report.thread_id) == (run["run_id"], run["thread_id"])
    assert report.correlation_id == run["correlation_id"] == answer.headers["x-correlation-id"]
    assert report.accounts[0].draft.draft_id
    again = client.get(run["status_url"])
    assert again.json() == run
    assert client.get(f"/v1/churn/runs/{run['run_id']}").json() == run
    assert client.get(f"{run['status_url']}/report").json() == run["result"]
    assert client.get(f"/v1/churn/runs/{run['run_id']}/report").json() == run["result"]


def test_the_answer_is_that_of_the_other_door(client: httpx.Client, sample: Organisation) -> None:
    body = {"input": {"question": QUESTION, "payload": sample.payload()}}
    invoked = client.post("/churn/invoke", json=body).json()["output"]
    run = client.post("/v1/churn/runs", json=body).json()["result"]
    own = ("run_id", "thread_id", "correlation_id")
    assert {**run, **dict.fromkeys(own, "")} == {**invoked, **dict.fromkeys(own, "")}


def test_no_wait_is_answered_at_once_with_where_and_when_to_ask(client: httpx.Client) -> None:
    answer = start(client, wait_seconds=0)
    run = answer.json()
    assert answer.status_code == 202
    assert set(run) == RUN_FIELDS
    assert run["status"] in ("queued", "running")
    assert answer.headers["location"] == run["status_url"] == f"/v1/runs/{run['run_id']}"
    assert int(answer.headers["retry-after"]) == run["retry_after_seconds"] > 0
    assert finished(client, run["status_url"])["status"] == "succeeded"


def test_no_answer_holds_null(client: httpx.Client) -> None:
    run = start(client).json()
    pages = client.get(f"{run['status_url']}/accounts").text
    assert "null" not in json.dumps({**run, "result": 0}) and ":null" not in pages


def test_a_run_that_fails_in_time_says_why_and_keeps_the_connection(client: httpx.Client) -> None:
    answer = start(client, question="Who renews in the quarter after 9999-12-31?")
    run = answer.json()
    assert (answer.status_code, run["status"]) == (200, "failed")
    assert (run["error"]["status"], run["error"]["code"]) == (422, "invalid_question")
    assert run["error"]["errors"][0]["pointer"] == "/input/question"
    assert run["error"]["correlation_id"] == answer.headers["x-correlation-id"]
    assert client.get(run["status_url"]).json() == run
    assert client.get(f"{run['status_url']}/accounts").status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"input": {"payload": {"schema_version": "9"}}}, 422, "/input/payload/schema_version"),
        ({"input": {"payload": {"schema_version": "1", "accounts": "none"}}}, 422, "/input/payload/accounts"),
        ({"input": {"payload": {"schema_version": "1", "as_of": "soon"}}}, 422, "/input/payload/as_of"),
        ({"input": {"as_of": "soon"}}, 422, "/input/as_of"),
        ({"input": {"payload_id": "never-sent"}}, 404, ""),
        ({"input": {"payload_id": "a\u0000b"}}, 404, ""),
        ({"input": {"payload": 5}}, 422, "/input/payload"),
        ({"input": {"question": "x" * 5000}}, 422, "/input/question"),
        ({"input": {"qestion": "who?"}}, 422, "/input"),
        ({"thread_id": "a\nb"}, 422, "/thread_id"),
        ({"wait_seconds": -1}, 422, "/wait_seconds"),
        ({"wait_seconds": "8"}, 422, "/wait_seconds"),
        ({"dry_run": "no"}, 422, "/dry_run"),
        ({"dryrun": True}, 422, "/dryrun"),
        ({"callback_url": "http://169.254.169.254/"}, 422, "/callback_url"),
        ([], 422, ""),
        (None, 422, ""),
    ],
)
def test_what_cannot_be_taken_is_refused_at_once(client: httpx.Client, body: Any, status: int, pointer: str) -> None:
    answer = client.post("/v1/churn/runs", json=body)
    problem = answer.json()
    assert answer.status_code == problem["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    if pointer:
        assert problem["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize("path", ["/v1/churn/runs", "/v1/payloads/check"])
@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"{", {}, 422),
        (b"\xff\xfe", {}, 422),
        (b"[" * 100_000, {}, 422),
        (b"", {}, 422),
        (b"<a/>", {"Content-Type": "application/xml"}, 415),
        (b"{}", {"Content-Encoding": "br"}, 422),
        (b"[" * 7_000_000, {}, 413),
    ],
    ids=["cut off", "no text", "deep", "empty", "xml", "encoding", "bomb"],
)
def test_a_body_that_is_none_is_a_problem_and_never_a_failure(
    client: httpx.Client, path: str, content: bytes, headers: dict[str, str], status: int
) -> None:
    answer = client.post(path, content=content, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_accounts_come_as_flat_rows_in_pages_in_the_reports_order(client: httpx.Client, sample: Organisation) -> None:
    run = start(client, question=FLAGSHIP_QUESTION, payload=sample.payload()).json()
    listed = run["result"]["accounts"]
    rows: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = client.get(f"{run['status_url']}/accounts", params={"cursor": cursor, "limit": 4}).json()
        assert len(page["items"]) <= 4
        rows += page["items"]
        if not (cursor := page["next_cursor"]):
            break
    assert [row["account_id"] for row in rows] == [account["account_id"] for account in listed]
    assert all(isinstance(value, str | int | float) for row in rows for value in row.values())
    first, account = rows[0], listed[0]
    assert first["arr_amount"] == account["annual_recurring_revenue"]["amount"]
    assert (first["low"], first["high"]) == (account["interval"]["low"], account["interval"]["high"])
    assert first["reasons"].startswith(account["drivers"][0]["statement"])
    assert first["next_step"] == account["next_steps"][0]["action"]
    assert (first["draft_body"], first["digest"]) == (account["draft"]["body"], account["draft"]["digest"])
    assert first["draft_status"] == client.get(f"/v1/drafts/{first['draft_id']}").json()["status"]


def test_a_row_shows_how_its_draft_stands_now(client: httpx.Client, sample: Organisation) -> None:
    first = start(client, question=FLAGSHIP_QUESTION, payload=sample.payload()).json()
    start(client, question=FLAGSHIP_QUESTION, payload=sample.payload())
    rows = client.get(f"{first['status_url']}/accounts").json()["items"]
    assert {row["draft_status"] for row in rows} == {"superseded"}


@pytest.mark.parametrize(
    ("query", "pointer"),
    [("cursor=x", "/cursor"), ("cursor=-1", "/cursor"), ("limit=0", "/limit"), ("limit=501", "/limit")],
)
def test_a_wrong_page_request_is_pointed_at(client: httpx.Client, query: str, pointer: str) -> None:
    run = start(client).json()
    answer = client.get(f"{run['status_url']}/accounts?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


def test_events_tell_the_progress_and_end_with_the_run(client: httpx.Client, sample: Organisation) -> None:
    run = start(client, payload=sample.payload(), wait_seconds=0).json()
    told = events(client, run["status_url"])
    assert [name for name, _ in told][-1] == "run"
    assert {name for name, _ in told[:-1]} == {"progress"}
    assert all(set(data) == {"stage", "done", "total"} for _, data in told[:-1])
    assert told[-1][1] == {key: value for key, value in finished(client, run["status_url"]).items() if key != "result"}
    late = events(client, run["status_url"])
    assert late == [("progress", {"stage": "done", "done": 1, "total": 1}), told[-1]]


def test_a_watcher_that_goes_away_leaves_the_run_alone(client: httpx.Client, sample: Organisation) -> None:
    run = start(client, payload=sample.payload(), wait_seconds=0).json()
    with client.stream("GET", f"{run['status_url']}/events") as stream:
        next(stream.iter_lines())
    assert finished(client, run["status_url"])["status"] == "succeeded"


def test_cancelling_is_one_answer_however_often_and_a_finished_run_stays_as_it_is(client: httpx.Client) -> None:
    run = start(client).json()
    for _ in range(2):
        answer = client.post(f"{run['status_url']}/cancel")
        assert (answer.status_code, answer.json()["status"]) == (200, "succeeded")
        assert "result" not in answer.json()


def test_a_run_cancelled_at_work_leaves_nothing_behind(client: httpx.Client) -> None:
    thread = f"t-{uuid.uuid4()}"
    drafts = client.get("/v1/drafts").json()["items"]
    large = payload(2000)
    run = start(client, question=FLAGSHIP_QUESTION, payload=large, thread_id=thread, wait_seconds=0).json()
    cancelled = client.post(f"{run['status_url']}/cancel").json()
    assert (cancelled["status"], cancelled["retry_after_seconds"]) == ("cancelled", 0)
    assert events(client, run["status_url"])[-1][1] == client.get(run["status_url"]).json() == cancelled
    assert client.get(f"{run['status_url']}/report").status_code == 404
    assert client.get("/v1/drafts").json()["items"] == drafts
    after = start(client, question="why the first one?", thread_id=thread).json()["result"]
    assert "sample organisation" in after["warnings"][0]


def test_a_conversation_goes_on_over_this_door(client: httpx.Client, sample: Organisation) -> None:
    thread = f"t-{uuid.uuid4()}"
    first = start(client, question=FLAGSHIP_QUESTION, payload=sample.payload(), thread_id=thread).json()
    assert first["thread_id"] == thread
    december = start(client, question="only those renewing in December", thread_id=thread).json()["result"]
    expected = [a["account_id"] for a in first["result"]["accounts"] if a["renewal_date"].startswith("2026-12")]
    assert [account["account_id"] for account in december["accounts"]] == expected


def test_a_dry_run_keeps_no_draft_no_payload_and_no_conversation(client: httpx.Client, sample: Organisation) -> None:
    thread = f"t-{uuid.uuid4()}"
    run = start(client, question=FLAGSHIP_QUESTION, payload=sample.payload(), thread_id=thread, dry_run=True).json()
    assert (run["status"], run["dry_run"], run["thread_id"]) == ("succeeded", True, "")
    assert client.get(run["status_url"]).json()["result"] == run["result"]
    draft_id = run["result"]["accounts"][0]["draft"]["draft_id"]
    assert draft_id and client.get(f"/v1/drafts/{draft_id}").status_code == 404
    row = client.get(f"{run['status_url']}/accounts").json()["items"][0]
    assert (row["draft_id"], row["draft_status"]) == ("", "") and row["draft_body"]
    after = start(client, question="why the first one?", thread_id=thread).json()["result"]
    assert "sample organisation" in after["warnings"][0]


def test_the_same_key_and_body_is_the_same_run(client: httpx.Client, sample: Organisation) -> None:
    key = str(uuid.uuid4())
    first = start(client, key=key, payload=sample.payload())
    again = start(client, key=key, payload=sample.payload())
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert (again.status_code, again.json()) == (200, first.json())
    other = start(client, key=key, question="Which are lost?", payload=sample.payload())
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_mismatch")
    assert start(client, payload=sample.payload()).json()["run_id"] != first.json()["run_id"]


def test_the_order_of_names_in_a_body_is_no_other_body(client: httpx.Client) -> None:
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    first = client.post("/v1/churn/runs", content=b'{"dry_run":false,"input":{}}', headers=headers)
    again = client.post("/v1/churn/runs", content=b'{ "input": {}, "dry_run": false }', headers=headers)
    assert first.json()["run_id"] == again.json()["run_id"]


def test_fifty_posts_at_once_with_one_key_are_one_run(client: httpx.Client, service: str) -> None:
    key = str(uuid.uuid4())
    with (
        httpx.Client(base_url=service, timeout=60, trust_env=False, limits=httpx.Limits(max_connections=50)) as many,
        ThreadPoolExecutor(50) as threads,
    ):
        answers = list(threads.map(lambda _: start(many, key=key), range(50)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["run_id"] for answer in answers}) == 1
    assert [answer.headers.get("idempotent-replayed") for answer in answers].count(None) == 1


@pytest.mark.parametrize("key", ["", "x" * 201, "caf\u00e9", "a\tb"], ids=["empty", "long", "not ascii", "control"])
def test_an_unusable_key_is_refused(client: httpx.Client, key: str) -> None:
    answer = client.post("/v1/churn/runs", json={}, headers=[(b"Idempotency-Key", key.encode("latin-1"))])  # type: ignore[list-item]
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key")


@pytest.mark.parametrize("path", ["", "/accounts", "/events", "/report", "/cancel"])
@pytest.mark.parametrize("run_id", ["run_" + "0" * 24, "x", "run_%F0%9F%92%A9"])
def test_a_run_that_is_not_there_is_404(client: httpx.Client, path: str, run_id: str) -> None:
    answer = client.request("POST" if path == "/cancel" else "GET", f"/v1/runs/{run_id}{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def lines(payload: dict[str, Any]) -> bytes:
    envelope = {key: value for key, value in payload.items() if key != "accounts"}
    return b"\n".join(json.dumps(line).encode() for line in (envelope, *payload["accounts"]))


@pytest.mark.parametrize(
    ("kind", "zipped"),
    [
        ("application/json", False),
        ("application/json", True),
        ("application/x-ndjson", False),
        ("application/jsonl", True),
    ],
)
def test_an_uploaded_payload_answers_like_a_sent_one(
    client: httpx.Client, sample: Organisation, kind: str, zipped: bool
) -> None:
    payload = sample.payload()
    body = json.dumps(payload).encode() if kind == "application/json" else lines(payload)
    headers = {"Content-Type": kind, **({"Content-Encoding": "gzip"} if zipped else {})}
    name = f"nightly:{uuid.uuid4()}"
    answer = client.put(f"/v1/payloads/{name}", content=gzip.compress(body) if zipped else body, headers=headers)
    receipt = answer.json()
    assert answer.status_code == 201
    assert (receipt["payload_id"], receipt["received"], receipt["rejected"]) == (name, len(sample.accounts), 0)
    assert receipt["correlation_id"] == answer.headers["x-correlation-id"]
    assert receipt["expires_at"] > receipt["stored_at"]
    uploaded = start(client, input={"payload_id": name}).json()["result"]
    sent = start(client, payload=payload).json()["result"]
    assert uploaded["totals"] == sent["totals"]
    assert [a["churn_probability"] for a in uploaded["accounts"]] == [a["churn_probability"] for a in sent["accounts"]]


def test_an_upload_replaces_the_earlier_one_and_can_be_taken_back(client: httpx.Client) -> None:
    def put(*ids: str) -> httpx.Response:
        accounts = [{"account_id": one} for one in ids]
        return client.put("/v1/payloads/mine", json={"schema_version": "1", "accounts": accounts})

    assert put("1").status_code == 201
    assert put("1", "2").status_code == 200
    assert start(client, input={"payload_id": "mine"}).json()["result"]["totals"]["received"] == 2
    both = start(client, input={"payload_id": "mine", "payload": {"schema_version": "1"}})
    assert (both.status_code, both.json()["errors"][0]["pointer"]) == (422, "/input/payload_id")
    assert client.delete("/v1/payloads/mine").status_code == 204
    assert client.delete("/v1/payloads/mine").status_code == 404
    assert start(client, input={"payload_id": "mine"}).json()["code"] == "payload_unknown"


@pytest.mark.parametrize("name", ["x" * 121, "a b", "pay_1", "caf\u00e9", "%00"])
def test_an_unusable_payload_id_is_refused(client: httpx.Client, name: str) -> None:
    answer = client.put(f"/v1/payloads/{name}", json={"schema_version": "1", "accounts": []})
    assert answer.status_code == 422
    assert client.delete(f"/v1/payloads/{name}").status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/schema_version"),
        ({"schema_version": "9"}, "/schema_version"),
        ({"schema_version": "1", "accounts": 4}, "/accounts"),
        ({"hello": 1}, "/accounts"),
        ([1], ""),
    ],
)
def test_what_is_no_payload_is_neither_stored_nor_checked_and_the_pointer_is_into_the_body(
    client: httpx.Client, body: Any, pointer: str
) -> None:
    for answer in (client.put("/v1/payloads/wrong", json=body), client.post("/v1/payloads/check", json=body)):
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert client.delete("/v1/payloads/wrong").status_code == 404


def test_a_check_says_what_a_run_would_find_and_stores_nothing(client: httpx.Client, sample: Organisation) -> None:
    payload = sample.payload()
    accounts = [*payload["accounts"][:5], {"name": "no id"}, payload["accounts"][0]]
    body = {**payload, "accounts": accounts}
    before = client.get("/v1/drafts").json()["items"]
    answer = client.post("/v1/payloads/check", json=body)
    check = answer.json()
    assert (check["received"], check["accepted"], len(check["rejected"])) == (7, 5, 2)
    assert check["rejected"][0]["pointer"] == "/accounts/5/account_id"
    assert check["as_of"] == payload["as_of"]
    assert check["correlation_id"] == answer.headers["x-correlation-id"]
    run = start(client, payload=body).json()["result"]
    in_check = [f"/payload{entry['pointer']}" for entry in check["rejected"]]
    assert [entry["pointer"] for entry in run["rejected"]] == in_check
    assert any("already stood" in finding["message"] for finding in check["data_quality"])
    assert client.get("/v1/drafts").json()["items"] == before


def test_a_check_is_as_of_the_day_asked_for(client: httpx.Client, sample: Organisation) -> None:
    answer = client.post("/v1/payloads/check", params={"as_of": "2026-10-01"}, json=sample.payload())
    assert answer.json()["as_of"] == "2026-10-01"
    wrong = client.post("/v1/payloads/check", params={"as_of": "soon"}, json=sample.payload())
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/as_of")


def test_a_large_result_is_left_out_said_so_and_read_whole_elsewhere(tmp_path: Path, sample: Organisation) -> None:
    settings = load_settings(data_dir=tmp_path, port=0, limits=Limits(result_kib=1))
    with (
        served(create_app(settings, clock=fixed_clock)) as url,
        httpx.Client(base_url=url, timeout=60, trust_env=False) as client,
    ):
        run = start(client, payload=sample.payload()).json()
        assert (run["status"], run["result_omitted"]) == ("succeeded", True)
        assert "result" not in run and client.get(run["status_url"]).json() == run
        report = client.get(f"{run['status_url']}/report").json()
        rows = client.get(f"{run['status_url']}/accounts").json()["items"]
    assert [row["account_id"] for row in rows] == [account["account_id"] for account in report["accounts"]]


def test_a_service_that_ends_leaves_no_run_at_work(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path, port=0)
    with (
        served(create_app(settings, clock=fixed_clock)) as url,
        httpx.Client(base_url=url, timeout=60, trust_env=False) as client,
    ):
        run = start(client, payload=payload(3000), wait_seconds=0).json()
        assert run["status"] in ("queued", "running")
    with (
        served(create_app(settings, clock=fixed_clock)) as url,
        httpx.Client(base_url=url, timeout=60, trust_env=False) as client,
    ):
        after = client.get(run["status_url"]).json()
    assert (after["status"], after["error"]["code"]) == ("failed", "run_interrupted")


def test_the_document_types_requests_and_runs_of_each_workflow_without_null(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    schemas = document["components"]["schemas"]
    body = document["paths"]["/v1/churn/runs"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/ChurnRunRequest"}
    assert schemas["ChurnRunRequest"]["properties"]["input"] == {"$ref": "#/components/schemas/ChurnRequest"}
    assert "accounts" in schemas["UnifiedPayload"]["properties"]
    assert schemas["ChurnRun"]["properties"]["result"]["$ref"] == "#/components/schemas/ChurnReport"
    own = (
        "ChurnRunRequest",
        "ChurnRun",
        "Run",
        "RunHead",
        "AccountRow",
        "AccountPage",
        "PayloadReceipt",
        "PayloadCheck",
    )
    assert all("null" not in json.dumps(schemas[name]) for name in own)


def test_names_of_the_request_that_nobody_knows_are_shown_short_and_harmless(client: httpx.Client) -> None:
    name = "<script>zeb@firm.example" + "k" * 200_000
    answer = client.post("/v1/churn/runs", json={"input": {"question": "help"}, name: 1})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["message"]) == (422, "there is no such name here")
    assert error["pointer"].startswith("/?script?zeb?firm.example") and len(error["pointer"]) < 100


def test_an_upload_that_was_replaced_ends_the_conversation_over_it(tmp_path: Path) -> None:
    body = {"schema_version": "1", "accounts": [{"account_id": "A"}]}
    with (
        served(create_app(load_settings(data_dir=tmp_path, port=0))) as url,
        httpx.Client(base_url=url, timeout=60, trust_env=False) as client,
    ):
        client.put("/v1/payloads/replaced", json=body)
        first = client.post("/v1/churn/runs", json={"input": {"payload_id": "replaced"}, "thread_id": "t"})
        assert first.json()["status"] == "succeeded"
        client.put("/v1/payloads/replaced", json={**body, "accounts": []})
        again = client.post("/v1/churn/runs", json={"input": {"question": "why?"}, "thread_id": "t"})
        assert again.json()["error"]["code"] == "payload_replaced"


def test_a_value_nested_deeper_than_json_is_written_is_refused(client: httpx.Client) -> None:
    deep: Any = []
    for _ in range(300):
        deep = [deep]
    payload = {"schema_version": "1", "accounts": [], "zzz": deep}
    answers = [
        client.post("/v1/churn/runs", json={"input": {"zzz": deep}}, headers={"idempotency-key": "deep"}),
        client.post("/v1/churn/runs", json={"input": {"payload": payload}}),
        client.put("/v1/payloads/deep", json=payload),
    ]
    assert [answer.status_code for answer in answers[::2]] == [422, 422]
    said = answers[1].json()
    assert (said.get("error") or said)["status"] == 422


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/openapi.json", "/openapi-3.0.json"])
def test_open_paths_read_no_body(client: httpx.Client, path: str) -> None:
    answer = client.post(path, content=b"", headers={"content-encoding": "gzip"})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


def test_a_foreign_host_is_refused_as_a_problem(client: httpx.Client) -> None:
    answer = client.get("/livez", headers={"host": "evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (400, "foreign_host")


def test_a_null_in_the_request_is_what_was_not_sent(client: httpx.Client) -> None:
    given = {"question": None, "payload": {"schema_version": "1"}, "payload_id": None, "as_of": None}
    answer = client.post("/v1/churn/runs", json={"input": given})
    assert answer.json()["status"] == "succeeded"
