"""`baton score` and `baton check`: a payload file in, numbers or findings out."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.cli.files import read_document
from app.errors import RejectedError
from app.settings import load_settings
from chains.churn.scoring import score_payload
from connectors.payload import ReadResult, read_payload
from connectors.quality import assess, summarise


def score_file(file: str, *, as_of: str, horizon_days: int, csv: Path | None) -> None:
    """Score every active account, to CSV on the terminal or in a file; what was set aside is said on stderr."""
    settings = load_settings()
    read = read_payload(read_document(file, settings), max_accounts=10**9)
    frame = score_payload(read.payload, as_of=day_of(read, as_of), horizon_days=horizon_days, config=settings.churn)
    text = frame.to_csv(index=False, float_format="%.6f")
    if csv is None:
        sys.stdout.write(text)
    else:
        try:
            csv.write_text(text, encoding="utf-8")
        except OSError as error:
            raise RejectedError(f"Cannot write {csv}: {error.strerror}.") from None
        print(f"{len(frame)} accounts scored into {csv}.", file=sys.stderr)
    for entry in read.rejected[:20]:
        print(f"set aside {entry.account_id or '?'} {entry.pointer}: {entry.message}", file=sys.stderr)


def check_file(file: str, *, as_of: str, as_json: bool) -> None:
    """Say what is wrong with a payload; exit code 2 when an account had to be set aside."""
    settings = load_settings()
    read = read_payload(read_document(file, settings), max_accounts=settings.limits.accounts)
    findings = summarise([*read.findings, *assess(read.payload, day_of(read, as_of)).findings])
    rejected = [
        {"pointer": entry.pointer, "account_id": entry.account_id, "message": entry.message} for entry in read.rejected
    ]
    shown = [{"severity": f.severity, "scope": f.scope, "message": f.message, "count": f.count} for f in findings]
    if as_json:
        print(json.dumps({"received": read.received, "rejected": rejected, "data_quality": shown}, indent=2))
    else:
        print(f"{read.received} accounts: {len(read.payload.accounts)} can be read, {len(rejected)} cannot.")
        table = Table("where", "account", "what", box=None, pad_edge=False)
        for entry in rejected:
            table.add_row(*(Text(entry[key]) for key in ("pointer", "account_id", "message")))
        for finding in findings:
            table.add_row(Text(finding.severity), Text(finding.scope), Text(finding.message))
        if table.row_count:
            Console().print(table)
    if rejected:
        sys.exit(2)


def day_of(read: ReadResult, as_of: str) -> dt.date:
    """The day asked for, else the payload's, else today.

    Raises:
        RejectedError: There is no such day.
    """
    if not as_of:
        return read.payload.as_of or dt.datetime.now(dt.UTC).date()
    return parse_day(as_of)


def parse_day(text: str) -> dt.date:
    """The day of an option.

    Raises:
        RejectedError: There is no such day.
    """
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise RejectedError("--as-of must be a day such as 2026-11-16.") from None
