"""Answers of the service that are too large, of another shape, or ask for more patience than anybody has."""

import dataclasses
import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response

from connectors.shim.serving import served
from connectors.shim.settings import LimitSettings, ShimSettings
from tests.shim_stage import Stage, StubService, problem, run_document, settings_for, staged


@pytest.fixture
def stub() -> StubService:
    return StubService()


@pytest.fixture
def settings(tmp_path: Path, stub: StubService) -> Iterator[ShimSettings]:
    with served(stub.app) as url:
        yield settings_for(tmp_path, url)


@pytest.fixture
def stage(settings: ShimSettings) -> Iterator[Stage]:
    with staged(dataclasses.replace(settings, limits=LimitSettings(answer_mib=1))) as stage:
        yield stage


def gzipped(body: bytes) -> Response:
    return Response(body, media_type="application/json", headers={"content-encoding": "gzip"})


def bomb(mebibytes: int) -> bytes:
    """So many blanks in a few kilobytes."""
    packing = zlib.compressobj(9, wbits=31)
    return b"".join([*(packing.compress(b" " * 1024 * 1024) for _ in range(mebibytes)), packing.flush()])


def test_answer_is_not_inflated_beyond_the_limit(stage: Stage, stub: StubService) -> None:
    packed = bomb(200)
    assert len(packed) < 1024 * 1024
    stub.answers.append(lambda: gzipped(packed))
    response = stage.ask()
    assert (response.status_code, problem(response)["code"]) == (502, "service_answer_too_large")
    assert len(stub.calls) == 1


def test_answer_is_not_read_beyond_the_limit(stage: Stage, stub: StubService) -> None:
    stub.answers.append(lambda: Response(b" " * 2 * 1024 * 1024))
    assert problem(stage.ask())["code"] == "service_answer_too_large"


def test_compressed_answers_are_read(stage: Stage, stub: StubService) -> None:
    stub.answers.append(lambda: gzipped(gzip.compress(json.dumps(run_document()).encode())))
    assert stage.ask().status_code == 200
    assert stub.headers[0]["accept-encoding"] == "gzip"


@pytest.mark.parametrize(
    ("body", "encoding"),
    [(b"{}", "zstd"), (b"no gzip", "gzip"), (gzip.compress(b'{"run_id": "r"}')[:-9], "gzip")],
    ids=["zstd", "no gzip", "cut off"],
)
def test_other_compressions_are_refused(stage: Stage, stub: StubService, body: bytes, encoding: str) -> None:
    stub.answers.append(lambda: Response(body, headers={"content-encoding": encoding}))
    assert problem(stage.ask())["code"] == "service_answer_unreadable"


def deep(levels: int) -> Any:
    found: Any = []
    for _ in range(levels):
        found = [found]
    return found


@pytest.mark.parametrize(
    "result",
    [
        {"data_quality": "x"},
        {"warnings": 5},
        {"warnings": [5]},
        {"accounts": 5},
        {"accounts": {"a": {}}},
        {"accounts": [5]},
        {"accounts": [{"account_id": ["a1"]}]},
        {"accounts": [{"account_id": "a1", "placeholders": {"x": 1}}]},
        {"accounts": [{"account_id": "a1", "placeholders": [{"placeholder": ["a"], "contact_id": {"a": 1}}]}]},
        {"accounts": [{"account_id": "a1", "x": deep(900)}]},
        {"x": deep(300)},
    ],
    ids=lambda result: str(result)[:40],
)
def test_reports_of_another_shape_are_502(stage: Stage, stub: StubService, result: dict[str, Any]) -> None:
    document = json.dumps({**run_document(), "result": result})
    stub.answers.append(lambda: Response(document, media_type="application/json"))
    response = stage.ask()
    assert (response.status_code, problem(response)["code"]) == (502, "service_answer_unreadable")


@pytest.mark.parametrize("status_url", ["http://[", "http://[::1", "//127.0.0.1:1/x"])
def test_status_addresses_that_are_none_are_502(stage: Stage, stub: StubService, status_url: str) -> None:
    stub.then(run_document("running", status_url=status_url), 202)
    response = stage.ask()
    assert (response.status_code, problem(response)["code"]) == (502, "service_answer_unreadable")


@pytest.mark.parametrize(
    ("error", "status", "code", "detail"),
    [
        ({"status": 418, "code": "bad\r\ncode", "detail": "a\nb"}, 418, "service_refused", "The service answered 418."),
        ({"status": 422, "code": "fine", "detail": "x" * 501}, 422, "fine", "The service answered 422."),
        ({"status": 99999, "code": 5, "detail": {"a": 1}}, 502, "service_failed", "The service answered 500."),
        ({"status": 200, "code": "fine"}, 502, "service_failed", "The service answered 500."),
        ({"status": True}, 502, "service_failed", "The service answered 500."),
    ],
)
def test_errors_of_runs_are_passed_on_only_when_they_are_sane(
    stage: Stage, stub: StubService, error: dict[str, Any], status: int, code: str, detail: str
) -> None:
    stub.then(
        run_document("failed", error={**error, "errors": [{"pointer": 1}, {"pointer": "/a", "message": "m\x07"}]})
    )
    response = stage.ask()
    found = problem(response)
    assert (response.status_code, found["code"], found["detail"]) == (status, code, detail)
    assert found["errors"] in ([], [{"pointer": "/a", "message": ""}])


@pytest.mark.parametrize(
    ("retry_after", "passed_on"),
    [("9999999", "3600"), ("9" * 30, "3600"), ("Fri, 31 Dec 2100 23:59:59 GMT", "3600"), ("120", "120")],
)
@pytest.mark.parametrize("status", [429, 503])
def test_service_that_asks_for_long_patience_is_not_asked_again(
    stage: Stage, stub: StubService, status: int, retry_after: str, passed_on: str
) -> None:
    stub.then({}, status, **{"retry-after": retry_after})
    response = stage.ask()
    assert (response.status_code, response.headers["retry-after"]) == (status, passed_on)
    assert len(stub.calls) == 1


def test_retry_after_that_says_nothing_is_not_passed_on(stage: Stage, stub: StubService) -> None:
    for _ in range(4):
        stub.then({}, 503, **{"retry-after": "3; x: y"})
    assert stage.ask().headers["retry-after"] == "5"
