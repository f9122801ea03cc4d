"""The reference of the sources file says what the code reads: fields, words, options, limits."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from connectors import canonical as words
from connectors import source_config, source_fields
from connectors.mapping import RECORDS, field_types
from connectors.source_config import load_sources

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs/guides/sources.md").read_text(encoding="utf-8")
TYPES: Mapping[type, str] = {
    str: "", float: " number", int: " whole", bool: " yes/no", dt.date: " day", dt.datetime: " instant",
}  # fmt: skip


@pytest.mark.parametrize("kind", RECORDS)
def test_the_table_of_fields_is_that_of_the_records(kind: str) -> None:
    fields = ", ".join(f"`{name}`{TYPES[type_]}" for name, type_ in field_types(kind).items())
    assert f"| `{kind}` | {fields} |\n" in GUIDE


@pytest.mark.parametrize(
    ("field", "known"),
    [
        ("accounts.status", words.STATUS),
        ("accounts.segment", words.SEGMENT),
        ("contacts.role", words.ROLE),
        ("tickets.priority", words.PRIORITY),
        ("invoices.status", words.INVOICE_STATUS),
    ],
)
def test_the_words_are_the_canonical_ones(field: str, known: Mapping[str, str]) -> None:
    (line,) = re.findall(rf"^\| `{re.escape(field)}` \| (.*) \|$", GUIDE, re.M)
    assert set(re.sub(r"\(.*?\)|, or your own", "", line).replace(" ", "").split(",")) == set(known.values())


def test_every_option_of_a_field_and_every_part_of_a_source_is_told() -> None:
    for name in (*source_fields._OPTIONS, *source_config._SOURCE_PARTS, *source_config._CUSTOMER_PARTS):
        assert re.search(rf"\b{name}\b[:`]", GUIDE), name


def test_the_example_can_be_read_beside_accounts(tmp_path: Path) -> None:
    example = GUIDE.partition("```yaml\n")[2].partition("```")[0]
    (tmp_path / "b.yaml").write_text(example)
    crm = "{name: crm, kind: crm, connector: files, records: {accounts: {from: a.csv, fields: {account_id: id}}}}"
    (tmp_path / "a.yaml").write_text(f"version: 1\nsources: [{crm}]\n")
    assert [source.name for source in load_sources(tmp_path, environ={}).sources] == ["crm", "billing"]
