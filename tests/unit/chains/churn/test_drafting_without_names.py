import datetime as dt
from typing import Any

import pytest

from chains.churn import ask
from chains.churn.schema import FLAGSHIP_QUESTION, AccountRisk
from connectors.sample import organisation


def first_draft(contact: dict[str, str], owner: dict[str, str]) -> AccountRisk:
    """The first account's answer when all contacts and owners hold these values alone beside their ids."""
    payload: dict[str, Any] = organisation(dt.date(2026, 11, 20)).payload()
    for account in payload["accounts"]:
        for person in account["contacts"]:
            for name in ("first_name", "last_name", "email", "phone"):
                person.pop(name, None)
            person.update(contact)
        if account.get("owner"):
            account["owner"] = {"owner_id": account["owner"]["owner_id"], **owner}
    return ask(FLAGSHIP_QUESTION, payload).accounts[0]


def test_draft_addresses_persons_whose_values_were_kept_back_by_placeholders_with_their_ids() -> None:
    account = first_draft({}, {})
    assert account.draft is not None
    assert account.draft.status == "awaiting_approval"
    assert "[[contact_1.first_name]]" in account.draft.body.splitlines()[0]
    assert account.draft.body.endswith("[[owner_1.name]]")
    ids = {place.placeholder: place.contact_id or place.owner_id for place in account.placeholders}
    assert ids["[[contact_1.first_name]]"] == account.draft.to_contact_id
    assert ids["[[owner_1.name]]"]


@pytest.mark.parametrize("contact", [{"email": "office@customer.example"}, {"phone": "+49 30 1234567"}])
def test_draft_names_nobody_whose_record_has_no_name_but_other_values(contact: dict[str, str]) -> None:
    account = first_draft(contact, {"email": "team@vendor.example"})
    assert account.draft is not None
    assert "[[" not in account.draft.body
