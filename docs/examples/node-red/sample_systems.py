"""Writes the sample organisation as the flow finds it: accounts and usage in PostgreSQL, the rest as CSV exports.

Run it from the checkout: `.venv/bin/python docs/examples/node-red/sample_systems.py FOLDER DATABASE_URL`.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import sqlite3
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

from connectors.sample import Organisation, organisation
from connectors.sample.systems import crm_records, write_billing_exports, write_usage_database

_SCHEMA = """
DROP TABLE IF EXISTS crm_accounts, tenants, usage_weekly, loads;
CREATE TABLE crm_accounts (
    account_id text PRIMARY KEY, name text, website text, parent_id text, segment text, region text, country text,
    industry text, status text, arr double precision, currency text, owner_id text, contract_start date,
    renewal_date date, term_months integer, seats integer, auto_renew boolean, notice_days integer);
CREATE TABLE tenants (tenant_slug text PRIMARY KEY, domain text, created_at date);
CREATE TABLE usage_weekly (
    tenant_slug text, week_start date, active_users integer, licensed_seats integer, key_actions integer,
    api_calls integer, features_used integer, PRIMARY KEY (tenant_slug, week_start));
CREATE TABLE loads (finished_at timestamptz);
"""
_EXPORTS = {
    "users": "User",
    "contacts": "Contact",
    "cases": "Case",
    "tasks": "Task",
    "surveys": "Survey_Response__c",
}


def write_systems(folder: Path, database_url: str, as_of: dt.date) -> None:
    """Fill the database's four tables anew and write `crm/` and `billing/` into the folder."""
    sample = organisation(as_of)
    records = crm_records(sample)
    with psycopg.connect(database_url) as database:
        database.execute(_SCHEMA)
        _copy(database, "crm_accounts", [list(row.values()) for row in records["Account"]])
        for table, rows in _usage(sample).items():
            _copy(database, table, rows)
    write_billing_exports(sample, folder / "billing")
    (folder / "crm").mkdir(parents=True, exist_ok=True)
    for name, kind in _EXPORTS.items():
        _write_csv(folder / "crm" / f"{name}.csv", records[kind])


def _usage(sample: Organisation) -> dict[str, list[tuple[Any, ...]]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "usage.sqlite"
        write_usage_database(sample, path)
        with closing(sqlite3.connect(path)) as database:
            return {
                table: database.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - fixed names
                for table in ("tenants", "usage_weekly", "loads")
            }


def _copy(database: psycopg.Connection[Any], table: str, rows: Sequence[Sequence[Any]]) -> None:
    with database.cursor().copy(f"COPY {table} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _write_csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("database_url")
    parser.add_argument("--as-of", type=dt.date.fromisoformat, default=dt.datetime.now(dt.UTC).date())
    given = parser.parse_args()
    write_systems(given.folder, given.database_url, given.as_of)
