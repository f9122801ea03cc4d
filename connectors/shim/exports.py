"""Reads the usage database and billing's CSV exports as raw rows."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.errors import SourceUnavailableError

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class UsageExport:
    """Tenants, their weeks, and when the database was last loaded (ISO, or empty)."""

    tenants: Rows
    weeks: Rows
    loaded_at: str


@dataclass(frozen=True)
class BillingExport:
    """Customers, invoices and contract changes, and when they were exported (ISO, or empty)."""

    customers: Rows
    invoices: Rows
    changes: Rows
    exported_at: str


def read_usage(path: Path) -> UsageExport:
    """Everything in the usage database, opened for reading only.

    Raises:
        SourceUnavailableError: There is no such database, or it cannot be read.
    """
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5.0)) as database:
            database.row_factory = sqlite3.Row
            (loaded,) = database.execute("SELECT max(finished_at) FROM loads").fetchone()
            return UsageExport(
                tenants=[dict(row) for row in database.execute("SELECT tenant_slug, domain FROM tenants")],
                weeks=[
                    dict(row)
                    for row in database.execute(
                        "SELECT tenant_slug, week_start, active_users, licensed_seats, key_actions, api_calls,"
                        " features_used FROM usage_weekly ORDER BY tenant_slug, week_start"
                    )
                ],
                loaded_at=loaded or "",
            )
    except sqlite3.Error as error:
        raise SourceUnavailableError(f"The usage database cannot be read ({type(error).__name__}).") from error


def read_billing(folder: Path) -> BillingExport:
    """The CSV files of a billing export.

    Raises:
        SourceUnavailableError: A file is missing or is no such CSV.
    """
    try:
        manifest = json.loads((folder / "export.json").read_text(encoding="utf-8"))
        return BillingExport(
            customers=_rows(folder / "customers.csv", "customer_id"),
            invoices=_rows(folder / "invoices.csv", "customer_id"),
            changes=_rows(folder / "contract_changes.csv", "customer_id"),
            exported_at=str(manifest.get("exported_at", "")) if isinstance(manifest, dict) else "",
        )
    except (OSError, UnicodeDecodeError, csv.Error, json.JSONDecodeError) as error:
        raise SourceUnavailableError(f"The billing export cannot be read ({type(error).__name__}).") from error


def _rows(path: Path, key: str) -> Rows:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if key not in (reader.fieldnames or ()):
            raise SourceUnavailableError(f"The billing export's {path.name} has no column {key}.")
        return list(reader)
