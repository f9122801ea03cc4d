"""Makes the examples of the OpenAPI documents from the real service: `python -m tests.openapi_examples`."""

from __future__ import annotations

import copy
import json
import re
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from app.api.examples import CORRELATION_ID
from app.main import create_app
from app.settings import load_settings
from chains.churn.schema import FLAGSHIP_QUESTION
from connectors.sample import organisation
from connectors.shim.serving import served
from tests.integration.conftest import TODAY, fixed_clock

FILE = Path("app/api/examples.json")
HEADERS = {"X-Correlation-Id": CORRELATION_ID}
MOST = {"usage": 8, "tickets": 2, "contacts": 2, "invoices": 2, "activities": 1, "surveys": 1, "changes": 1}
LISTED = 2
_IDS = re.compile(r"\b(run|thr|pay|dft)_[0-9a-f]{24}\b")


def small_payload() -> dict[str, Any]:
    """One customer of the sample organisation who is at risk, with little of each kind of record."""
    payload = organisation(TODAY).payload()
    wanted = {"segment": "Enterprise", "region": "EMEA", "status": "active"}
    fitting = [one for one in payload["accounts"] if all(one.get(key) == value for key, value in wanted.items())]
    account = copy.deepcopy(next(one for one in fitting if len(one["tickets"]) > 2 and len(one["contacts"]) > 1))
    for kind, most in MOST.items():
        account[kind] = account[kind][-most:]
    return {**payload, "accounts": [account]}


def made(client: httpx.Client) -> dict[str, Any]:
    """The examples, as this service answers; ids that differ from run to run are made the same."""
    payload = small_payload()
    question = {"input": {"question": FLAGSHIP_QUESTION, "payload_id": "weekly"}, "wait_seconds": 8}
    new = client.put("/v1/payloads/weekly", json=payload)
    again = client.put("/v1/payloads/weekly", json=payload)
    checked = client.post("/v1/payloads/check", json=payload)
    waiting = client.post("/v1/churn/runs", json={**question, "wait_seconds": 0})
    while client.get(waiting.json()["status_url"]).json()["retry_after_seconds"]:
        time.sleep(0.05)  # So that the drafts of the next run are the newer ones.
    done = client.post("/v1/churn/runs", json=question)
    assert (new.status_code, again.status_code, waiting.status_code, done.status_code) == (201, 200, 202, 200)
    run = done.json()
    run_id, drafts = run["run_id"], client.get("/v1/drafts", params={"status": "awaiting_approval"})
    draft = drafts.json()["items"][0]
    answers = {
        "startChurnRun": {
            "request": {"input": {"question": FLAGSHIP_QUESTION}, "wait_seconds": 8},
            "200": run,
            "202": waiting.json(),
        },
        "getChurnRun": {"200": client.get(f"/v1/churn/runs/{run_id}").json()},
        "getChurnReport": {"200": client.get(f"/v1/churn/runs/{run_id}/report").json()},
        "getRun": {"200": _without_result(client.get(f"/v1/runs/{run_id}").json())},
        "listRunAccounts": {"200": client.get(f"/v1/runs/{run_id}/accounts").json()},
        "cancelRun": {"200": client.post(f"/v1/runs/{run_id}/cancel").json()},
        "checkPayload": {"request": payload, "200": checked.json()},
        "putPayload": {"request": payload, "200": again.json(), "201": new.json()},
        "listDrafts": {"200": drafts.json()},
        "getDraft": {"200": client.get(f"/v1/drafts/{draft['draft_id']}").json()},
        "*": {
            "parameters": {
                "run_id": run_id,
                "draft_id": draft["draft_id"],
                "payload_id": "weekly",
                "Idempotency-Key": "2026-11-20-weekly",
                "as_of": TODAY.isoformat(),
            }
        },
    }
    return {name: _stable({key: _short(value, key) for key, value in one.items()}) for name, one in answers.items()}


def _without_result(run: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in run.items() if key != "result"}


def _short(value: Any, key: str) -> Any:
    """An answer whose lists hold their first two entries; a request as it is."""
    if key == "request":
        return value
    if isinstance(value, dict):
        return {name: _short(part, "") for name, part in value.items()}
    return [_short(part, "") for part in value[:LISTED]] if isinstance(value, list) else value


def _stable(value: Any) -> Any:
    text = _IDS.sub(lambda found: f"{found[1]}_{'0123456789abcdef' * 2:.24}", json.dumps(value))
    return json.loads(re.sub(r'"digest": "[0-9a-f]{64}"', f'"digest": "{"0123456789abcdef" * 4}"', text))


def main() -> None:
    """Write the file."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(load_settings(data_dir=Path(folder), port=0), clock=fixed_clock)
        with served(app) as url, httpx.Client(base_url=url, headers=HEADERS, timeout=60, trust_env=False) as client:
            FILE.write_text(json.dumps(made(client), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
