"""The measures of one run, or of two side by side, as a table for a terminal or a README."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
from rich.table import Table
from rich.text import Text

from chains.churn.evals.scores import Measure


def shown(measure: Measure) -> str:
    """A measure as a reader takes it in: a share with its count, or a figure with its unit."""
    if measure.total:
        return f"{measure.share:.0%} ({measure.count:g}/{measure.total})"
    return f"{measure.unit} {measure.count:,.4f}".strip() if measure.unit else f"{measure.count:,.0f}"


def table_of(title: str, columns: Sequence[tuple[str, Sequence[Measure]]]) -> Table:
    """One row a measure, one column a run; a measure that a run lacks stays empty."""
    table = Table(title=Text(title), title_justify="left")
    table.add_column("step")
    table.add_column("measure")
    for name, _ in columns:
        table.add_column(Text(name), justify="right")
    names = dict.fromkeys((one.step, one.name) for _, measures in columns for one in measures)
    by_column = [{(one.step, one.name): one for one in measures} for _, measures in columns]
    for step, name in names:
        cells = [shown(column[step, name]) if (step, name) in column else "" for column in by_column]
        table.add_row(step, name, *cells)
    return table


def as_document(name: str, versions: dict[str, str], measures: Sequence[Measure]) -> dict[str, Any]:
    """A run's measures as JSON, for a later comparison."""
    lines = [
        {"step": one.step, "name": one.name, "count": one.count, "total": one.total, "unit": one.unit}
        for one in measures
    ]
    return {"name": name, "prompt_versions": versions, "measures": lines}


def read_documents(file: Path) -> list[tuple[str, list[Measure]]]:
    """Name and measures of every run that was saved in the file."""
    documents = orjson.loads(file.read_bytes())
    return [(one["name"], [Measure(**line) for line in one["measures"]]) for one in documents]
