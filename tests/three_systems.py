"""Three real systems for tests: a Salesforce stand-in over TLS, a PostgreSQL of usage, and billing as CSV exports."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import trustme
import yaml

from connectors.sample.organisation import Organisation
from connectors.sample.salesforce_server import App, SalesforceServer
from connectors.sample.systems import crm_records, write_billing_exports, write_usage_database
from tests.salesforce_stand_in import served

ROOT = Path(__file__).parents[1]
HISTORY = ROOT.parent / "shared" / "data" / "org_history"
HISTORY_MAPPING = ROOT / "docs" / "examples" / "history_mapping.yaml"
SAMPLE_SOURCES = ROOT / "connectors" / "sample" / "sources.yaml"
_APP = App("baton", "a secret of the test")
_OBJECTS = {"crm_accounts.csv": "Account", "crm_contacts.csv": "Contact", "crm_cases.csv": "Case"}


@dataclass(frozen=True)
class Systems:
    """The file that configures the sources, and the environment that holds their addresses and secrets."""

    sources: Path
    environ: Mapping[str, str]
    salesforce: SalesforceServer


@contextmanager
def sample_systems(folder: Path, postgres: str, sample: Organisation) -> Iterator[Systems]:
    """The sample organisation in three systems."""
    write_billing_exports(sample, folder / "billing")
    write_usage_database(sample, folder / "usage.sqlite")
    with closing(sqlite3.connect(folder / "usage.sqlite")) as usage:
        for table, columns in _tables(usage):
            fill(postgres, table, columns, usage.execute(f"SELECT * FROM {table}"))
    salesforce = SalesforceServer(crm_records(sample), apps=[_APP], page_size=200, session_requests=9)
    connections = {
        "product-usage": {"url": "${USAGE_URL}", "loaded_at_query": "SELECT max(finished_at) FROM loads"},
        "billing": {"folder": str(folder / "billing")},
    }
    with _configured(folder, SAMPLE_SOURCES, salesforce, postgres, connections) as systems:
        yield systems


@contextmanager
def history_systems(folder: Path, postgres: str) -> Iterator[Systems]:
    """The reference history in three systems; its files name what its mapping names."""
    for name in ("usage_tenants", "usage_weekly"):
        columns, rows = _csv(HISTORY / f"{name}.csv")
        fill(postgres, name, {column: _type(column) for column in columns}, rows)
    salesforce = SalesforceServer(
        {name: _records(HISTORY / file) for file, name in _OBJECTS.items()}, apps=[_APP], page_size=2_000
    )
    connections = {"analytics": {"url": "${USAGE_URL}"}, "billing": {"folder": str(HISTORY)}}
    with _configured(folder, HISTORY_MAPPING, salesforce, postgres, connections) as systems:
        yield systems


@contextmanager
def history_in_postgres(folder: Path, postgres: str) -> Iterator[Systems]:
    """The reference history with every table in one PostgreSQL."""
    document = yaml.safe_load(HISTORY_MAPPING.read_text(encoding="utf-8"))
    for source in document["sources"]:
        source["connector"], source["connection"] = "sql", {"url": "${USAGE_URL}"}
        for read in _reads(source):
            columns, rows = _csv(HISTORY / read["from"])
            read["from"] = read["from"].removesuffix(".csv")
            fill(postgres, read["from"], {column: _type(column) for column in columns}, rows)
    document.pop("labels")
    file = folder / "postgres.yaml"
    file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    yield Systems(file, {"USAGE_URL": postgres}, SalesforceServer({}))


def fill(postgres: str, table: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> None:
    """Make a table of a PostgreSQL and copy rows into it."""
    defined = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    with psycopg.connect(postgres) as connection:
        connection.execute(f"CREATE TABLE {table} ({defined})")  # type: ignore[call-overload]
        with connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:  # type: ignore[call-overload]
            for row in rows:
                copy.write_row([value if value != "" else None for value in row])


@contextmanager
def _configured(
    folder: Path, mapping: Path, salesforce: SalesforceServer, postgres: str, connections: Mapping[str, dict[str, str]]
) -> Iterator[Systems]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "authority.pem")
    certificate = authority.issue_cert("127.0.0.1")
    with served(salesforce.app, certificate=certificate, folder=folder) as url:
        sign_in = {
            "login_url": url,
            "client_id": "${SF_ID}",
            "client_secret": "${SF_SECRET}",
            "ca_file": "authority.pem",
        }
        document = yaml.safe_load(mapping.read_text(encoding="utf-8"))
        for source in document["sources"]:
            source["connection"] = connections.get(source["name"], sign_in)
            if source["connector"] == "files" and source["name"] != "billing":  # A history: its exports are moved.
                source["connector"] = "salesforce" if source["kind"] == "crm" else "sql"
                for read in _reads(source):
                    read["from"] = _OBJECTS.get(read["from"], read["from"].removesuffix(".csv"))
        document.pop("labels", None)
        file = folder / "sources.yaml"
        file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
        environ = {"SF_ID": _APP.client_id, "SF_SECRET": _APP.client_secret, "USAGE_URL": postgres}
        yield Systems(file, environ, salesforce)


def _reads(source: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a source of a document reads: its record kinds, and its customers."""
    return [*source["records"].values(), *([source["customers"]] if "customers" in source else [])]


def _tables(usage: sqlite3.Connection) -> Iterator[tuple[str, dict[str, str]]]:
    for (table,) in usage.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        yield table, {row[1]: _type(row[1]) for row in usage.execute(f"PRAGMA table_info({table})")}


def _type(column: str) -> str:
    """A column's type as a database team would choose it."""
    if column in ("week_start", "created_at"):
        return "date"
    if column == "finished_at":
        return "timestamptz"
    if column in ("issued_on", "due_on", "paid_on", "Contract_Start__c", "Renewal_Date__c", "Left_On__c"):
        return "date"
    if column in ("CreatedDate", "ClosedDate"):
        return "timestamptz"
    if column in ("amount", "ARR__c"):
        return "numeric(14, 2)"
    counts = ("_users", "_seats", "_actions", "_calls", "_used", "Seats__c", "Contract_Term_Months__c")
    return "integer" if column.endswith(counts) else "text"


def _csv(file: Path) -> tuple[list[str], list[list[str]]]:
    with file.open(encoding="utf-8", newline="") as handle:
        header, *rows = csv.reader(handle)
    return header, rows


def _records(file: Path) -> list[dict[str, Any]]:
    """The rows as Salesforce gives them: numbers as numbers, nothing as null."""
    header, rows = _csv(file)
    return [{name: _value(name, text) for name, text in zip(header, row, strict=True)} for row in rows]


def _value(name: str, text: str) -> Any:
    if text == "":
        return None
    return float(text) if name in ("ARR__c", "Seats__c", "Contract_Term_Months__c") else text
