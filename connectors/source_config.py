"""Reads the files that configure sources: everything that can be checked without a system is checked here."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from connectors.errors import InvalidSourceConfigError
from connectors.mapping import RECORDS, FieldMapping, used_names
from connectors.paths import Path
from connectors.ports import Connector, Read, Source, SourceContext
from connectors.registry import connectors
from connectors.source_connection import read_settings
from connectors.source_fields import read_fields, read_path, read_zone
from connectors.source_yaml import Block, each, read_yaml, unknown

DEFAULT_MAX_AGE_DAYS = 7
KINDS = ("crm", "usage", "billing", "support", "survey", "other")
EXAMPLE = "docs/examples/history_mapping.yaml"
_SOURCE_PARTS = ("name", "kind", "connector", "connection", "time_zone", "max_age_days", "customers", "records")
_CUSTOMER_PARTS = ("from", "query", "key", "domain", "reference", "name", "many_to_one", "same")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}")


@dataclass(frozen=True)
class RecordConfig:
    """Where the records of a kind stand and how they become canonical.

    Attributes:
        account: Where a row names its account; of `accounts` themselves, the account of the leading source.
        customer: Where a row names the system's own customer.
        same: Of `accounts` beside the leading ones: their ids to the leading source's, as a person knows them.
    """

    kind: str
    origin: str
    fields: tuple[FieldMapping, ...]
    account: Path | None = None
    customer: Path | None = None
    same: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def owner(self) -> Path | None:
        """Where a row names whom it belongs to."""
        return self.account or self.customer

    def read(self, only: Mapping[str, tuple[str, ...]]) -> Read:
        """What to ask the source for; `only` narrows it."""
        columns, paths = used_names([self.owner, *(field.path for field in self.fields)])
        return Read(self.origin, columns, only, paths)


@dataclass(frozen=True)
class CustomersConfig:
    """A system's own customers, what they are matched to accounts by, and which a person says are the `same`."""

    origin: str
    key: Path
    reference: Path | None = None
    domain: Path | None = None
    name: Path | None = None
    many_to_one: bool = False
    same: Mapping[str, str] = field(default_factory=dict, repr=False)

    def read(self) -> Read:
        """What to ask the source for."""
        columns, paths = used_names([self.key, self.reference, self.domain, self.name])
        return Read(self.origin, columns, {}, paths)


@dataclass(frozen=True)
class SourceConfig:
    """One system: how it is reached, and what is read from it. `settings` may hold secrets and is never shown."""

    name: str
    kind: str
    connector: Connector = field(repr=False)
    settings: Any = field(repr=False)
    folder: str
    max_age_days: int
    records: Mapping[str, RecordConfig] = field(repr=False)
    customers: CustomersConfig | None = field(default=None, repr=False)

    def open(self, *, timeout_seconds: float, clock: Callable[[], dt.datetime]) -> Source:
        """The system, opened for one reading by one thread."""
        return self.connector.open(self.settings, SourceContext(self.folder, timeout_seconds, clock))


@dataclass(frozen=True)
class LabelsConfig:
    """Where a history says what became of its accounts: a file of a folder, and its columns."""

    folder: str
    file: str
    account_id: str = "account_id"
    as_of: str = "as_of"
    churned: str = "churned_within_90d"


@dataclass(frozen=True)
class SourceFile:
    """The configured systems in the order of their files, and the labels of a history."""

    sources: tuple[SourceConfig, ...]
    labels: LabelsConfig | None = None


def load_sources(path: FilePath, *, environ: Mapping[str, str], folder: FilePath | None = None) -> SourceFile:
    """The sources of a file, or of every YAML file of a folder in the order of their names.

    Args:
        environ: Gives `${NAME}` in `connection` its value.
        folder: Where relative paths begin; by default where each file stands.

    Raises:
        InvalidSourceConfigError: A file is wrong; the message names file, line and field, and no value of `environ`.
    """
    known = connectors()
    sources: list[SourceConfig] = []
    labels: LabelsConfig | None = None
    for file in _files(path):
        base = folder or file.parent
        top = read_yaml(file)
        parts = top.table(("version", "sources", "labels"), needs=("version", "sources"), what="`version`, `sources`")
        if parts["version"].value != 1:
            parts["version"].fail("the version must be 1")
        blocks = list(parts["sources"].items())
        found = each(blocks, lambda block: _source(block, known, environ, base))  # noqa: B023 - called at once
        for block, source in zip(blocks, found, strict=True):
            if any(other.name == source.name for other in sources):
                block.value["name"].fail(f"another source is named {source.name}")
            sources.append(source)
        if "labels" in parts:
            labels = _labels(parts["labels"], base)
    if not any("accounts" in source.records for source in sources):
        raise InvalidSourceConfigError(f"{path.name}: no source has `accounts`; one must hold them (see {EXAMPLE}).")
    return SourceFile(tuple(sources), labels)


def leading_source(sources: Sequence[SourceConfig]) -> SourceConfig:
    """The source whose accounts all others are matched to: the first CRM that holds accounts, else the first."""
    holders = [source for source in sources if "accounts" in source.records]
    if not holders:
        raise InvalidSourceConfigError(f"No source has `accounts`; one must hold them (see {EXAMPLE}).")
    return next((source for source in holders if source.kind == "crm"), holders[0])


def _files(path: FilePath) -> Iterator[FilePath]:
    if not path.is_dir():
        yield path
        return
    files = sorted(file for file in path.iterdir() if file.suffix in (".yaml", ".yml") and file.is_file())
    if not files:
        raise InvalidSourceConfigError(f"There is no YAML file in the folder {path.name} (see {EXAMPLE}).")
    yield from files


def _source(block: Block, known: Mapping[str, Connector], environ: Mapping[str, str], folder: FilePath) -> SourceConfig:
    parts = block.table(_SOURCE_PARTS, needs=("name", "kind", "connector", "records"), what="a source")
    name = parts["name"].string()
    if not _NAME.fullmatch(name):
        parts["name"].fail("a name is up to 63 letters, digits, blanks and . _ -")
    connector_name = parts["connector"].string()
    if connector_name not in known:
        names = ", ".join(sorted(known))
        parts["connector"].fail(f"{unknown(connector_name, known).split(';')[0]}; connectors are {names}")
    connector = known[connector_name]
    zone = read_zone(parts["time_zone"]) if "time_zone" in parts else None
    customers = _customers(parts["customers"]) if "customers" in parts else None
    kinds = parts["records"].table(RECORDS, what="record kinds")
    read = each(kinds.items(), lambda item: _record(*item, zone, has_customers=customers is not None))
    records = {record.kind: record for record in read}
    if not records:
        parts["records"].fail("it reads no records")
    return SourceConfig(
        name=name,
        kind=parts["kind"].string(KINDS),
        connector=connector,
        settings=read_settings(parts.get("connection"), block, connector, environ),
        folder=str(folder),
        max_age_days=parts["max_age_days"].whole(least=0) if "max_age_days" in parts else DEFAULT_MAX_AGE_DAYS,
        records=records,
        customers=customers,
    )


def _origin(block: Block, parts: Mapping[str, Block]) -> str:
    """What is read: an object, a table or a file by name, or a query."""
    if ("from" in parts) == ("query" in parts):
        block.fail("it needs `from` or `query`, and only one of them")
    return (parts.get("from") or parts["query"]).string()


def _record(kind: str, block: Block, zone: Any, *, has_customers: bool) -> RecordConfig:
    known = ("from", "query", "account", "customer", "fields", "same")
    parts = block.table(known, needs=("fields",), what="a record kind")
    origin = _origin(block, parts)
    if kind == "accounts" and "customer" in parts:
        parts["customer"].fail("accounts are matched by `account`, domain and name")
    if kind != "accounts" and "same" in parts:
        parts["same"].fail("it stands with `customers`, or with the `accounts` of a source beside the leading one")
    if kind != "accounts" and ("account" in parts) == ("customer" in parts):
        block.fail("it needs `account` or `customer`, and only one of them: how a row finds its account")
    if "customer" in parts and not has_customers:
        parts["customer"].fail("the source has no `customers` to find it among")
    return RecordConfig(
        kind=kind,
        origin=origin,
        fields=read_fields(parts["fields"], kind, zone),
        account=read_path(parts["account"]) if "account" in parts else None,
        customer=read_path(parts["customer"]) if "customer" in parts else None,
        same=_same(parts["same"]) if "same" in parts else {},
    )


def _customers(block: Block) -> CustomersConfig:
    parts = block.table(_CUSTOMER_PARTS, needs=("key",), what="the system's customers")
    origin = _origin(block, parts)
    paths = {name: read_path(parts[name]) for name in ("key", "reference", "domain", "name") if name in parts}
    if len(paths) < 2:
        block.fail("it needs `reference`, `domain` or `name` to be matched by")
    many = parts["many_to_one"].flag() if "many_to_one" in parts else False
    same = _same(parts["same"]) if "same" in parts else {}
    return CustomersConfig(origin=origin, many_to_one=many, same=same, **paths)


def _same(block: Block) -> dict[str, str]:
    """Which customer is which account, as a person knows it; "" where it is none."""
    said: dict[str, str] = {}
    for key, part in block.table(what="customers' keys with the ids of their accounts").items():
        if part.absent or isinstance(part.value, dict | list):
            part.fail('expected an account\'s id, or "" where it is none')
        said[key] = part.text
    return said


def _labels(block: Block, folder: FilePath) -> LabelsConfig:
    parts = block.table(("file", "account_id", "as_of", "churned"), needs=("file",), what="the labels' file")
    columns = {name: part.string() for name, part in parts.items() if name != "file"}
    return LabelsConfig(folder=str(folder), file=parts["file"].string(), **columns)
