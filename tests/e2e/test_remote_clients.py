"""Clients that nobody here wrote: LangChain's JavaScript client (its 0.3 line has RemoteRunnable), and a browser."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.integration.conftest import client, sample, service  # noqa: F401 - fixtures

JS = Path(__file__).parent / "js"
_NPM = shutil.which("npm")
_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_QUIET = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.mark.node
@pytest.mark.skipif(_NPM is None, reason="npm is not installed; CI has it")
def test_the_javascript_client_invokes_and_streams(service: str) -> None:  # noqa: F811
    if not (JS / "node_modules").exists():
        subprocess.run([_NPM, "ci", "--silent", "--no-audit", "--no-fund"], cwd=JS, check=True, timeout=180)
    done = subprocess.run(
        ["node", "ask.mjs", f"{service}/churn"], cwd=JS, check=False, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["thread"] == "from-javascript"
    assert answer["accounts"] > 0
    assert answer["stages"][0] == "retrieve"
    assert answer["streamed"] == answer["accounts"]


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of a headless Chromium that reaches nothing but loopback."""
    if _CHROMIUM is None:
        pytest.skip("Chromium is not installed; CI installs it")
    with sync_playwright() as playwright:
        arguments = [*_QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=arguments)
        try:
            yield browser.new_page()
        finally:
            browser.close()


@pytest.mark.browser
def test_the_playground_renders_is_filled_and_runs(service: str, page: Page) -> None:  # noqa: F811
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(f"{service}/churn/playground/")
    conversation, question = page.locator("textarea").nth(0), page.locator("textarea").nth(1)
    conversation.fill("from-the-playground")
    question.fill("Which enterprise customers in EMEA are at risk of churn this quarter?")
    page.get_by_role("button", name="Start").evaluate("button => button.click()")
    page.wait_for_function("document.body.innerText.includes('churn_probability')", timeout=30_000)
    assert "from-the-playground" in page.locator("body").inner_text()
    assert "Error" not in page.locator("body").inner_text()
    assert "Unknown type" not in page.content()
    assert all(url.startswith((service, "data:", "blob:")) for url in requests)


@pytest.mark.browser
def test_a_sales_manager_asks_reads_and_asks_on_in_the_dashboard(service: str, page: Page) -> None:  # noqa: F811
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.goto(service)
    page.get_by_role("button", name="Ask").click()
    page.get_by_text("Why, what next, and the drafts").wait_for(timeout=30_000)
    assert "[[" not in page.locator(".mail").first.inner_text()
    assert page.locator(".baton svg").count() == 1
    page.get_by_label("Ask on").fill("why the first one?")
    page.get_by_role("button", name="Ask").click()
    page.get_by_text("why the first one?").first.wait_for(timeout=30_000)
    assert page.locator(".baton details").count() == 1
    page.goto(service)
    page.locator("table.list a").first.click()
    page.get_by_text("What it rests on").wait_for()
    assert problems == []
