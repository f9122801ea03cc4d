"""The documentation page works under its content policy, which lets no other script run."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.e2e.test_remote_clients import page  # noqa: F401 - a fixture
from tests.integration.conftest import service  # noqa: F401 - a fixture


def watched(page: Page) -> list[str]:  # noqa: F811
    """What the browser complains of from now on."""
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    return problems


@pytest.mark.browser
def test_the_documentation_page_renders_and_tries_a_route(service: str, page: Page) -> None:  # noqa: F811
    problems = watched(page)
    page.goto(f"{service}/docs")
    operation = page.locator("#operations-service-livez")
    operation.locator("button").first.click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    page.locator(".live-responses-table").wait_for()
    assert "200" in page.locator(".live-responses-table").inner_text()
    assert problems == []


@pytest.mark.browser
@pytest.mark.parametrize("path", ["/docs", "/churn/playground/", "/"])
def test_a_page_runs_no_script_that_is_not_its_own(service: str, page: Page, path: str) -> None:  # noqa: F811
    page.goto(f"{service}{path}")
    injected = "const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s)"
    with page.expect_event("console", lambda message: "Content Security Policy" in message.text):
        page.evaluate(f"() => {{ {injected} }}")
    assert page.evaluate("window.ran") is None
