"""Lays out what `baton sources check` found, for a terminal; values of persons are only shown to be there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

SHOWN_RECORDS = 10
_SHOWN_REASONS = 10
HIDDEN = "••••"
_WIDEST = 24
_PERSONAL: Mapping[str, frozenset[str]] = {
    "accounts": frozenset(("owner.name", "owner.email")),
    "contacts": frozenset(("first_name", "last_name", "email", "phone")),
    "tickets": frozenset(("subject", "body")),
    "surveys": frozenset(("comment",)),
}
_COUNTS = (("received", "joined"), ("readable", "readable"), ("set_aside", "set aside"))
Document = Mapping[str, Any]


def flat(kind: str, record: Document) -> dict[str, Any]:
    """A mapped record with the fields of its parts beside its own, what names persons or is written by them hidden."""
    fields = dict(_leaves(record))
    personal = _PERSONAL.get(kind, frozenset())
    return {
        name: HIDDEN if name in personal or "@" in str(value) else value
        for name, value in fields.items()
        if value is not None
    }


def show_check(shown: Document, console: Console) -> None:
    """Print sources with their records, matchings and findings."""
    for source in shown["sources"]:
        _source(source, console)
    for matching in shown["matching"]:
        _matching(matching, console)
    if accounts := shown["accounts"]:
        counts = (f"{accounts[name]:,} {word}" for name, word in _COUNTS)
        console.print(_text(f"Accounts: {', '.join(counts)}."))
        _some(accounts["rejected"], lambda entry: _text(f"  {_set_aside(entry)}"), console)
    for finding in shown["findings"]:
        console.print(_text(f"{finding['severity']}  {finding['scope']}: {finding['message']}"))


def _source(source: Document, console: Console) -> None:
    console.print(_text(f"{source['name']} ({source['kind']}, {source['connector']}): {source['where']}", "bold"))
    if "error" in source:
        console.print(_text(f"  {source['error']}", "red"))
    elif source["extracted_at"]:
        console.print(f"  extracted at {source['extracted_at']}", highlight=False)
    for kind, table in source["tables"].items():
        console.print(f"  {kind}: {table['rows']:,} rows", end="")
        console.print(f", values not mapped: {table['not_mapped']:,}" if table["not_mapped"] else "")
        for grid in _grids(table["sample"], console.width):
            console.print(grid)
        _some(table["reasons"], lambda reason: _text(f"    {_reason(table, reason)}", "yellow"), console)  # noqa: B023
    console.print()


def _grids(records: Sequence[Document], width: int) -> Iterator[Grid]:
    """The records as tables that fit the width, each led by the records' first field."""
    names = list(dict.fromkeys(name for record in records for name in record))
    widths = {name: _width(name, records) for name in names}
    lead, rest = names[:1], names[1:]
    while lead:
        group, left = list(lead), width - 6 - widths[lead[0]]
        while rest and (len(group) == 1 or widths[rest[0]] + 2 <= left):
            left -= widths[rest[0]] + 2
            group.append(rest.pop(0))
        grid = Grid(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        for number, name in enumerate(group):
            shown = f"    {name}" if number == 0 else name
            grid.add_column(Text(shown), no_wrap=True, overflow="ellipsis", max_width=_WIDEST + 4)
        for record in records:
            cells = [_cell(record.get(name)) for name in group]
            grid.add_row(*(_text(f"    {cell}" if number == 0 else cell) for number, cell in enumerate(cells)))
        yield grid
        if not rest:
            return


def _width(name: str, records: Sequence[Document]) -> int:
    return min(_WIDEST, max(len(name), *(len(_cell(record.get(name))) for record in records)))


def _cell(value: Any) -> str:
    return "" if value is None else str(value)


def _matching(matching: Document, console: Console) -> None:
    found = [f"{matching[f'by_{method}']:,} by {method}" for method in ("id", "domain", "name")]
    left = f"{matching['ambiguous_count']:,} ambiguous, {matching['unmatched_count']:,} unmatched"
    console.print(_text(f"{matching['source']}, {matching['of']} matched to accounts: {', '.join(found)}; {left}"))
    _some(
        matching["ambiguous"],
        lambda one: _text(f"  {one['key']}: {one['reason']} ({', '.join(one['may_be'])})"),
        console,
    )
    if unmatched := matching["unmatched"]:
        more = f", … ({len(unmatched) - _SHOWN_REASONS:,} more with --json)" if len(unmatched) > _SHOWN_REASONS else ""
        console.print(_text(f"  unmatched: {', '.join(unmatched[:_SHOWN_REASONS])}{more}"))


def _some(entries: Sequence[Document], told: Callable[[Document], Text], console: Console) -> None:
    """The first few entries, and where the others are to be found."""
    for entry in entries[:_SHOWN_REASONS]:
        console.print(told(entry))
    if (more := len(entries) - _SHOWN_REASONS) > 0:
        console.print(_text(f"    … and {more:,} more; --json writes them all"))


def _reason(table: Document, reason: Document) -> str:
    column = f" (column {reason['column']} of {table['from']})" if reason["column"] else ""
    return f"row {reason['row']}: {reason['field']}: {reason['message']}{column}"


def _set_aside(entry: Document) -> str:
    if "from" not in entry:
        return f"{entry['account_id']} {entry['pointer']}: {entry['message']}"
    place = f"{entry['source']}, {entry['from']}, row {entry['row']}, column {entry['column']}"
    return f"{entry['account_id']}: {entry['message']} ({place}; {entry['field']})"


def _leaves(record: Document) -> Iterator[tuple[str, Any]]:
    for name, value in record.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{leaf}", inner) for leaf, inner in value.items())
        elif not isinstance(value, list):
            yield name, value


def _text(text: str, style: str = "") -> Text:
    """Text in which nothing can steer the terminal."""
    return Text("".join(letter if letter.isprintable() else " " for letter in text), style=style)
