import copy
from collections import Counter
from pathlib import Path

import pytest

from connectors.errors import InvalidSourceConfigError
from connectors.payload import read_payload
from connectors.shim.masking import masked
from connectors.shim.masking_rules import DEFAULTS, MaskingRules, load_masking
from connectors.shim.pseudonyms import pseudonym_key, with_safe_ids

CONTACT = {
    "contact_id": "c1",
    "first_name": "Malte",
    "last_name": "Wendt",
    "email": "Malte.Wendt@a.example",
    "role": "champion",
    "language": "de",
}
DOCUMENT = {
    "schema_version": "1",
    "accounts": [
        {
            "account_id": "a1",
            "name": "Alpine Foods GmbH",
            "owner": {"owner_id": "o1", "name": "Imke Sandow", "email": "i@v.example"},
            "contacts": [CONTACT],
            "tickets": [{"ticket_id": "t1", "subject": "For Malte", "body": "Imke said so"}],
            "surveys": [{"survey_id": "s1", "score": 3, "comment": "Wendt"}],
            "usage": [{"week_start": "2026-11-09", "active_users": 5}],
        }
    ],
}


def rules(tmp_path: Path, text: str) -> MaskingRules:
    (tmp_path / "masking.yaml").write_text(text, encoding="utf-8")
    return load_masking(tmp_path / "masking.yaml")


def test_masked_keeps_persons_at_home_by_default_and_changes_nothing_it_was_given() -> None:
    before = copy.deepcopy(DOCUMENT)
    (account,) = masked(DOCUMENT, MaskingRules())["accounts"]
    assert account["owner"] == {"owner_id": "o1"}
    assert account["contacts"] == [{"contact_id": "c1", "role": "champion", "language": "de"}]
    assert account["tickets"] == [{"ticket_id": "t1", "subject": "For [[person]]", "body": "[[person]] said so"}]
    assert account["surveys"][0] == {"survey_id": "s1", "score": 3, "comment": "[[person]]"}
    assert (account["name"], account["usage"]) == (
        "Alpine Foods GmbH",
        [{"week_start": "2026-11-09", "active_users": 5}],
    )
    assert before == DOCUMENT


def test_masked_leaves_records_of_the_wrong_shape_for_the_reader_to_refuse() -> None:
    odd = {
        "accounts": [{"account_id": 7, "contacts": ["x"], "owner": "y", "tickets": None, "surveys": [{"comment": 5}]}]
    }
    (account,) = masked(odd, MaskingRules())["accounts"]
    assert (account["contacts"], account["owner"], account["tickets"]) == (["?"], "?", None)
    assert account["surveys"] == [{}]


def test_hash_gives_the_same_name_for_the_same_value_and_key_alone() -> None:
    hashing = MaskingRules({"contacts": {"first_name": "hash", "email": "hash"}})

    def contact(key: bytes, **changes: str) -> dict[str, str]:
        document = {"accounts": [{"account_id": "a1", "contacts": [{**CONTACT, **changes}]}]}
        found: dict[str, str] = masked(document, hashing, key)["accounts"][0]["contacts"][0]
        return found

    one = contact(b"key")
    assert one == contact(b"key", email=" malte.wendt@A.example ", first_name="MALTE")
    assert one["first_name"] != contact(b"other")["first_name"]
    assert one["first_name"] != contact(b"key", first_name="Maike")["first_name"]
    assert contact(b"key", email="Malte")["email"] != one["first_name"]


def test_hashed_names_reach_the_service_as_names() -> None:
    document = masked(DOCUMENT, MaskingRules({"contacts": {"first_name": "hash"}}), b"key")
    (account,) = read_payload(document).payload.accounts
    assert account.contacts[0].first_name == document["accounts"][0]["contacts"][0]["first_name"] != ""


def test_load_masking_puts_the_files_rules_into_the_built_in_ones(tmp_path: Path) -> None:
    found = rules(
        tmp_path,
        "version: 1\nkey_env: KEY\nrules:\n  contacts: {email: hash, first_name: keep}\n  surveys: {score: drop}\n",
    )
    assert found.by_kind["contacts"] == {
        "last_name": "drop",
        "email": "hash",
        "phone": "drop",
        "role": "known",
        "language": "known",
    }
    assert found.by_kind["surveys"] == {"comment": "redact", "kind": "known", "score": "drop"}
    assert found.by_kind["tickets"] == DEFAULTS["tickets"]
    assert (found.key_env, found.hashes, MaskingRules().hashes) == ("KEY", True, False)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "contacts: {frist_name: drop}",
            "line 3, rules.contacts.frist_name: `frist_name` is not known; the nearest is",
        ),
        ("contact: {email: drop}", "line 3, rules.contact: `contact` is not known; the nearest is `contacts`"),
        ("contacts: {email: remove}", "line 3, rules.contacts.email: `remove` is not known"),
        ("contacts: {contact_id: drop}", "ids are kept"),
        ("accounts: {owner.owner_id: hash}", "ids are kept"),
        ("surveys: {score: hash}", "`hash` is for texts"),
        ("surveys: {comment: known}", "`known` is for fields that hold one of a few words"),
        ("usage: {week_start: drop}", "a week without its day"),
    ],
)
def test_load_masking_names_file_line_and_field(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(InvalidSourceConfigError) as caught:
        rules(tmp_path, f"version: 1\nrules:\n  {line}\n")
    assert caught.value.message.startswith("masking.yaml, line 3, rules.")
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("kind", "field", "value", "left"),
    [
        ("tickets", "opened_at", "called by Ilse", "?"),
        ("tickets", "opened_at", "2026-11-01T10:00:00Z", "2026-11-01T10:00:00Z"),
        ("tickets", "opened_at", "", ""),
        ("contacts", "left_on", "soon, says Ilse", "?"),
        ("contacts", "email_opt_out", "ask Ilse", "?"),
        ("contacts", "email_opt_out", "yes", "yes"),
        ("invoices", "amount", "12.50", "12.50"),
        ("invoices", "amount", "ask Ilse", "?"),
        ("usage", "active_users", "5 and Ilse", "?"),
        ("tickets", "priority", "P1", "P1"),
        ("tickets", "priority", "ask Ilse", "other"),
        ("contacts", "role", "Executive_Sponsor", "Executive_Sponsor"),
        ("contacts", "role", "Ilse's boss", "other"),
        ("contacts", "language", "de-AT", "de-AT"),
        ("contacts", "language", "as Ilse speaks", "other"),
        ("activities", "kind", "Meeting", "Meeting"),
        ("activities", "kind", "with Ilse", "other"),
        ("surveys", "kind", "NPS", "NPS"),
        ("surveys", "kind", "Ilse", "other"),
        ("invoices", "status", "Past Due", "Past Due"),
        ("invoices", "currency", "Ilse", "other"),
    ],
)
def test_masked_lets_only_values_out_that_their_field_can_hold(kind: str, field: str, value: str, left: str) -> None:
    document = {"accounts": [{"account_id": "a1", kind: [{field: value}]}]}
    unknown = Counter[str]()
    (account,) = masked(document, MaskingRules(), unknown=unknown)["accounts"]
    assert account[kind] == [{field: left}]
    assert unknown == ({f"{kind}.{field}": 1} if left == "other" else {})


def test_masked_leaves_an_account_aside_as_it_would_be_without_masking() -> None:
    document = {"accounts": [{"account_id": "a1", "tickets": [{"opened_at": "called by Ilse"}]}]}
    without, with_masking = (read_payload(one).rejected for one in (document, masked(document, MaskingRules())))
    assert [one.pointer for one in with_masking] == [one.pointer for one in without] != []


def test_with_safe_ids_replaces_addresses_and_names_alike_wherever_they_refer() -> None:
    account = {
        "account_id": "a1",
        "owner": {"owner_id": "Imke Sandow", "name": "Imke Sandow"},
        "contacts": [
            {"contact_id": "m.wendt@a.example", "first_name": "Malte", "last_name": "Wendt"},
            {"contact_id": "003", "first_name": "Will", "last_name": "Long"},
            {"contact_id": "wendt-2", "last_name": "Wendt"},
        ],
        "activities": [{"activity_id": "<1@mail>", "contact_id": "m.wendt@a.example"}],
        "tickets": [{"ticket_id": "t1"}],
    }
    before = copy.deepcopy(account)
    (safe,) = with_safe_ids({"accounts": [account]}, b"key")["accounts"]
    ids = [contact["contact_id"] for contact in safe["contacts"]]
    assert ids[1] == "003"
    assert safe["activities"][0]["contact_id"] == ids[0]
    assert not [text for text in ("wendt", "sandow", "@") if text in str([ids, safe["owner"]["owner_id"]]).lower()]
    assert "@" not in safe["activities"][0]["activity_id"]
    assert (safe["contacts"][0]["email"], safe["tickets"]) == ("m.wendt@a.example", [{"ticket_id": "t1"}])
    assert with_safe_ids({"accounts": [account]}, b"key")["accounts"] == [safe]
    assert with_safe_ids({"accounts": [account]}, b"other")["accounts"] != [safe]
    assert before == account


def test_pseudonym_key_is_the_configured_one_or_stays_in_the_data_folder(tmp_path: Path) -> None:
    first = pseudonym_key(tmp_path / "data", b"")
    assert (pseudonym_key(tmp_path / "data", b""), len(first)) == (first, 32)
    assert pseudonym_key(tmp_path / "data", b"configured") == b"configured"
    (tmp_path / "file").write_text("")
    assert pseudonym_key(tmp_path / "file", b"") != pseudonym_key(tmp_path / "file", b"")
