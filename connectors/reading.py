"""Reads one source: its customers and every configured record kind, mapped as the rows arrive."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from connectors.conversion import to_text
from connectors.mapping import Unmapped, key_texts, map_rows
from connectors.matching import Party
from connectors.narrowing import Narrowing
from connectors.ports import Read, Row, Source
from connectors.source_config import CustomersConfig, RecordConfig, SourceConfig

CUSTOMERS = "customers"
_CHUNK = 5_000
_LOOKED_AT = 100
_PARTY_FIELDS = ("account_id", "name", "domain")


@dataclass
class Table:
    """The records of a kind as one source gave them; none of them stands in its text form.

    Attributes:
        owners: For each record what its row names as its account or customer, "" where it names none.
        rows: How many rows came.
        named: The columns that rows had, filled or not, as far as the first rows show.
        filled: The columns in which a value came.
        asked: The columns that the mapping uses.
        skipped: What the source had to leave out, such as broken lines, in its words.
    """

    kind: str
    records: list[dict[str, Any]] = field(default_factory=list, repr=False)
    owners: list[str] = field(default_factory=list, repr=False)
    unmapped: list[Unmapped] = field(default_factory=list, repr=False)
    rows: int = 0
    asked: tuple[str, ...] = ()
    named: set[str] = field(default_factory=set)
    filled: set[str] = field(default_factory=set)
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True)
class SourceRead:
    """What one source gave.

    Attributes:
        tables: By record kind, and by `CUSTOMERS` where the source has its own.
        parties: The accounts of the source, those too that a narrowed reading left out.
        narrowed: Whether only some accounts were wanted.
    """

    config: SourceConfig
    where: str
    extracted_at: dt.datetime | None
    tables: Mapping[str, Table]
    customers: tuple[Party, ...] = field(default=(), repr=False)
    parties: tuple[Party, ...] = field(default=(), repr=False)
    narrowed: bool = False


def read_source(config: SourceConfig, source: Source, narrowing: Narrowing) -> SourceRead:
    """Read everything that is configured of a source.

    Args:
        narrowing: Which accounts are wanted; pushed down where the source's words are sure, applied in any case.

    Raises:
        SourceUnavailableError: The source does not answer.
        SourceRefusedError: It answers no.
    """
    tables: dict[str, Table] = {}
    customers: tuple[Party, ...] = ()
    parties: tuple[Party, ...] = ()
    if config.customers is not None:
        tables[CUSTOMERS], customers = _customers(config.customers, source)
    for kind, record in config.records.items():
        only = narrowing.pushed_down(record.fields) if kind == "accounts" else {}
        table = tables[kind] = _table(record, source, record.read(only))
        if kind == "accounts":
            # All are known by name: others' customers may be theirs, and an id may stand twice.
            everyone = _table(_names_only(record), source, _names_only(record).read({})) if only else table
            parties = tuple(_parties(everyone))
            if narrowing:
                _keep(table, narrowing)
    return SourceRead(
        config=config,
        where=source.where(),
        extracted_at=source.extracted_at(),
        tables=tables,
        customers=customers,
        parties=parties,
        narrowed=bool(narrowing),
    )


def _table(record: RecordConfig, source: Source, read: Read) -> Table:
    table, before = Table(record.kind, asked=read.columns), len(_skipped(source))
    for rows in _chunks(source.rows(read)):
        mapped = map_rows(rows, record.kind, record.fields, owner=record.owner, first=table.rows + 1)
        table.records += mapped.records
        table.owners += mapped.owners
        table.unmapped += mapped.unmapped
        _note(table, rows)
    table.skipped = _skipped(source)[before:]
    return table


def _customers(config: CustomersConfig, source: Source) -> tuple[Table, tuple[Party, ...]]:
    read = config.read()
    table, before = Table(CUSTOMERS, asked=read.columns), len(_skipped(source))
    parties: list[Party] = []
    for rows in _chunks(source.rows(read)):
        columns = (key_texts(path, rows) for path in (config.key, config.name, config.domain, config.reference))
        parties += [Party(*texts) for texts in zip(*columns, strict=True)]
        _note(table, rows)
    table.skipped = _skipped(source)[before:]
    return table, tuple(parties)


def _skipped(source: Source) -> tuple[str, ...]:
    """What a source had to leave out so far; sources that cannot leave anything out need not offer it."""
    told = getattr(source, "skipped", None)
    return tuple(told()) if callable(told) else ()


def _chunks(rows: Iterator[Row]) -> Iterator[Sequence[Row]]:
    while chunk := list(islice(rows, _CHUNK)):
        yield chunk


def _note(table: Table, rows: Sequence[Row]) -> None:
    """Count the rows and see which columns they have, without looking at every cell."""
    table.rows += len(rows)
    for row in rows[:_LOOKED_AT]:
        table.named.update(row)
        table.filled.update(name for name in row.keys() - table.filled if row[name] is not None)
    for name in set(table.asked) - table.filled:
        if any(row.get(name) is not None for row in rows):
            table.filled.add(name)
            table.named.add(name)


def _names_only(record: RecordConfig) -> RecordConfig:
    fields = tuple(mapped for mapped in record.fields if mapped.name in _PARTY_FIELDS)
    return RecordConfig(record.kind, record.origin, fields, account=record.account)


def _parties(table: Table) -> Iterator[Party]:
    """The accounts as others may know them; `reference` names the leading source's account."""
    for record, owner in zip(table.records, table.owners, strict=True):
        if key := account_key(record):
            yield Party(key, str(record.get("name", "")), str(record.get("domain", "")), owner)


def account_key(record: Mapping[str, Any]) -> str:
    """An account's id as text, "" where it has none."""
    text = to_text(record.get("account_id"))
    return text if isinstance(text, str) else ""


def _keep(table: Table, narrowing: Narrowing) -> None:
    kept = [place for place, record in enumerate(table.records) if narrowing.keeps(record)]
    table.records = [table.records[place] for place in kept]
    table.owners = [table.owners[place] for place in kept]
