"""`baton sources`, `baton payload` and `baton backtest` over exports, as a person runs them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SOURCES = """\
version: 1
sources:
  - name: crm
    kind: crm
    connector: files
    connection: {folder: "${EXPORTS}"}
    records:
      accounts:
        from: accounts.csv
        fields: {account_id: Id, name: Company, domain: Web, contract.seats: Seats, owner.email: Owner}
      contacts:
        from: people.csv
        account: AccountId
        fields: {contact_id: Id, first_name: First, email: Mail, left_on: Left}
  - name: billing
    kind: billing
    connector: files
    connection: {folder: "${EXPORTS}"}
    customers: {from: payers.csv, key: customer, name: name, domain: mail}
    records:
      invoices:
        from: bills.csv
        customer: customer
        fields: {invoice_id: number, due_on: due}
"""
FILES = {
    "accounts.csv": "Id,Company,Web,Seats,Owner\n1,Alpine Foods GmbH,alpine.example,9,zoe@vendor.example\n2,Birch Ltd,,many,\n",
    "people.csv": "Id,AccountId,First,Mail,Left\nP1,1,Quentin,quentin@alpine.example,\nP2,2,,,\nP3,9,Xenia,,\n",
    "bills.csv": "customer,number,due\nc9,INV-1,2026-10-01\nc8,INV-2,2026-10-02\n",
    "payers.csv": "customer,name,mail\nc9,ALPINE FOODS G.M.B.H.,\nc8,Nobody Knows SA,x@nobody.example\n",
}


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    folder = tmp_path / "exports"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    (tmp_path / "sources.yaml").write_text(SOURCES)
    return folder


def baton(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "100", "EXPORTS": str(folder / "exports"), **settings}
    environment = {**environment, "BATON_DATA_DIR": str(folder / "data")}
    command = [sys.executable, "-m", "app.cli.main", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)


def test_check_shows_records_reasons_matches_and_findings_and_no_person(tmp_path: Path, exports: Path) -> None:
    done = baton(tmp_path, "sources", "check", str(tmp_path / "sources.yaml"))
    assert done.returncode == 0, done.stderr
    text = done.stdout
    for part in (
        "crm (crm, files): files in exports",
        "accounts: 2 rows, values not mapped: 1",
        "row 2: contract.seats: expected a whole number",
        "billing, customers matched to accounts: 0 by id, 0 by domain, 1 by name; 0 ambiguous, 1 unmatched",
        "unmatched: c8",
        "Accounts: 2 joined, 1 readable, 1 set aside.",
        "2: expected a whole number (crm, accounts.csv, row 2, column Seats; accounts.contract.seats)",
        "Alpine Foods GmbH",
        "INV-1",
        "••••",
        "contacts: rows that name no account that exists were left out (1)",
    ):
        assert part in text
    assert not [word for word in ("Quentin", "Xenia", "zoe", "quentin@") if word in text]


def test_check_of_the_configured_sources_as_json(tmp_path: Path, exports: Path) -> None:
    done = baton(tmp_path, "sources", "check", "--json", BATON_SOURCES=str(tmp_path / "sources.yaml"))
    shown = json.loads(done.stdout)
    assert (done.returncode, shown["ok"]) == (0, True)
    crm, billing = shown["sources"]
    assert crm["tables"]["contacts"]["sample"][0] == {"contact_id": "P1", "first_name": "••••", "email": "••••"}
    assert billing["tables"]["invoices"]["records"] == 2
    assert shown["matching"][0]["by_name"] == 1
    assert {finding["code"] for finding in shown["findings"]} >= {"orphan_records", "unmapped_values", "match_missing"}


def test_reasons_name_file_row_column_and_format_and_json_has_all_of_them(tmp_path: Path, exports: Path) -> None:
    (exports / "accounts.csv").write_text("Id,Company,Web,Seats,Owner\n" + "".join(f"{n},N,,,\n" for n in range(30)))
    people = "".join(f"P{n},{n},,,2026-11-02\n" for n in range(30))
    (exports / "people.csv").write_text("Id,AccountId,First,Mail,Left\n" + people)
    formats = SOURCES.replace("left_on: Left", 'left_on: {path: Left, format: "%d.%m.%Y"}')
    (tmp_path / "sources.yaml").write_text(formats)
    text = baton(tmp_path, "sources", "check", str(tmp_path / "sources.yaml"), COLUMNS="200").stdout
    reason = "no moment written as %d.%m.%Y"
    assert f"row P3: left_on: {reason} (column Left of people.csv)" in text
    assert f"3: {reason} (crm, people.csv, row P3, column Left; contacts.left_on)" in text
    assert text.count("… and 20 more; --json writes them all") == 2
    shown = json.loads(baton(tmp_path, "sources", "check", "--json", str(tmp_path / "sources.yaml")).stdout)
    assert len(shown["sources"][0]["tables"]["contacts"]["reasons"]) == len(shown["accounts"]["rejected"]) == 30
    assert shown["accounts"]["rejected"][29]["row"] == "P29"


@pytest.mark.parametrize("missing", ["bills.csv", "accounts.csv"])
def test_check_fails_where_a_source_does_not_answer_and_shows_the_others(
    tmp_path: Path, exports: Path, missing: str
) -> None:
    (exports / missing).unlink()
    done = baton(tmp_path, "sources", "check", str(tmp_path / "sources.yaml"))
    assert done.returncode == 1
    assert f"There is no file `{missing}`" in done.stdout
    assert ("INV-1" if missing == "accounts.csv" else "Alpine Foods GmbH") in done.stdout


def test_check_fails_where_no_account_can_be_read(tmp_path: Path, exports: Path) -> None:
    (exports / "accounts.csv").write_text("Id,Company,Web,Seats,Owner\n1,Alpine,,few,\n")
    assert baton(tmp_path, "sources", "check", str(tmp_path / "sources.yaml")).returncode == 1


@pytest.mark.parametrize(
    ("arguments", "settings", "message"),
    [
        (("sources", "check"), {}, "No source is configured"),
        (("sources", "list"), {}, "No source is configured"),
        (("sources", "check", "{folder}/sources.yaml"), {"EXPORTS": ""}, "line 6, .*variable EXPORTS is not set"),
        (("sources", "check", "{folder}/nowhere.yaml"), {}, "nowhere.yaml cannot be read"),
        (("payload", "{folder}/exports"), {}, "There is no mapping.yaml in .*an example is docs/examples"),
        (("backtest", "{folder}/exports", "--mapping", "{folder}/sources.yaml"), {}, "There is no file `labels.csv`"),
    ],
)
def test_a_wrong_configuration_is_one_line_and_exit_code_two(
    tmp_path: Path, exports: Path, arguments: tuple[str, ...], settings: dict[str, str], message: str
) -> None:
    done = baton(tmp_path, *(part.format(folder=tmp_path) for part in arguments), **settings)
    assert done.returncode == 2
    assert done.stdout == "" and done.stderr.count("\n") == 1
    assert re.search(message, done.stderr)


def test_list_names_each_source_and_its_place(tmp_path: Path, exports: Path) -> None:
    done = baton(tmp_path, "sources", "list", str(tmp_path / "sources.yaml"), "--json")
    assert json.loads(done.stdout) == [
        {"name": "crm", "kind": "crm", "connector": "files", "where": "files in exports"},
        {"name": "billing", "kind": "billing", "connector": "files", "where": "files in exports"},
    ]


def test_payload_joins_the_exports_of_a_folder_and_says_what_is_doubtful(tmp_path: Path, exports: Path) -> None:
    (exports / "mapping.yaml").write_text(SOURCES.replace("${EXPORTS}", "."))
    done = baton(tmp_path, "payload", str(exports), "--as-of", "2026-11-16")
    document = json.loads(done.stdout)
    assert document["as_of"] == "2026-11-16"
    assert [account["account_id"] for account in document["accounts"]] == ["1", "2"]
    assert [invoice["invoice_id"] for invoice in document["accounts"][0]["invoices"]] == ["INV-1"]
    assert "billing: No known account was found for 1 customer; left out: c8." in done.stderr
    (exports / "bills.csv").unlink()
    assert baton(tmp_path, "payload", str(exports)).returncode == 2
