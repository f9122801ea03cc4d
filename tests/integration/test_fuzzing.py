"""Schemathesis, every check and phase, over every `/v1` route of the real service with real tokens; no 500."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from app.api.profile_rules import operations
from tests.fuzz.runner import fuzz, service_with_tokens

EXAMPLES = 10
SEED = 20261120


@pytest.mark.slow
def test_no_request_that_a_fuzzer_thinks_of_breaks_the_contract(tmp_path: Path) -> None:
    with service_with_tokens(tmp_path) as (url, token):
        document = httpx.get(f"{url}/openapi.json", trust_env=False).json()
        done = fuzz(url, token, tmp_path, examples=EXAMPLES, seed=SEED, timeout_seconds=600)
    assert done.clean, done.report[-20_000:]
    assert not [status for _, status in done.cases if status >= 500]
    assert set(done.by_operation) == labels(document)
    for operation in done.by_operation:
        statuses = done.statuses(operation)
        assert statuses.get(401), operation
        assert any(status < 300 for status in statuses), operation
    assert sum(done.by_operation.values()) > 1_000


def labels(document: dict[str, object]) -> set[str]:
    """The operations of `/v1`, as schemathesis names them."""
    places = [where.removeprefix("#/paths/").rpartition("/") for where, _ in operations(document)]
    return {f"{method.upper()} {path}" for path, _, method in places if path.startswith("/v1/")}
