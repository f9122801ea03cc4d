"""The report as one page without any outside resource; the same page renders in Jupyter."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from chains.churn.chart import BAND_COLOURS, risk_chart
from chains.churn.engine_words import answered_by, stepped_in, written_by
from chains.churn.schema import AccountRisk, ChurnReport
from chains.churn.summary import headline, percent, span


def report_html(report: ChurnReport) -> str:
    """A complete HTML document; every text of the report is escaped."""
    return _environment().get_template("report.html.j2").render(**_values(report))


def report_body(report: ChurnReport) -> str:
    """The same without the document around it, to stand in another page."""
    return _environment().get_template("report_body.html.j2").render(**_values(report))


def _values(report: ChurnReport) -> dict[str, Any]:
    return {
        "report": report,
        "chart": Markup(risk_chart(report)),  # noqa: S704 - our own SVG
        "colours": BAND_COLOURS,
        "answered_by": answered_by(report.engine),
        "stepped_in": stepped_in(report),
    }


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("chains.churn", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        percent=percent,
        span=lambda interval: span(interval.low, interval.high),
        headline=headline,
        money=money,
        scale=_scale,
        cited=_cited,
        written_by=written_by,
    )
    return environment


def money(value: Any) -> str:
    """An amount with its currency, or a dash."""
    return f"{value.amount:,.0f} {value.currency}".strip() if value.amount else "–"


def _scale(contribution: float, account: AccountRisk) -> int:
    """Length of a driver's bar, 0 to 100, against the account's strongest driver."""
    strongest = max((abs(driver.contribution) for driver in account.drivers), default=1.0) or 1.0
    return round(100 * abs(contribution) / strongest)


def _cited(account: AccountRisk) -> list[Any]:
    """The facts that the draft rests on."""
    ids = {fact_id for statement in account.draft.statements for fact_id in statement.fact_ids}
    return [fact for fact in account.facts if fact.fact_id in ids]
