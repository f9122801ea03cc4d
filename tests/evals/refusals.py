"""Every token and request that the service refuses, with its status and code: `python -m tests.evals.refusals`."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import jwt

from app.main import create_app
from app.settings import load_settings
from connectors.shim.serving import served
from tests.issuer import AUDIENCE, NAME, Issuer, ec_key, public_jwk, public_pem, rsa_key, segment

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
LEEWAY_SECONDS = 30
SCOPES = "churn:run drafts:read drafts:decide pii:read"
QUESTION = {"input": {"question": "Which enterprise customers are at risk? Draft an email for each."}}


@dataclass
class Clock:
    """A clock that is set by hand."""

    at: dt.datetime = NOON

    def __call__(self) -> dt.datetime:
        """The present instant."""
        return self.at

    def pass_by(self, seconds: float) -> None:
        """Let time pass."""
        self.at += dt.timedelta(seconds=seconds)


@dataclass
class Scene:
    """A service that takes one issuer's tokens; `drafts` and `runs` are ids by whose they are."""

    client: httpx.Client
    issuer: Issuer
    clock: Clock
    drafts: dict[str, str] = field(default_factory=dict)
    runs: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, token: str | None, **given: Any) -> httpx.Response:
        """One request with that token, or without any."""
        headers = {"Authorization": f"Bearer {token}".strip()} if token is not None else {}
        return self.client.request(method, path, headers=headers | given.pop("headers", {}), **given)

    def token(self, **claims: Any) -> str:
        """A token that may run, read and decide."""
        return self.issuer.token(**({"scope": SCOPES} | claims))

    def sign_by_hand(self, header: Mapping[str, Any], secret: bytes) -> str:
        """A token with an HMAC signature, as no library makes it with a public key."""
        text = f"{segment(header)}.{segment(self.issuer.claims(scope=SCOPES))}"
        return f"{text}.{segment(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


@dataclass(frozen=True)
class Refusal:
    """A request that is refused, and how."""

    name: str
    status: int
    code: str
    token: Callable[[Scene], str | None]
    method: str = "GET"
    path: Callable[[Scene], str] = lambda _: "/v1/drafts"


def _good(scene: Scene) -> str:
    return scene.token()


def _with(**claims: Any) -> Callable[[Scene], str]:
    return lambda scene: scene.token(**claims)


def _later(**seconds: int) -> Callable[[Scene], str]:
    """A token whose times lie so many seconds from now."""
    return lambda scene: scene.token(**{name: int(scene.issuer.now()) + after for name, after in seconds.items()})


def _signed_with(key: Callable[[], Any], **headers: Any) -> Callable[[Scene], str]:
    return lambda scene: scene.token(key=key(), headers=headers)


def _unsigned(algorithm: str) -> Callable[[Scene], str]:
    def token(scene: Scene) -> str:
        header = {"alg": algorithm, "kid": scene.issuer.key_id, "typ": "JWT"}
        return f"{segment(header)}.{segment(scene.issuer.claims(scope=SCOPES))}."

    return token


def _raw(**claims: Any) -> Callable[[Scene], str]:
    """A good signature over claims that a library would not sign."""

    def token(scene: Scene) -> str:
        data = json.dumps(scene.issuer.claims(scope=SCOPES) | claims).encode()
        return jwt.PyJWS().encode(data, scene.issuer.signing, algorithm="RS256", headers={"kid": scene.issuer.key_id})

    return token


def _tampered(scene: Scene) -> str:
    header, _, signature = scene.token().split(".")
    return f"{header}.{segment(scene.issuer.claims(scope=f'{SCOPES} admin'))}.{signature}"


def _embedded(scene: Scene) -> str:
    own = rsa_key()
    return scene.token(key=own, headers={"jwk": public_jwk(own), "kid": "one"})


def _draft(whose: str, rest: str = "") -> Callable[[Scene], str]:
    return lambda scene: f"/v1/drafts/{scene.drafts[whose]}{rest}"


def _run(whose: str, rest: str = "") -> Callable[[Scene], str]:
    return lambda scene: f"/v1/runs/{scene.runs[whose]}{rest}"


def _to(path: str) -> Callable[[Scene], str]:
    return lambda _: path


TOKENS: Sequence[Refusal] = (
    Refusal("no token", 401, "token_missing", lambda _: None),
    Refusal("an empty token", 401, "token_missing", lambda _: ""),
    Refusal("no token at all: a word", 401, "token_malformed", lambda _: "hello"),
    Refusal("longer than 16 kB", 401, "token_malformed", _with(padding="x" * 20_000)),
    Refusal("`alg: none`", 401, "token_algorithm", _unsigned("none")),
    Refusal("RS256 without a signature", 401, "token_signature", _unsigned("RS256")),
    Refusal(
        "HS256 signed with the public key", 401, "token_algorithm",
        lambda scene: scene.sign_by_hand({"alg": "HS256", "kid": "one"}, public_pem(scene.issuer.signing)),
    ),
    Refusal("RS512", 401, "token_algorithm", lambda scene: scene.token(algorithm="RS512")),
    Refusal("an unknown `kid`", 401, "token_key_unknown", lambda scene: scene.token(headers={"kid": "other"})),
    Refusal("a foreign key under a known `kid`", 401, "token_signature", _signed_with(rsa_key)),
    Refusal("ES256 under the `kid` of an RSA key", 401, "token_key_unknown", _signed_with(ec_key)),
    Refusal("its own key embedded (`jwk`)", 401, "token_signature", _embedded),
    Refusal("its own key by address (`jku`)", 401, "token_signature", _signed_with(rsa_key, jku="https://evil.example")),
    Refusal("a tampered payload (scope admin)", 401, "token_signature", _tampered),
    Refusal("a critical extension", 401, "token_malformed", lambda scene: scene.token(headers={"crit": ["x"], "x": 1})),
    Refusal("a log-out token", 401, "token_malformed", lambda scene: scene.token(headers={"typ": "logout+jwt"})),
    Refusal("expired beyond the leeway", 401, "token_expired", _later(exp=-LEEWAY_SECONDS - 1)),
    Refusal("not valid yet beyond the leeway", 401, "token_not_yet_valid", _later(nbf=LEEWAY_SECONDS + 1)),
    Refusal("issued in the future", 401, "token_not_yet_valid", _later(iat=LEEWAY_SECONDS + 1)),
    Refusal("a foreign issuer", 401, "token_issuer", _with(iss="https://evil.example")),
    Refusal("no issuer", 401, "token_issuer", _with(iss=None)),
    Refusal("another audience", 401, "token_audience", _with(aud="billing")),
    Refusal("no audience", 401, "token_audience", _with(aud=None)),
    Refusal("no `exp`", 401, "token_claims", _with(exp=None)),
    Refusal("`exp` as text", 401, "token_claims", _raw(exp="2100000000")),
    Refusal("no `sub`", 401, "token_claims", _with(sub=None)),
    Refusal("`sub` as a number", 401, "token_claims", _raw(sub=7)),
    Refusal("no `tenant`", 401, "token_claims", _with(tenant=None)),
    Refusal("`tenant` as a list", 401, "token_claims", _with(tenant=["acme"])),
    Refusal("`regions` as an object", 401, "token_claims", _with(regions={"EMEA": True})),
    Refusal("`regions` as null", 401, "token_claims", _raw(regions=None)),
    Refusal("`regions` empty", 401, "token_claims", _with(regions=[])),
    Refusal("`segments` with a number", 401, "token_claims", _with(segments=["Enterprise", 7])),
    Refusal("`scope` as an object", 401, "token_claims", _with(scope={"admin": True})),
)  # fmt: skip

REQUESTS: Sequence[Refusal] = (
    Refusal("a question without `churn:run`", 403, "insufficient_scope", _with(scope="drafts:read"), "POST", _to("/churn/invoke")),
    Refusal("a batch without `churn:run`", 403, "insufficient_scope", _with(scope="drafts:read"), "POST", _to("/churn/batch")),
    Refusal("a stream without `churn:run`", 403, "insufficient_scope", _with(scope="drafts:read"), "POST", _to("/churn/stream")),
    Refusal("a run without `churn:run`", 403, "insufficient_scope", _with(scope="drafts:read"), "POST", _to("/v1/churn/runs")),
    Refusal("an upload without `churn:run`", 403, "insufficient_scope", _with(scope="drafts:read"), "PUT", _to("/v1/payloads/p")),
    Refusal("drafts without `drafts:read`", 403, "insufficient_scope", _with(scope="churn:run")),
    Refusal("the dashboard without `drafts:read`", 403, "insufficient_scope", _with(scope="churn:run"), "GET", _to("/")),
    Refusal("a decision without `drafts:decide`", 403, "insufficient_scope", _with(scope="drafts:read"), "POST", _draft("own", "/decision")),
    Refusal("a decision by a client alone", 403, "person_required", _with(sub="crm", client_id="crm"), "POST", _draft("own", "/decision")),
    Refusal("the documentation without `admin`", 403, "insufficient_scope", _good, "GET", _to("/docs")),
    Refusal("the playground without `admin`", 403, "insufficient_scope", _good, "GET", _to("/churn/playground/")),
    Refusal("the metrics without `admin`", 403, "insufficient_scope", _good, "GET", _to("/metrics")),
    Refusal("another tenant's draft", 404, "not_found", _good, "GET", _draft("other tenant")),
    Refusal("another tenant's draft, with `admin`", 404, "not_found", _with(scope=f"{SCOPES} admin"), "GET", _draft("other tenant")),
    Refusal("another person's draft", 404, "not_found", _good, "GET", _draft("other person")),
    Refusal("another tenant's draft on the dashboard", 404, "not_found", _good, "GET", lambda scene: f"/drafts/{scene.drafts['other tenant']}"),
    Refusal("another tenant's run", 404, "not_found", _good, "GET", _run("other tenant")),
    Refusal("another tenant's run, with `admin`", 404, "not_found", _with(scope=f"{SCOPES} admin"), "GET", _run("other tenant")),
    Refusal("another person's run", 404, "not_found", _good, "GET", _run("other person")),
    Refusal("another person's accounts", 404, "not_found", _good, "GET", _run("other person", "/accounts")),
    Refusal("cancelling another person's run", 404, "not_found", _good, "POST", _run("other person", "/cancel")),
)  # fmt: skip


def answer(scene: Scene, refusal: Refusal) -> httpx.Response:
    """What the service answers to it."""
    body = {"json": QUESTION} if refusal.method != "GET" else {}
    return scene.ask(refusal.method, refusal.path(scene), refusal.token(scene), **body)


@contextmanager
def scene(folder: Path, **settings: Any) -> Iterator[Scene]:
    """A served service and its served issuer."""
    clock = Clock()
    issuer = Issuer(lambda: clock.at.timestamp())
    with issuer.serving() as key_url:
        trusted = {"issuer": NAME, "audience": AUDIENCE, "jwks_url": key_url, "leeway_seconds": LEEWAY_SECONDS}
        given = {"auth": "jwt", "jwt": trusted, "data_dir": folder, "port": 0, "limits": {"requests_a_minute": 0}}
        app = create_app(load_settings(**(given | settings)), clock=clock)
        with served(app) as url, httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
            yield Scene(client, issuer, clock)


def with_drafts(scene: Scene) -> Scene:
    """The scene after a question of each of three persons, two of them in one tenant."""
    for whose, claims in (
        ("own", {}),
        ("other person", {"sub": "eve"}),
        ("other tenant", {"tenant": "globex"}),
    ):
        token = scene.token(**claims)
        report = scene.ask("POST", "/churn/invoke", token, json=QUESTION).raise_for_status().json()["output"]
        scene.runs[whose] = report["run_id"]
        scene.drafts[whose] = next(one["draft"]["draft_id"] for one in report["accounts"] if one["draft"]["draft_id"])
    return scene


def main() -> None:
    """Print the table as Markdown."""
    with tempfile.TemporaryDirectory() as folder, scene(Path(folder)) as opened:
        with_drafts(opened)
        for title, refusals in (("Token", TOKENS), ("Request, with a token that holds", REQUESTS)):
            print(f"| {title} | Status | Code |\n|---|---|---|")
            for refusal in refusals:
                answered = answer(opened, refusal)
                print(f"| {refusal.name} | {answered.status_code} | `{answered.json()['code']}` |")
            print()
        opened.issuer.status = 503
        opened.clock.pass_by(60)
        down = opened.ask("GET", "/v1/drafts", opened.token(headers={"kid": "new"}))
        print(f"A new key while the issuer is down: {down.status_code} `{down.json()['code']}`, "
              f"Retry-After {down.headers['retry-after']}.")  # fmt: skip


if __name__ == "__main__":
    main()
