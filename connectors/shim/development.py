"""Tokens for development: an issuer with a key of its own, for the loopback address and nothing else."""

from __future__ import annotations

import base64
import json
import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from connectors.shim.kept_files import kept, written_beside

TOKEN_SECONDS = 900
CLIENT_ID = "demo"
SCOPES = frozenset(
    {"churn:run", "drafts:read", "drafts:decide", "actions:read", "events:write", "audit:read", "pii:read", "admin"}
)
KEY_FILE, CLIENT_FILE, JWKS_FILE = "development.key", "development.client", "development.jwks.json"


@dataclass(frozen=True)
class TokenWish:
    """What a development token should say; without a `subject` it is the client's own, for no person."""

    subject: str = ""
    scopes: tuple[str, ...] = ("churn:run",)
    tenant: str = "default"
    email: str = ""
    owner_ids: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()


@dataclass(frozen=True)
class DevelopmentIssuer:
    """Signs tokens of 15 minutes with ES256; key, client secret and public key set stand in one private folder."""

    issuer: str
    audience: str
    folder: Path
    clock: Callable[[], float]
    key: ec.EllipticCurvePrivateKey = field(repr=False)
    client_secret: str = field(repr=False)

    @property
    def jwks_file(self) -> Path:
        """The public key set as a file, for a service that reads it from there."""
        return self.folder / JWKS_FILE

    def jwks(self) -> dict[str, Any]:
        """The public key set (RFC 7517)."""
        return {"keys": [_public_jwk(self.key)]}

    def is_client(self, client_id: str, client_secret: str) -> bool:
        """Whether these are the development client's credentials."""
        same_secret = secrets.compare_digest(client_secret.encode(), self.client_secret.encode())
        return secrets.compare_digest(client_id.encode(), CLIENT_ID.encode()) and same_secret

    def token(self, wish: TokenWish) -> str:
        """A signed token; a person's names the client as the one who acts (RFC 8693)."""
        now = int(self.clock())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": wish.subject or CLIENT_ID,
            "client_id": CLIENT_ID,
            "tenant": wish.tenant,
            "scope": " ".join(wish.scopes),
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "jti": uuid.uuid4().hex,
        }
        if wish.subject:
            claims["act"] = {"sub": CLIENT_ID}
        for name in ("email", "owner_ids", "regions", "segments"):
            if value := getattr(wish, name):
                claims[name] = value if isinstance(value, str) else list(value)
        headers = {"kid": _public_jwk(self.key)["kid"], "typ": "at+jwt"}
        return jwt.encode(claims, self.key, algorithm="ES256", headers=headers)


def open_issuer(folder: Path, *, issuer: str, audience: str, clock: Callable[[], float]) -> DevelopmentIssuer:
    """The issuer of that folder; what is missing there is made, readable by its owner only.

    Raises:
        OSError: The folder or a file cannot be written.
        ValueError: The key file holds no such key.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = serialization.load_pem_private_key(kept(folder / KEY_FILE, _new_key), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{folder / KEY_FILE} holds no key for ES256; remove it, and one is made")
    credentials = kept(folder / CLIENT_FILE, lambda: f"{CLIENT_ID}:{secrets.token_urlsafe(24)}".encode())
    found = DevelopmentIssuer(
        issuer=issuer,
        audience=audience,
        folder=folder,
        clock=clock,
        key=key,
        client_secret=credentials.decode().strip().partition(":")[2],
    )
    written_beside(found.jwks_file, json.dumps(found.jwks()).encode()).replace(found.jwks_file)
    return found


def _new_key() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _public_jwk(key: ec.EllipticCurvePrivateKey) -> Mapping[str, Any]:
    """The public key, named by its thumbprint (RFC 7638)."""
    public = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    members = json.dumps({name: public[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"))
    digest = hashes.Hash(hashes.SHA256())
    digest.update(members.encode())
    kid = base64.urlsafe_b64encode(digest.finalize()).rstrip(b"=").decode()
    return {**public, "kid": kid, "use": "sig", "alg": "ES256"}
