"""Names typed into a question."""

from __future__ import annotations

import pytest

from chains.privacy.typed import without_typed_names
from connectors.records import Account, Contact, Owner

ACCOUNTS = [
    Account(
        account_id="A",
        name="Kestrel Vossberg Foods",
        contacts=[
            Contact(contact_id="c", first_name="Annegret", last_name="Pfefferkorn"),
            Contact(contact_id="d", last_name="Will"),
        ],
        owner=Owner(owner_id="o", name="Otto Zeisig"),
    ),
    Account(account_id="B", contacts=[Contact(contact_id="e", last_name="Vossberg")]),
]


@pytest.mark.parametrize(
    ("typed", "masked"),
    [
        ("what about pfefferkorn's account?", "what about [[person]]'s account?"),
        ("mails in the style of ANNEGRET", "mails in the style of [[person]]"),
        ("zeisig's customers", "[[person]]'s customers"),
        ("why is kestrel vossberg at risk?", "why is kestrel vossberg at risk?"),
        ("who will leave?", "who will leave?"),
        ("[[person]] and [[contact_1.last_name]]", "[[person]] and [[contact_1.last_name]]"),
    ],
)
def test_a_known_name_is_masked_in_any_case_and_other_words_stay(typed: str, masked: str) -> None:
    assert without_typed_names([typed], ACCOUNTS) == [masked]
