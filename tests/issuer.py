"""An issuer of tokens whose keys are made here and served on loopback; it can rotate, lie, fail and fall silent."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from connectors.shim.serving import served

NAME, AUDIENCE = "https://issuer.example", "baton"
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    """A new RSA key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def ec_key(curve: ec.EllipticCurve | None = None) -> ec.EllipticCurvePrivateKey:
    """A new key on P-256, or on another curve."""
    return ec.generate_private_key(curve or ec.SECP256R1())


def public_jwk(key: Key, **fields: Any) -> dict[str, Any]:
    """The key's public half as an entry of a key set."""
    public = key.public_key()
    entry = (
        RSAAlgorithm.to_jwk(public, as_dict=True)
        if isinstance(public, rsa.RSAPublicKey)
        else ECAlgorithm.to_jwk(public, as_dict=True)
    )
    entry.pop("key_ops", None)
    return {**entry, **fields}


def public_pem(key: Key) -> bytes:
    """The key's public half as PEM, as an attacker has it."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def segment(value: Any) -> str:
    """A part of a token."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Issuer:
    """Signs tokens and publishes the keys; `now` gives the instant at which tokens are issued, in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.signing: Key = rsa_key()
        self.key_id = "one"
        self.published: list[dict[str, Any]] = [public_jwk(self.signing, kid="one", use="sig", alg="RS256")]
        self.status = 200
        self.body: bytes | None = None
        self.asked = 0

    def rotate(self, key: Key, key_id: str) -> None:
        """Sign with another key from now on, and publish it alone."""
        self.signing, self.key_id = key, key_id
        self.published = [public_jwk(key, kid=key_id, use="sig")]

    def claims(self, **given: Any) -> dict[str, Any]:
        """The claims of a good token, with some added, changed, or (None) left out."""
        now = int(self.now())
        good = {"iss": NAME, "aud": AUDIENCE, "sub": "ada", "tenant": "acme", "iat": now, "exp": now + 300}
        return {name: value for name, value in (good | given).items() if value is not None}

    def token(
        self,
        *,
        key: Any = None,
        algorithm: str = "",
        headers: dict[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """A token of those claims, signed with the issuer's key or another."""
        signing = key if key is not None else self.signing
        fitting = "ES256" if isinstance(signing, ec.EllipticCurvePrivateKey) else "RS256"
        return jwt.encode(
            self.claims(**claims),
            signing,
            algorithm=algorithm or fitting,
            headers={"kid": self.key_id} | (headers or {}),
        )

    def key_set(self) -> bytes:
        """The key set as it is served."""
        return self.body if self.body is not None else json.dumps({"keys": self.published}).encode()

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve the key set; gives its URL."""

        async def keys(_request: Request) -> Response:
            self.asked += 1
            return Response(self.key_set(), status_code=self.status, media_type="application/json")

        async def elsewhere(_request: Request) -> Response:
            return RedirectResponse("/jwks.json")

        app = Starlette(routes=[Route("/jwks.json", keys), Route("/moved", elsewhere)])
        with served(app) as url:
            yield f"{url}/jwks.json"
