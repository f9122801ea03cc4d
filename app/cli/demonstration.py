"""`baton demo`: the main job on the sample organisation, through real processes, in a terminal."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.text import Text

from app.cli.processes import free_port, running
from app.cli.rendering import render_report
from app.errors import UnavailableError
from chains.churn.schema import FLAGSHIP_QUESTION, ChurnReport

FOLLOW_UP = "Why the first one?"
AUDIENCE = "baton"
_WIDTH = 150
_MOST_REQUESTS = 1_000
_SCOPES = "churn:run drafts:read pii:read"


def demonstrate() -> None:
    """Start the service and the shim, sign in, ask, show the answer, ask on, and end both."""
    console = Console(width=max(Console().width, _WIDTH) if not Console().is_terminal else None)
    with tempfile.TemporaryDirectory(prefix="baton-demo-") as folder:
        base = Path(folder)
        service, shim = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        data = base / "data"
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
                settings={"BATON_DATA_DIR": str(data), **_sign_in_settings(shim)},
            ),
            running(
                ["shim", "--port", _port(shim), "--service", service],
                url=f"{shim}/livez",
                log=base / "shim.log",
                settings={"BATON_DATA_DIR": str(data)},
            ),
            httpx.Client(timeout=90, trust_env=False) as client,
        ):
            credentials = (data / "shim" / "development.client").read_text(encoding="utf-8").strip()
            token = _token(client, shim, credentials, subject="demo")
            _say(console, _at_the_door(client, shim, token=token, other=_token(client, shim, credentials, "another")))
            first = _ask(client, shim, FLAGSHIP_QUESTION, token=token)
            render_report(first, console)
            _say(console, f"\nThe same conversation goes on: {FOLLOW_UP}")
            second = _ask(client, shim, FOLLOW_UP, token=token, reuse=True)
            console.print(Text(second.summary))
            waiting = client.get(
                f"{service}/v1/drafts", params={"status": "awaiting_approval"}, headers=_bearer(token)
            ).json()
            _say(console, f"\n{len(waiting['items'])} drafts wait for a person's approval; nothing was sent.")
    _say(
        console,
        "Next: `make serve`, then open http://127.0.0.1:8000/ or ask from the command line with `.venv/bin/baton ask`.",
    )


def _sign_in_settings(shim: str) -> dict[str, str]:
    """The service verifies the same tokens again, by the keys that the shim publishes."""
    return {
        "BATON_AUTH": "jwt",
        "BATON_JWT__ISSUER": shim,
        "BATON_JWT__AUDIENCE": AUDIENCE,
        "BATON_JWT__JWKS_URL": f"{shim}/.well-known/jwks.json",
    }


def _at_the_door(client: httpx.Client, shim: str, *, token: str, other: str) -> str:
    """What the shim says to a caller without a token, and to one who asks too often, in a line."""
    unsigned = client.post(f"{shim}/ask", json={"question": FLAGSHIP_QUESTION}).status_code
    answers = (client.post(f"{shim}/ask", json={}, headers=_bearer(other)) for _ in range(_MOST_REQUESTS))
    count, limited = next((n, answer) for n, answer in enumerate(answers, 1) if answer.status_code == 429)
    return (
        f"Without a token the shim answers {unsigned}. A token of 15 minutes comes from its development issuer; the "
        f"service verifies it again. Request {count} of one caller within a minute: {limited.status_code}, "
        f"try again in {limited.headers['retry-after']} seconds."
    )


def _token(client: httpx.Client, shim: str, credentials: str, subject: str) -> str:
    client_id, _, secret = credentials.partition(":")
    form = {"grant_type": "client_credentials", "subject": subject, "scope": _SCOPES}
    answer = _answered(client.post(f"{shim}/oauth/token", data=form, auth=(client_id, secret)))
    return str(answer["access_token"])


def _ask(client: httpx.Client, shim: str, question: str, *, token: str, reuse: bool = False) -> ChurnReport:
    body = {"question": question, "thread_id": "demo", "reuse_payload": reuse}
    answer = _answered(client.post(f"{shim}/ask", json=body, headers=_bearer(token)))
    return ChurnReport.model_validate(answer["report"])


def _answered(response: httpx.Response) -> Mapping[str, Any]:
    answer: Mapping[str, Any] = response.json()
    if response.status_code != httpx.codes.OK:
        raise UnavailableError(f"The shim answered {response.status_code}: {answer.get('detail', '')}")
    return answer


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _port(url: str) -> str:
    return url.rsplit(":", 1)[1]


def _say(console: Console, text: str) -> None:
    console.print(Text(text, style="bold cyan"))
