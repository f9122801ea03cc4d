"""`baton demo`: the main job on the sample organisation, through real processes, in a terminal."""

from __future__ import annotations

import tempfile
from pathlib import Path

import httpx
from rich.console import Console
from rich.text import Text

from app.cli.processes import free_port, running
from app.cli.rendering import render_report
from app.errors import UnavailableError
from chains.churn.schema import FLAGSHIP_QUESTION, ChurnReport

FOLLOW_UP = "Why the first one?"
_WIDTH = 150


def demonstrate() -> None:
    """Start the service and the shim, ask, show the answer, ask on, and end both."""
    console = Console(width=max(Console().width, _WIDTH) if not Console().is_terminal else None)
    with tempfile.TemporaryDirectory(prefix="baton-demo-") as folder:
        base = Path(folder)
        service, shim = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        settings = {"BATON_DATA_DIR": str(base / "data")}
        _say(
            console,
            "Starting the service and, as a second process, the integration shim in front of three systems: "
            "a CRM over HTTP, usage in SQLite, billing as CSV.",
        )
        with (
            running(
                ["serve", "--port", _port(service)],
                url=f"{service}/readyz",
                log=base / "service.log",
                settings=settings,
            ),
            running(
                ["shim", "--port", _port(shim), "--service", service],
                url=f"{shim}/livez",
                log=base / "shim.log",
                settings=settings,
            ),
        ):
            first = _ask(shim, FLAGSHIP_QUESTION, thread_id="demo")
            render_report(first, console)
            _say(console, f"\nThe same conversation goes on: {FOLLOW_UP}")
            second = _ask(shim, FOLLOW_UP, thread_id="demo", reuse=True)
            console.print(Text(second.summary))
            waiting = httpx.get(
                f"{service}/v1/drafts", params={"status": "awaiting_approval"}, timeout=10, trust_env=False
            ).json()
            _say(console, f"\n{len(waiting['items'])} drafts wait for a person's approval; nothing was sent.")
    _say(
        console,
        "Next: `make serve`, then open http://127.0.0.1:8000/ or ask from the command line with `.venv/bin/baton ask`.",
    )


def _ask(shim: str, question: str, *, thread_id: str, reuse: bool = False) -> ChurnReport:
    body = {"question": question, "thread_id": thread_id, "reuse_payload": reuse}
    response = httpx.post(f"{shim}/ask", json=body, timeout=90, trust_env=False)
    answer = response.json()
    if response.status_code != 200:
        raise UnavailableError(f"The shim answered {response.status_code}: {answer.get('detail', '')}")
    return ChurnReport.model_validate(answer["report"])


def _port(url: str) -> str:
    return url.rsplit(":", 1)[1]


def _say(console: Console, text: str) -> None:
    console.print(Text(text, style="bold cyan"))
