"""`baton backtest`: scores past days of a history with the data as it stood, and compares with who left."""

from __future__ import annotations

import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app.settings import load_settings
from chains.churn.backtest import Backtest, backtest
from connectors.exports import read_exports, read_labels, read_mapping
from connectors.payload import read_payload


def backtest_history(folder: Path, *, mapping: Path | None, as_json: bool) -> None:
    """Print how well the documented scorecard ranks and how well its probabilities hold."""
    spec = read_mapping(folder, mapping)
    read = read_payload(read_exports(folder, spec).document, max_accounts=10**9)
    result = backtest(read.payload, read_labels(folder, spec), config=load_settings().churn)
    if as_json:
        print(json.dumps(result.as_dict(), indent=2))
    else:
        show(result, Console())


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
