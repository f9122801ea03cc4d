"""The lenient payload reader."""

from __future__ import annotations

import datetime as dt
import gzip
import json

import pytest
from pydantic import TypeAdapter

from connectors.decoding import decode_body, inflate
from connectors.errors import InvalidPayloadError, PayloadTooLargeError
from connectors.payload import read_payload
from connectors.records import Account
from connectors.schema import PayloadBody

WEEK = {"week_start": "2026-11-02", "active_users": 3}


def read(**fields: object):
    return read_payload({"schema_version": "1", "accounts": [{"account_id": "A1", **fields}]})


@pytest.mark.parametrize("absent", [None, "", "missing"])
def test_absent_values_read_as_absent_and_never_as_zero(absent: object) -> None:
    week = dict(WEEK) if absent == "missing" else {**WEEK, "features_used": absent, "licensed_seats": absent}
    account = read(usage=[week], name=absent if absent != "missing" else None).payload.accounts[0]
    assert account.usage[0].features_used is None
    assert account.usage[0].licensed_seats is None
    assert account.name == ""


@pytest.mark.parametrize(
    ("fields", "pointer", "message"),
    [
        ({"usage": "abc"}, "/accounts/0/usage", "expected a list, found text"),
        (
            {"usage": [WEEK, {"week_start": "2026-02-30"}]},
            "/accounts/0/usage/1/week_start",
            "no such day; write dates as YYYY-MM-DD",
        ),
        (
            {"usage": [{**WEEK, "active_users": "many"}]},
            "/accounts/0/usage/0/active_users",
            "expected a whole number, found text",
        ),
        ({"usage": [{"active_users": 3}]}, "/accounts/0/usage/0/week_start", "week_start is missing"),
        ({"usage": [5]}, "/accounts/0/usage/0", "expected an object, found a whole number"),
        ({"contacts": {"a": 1}}, "/accounts/0/contacts", "expected a list, found an object"),
        ({"name": {"a": 1}}, "/accounts/0/name", "expected text, found an object"),
        (
            {"annual_recurring_revenue": {"amount": float("nan")}},
            "/accounts/0/annual_recurring_revenue/amount",
            "expected a number",
        ),
        (
            {"annual_recurring_revenue": {"amount": "NaN"}},
            "/accounts/0/annual_recurring_revenue/amount",
            "expected a number",
        ),
        (
            {"annual_recurring_revenue": {"amount": 1e300}},
            "/accounts/0/annual_recurring_revenue/amount",
            "expected a number",
        ),
        (
            {"tickets": [{"closed_at": 20261103}]},
            "/accounts/0/tickets/0/closed_at",
            "expected an ISO instant, found a whole number",
        ),
        (
            {"contract": {"auto_renew": "perhaps"}},
            "/accounts/0/contract/auto_renew",
            "expected true or false, found text",
        ),
        ({"account_id": None}, "/accounts/0/account_id", "account_id is missing"),
        ({"account_id": ["x"]}, "/accounts/0/account_id", "expected text, found a list"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.startswith("/") else "",
)
def test_an_unreadable_account_is_set_aside_with_a_pointer_to_the_value(
    fields: dict, pointer: str, message: str
) -> None:
    result = read(**fields)
    assert result.payload.accounts == []
    (rejected,) = result.rejected
    assert (rejected.pointer, rejected.message) == (pointer, message)


def test_the_other_accounts_are_kept_when_one_cannot_be_read() -> None:
    result = read_payload(
        {"accounts": [{"account_id": "A"}, "nonsense", {"account_id": "B", "usage": 1}, {"account_id": "C"}]}
    )
    assert [account.account_id for account in result.payload.accounts] == ["A", "C"]
    assert [rejected.pointer for rejected in result.rejected] == ["/accounts/1", "/accounts/2/usage"]
    assert result.received == 4


@pytest.mark.parametrize(
    ("given", "read_as"),
    [("140", 140), ("140.0", 140), (140.0, 140), (0, 0)],
)
def test_numbers_written_as_text_are_read(given: object, read_as: int) -> None:
    assert read(usage=[{**WEEK, "active_users": given}]).payload.accounts[0].usage[0].active_users == read_as


@pytest.mark.parametrize(
    ("given", "read_as"),
    [
        ("2026-11-03T09:00:00Z", dt.datetime(2026, 11, 3, 9, tzinfo=dt.UTC)),
        ("2026-11-03T11:00:00+02:00", dt.datetime(2026, 11, 3, 9, tzinfo=dt.UTC)),
        ("2026-11-03T09:00:00", dt.datetime(2026, 11, 3, 9, tzinfo=dt.UTC)),
        ("2026-11-03", dt.datetime(2026, 11, 3, tzinfo=dt.UTC)),
    ],
)
def test_instants_of_any_zone_are_the_same_instant(given: str, read_as: dt.datetime) -> None:
    assert read(tickets=[{"ticket_id": "1", "opened_at": given}]).payload.accounts[0].tickets[0].opened_at == read_as


def test_usual_spellings_become_canonical_words() -> None:
    account = read(
        status="Customer",
        segment="midmarket",
        tickets=[{"priority": "P1"}],
        contacts=[{"role": "Admin"}],
        invoices=[{"status": "Past Due"}],
    ).payload.accounts[0]
    assert (account.status, account.segment) == ("active", "Mid-Market")
    assert (account.tickets[0].priority, account.contacts[0].role, account.invoices[0].status) == (
        "critical",
        "administrator",
        "overdue",
    )


@pytest.mark.parametrize("given", [None, "", "ada@alpine.example"])
def test_a_person_without_an_id_or_with_an_address_for_one_is_named_by_place(given: str | None) -> None:
    contacts = [{"contact_id": "c1"}, {"contact_id": given, "first_name": "Ada"}]
    account = read(contacts=contacts, owner={"owner_id": given, "name": "Otto"}).payload.accounts[0]
    assert [contact.contact_id for contact in account.contacts] == ["c1", "A1#contact2"]
    assert account.owner is not None and account.owner.owner_id == "A1#owner"


def test_unknown_keys_are_ignored_and_named_once() -> None:
    document = {
        "accounts": [
            {"account_id": "A", "colour": "crimson"},
            {"account_id": "B", "colour": "blue", "usage": [{**WEEK, "mood": 1}]},
        ],
        "extra": 1,
    }
    (finding,) = read_payload(document).findings
    assert finding.message == "Unknown keys were ignored: /extra, account.colour, usageweek.mood."
    assert "crimson" not in finding.message


def test_control_and_reordering_characters_are_removed_and_said() -> None:
    result = read(name="A\u202elpine\x1b[31m", tickets=[{"subject": "مرحبا\nworld\u200b"}])
    account = result.payload.accounts[0]
    assert account.name == "Alpine[31m"
    assert account.tickets[0].subject == "مرحبا\nworld"
    assert result.findings[0].code == "unsafe_characters"


def test_a_doubled_account_is_kept_once_and_said() -> None:
    result = read_payload({"accounts": [{"account_id": "A", "name": "first"}, {"account_id": "A", "name": "second"}]})
    assert [account.name for account in result.payload.accounts] == ["first"]
    assert result.rejected[0].pointer == "/accounts/1/account_id"
    assert result.findings[0].code == "duplicate_accounts"


def test_deep_nesting_is_set_aside() -> None:
    deep: dict = {}
    cursor = deep
    for _ in range(5_000):
        cursor["a"] = {}
        cursor = cursor["a"]
    assert read(name=deep).rejected[0].pointer == "/accounts/0/name"


def test_more_accounts_than_the_limit_are_refused() -> None:
    with pytest.raises(PayloadTooLargeError, match="3 accounts are more than the limit of 2"):
        read_payload({"accounts": [{"account_id": str(i)} for i in range(3)]}, max_accounts=2)


@pytest.mark.parametrize("accounts", ["abc", {"a": 1}, 5])
def test_accounts_that_are_no_list_make_no_payload(accounts: object) -> None:
    with pytest.raises(InvalidPayloadError) as caught:
        read_payload({"accounts": accounts})
    assert caught.value.errors == (("/accounts", "expected a list"),)


@pytest.mark.parametrize("accounts", [None, "", []])
def test_no_accounts_are_zero_accounts(accounts: object) -> None:
    assert read_payload({"schema_version": "1", "accounts": accounts}).received == 0


@pytest.mark.parametrize(
    "body", [b"", b"[1]", b"5", b'{"a":', b'{"accounts": NaN}', b"[" * 100_000, b"\x1f\x8bnonsense"]
)
def test_a_body_that_is_no_payload_is_refused_without_its_content(body: bytes) -> None:
    with pytest.raises(InvalidPayloadError):
        decode_body(body)


def test_json_lines_have_the_envelope_first_and_keep_a_broken_line_countable() -> None:
    body = b'{"schema_version":"1","as_of":"2026-11-16"}\n{"account_id":"A"}\n{broken\n\n{"account_id":"B"}\n'
    result = read_payload(decode_body(body))
    assert [account.account_id for account in result.payload.accounts] == ["A", "B"]
    assert result.rejected[0].pointer == "/accounts/1"
    assert result.payload.as_of == dt.date(2026, 11, 16)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize(
    "body", [b'{"schema_version":"1","accounts":[{"account_id":"A"}]}', b'{"schema_version":"1"}\n{"account_id":"A"}\n']
)
def test_a_byte_order_mark_is_passed_over(body: bytes, packed: bool) -> None:
    marked = b"\xef\xbb\xbf" + body
    document = decode_body(gzip.compress(marked) if packed else marked)
    assert document == {"schema_version": "1", "accounts": [{"account_id": "A"}]}


def test_gzip_is_read_and_a_bomb_is_not() -> None:
    document = {"schema_version": "1", "accounts": [{"account_id": "A"}]}
    assert decode_body(gzip.compress(json.dumps(document).encode())) == document
    with pytest.raises(PayloadTooLargeError):
        inflate(gzip.compress(b"0" * 10_000_000), 1_000_000)
    with pytest.raises(InvalidPayloadError, match="cut off"):
        inflate(gzip.compress(b"hello world" * 100)[:-12], 1_000_000)


def test_every_member_of_a_gzip_file_is_read() -> None:
    lines = [b'{"schema_version":"1"}\n{"account_id":"A"}\n', b'{"account_id":"B"}\n']
    body = b"".join(map(gzip.compress, lines))
    assert [account["account_id"] for account in decode_body(body)["accounts"]] == ["A", "B"]


def test_a_body_of_too_many_objects_is_refused_before_it_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.decoding.MOST_VALUES", 10)
    with pytest.raises(PayloadTooLargeError, match="more objects"):
        decode_body(b"[" + b"{}," * 10 + b"{}]")


@pytest.mark.parametrize(
    "name", ["Anna http://evil.example/pay", "Anna\n\nP.S. wire money", "Anna <b>", "A" * 81, "R2D2"]
)
def test_what_cannot_be_a_name_is_not_filled_into_a_mail(name: str) -> None:
    account = read(contacts=[{"contact_id": "c", "first_name": name, "last_name": "O'Brien-Smith"}]).payload.accounts[0]
    assert (account.contacts[0].first_name, account.contacts[0].last_name) == ("", "O'Brien-Smith")


def test_records_without_ids_are_told_apart_by_their_place() -> None:
    account = read(tickets=[{"subject": "a"}, {"ticket_id": "T2"}, {"subject": "c"}]).payload.accounts[0]
    assert [ticket.ticket_id for ticket in account.tickets] == ["A1#ticket1", "T2", "A1#ticket3"]


def test_a_contact_id_that_stands_twice_is_one_persons_alone() -> None:
    contacts = [{"contact_id": "c", "first_name": "Ada"}, {"contact_id": "c", "first_name": "Bea"}]
    account = read(contacts=contacts).payload.accounts[0]
    assert [contact.contact_id for contact in account.contacts] == ["c", "A1#contact2"]


def test_contacts_that_share_an_id_are_found_and_those_without_one_are_not() -> None:
    shared = {"account_id": "A", "contacts": [{"contact_id": "SECRET"}, {"contact_id": "SECRET"}, {}, {}]}
    other = {"account_id": "B", "contacts": [{"contact_id": "SECRET"}, {}, {}]}
    result = read_payload({"accounts": [shared, other, shared]})
    finding = next(finding for finding in result.findings if finding.code == "account.contacts_share_id")
    assert [f.scope for f in result.findings if f.code == "account.contacts_share_id"] == ["A"]
    assert (finding.severity, finding.count, finding.touches) == ("warning", 1, "contacts")
    assert "SECRET" not in finding.message


def test_a_rejected_account_is_named_without_control_characters() -> None:
    result = read_payload({"accounts": [{"account_id": "\x1b]0;owned\x07A", "usage": 5}]})
    assert result.rejected[0].account_id == "]0;ownedA"


@pytest.mark.parametrize("as_of", ["9999-12-31", "0001-01-01", "1999-12-31"])
def test_a_day_out_of_range_is_refused(as_of: str) -> None:
    with pytest.raises(InvalidPayloadError):
        read_payload({"schema_version": "1", "as_of": as_of, "accounts": []})


def test_the_published_schema_has_no_null_and_requires_the_account_id_alone() -> None:
    schema = TypeAdapter(PayloadBody).json_schema()
    assert "null" not in json.dumps(schema)
    required = {name: part["required"] for name, part in schema["$defs"].items() if "required" in part}
    assert required == {"Account": ["account_id"]}
    assert set(schema["$defs"]["Account"]["properties"]) == set(Account.__struct_fields__)


def test_an_account_whose_id_no_store_would_take_is_set_aside() -> None:
    result = read_payload({"schema_version": "1", "accounts": [{"account_id": "ä" * 200}, {"account_id": "ä" * 201}]})
    assert [len(account.account_id) for account in result.payload.accounts] == [200]
    (rejected,) = result.rejected
    assert (rejected.pointer, rejected.message) == (
        "/accounts/1/account_id",
        "account_id is longer than 200 characters",
    )
