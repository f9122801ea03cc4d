"""`baton payload` and `baton backtest`: a folder of raw exports in, one payload or the worth of past scores out."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app.cli.scoring import parse_day
from app.errors import RejectedError
from app.settings import load_settings
from chains.churn.backtest import Backtest, as_known_then, backtest
from connectors.errors import InvalidSourceConfigError
from connectors.labels import read_labels
from connectors.payload import read_payload
from connectors.pull import Failure, Pulled, joined_up, read_all
from connectors.source_config import EXAMPLE, LabelsConfig, SourceFile, load_sources
from connectors.wire import wire

_ANY = 10**9


def backtest_history(folder: Path, *, mapping: Path | None, as_json: bool, environ: Mapping[str, str]) -> None:
    """Print how well the documented scorecard ranks and how well its probabilities hold."""
    sources = _mapping(folder, mapping, environ)
    settings = load_settings()
    labels = read_labels(sources.labels or LabelsConfig(str(folder), "labels.csv"), utc_now)
    read = read_payload(_joined(sources, settings.pull.timeout_seconds).document, max_accounts=_ANY)
    result = backtest(read.payload, labels, config=settings.churn)
    if as_json:
        print(json.dumps(result.as_dict(), indent=2))
    else:
        show(result, Console())


def write_payload(
    folder: Path, *, mapping: Path | None, out: Path | None, as_of: str, past: bool, environ: Mapping[str, str]
) -> None:
    """Write the joined exports as JSON, and say on stderr what was doubtful in reading and joining them.

    For a past day, what a CRM overwrites is put back: an account lost since is active, and renewals are derived.
    """
    pulled = _joined(_mapping(folder, mapping, environ), load_settings().pull.timeout_seconds)
    document = {name: value for name, value in pulled.document.items() if name != "as_of"}
    if as_of:
        document["as_of"] = parse_day(as_of).isoformat()
    if past:
        day = parse_day(as_of)
        accounts = [
            as_known_then(account, day) for account in read_payload(document, max_accounts=_ANY).payload.accounts
        ]
        document["accounts"] = [wire(account) for account in accounts]
    text = json.dumps(document, ensure_ascii=False)
    if out is None:
        print(text)
    else:
        try:
            out.write_text(text, encoding="utf-8")
        except OSError as error:
            raise RejectedError(f"Cannot write {out}: {error.strerror}.") from None
        print(f"{len(document['accounts'])} accounts written to {out}.", file=sys.stderr)
    for finding in pulled.findings:
        if not finding.code.startswith("account."):
            print(f"{finding.scope}: {finding.message}", file=sys.stderr)


def utc_now() -> dt.datetime:
    """The present instant."""
    return dt.datetime.now(dt.UTC)


def _mapping(folder: Path, mapping: Path | None, environ: Mapping[str, str]) -> SourceFile:
    """The mapping of the folder, or the one that stands elsewhere; what it names lies in the folder.

    Raises:
        InvalidSourceConfigError: There is none, or it is wrong.
    """
    file = mapping or folder / "mapping.yaml"
    if not file.is_file():
        raise InvalidSourceConfigError(
            f"There is no {file.name} in {file.parent}; give one with --mapping (an example is {EXAMPLE})."
        )
    return load_sources(file, environ=environ, folder=folder)


def _joined(sources: SourceFile, timeout_seconds: float) -> Pulled:
    """All sources joined; here one that fails ends the command."""
    results = asyncio.run(read_all(sources.sources, clock=utc_now, timeout_seconds=timeout_seconds))
    for result in results:
        if isinstance(result, Failure):
            raise result.error
    return joined_up(results, as_of=utc_now().date(), read_at=utc_now(), history=None)


def show(result: Backtest, console: Console) -> None:
    """Print the tables."""
    table = Table(
        "accounts", "scored", "left", "AUC", "Brier", "Brier of the base rate", "ECE", box=None, pad_edge=False
    )
    for slice_ in result.slices:
        table.add_row(
            slice_.name,
            str(slice_.count),
            str(slice_.churned),
            f"{slice_.auc:.3f}",
            f"{slice_.brier:.3f}",
            f"{slice_.base_brier:.3f}",
            f"{slice_.ece:.3f}",
        )
    console.print(table)
    curve = Table(
        "predicted",
        "observed",
        "accounts",
        box=None,
        pad_edge=False,
        title="Reliability, renewing within 90 days",
        title_justify="left",
    )
    for point in result.reliability:
        curve.add_row(f"{point.predicted:.2f}", f"{point.observed:.2f}", str(point.count))
    console.print(curve)
    console.print(
        f"{result.abstained} of {result.labelled} labelled account-days had too little data and were not scored."
    )
