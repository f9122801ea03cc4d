"""Both OpenAPI documents of the real service: valid to tools of others, true in their examples, and importable."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from app.api.profile import AGENT_ACTIONS, platform_operations
from app.api.profile_rules import broken_rules, operations
from tests.integration.conftest import fixed_clock
from tests.openapi_examples import FILE, HEADERS, made

VALIDATOR = Path(__file__).parent.parent / "e2e" / "openapi"
_NPM = shutil.which("npm")


@pytest.fixture(scope="module")
def published(service: str) -> dict[str, Any]:
    """The 3.1 document."""
    document: dict[str, Any] = httpx.get(f"{service}/openapi.json", trust_env=False).json()
    return document


@pytest.fixture(scope="module")
def profile_answer(service: str) -> httpx.Response:
    return httpx.get(f"{service}/openapi-3.0.json", trust_env=False)


@pytest.fixture(scope="module")
def profile(profile_answer: httpx.Response) -> dict[str, Any]:
    """The 3.0 profile."""
    document: dict[str, Any] = profile_answer.json()
    return document


def test_the_profile_keeps_every_rule_of_external_services(profile: dict[str, Any]) -> None:
    assert broken_rules(profile) == []


def test_the_published_document_is_valid_to_openapi_spec_validator(published: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(published).validate()


def test_the_profile_is_valid_to_openapi_spec_validator(profile: dict[str, Any]) -> None:
    OpenAPIV30SpecValidator(profile).validate()


@pytest.mark.node
@pytest.mark.skipif(_NPM is None, reason="npm is not installed; CI has it")
def test_both_documents_are_valid_to_seriousme_openapi_schema_validator(
    published: dict[str, Any], profile: dict[str, Any], tmp_path: Path
) -> None:
    command = VALIDATOR / "node_modules" / ".bin" / "validate-api"
    if not command.exists():
        subprocess.run([str(_NPM), "ci", "--silent", "--no-audit", "--no-fund"], cwd=VALIDATOR, check=True, timeout=180)
    for name, document in {"published": published, "profile": profile, "broken": {**profile, "paths": 1}}.items():
        file = tmp_path / f"{name}.json"
        file.write_text(json.dumps(document), encoding="utf-8")
        ran = subprocess.run([str(command), str(file)], capture_output=True, text=True, timeout=60)
        assert (ran.returncode == 0) == (name != "broken"), ran.stdout + ran.stderr


def test_the_command_prints_what_the_service_serves(
    service: str, profile_answer: httpx.Response, tmp_path: Path
) -> None:
    printed = baton_openapi(tmp_path, "--profile", "external-services", "--server", service)
    assert printed == profile_answer.content
    assert profile_answer.headers["content-type"] == "application/json"


def test_the_command_names_the_address_of_the_settings_where_none_is_given(tmp_path: Path) -> None:
    printed = json.loads(baton_openapi(tmp_path, "--profile", "external-services"))
    assert printed["servers"] == [{"url": "http://127.0.0.1:8000"}]


def test_the_command_refuses_a_profile_that_is_not_there(tmp_path: Path) -> None:
    ran = run_baton(tmp_path, "--profile", "flow")
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert b"external-services" in ran.stderr


@pytest.mark.parametrize(
    ("host", "server"),
    [("baton.example:8443", "http://baton.example:8443"), ('x"y/../', "/"), ("a b", "/"), ("", "/")],
)
def test_a_host_that_is_none_does_not_get_into_the_profile(host: str, server: str) -> None:
    from starlette.requests import Request

    from app.api.server_address import server_of

    headers = [(b"host", host.encode())]
    scope = {"type": "http", "scheme": "http", "server": ("h", 1), "path": "/", "query_string": b"", "headers": headers}
    assert server_of(Request(scope)) == server


def test_every_operation_is_named_once_and_every_failure_is_a_described_problem(published: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, operation in operations(published)]
    assert len(names) == len(set(names)) >= 6
    for where, operation in operations(published):
        for status, answer in operation["responses"].items():
            assert "X-Correlation-Id" in answer["headers"], where
            if status >= "400" and "readyz" not in where:
                schema = answer["content"]["application/problem+json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/ProblemDetails"}, (where, status)
    assert {"401", "403", "429", "503"} <= operation_of(published, "listDrafts")["responses"].keys()
    assert "404" in operation_of(published, "getDraft")["responses"]
    assert published["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


def test_a_problem_of_the_service_fits_its_published_schema(service: str, published: dict[str, Any]) -> None:
    answer = httpx.get(f"{service}/v1/drafts/none", trust_env=False)
    assert answer.status_code == 404
    validator_of(published, {"$ref": "#/components/schemas/ProblemDetails"}).validate(answer.json())


def test_the_examples_fit_their_schemas(published: dict[str, Any], profile: dict[str, Any]) -> None:
    checked = 0
    for document in (published, profile):
        for where, schema, example in examples_in(document):
            errors = [error.message for error in validator_of(document, schema).iter_errors(example)]
            assert not errors, (where, errors[:3])
            checked += 1
    assert checked > 20


def test_the_examples_are_what_the_service_answers(service: str) -> None:
    with httpx.Client(base_url=service, headers=HEADERS, timeout=60, trust_env=False) as client:
        assert made(client) == json.loads(FILE.read_text(encoding="utf-8")), "run python -m tests.openapi_examples"


def test_an_agent_may_use_only_actions_that_send_nothing(profile: dict[str, Any]) -> None:
    marked = {one["operationId"] for _, one in operations(profile) if "x-sfdc" in one}
    there = {operation["operationId"] for _, operation in operations(profile)}
    assert marked == there & set(AGENT_ACTIONS)
    assert profile["x-sfdc"]["agent"]["topic"]["name"]


def test_the_profile_leaves_out_only_streams_of_v1(published: dict[str, Any], profile: dict[str, Any]) -> None:
    of_v1 = {path for path in published["paths"] if path.startswith("/v1/")}
    assert {path for path, _, _ in platform_operations(published)} == set(profile["paths"])
    for path in of_v1 - set(profile["paths"]):
        assert "text/event-stream" in json.dumps(published["paths"][path])


def test_with_sign_in_the_documents_ask_for_a_token(tmp_path: Path) -> None:
    from app.main import create_app
    from app.settings import load_settings

    keys = tmp_path / "keys.json"
    keys.write_text('{"keys": []}')
    settings = load_settings(
        data_dir=tmp_path, auth="jwt", jwt={"issuer": "https://i.example", "audience": "baton", "jwks_file": keys}
    )
    document = create_app(settings, clock=fixed_clock).openapi()
    assert document["security"] == [{"bearer": []}]
    assert document["paths"]["/livez"]["get"]["security"] == []


def operation_of(document: dict[str, Any], name: str) -> dict[str, Any]:
    return dict(next(one for _, one in operations(document) if one["operationId"] == name))


def validator_of(document: dict[str, Any], schema: dict[str, Any]) -> Draft202012Validator:
    """Validates against a schema of the document; both dialects agree on all that the documents use."""
    return Draft202012Validator({**schema, "components": _without_bounds(document["components"])})


def _without_bounds(node: Any) -> Any:
    """OpenAPI 3.0 writes exclusive bounds as true, which JSON Schema 2020-12 does not know."""
    if isinstance(node, dict):
        return {k: _without_bounds(v) for k, v in node.items() if not (k.startswith("exclusiveM") and v is True)}
    return [_without_bounds(value) for value in node] if isinstance(node, list) else node


def examples_in(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Place, schema and value of every example of a parameter or a body."""
    for where, operation in operations(document):
        for parameter in operation.get("parameters", ()):
            if "example" in parameter:
                yield f"{where}/{parameter['name']}", _without_bounds(parameter["schema"]), parameter["example"]
        for holder in [operation.get("requestBody", {}), *operation["responses"].values()]:
            for body in holder.get("content", {}).values():
                if "example" in body:
                    yield where, body["schema"], body["example"]


def run_baton(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("BATON_", "OPENAI_"))}
    return subprocess.run(
        [sys.executable, "-m", "app.cli.main", "openapi", *arguments],
        cwd=folder,
        capture_output=True,
        timeout=120,
        env={**environment, "BATON_DATA_DIR": str(folder), "PYTHONPATH": str(Path.cwd())},
    )


def baton_openapi(folder: Path, *arguments: str) -> bytes:
    ran = run_baton(folder, *arguments)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout
