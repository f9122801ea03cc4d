"""Reads a folder of raw exports (CSV) as a unified payload, by a mapping of columns to canonical fields."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import yaml

from connectors.company_names import domain_name
from connectors.errors import InvalidPayloadError
from connectors.matching import Ambiguity, Party, match
from connectors.records import (
    Account,
    Activity,
    Change,
    Contact,
    Contract,
    Invoice,
    Money,
    Owner,
    Survey,
    Ticket,
    UsageWeek,
)

Row = dict[str, str]
EXAMPLE = "docs/examples/history_mapping.yaml"
_PARTS: Mapping[str, type[msgspec.Struct]] = {"annual_recurring_revenue": Money, "owner": Owner, "contract": Contract}
_FEW_COLUMNS = 2
_CHILDREN: Mapping[str, type[msgspec.Struct]] = {
    "contacts": Contact,
    "usage": UsageWeek,
    "tickets": Ticket,
    "invoices": Invoice,
    "changes": Change,
    "activities": Activity,
    "surveys": Survey,
}


@dataclass(frozen=True)
class Exports:
    """A payload document built from exports, and the customers of other systems that found no account."""

    document: dict[str, Any]
    unmatched: dict[str, list[str]]
    ambiguous: dict[str, list[Ambiguity]]


@dataclass(frozen=True)
class Label:
    """What became of an account within 90 days of a day."""

    account_id: str
    as_of: str
    churned: bool


def read_mapping(folder: Path, mapping: Path | None = None) -> dict[str, Any]:
    """The mapping of the folder, or the one that stands elsewhere.

    Raises:
        InvalidPayloadError: There is none, or it is no YAML mapping with `accounts`.
    """
    file = mapping or folder / "mapping.yaml"
    try:
        loaded = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError:
        raise InvalidPayloadError(
            f"There is no {file.name} in {file.parent}; give one with --mapping (an example is {EXAMPLE})."
        ) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise InvalidPayloadError(
            f"{file.name} is not valid YAML{f' (line {mark.line + 1})' if mark else ''}."
        ) from None
    problems = list(_mapping_problems(loaded))
    if problems:
        raise InvalidPayloadError(f"{file.name}: {'; '.join(problems[:5])}.")
    return dict(loaded)


def _mapping_problems(loaded: Any) -> Iterator[str]:
    """What is wrong with a mapping: parts that are missing, columns that are no text, fields nobody knows."""
    if not isinstance(loaded, dict) or not isinstance(loaded.get("accounts"), dict):
        yield f"`accounts` must name a file and its fields (see {EXAMPLE})"
        return
    yield from _part_problems("accounts", loaded["accounts"], _known_fields(Account))
    children = {field.name: field for field in msgspec.structs.fields(Account)}
    for name, part in (loaded.get("children") or {}).items():
        record = _CHILDREN.get(str(name))
        if record is None or name not in children:
            yield f"children may be {', '.join(_CHILDREN)}, not `{name}`"
            continue
        yield from _part_problems(str(name), part, _known_fields(record))
        if not isinstance(part, dict) or not isinstance(part.get("of"), dict):
            yield f"`{name}` needs `of`: how a row finds its account"


def _part_problems(name: str, part: Any, known: frozenset[str]) -> Iterator[str]:
    if not isinstance(part, dict) or not isinstance(part.get("file"), str) or not isinstance(part.get("fields"), dict):
        yield f"`{name}` needs `file` and `fields`"
        return
    for field, column in part["fields"].items():
        if str(field) not in known:
            yield f"`{name}` has no field `{field}`"
        if not isinstance(column, str):
            yield f"the column of `{name}.{field}` must be text; put it in quotes"


def _known_fields(record: type[msgspec.Struct]) -> frozenset[str]:
    """The fields a mapping may fill, those of parts written with a dot."""
    names = set(record.__struct_fields__)
    for part, inner in _PARTS.items() if record is Account else ():
        names.discard(part)
        names |= {f"{part}.{name}" for name in inner.__struct_fields__}
    return frozenset(names - set(_CHILDREN))


def read_exports(folder: Path, mapping: Mapping[str, Any]) -> Exports:
    """Join the exports of the folder into one payload document.

    Raises:
        InvalidPayloadError: A file or a column that the mapping names is missing.
    """
    accounts = {raw["account_id"]: raw for raw in _mapped(folder, mapping["accounts"]) if raw.get("account_id")}
    for raw in accounts.values():
        raw["domain"] = domain_name(raw.get("domain", ""))
    parties = [Party(key, raw.get("name", ""), raw.get("domain", "")) for key, raw in accounts.items()]
    unmatched: dict[str, list[str]] = {}
    ambiguous: dict[str, list[Ambiguity]] = {}
    for kind, spec in mapping.get("children", {}).items():
        belongs = spec["of"]
        if "account" in belongs:
            key_column, account_of = belongs["account"], dict(zip(accounts, accounts, strict=True))
        else:
            matches = match(_customers(folder, belongs["customers"]), parties)
            key_column, account_of = belongs["key"], matches.right_of()
            unmatched[kind], ambiguous[kind] = matches.unmatched_left, matches.ambiguous
        children: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in _rows(folder / spec["file"], needs=[key_column, *spec["fields"].values()]):
            if (account_id := account_of.get(row[key_column])) is not None:
                children[account_id].append(_fields(row, spec["fields"]))
        for account_id, records in children.items():
            accounts[account_id][kind] = records
    sources = [{"name": name, "kind": kind} for kind, name in mapping.get("as_of_source", {}).items()]
    document = {"schema_version": "1", "sources": sources, "accounts": list(accounts.values())}
    return Exports(document, unmatched, ambiguous)


def read_labels(folder: Path, mapping: Mapping[str, Any]) -> list[Label]:
    """The labels of the history.

    Raises:
        InvalidPayloadError: The file or one of its columns is missing.
    """
    spec = mapping.get(
        "labels", {"file": "labels.csv", "account_id": "account_id", "as_of": "as_of", "churned": "churned_within_90d"}
    )
    columns = (spec["account_id"], spec["as_of"], spec["churned"])
    return [
        Label(row[columns[0]], row[columns[1]], row[columns[2]].strip().lower() in ("1", "true", "yes"))
        for row in _rows(folder / spec["file"], needs=columns)
    ]


def _rows(file: Path, *, needs: Any) -> Iterator[Row]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle)
            missing = sorted(set(needs) - set(reader.fieldnames or ()))
            if missing:
                hint = (
                    " Its columns must be separated by commas." if len(reader.fieldnames or ()) < _FEW_COLUMNS else ""
                )
                raise InvalidPayloadError(f"{file.name} has no column {', '.join(missing)}.{hint}")
            yield from reader
    except UnicodeDecodeError:
        raise InvalidPayloadError(f"{file.name} is not UTF-8; export it as UTF-8.") from None
    except OSError as error:
        raise InvalidPayloadError(f"Cannot read {file.name}: {error.strerror}.") from None


def _mapped(folder: Path, spec: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for row in _rows(folder / spec["file"], needs=spec["fields"].values()):
        yield _fields(row, spec["fields"])


def _fields(row: Row, fields: Mapping[str, str]) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for name, column in fields.items():
        part, _, leaf = name.partition(".")
        if leaf:
            record.setdefault(part, {})[leaf] = row[column]
        else:
            record[part] = row[column]
    return record


def _customers(folder: Path, spec: Mapping[str, str]) -> list[Party]:
    named = {part: spec[part] for part in ("key", "name", "domain", "reference") if part in spec}
    return [
        Party(**{part: row[column] for part, column in named.items()})
        for row in _rows(folder / spec["file"], needs=named.values())
    ]
