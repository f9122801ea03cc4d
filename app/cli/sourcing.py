"""`baton sources`: what the configured systems give, how it is mapped and matched, and what is doubtful about it."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from app.cli.source_reasons import origin_of, set_aside
from app.cli.source_tables import SHOWN_RECORDS, flat, show_check
from app.errors import ConfigurationError
from app.settings import Settings, load_settings
from connectors.errors import ConnectorError
from connectors.joining import Matching
from connectors.payload import read_payload
from connectors.pull import Failure, Pulled, joined_up, read_all
from connectors.quality import source_findings, summarise
from connectors.reading import SourceRead, Table
from connectors.records import Finding
from connectors.source_config import SourceConfig, SourceFile, leading_source, load_sources

_ANY = 10**9
Document = dict[str, Any]


def check_sources(path: Path | None, *, folder: Path | None, as_json: bool, environ: Mapping[str, str]) -> bool:
    """Read every source and print what came; whether all of them answered and something of each could be mapped."""
    settings = load_settings()
    configured = _configured(path, folder, settings, environ)
    results = asyncio.run(
        read_all(configured.sources, clock=_now, timeout_seconds=settings.pull.timeout_seconds),
    )
    shown: Document = {"sources": [_source(result) for result in results], "matching": [], "accounts": {}}
    leads = leading_source(configured.sources)
    findings: list[Finding] = []
    if not any(isinstance(result, Failure) and result.config is leads for result in results):
        pulled = joined_up(results, as_of=_now().date(), read_at=_now(), history=None)
        shown["matching"] = [_matching(matching) for matching in pulled.matchings]
        shown["accounts"], more = _accounts(pulled)
        findings = summarise([*pulled.findings, *more])
    shown["findings"] = [
        {"severity": one.severity, "scope": one.scope, "code": one.code, "message": one.message, "count": one.count}
        for one in findings
    ]
    shown["ok"] = all(source["ok"] for source in shown["sources"]) and bool(shown["accounts"].get("readable"))
    if as_json:
        print(json.dumps(shown, indent=2, ensure_ascii=False))
    else:
        show_check(shown, Console())
    return bool(shown["ok"])


def list_sources(path: Path | None, *, as_json: bool, environ: Mapping[str, str]) -> None:
    """Print the configured sources; none of them is asked anything."""
    settings = load_settings()
    configured = _configured(path, None, settings, environ)
    entries = [
        {"name": one.name, "kind": one.kind, "connector": one.connector.name, "where": place_of(one)}
        for one in configured.sources
    ]
    if as_json:
        print(json.dumps(entries, indent=2, ensure_ascii=False))
        return
    grid = Grid("name", "kind", "connector", "where", box=None, pad_edge=False)
    for entry in entries:
        grid.add_row(*(Text(text) for text in entry.values()))
    Console().print(grid)


def _configured(path: Path | None, folder: Path | None, settings: Settings, environ: Mapping[str, str]) -> SourceFile:
    place = path or settings.sources
    if place is None:
        raise ConfigurationError("No source is configured: name a file, or set BATON_SOURCES to one or to a folder.")
    return load_sources(place, environ=environ, folder=folder)


def place_of(config: SourceConfig) -> str:
    """Where a source is, without asking it anything; or what is wrong with how it is configured."""
    try:
        with closing(config.open(timeout_seconds=1.0, clock=_now)) as source:
            return source.where()
    except ConnectorError as error:
        return error.message


def _source(result: SourceRead | Failure) -> Document:
    config = result.config
    described: Document = {"name": config.name, "kind": config.kind, "connector": config.connector.name}
    if isinstance(result, Failure):
        return {**described, "where": place_of(config), "ok": False, "error": result.error.message, "tables": {}}
    extracted_at = result.extracted_at.isoformat(timespec="seconds") if result.extracted_at else ""
    tables = {kind: _table(table, origin_of(result, kind)) for kind, table in result.tables.items()}
    mapped = all(table["records"] or not table["rows"] for table in tables.values())
    some = any(table["rows"] for table in tables.values())
    return {**described, "where": result.where, "extracted_at": extracted_at, "ok": mapped and some, "tables": tables}


def _table(table: Table, origin: str) -> Document:
    customers = table.kind == "customers"
    return {
        "from": origin,
        "rows": table.rows,
        "records": table.rows if customers else len(table.records),
        "sample": [flat(table.kind, record) for record in table.records[:SHOWN_RECORDS]],
        "not_mapped": len(table.unmapped),
        "reasons": [
            {"row": one.row, "field": one.field, "column": one.column, "message": one.message} for one in table.unmapped
        ],
    }


def _matching(matching: Matching) -> Document:
    matches = matching.matches
    return {
        "source": matching.source,
        "of": matching.of,
        "by_id": matching.count("id"),
        "by_domain": matching.count("domain"),
        "by_name": matching.count("name"),
        "ambiguous": [
            {"key": _shown(one.left), "reason": one.reason, "may_be": [key for key, _ in one.candidates]}
            for one in matches.ambiguous
        ],
        "ambiguous_count": len(matches.ambiguous),
        "unmatched": [_shown(key) for key in matches.unmatched_left],
        "unmatched_count": len(matches.unmatched_left),
    }


def _accounts(pulled: Pulled) -> tuple[Document, Iterable[Finding]]:
    """How many joined accounts the reader takes, which it sets aside, and what it finds."""
    read = read_payload(pulled.document, max_accounts=_ANY)
    counts = {"received": read.received, "readable": len(read.payload.accounts), "set_aside": len(read.rejected)}
    return {**counts, "rejected": set_aside(pulled, read.rejected)}, [
        *read.findings,
        *source_findings(read.payload, _now().date()),
    ]


def _shown(key: str) -> str:
    return "an address" if "@" in key else key


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
