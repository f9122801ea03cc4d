"""Ids of persons: what stands in for one that is missing, or that is itself a personal value."""

from __future__ import annotations

import msgspec

from connectors.records import Account


def with_person_ids(account: Account) -> Account:
    """The account whose contacts and owner all have an id that says nothing of the person.

    An e-mail address is no id, as ids stand in answers. Such a contact is named by its place in the account, from 1:
    the sender of the payload can resolve that, and nobody else can make anything of it.
    """
    changed: dict[str, object] = {}
    if any(not _is_id(contact.contact_id) for contact in account.contacts):
        changed["contacts"] = [
            contact
            if _is_id(contact.contact_id)
            else msgspec.structs.replace(contact, contact_id=f"{account.account_id}#contact{place}")
            for place, contact in enumerate(account.contacts, start=1)
        ]
    owner = account.owner
    if owner is not None and not _is_id(owner.owner_id) and (owner.owner_id or owner.name or owner.email):
        changed["owner"] = msgspec.structs.replace(
            owner, owner_id=f"{account.account_id}#owner", email=owner.email or owner.owner_id
        )
    return msgspec.structs.replace(account, **changed) if changed else account


def _is_id(text: str) -> bool:
    return bool(text) and "@" not in text
