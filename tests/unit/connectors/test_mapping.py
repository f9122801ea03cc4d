"""Raw rows to canonical records: paths, units, formats, zones, value maps, and what cannot be mapped."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mapping import MappedRows, field_types, map_rows
from connectors.paths import InvalidPathError, compile_path
from connectors.payload import read_payload
from tests.unit.connectors.memory_source import configured

BERLIN_SUMMER = dt.timezone(dt.timedelta(hours=2))


def mapped(folder: Path, kind: str, fields: dict[str, Any], *rows: dict[str, Any], **source: Any) -> MappedRows:
    """The rows mapped as a file says."""
    accounts = {"from": "a", "fields": {"account_id": "account_id"}}
    record = {"from": "r", "fields": fields, **({} if kind == "accounts" else {"account": "account_id"})}
    (config,) = configured(
        folder, {"name": "crm", "kind": "crm", "records": {"accounts": accounts, kind: record}, **source}
    )
    record_config = config.records[kind]
    return map_rows(rows, kind, record_config.fields, owner=record_config.owner)


def one(folder: Path, name: str, options: Any, value: Any, kind: str = "accounts", **source: Any) -> Any:
    """What becomes of one value of one field."""
    key = "account_id" if kind == "accounts" else "ticket_id" if kind == "tickets" else "invoice_id"
    row = {"key": "1", "value": value}
    (record,) = mapped(folder, kind, {key: "key", name: options}, row, **source).records
    part, _, leaf = name.partition(".")
    found = record.get(part)
    return found.get(leaf) if leaf and isinstance(found, dict) else found


NOT_WITH_COMMAS = ("1234.56", "12.5", "1.2.3", "1,234.50", "1.234 567", "1234.567,8", "0.123", "1 23", "EUR 5")
ARR, TERM, NOTICE = "annual_recurring_revenue.amount", "contract.term_months", "contract.notice_days"


@pytest.mark.parametrize(
    ("name", "options", "value", "expected"),
    [
        (ARR, "value", "184500.50", 184500.5),
        (ARR, "value", Decimal("184500.50"), 184500.5),
        (ARR, {"path": "value", "unit": "cents"}, 12345, 123.45),
        (ARR, {"path": "value", "unit": "thousands", "per": "month"}, "2.5", 30000.0),
        (ARR, {"path": "value", "per": "quarter"}, 100, 400.0),
        (ARR, {"path": "value", "decimal": ","}, "1.234.567,89", 1234567.89),
        (ARR, {"path": "value", "decimal": "."}, "1,234,567.89", 1234567.89),
        (ARR, {"path": "value", "decimal": ","}, "1 234,5", 1234.5),
        (ARR, {"path": "value", "decimal": "."}, "1'234.50", 1234.5),
        (ARR, {"path": "value", "decimal": ","}, "1\u202f234\u202f567", 1234567.0),
        (ARR, {"path": "value", "decimal": ","}, "-12,5", -12.5),
        (ARR, {"path": "value", "decimal": ","}, 12.5, 12.5),
        (ARR, {"path": "value", "unit": "thousands"}, 13.2, 13200.0),
        (ARR, {"path": "value", "unit": "thousands", "per": "month", "decimal": ","}, "1,1", 13200.0),
        (ARR, {"path": "value", "unit": "cents"}, 29, 0.29),
        (ARR, "value", float("nan"), None),
        (TERM, {"path": "value", "unit": "years"}, "2", 24),
        (TERM, {"path": "value", "unit": "years"}, Decimal("1.5"), 18),
        (TERM, {"path": "value", "unit": "quarters"}, 4, 12),
        (TERM, {"path": "value", "unit": "days"}, 730, 24),
        (TERM, "value", "12.0", 12),
        (NOTICE, {"path": "value", "unit": "months"}, 3, 90),
        (NOTICE, {"path": "value", "unit": "weeks"}, 6, 42),
        (TERM, {"path": "value", "values": {"Annual": 12, "monthly": 1}}, " ANNUAL ", 12),
        ("contract.auto_renew", "value", "Y", True),
        ("contract.auto_renew", "value", 0, False),
        ("contract.auto_renew", "value", True, True),
        ("contract.auto_renew", {"path": "value", "values": {"Ja": True, "Nein": False}}, "nein", False),
        ("contract.start_date", "value", dt.date(2026, 11, 3), "2026-11-03"),
        ("contract.start_date", "value", dt.datetime(2026, 11, 3, 23, 30), "2026-11-03"),
        ("contract.start_date", "value", "2026-11-03T23:30:00+00:00", "2026-11-03"),
        ("contract.start_date", {"path": "value", "time_zone": "Europe/Berlin"}, "2026-11-03T23:30:00Z", "2026-11-04"),
        ("contract.start_date", {"path": "value", "format": "%d.%m.%Y"}, "03.11.2026", "2026-11-03"),
        ("contract.start_date", {"path": "value", "format": "unix"}, 1793664000, "2026-11-03"),
        ("contract.start_date", {"path": "value", "format": "iso_week"}, "2026-W45", "2026-11-02"),
        ("contract.start_date", {"path": "value", "format": "iso_week"}, "2025W01", "2024-12-30"),
        ("segment", {"path": "value", "values": {"ENT": "Enterprise"}}, "ent", "Enterprise"),
        ("segment", {"path": "value", "values": {"ENT": "Enterprise"}}, "Gold", "Gold"),
        ("segment", {"path": "value", "values": {"ENT": "Enterprise"}, "otherwise": "SMB"}, "Gold", "SMB"),
        ("segment", {"path": "value", "values": {"ENT": "Enterprise"}, "otherwise": "SMB"}, None, None),
        ("segment", {"path": "value", "values": {"ENT": "Enterprise"}, "otherwise": None}, "Gold", None),
        ("segment", {"path": "value", "values": {"": "SMB"}}, None, "SMB"),
        ("segment", {"path": "value", "values": {1: "Enterprise", "no": "SMB"}}, 1, "Enterprise"),
        ("segment", {"constant": "SMB"}, "x", "SMB"),
        ("domain", "value", "https://www.Alpine.example/de", "alpine.example"),
        ("domain", "value", "none", None),
        ("industry", "value", 7, "7"),
        ("industry", "value", 7.0, "7"),
        ("industry", "value", uuid.UUID(int=5), "00000000-0000-0000-0000-000000000005"),
        ("industry", "value", "  Retail ", "Retail"),
        ("industry", "value", "   ", None),
        ("industry", "value.inner[0].name", {"inner": [{"name": "Retail"}]}, "Retail"),
        ("industry", "value.inner.name", {"inner": {"name": "Retail"}}, "Retail"),
        ("industry", "value.inner.name", {"inner": "flat"}, None),
        ("industry", "value || 'Other'", None, "Other"),
    ],
)
def test_a_value_becomes_canonical(tmp_path: Path, name: str, options: Any, value: Any, expected: Any) -> None:
    found = one(tmp_path, name, options, value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("options", "value", "expected", "source"),
    [
        ("value", "2026-11-03T09:00:00Z", "2026-11-03T09:00:00Z", {}),
        ("value", "2026-11-03T09:00:00.000+0200", "2026-11-03T07:00:00Z", {}),
        ("value", "2026-11-03 09:00", "2026-11-03T09:00:00Z", {}),
        ("value", "2026-07-03 09:00", "2026-07-03T07:00:00Z", {"time_zone": "Europe/Berlin"}),
        ({"path": "value", "time_zone": "UTC"}, "2026-07-03 09:00", "2026-07-03T09:00:00Z", {"time_zone": "Asia/Tokyo"}),
        ("value", dt.datetime(2026, 7, 3, 9), "2026-07-03T07:00:00Z", {"time_zone": "Europe/Berlin"}),
        ("value", dt.datetime(2026, 7, 3, 9, tzinfo=BERLIN_SUMMER), "2026-07-03T07:00:00Z", {"time_zone": "Asia/Tokyo"}),
        ("value", dt.date(2026, 7, 3), "2026-07-03T00:00:00Z", {}),
        ({"path": "value", "format": "%d/%m/%y %H:%M"}, "03/07/26 09:00", "2026-07-03T09:00:00Z", {}),
        ({"path": "value", "format": "unix_ms"}, "1793664000000", "2026-11-03T00:00:00Z", {}),
        ("value", "", None, {}),
    ],
)  # fmt: skip
def test_an_instant_is_settled_in_utc(tmp_path: Path, options: Any, value: Any, expected: Any, source: dict) -> None:
    assert one(tmp_path, "opened_at", options, value, kind="tickets", **source) == expected


@pytest.mark.parametrize(
    ("name", "options", "value"),
    [
        (ARR, "value", "many"),
        (ARR, "value", "1e300"),
        (ARR, "value", "1_000"),
        (ARR, "value", "1,5"),
        (ARR, {"path": "value", "unit": "millions"}, "2000000000"),
        *((ARR, {"path": "value", "decimal": ","}, text) for text in NOT_WITH_COMMAS),
        *((ARR, {"path": "value", "decimal": "."}, text) for text in ("1,5", "1,2345", "12,34,567", "1.2.3", "0,123")),
        (TERM, {"path": "value", "decimal": ","}, "1.5"),
        ("contract.start_date", {"path": "value", "format": "iso_week"}, "2026-W60"),
        ("contract.start_date", {"path": "value", "format": "iso_week"}, "2026-11-02"),
        (ARR, "value", True),
        (TERM, "value", "12.5"),
        (TERM, "value", 12.5),
        ("contract.seats", "value", 10**16),
        ("contract.auto_renew", "value", "maybe"),
        ("contract.start_date", "value", "03.11.2026"),
        ("contract.start_date", {"path": "value", "format": "%Y%d%m"}, "20260113"),
        ("contract.start_date", "value", {"y": 2026}),
        ("industry", "value", ["a", Decimal(1)]),
        ("industry", "value", b"\xff"),
        ("industry", "length(value)", 5),
    ],
)
def test_a_value_that_does_not_fit_is_listed_and_the_reader_sets_the_account_aside(
    tmp_path: Path, name: str, options: Any, value: Any
) -> None:
    fields = {"account_id": "key", name: options}
    result = mapped(tmp_path, "accounts", fields, {"key": "A7", "value": value}, {"key": "A8", "value": None})
    (entry,) = result.unmapped
    assert (entry.kind, entry.row, entry.field) == ("accounts", "A7", name)
    assert str(value) not in entry.message
    document = {"schema_version": "1", "accounts": json.loads(json.dumps(result.records))}
    read = read_payload(document)
    assert [rejected.pointer for rejected in read.rejected] == [f"/accounts/0/{name.replace('.', '/')}"]
    assert [account.account_id for account in read.payload.accounts] == ["A8"]


def test_a_row_is_named_by_its_number_where_its_id_is_missing_or_an_address(tmp_path: Path) -> None:
    fields = {"contact_id": "id", "left_on": "left"}
    rows = [{"id": "c1", "left": "x"}, {"id": "ann@alpine.example", "left": "x"}, {"left": "x"}]
    assert [entry.row for entry in mapped(tmp_path, "contacts", fields, *rows).unmapped] == ["c1", "2", "3"]


def test_a_row_without_what_its_record_needs_is_listed_and_an_empty_row_is_passed_over(tmp_path: Path) -> None:
    fields = {"week_start": "week", "active_users": "users"}
    rows = [{"users": 4, "account_id": "A"}, {}, {"week": "2026-11-02", "account_id": "B"}]
    result = mapped(tmp_path, "usage", fields, *rows)
    assert [(entry.row, entry.message) for entry in result.unmapped] == [("1", "week_start is missing")]
    assert result.owners == ["A", "B"]
    assert result.records[1] == {"week_start": "2026-11-02"}


def test_a_constant_alone_makes_no_record(tmp_path: Path) -> None:
    result = mapped(tmp_path, "invoices", {"invoice_id": "id", "currency": {"constant": "EUR"}}, {"id": None})
    assert result.records == []


@pytest.mark.parametrize(
    ("text", "columns", "chains", "plain"),
    [
        ("Id", {"Id"}, {"Id"}, "Id"),
        ('"Company Name"', {"Company Name"}, {"Company Name"}, "Company Name"),
        ("Owner.Email", {"Owner"}, {"Owner.Email"}, ""),
        ("a[0].b || c", {"a", "c"}, {"a", "c"}, ""),
        ("items[?kind=='x'].day | [0]", {"items"}, {"items"}, ""),
        ("join(' ', [First.Name, last])", {"First", "last"}, {"First.Name", "last"}, ""),
        ("sort_by(items, &day)[0]", {"items"}, {"items"}, ""),
        ("@.a", None, set(), ""),
        ("`5`", set(), set(), ""),
    ],
)
def test_a_path_knows_what_it_uses_of_a_row(text: str, columns: Any, chains: set, plain: str) -> None:
    path = compile_path(text)
    assert (path.columns, path.chains, path.plain) == (columns, chains, plain)


@pytest.mark.parametrize("text", ["Company Name", "Account-ID", "a[", "", "a ||"])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(InvalidPathError):
        compile_path(text)


names = st.sampled_from(["a", "b", "c"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.dictionaries(names, inner, max_size=3) | st.lists(inner, max_size=2),
    max_leaves=8,
)


@given(st.dictionaries(names, values), st.lists(names, min_size=1, max_size=3))
def test_plain_names_and_chains_find_what_the_interpreter_finds(row: dict[str, Any], chain: list[str]) -> None:
    quick, slow = compile_path(".".join(chain)), compile_path(".".join(chain) + " | @")
    assert quick.get(row) == slow.get(row)


anything = st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text() | st.binary()
anything |= st.dates() | st.datetimes() | st.uuids() | st.lists(st.integers()) | st.dictionaries(st.text(), st.floats())


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(("x", "y"), anything)), min_size=1, max_size=3))
def test_whatever_comes_the_result_is_json_and_every_account_is_read_or_set_aside(rows: list[dict[str, Any]]) -> None:
    from connectors.conversion import Options
    from connectors.mapping import field_mapping

    x, y = compile_path("x"), compile_path("y")
    fields = [field_mapping("accounts", name, y, Options()) for name in field_types("accounts") if name != "account_id"]
    result = map_rows(rows, "accounts", [field_mapping("accounts", "account_id", x, Options()), *fields])
    document = json.loads(json.dumps({"accounts": result.records}, allow_nan=False))
    read = read_payload(document)
    assert read.received == len(result.records)
    refused = {entry.pointer.split("/")[2] for entry in read.rejected if "same account_id" not in entry.message}
    assert bool(refused) == bool(result.unmapped)
