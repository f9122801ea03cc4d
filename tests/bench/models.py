"""The model engine beside a bare `ChatOpenAI` gather of the same messages, and what its calls take and leave in memory."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.model_run import AT_ONCE
from tests.bench.payloads import payload_at_risk
from tests.bench.slow_model import slow_model

ANSWER_SECONDS = 0.2
ACCOUNTS, FEW_ACCOUNTS = 1_000, 250
TURNS = 3


def rows() -> Iterator[str]:
    """The tables in Markdown, line by line."""
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        many, few = (_payload_file(Path(folder), accounts) for accounts in (ACCOUNTS, FEW_ACCOUNTS))
        with slow_model(ANSWER_SECONDS) as url:
            yield from _turn_rows(_measured("turns", str(many), url, str(TURNS)))
            yield ""
            yield from _memory_rows(many, few, url)


def _turn_rows(figures: dict[str, Any]) -> Iterator[str]:
    accounts, calls = figures["at_risk"], figures["calls"]
    ideal = calls * ANSWER_SECONDS / AT_ONCE
    yield (
        f"| {accounts:,} accounts at risk | engine s | bare gather s | engine to gather | calls × {ANSWER_SECONDS} s ÷ {AT_ONCE} "
        "| engine to that | CPU ms an account | gather's |"
    )
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    for number, turn in enumerate(figures["turns"], start=1):
        yield (
            f"| turn {number} | {turn['engine']:.1f} | {turn['bare']:.1f} | {turn['engine'] / turn['bare']:.2f} | {ideal:.1f} "
            f"| {turn['engine'] / ideal:.2f} | {turn['engine_cpu'] * 1000 / accounts:.1f} | {turn['bare_cpu'] * 1000 / accounts:.1f} |"
        )
    yield ""
    yield "| calls | calls an account | input tokens a call, median | tokens in the largest | mails by the model | fall-backs |"
    yield "|---:|---:|---:|---:|---:|---:|"
    yield (
        f"| {calls:,} | {calls / accounts:.2f} | {figures['input_tokens']:,.0f} | {figures['most_input_tokens']:,} "
        f"| {figures['written']:,} | {figures['degraded']} |"
    )


def _memory_rows(many: Path, few: Path, url: str) -> Iterator[str]:
    """Peak memory of one run in a process of its own; the built-in engine's tells what the accounts themselves take."""
    yield "| accounts at risk | calls | peak MB | peak MB, built-in engine |"
    yield "|---:|---:|---:|---:|"
    found = []
    for file, accounts in ((few, FEW_ACCOUNTS), (many, ACCOUNTS)):
        by_model, built_in = _measured("memory", str(file), url), _measured("memory", str(file))
        found.append((by_model["calls"], by_model["peak_mb"] - built_in["peak_mb"]))
        yield f"| {accounts:,} | {by_model['calls']:,} | {by_model['peak_mb']:.0f} | {built_in['peak_mb']:.0f} |"
    (fewer, less), (more, most) = found
    yield ""
    yield f"Memory beyond the built-in engine's grows by {(most - less) * 1000 / (more - fewer):.0f} kB a call."


def _payload_file(folder: Path, accounts: int) -> Path:
    file = folder / f"{accounts}.json"
    file.write_text(json.dumps(payload_at_risk(accounts)))
    return file


def _measured(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.model_run", *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures
