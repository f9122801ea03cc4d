"""Fills persons' values back into a masked report, from the records the shim read itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from connectors.identity import with_ids
from connectors.records import Account, Contact, Owner

_PLACEHOLDER = re.compile(r"\[\[[A-Za-z]\w*\.\w+\]\]")
_SEPARATOR = "\x1f"
_CONTACT_FIELDS = frozenset({"first_name", "last_name", "email", "phone"})
_CONTACT_TEXTS = (*sorted(_CONTACT_FIELDS), "contact_id")
_OWNER_TEXTS = ("owner_id", "name", "email")


@dataclass(frozen=True)
class People:
    """The persons the CRM named: contacts by id, or by `contact_key` where ids are the account's own; owners by id."""

    contacts: Mapping[str, Contact] = field(default_factory=dict)
    owners: Mapping[str, Owner] = field(default_factory=dict)

    def value(self, placeholder: Mapping[str, Any], account_id: str = "") -> str:
        """What stands behind ``{contact_id | owner_id, field}`` of an account; empty when it is not known."""
        asked, contact_id = str(placeholder.get("field", "")), str(placeholder.get("contact_id") or "")
        if _SEPARATOR in contact_id:  # It would reach into another account.
            return ""
        if contact := self.contacts.get(contact_key(contact_id, account_id)) or self.contacts.get(contact_id):
            if asked == "name":
                return f"{contact.first_name} {contact.last_name}".strip()
            return str(getattr(contact, asked)) if asked in _CONTACT_FIELDS else ""
        if owner := self.owners.get(str(placeholder.get("owner_id") or "")):
            first, _, last = owner.name.partition(" ")
            return {"name": owner.name, "email": owner.email, "first_name": first, "last_name": last}.get(asked, "")
        return ""


def people_of(accounts: Iterable[Account]) -> People:
    """Every contact by account and id, as ids of contacts may be the account's own, and every owner by id."""
    contacts: dict[str, Contact] = {}
    owners: dict[str, Owner] = {}
    for account in accounts:
        contacts |= {contact_key(one.contact_id, account.account_id): one for one in account.contacts if one.contact_id}
        if account.owner and account.owner.owner_id:
            owners[account.owner.owner_id] = account.owner
    return People(contacts, owners)


def people_in(document: Mapping[str, Any], account_ids: Iterable[str]) -> People:
    """The contacts and owners of those accounts of a payload, by the ids that answers name them by."""
    wanted = set(account_ids)
    ids = ((str(raw.get("account_id") or ""), raw) for raw in _objects(document.get("accounts")))
    return people_of(with_ids(_persons_of(account_id, raw)) for account_id, raw in ids if account_id in wanted)


def _persons_of(account_id: str, raw: Mapping[str, Any]) -> Account:
    """An account with nothing but its persons, read as the service reads them."""
    owner = raw.get("owner")
    return Account(
        account_id=account_id,
        contacts=[
            msgspec.convert(_texts(contact, _CONTACT_TEXTS), Contact) for contact in _objects(raw.get("contacts"))
        ],
        owner=msgspec.convert(_texts(owner, _OWNER_TEXTS), Owner) if isinstance(owner, dict) else None,
    )


def _texts(raw: Mapping[str, Any], names: Iterable[str]) -> dict[str, str]:
    return {name: value.strip() for name in names if isinstance(value := raw.get(name), str)}


def contact_key(contact_id: str, account_id: str) -> str:
    """The key of a contact whose id is known within its account only."""
    return f"{account_id}{_SEPARATOR}{contact_id}"


def filled(report: Mapping[str, Any], people: People) -> tuple[dict[str, Any], list[str]]:
    """The report with persons in place of placeholders, and the placeholders nobody could fill.

    Each account's texts use that account's own list first; the `placeholders` lists, ids and digests stay.
    """
    accounts = report.get("accounts")
    everybody: dict[str, str] = {}
    for account in _objects(accounts):
        everybody |= _values(account, people)
    document = {key: _filled(value, everybody) for key, value in report.items() if key != "accounts"}
    if isinstance(accounts, list):
        document["accounts"] = [_filled_account(account, everybody, people) for account in _objects(accounts)]
    return document, sorted(set(_left(document)))


def _filled_account(account: Mapping[str, Any], everybody: Mapping[str, str], people: People) -> dict[str, Any]:
    values = {**everybody, **_values(account, people)}
    return {key: value if key == "placeholders" else _filled(value, values) for key, value in account.items()}


def _values(account: Mapping[str, Any], people: People) -> dict[str, str]:
    """Placeholder to value, of those that have one."""
    return {
        str(row["placeholder"]): value
        for row in _objects(account.get("placeholders"))
        if "placeholder" in row and (value := people.value(row, str(account.get("account_id") or "")))
    }


def _objects(value: Any) -> Iterable[Mapping[str, Any]]:
    return (item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    """The value with every placeholder in its texts replaced once; what is put in is not read again."""
    if isinstance(value, str):
        return _PLACEHOLDER.sub(lambda match: values.get(match[0], match[0]), value) if "[[" in value else value
    if isinstance(value, list):
        return [_filled(item, values) for item in value]
    if isinstance(value, dict):
        return {key: _filled(item, values) for key, item in value.items()}
    return value


def _left(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from _PLACEHOLDER.findall(value) if "[[" in value else ()
    elif isinstance(value, list):
        for item in value:
            yield from _left(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key != "placeholders":
                yield from _left(item)
