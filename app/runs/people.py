"""The persons of a payload, for a caller who may see them."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.records import Account
from connectors.shim.people import People, contact_key


def people_in(accounts: Sequence[Account]) -> People:
    """Every contact by account and id, as ids of contacts may be the account's own, and every owner by id."""
    return People(
        contacts={
            contact_key(contact.contact_id, account.account_id): contact
            for account in accounts
            for contact in account.contacts
            if contact.contact_id
        },
        owners={
            account.owner.owner_id: account.owner for account in accounts if account.owner and account.owner.owner_id
        },
    )
