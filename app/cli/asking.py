"""`baton ask`: one question through the run service, shown on the terminal, as JSON or as a page."""

from __future__ import annotations

import asyncio
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress as Bar
from rich.progress import SpinnerColumn, TextColumn

from app.bootstrap import open_parts
from app.cli.files import read_document
from app.cli.rendering import render_report
from app.errors import RejectedError
from app.runs.service import Door
from app.security.principal import LOCAL
from app.settings import Settings, load_settings
from chains.churn.html import report_html
from chains.churn.schema import ChurnReport
from chains.context import Progress, nobody_listens
from connectors.shim.people import People, filled


def ask_once(question: str, *, payload: str, thread: str, as_of: str, as_json: bool, html: Path | None) -> None:
    """Answer and show; persons are filled in on the terminal and the page, and stay placeholders in JSON."""
    settings = load_settings()
    document = read_document(payload, settings) if payload else {}
    report, people = asyncio.run(_run(settings, question, document, thread, as_of))
    if as_json:
        print(report.model_dump_json(indent=2))
    shown = ChurnReport.model_validate(filled(report.model_dump(mode="json"), people)[0])
    if html is not None:
        try:
            html.write_text(report_html(shown), encoding="utf-8")
        except OSError as error:
            raise RejectedError(f"Cannot write {html}: {error.strerror}.") from None
        print(f"The report is in {html}.", file=sys.stderr)
    elif not as_json:
        render_report(shown, Console())
        if not thread:
            print(f'\nAsk on: baton ask --thread {report.thread_id} "why the first one?"')


async def _run(
    settings: Settings, question: str, document: Mapping[str, Any], thread: str, as_of: str
) -> tuple[ChurnReport, People]:
    request = {"question": question, "payload": document, "as_of": as_of}
    async with open_parts(settings) as parts:
        with _Stages() as on_event:
            door = Door(principal=LOCAL, correlation_id=uuid.uuid4().hex, thread_id=thread, on_event=on_event)
            report = ChurnReport.model_validate(await parts.services["churn"].run(request, door))
        people = await asyncio.to_thread(parts.services["churn"].people_of, LOCAL, report.thread_id)
    return report, people


class _Stages:
    """A spinner with the stage on a terminal, and nothing in a pipe."""

    def __init__(self) -> None:
        self._bar: Bar | None = None

    def __enter__(self) -> Any:
        if not sys.stderr.isatty():
            return nobody_listens
        self._bar = Bar(SpinnerColumn(), TextColumn("{task.description}"), console=Console(stderr=True), transient=True)
        self._bar.start()
        task = self._bar.add_task("reading")
        bar = self._bar

        def show(progress: Progress) -> None:
            bar.update(task, description=f"{progress.stage.replace('_', ' ')} {progress.done:,}/{progress.total:,}")

        return show

    def __exit__(self, *_error: object) -> None:
        if self._bar is not None:
            self._bar.stop()
