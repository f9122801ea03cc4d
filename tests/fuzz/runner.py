"""Starts the service with sign-in and lets schemathesis loose on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from app.main import create_app
from app.settings import load_settings
from connectors.shim.serving import served
from tests.integration.conftest import fixed_clock

ISSUER, AUDIENCE = "https://issuer.example", "baton"
SCOPES = "churn:run drafts:read drafts:decide actions:read events:write audit:read"
ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Fuzzed:
    """What came of a run: cases by operation and status, the printed report, whether nothing was found."""

    cases: Mapping[tuple[str, int], int]
    report: str
    clean: bool

    @property
    def by_operation(self) -> Mapping[str, int]:
        """Cases by operation."""
        sums: Counter[str] = Counter()
        for (operation, _), cases in self.cases.items():
            sums[operation] += cases
        return dict(sorted(sums.items()))

    def statuses(self, operation: str) -> dict[int, int]:
        """Cases of one operation by status."""
        return {status: cases for (name, status), cases in sorted(self.cases.items()) if name == operation}


@contextmanager
def service_with_tokens(folder: Path, **settings: Any) -> Iterator[tuple[str, str]]:
    """A running service that asks for tokens, and a token for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key()))
    keys = folder / "keys.json"
    keys.write_text(json.dumps({"keys": [{**public, "kid": "k1", "alg": "ES256", "use": "sig"}]}), encoding="utf-8")
    loaded = load_settings(
        data_dir=folder / "data",
        port=0,
        auth="jwt",
        jwt={"issuer": ISSUER, "audience": AUDIENCE, "jwks_file": keys},
        limits={"requests_a_minute": 0},
        callbacks={"secret": "any text", "allow_hosts": ["callbacks.invalid"]},  # Addresses are judged, none is called.
        **settings,
    )
    now = int(fixed_clock().timestamp())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "azp": "fuzzer", "tenant": "acme", "scope": SCOPES}
    token = jwt.encode({**claims, "iat": now, "exp": now + 3600}, key, algorithm="ES256", headers={"kid": "k1"})
    with served(create_app(loaded, clock=fixed_clock)) as url:
        yield url, token


def fuzz(url: str, token: str, folder: Path, *, examples: int, seed: int, timeout_seconds: float) -> Fuzzed:
    """Run every check in every phase on the `/v1` routes of a service.

    Raises:
        subprocess.TimeoutExpired: It took too long.
    """
    counts = folder / "counts.json"
    settings = folder / "schemathesis.toml"
    settings.write_text('hooks = "tests.fuzz.hooks"\nrequest-timeout = 60.0\nwarnings = false\n', encoding="utf-8")
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings), "--no-color"),
        *("run", f"{url}/openapi.json", "--include-path-regex", "^/v1/", "--header", f"Authorization: Bearer {token}"),
        *("--checks", "all", "--mode", "all", "--phases", "examples,coverage,fuzzing,stateful"),
        *("--max-examples", str(examples), "--seed", str(seed), "--generation-database", "none"),
        *("--continue-on-failure", "--no-shrink"),
    ]
    environment = {**os.environ, "BATON_FUZZ_COUNTS": str(counts), "PYTHONPATH": str(ROOT), "NO_PROXY": "*"}
    ran = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=timeout_seconds, check=False
    )
    rows = json.loads(counts.read_text(encoding="utf-8")) if counts.exists() else []
    cases = {(row["operation"], row["status"]): row["cases"] for row in rows}
    return Fuzzed(cases, ran.stdout + ran.stderr, ran.returncode == 0)
