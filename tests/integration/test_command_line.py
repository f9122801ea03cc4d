"""`baton` as a person runs it: answers, files, exit codes, one-line errors."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from connectors.sample import Organisation

QUESTION = "Which enterprise customers in EMEA are at risk of churn this quarter?"


@pytest.fixture
def payload_file(sample: Organisation, tmp_path: Path) -> Path:
    file = tmp_path / "payload.json"
    file.write_text(json.dumps(sample.payload()))
    return file


def baton(folder: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "BATON_DATA_DIR": str(folder / "data"), "NO_COLOR": "1", "COLUMNS": "120"}
    command = [sys.executable, "-m", "app.cli.main", *arguments]
    return subprocess.run(
        command, input=stdin, capture_output=True, text=True, env=environment, timeout=120, check=False
    )


def test_ask_prints_the_answer_and_how_to_ask_on(tmp_path: Path, payload_file: Path) -> None:
    done = baton(tmp_path, "ask", f"{QUESTION} Draft an email for each.", "--payload", str(payload_file))
    assert done.returncode == 0, done.stderr
    assert "at risk of leaving by" in done.stdout
    assert "--thread" in done.stdout
    assert "[[" not in done.stdout
    assert done.stderr == ""


def test_ask_gives_the_masked_report_as_json_and_a_page(tmp_path: Path, payload_file: Path) -> None:
    page = tmp_path / "report.html"
    done = baton(
        tmp_path,
        "ask",
        f"{QUESTION} Draft an email for each.",
        "--payload",
        str(payload_file),
        "--json",
        "--html",
        str(page),
    )
    report = json.loads(done.stdout)
    assert report["accounts"] and "[[contact_1." in done.stdout
    html = page.read_text()
    assert "<svg" in html and "[[" not in html
    assert "http://" not in html.replace("http://www.w3.org", "") and "https://" not in html


def test_a_conversation_goes_on_from_the_command_line(tmp_path: Path, payload_file: Path) -> None:
    first = json.loads(
        baton(tmp_path, "ask", QUESTION, "--payload", str(payload_file), "--thread", "monday", "--json").stdout
    )
    second = json.loads(baton(tmp_path, "ask", "why the first one?", "--thread", "monday", "--json").stdout)
    assert [a["account_id"] for a in second["accounts"]] == [first["accounts"][0]["account_id"]]


def test_drafts_of_a_question_are_listed_and_shown(tmp_path: Path, payload_file: Path) -> None:
    assert "No drafts yet" in baton(tmp_path, "drafts", "list").stdout
    baton(tmp_path, "ask", f"{QUESTION} Draft an email for each.", "--payload", str(payload_file))
    items = json.loads(baton(tmp_path, "drafts", "list", "--json").stdout)
    shown = baton(tmp_path, "drafts", "show", items[0]["draft_id"])
    assert items[0]["subject"] in shown.stdout
    assert baton(tmp_path, "drafts", "show", "nope").returncode == 2


def test_score_gives_every_active_account_once(tmp_path: Path, payload_file: Path, sample: Organisation) -> None:
    done = baton(tmp_path, "score", str(payload_file))
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert list(rows[0]) == ["account_id", "churn_probability", "low", "high", "band", "abstained"]
    assert [row["account_id"] for row in rows] == [a.account_id for a in sample.accounts if a.status == "active"]
    assert all(
        0 < float(row["low"]) <= float(row["churn_probability"]) <= float(row["high"]) < 1
        for row in rows
        if row["abstained"] == "False"
    )


def test_a_longer_horizon_never_lowers_a_probability(tmp_path: Path, payload_file: Path) -> None:
    short, long = (
        list(csv.DictReader(io.StringIO(baton(tmp_path, "score", str(payload_file), "--horizon-days", days).stdout)))
        for days in ("30", "365")
    )
    pairs = [
        (float(a["churn_probability"]), float(b["churn_probability"]))
        for a, b in zip(short, long, strict=True)
        if a["abstained"] == "False"
    ]
    assert pairs and all(earlier <= later + 1e-9 for earlier, later in pairs)


def test_payloads_come_as_lines_gzipped_or_from_standard_input(
    tmp_path: Path, sample: Organisation, payload_file: Path
) -> None:
    document = sample.payload()
    envelope = {key: value for key, value in document.items() if key != "accounts"}
    lines = "\n".join(json.dumps(item) for item in [envelope, *document["accounts"]])
    packed = tmp_path / "payload.jsonl.gz"
    packed.write_bytes(gzip.compress(lines.encode()))
    expected = baton(tmp_path, "score", str(payload_file)).stdout
    assert baton(tmp_path, "score", str(packed)).stdout == expected
    assert baton(tmp_path, "score", "-", stdin=lines).stdout == expected


def test_check_names_what_cannot_be_read_by_pointer_and_fails(tmp_path: Path) -> None:
    file = tmp_path / "bad.json"
    file.write_text(
        json.dumps(
            {
                "schema_version": "1",
                "accounts": [{"account_id": "A"}, {"account_id": "B", "usage": [{"week_start": "2026-02-30"}]}],
            }
        )
    )
    done = baton(tmp_path, "check", str(file))
    assert done.returncode == 2
    assert "/accounts/1/usage/0/week_start" in done.stdout
    assert json.loads(baton(tmp_path, "check", str(file), "--json").stdout)["received"] == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask", QUESTION, "--payload", "missing.json"),
        ("ask", QUESTION, "--as-of", "2026-02-30"),
        ("ask", "x" * 5000),
        ("score", "missing.json"),
        ("check", "missing.json"),
        ("backtest", "missing"),
        ("drafts", "list", "--status", "lost"),
        ("serve", "--host", "0.0.0.0"),
    ],
    ids=lambda arguments: " ".join(arguments)[:40],
)
def test_errors_are_one_line_on_stderr_with_exit_code_two(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = baton(tmp_path, *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("baton: ") and done.stderr.count("\n") == 1


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    assert "Traceback" in baton(tmp_path, "score", "missing.json", "--debug").stderr


def test_doctor_and_openapi_answer(tmp_path: Path) -> None:
    assert "store        ok (sqlite; 0 runs" in baton(tmp_path, "doctor").stdout
    assert "/churn/invoke" in json.loads(baton(tmp_path, "openapi").stdout)["paths"]


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    code = "import sys, app.cli.main; print(sorted({'pandas', 'langgraph', 'langserve', 'fastapi', 'sqlalchemy', 'langchain_core'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "arguments",
    [("ask",), ("nonsense",), ("ask", "x", "--bogus"), ("score", "p.json", "--horizon-days", "0"), ("check", "none")],
    ids=" ".join,
)
def test_every_usage_error_is_one_line_and_exit_code_2_also_with_debug(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    plain, debug = baton(tmp_path, *arguments), baton(tmp_path, *arguments, "--debug")
    assert (plain.returncode, debug.returncode) == (2, 2)
    assert len(plain.stderr.splitlines()) == 1 and plain.stderr.startswith("baton: ")
    assert "Traceback" in debug.stderr
