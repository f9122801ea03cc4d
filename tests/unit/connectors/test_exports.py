"""Folders of raw exports joined by a mapping."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from connectors.errors import InvalidPayloadError
from connectors.exports import EXAMPLE, read_exports, read_labels, read_mapping
from connectors.payload import read_payload

ROOT = Path(__file__).resolve().parents[3]
ACCOUNTS = "Id,Company,Web,Amount\n1,Alpine Foods GmbH,https://www.alpine.example,5000\n2,Birch Ltd,birch.example,\n"
BILLS = "customer,number,due\nc9,INV-1,2026-10-01\nc8,INV-2,2026-10-02\n"
PAYERS = "customer,name,mail\nc9,ALPINE FOODS G.M.B.H.,ap@pay.example\nc8,Nobody Knows SA,x@nobody.example\n"
MAPPING = {
    "accounts": {
        "file": "accounts.csv",
        "fields": {"account_id": "Id", "name": "Company", "domain": "Web", "annual_recurring_revenue.amount": "Amount"},
    },
    "children": {
        "invoices": {
            "file": "bills.csv",
            "of": {
                "key": "customer",
                "customers": {"file": "payers.csv", "key": "customer", "name": "name", "domain": "mail"},
            },
            "fields": {"invoice_id": "number", "due_on": "due"},
        }
    },
}


def folder(tmp_path: Path, **files: str | bytes) -> Path:
    contents = {"accounts": ACCOUNTS, "bills": BILLS, "payers": PAYERS, **files}
    for name, text in contents.items():
        (tmp_path / f"{name}.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return tmp_path


def mapped(tmp_path: Path, mapping: object) -> dict:
    (tmp_path / "mapping.yaml").write_text(yaml.safe_dump(mapping))
    return read_mapping(tmp_path)


def test_exports_are_joined_by_name_and_strangers_are_named(tmp_path: Path) -> None:
    exports = read_exports(folder(tmp_path), mapped(tmp_path, MAPPING))
    accounts = read_payload(exports.document).payload.accounts
    assert [(a.account_id, a.domain, len(a.invoices)) for a in accounts] == [
        ("1", "alpine.example", 1),
        ("2", "birch.example", 0),
    ]
    assert accounts[0].annual_recurring_revenue is not None and accounts[1].annual_recurring_revenue is None
    assert exports.unmatched == {"invoices": ["c8"]}


def test_the_example_mapping_is_a_valid_one() -> None:
    assert read_mapping(Path("nowhere"), ROOT / EXAMPLE)["labels"]["churned"] == "churned_within_90d"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"accounts": None}, "`accounts` must name a file"),
        (
            {"accounts": {"file": "accounts.csv", "fields": {"account_id": "Id", "contract.seets": "Seats"}}},
            "no field `contract.seets`",
        ),
        ({"accounts": {"file": "accounts.csv", "fields": {"account_id": False}}}, "must be text; put it in quotes"),
        ({"children": {"cases": {}}}, "children may be contacts, usage"),
        ({"children": {"invoices": {"file": "bills.csv", "fields": {}}}}, "needs `of`"),
    ],
)
def test_a_wrong_mapping_is_named_before_anything_is_read(tmp_path: Path, change: dict, message: str) -> None:
    with pytest.raises(InvalidPayloadError, match=message):
        mapped(tmp_path, {**MAPPING, **change})


@pytest.mark.parametrize(
    ("accounts", "message"),
    [
        ("Id;Company;Web;Amount\n1;a;b;c\n", "separated by commas"),
        ("Id,Company,Web\n1,a,b\n", "accounts.csv has no column Amount"),
        ("Id,Company,Web,Amount\n1,M\xfcller,b,c\n".encode("latin-1"), "is not UTF-8"),
    ],
)
def test_a_file_that_does_not_fit_says_what_to_do(tmp_path: Path, accounts: str | bytes, message: str) -> None:
    with pytest.raises(InvalidPayloadError, match=message):
        read_exports(folder(tmp_path, accounts=accounts), mapped(tmp_path, MAPPING))


def test_a_missing_file_or_mapping_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidPayloadError, match="an example is"):
        read_mapping(tmp_path)
    spec = mapped(tmp_path, MAPPING)
    with pytest.raises(InvalidPayloadError, match=r"Cannot read accounts\.csv"):
        read_exports(tmp_path, spec)
    with pytest.raises(InvalidPayloadError, match=r"Cannot read labels\.csv"):
        read_labels(tmp_path, spec)
