"""Reads a unified payload leniently: what can be read is kept, what cannot is set aside with a pointer."""

from __future__ import annotations

import datetime as dt
import re
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import msgspec

from connectors import canonical as words
from connectors.coercion import COERCERS, explain, to_day
from connectors.decoding import paused_collector
from connectors.errors import InvalidPayloadError, PayloadTooLargeError
from connectors.identity import doubled_contacts, with_ids
from connectors.plausibility import note
from connectors.records import Account, Contact, Finding, Invoice, Payload, Rejected, SourceInfo, Survey, Ticket

# Control characters, and the marks that reorder or hide text; tabs, newlines and joiners stay.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)
LONGEST_ID = 200
EARLIEST_AS_OF, LATEST_AS_OF = 2000, 2100
_CANONICAL: Mapping[tuple[type[msgspec.Struct], str], Mapping[str, str]] = {
    (Account, "status"): words.STATUS,
    (Account, "segment"): words.SEGMENT,
    (Contact, "role"): words.ROLE,
    (Ticket, "priority"): words.PRIORITY,
    (Invoice, "status"): words.INVOICE_STATUS,
    (Survey, "kind"): words.SURVEY_KIND,
}


@dataclass(frozen=True)
class ReadResult:
    """What came of a payload: received = len(payload.accounts) + len(rejected)."""

    payload: Payload
    rejected: tuple[Rejected, ...]
    findings: tuple[Finding, ...]
    received: int


@dataclass(frozen=True)
class _Shape:
    """How to clean one record: its known keys, its parts, and the fields that need a hand."""

    known: frozenset[str]
    parts: tuple[tuple[str, _Shape, bool], ...]
    canonical: tuple[tuple[str, Mapping[str, str]], ...]
    texts: tuple[str, ...]
    kinds: Mapping[str, type]
    required: frozenset[str]
    name: str


@dataclass
class _Notes:
    """What was noticed while reading, over the whole payload."""

    unknown: dict[str, int] = field(default_factory=dict)
    unsafe: int = 0
    doubled: list[Finding] = field(default_factory=list)


def read_payload(document: Mapping[str, Any], *, max_accounts: int = 20_000) -> ReadResult:
    """Turn a payload as it arrived into canonical records.

    An account with any value that cannot be read is set aside, with a pointer to that value; the others are kept.

    Raises:
        InvalidPayloadError: The document is no payload at all (a pointer says where).
        PayloadTooLargeError: It has more than `max_accounts` accounts.
    """
    raw_accounts = document.get("accounts")
    if raw_accounts is None or raw_accounts == "":
        raw_accounts = []
    if not isinstance(raw_accounts, list):
        raise InvalidPayloadError("`accounts` must be a list.", errors=(("/accounts", "expected a list"),))
    if len(raw_accounts) > max_accounts:
        raise PayloadTooLargeError(
            f"{len(raw_accounts):,} accounts are more than the limit of {max_accounts:,}; split the payload."
        )
    with paused_collector():
        return _read(document, raw_accounts)


def _read(document: Mapping[str, Any], raw_accounts: Sequence[Any]) -> ReadResult:
    notes = _Notes()
    accounts: list[Account] = []
    rejected: list[Rejected] = []
    seen: dict[str, int] = {}
    for position, raw in enumerate(raw_accounts):
        account = _read_account(raw, position, notes)
        if isinstance(account, Account) and account.account_id in seen:
            first = seen[account.account_id]
            account = Rejected(
                pointer=f"/accounts/{position}/account_id",
                account_id=account.account_id,
                message=f"the same account_id stands at /accounts/{first}, which was kept",
            )
        if isinstance(account, Rejected):
            rejected.append(account)
        else:
            seen[account.account_id] = position
            if doubled := doubled_contacts(account):
                notes.doubled.append(_share_an_id(account, doubled))
            accounts.append(with_ids(account))
    payload = Payload(
        schema_version=_envelope_text(document, "schema_version"),
        as_of=_envelope_date(document),
        sources=_read_sources(document.get("sources"), notes),
        accounts=accounts,
    )
    notes.unknown.update(
        dict.fromkeys((f"/{_safe_key(str(key))}" for key in document.keys() - set(Payload.__struct_fields__)), 1)
    )
    return ReadResult(payload, tuple(rejected), tuple(_findings(notes, rejected)), len(raw_accounts))


def _read_account(raw: Any, position: int, notes: _Notes) -> Account | Rejected:
    pointer = f"/accounts/{position}"
    if not isinstance(raw, dict):
        return Rejected(pointer=pointer, account_id="", message="expected an object with an account_id")
    shape = _shape(Account)
    try:
        cleaned = _clean(raw, shape, notes)
        if "account_id" not in cleaned:
            return Rejected(pointer=f"{pointer}/account_id", account_id="", message="account_id is missing")
        if isinstance(key := cleaned["account_id"], str) and len(key) > LONGEST_ID:
            message = f"account_id is longer than {LONGEST_ID} characters"
            return Rejected(pointer=f"{pointer}/account_id", account_id=_shown_id(key), message=message)
        try:
            return msgspec.convert(cleaned, Account)
        except msgspec.ValidationError:
            return msgspec.convert(_coerce(cleaned, shape), Account)
    except msgspec.ValidationError as error:
        account_id = raw.get("account_id")
        path, message = explain(error)
        return Rejected(pointer=pointer + path, account_id=_shown_id(account_id), message=message)
    except RecursionError:
        return Rejected(pointer=pointer, account_id="", message="nested too deeply")


def _clean(raw: dict[str, Any], shape: _Shape, notes: _Notes) -> dict[str, Any]:
    """The record without absent values and unsafe characters, in canonical words."""
    if not raw.keys() <= shape.known:
        for key in raw.keys() - shape.known:
            name = f"{shape.name}.{_safe_key(key)}"
            notes.unknown[name] = notes.unknown.get(name, 0) + 1
    cleaned = raw
    values = raw.values()
    if None in values or "" in values or shape.parts:
        cleaned = {key: value for key, value in raw.items() if value is not None and value != "" and key in shape.known}
    for key in shape.texts:
        value = cleaned.get(key)
        if type(value) is str and not value.isprintable():
            safe = _UNSAFE.sub("", value)
            if safe != value:
                notes.unsafe += 1
                cleaned = {**cleaned, key: safe}
    for key, table in shape.canonical:
        value = cleaned.get(key)
        if value is not None and type(value) is not list and type(value) is not dict:
            cleaned = {**cleaned, key: words.canonical(str(value), table)}
    for key, part, many in shape.parts:
        value = cleaned.get(key)
        if many and type(value) is list:
            cleaned[key] = [
                _clean(item, part, notes) if type(item) is dict else item for item in value if item is not None
            ]
        elif not many and type(value) is dict:
            value = _clean(value, part, notes)
            if value and part.required <= value.keys():
                cleaned[key] = value
            else:
                del cleaned[key]
    return cleaned


def _shown_id(account_id: Any) -> str:
    """An account's id as it may be shown when nothing else of it could be read."""
    return _UNSAFE.sub("", account_id)[:LONGEST_ID] if isinstance(account_id, str) else ""


def _safe_key(key: str) -> str:
    return re.sub(r"[^A-Za-z_-]", "?", key)[:40]


@cache
def _shape(record: type[msgspec.Struct]) -> _Shape:
    hints = {name: _bare(hint) for name, hint in typing.get_type_hints(record).items() if not name.startswith("__")}
    parts = []
    for name, hint in hints.items():
        if typing.get_origin(hint) is list:
            parts.append((name, _shape(typing.get_args(hint)[0]), True))
        elif isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            parts.append((name, _shape(hint), False))
    return _Shape(
        known=frozenset(record.__struct_fields__),
        parts=tuple(parts),
        canonical=tuple((name, table) for (owner, name), table in _CANONICAL.items() if owner is record),
        texts=tuple(name for name, hint in hints.items() if hint is str),
        kinds={name: hint for name, hint in hints.items() if hint in COERCERS},
        required=frozenset(field.name for field in msgspec.structs.fields(record) if field.required),
        name=record.__name__.lower(),
    )


def _bare(hint: Any) -> Any:
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        return next(part for part in typing.get_args(hint) if part is not type(None))
    return hint


def _coerce(cleaned: dict[str, Any], shape: _Shape) -> dict[str, Any]:
    """The same record with near misses mended: a number as text, a day as an instant, "yes"."""
    mended = {key: COERCERS[shape.kinds[key]](value) if key in shape.kinds else value for key, value in cleaned.items()}
    for key, part, many in shape.parts:
        value = mended.get(key)
        if many and isinstance(value, list):
            mended[key] = [_coerce(item, part) if isinstance(item, dict) else item for item in value]
        elif isinstance(value, dict):
            mended[key] = _coerce(value, part)
    return mended


def _envelope_text(document: Mapping[str, Any], key: str) -> str:
    value = document.get(key)
    if value is None:
        return ""
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str):
        raise InvalidPayloadError(f"`{key}` must be text.", errors=((f"/{key}", "expected text"),))
    return value


def _envelope_date(document: Mapping[str, Any]) -> dt.date | None:
    text = _envelope_text(document, "as_of").strip()
    if not text:
        return None
    day = to_day(text)
    if not isinstance(day, dt.date) or not EARLIEST_AS_OF <= day.year <= LATEST_AS_OF:
        raise InvalidPayloadError("`as_of` must be a day such as 2026-11-16.", errors=(("/as_of", "no such day"),))
    return day


def _read_sources(raw: Any, notes: _Notes) -> list[SourceInfo]:
    """The systems named in the envelope; an unreadable entry is left out, as it only describes."""
    sources = []
    for entry in raw if isinstance(raw, list) else []:
        if isinstance(entry, dict):
            shape = _shape(SourceInfo)
            try:
                sources.append(msgspec.convert(_coerce(_clean(entry, shape, notes), shape), SourceInfo))
            except msgspec.ValidationError:
                notes.unknown["source"] = notes.unknown.get("source", 0) + 1
    return sources


def _share_an_id(account: Account, count: int) -> Finding:
    message = "Contacts share an id; the later ones are named by their place in the account."
    return note(account, "contacts_share_id", "warning", message, count, "contacts")


def _findings(notes: _Notes, rejected: Sequence[Rejected]) -> Iterator[Finding]:
    if notes.unknown:
        names = sorted(notes.unknown)
        shown = ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
        yield Finding(
            severity="info",
            scope="payload",
            code="unknown_keys",
            count=len(names),
            message=f"Unknown keys were ignored: {shown}.",
        )
    if notes.unsafe:
        yield Finding(
            severity="warning",
            scope="payload",
            code="unsafe_characters",
            count=notes.unsafe,
            message="Control or hidden characters were removed from texts.",
        )
    duplicates = [entry.account_id for entry in rejected if entry.message.startswith("the same account_id")]
    if duplicates:
        yield Finding(
            severity="warning",
            scope="payload",
            code="duplicate_accounts",
            count=len(duplicates),
            message="Accounts with an account_id that already stood in the payload were set aside.",
        )
    yield from notes.doubled
