"""`baton evals`: tries a model, or recorded answers, on the cases and prints what they are worth."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import orjson
from pydantic import ValidationError
from rich.console import Console

from app.errors import ConfigurationError, RejectedError
from app.settings import load_settings
from chains.churn.evals.cases import Cases, answered, read_cases
from chains.churn.evals.scores import Measure, measures
from chains.churn.evals.table import as_document, read_documents, table_of
from chains.churn.evals.watching import Log, RecordedRun, WatchedRun, outdated, read_recording, write_recording
from chains.churn.schema import ChurnReport
from chains.models import ModelGateway, ModelsConfig

CASES = Path("tests/evals/cases")
_HOURS = 3600.0 * 4


def run_evals(
    files: Sequence[Path], *, model: str, base_url: str, recorded: Sequence[Path], record: Path | None, out: Path | None
) -> None:
    """Run the cases with the configured model, the one named, or recorded answers; print and save the measures.

    With recorded answers and a model named, the model is asked for what was not recorded alone.
    """
    for file in (record, out):
        if file is not None and not file.absolute().parent.is_dir():
            raise RejectedError(f"{file} cannot be written: there is no folder {file.parent}.")
    cases = [_cases(file) for file in files or sorted(CASES.glob("*.json*"))]
    if not cases:
        raise RejectedError(f"There are no cases in {CASES}; name their files, or start from the checkout.")
    given = {"llm_model": model} if model else {}
    settings = load_settings(**given, **({"llm_base_url": base_url} if base_url else {}))
    engine = settings.model_engine
    if not recorded and not engine.enabled:
        raise ConfigurationError("No model is configured: set BATON_LLM_MODEL, or give --model or --recorded.")
    console, columns, logs = Console(), [], []
    for one in cases:
        report, log = asyncio.run(_answered(one, engine, recorded, asks_on=bool(recorded and model)))
        found = measures(one, report, log)
        columns.append((one.name, found))
        logs.append(log)
        _say_what_fell(console, one.name, log)
    name = model or (recorded[0].stem if recorded else ", ".join(engine.routes[r].name for r in engine.default))
    console.print(table_of(name, columns))
    if recorded and (old := outdated(recorded, _versions(logs))):
        console.print(f"{old} answers were recorded for another version of their prompt; record them anew to judge it.")
    if record is not None:
        number = write_recording(record, [asked for log in logs for asked in log.asked])
        console.print(f"{number} answers are in {record}.")
    if out is not None:
        versions = _versions(logs)
        said = ", ".join(f"{step} {version}" for step, version in versions.items())
        documents = [as_document(f"{name}: {case} ({said})", versions, found) for case, found in columns]
        out.write_bytes(orjson.dumps(documents, option=orjson.OPT_INDENT_2))
        console.print(f"The measures are in {out}.")


def compare_evals(first: Path, second: Path) -> None:
    """Print two saved runs side by side, case by case."""
    for (name, one), (other_name, other) in zip(_saved(first), _saved(second), strict=False):
        columns = [(f"{first.stem}: {name}", one), (f"{second.stem}: {other_name}", other)]
        Console().print(table_of("", columns))


def _recorded(files: Sequence[Path]) -> dict[tuple[str, str, int], str]:
    try:
        return read_recording(*files)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RejectedError(
            f"{', '.join(map(str, files))}: no recorded answers of baton evals ({_said(error)})."
        ) from None


async def _answered(
    cases: Cases, engine: ModelsConfig, recorded: Sequence[Path], *, asks_on: bool
) -> tuple[ChurnReport, Log]:
    # A trial is not held to a caller's patience.
    patient = engine.model_copy(update={"run_seconds": _HOURS})
    if recorded and not asks_on:
        patient = patient.model_copy(update={"steps": {}, "default": ["recorded"]})
    async with ModelGateway(patient) as gateway:
        run = RecordedRun(gateway, _recorded(recorded), asks_on=asks_on) if recorded else WatchedRun(gateway)
        return await answered(cases, run)


def _cases(file: Path) -> Cases:
    try:
        return read_cases(file)
    except (OSError, ValueError) as error:
        raise RejectedError(f"{file} holds no cases: {_said(error)}.") from None


def _saved(file: Path) -> list[tuple[str, list[Measure]]]:
    try:
        return read_documents(file)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RejectedError(f"{file} is no saved run of baton evals: {_said(error)}.") from None


def _said(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()[:3])
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def _versions(logs: Sequence[Log]) -> dict[str, str]:
    from chains.churn.model.steps import STEPS
    from prompts.loader import load_prompt

    asked = {one.step for log in logs for one in log.asked}
    return {step.name: load_prompt(step.prompt).version for step in STEPS if step.name in asked}


def _say_what_fell(console: Console, name: str, log: Log) -> None:
    for step, account_id, reason in log.fallen:
        console.print(f"{name}: {step} {account_id} fell back: {reason[:300]}", style="dim", markup=False)
