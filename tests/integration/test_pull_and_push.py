"""The same data, read from three real systems or pushed as a payload, gives the same answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from chains.churn.schema import FLAGSHIP_QUESTION
from connectors.sample import Organisation
from tests.three_systems import HISTORY, HISTORY_MAPPING, ROOT, history_systems, sample_systems

pytestmark = pytest.mark.slow


def baton(*arguments: str, folder: Path, environ: Mapping[str, str]) -> str:
    """What a command of Baton's prints."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("BATON_")}
    done = subprocess.run(
        [sys.executable, "-m", "app.cli.main", *arguments],
        cwd=ROOT,
        env={**bare, "BATON_DATA_DIR": str(folder / "data"), **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def asked(folder: Path, environ: Mapping[str, str], *options: str) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(
        baton("ask", FLAGSHIP_QUESTION, "--json", *options, folder=folder, environ=environ)
    )
    return report


def scores(report: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """What the answer says of every account, in its order."""
    return [
        (
            account["account_id"],
            account["churn_probability"],
            account["renewal_risk"],
            account["interval"],
            account["band"],
            [driver["statement"] for driver in account["drivers"]],
            account["draft"]["body"],
        )
        for account in report["accounts"]
    ]


@pytest.mark.skipif(not HISTORY.is_dir(), reason="the reference data does not stand beside this checkout")
def test_history_read_from_three_systems_is_answered_as_the_same_data_pushed(tmp_path: Path, postgres_url: str) -> None:
    payload = tmp_path / "payload.json"
    baton(
        "payload", str(HISTORY), "--mapping", str(HISTORY_MAPPING), "--out", str(payload), folder=tmp_path, environ={}
    )
    pushed = asked(tmp_path / "push", {}, "--payload", str(payload), "--as-of", "2026-11-16")
    with history_systems(tmp_path, postgres_url) as systems:
        pulled = asked(
            tmp_path / "pull",
            {**systems.environ, "BATON_SOURCES": str(systems.sources)},
            "--as-of",
            "2026-11-16",
        )
    assert len(pulled["accounts"]) > 5
    assert scores(pulled) == scores(pushed)
    assert pulled["totals"] == pushed["totals"]


def test_sample_organisation_read_from_three_systems_is_answered_as_its_truth(
    tmp_path: Path, postgres_url: str, sample: Organisation
) -> None:
    payload = tmp_path / "payload.json"
    payload.write_text(json.dumps(sample.payload()), encoding="utf-8")
    day = ("--as-of", sample.as_of.isoformat())
    pushed = asked(tmp_path / "push", {}, "--payload", str(payload), *day)
    with sample_systems(tmp_path, postgres_url, sample) as systems:
        pulled = asked(tmp_path / "pull", {**systems.environ, "BATON_SOURCES": str(systems.sources)}, *day)
        assert systems.salesforce.sign_ins > 1, "a session was meant to end in mid-read"
    assert [row[:2] for row in scores(pulled)] == [row[:2] for row in scores(pushed)]
    assert not any("sample organisation" in warning for warning in pulled["warnings"])
