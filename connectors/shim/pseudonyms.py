"""Ids that say who somebody is, and what stands for them: keyed digests, the same as long as the key stays."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from connectors.shim.kept_files import kept
from connectors.toolkit.folding import WORD, spellings
from connectors.toolkit.ordinary_words import ordinary_words

KEY_FILE = "pseudonyms.key"
_HASH_LETTERS = 24
_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
_LEAST_NAME = 3
_IDS = (
    ("tickets", "ticket_id"),
    ("invoices", "invoice_id"),
    ("surveys", "survey_id"),
    ("activities", "activity_id"),
    ("activities", "contact_id"),
)


def pseudonym_key(folder: Path, configured: bytes) -> bytes:
    """The configured key, or else the one kept in the data folder; where that cannot be written, this process's own."""
    if configured:
        return configured
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return kept(folder / KEY_FILE, lambda: secrets.token_bytes(32))
    except OSError:
        return secrets.token_bytes(32)


def pseudonym(key: bytes, field: str, value: str) -> str:
    """A keyed digest in letters, as names have no digits: equal for equal values of a field, however written."""
    said = f"{field}\x1f{value.strip().casefold()}"
    digest = hmac.digest(key, said.encode(), "sha256").hex()[:_HASH_LETTERS]
    return digest.translate(_LETTERS).capitalize()


def with_safe_ids(document: Mapping[str, Any], key: bytes) -> dict[str, Any]:
    """The payload with pseudonyms in place of ids that are an address or hold their bearer's name.

    What is sent and what persons are later looked up in are both made so, which is the way back. Accounts' own ids
    stay.
    """
    return {**document, "accounts": [_with_safe_ids(account, key) for account in document.get("accounts") or ()]}


def _with_safe_ids(account: Any, key: bytes) -> Any:
    if not isinstance(account, dict):
        return account
    changed: dict[str, Any] = {}
    safe: dict[str, str] = {}
    for contact in _objects(account.get("contacts")):
        names = f"{contact.get('first_name') or ''} {contact.get('last_name') or ''}"
        safe |= _replacement(contact, "contact_id", key, names)
    if safe:
        changed["contacts"] = [_renamed(one, "contact_id", safe, is_person=True) for one in account["contacts"]]
    owner = account.get("owner")
    if isinstance(owner, dict) and (made := _replacement(owner, "owner_id", key, str(owner.get("name") or ""))):
        changed["owner"] = _renamed(owner, "owner_id", made, is_person=True)
    for kind, name in _IDS:
        records = changed.get(kind, account.get(kind))
        made = dict(safe) if name == "contact_id" else {}
        for record in _objects(records):
            made |= _replacement(record, name, key, "")
        if made and isinstance(records, list):
            changed[kind] = [_renamed(record, name, made) for record in records]
    return {**account, **changed} if changed else account


def _replacement(record: Mapping[str, Any], name: str, key: bytes, names: str) -> dict[str, str]:
    """The record's id and what stands for it, where the id is an address or holds one of the names."""
    own = record.get(name)
    if not isinstance(own, str) or not own:
        return {}
    personal = "@" in own or "＠" in own or (names and not _telling_words(own).isdisjoint(_telling_words(names)))
    return {own: pseudonym(key, name, own)} if personal else {}


def _telling_words(text: str) -> set[str]:
    words = (match.group() for match in WORD.finditer(text))
    return {one for word in words for one in spellings(word) if len(one) >= _LEAST_NAME} - ordinary_words()


def _renamed(record: Any, name: str, safe: Mapping[str, str], *, is_person: bool = False) -> Any:
    """The record with its id replaced; a person's address is kept as such where the record has no other."""
    own = record.get(name) if isinstance(record, dict) else None
    if not isinstance(own, str) or own not in safe:
        return record
    address = {"email": own} if is_person and "@" in own and not record.get("email") else {}
    return {**record, name: safe[own], **address}


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    return (item for item in value if isinstance(item, dict)) if isinstance(value, list) else iter(())
