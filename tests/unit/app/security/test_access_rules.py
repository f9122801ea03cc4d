"""Each path needs its scope, whatever it is dressed as."""

from __future__ import annotations

import pytest

from app.errors import ForbiddenError
from app.security.access import OPEN, access_rules, check_access
from app.security.principal import ALL_SCOPES, Principal

RULES = access_rules(["churn", "support"])


def caller(*scopes: str, alone: bool = False) -> Principal:
    return Principal(tenant="acme", person="ada", scopes=frozenset(scopes), alone=alone)


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/churn/invoke", "churn:run"),
        ("/churn/batch", "churn:run"),
        ("/churn/c/abc/input_schema", "churn:run"),
        ("/churn", "churn:run"),
        ("/support/stream", "support:run"),
        ("/v1/support/runs", "support:run"),
        ("/v1/churn/runs", "churn:run"),
        ("/v1/churn/runs/run_1/report", "churn:run"),
        ("/v1/drafts", "drafts:read"),
        ("/v1/drafts/dft_1", "drafts:read"),
        ("/v1/drafts/dft_1\n", "drafts:read"),
        ("/v1/drafts/dft_1/decision", "drafts:decide"),
        ("/v1/actions", "actions:read"),
        ("/v1/events", "events:write"),
        ("/v1/audit/verify", "audit:read"),
        ("/", "drafts:read"),
        ("/drafts/dft_1", "drafts:read"),
        ("/docs", "admin"),
        ("/docs/oauth2-redirect", "admin"),
        ("/static-offline-docs/swagger-ui.css", "admin"),
        ("/metrics", "admin"),
        ("/churn/playground", "admin"),
        ("/churn/playground/assets/a.js", "admin"),
        ("/churn/c/abc/playground/", "admin"),
    ],
)
def test_a_path_needs_its_scope_and_no_other_opens_it(path: str, scope: str) -> None:
    check_access(RULES, path, caller(scope))
    for other in (ALL_SCOPES | {"support:run"}) - {scope}:
        with pytest.raises(ForbiddenError) as caught:
            check_access(RULES, path, caller(other))
        assert caught.value.code == "insufficient_scope"


@pytest.mark.parametrize("path", ["/v1/runs/run_1", "/v1/runs/run_1/cancel", "/v1/payloads/check", "/v1/payloads/a/b"])
def test_runs_and_payloads_need_the_scope_of_some_workflow(path: str) -> None:
    check_access(RULES, path, caller("churn:run"))
    check_access(RULES, path, caller("support:run"))
    with pytest.raises(ForbiddenError):
        check_access(RULES, path, caller(*(ALL_SCOPES - {"churn:run"})))


def test_a_client_alone_may_run_and_read_and_never_decide() -> None:
    alone = caller(*ALL_SCOPES, alone=True)
    check_access(RULES, "/churn/invoke", alone)
    check_access(RULES, "/v1/drafts", alone)
    with pytest.raises(ForbiddenError) as caught:
        check_access(RULES, "/v1/drafts/dft_1/decision", alone)
    assert caught.value.code == "person_required"


def test_only_health_and_the_documents_are_open() -> None:
    assert {"/livez", "/readyz", "/openapi.json", "/openapi-3.0.json"} == OPEN
