"""A service that takes an issuer's tokens: who is let in, who is not, and what each of them sees."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.main import create_app
from app.settings import load_settings
from connectors.shim.serving import served
from tests.evals.refusals import (
    LEEWAY_SECONDS,
    QUESTION,
    REQUESTS,
    SCOPES,
    TOKENS,
    Refusal,
    Scene,
    answer,
    scene,
    with_drafts,
)
from tests.integration.conftest import fixed_clock
from tests.issuer import ec_key, rsa_key

_OPEN = ("/livez", "/readyz", "/openapi.json", "/openapi-3.0.json")


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A service with stored drafts, for tests that change nothing in it."""
    with scene(Path(tmp_path_factory.mktemp("data"))) as made:
        yield with_drafts(made)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Scene]:
    """A service of a test's own."""
    with scene(tmp_path) as made:
        yield made


@pytest.mark.parametrize("refusal", [*TOKENS, *REQUESTS], ids=lambda refusal: refusal.name)
def test_a_refused_token_or_request_has_its_status_and_code(opened: Scene, refusal: Refusal) -> None:
    answered = answer(opened, refusal)
    problem = answered.json()
    assert (answered.status_code, problem["code"]) == (refusal.status, refusal.code)
    assert answered.headers["content-type"] == "application/problem+json"
    assert problem["correlation_id"] == answered.headers["x-correlation-id"]
    token = refusal.token(opened)
    assert not token or len(token) < 20 or token not in answered.text


@pytest.mark.parametrize(
    ("token", "path", "challenge"),
    [
        (None, "/v1/drafts", "Bearer"),
        ("hello", "/v1/drafts", 'Bearer error="invalid_token"'),
        ("good", "/docs", 'Bearer error="insufficient_scope"'),
    ],
)
def test_a_refusal_says_how_to_sign_in(opened: Scene, token: str | None, path: str, challenge: str) -> None:
    sent = opened.token() if token == "good" else token
    assert opened.ask("GET", path, sent).headers["www-authenticate"] == challenge


def test_a_refused_request_is_refused_before_its_body_is_read(opened: Scene) -> None:
    address = opened.client.base_url
    with socket.create_connection((address.host, address.port or 80)) as connection:
        connection.sendall(b"POST /churn/invoke HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.1 401"


def test_every_route_but_the_open_ones_needs_a_token(opened: Scene) -> None:
    paths = opened.client.get("/openapi.json").raise_for_status().json()["paths"]
    others = ("/", "/docs", "/metrics", "/churn/playground/", "/churn/stream", "/churn/stream_events", "/nothing")
    asked = [(method, path) for path, methods in paths.items() for method in methods if path not in _OPEN]
    asked += [("get", path) for path in others]
    assert len(asked) > 10
    refused = {(method, path): opened.ask(method.upper(), path, None).status_code for method, path in asked}
    assert set(refused.values()) == {401}, refused


def test_health_and_the_documents_need_no_token(opened: Scene) -> None:
    assert [opened.ask("GET", path, None).status_code for path in _OPEN[:3]] == [200, 200, 200]


@pytest.mark.parametrize("header", ["Basic YTpi", "bearer", "Token abc"])
def test_another_kind_of_credentials_is_no_token(opened: Scene, header: str) -> None:
    answered = opened.client.get("/v1/drafts", headers={"Authorization": header})
    assert (answered.status_code, answered.json()["code"]) == (401, "token_missing")


def test_two_tokens_are_none(opened: Scene) -> None:
    headers = [("Authorization", f"Bearer {opened.token()}"), ("Authorization", f"Bearer {opened.token(sub='eve')}")]
    answered = opened.client.get("/v1/drafts", headers=headers)
    assert (answered.status_code, answered.json()["code"]) == (401, "token_malformed")


def test_a_person_sees_their_own_drafts_and_an_administrator_the_tenants(opened: Scene) -> None:
    def listed(**claims: Any) -> set[str]:
        items = opened.ask("GET", "/v1/drafts?limit=200", opened.token(**claims)).raise_for_status().json()["items"]
        return {item["draft_id"] for item in items}

    own, eves, all_of_them = listed(), listed(sub="eve"), listed(sub="root", scope=f"{SCOPES} admin")
    assert opened.drafts["own"] in own
    assert opened.drafts["other person"] in eves
    assert not own & eves
    assert own | eves == all_of_them
    assert opened.drafts["other tenant"] not in all_of_them


def test_a_thread_of_the_same_name_is_another_persons(opened: Scene) -> None:
    config = {"configurable": {"thread_id": "shared"}}
    opened.ask("POST", "/churn/invoke", opened.token(), json=QUESTION | {"config": config}).raise_for_status()
    follow_up = {"input": {"question": "why the first one?"}, "config": config}
    eve = opened.ask("POST", "/churn/invoke", opened.token(sub="eve"), json=follow_up).raise_for_status()
    ada = opened.ask("POST", "/churn/invoke", opened.token(), json=follow_up).raise_for_status()
    assert ada.json()["output"]["plan"]["intent"] == "explain"
    assert eve.json()["output"]["plan"]["filters"]["account_ids"] == []


def test_row_limits_of_the_token_reach_the_answer(opened: Scene) -> None:
    asked = {"input": {"question": "Rank every account by risk, worldwide"}}
    token = opened.token(regions=["emea"], segments="Enterprise,Mid-Market")
    report = opened.ask("POST", "/churn/invoke", token, json=asked).raise_for_status().json()["output"]
    assert report["accounts"]
    assert {account["region"] for account in report["accounts"]} == {"EMEA"}
    assert {account["segment"] for account in report["accounts"]} <= {"Enterprise", "Mid-Market"}
    assert report["totals"]["excluded"]["outside your rights"] > 0
    assert report["plan"]["assumptions"][0] == (
        "You see Enterprise and Mid-Market accounts in emea only, as your rights say."
    )


def test_a_batch_carries_the_caller_to_every_item(opened: Scene) -> None:
    token = opened.token(regions=["EMEA"])
    body = {"inputs": [{"question": "Rank every account"}] * 2}
    outputs = opened.ask("POST", "/churn/batch", token, json=body).raise_for_status().json()["output"]
    assert [{account["region"] for account in one["accounts"]} for one in outputs] == [{"EMEA"}, {"EMEA"}]


def test_the_dashboard_shows_persons_to_those_who_may_see_them(opened: Scene) -> None:
    form = {"question": "Which enterprise customers are at risk? Draft an email for each.", "thread_id": ""}
    with_persons = opened.ask("POST", "/", opened.token(), data=form).text
    without = opened.ask("POST", "/", opened.token(scope="churn:run drafts:read"), data=form).text
    assert "[[contact_" in without
    assert "[[contact_1.first_name]]" not in with_persons
    assert "Newest drafts" in with_persons


def test_clocks_may_differ_by_the_leeway(opened: Scene) -> None:
    now = int(opened.issuer.now())
    for times in ({"exp": now - LEEWAY_SECONDS + 1}, {"nbf": now + LEEWAY_SECONDS}, {"iat": now + LEEWAY_SECONDS}):
        assert opened.ask("GET", "/v1/drafts", opened.token(**times)).status_code == 200
    for times in ({"exp": now - LEEWAY_SECONDS}, {"nbf": now + LEEWAY_SECONDS + 1}):
        assert opened.ask("GET", "/v1/drafts", opened.token(**times)).status_code == 401


def test_keys_rotate_without_a_restart(fresh: Scene) -> None:
    old = fresh.token()
    assert fresh.ask("GET", "/v1/drafts", old).status_code == 200
    for key, key_id in ((ec_key(), "two"), (rsa_key(), "three")):
        fresh.issuer.rotate(key, key_id)
        fresh.clock.pass_by(31)
        assert fresh.ask("GET", "/v1/drafts", fresh.token()).status_code == 200
    assert fresh.ask("GET", "/v1/drafts", old).json()["code"] == "token_key_unknown"


def test_while_the_issuer_is_down_known_keys_serve_and_unknown_ones_wait(fresh: Scene) -> None:
    fresh.issuer.status = 500
    unjudged = fresh.ask("GET", "/v1/drafts", fresh.token())
    assert (unjudged.status_code, unjudged.json()["code"]) == (503, "keys_unavailable")
    assert unjudged.headers["retry-after"] == "30"
    assert fresh.ask("GET", "/livez", None).status_code == 200
    fresh.issuer.status = 200
    fresh.clock.pass_by(31)
    assert fresh.ask("GET", "/v1/drafts", fresh.token()).status_code == 200
    fresh.issuer.status = 500
    fresh.clock.pass_by(3600)
    assert fresh.ask("GET", "/v1/drafts", fresh.token()).status_code == 200


def test_keys_may_come_from_a_file(tmp_path: Path, fresh: Scene) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(fresh.issuer.key_set())
    trusted = {"issuer": "https://issuer.example", "audience": "baton", "jwks_file": path}
    settings = load_settings(auth="jwt", jwt=trusted, data_dir=tmp_path / "other", port=0)
    with served(create_app(settings, clock=fresh.clock)) as url:
        headers = {"Authorization": f"Bearer {fresh.token()}"}
        assert httpx.get(f"{url}/v1/drafts", headers=headers, trust_env=False).status_code == 200


def test_each_caller_has_a_minutes_worth_of_requests(tmp_path: Path) -> None:
    with scene(tmp_path, limits={"requests_a_minute": 3}) as limited:
        ada, eve = limited.token(), limited.token(sub="eve")
        assert [limited.ask("GET", "/v1/drafts", ada).status_code for _ in range(4)] == [200, 200, 200, 429]
        refused = limited.ask("GET", "/v1/drafts", ada)
        assert refused.json()["code"] == "rate_limited"
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert limited.ask("GET", "/v1/drafts", limited.token(azp="other")).status_code == 200
        assert limited.ask("GET", "/v1/drafts", eve).status_code == 200
        strangers = [limited.ask("GET", "/v1/drafts", token).status_code for token in (None, "a", "b", "c")]
        assert strangers == [401, 401, 401, 429]
        assert [limited.ask("GET", "/livez", None).status_code for _ in range(5)] == [200] * 5


def test_on_loopback_without_sign_in_requests_are_counted_too(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path, port=0, limits={"requests_a_minute": 2})
    with served(create_app(settings, clock=fixed_clock)) as url, httpx.Client(base_url=url, trust_env=False) as client:
        assert [client.get("/v1/drafts").status_code for _ in range(3)] == [200, 200, 429]


def test_every_answer_has_security_headers(opened: Scene) -> None:
    admin = opened.token(scope=f"{SCOPES} admin")
    for path, token in (
        ("/livez", None), ("/v1/drafts", None), ("/v1/drafts", admin), ("/", admin), ("/docs", admin),
        ("/churn/playground/", admin), ("/nothing", admin), ("/openapi.json", None),
    ):  # fmt: skip
        headers = opened.ask("GET", path, token).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] in ("no-referrer", "same-origin")
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "strict-transport-security" not in headers
        assert "access-control-allow-origin" not in headers
        assert headers["cache-control"] == ("no-cache" if path == "/openapi.json" else "no-store")


def test_only_the_documentation_pages_run_scripts_and_only_their_own(opened: Scene) -> None:
    admin = opened.token(scope=f"{SCOPES} admin")

    def policy(path: str) -> str:
        return str(opened.ask("GET", path, admin).headers["content-security-policy"])

    assert "script-src" not in policy("/v1/drafts") + policy("/")
    assert "'unsafe-inline'" not in policy("/docs")
    assert "'unsafe-eval'" not in policy("/docs")
    assert "script-src 'self' 'sha256-" in policy("/churn/playground/")
    assert "script-src 'self' 'unsafe-inline'" not in policy("/churn/playground/")


def preflight(client: httpx.Client, origin: str) -> httpx.Response:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    return client.options("/churn/invoke", headers=asked)


def test_pages_of_the_origins_allowed_may_call_and_no_others(tmp_path: Path, opened: Scene) -> None:
    friend, stranger = "https://crm.example", "https://evil.example"
    assert preflight(opened.client, friend).status_code == 401
    with scene(tmp_path, cors_origins=[friend]) as allowing:
        welcome, refused = preflight(allowing.client, friend), preflight(allowing.client, stranger)
        assert (welcome.status_code, welcome.headers["access-control-allow-origin"]) == (200, friend)
        assert "access-control-allow-credentials" not in welcome.headers
        assert "access-control-allow-origin" not in refused.headers
        token = allowing.token()
        for origin, status in ((friend, 200), (stranger, 403)):
            headers = {"Origin": origin, "Sec-Fetch-Site": "cross-site"}
            assert allowing.ask("POST", "/churn/invoke", token, json=QUESTION, headers=headers).status_code == status


async def test_many_first_requests_at_once_are_all_judged(fresh: Scene) -> None:
    async with httpx.AsyncClient(base_url=fresh.client.base_url, trust_env=False) as client:
        headers = {"Authorization": f"Bearer {fresh.token()}"}
        answers = await asyncio.gather(*(client.get("/v1/drafts", headers=headers) for _ in range(12)))
    assert ({one.status_code for one in answers}, fresh.issuer.asked) == ({200}, 1)
