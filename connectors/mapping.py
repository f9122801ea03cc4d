"""Raw rows to canonical records, by a mapping that holds no code: a pure function of the rows.

Records are JSON-ready, as in a pushed payload, and go through the same reader. A value that its field cannot take is
left as it stands, so that the reader sets the account aside with its pointer (docs/decisions/0001), and is listed.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import msgspec

from connectors.company_names import domain_name
from connectors.conversion import Convert, NotMapped, Options, converter, to_text
from connectors.paths import Path, PathFailedError
from connectors.ports import Row
from connectors.records import (
    Account,
    Activity,
    Change,
    Contact,
    Invoice,
    Survey,
    Ticket,
    UsageWeek,
)

RECORDS: Mapping[str, type[msgspec.Struct]] = {
    "accounts": Account,
    "contacts": Contact,
    "usage": UsageWeek,
    "tickets": Ticket,
    "invoices": Invoice,
    "changes": Change,
    "activities": Activity,
    "surveys": Survey,
}
REQUIRED: Mapping[str, str] = {"accounts": "account_id", "usage": "week_start"}
"""The field without which a record of that kind cannot be read."""
YEARLY_AMOUNTS = frozenset((("accounts", "annual_recurring_revenue.amount"), ("changes", "amount")))
_IDS: Mapping[str, str] = {
    "accounts": "account_id", "contacts": "contact_id", "tickets": "ticket_id", "invoices": "invoice_id",
    "activities": "activity_id", "surveys": "survey_id",
}  # fmt: skip


@dataclass(frozen=True)
class FieldMapping:
    """How one canonical field comes from a row: a path or a constant, and the conversion; `options` as configured."""

    name: str
    path: Path | None
    convert: Convert
    constant: Any = None
    options: Options = field(default_factory=Options)


@dataclass(frozen=True)
class Unmapped:
    """A value that could not be mapped: the row's own id or its number from 1, the field, and why; never the value.

    Attributes:
        column: The field's path in the row.
        record: The canonical record that the row became, if it became one.
    """

    kind: str
    row: str
    field: str
    message: str
    column: str = ""
    record: dict[str, Any] | None = dataclasses.field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class MappedRows:
    """Canonical records, the text at `owner` of each row ("" where there is none), and what could not be mapped."""

    records: list[dict[str, Any]] = field(repr=False)
    owners: list[str] = field(repr=False)
    unmapped: list[Unmapped]


@cache
def field_types(kind: str) -> Mapping[str, type]:
    """The canonical fields of a record kind, those of parts written with a dot, and the type of each."""
    return dict(_typed(RECORDS[kind]))


def field_mapping(kind: str, name: str, path: Path, options: Options) -> FieldMapping:
    """The mapping of a field from a path."""
    convert = converter(field_types(kind)[name], options)
    if (kind, name) == ("accounts", "domain"):
        convert = _then_domain(convert)
    return FieldMapping(name, path, convert, options=options)


def map_rows(
    rows: Sequence[Row], kind: str, fields: Sequence[FieldMapping], *, owner: Path | None = None, first: int = 1
) -> MappedRows:
    """The canonical records of some rows, without those in which every mapped value is absent.

    Args:
        owner: Where a row names its account or customer.
        first: The number of the first row, from 1.
    """
    columns = [_column(one, rows) for one in fields]
    owners = [_key(value) for value in _values(owner, rows)] if owner else [""] * len(rows)
    ids = _ids(kind, fields, columns, first)
    unmapped = list(_settled(kind, fields, columns))
    names = [one.name for one in fields]
    records, kept = [], []
    fixed = sum(one.path is None for one in fields)
    for place, values in enumerate(zip(*columns, strict=True)):
        record = {name: value for name, value in zip(names, values, strict=True) if value is not None}
        if len(record) > fixed:
            records.append(record)
            kept.append(place)
    if (needed := REQUIRED.get(kind)) is not None:
        column = next((one.path.text for one in fields if one.name == needed and one.path), "")
        missing = Unmapped(kind, "", needed, f"{needed} is missing", column)
        unmapped += [(place, missing) for place, record in zip(kept, records, strict=True) if needed not in record]
    if any("." in name for name in names):
        records = [_nested(record) for record in records]
    record_of = dict(zip(kept, records, strict=True)) if unmapped else {}
    told = [replace(entry, row=ids(place), record=record_of.get(place)) for place, entry in unmapped]
    if len(kept) < len(owners):
        owners = [owners[place] for place in kept]
    return MappedRows(records, owners, told)


def used_names(paths: Iterable[Path | None]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The top-level names and the dotted chains that the paths use; none when one of them takes the whole row."""
    columns: set[str] = set()
    chains: set[str] = set()
    for path in paths:
        if path is not None:
            if path.columns is None:
                return (), ()
            columns |= path.columns
            chains |= path.chains
    return tuple(sorted(columns)), tuple(sorted(chains))


def key_texts(path: Path | None, rows: Sequence[Row]) -> list[str]:
    """The text at a path of each row, "" where there is none."""
    return [_key(value) for value in _values(path, rows)] if path else [""] * len(rows)


def _typed(record: type[msgspec.Struct]) -> Iterator[tuple[str, type]]:
    for name, hint in typing.get_type_hints(record).items():
        if typing.get_origin(hint) in (types.UnionType, typing.Union):
            hint = next(part for part in typing.get_args(hint) if part is not type(None))
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            yield from ((f"{name}.{leaf}", inner) for leaf, inner in _typed(hint))
        elif hint in (str, int, float, bool, dt.date, dt.datetime):
            yield name, hint


def _then_domain(convert: Convert) -> Convert:
    def domain(value: Any) -> Any:
        text = convert(value)
        return (domain_name(text) or None) if isinstance(text, str) else text

    return domain


class _Memo(dict[str, Any]):
    """Texts already converted; columns repeat themselves."""

    def __init__(self, convert: Convert) -> None:
        super().__init__()
        self._convert = convert

    def __missing__(self, text: str) -> Any:
        value = self[text] = self._convert(text)
        return value


def _column(mapped: FieldMapping, rows: Sequence[Row]) -> list[Any]:
    """The converted values of a field, row by row."""
    if mapped.path is None:
        return [mapped.constant] * len(rows)
    convert = mapped.convert
    memo = _Memo(convert)
    return [memo[value] if type(value) is str else convert(value) for value in _values(mapped.path, rows)]


def _values(path: Path, rows: Sequence[Row]) -> list[Any]:
    if name := path.plain:
        return [row.get(name) for row in rows]
    return [_looked_up(path.get, row) for row in rows]


def _looked_up(get: Callable[[Row], Any], row: Row) -> Any:
    try:
        return get(row)
    except PathFailedError:
        return _UNFIT


_UNFIT: tuple[()] = ()
"""Stands for a value that the expression could not find; no field takes it."""


def _key(value: Any) -> str:
    text = to_text(value)
    return text if isinstance(text, str) else ""


def _ids(kind: str, fields: Sequence[FieldMapping], columns: Sequence[list[Any]], first: int) -> Callable[[int], str]:
    """What names a row: its own id where that is no address, else its number."""
    own = next((column for one, column in zip(fields, columns, strict=True) if one.name == _IDS.get(kind)), None)

    def named(place: int) -> str:
        text = own[place] if own is not None else None
        return text if isinstance(text, str) and "@" not in text else str(first + place)

    return named


def _settled(kind: str, fields: Sequence[FieldMapping], columns: Sequence[list[Any]]) -> Iterator[tuple[int, Unmapped]]:
    """Puts raw values where nothing could be made of them, and says so, with the row's place."""
    for mapped, column in zip(fields, columns, strict=True):
        if NotMapped not in set(map(type, column)):
            continue
        for place, value in enumerate(column):
            if type(value) is NotMapped:
                column[place] = value.raw
                yield place, Unmapped(kind, "", mapped.name, value.message, mapped.path.text if mapped.path else "")


def _nested(record: dict[str, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for name, value in record.items():
        part, _, leaf = name.partition(".")
        if leaf:
            nested.setdefault(part, {})[leaf] = value
        else:
            nested[part] = value
    return nested
