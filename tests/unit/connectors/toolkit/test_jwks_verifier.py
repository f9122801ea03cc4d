"""Tokens that hold give their claims; every other one is refused with its code, and keys come from the issuer alone."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import RSAAlgorithm

from connectors.toolkit.key_sets import RENEWED_AFTER_SECONDS, USABLE_FOR_SECONDS, is_safe_url
from connectors.toolkit.keys import LONGEST_TOKEN, JwksVerifier
from connectors.toolkit.tokens import InvalidTokenError, KeysUnavailableError, TokenRules
from tests.issuer import AUDIENCE, NAME, Issuer, ec_key, public_jwk, public_pem, rsa_key, segment

NOW = 1_800_000_000.0
LEEWAY = 30.0


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def issuer(clock: Clock) -> Issuer:
    return Issuer(clock)


@pytest.fixture
def key_file(issuer: Issuer, tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    path.write_bytes(issuer.key_set())
    return path


@pytest.fixture
def verifier(key_file: Path, clock: Clock) -> JwksVerifier:
    return JwksVerifier(rules(jwks_file=key_file), clock=clock)


@pytest.fixture
def key_url(issuer: Issuer) -> Iterator[str]:
    with issuer.serving() as url:
        yield url


@pytest.fixture
async def by_url(key_url: str, clock: Clock) -> AsyncIterator[JwksVerifier]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield JwksVerifier(rules(jwks_url=key_url), client=client, clock=clock)


def rules(**where: Any) -> TokenRules:
    return TokenRules(issuer=NAME, audience=AUDIENCE, leeway_seconds=LEEWAY, **where)


async def code_of(verifier: JwksVerifier, token: str) -> str:
    """The code with which a token is refused; "" when it is taken."""
    try:
        await verifier.claims(token)
    except InvalidTokenError as error:
        assert token[:40] not in error.message or not token
        return error.code
    return ""


def signed_by_hand(header: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    """A token with an HMAC signature, as no library makes it with a public key."""
    text = f"{segment(header)}.{segment(claims)}"
    return f"{text}.{segment(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


Forged = Callable[[Issuer], str]
REFUSED: dict[str, tuple[Forged, str]] = {
    "nothing": (lambda _: "", "token_missing"),
    "no token at all": (lambda _: "hello", "token_malformed"),
    "two parts": (lambda i: i.token().rpartition(".")[0], "token_malformed"),
    "a header that is no JSON": (lambda i: "e30x." + i.token().partition(".")[2], "token_malformed"),
    "a header that is a list": (lambda i: f"{segment([])}.{segment({})}.AA", "token_malformed"),
    "a header nested deeply": (lambda i: f"{segment(b'[' * 11_000)}.{segment({})}.AA", "token_malformed"),
    "too long": (lambda i: i.token(padding="x" * LONGEST_TOKEN), "token_malformed"),
    "a key id that is a number": (
        lambda i: f"{segment({'alg': 'RS256', 'kid': 1})}.{segment({})}.AA",
        "token_malformed",
    ),
    "a critical extension": (lambda i: i.token(headers={"crit": ["exp"], "exp": 1}), "token_malformed"),
    "a detached payload": (
        lambda i: f"{segment({'alg': 'RS256', 'kid': 'one', 'b64': False, 'crit': ['b64']})}..AA",
        "token_malformed",
    ),
    "a token of another kind": (lambda i: i.token(headers={"typ": "logout+jwt"}), "token_malformed"),
    "no algorithm": (lambda i: f"{segment({'kid': 'one'})}.{segment(i.claims())}.AA", "token_algorithm"),
    "none": (lambda i: f"{segment({'alg': 'none', 'kid': 'one'})}.{segment(i.claims())}.", "token_algorithm"),
    "None in other letters": (
        lambda i: f"{segment({'alg': 'nOnE', 'kid': 'one'})}.{segment(i.claims())}.",
        "token_algorithm",
    ),
    "HS256 with the public key": (
        lambda i: signed_by_hand({"alg": "HS256", "kid": "one", "typ": "JWT"}, i.claims(), public_pem(i.signing)),
        "token_algorithm",
    ),
    "HS256 with an empty key": (lambda i: signed_by_hand({"alg": "HS256"}, i.claims(), b""), "token_algorithm"),
    "RS512": (lambda i: i.token(algorithm="RS512"), "token_algorithm"),
    "PS256": (lambda i: i.token(algorithm="PS256"), "token_algorithm"),
    "ES256 under the name of an RSA key": (lambda i: i.token(key=ec_key()), "token_key_unknown"),
    "an unknown key": (lambda i: i.token(headers={"kid": "other"}), "token_key_unknown"),
    "a foreign key under a known name": (lambda i: i.token(key=rsa_key()), "token_signature"),
    "its own key in the header": (lambda i: with_own_key(i, "jwk"), "token_signature"),
    "its own key by address": (lambda i: with_own_key(i, "jku"), "token_signature"),
    "its own certificate by address": (lambda i: with_own_key(i, "x5u"), "token_signature"),
    "unsigned": (lambda i: i.token().rpartition(".")[0] + ".", "token_signature"),
    "tampered claims": (lambda i: tampered(i.token(), sub="eve"), "token_signature"),
    "the signature of another token": (
        lambda i: i.token(sub="eve").rpartition(".")[0] + "." + i.token().rpartition(".")[2],
        "token_signature",
    ),
    "claims that are a list": (lambda i: raw(i, [1]), "token_malformed"),
    "claims nested deeply": (lambda i: raw(i, b"[" * 11_000), "token_malformed"),
    "expired": (lambda i: i.token(exp=int(NOW - LEEWAY - 1)), "token_expired"),
    "expired a thousand years ago": (lambda i: i.token(exp=0), "token_expired"),
    "not yet valid": (lambda i: i.token(nbf=int(NOW + LEEWAY + 1)), "token_not_yet_valid"),
    "issued in the future": (lambda i: i.token(iat=int(NOW + LEEWAY + 1)), "token_not_yet_valid"),
    "no expiry": (lambda i: i.token(exp=None), "token_claims"),
    "an expiry that is text": (lambda i: raw(i, i.claims(exp="2100000000")), "token_claims"),
    "an expiry that is true": (lambda i: raw(i, i.claims(exp=True)), "token_claims"),
    "an expiry without end": (lambda i: raw(i, i.claims(exp=float("inf"))), "token_claims"),
    "an expiry beyond all numbers": (lambda i: raw(i, i.claims(exp=10**300)), "token_claims"),
    "a start that is text": (lambda i: raw(i, i.claims(nbf="now")), "token_claims"),
    "a foreign issuer": (lambda i: i.token(iss="https://evil.example"), "token_issuer"),
    "an issuer with a slash more": (lambda i: i.token(iss=NAME + "/"), "token_issuer"),
    "an issuer that is a list": (lambda i: raw(i, i.claims(iss=[NAME])), "token_issuer"),
    "no issuer": (lambda i: i.token(iss=None), "token_issuer"),
    "another audience": (lambda i: i.token(aud="billing"), "token_audience"),
    "other audiences": (lambda i: i.token(aud=["billing", "baton-admin"]), "token_audience"),
    "an audience that is an object": (lambda i: raw(i, i.claims(aud={AUDIENCE: 1})), "token_audience"),
    "no audience": (lambda i: i.token(aud=None), "token_audience"),
    "no subject": (lambda i: i.token(sub=None), "token_claims"),
    "an empty subject": (lambda i: i.token(sub=" "), "token_claims"),
    "a subject that is a number": (lambda i: raw(i, i.claims(sub=7)), "token_claims"),
}


def with_own_key(issuer: Issuer, name: str) -> str:
    own = rsa_key()
    value = public_jwk(own) if name == "jwk" else "https://evil.example/keys"
    return issuer.token(key=own, headers={name: value})


def tampered(token: str, **claims: Any) -> str:
    header, payload, signature = token.split(".")
    told = jwt.decode(token, options={"verify_signature": False})
    assert payload
    return f"{header}.{segment(told | claims)}.{signature}"


def raw(issuer: Issuer, claims: Any) -> str:
    """A token with a good signature over anything."""
    data = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    return jwt.PyJWS().encode(data, issuer.signing, algorithm="RS256", headers={"kid": "one"})


@pytest.mark.parametrize(("forged", "code"), REFUSED.values(), ids=REFUSED.keys())
async def test_a_token_is_refused_with_its_code(
    verifier: JwksVerifier, issuer: Issuer, forged: Forged, code: str
) -> None:
    assert await code_of(verifier, forged(issuer)) == code


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"aud": [AUDIENCE, "other"]},
        {"exp": int(NOW - LEEWAY + 1)},
        {"nbf": int(NOW + LEEWAY - 1), "iat": int(NOW + LEEWAY - 1)},
        {"exp": NOW + 0.5},
        {"iat": None},
    ],
    ids=["plain", "audiences", "expired within leeway", "early within leeway", "fraction", "without iat"],
)
async def test_a_token_that_holds_gives_its_claims(
    verifier: JwksVerifier, issuer: Issuer, claims: dict[str, Any]
) -> None:
    assert (await verifier.claims(issuer.token(**claims)))["sub"] == "ada"


@pytest.mark.parametrize("kind", ["JWT", "at+jwt", "application/AT+JWT"])
async def test_access_tokens_of_the_usual_kinds_are_taken(verifier: JwksVerifier, issuer: Issuer, kind: str) -> None:
    assert await code_of(verifier, issuer.token(headers={"typ": kind})) == ""


async def test_keys_on_p256_are_taken_and_those_of_other_curves_are_not(
    verifier: JwksVerifier, issuer: Issuer, key_file: Path
) -> None:
    issuer.rotate(ec_key(), "curve")
    key_file.write_bytes(issuer.key_set())
    assert await code_of(verifier, issuer.token()) == ""
    issuer.rotate(ec_key(ec.SECP384R1()), "longer")
    issuer.published.append(public_jwk(rsa_key(), kid="some"))
    key_file.write_bytes(issuer.key_set())
    assert await code_of(verifier, issuer.token(algorithm="ES384")) == "token_algorithm"


@pytest.mark.parametrize(
    "fields",
    [{"use": "enc"}, {"alg": "RS512"}, {"alg": "HS256"}, {"key_ops": ["encrypt"]}, {"key_ops": "verify"}, {"kid": 7}],
    ids=str,
)
async def test_a_key_meant_for_something_else_verifies_nothing(
    verifier: JwksVerifier, issuer: Issuer, key_file: Path, fields: dict[str, Any]
) -> None:
    entry = public_jwk(issuer.signing, kid="one") | fields
    issuer.published = [entry, public_jwk(rsa_key(), kid="other")]
    key_file.write_bytes(issuer.key_set())
    assert await code_of(verifier, issuer.token()) == "token_key_unknown"


async def test_weak_keys_secret_keys_and_published_private_keys_verify_nothing(
    verifier: JwksVerifier, issuer: Issuer, key_file: Path
) -> None:
    weak = rsa_key(1024)
    issuer.published = [
        public_jwk(weak, kid="weak"),
        RSAAlgorithm.to_jwk(issuer.signing, as_dict=True) | {"kid": "leaked", "key_ops": ["sign", "verify"]},
        {"kty": "oct", "kid": "secret", "k": "c2VjcmV0"},
        "no key",
        public_jwk(rsa_key(), kid="good"),
    ]  # type: ignore[list-item]
    key_file.write_bytes(issuer.key_set())
    assert await code_of(verifier, raw_weak(issuer, weak)) == "token_key_unknown"
    assert await code_of(verifier, issuer.token(headers={"kid": "leaked"})) == "token_key_unknown"
    secret = signed_by_hand({"alg": "HS256", "kid": "secret"}, issuer.claims(), b"secret")
    assert await code_of(verifier, secret) == "token_algorithm"


def raw_weak(issuer: Issuer, key: Any) -> str:
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        return issuer.token(key=key, headers={"kid": "weak"})


async def test_without_a_key_id_the_only_key_is_meant_and_no_other(
    verifier: JwksVerifier, issuer: Issuer, key_file: Path
) -> None:
    nameless = jwt.encode(issuer.claims(), issuer.signing, algorithm="RS256")  # type: ignore[arg-type]
    assert await code_of(verifier, nameless) == ""
    issuer.published.append(public_jwk(rsa_key(), kid="two"))
    key_file.write_bytes(issuer.key_set())
    assert await code_of(verifier, nameless) == "token_key_unknown"


async def test_a_file_is_read_again_when_it_was_written(verifier: JwksVerifier, issuer: Issuer, key_file: Path) -> None:
    old = issuer.token()
    assert await code_of(verifier, old) == ""
    issuer.rotate(rsa_key(), "two")
    assert await code_of(verifier, issuer.token()) == "token_key_unknown"
    key_file.write_bytes(issuer.key_set())
    os.utime(key_file, ns=(0, 1))
    assert await code_of(verifier, issuer.token()) == ""
    assert await code_of(verifier, old) == "token_key_unknown"


@pytest.mark.parametrize("text", [b"", b"no", b"[]", b"{}", b'{"keys": {}}', b'{"keys": []}', b"[" * 100_000])
async def test_a_file_without_keys_judges_nothing(clock: Clock, issuer: Issuer, tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "keys.json"
    verifier = JwksVerifier(rules(jwks_file=path), clock=clock)
    with pytest.raises(KeysUnavailableError):
        await verifier.claims(issuer.token())
    path.write_bytes(text)
    with pytest.raises(KeysUnavailableError):
        await verifier.claims(issuer.token())
    path.write_bytes(issuer.key_set())
    assert await code_of(verifier, issuer.token()) == ""


async def test_a_set_by_url_is_read_once_for_many_tokens(by_url: JwksVerifier, issuer: Issuer) -> None:
    codes = await asyncio.gather(*(code_of(by_url, issuer.token()) for _ in range(10)))
    assert (set(codes), issuer.asked) == ({""}, 1)


async def test_a_rotated_key_is_taken_without_a_restart_and_reads_once(
    by_url: JwksVerifier, issuer: Issuer, clock: Clock
) -> None:
    assert await code_of(by_url, issuer.token()) == ""
    issuer.rotate(ec_key(), "two")
    clock.at += 31
    codes = await asyncio.gather(*(code_of(by_url, issuer.token()) for _ in range(10)))
    assert (set(codes), issuer.asked) == ({""}, 2)


async def test_unknown_keys_make_the_set_be_read_once_in_half_a_minute(
    by_url: JwksVerifier, issuer: Issuer, clock: Clock
) -> None:
    assert await code_of(by_url, issuer.token()) == ""
    clock.at += 31
    for n in range(20):
        assert await code_of(by_url, issuer.token(headers={"kid": f"guess {n}"})) == "token_key_unknown"
    assert issuer.asked == 2
    clock.at += 30
    assert await code_of(by_url, issuer.token(headers={"kid": "guess"})) == "token_key_unknown"
    assert issuer.asked == 3


async def test_a_withdrawn_key_ends(by_url: JwksVerifier, issuer: Issuer, clock: Clock) -> None:
    old = issuer.signing
    assert await code_of(by_url, issuer.token()) == ""
    issuer.rotate(rsa_key(), "two")
    clock.at += RENEWED_AFTER_SECONDS + 1
    assert await code_of(by_url, issuer.token(key=old, headers={"kid": "one"})) == "token_key_unknown"


async def test_known_keys_serve_for_a_day_while_the_issuer_is_down_and_no_longer(
    by_url: JwksVerifier, issuer: Issuer, clock: Clock
) -> None:
    assert await code_of(by_url, issuer.token()) == ""
    issuer.status = 503
    clock.at += USABLE_FOR_SECONDS - 1
    assert await code_of(by_url, issuer.token()) == ""
    with pytest.raises(KeysUnavailableError):  # It may be a key that the issuer made since.
        await by_url.claims(issuer.token(headers={"kid": "new"}))
    clock.at += 2
    with pytest.raises(KeysUnavailableError):
        await by_url.claims(issuer.token())
    issuer.status = 200
    clock.at += 31
    assert await code_of(by_url, issuer.token()) == ""


async def test_a_clock_that_was_set_back_renews_the_set(by_url: JwksVerifier, issuer: Issuer, clock: Clock) -> None:
    assert await code_of(by_url, issuer.token()) == ""
    clock.at -= 3600
    assert await code_of(by_url, issuer.token()) == ""
    assert issuer.asked == 2


@pytest.mark.parametrize("body", [b"x" * (513 * 1024), b"<html>", b'{"keys": []}'], ids=["huge", "no JSON", "empty"])
async def test_a_bad_answer_leaves_the_known_keys(
    by_url: JwksVerifier, issuer: Issuer, clock: Clock, body: bytes
) -> None:
    assert await code_of(by_url, issuer.token()) == ""
    issuer.body = body
    clock.at += RENEWED_AFTER_SECONDS + 1
    assert await code_of(by_url, issuer.token()) == ""
    assert issuer.asked == 2


async def test_redirects_are_not_followed(key_url: str, issuer: Issuer, clock: Clock) -> None:
    async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as client:
        moved = JwksVerifier(rules(jwks_url=key_url.replace("jwks.json", "moved")), client=client, clock=clock)
        with pytest.raises(KeysUnavailableError):
            await moved.claims(issuer.token())
    assert issuer.asked == 0


async def test_an_issuer_that_cannot_be_reached_judges_nothing(issuer: Issuer, clock: Clock) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        lost = JwksVerifier(rules(jwks_url="http://127.0.0.1:9/keys"), client=client, clock=clock)
        with pytest.raises(KeysUnavailableError, match="ConnectError"):
            await lost.key_count()


async def test_the_keys_of_a_set_are_counted(by_url: JwksVerifier) -> None:
    assert await by_url.key_count() == 1


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://issuer.example/keys", True),
        ("http://127.0.0.1:9000/keys", True),
        ("http://localhost/keys", True),
        ("http://[::1]/keys", True),
        ("http://issuer.example/keys", False),
        ("http://127.0.0.1.evil.example/keys", False),
        ("http://127.0.0.1@evil.example/keys", False),
        ("ftp://127.0.0.1/keys", False),
        ("file:///etc/keys", False),
        ("https://", False),
        ("http://[bad", False),
    ],
)
def test_keys_are_read_over_https_or_from_this_machine(url: str, safe: bool) -> None:
    assert is_safe_url(url) is safe
