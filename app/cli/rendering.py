"""A report on a terminal: the answer first, then each account with its reasons, next steps and draft."""

from __future__ import annotations

from typing import Literal

from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from chains.churn.engine_words import answered_by, stepped_in, written_by
from chains.churn.html import money
from chains.churn.risk import HORIZON
from chains.churn.schema import AccountRisk, ChurnReport
from chains.churn.summary import headline, percent, span

_COLOURS = {"low": "green", "medium": "yellow", "high": "dark_orange", "critical": "red", "unknown": "bright_black"}
_DRIVERS_SHOWN = 4
_FINDINGS_SHOWN = 6
_FALL_BACKS_SHOWN = 8
_WIDE = 115
"""Columns of a terminal from which every column of the table has room."""

_COLUMNS: dict[str, Literal["left", "right"]] = {
    "#": "right",
    "account": "left",
    "where": "left",
    "risk": "right",
    "range": "right",
    "at renewal": "right",
    "renewal": "left",
    "revenue": "right",
    "mainly because": "left",
}
_ON_WIDE = ("where", "range", "at renewal", "revenue")


def render_report(report: ChurnReport, console: Console) -> None:
    """Print the report; every text is printed as text, never as markup."""
    console.print(Text(report.question, style="bold"))
    horizon = f", looking ahead to {report.plan.horizon.to}" if report.plan.horizon.to else ""
    console.print(Text(f"As of {report.as_of}{horizon}; answered by {answered_by(report.engine)}.", style="dim"))
    console.print()
    console.print(Text(report.summary))
    for text in report.warnings:
        console.print(Text(f"Note: {text}", style="yellow"))
    for text in stepped_in(report)[:_FALL_BACKS_SHOWN]:
        console.print(Text(f"Note: {text}", style="dim"))
    for text in report.plan.assumptions:
        console.print(Text(f"Assumed: {text}", style="dim"))
    for text in report.plan.unanswered:
        console.print(Text(f"Not answered: {text}", style="yellow"))
    if report.accounts:
        console.print()
        console.print(_table(report, narrow=console.width < _WIDE))
        for rank, account in enumerate(report.accounts, start=1):
            _render_account(rank, account, console)
    _render_data(report, console)


def _table(report: ChurnReport, *, narrow: bool) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    for title, justify in _COLUMNS.items():
        if not (narrow and title in _ON_WIDE):
            text = title in ("account", "where", "mainly because")
            table.add_column(title, justify=justify, no_wrap=not text, overflow="fold")
    for rank, account in enumerate(report.accounts, start=1):
        cells = dict(zip(_COLUMNS, _cells(rank, account), strict=True))
        table.add_row(*(cell for title, cell in cells.items() if not (narrow and title in _ON_WIDE)))
    return table


def _cells(rank: int, account: AccountRisk) -> list[Text]:
    scored = not account.abstained
    reasons = [d.label for d in account.drivers if d.contribution > 0.1 and d.signal != HORIZON][:2]
    early = "early warning: " if account.early_warning else ""
    return [
        Text(str(rank)),
        Text(account.name or account.account_id),
        Text(account.country or account.region),
        Text(percent(account.churn_probability) if scored else "?", style=_COLOURS[account.band]),
        Text(span(account.interval.low, account.interval.high) if scored else ""),
        Text(percent(account.renewal_risk) if scored else ""),
        Text(account.renewal_date or "unknown"),
        Text(money(account.annual_recurring_revenue)),
        Text(early + "; ".join(reasons) if scored else account.abstained_because),
    ]


def _render_account(rank: int, account: AccountRisk, console: Console) -> None:
    console.print()
    console.print(
        Text(
            f"{rank}. {account.name or account.account_id}  {headline(account)}", style=f"bold {_COLOURS[account.band]}"
        )
    )
    console.print(Padding(Text(account.reasoning or account.abstained_because), (0, 0, 0, 3)))
    for driver in [d for d in account.drivers if d.signal != HORIZON][:_DRIVERS_SHOWN]:
        sign = "+" if driver.contribution > 0 else "-"
        console.print(Padding(Text(f"{sign} {driver.statement}", style="dim"), (0, 0, 0, 3)))
    if account.review.needed:
        console.print(Padding(Text(f"Please look yourself: {account.review.reason}", style="yellow"), (0, 0, 0, 3)))
    for step in account.next_steps:
        console.print(
            Padding(Text(f"→ by {step.due_on}, {step.owner_role.replace('_', ' ')}: {step.action}"), (0, 0, 0, 3))
        )
    if account.draft.body:
        title = Text(f"{account.draft.subject}", style="bold")
        status = account.draft.status.replace("_", " ")
        state = f"{status} · by {written_by(account)} · {account.draft.draft_id}"
        console.print(
            Padding(
                Panel(
                    Text(account.draft.body),
                    title=title,
                    subtitle=Text(state, style="dim"),
                    width=min(92, console.width - 3),
                ),
                (0, 0, 0, 3),
            )
        )
    for check in account.draft.checks:
        if not check.passed:
            console.print(
                Padding(Text(f"{check.name.replace('_', ' ')}: {check.detail}", style="yellow"), (0, 0, 0, 3))
            )


def _render_data(report: ChurnReport, console: Console) -> None:
    totals = report.totals
    left_out = "".join(f", {count} left out ({reason})" for reason, count in totals.excluded.items())
    console.print()
    console.print(
        Text(
            f"{totals.received} accounts received, {totals.scored} scored, {totals.abstained} with too little data, "
            f"{totals.rejected} set aside{left_out}.",
            style="dim",
        )
    )
    for finding in report.data_quality[:_FINDINGS_SHOWN]:
        console.print(Text(f"Data, {finding.scope}: {finding.message}", style="dim"))
    if len(report.data_quality) > _FINDINGS_SHOWN:
        console.print(
            Text(f"… and {len(report.data_quality) - _FINDINGS_SHOWN} more findings about the data.", style="dim")
        )
    for entry in report.rejected[:_FINDINGS_SHOWN]:
        console.print(
            Text(f"Set aside {entry.account_id or entry.pointer}: {entry.message} ({entry.pointer})", style="yellow")
        )
