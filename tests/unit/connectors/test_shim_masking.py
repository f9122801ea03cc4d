import copy
from pathlib import Path

import pytest

from connectors.errors import InvalidSourceConfigError
from connectors.payload import read_payload
from connectors.shim.masking import masked
from connectors.shim.masking_rules import DEFAULTS, MaskingRules, load_masking

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
    assert (account["contacts"], account["owner"], account["tickets"]) == (["x"], "y", None)
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
    assert found.by_kind["contacts"] == {"last_name": "drop", "email": "hash", "phone": "drop"}
    assert found.by_kind["surveys"] == {"comment": "redact", "score": "drop"}
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
        ("usage: {week_start: drop}", "a week without its day"),
    ],
)
def test_load_masking_names_file_line_and_field(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(InvalidSourceConfigError) as caught:
        rules(tmp_path, f"version: 1\nrules:\n  {line}\n")
    assert caught.value.message.startswith("masking.yaml, line 3, rules.")
    assert message in caught.value.message
