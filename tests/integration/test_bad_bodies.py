"""Bodies that no client should send, to every `/v1` route that takes one: refused at once, as a problem, never a 500."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator

import httpx
import pytest

from app.api.profile_rules import operations

ROUTES = (("POST", "/v1/churn/runs"), ("POST", "/v1/payloads/check"), ("PUT", "/v1/payloads/{payload_id}"))
MIB = 1024 * 1024
JSON = {"content-type": "application/json"}
GZIP = {**JSON, "content-encoding": "gzip"}


def bomb() -> bytes:
    """Some 300 KiB that inflate to 300 MiB."""
    return gzip.compress(bytes(300 * MIB), compresslevel=9)


def chunked() -> Iterator[bytes]:
    """33 MiB whose length nobody announces."""
    for _ in range(33):
        yield b" " * MIB


DEEP = 10_000
BODIES: dict[str, tuple[bytes, dict[str, str], set[int]]] = {
    "33 MiB": (b" " * (33 * MIB), JSON, {413}),
    "ten thousand lists in a list": (b"[" * DEEP + b"]" * DEEP, JSON, {422}),
    "ten thousand objects in an object": (b'{"input":' * DEEP + b"{}" + b"}" * DEEP, JSON, {422}),
    "brackets that never close": (b"[" * (2 * MIB), JSON, {422}),
    "more objects than any payload": (b"[" + b"{}," * 6_100_000 + b"{}]", JSON, {413}),
    "marked as gzip, and empty": (b"", GZIP, {422}),
    "marked as gzip, and not": (b"{}", GZIP, {422}),
    "cut-off gzip": (gzip.compress(b'{"schema_version":"1"}')[:-9], GZIP, {422}),
    "zlib, said to be gzip": (zlib.compress(b"{}"), GZIP, {422}),
    "an encoding nobody knows": (b"{}", {**JSON, "content-encoding": "br"}, {415, 422}),
    "two encodings": (b"{}", {**JSON, "content-encoding": "gzip, gzip"}, {415, 422}),
    "bytes that are not UTF-8": (b'{"schema_version":"\xff\xfe"}', JSON, {422}),
    "UTF-16": ('{"schema_version":"1"}'.encode("utf-16"), JSON, {422}),
    "half a surrogate pair": (b'{"schema_version":"\\ud800"}', JSON, {422}),
    "not a number": (b'{"accounts":[{"account_id":"a","annual_recurring_revenue":{"amount":NaN}}]}', JSON, {422}),
    "infinity": (b'{"accounts":-Infinity}', JSON, {422}),
    "nothing": (b"", JSON, {422}),
    "a word": (b"hello", JSON, {422}),
    "a list": (b"[]", JSON, {422}),
    "null": (b"null", JSON, {422}),
    "XML": (b"<accounts/>", {"content-type": "application/xml"}, {415, 422}),
    "a form": (b"question=a", {"content-type": "application/x-www-form-urlencoded"}, {415, 422}),
    "no content type": (b"<accounts/>", {}, {415, 422}),
}


@pytest.fixture(scope="module")
def published(service: str) -> list[tuple[str, str]]:
    document = httpx.get(f"{service}/openapi.json", trust_env=False).json()
    places = [
        where.removeprefix("#/paths/").rpartition("/") for where, one in operations(document) if "requestBody" in one
    ]
    return sorted((method.upper(), path) for path, _, method in places if path.startswith("/v1/"))


def test_every_route_that_takes_a_body_is_tried(published: list[tuple[str, str]]) -> None:
    assert published == sorted(ROUTES)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: " ".join(route))
@pytest.mark.parametrize("name", BODIES)
def test_a_bad_body_is_refused_as_a_problem(client: httpx.Client, route: tuple[str, str], name: str) -> None:
    body, headers, expected = BODIES[name]
    refused(client, route, body, headers, expected)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: " ".join(route))
def test_a_gzip_bomb_is_refused(client: httpx.Client, route: tuple[str, str]) -> None:
    refused(client, route, bomb(), GZIP, {413})


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: " ".join(route))
def test_a_body_without_announced_length_is_counted(client: httpx.Client, route: tuple[str, str]) -> None:
    refused(client, route, chunked(), JSON, {413})


@pytest.mark.parametrize("route", ROUTES[1:], ids=lambda route: " ".join(route))
def test_of_a_name_that_stands_twice_the_last_counts(client: httpx.Client, route: tuple[str, str]) -> None:
    twice = b'{"schema_version":"1","accounts":"nobody reads this","accounts":[{"account_id":"a"}]}'
    answer = client.request(route[0], path(route), content=twice, headers=JSON)
    assert answer.status_code in (200, 201)


@pytest.mark.parametrize(
    "address",
    [
        "/v1/runs/a%00b",
        "/v1/runs/a%00b/accounts",
        "/v1/runs/a%00b/events",
        "/v1/churn/runs/a%00b/report",
        "/v1/drafts/a%00b",
        "/v1/drafts?account_id=a%00b",
        "/v1/drafts?cursor=a%00b~c",
        f"/v1/drafts?limit={'9' * 400}",
        "/v1/drafts?limit=-1",
        "/v1/drafts?limit=1e2",
    ],
)
def test_an_address_that_no_database_could_look_up_is_refused(client: httpx.Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "address", "allowed"),
    [
        ("OPTIONS", "/v1/payloads/weekly", "DELETE, PUT"),
        ("TRACE", "/v1/drafts", "GET"),
        ("GET", "/v1/churn/runs", "POST"),
        ("PROPFIND", "/v1/runs/x/cancel", "POST"),
    ],
)
def test_a_method_that_a_path_does_not_know_is_told_those_it_knows(
    client: httpx.Client, method: str, address: str, allowed: str
) -> None:
    answer = client.request(method, address)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


def refused(
    client: httpx.Client,
    route: tuple[str, str],
    body: bytes | Iterator[bytes],
    headers: dict[str, str],
    expected: set[int],
) -> None:
    try:
        answer = client.request(route[0], path(route), content=body, headers=headers)
    except httpx.WriteError:  # The service answered and hung up before all was sent, as it may.
        assert expected == {413}
        return
    assert answer.status_code in expected, answer.text[:300]
    assert answer.headers["content-type"] == "application/problem+json"
    problem = json.loads(answer.content)
    assert problem["status"] == answer.status_code
    assert problem["code"] not in ("", "internal", "http_error")
    assert len(answer.content) < 20_000


def path(route: tuple[str, str]) -> str:
    return route[1].replace("{payload_id}", "big")
