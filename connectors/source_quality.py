"""What is doubtful about a source's reading: collapsed tables, changed columns, unmapped values, unsure matches."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from connectors.duplicates import duplicates
from connectors.joining import Joined, Matching
from connectors.matching import Party
from connectors.ports import ReadHistory, SeenTable
from connectors.reading import CUSTOMERS, SourceRead, Table
from connectors.records import Finding
from connectors.source_config import SourceConfig

COLLAPSE_FROM_ROWS = 20
COLLAPSE_BELOW = 0.5
_NAMED = 5
_WEAKENED: Mapping[str, str] = {"accounts": "contract"}


def touched(kind: str, config: SourceConfig) -> str:
    """The record kinds whose signals suffer when this table does, joined by commas."""
    if kind == CUSTOMERS:
        return ", ".join(name for name, record in config.records.items() if record.customer)
    return _WEAKENED.get(kind, kind)


def unavailable(config: SourceConfig, message: str) -> Finding:
    """That a source was not read."""
    touches = ", ".join(touched(kind, config) for kind in config.records)
    return Finding(
        severity="error",
        scope=config.name,
        code="source_unavailable",
        message=f"It was not read: {message}",
        touches=touches,
    )


def reading_findings(read: SourceRead, history: ReadHistory | None, read_at: dt.datetime) -> Iterator[Finding]:
    """What is wrong with one source's reading; it is compared with the last one, and kept as the last.

    A collapsed table does not become the last reading while that one is younger than the source's age limit, so that
    repeating a question does not make the collapse look usual.
    """
    for kind, table in read.tables.items():
        yield from _unmapped(table, read.config)
        gone = sorted(set(table.asked) - table.named) if table.rows else []
        if gone:
            yield _drift(read.config, kind, "Mapped columns do not come", gone, severity="warning")
        if history is None or (read.narrowed and kind == "accounts"):
            continue
        last = history.last(read.config.name, kind)
        collapsed = last is not None and last.rows >= COLLAPSE_FROM_ROWS and table.rows < COLLAPSE_BELOW * last.rows
        if last is not None:
            yield from _compared(read.config, table, last, collapsed=collapsed)
        limit = dt.timedelta(days=read.config.max_age_days)
        if not collapsed or (last is not None and read_at - last.read_at > limit):
            history.keep(read.config.name, kind, SeenTable(table.rows, tuple(sorted(table.filled)), read_at))


def matching_findings(matching: Matching, config: SourceConfig, *, narrowed: bool) -> Iterator[Finding]:
    """Customers that may be one of several accounts, the accounts they may be, and those that found none."""
    noun = "customers" if matching.of == CUSTOMERS else "accounts"
    touches = touched(CUSTOMERS, config) if matching.of == CUSTOMERS else touched("accounts", config)
    open_keys = [ambiguity.left for ambiguity in matching.matches.ambiguous]
    if open_keys:
        yield Finding(
            severity="warning",
            scope=matching.source,
            code="match_ambiguous",
            count=len(open_keys),
            message=f"{_count(open_keys, noun)} may be one of several accounts; left out: {_named(open_keys)}.",
        )
    taken = set(matching.matches.right_of().values())
    for candidates in (ambiguity.candidates for ambiguity in matching.matches.ambiguous):
        for account_id in {key for key, _ in candidates} - taken:
            yield Finding(
                severity="warning",
                scope=account_id,
                code="account.match_ambiguous",
                message=f"Records of {matching.source} may belong to it; which customer it is there is not certain.",
                touches=touches,
            )
    lost = matching.matches.unmatched_left
    if lost and not narrowed:
        yield Finding(
            severity="info",
            scope=matching.source,
            code="match_missing",
            count=len(lost),
            message=f"No known account was found for {_count(lost, noun)}; left out: {_named(lost)}.",
        )


def joining_findings(joined: Joined, configs: Mapping[str, SourceConfig]) -> Iterator[Finding]:
    """Rows that name an account or a customer that does not exist."""
    for (source, kind), count in joined.orphans.items():
        whose = "customer" if configs[source].records[kind].customer else "account"
        yield Finding(
            severity="warning",
            scope=source,
            code="orphan_records",
            count=count,
            message=f"{kind}: rows that name no {whose} that exists were left out ({count:,}).",
        )


def duplicate_findings(read: SourceRead, parties: Sequence[Party], *, leading: bool) -> Iterator[Finding]:
    """Customers that seem to stand twice in a source; accounts of the leading source lose confidence by it."""
    for group in duplicates(parties):
        yield Finding(
            severity="warning",
            scope=read.config.name,
            code="duplicate_customers",
            count=len(group.keys),
            message=f"They may be one customer ({group.reason}) and were not merged: {_named(group.keys)}.",
        )
        for key in group.keys if leading else ():
            yield Finding(
                severity="warning",
                scope=key,
                code="account.duplicate_customer",
                message=f"The customer may stand twice ({group.reason}), with its records divided.",
            )


def _unmapped(table: Table, config: SourceConfig) -> Iterator[Finding]:
    rows: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for entry in table.unmapped:
        rows[entry.field, entry.message].append(entry.row)
    for (field, message), places in rows.items():
        yield Finding(
            severity="warning",
            scope=config.name,
            code="unmapped_values",
            count=len(places),
            message=f"{table.kind}.{field} could not be mapped: {message} (rows {_named(places)}).",
        )


def _compared(config: SourceConfig, table: Table, last: SeenTable, *, collapsed: bool) -> Iterator[Finding]:
    if collapsed:
        yield Finding(
            severity="error",
            scope=config.name,
            code="row_collapse",
            count=table.rows,
            message=f"{table.kind}: {table.rows:,} rows came, where there were {last.rows:,} at the last reading.",
            touches=touched(table.kind, config),
        )
    if not table.rows:
        return
    lost, new = set(last.columns) - table.filled, table.filled - set(last.columns)
    if mapped := sorted(lost & set(table.asked) & table.named):
        yield _drift(config, table.kind, "Mapped columns came filled before and are empty now", mapped, "warning")
    if unused := sorted(lost - set(table.asked)):
        yield _drift(config, table.kind, "Columns that came before are gone", unused, "info")
    if new:
        yield _drift(config, table.kind, "Columns are new", sorted(new), "info")


def _drift(config: SourceConfig, kind: str, what: str, columns: Sequence[str], severity: str) -> Finding:
    return Finding(
        severity=severity,
        scope=config.name,
        code="schema_drift",
        count=len(columns),
        message=f"{kind}: {what[0].lower()}{what[1:]} ({_named(columns)}).",
        touches=touched(kind, config) if severity != "info" else "",
    )


def _count(keys: Sequence[str], noun: str) -> str:
    return f"{len(keys):,} {noun if len(keys) > 1 else noun.removesuffix('s')}"


def _named(keys: Iterable[str]) -> str:
    """The first few ids; one that is an address names a person and is not shown."""
    shown = [key if "@" not in key else "an address" for key in keys]
    return ", ".join(shown[:_NAMED]) + (", …" if len(shown) > _NAMED else "")
