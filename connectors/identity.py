"""Ids and names: what stands in for an id that is missing or personal, and what cannot be a person's name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from connectors.records import Account, Contact, Owner

_LONGEST_NAME = 80
_NO_NAME = re.compile(r"[\n\r\t<>{}\[\]|\\`*_~#@=;:!?\d]|://|www\.|\.\w+/")
_KEYS = (
    ("contacts", "contact_id"),
    ("tickets", "ticket_id"),
    ("invoices", "invoice_id"),
    ("surveys", "survey_id"),
    ("activities", "activity_id"),
)
_R = TypeVar("_R", bound=msgspec.Struct)


def with_ids(account: Account) -> Account:
    """The account whose records can all be told apart, and whose persons' ids and names are what they claim to be.

    A record without an id is named by its place in the account, from 1; so is a contact whose id is an e-mail address
    or stands twice, as ids stand in answers. The sender of the payload can resolve that, and nobody else can make
    anything of it. A "name" that holds a link, digits or markup is left out, as it would be filled into a mail.
    """
    changed: dict[str, Any] = {}
    for field, key in _KEYS:
        records = getattr(account, field)
        named = _identified(
            records, key, account.account_id, field.rstrip("s") if field != "activities" else "activity"
        )
        if named is not records:
            changed[field] = named
    contacts: Sequence[Contact] = changed.get("contacts", account.contacts)
    if any(_name(name) != name for contact in contacts for name in (contact.first_name, contact.last_name)):
        changed["contacts"] = [_plainly_named(contact) for contact in contacts]
    owner = _owner(account)
    if owner is not account.owner:
        changed["owner"] = owner
    return msgspec.structs.replace(account, **changed) if changed else account


def doubled_contacts(account: Account) -> int:
    """How many contacts have an id that stands at an earlier one; `with_ids` names them by their place."""
    ids = [contact.contact_id for contact in account.contacts if contact.contact_id]
    return len(ids) - len(set(ids))


def _identified(records: list[_R], key: str, account_id: str, noun: str) -> list[_R]:
    """The same list, or a new one in which no id is missing; ids of contacts are neither addresses nor doubled."""
    personal = key == "contact_id"
    ids = [getattr(record, key) for record in records]
    if all(ids) and not (personal and (len(set(ids)) < len(ids) or any("@" in one for one in ids))):
        return records
    seen: set[str] = set()
    named = []
    for place, (record, one) in enumerate(zip(records, ids, strict=True), start=1):
        unusable = not one or (personal and ("@" in one or one in seen))
        named.append(msgspec.structs.replace(record, **{key: f"{account_id}#{noun}{place}"}) if unusable else record)
        seen.add(one)
    return named


def _plainly_named(contact: Contact) -> Contact:
    return msgspec.structs.replace(contact, first_name=_name(contact.first_name), last_name=_name(contact.last_name))


def _name(text: str) -> str:
    return "" if _NO_NAME.search(text) or len(text) > _LONGEST_NAME else text


def _owner(account: Account) -> Owner | None:
    owner = account.owner
    if owner is None or not (owner.owner_id or owner.name or owner.email):
        return owner
    usable = owner.owner_id and "@" not in owner.owner_id
    name = _name(owner.name)
    if usable and name == owner.name:
        return owner
    return msgspec.structs.replace(
        owner,
        owner_id=owner.owner_id if usable else f"{account.account_id}#owner",
        email=owner.email or ("" if usable else owner.owner_id),
        name=name,
    )
