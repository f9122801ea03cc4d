"""What is doubtful about a source's reading: collapsed tables, changed columns, unmapped values, unsure matches."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from connectors.duplicates import duplicates
from connectors.joining import Joined, Matching
from connectors.matching import Ambiguity, Party
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
    """What is wrong with one source's reading; it is compared with the last ones, and kept as the last.

    Rows are compared with the most of any reading within the source's age limit, so that a table does not vanish by
    halves. A collapsed table does not become the last reading while that one is younger than the limit, so that
    repeating a question does not make the collapse look usual.
    """
    for kind, table in read.tables.items():
        yield from _unmapped(table, read.config)
        if table.skipped:
            yield Finding(
                severity="warning",
                scope=read.config.name,
                code="broken_lines",
                count=len(table.skipped),
                message=f"{kind}: lines that could not be read were left out ({_named(table.skipped)}); "
                "where one is the last, the file may be cut off.",
                touches=touched(kind, read.config),
            )
        gone = sorted(set(table.asked) - table.named) if table.rows else []
        if gone:
            yield _drift(read.config, kind, "Mapped columns do not come", gone, severity="warning")
        if history is None or (read.narrowed and kind == "accounts"):
            continue
        last = history.last(read.config.name, kind)
        limit = dt.timedelta(days=read.config.max_age_days)
        most, most_at = _most(last, since=read_at - limit)
        collapsed = table.rows < COLLAPSE_BELOW * most if most >= COLLAPSE_FROM_ROWS else most > 0 == table.rows
        if last is not None:
            yield from _compared(read.config, table, last, most if collapsed else None)
        if not collapsed or (last is not None and read_at - last.read_at > limit):
            if table.rows >= most or most_at is None:
                most, most_at = table.rows, read_at
            seen = SeenTable(table.rows, tuple(sorted(table.filled)), read_at, most, most_at)
            history.keep(read.config.name, kind, seen)


def _most(last: SeenTable | None, *, since: dt.datetime) -> tuple[int, dt.datetime | None]:
    """The most rows of the readings that are still recent, and when; without any, those of the last reading."""
    if last is None:
        return 0, None
    if last.most_at is not None and last.most_at >= since and last.most > last.rows:
        return last.most, last.most_at
    return last.rows, last.read_at if last.read_at >= since else None


def matching_findings(matching: Matching, config: SourceConfig) -> Iterator[Finding]:
    """Customers that may be one of several accounts, the accounts they may be, those that found none, wrong ids."""
    noun = "customers" if matching.of == CUSTOMERS else "accounts"
    touches = touched(CUSTOMERS, config) if matching.of == CUSTOMERS else touched("accounts", config)
    open_keys = [ambiguity.left for ambiguity in matching.matches.ambiguous]
    if open_keys:
        yield Finding(
            severity="warning",
            scope=matching.source,
            code="match_ambiguous",
            count=len(open_keys),
            message=f"{_count(open_keys, noun)} may be an account's, but not surely; left out: {_named(open_keys)} "
            f"({_reasons(matching.matches.ambiguous)}). Say under `same` of this source which account each is.",
        )
    taken = set(matching.matches.right_of().values())
    doubtful = {key: None for ambiguity in matching.matches.ambiguous for key, _ in ambiguity.candidates}
    for account_id in (key for key in doubtful if key not in taken):
        yield Finding(
            severity="warning",
            scope=account_id,
            code="account.match_ambiguous",
            message=f"Records of {matching.source} may belong to it; which customer it is there is not certain.",
            touches=touches,
        )
    lost = matching.matches.unmatched_left
    if lost:
        yield Finding(
            severity="info",
            scope=matching.source,
            code="match_missing",
            count=len(lost),
            message=f"No known account was found for {_count(lost, noun)}; left out: {_named(lost)}.",
        )
    yield from _misstated(matching, noun)


def _misstated(matching: Matching, noun: str) -> Iterator[Finding]:
    """Ids that the system, or a person, gives and that no account has."""
    matches = matching.matches
    for code, severity, keys, what in (
        ("match_stale_reference", "warning", matches.stale,
         "state an account that is not known; they are matched where domain and name are sure, else left out"),
        ("match_same_unknown", "warning", matches.misstated, "have an unknown account under `same`; left out"),
        ("match_same_unused", "info", matches.unused, "stand under `same` and did not come"),
    ):  # fmt: skip
        if keys:
            yield Finding(
                severity=severity,
                scope=matching.source,
                code=code,
                count=len(keys),
                message=f"{_count(keys, noun)}: {what} ({_named(keys)}).",
            )


def _reasons(ambiguous: Iterable[Ambiguity]) -> str:
    counts = Counter(one.reason for one in ambiguous)
    return "; ".join(f"{reason}: {count:,}" for reason, count in counts.most_common(_NAMED))


def joining_findings(joined: Joined, leading: SourceConfig, configs: Mapping[str, SourceConfig]) -> Iterator[Finding]:
    """Rows that name an account or a customer that does not exist, and ids that other accounts have too."""
    touches = ", ".join({touched(kind, config): None for config in configs.values() for kind in config.records})
    for key in joined.withheld:
        yield Finding(
            severity="warning",
            scope=key,
            code="account.duplicate_customer",
            message=f"Its id stands more than once in {leading.name}; records that name it were given to no account.",
            touches=touches,
        )
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


def _compared(config: SourceConfig, table: Table, last: SeenTable, collapsed_from: int | None) -> Iterator[Finding]:
    if collapsed_from is not None:
        yield Finding(
            severity="error" if collapsed_from >= COLLAPSE_FROM_ROWS else "warning",
            scope=config.name,
            code="row_collapse",
            count=table.rows,
            message=f"{table.kind}: {table.rows:,} rows came, where there were {collapsed_from:,} not long ago.",
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
