"""`baton backtest`: scores past days of a history with the data as it stood, and compares with who left."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app.cli.scoring import parse_day
from app.errors import RejectedError
from app.settings import load_settings
from chains.churn.backtest import Backtest, as_known_then, backtest
from connectors.exports import read_exports, read_labels, read_mapping
from connectors.payload import read_payload
from connectors.wire import wire

_ANY = 10**9


def backtest_history(folder: Path, *, mapping: Path | None, as_json: bool) -> None:
    """Print how well the documented scorecard ranks and how well its probabilities hold."""
    spec = read_mapping(folder, mapping)
    read = read_payload(read_exports(folder, spec).document, max_accounts=10**9)
    result = backtest(read.payload, read_labels(folder, spec), config=load_settings().churn)
    if as_json:
        print(json.dumps(result.as_dict(), indent=2))
    else:
        show(result, Console())


def write_payload(folder: Path, *, mapping: Path | None, out: Path | None, as_of: str, past: bool) -> None:
    """Write the joined exports as JSON, and say on stderr which customers of other systems found no account.

    For a past day, what a CRM overwrites is put back: an account lost since is active, and renewals are derived.
    """
    exports = read_exports(folder, read_mapping(folder, mapping))
    document = exports.document
    if as_of:
        document = {**document, "as_of": parse_day(as_of).isoformat()}
    if past:
        day = parse_day(as_of)
        accounts = [
            as_known_then(account, day) for account in read_payload(document, max_accounts=_ANY).payload.accounts
        ]
        document = {**document, "accounts": [wire(account) for account in accounts]}
    text = json.dumps(document, ensure_ascii=False)
    if out is None:
        print(text)
    else:
        try:
            out.write_text(text, encoding="utf-8")
        except OSError as error:
            raise RejectedError(f"Cannot write {out}: {error.strerror}.") from None
        print(f"{len(document['accounts'])} accounts written to {out}.", file=sys.stderr)
    for kind in exports.unmatched:
        lost, doubtful = len(exports.unmatched[kind]), len(exports.ambiguous[kind])
        if lost or doubtful:
            print(
                f"{kind}: {lost} customers found no account, {doubtful} are ambiguous and were left out.",
                file=sys.stderr,
            )


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
